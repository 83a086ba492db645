//! Whether unusually many people visit a website, and what its owner is told. Pure.

use sluice_engine::reports::breakdown::Group;
use sluice_engine::selection::Span;
use sluice_values::Timestamp;

use super::words::{counted, groups, list, number};

const HOUR_MS: i64 = 3_600_000;
/// The hours that the last one is compared with: two weeks.
const HOURS: i64 = 14 * 24;
/// Fewer sessions in an hour than this are never unusually many.
const FEWEST: i64 = 50;
/// Unusually many are at least so many times those of an average hour.
const TIMES: i64 = 5;
/// How many pages and sources are named.
pub const NAMED: u32 = 3;

/// The last hour.
pub fn last_hour(now: Timestamp) -> Span {
    Span { from: now.as_millis() - HOUR_MS, to: now.as_millis() }
}

/// The two weeks before it.
pub fn usual(now: Timestamp) -> Span {
    let Span { from, .. } = last_hour(now);
    Span { from: from - HOURS * HOUR_MS, to: from - 1 }
}

/// Whether so many sessions in an hour are unusually many after those of the two weeks before.
pub const fn is_unusual(hour: i64, usual: i64) -> bool {
    hour >= FEWEST && hour.saturating_mul(HOURS) >= usual.saturating_mul(TIMES)
}

/// Subject and text.
pub fn mail(domain: &str, (hour, usual): (i64, i64), (pages, sources): (&[Group], &[Group])) -> (String, String) {
    let sessions = counted(hour, "session");
    let average = match usual / HOURS {
        0 => "less than one".to_owned(),
        average => number(average),
    };
    let text = format!(
        "{domain} had {sessions} in the last hour. An average hour of the two weeks before had {average}.{}{}\n\n\
         You will hear of it again in a day at the earliest.",
        list("Where they come from", &groups(sources)),
        list("What they look at", &groups(pages)),
    );
    (format!("{domain}: {sessions} in the last hour"), text)
}

#[cfg(test)]
mod tests {
    use super::super::weekly::group;
    use super::*;

    #[test]
    fn unusual_is_five_times_an_average_hour_and_no_small_number() {
        for (hour, usual, expected) in [
            (49, 0, false),
            (50, 0, true),
            (50, 10 * HOURS, true),
            (50, 10 * HOURS + HOURS, false),
            (4_999, 1_000 * HOURS, false),
            (5_000, 1_000 * HOURS, true),
            (i64::MAX, i64::MAX, true),
        ] {
            assert_eq!(is_unusual(hour, usual), expected, "{hour} after {usual}");
        }
    }

    #[test]
    fn the_hour_and_what_came_before_do_not_overlap() {
        let now = Timestamp::from_millis(1_779_321_600_000);
        assert_eq!(usual(now).to + 1, last_hour(now).from);
        assert_eq!(last_hour(now).to - usual(now).from, (HOURS + 1) * HOUR_MS);
    }

    #[test]
    fn the_mail_says_how_unusual_it_is_and_where_people_come_from() {
        let (pages, sources) = ([group(&["example.com", "/"], 300)], [group(&["news.ycombinator.com"], 280)]);
        let (subject, text) = mail("example.com", (312, 14 * HOURS), (&pages, &sources));
        assert_eq!(subject, "example.com: 312 sessions in the last hour");
        assert_eq!(
            text,
            "example.com had 312 sessions in the last hour. An average hour of the two weeks before had 14.\n\n\
             Where they come from\n  news.ycombinator.com · 280 visitors\n\n\
             What they look at\n  / · 300 visitors\n\n\
             You will hear of it again in a day at the earliest."
        );
        assert!(mail("a.co", (50, 3), (&[], &[])).1.contains("had less than one."));
    }
}
