//! Writes public pages: no script, and every text of a visitor or a website escaped. Pure.

use std::fmt::Write;

use super::asked::{Asked, LISTS, Looks, Only, View, What};
use super::figures::{Entry, Figures, Found, Happened, public_part};
use crate::email_reports::words::{counted, money, number};
use crate::mail::message::escape;
use crate::reports::period::Period;
use crate::websites::report_context::ReportContext;
use sluice_engine::reports::breakdown::Group;
use sluice_engine::reports::overview::Totals;
use sluice_values::{Timestamp, display_names, nearest};

/// The ranges with their labels, and whether a dashboard offers them unasked.
const PERIODS: [(Period, &str, bool); 9] = [
    (Period::Today, "Today", true),
    (Period::Yesterday, "Yesterday", true),
    (Period::Last24Hours, "24 hours", true),
    (Period::Last7Days, "7 days", true),
    (Period::Last30Days, "30 days", true),
    (Period::Week, "This week", false),
    (Period::Month, "This month", true),
    (Period::Last12Months, "12 months", true),
    (Period::Year, "This year", false),
];
/// The height of the chart, the width of one of its steps, and the length of a row's bar, in units of their own.
const HEIGHT: i64 = 1_000;
const WIDTH: usize = 10;
const LENGTH: i64 = 1_000;
/// The entries of the feed.
const MOST_ENTRIES: usize = 30;

/// A page that says one thing, the same for every website and for none.
pub fn message(text: &str) -> String {
    document("Sluice", &Looks::default(), "", "message", &format!("<main><h1>{text}</h1></main>"))
}

/// The page with what was found for it. `nonce` allows the style that its address asks for.
pub fn page(
    asked: &Asked,
    what: &What,
    context: &ReportContext,
    found: &Found,
    (now, nonce): (Timestamp, &str),
) -> String {
    let name = escape(context.name.as_deref().unwrap_or(&context.domain));
    let (title, class, body) = match (found, what) {
        (Found::Dashboard(figures), What::Dashboard(view)) => {
            (name.clone(), "dashboard", dashboard(asked, view, context, figures, &name))
        }
        (Found::Recent(entries), _) => (format!("Lately on {name}"), "widget feed", feed(entries, now)),
        (Found::Realtime(present), _) => {
            (format!("Visitors on {name} now"), "widget", format!("<main>{}</main>", present_now(*present)))
        }
        (Found::Dashboard(_), _) => (name, "message", String::new()),
    };
    document(&title, &asked.looks, nonce, class, &body)
}

/// Whether a page has a style of its own.
pub fn has_style(looks: &Looks) -> bool {
    looks.size.is_some() || looks.color.is_some()
}

/// A whole page; `title` is HTML.
fn document(title: &str, looks: &Looks, nonce: &str, class: &str, body: &str) -> String {
    let theme = looks.theme.map_or("system", crate::console::shell::Theme::name);
    let size = looks.size.map(|size| format!("--size:{size}px;")).unwrap_or_default();
    let color = looks.color.as_ref().map(|color| format!("--accent:#{color};")).unwrap_or_default();
    let style = if has_style(looks) {
        format!("<style nonce=\"{nonce}\">:root:root{{{size}{color}}}</style>\n")
    } else {
        String::new()
    };
    format!(
        "<!doctype html>\n<html lang=\"en\" data-theme=\"{theme}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"/pages/public.css\">\n{style}</head>\n\
         <body class=\"{class}\">\n{body}\n</body>\n</html>\n"
    )
}

fn dashboard(asked: &Asked, view: &View, context: &ReportContext, figures: &Figures, name: &str) -> String {
    let mut html = format!(
        "<header><h1><bdi>{name}</bdi></h1>{}</header>\n<nav aria-label=\"Range\"><ul>",
        present_now(figures.present)
    );
    for (period, label, is_offered) in PERIODS {
        let is_current = period == view.period;
        if is_offered || is_current {
            let address = escape(&asked.address(&View::of(period, view.only.clone())));
            let current = if is_current { " aria-current=\"page\"" } else { "" };
            let _ = write!(html, "<li><a href=\"{address}\"{current}>{label}</a></li>");
        }
    }
    html.push_str("</ul></nav>\n<main>\n");
    if let Some((only, list)) = view.only.as_ref().and_then(|only| Some((only, LISTS.get(only.list)?))) {
        let address = escape(&asked.address(&View { only: None, ..view.clone() }));
        let value = escape(&only.value);
        let _ = write!(
            html,
            "<p class=\"only\">{}: <b><bdi>{value}</bdi></b> <a href=\"{address}\">Show all</a></p>",
            list.title
        );
    }
    html.push_str("<dl>");
    for (label, value) in tiles(context, &figures.totals) {
        let _ = write!(html, "<div><dt>{label}</dt><dd>{}</dd></div>", escape(&value));
    }
    html.push_str("</dl>\n");
    html.push_str(&chart(figures));
    html.push_str("<div class=\"lists\">\n");
    for (list, rows) in figures.lists.iter().enumerate() {
        html.push_str(&rows_of(list, rows, asked, view, context));
    }
    let zone = escape(context.timezone.as_str());
    let _ = write!(html, "</div>\n</main>\n<footer>Days of {zone}. Figures are up to a minute old.</footer>");
    html
}

fn tiles(context: &ReportContext, totals: &Totals) -> Vec<(&'static str, String)> {
    let mut tiles = vec![
        ("Visitors", number(totals.visitors)),
        ("Sessions", number(totals.sessions)),
        ("Pageviews", number(totals.pageviews)),
        ("Bounce rate", percent(totals.bounces, totals.sessions)),
        ("Session duration", duration(totals.duration, totals.sessions)),
    ];
    if context.settings.is_public_data_enabled {
        tiles.push(("Revenue", money(totals.money.revenue(context.includes_renewals()), context.currency)));
        tiles.push(("Payments", number(totals.money.payments)));
    }
    tiles
}

/// The visitors of every step: as bars, and as a table for those who do not see them.
fn chart(figures: &Figures) -> String {
    let buckets = &figures.buckets;
    let highest = buckets.iter().map(|(_, totals)| totals.visitors).max().unwrap_or(0);
    let mut html = format!(
        "<figure><figcaption>Visitors <small>at most {}</small></figcaption>\
         <svg viewBox=\"0 0 {} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
        number(highest),
        buckets.len().max(1) * WIDTH
    );
    let mut rows = String::new();
    for (at, (bucket, totals)) in buckets.iter().enumerate() {
        let high = totals.visitors.saturating_mul(HEIGHT) / highest.max(1);
        let (label, visitors) = (escape(&bucket.label), number(totals.visitors));
        let _ = write!(
            html,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{high}\"><title>{label}: {visitors}</title></rect>",
            at * WIDTH + 1,
            HEIGHT - high,
            WIDTH - 2,
        );
        let _ = write!(rows, "<tr><th scope=\"row\">{label}</th><td>{visitors}</td></tr>");
    }
    let ends =
        [buckets.first(), buckets.last()].map(|end| end.map(|(bucket, _)| escape(&bucket.label)).unwrap_or_default());
    let [first, last] = ends;
    let _ = write!(
        html,
        "</svg><p class=\"ends\"><span>{first}</span><span>{last}</span></p><details><summary>As a table</summary>\
         <table><caption>Visitors</caption><tbody>{rows}</tbody></table></details></figure>"
    );
    html
}

fn rows_of(list: usize, rows: &[Group], asked: &Asked, view: &View, context: &ReportContext) -> String {
    let title = LISTS.get(list).map_or("", |list| list.title);
    let mut html = format!("<section><h2>{title}</h2>");
    if rows.is_empty() {
        html.push_str("<p>Nothing in this range.</p></section>\n");
        return html;
    }
    let most = rows.iter().map(|row| row.visitors).max().unwrap_or(0).max(1);
    let _ = write!(html, "<table><caption>{title} by visitors</caption><tbody>");
    for row in rows {
        let value = row.key.last().map(String::as_str).unwrap_or_default();
        let shown = shown(row, context);
        let label = format!("<bdi>{}</bdi>", escape(&shown));
        // What is not shown is in no link either.
        let label = if public_part(value) == value && view.only.is_none() {
            let only = Some(Only { list, value: value.to_owned() });
            format!("<a href=\"{}\">{label}</a>", escape(&asked.address(&View { only, ..view.clone() })))
        } else {
            label
        };
        let _ = write!(
            html,
            "<tr><th scope=\"row\"><svg viewBox=\"0 0 {LENGTH} 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect width=\"{}\" height=\"1\"/></svg>{label}</th><td>{}</td></tr>",
            row.visitors.saturating_mul(LENGTH) / most,
            number(row.visitors)
        );
    }
    html.push_str("</tbody></table></section>\n");
    html
}

/// What a row is called: a page by its path, and by its host where that is another than the website's.
fn shown(row: &Group, context: &ReportContext) -> String {
    match row.key.as_slice() {
        [host, path] => {
            let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
            let host = if bare(host) == bare(&context.domain) { "" } else { host };
            format!("{host}{}", public_part(path))
        }
        [one] => sluice_values::host_in_unicode(one).unwrap_or_else(|| public_part(one)),
        other => other.join(" "),
    }
}

fn present_now(present: i64) -> String {
    let people = if present == 1 { "visitor" } else { "visitors" };
    format!("<p class=\"now\"><strong>{}</strong> {people} now</p>", number(present))
}

/// What has happened lately: from where and on which page, never who.
fn feed(entries: &[Entry], now: Timestamp) -> String {
    if entries.is_empty() {
        return "<main><p>Nothing in the last ten minutes.</p></main>".to_owned();
    }
    let mut html = "<main><ul>".to_owned();
    for Entry { time, what } in entries.iter().take(MOST_ENTRIES) {
        let said = match what {
            Happened::Pageview { country, path } => {
                let from = country.as_deref().map(|code| format!(" from {}", escape(&display_names::country(code))));
                format!("A visitor{} on <b><bdi>{}</bdi></b>", from.unwrap_or_default(), escape(&public_part(path)))
            }
            Happened::Payment { amount, currency } => {
                format!("A payment of <b>{}</b>", escape(&money(*amount, *currency)))
            }
        };
        let ago = match (now.as_millis() - time.as_millis()) / 60_000 {
            minutes if minutes < 1 => "just now".to_owned(),
            minutes => format!("{} ago", counted(minutes, "minute")),
        };
        let _ = write!(html, "<li>{said} <small>{ago}</small></li>");
    }
    html.push_str("</ul></main>");
    html
}

fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = nearest(i128::from(part) * 1_000, whole);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

fn duration(millis: i64, sessions: i64) -> String {
    if sessions == 0 {
        return "–".to_owned();
    }
    let secs = nearest(i128::from(millis), sessions.saturating_mul(1_000));
    if secs < 60 { format!("{secs}s") } else { format!("{}m {}s", secs / 60, secs % 60) }
}

#[cfg(test)]
mod tests {
    use super::super::figures::tests::group;
    use super::*;
    use crate::console::shell::Theme;
    use crate::websites::website::Settings;
    use sluice_engine::selection::Span;
    use sluice_values::Currency;

    const HOSTILE: &str = "\"><script>alert(1)</script>'&\u{0}";

    fn context(name: &str, has_money: bool) -> ReportContext {
        ReportContext {
            domain: "example.com".to_owned(),
            name: Some(name.to_owned()),
            timezone: "UTC".parse().unwrap(),
            currency: "USD".parse().unwrap(),
            settings: Settings { is_public_data_enabled: has_money, ..Settings::default() },
        }
    }

    fn asked() -> Asked {
        Asked { website: String::new(), what: None, looks: Looks::default(), is_live: false }
    }

    fn figures(text: &str) -> Figures {
        let mut totals = Totals {
            visitors: 1_204,
            sessions: 3,
            bounces: 1,
            duration: 3 * 83_000,
            pageviews: 9,
            ..Totals::default()
        };
        totals.money.new = 4_900;
        let bucket = |label: &str| crate::reports::range::Bucket {
            span: Span { from: 0, to: 1 },
            label: label.to_owned(),
            timestamp: String::new(),
        };
        Figures {
            present: 1,
            totals,
            buckets: vec![(bucket("01 Nov"), totals), (bucket("02 Nov"), Totals::default())],
            lists: vec![
                vec![group(&["www.example.com", text], 7), group(&["shop.example.com", "/cart"], 3)],
                vec![group(&[text], 7)],
                vec![group(&["Germany"], 7)],
                Vec::new(),
            ],
        }
    }

    fn shown(text: &str, only: Option<Only>, has_money: bool) -> String {
        let view = View::of(Period::Last7Days, only);
        let found = Found::Dashboard(figures(text));
        page(&asked(), &What::Dashboard(view), &context(text, has_money), &found, (Timestamp::from_millis(0), ""))
    }

    #[test]
    fn whatever_a_stranger_has_sent_is_text() {
        let only = Some(Only { list: 0, value: HOSTILE.to_owned() });
        let entry = |what| Entry { time: Timestamp::from_millis(0), what };
        let entries = vec![entry(Happened::Pageview { country: Some("<b>".to_owned()), path: HOSTILE.to_owned() })];
        let feed = page(
            &asked(),
            &What::Recent,
            &context(HOSTILE, true),
            &Found::Recent(entries),
            (Timestamp::from_millis(0), ""),
        );
        for html in [shown(HOSTILE, None, true), shown(HOSTILE, only, true), feed] {
            assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
            assert!(!html.contains('\u{0}') && !html.contains("<b>>"), "{html}");
            let attributes = html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
            for address in attributes {
                assert!(address.starts_with("?period=") || address == "/pages/public.css", "{address}");
                assert!(!address.contains(['<', '>', '\'']), "{address}");
            }
        }
    }

    #[test]
    fn a_dashboard_has_money_only_where_it_is_public() {
        assert!(shown("/", None, true).contains("<dt>Revenue</dt><dd>USD 49.00</dd>"));
        let html = shown("/", None, false);
        assert!(!html.contains("USD") && !html.contains("Revenue") && !html.contains("Payments"), "{html}");
        for part in ["<dd>1,204</dd>", "<dd>33.3%</dd>", "<dd>1m 23s</dd>", "<strong>1</strong> visitor now"] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn a_row_narrows_the_page_to_itself_and_back() {
        let html = shown("/pricing", None, false);
        assert!(
            html.contains("<a href=\"?period=last7d&amp;filter_page=%2Fpricing\"><bdi>/pricing</bdi></a>"),
            "{html}"
        );
        assert!(html.contains("<bdi>shop.example.com/cart</bdi>"), "another host is named: {html}");
        let html = shown("/pricing", Some(Only { list: 0, value: "/pricing".to_owned() }), false);
        assert!(html.contains("Pages: <b><bdi>/pricing</bdi></b> <a href=\"?period=last7d\">Show all</a>"), "{html}");
        assert!(html.contains("<a href=\"?period=today&amp;filter_page=%2Fpricing\">Today</a>"), "{html}");
        assert!(!html.contains("filter_referrer"), "one row at a time: {html}");
    }

    #[test]
    fn what_may_tell_who_somebody_is_is_not_in_a_path() {
        for (path, public) in [
            ("/", "/"),
            ("/blog/how-to-2026", "/blog/how-to-2026"),
            ("/u/jane@example.com/orders", "/u/…/orders"),
            ("/u/jane%40example.com", "/u/…"),
            ("/o/8f3c2f6e-7ce2-4925-902b-8f95a5fb3449", "/o/…"),
            ("/o/665f0b3c4d2e1a0012345678?", "/o/665f0b3c4d2e1a0012345678?"),
            ("/o/665f0b3c4d2e1a0012345678", "/o/…"),
            ("/2026/11/29", "/2026/11/29"),
        ] {
            assert_eq!(public_part(path), public, "{path}");
        }
        let html = shown("/u/jane@example.com", None, false);
        let (_, figures) = html.split_once("<main>").unwrap();
        assert!(!figures.contains("jane"), "neither in a link: {html}");
    }

    #[test]
    fn a_widget_looks_as_its_address_says() {
        let looks = Looks { theme: Some(Theme::Dark), size: Some(24), color: Some("e78468".to_owned()) };
        let asked = Asked { looks, ..asked() };
        let html =
            page(&asked, &What::Realtime, &context("X", false), &Found::Realtime(2), (Timestamp::from_millis(0), "n0"));
        assert!(html.contains("<html lang=\"en\" data-theme=\"dark\">"), "{html}");
        assert!(html.contains("<style nonce=\"n0\">:root:root{--size:24px;--accent:#e78468;}</style>"), "{html}");
        assert!(html.contains("<strong>2</strong> visitors now"), "{html}");
    }

    #[test]
    fn the_feed_says_where_and_what_and_when() {
        let at = |secs: i64, what| Entry { time: Timestamp::from_millis(secs * 1_000), what };
        let viewed = |country: Option<&str>| Happened::Pageview {
            country: country.map(str::to_owned),
            path: "/u/jane@example.com".to_owned(),
        };
        let paid = Happened::Payment { amount: 4_900, currency: Currency::USD };
        let html =
            feed(&[at(170, viewed(Some("DE"))), at(70, paid), at(0, viewed(None))], Timestamp::from_millis(180_000));
        for part in [
            "<li>A visitor from Germany on <b><bdi>/u/…</bdi></b> <small>just now</small></li>",
            "<li>A payment of <b>USD 49.00</b> <small>1 minute ago</small></li>",
            "<li>A visitor on <b><bdi>/u/…</bdi></b> <small>3 minutes ago</small></li>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(feed(&[], Timestamp::from_millis(0)).contains("Nothing in the last ten minutes."));
    }
}
