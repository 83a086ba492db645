//! What the address of a public page asks for. A frame has nobody to complain to, so what is not understood is as left out, and
//! nothing can ask for more than the ranges and the rows that the page itself offers. Pure.

use std::ops::RangeInclusive;

use crate::console::shell::Theme;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Raw};
use crate::reports::period::Period;
use crate::reports::range::Interval;
use sluice_engine::dimensions::{Dimension, FilterField};

/// The sizes of a widget's main text, in pixels.
const SIZES: RangeInclusive<u8> = 8..=96;
const DEFAULT_PERIOD: Period = Period::Last30Days;

/// A list of a dashboard.
pub struct List {
    pub title: &'static str,
    /// What it is called in the address that narrows the dashboard to one of its rows.
    pub parameter: &'static str,
    pub dimension: Dimension,
    pub field: FilterField,
}

/// The lists of a dashboard.
pub const LISTS: [List; 4] = [
    List { title: "Pages", parameter: "filter_page", dimension: Dimension::Page, field: FilterField::Page },
    List {
        title: "Sources",
        parameter: "filter_referrer",
        dimension: Dimension::Referrer,
        field: FilterField::Referrer,
    },
    List {
        title: "Countries",
        parameter: "filter_country",
        dimension: Dimension::Country,
        field: FilterField::Country,
    },
    List { title: "Devices", parameter: "filter_device", dimension: Dimension::Device, field: FilterField::Device },
];

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum What {
    Dashboard(View),
    /// How many visitors there are now.
    Realtime,
    /// What has happened lately.
    Recent,
}

/// The range of a dashboard, its steps, and the row that it is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct View {
    pub period: Period,
    pub interval: Interval,
    pub only: Option<Only>,
}

/// A row of one of [`LISTS`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Only {
    /// Which of the lists.
    pub list: usize,
    pub value: String,
}

/// How a page looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looks {
    pub theme: Option<Theme>,
    /// Of a widget's main text, in pixels.
    pub size: Option<u8>,
    /// Three or six hexadecimal digits.
    pub color: Option<String>,
}

/// What is asked.
#[derive(Debug)]
pub struct Asked {
    /// The website, by either of its ids.
    pub website: String,
    pub what: Option<What>,
    pub looks: Looks,
    /// Whether the page reads itself anew.
    pub is_live: bool,
}

impl View {
    /// A range with its usual steps.
    pub fn of(period: Period, only: Option<Only>) -> Self {
        Self { period, interval: usual(period), only }
    }
}

impl Asked {
    /// The address of another view of the same dashboard, relative to it.
    pub fn address(&self, view: &View) -> String {
        let mut query = form_urlencoded::Serializer::for_suffix("?".to_owned(), 1);
        query.append_pair("period", view.period.name());
        if view.interval != usual(view.period) {
            query.append_pair("granularity", name(view.interval));
        }
        if let Some((Only { value, .. }, list)) =
            view.only.as_ref().and_then(|only| Some((only, LISTS.get(only.list)?)))
        {
            query.append_pair(list.parameter, value);
        }
        if let Some(theme) = self.looks.theme {
            query.append_pair("theme", theme.name());
        }
        if self.is_live {
            query.append_pair("realtime", "1");
        }
        query.finish()
    }
}

impl FromRaw for Asked {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let mut path = raw.path.iter().map(|(_, value)| value.as_str());
        let website = path.next().unwrap_or_default().to_owned();
        let widget = path.next();
        let sent = |wanted: &str| {
            form_urlencoded::parse(raw.query.as_bytes())
                .filter(|(name, _)| name == wanted)
                .last()
                .map(|(_, value)| value)
        };
        let period = sent("period").and_then(|name| Period::named(&name)).filter(|period| *period != Period::All);
        let period = period.unwrap_or(DEFAULT_PERIOD);
        let interval = sent("granularity").and_then(|name| interval(&name)).filter(|interval| suits(*interval, period));
        let mut lists = LISTS.iter().enumerate();
        let only = lists.find_map(|(list, row)| Some(Only { list, value: sent(row.parameter)?.into_owned() }));
        let what = match widget {
            None => Some(What::Dashboard(View { interval: interval.unwrap_or(usual(period)), period, only })),
            Some("realtime") => Some(What::Realtime),
            Some("recent") => Some(What::Recent),
            Some(_) => None,
        };
        let size = sent("mainTextSize").and_then(|size| size.parse().ok()).filter(|size| SIZES.contains(size));
        let is_live = widget.is_some() || sent("realtime").is_some_and(|sent| ["1", "true"].contains(&&*sent));
        Ok(Self {
            website,
            what,
            looks: Looks {
                theme: sent("theme").and_then(|name| Theme::named(&name)),
                size,
                color: sent("primaryColor").and_then(|color| hexadecimal(&color)),
            },
            is_live,
        })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(_: &mut crate::http::describe::Operation, _: &mut crate::http::describe::Generators) {}
}

/// `#e78468`, or `#f80`: nothing else gets into a page's style.
fn hexadecimal(sent: &str) -> Option<String> {
    let digits = sent.trim().trim_start_matches('#');
    let is_color = [3, 6].contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_color.then(|| digits.to_owned())
}

fn interval(name: &str) -> Option<Interval> {
    match name {
        "hour" | "hourly" => Some(Interval::Hour),
        "day" | "daily" => Some(Interval::Day),
        "week" | "weekly" => Some(Interval::Week),
        "month" | "monthly" => Some(Interval::Month),
        _ => None,
    }
}

const fn name(interval: Interval) -> &'static str {
    match interval {
        Interval::Hour => "hourly",
        Interval::Day => "daily",
        Interval::Week => "weekly",
        Interval::Month => "monthly",
    }
}

/// Whether a range is not too long for its steps: a chart has at most a year of days.
const fn suits(interval: Interval, period: Period) -> bool {
    let is_short = matches!(usual(period), Interval::Hour) || matches!(period, Period::Week | Period::Last7Days);
    is_short || !matches!(interval, Interval::Hour)
}

/// The steps of a range unless others are asked for.
const fn usual(period: Period) -> Interval {
    match period {
        Period::Today | Period::Yesterday | Period::Last24Hours => Interval::Hour,
        Period::Last12Months | Period::Year | Period::All => Interval::Month,
        _ => Interval::Day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn asked(path: &[&str], query: &str) -> Asked {
        let path = path.iter().map(|part| (String::new(), (*part).to_owned())).collect();
        Asked::from_raw(&Raw { path, query: query.to_owned(), ..Raw::default() }).unwrap()
    }

    #[test]
    fn what_is_not_understood_is_as_left_out() {
        let usual = What::Dashboard(View::of(Period::Last30Days, None));
        for query in [
            "",
            "period=all",
            "period=x&granularity=y",
            "granularity=hourly",
            "period=last12m&period=all",
            "theme=pink&mainTextSize=9000&primaryColor=red",
            "startAt=1970-01-01&endAt=2999-01-01&limit=1000000&interval=hour",
            "filter_city=Berlin&filter_goal=signup&realtime=maybe",
        ] {
            let asked = asked(&["x"], query);
            assert_eq!(
                (asked.what.as_ref(), &asked.looks, asked.is_live),
                (Some(&usual), &Looks::default(), false),
                "{query}"
            );
        }
        for color in ["%23e78468;}", "e7846", "%3C/style%3E", "url(x)", "%23ggg", "%23%EF%BC%91%EF%BC%91%EF%BC%91"] {
            assert_eq!(asked(&["x"], &format!("primaryColor={color}")).looks.color, None, "{color}");
        }
        assert_eq!(asked(&["x", "analytics"], "").what, None);
    }

    #[test]
    fn what_frames_in_the_field_ask_for_is_understood() {
        let widget = asked(&["x", "realtime"], "mainTextSize=24&primaryColor=%23e78468&theme=dark");
        let looks = Looks { theme: Some(Theme::Dark), size: Some(24), color: Some("e78468".to_owned()) };
        assert_eq!((widget.what, widget.looks, widget.is_live), (Some(What::Realtime), looks, true));
        let dashboard = asked(&["x"], "period=last24h&granularity=hourly&realtime=1");
        let day = What::Dashboard(View::of(Period::Last24Hours, None));
        assert_eq!((dashboard.what, dashboard.is_live), (Some(day), true));
    }

    #[test]
    fn the_address_of_a_view_asks_for_it_and_keeps_how_it_looks() {
        let at = |query: &str| asked(&["x"], query);
        let only = Some(Only { list: 0, value: "/a b?&c=é#\"<".to_owned() });
        for view in [
            View::of(Period::Last30Days, None),
            View::of(Period::Today, only.clone()),
            View { interval: Interval::Week, ..View::of(Period::Year, only) },
        ] {
            for looks in ["", "theme=dark", "theme=light&realtime=1"] {
                let page = at(looks);
                let address = page.address(&view);
                let next = at(address.strip_prefix('?').unwrap());
                assert_eq!((next.looks, next.is_live), (page.looks, page.is_live), "{address}");
                assert_eq!(next.what, Some(What::Dashboard(view.clone())), "{address}");
            }
        }
    }

    #[test]
    fn no_range_is_cut_into_more_than_a_year_of_days() {
        for period in Period::names() {
            for granularity in ["hourly", "daily", "weekly", "monthly"] {
                let Some(What::Dashboard(view)) =
                    asked(&["x"], &format!("period={period}&granularity={granularity}")).what
                else {
                    panic!("no dashboard")
                };
                let is_long = !matches!(view.period, Period::Week) && usual(view.period) != Interval::Hour;
                let is_week = view.period == Period::Last7Days;
                assert!(view.interval != Interval::Hour || !is_long || is_week, "{period} {granularity}");
                assert_ne!(view.period, Period::All);
            }
        }
    }
}
