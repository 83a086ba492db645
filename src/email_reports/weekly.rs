//! A week in a mail. Pure.

use sluice_engine::reports::breakdown;
use sluice_engine::reports::goals::{self, Count};
use sluice_engine::reports::overview::Totals;

use super::schedule::Week;
use super::words::{compared, counted, groups, list, money, name, number};
use crate::websites::report_context::ReportContext;

/// How many pages, sources and goals are named.
pub const NAMED: u32 = 5;

/// What happened in a week, and in the one before.
#[derive(Debug)]
pub struct Happened {
    pub totals: Totals,
    pub before: Totals,
    pub pages: breakdown::Rows,
    pub sources: breakdown::Rows,
    pub goals: goals::Rows,
}

impl Happened {
    /// Whether there is nothing to tell.
    pub fn is_nothing(&self) -> bool {
        self.totals.visitors == 0 && self.before.visitors == 0 && self.totals.money.payments == 0
    }
}

/// Subject and text.
pub fn mail(website: &ReportContext, week: &Week, happened: &Happened) -> (String, String) {
    let Happened { totals, before, pages, sources, goals } = happened;
    let line = |now: i64, before: i64, what: &str| format!("{}, {}", counted(now, what), compared(now, before, number));
    let mut lines = vec![
        line(totals.visitors, before.visitors, "visitor"),
        line(totals.sessions, before.sessions, "session"),
        line(totals.pageviews, before.pageviews, "pageview"),
    ];
    let revenue = |totals: &Totals| totals.money.revenue(website.includes_renewals());
    let (paid, paid_before) = (revenue(totals), revenue(before));
    if totals.money.payments > 0 || before.money.payments > 0 || paid != 0 || paid_before != 0 {
        let shown = |minor| money(minor, website.currency);
        let change = if paid == paid_before {
            "as much as the week before".to_owned()
        } else {
            compared(paid, paid_before, shown)
        };
        lines.push(format!("{} from {}, {change}", shown(paid), counted(totals.money.payments, "payment")));
    }
    let goal = |goal: &Count| {
        format!("{} · {} by {}", name(&goal.name), number(goal.count), counted(goal.visitors, "visitor"))
    };
    let text = format!(
        "{} in the week of {}\n\n{}{}{}{}",
        website.domain,
        week.name(),
        lines.join("\n"),
        list("Pages", &groups(&pages.rows)),
        list("Sources", &groups(&sources.rows)),
        list("Goals", &goals.rows.iter().map(goal).collect::<Vec<_>>()),
    );
    let subject = format!("{}: {} last week", website.domain, counted(totals.visitors, "visitor"));
    (subject, text)
}

/// A group of a breakdown, for tests of texts.
#[cfg(test)]
pub fn group(key: &[&str], visitors: i64) -> breakdown::Group {
    breakdown::Group {
        key: key.iter().map(|part| (*part).to_owned()).collect(),
        visitors,
        ..breakdown::Group::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websites::website::Settings;
    use sluice_values::WebsiteId;

    fn website() -> ReportContext {
        ReportContext {
            domain: "example.com".to_owned(),
            name: None,
            timezone: "UTC".parse().unwrap(),
            currency: "USD".parse().unwrap(),
            settings: Settings::default(),
        }
    }

    fn totals(visitors: i64, cents: i64) -> Totals {
        let mut totals = Totals { visitors, sessions: visitors * 2, pageviews: visitors * 3, ..Totals::default() };
        totals.money.new = cents;
        totals.money.payments = i64::from(cents > 0);
        totals
    }

    fn happened(totals: Totals, before: Totals) -> Happened {
        Happened {
            totals,
            before,
            pages: breakdown::Rows { rows: vec![group(&["example.com", "/pricing\r\nx"], 320)], total: 1 },
            sources: breakdown::Rows { rows: vec![group(&["Google"], 1)], total: 1 },
            goals: goals::Rows { rows: vec![Count { name: "signup".to_owned(), count: 41, visitors: 34 }], total: 1 },
        }
    }

    fn week() -> Week {
        Week::before("2026-11-23T09:00:00Z".parse().unwrap(), &"UTC".parse().unwrap(), WebsiteId::from_bytes([0; 12]))
            .unwrap()
    }

    #[test]
    fn a_week_is_told_with_the_one_before() {
        let (subject, text) = mail(&website(), &week(), &happened(totals(1_204, 31_000), totals(1_075, 32_000)));
        assert_eq!(subject, "example.com: 1,204 visitors last week");
        assert_eq!(
            text,
            "example.com in the week of 16–22 November 2026\n\n\
             1,204 visitors, up 12% from 1,075\n\
             2,408 sessions, up 12% from 2,150\n\
             3,612 pageviews, up 12% from 3,225\n\
             USD 310.00 from 1 payment, down 3% from USD 320.00\n\n\
             Pages\n  /pricing x · 320 visitors\n\n\
             Sources\n  Google · 1 visitor\n\n\
             Goals\n  signup · 41 by 34 visitors"
        );
    }

    #[test]
    fn a_website_without_payments_hears_of_none_and_one_without_anything_of_nothing() {
        let (_, text) = mail(&website(), &week(), &happened(totals(1, 0), totals(0, 0)));
        assert!(!text.contains("payment") && text.contains("1 visitor, none the week before"), "{text}");
        assert!(happened(totals(0, 0), totals(0, 0)).is_nothing());
        assert!(!happened(totals(0, 0), totals(1, 0)).is_nothing());
    }
}
