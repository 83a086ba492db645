//! Counts what is dropped, for whoever installs the script and wonders why nothing arrives. Counts are kept in the isolate and told
//! to the website's object in the background, at most every few seconds: what is accepted costs nothing more, and a flood of what is
//! dropped costs a call now and then. Strangers decide what is dropped, so there are few counts for each website.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use futures_util::{StreamExt, stream};

use crate::platform::{Platform, log};
use crate::site;
use sluice_engine::installation::{CountDropped, Dropped};
use sluice_values::{Timestamp, WebsiteId};

/// The most websites whose counts wait to be told.
const MOST_WEBSITES: usize = 500;
/// The most pairs of a reason and a host of one website that wait. Further hosts count for their reason alone.
const MOST_PAIRS: usize = 32;
/// How long counts are collected before they are told, in milliseconds.
const COLLECT_MS: u64 = 1_000;
/// How long the next ones of the same website wait, in milliseconds: twice as long each time, as long as there are any.
const AGAIN_MS: i64 = 5_000;
const LONGEST_AGAIN_MS: i64 = 20_000;
/// How long one request tells in the background, in milliseconds; the platform allows 30 seconds.
const TELLS_FOR_MS: i64 = 25_000;
/// After so long, whoever tells is taken for gone.
const GONE_AFTER_MS: i64 = 40_000;
/// How many objects are told at once.
const AT_ONCE: usize = 8;

#[derive(Default)]
struct Counts {
    websites: HashMap<WebsiteId, OfWebsite>,
    /// Whether there is anything to tell.
    has_any: bool,
    /// Since when a request tells in the background.
    told_since: Option<Timestamp>,
}

#[derive(Default)]
struct OfWebsite {
    /// By reason and host.
    pairs: BTreeMap<(&'static str, String), (i64, Timestamp)>,
    /// When the object was told last, and how long it is not told again.
    told: Option<(Timestamp, i64)>,
}

thread_local! {
    static COUNTS: RefCell<Counts> = RefCell::default();
}

/// Counts what was dropped of a website, for a reason that is about this host, or about none.
pub fn count(website: WebsiteId, reason: &'static str, host: &str, now: Timestamp) {
    COUNTS.with_borrow_mut(|counts| counts.add(website, reason, host, now));
}

/// Whether the caller is to [`tell`]: there are counts, and nobody else tells them.
pub fn is_to_tell(now: Timestamp) -> bool {
    COUNTS.with_borrow_mut(|counts| counts.begin(now))
}

/// Tells the objects of websites what was dropped, until nothing waits any more.
pub async fn tell(platform: &Platform) {
    let began = platform.now();
    loop {
        platform.sleep(COLLECT_MS).await;
        let now = platform.now();
        let due = COUNTS.with_borrow_mut(|counts| counts.take_due(now));
        let told = stream::iter(due).map(|(website, dropped)| async move {
            if let Err(error) = site::ask(platform, website, now, CountDropped { dropped }).await {
                log::failure("tracking", "drops", &error.to_string());
            }
        });
        told.buffer_unordered(AT_ONCE).collect::<()>().await;
        let is_late = platform.now().as_millis() - began.as_millis() > TELLS_FOR_MS;
        if COUNTS.with_borrow_mut(|counts| counts.end(is_late)) {
            break;
        }
    }
}

impl Counts {
    fn add(&mut self, website: WebsiteId, reason: &'static str, host: &str, now: Timestamp) {
        if !self.websites.contains_key(&website) && self.websites.len() >= MOST_WEBSITES {
            return;
        }
        let pairs = &mut self.websites.entry(website).or_default().pairs;
        let mut pair = (reason, host.to_owned());
        if pairs.len() >= MOST_PAIRS && !pairs.contains_key(&pair) {
            pair.1.clear();
        }
        let (count, last) = pairs.entry(pair).or_insert((0, now));
        *count += 1;
        *last = (*last).max(now);
        self.has_any = true;
    }

    fn begin(&mut self, now: Timestamp) -> bool {
        let is_told = self.told_since.is_some_and(|since| now.as_millis() - since.as_millis() < GONE_AFTER_MS);
        if !self.has_any || is_told {
            return false;
        }
        self.told_since = Some(now);
        true
    }

    /// What is to be told now. Websites of which nothing waits are forgotten once they may be told again.
    fn take_due(&mut self, now: Timestamp) -> Vec<(WebsiteId, Vec<Dropped>)> {
        let waits = |of: &OfWebsite| of.told.is_some_and(|(at, wait)| now.as_millis() - at.as_millis() < wait);
        self.websites.retain(|_, of| !of.pairs.is_empty() || waits(of));
        let due = self.websites.iter_mut().filter(|(_, of)| !of.pairs.is_empty() && !waits(of));
        let due =
            due.map(|(website, of)| {
                of.told = Some((now, of.told.map_or(AGAIN_MS, |(_, wait)| (2 * wait).min(LONGEST_AGAIN_MS))));
                let dropped = std::mem::take(&mut of.pairs)
                    .into_iter()
                    .map(|((reason, host), (count, last))| Dropped { reason: reason.to_owned(), host, count, last });
                (*website, dropped.collect())
            });
        let due = due.collect();
        self.has_any = self.websites.values().any(|of| !of.pairs.is_empty());
        due
    }

    /// Whether whoever tells is done.
    fn end(&mut self, is_late: bool) -> bool {
        let is_over = is_late || !self.has_any;
        if is_over {
            self.told_since = None;
        }
        is_over
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_util::FutureExt;
    use sluice_engine::protocol::{Call, Request};

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;

    fn website(number: usize) -> WebsiteId {
        format!("{number:024x}").parse().unwrap()
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn what_is_dropped_is_told_after_a_second_and_then_ever_more_rarely() {
        let mut counts = Counts::default();
        assert!(!counts.begin(at(0)));
        counts.add(website(1), "bot", "", at(0));
        assert!(counts.begin(at(0)));
        assert!(!counts.begin(at(10)), "one request tells");
        counts.add(website(1), "bot", "", at(20));
        counts.add(website(1), "hostname", "a.example", at(30));
        let told = counts.take_due(at(1_000));
        let dropped = |reason: &str, host: &str, count, last| Dropped {
            reason: reason.to_owned(),
            host: host.to_owned(),
            count,
            last: at(last),
        };
        assert_eq!(told, [(website(1), vec![dropped("bot", "", 2, 20), dropped("hostname", "a.example", 1, 30)])]);
        counts.add(website(1), "bot", "", at(1_500));
        assert_eq!(counts.take_due(at(5_999)), []);
        assert!(!counts.end(false));
        assert_eq!(counts.take_due(at(6_000)), [(website(1), vec![dropped("bot", "", 1, 1_500)])]);
        assert!(counts.end(false));
        assert!(!counts.begin(at(6_000)));
        counts.add(website(1), "bot", "", at(6_500));
        assert_eq!(counts.take_due(at(15_999)), []);
        assert_eq!(counts.take_due(at(16_000)).len(), 1);
        counts.add(website(1), "bot", "", at(16_500));
        assert_eq!(counts.take_due(at(35_999)), []);
        assert_eq!(counts.take_due(at(36_000)).len(), 1);
        // Nothing for as long: what comes next is told at once.
        assert_eq!((counts.take_due(at(55_999)), counts.websites.len()), (Vec::new(), 1));
        assert_eq!((counts.take_due(at(56_000)), counts.websites.len()), (Vec::new(), 0));
    }

    #[test]
    fn a_request_that_is_gone_or_late_is_followed_by_another() {
        let mut counts = Counts::default();
        counts.add(website(1), "bot", "", at(0));
        assert!(counts.begin(at(0)));
        assert!(!counts.begin(at(GONE_AFTER_MS - 1)));
        assert!(counts.begin(at(GONE_AFTER_MS)));
        assert!(counts.end(true));
        assert!(counts.begin(at(GONE_AFTER_MS)));
    }

    #[test]
    fn strangers_cannot_make_counts_without_end() {
        let mut counts = Counts::default();
        for number in 0..10_000 {
            counts.add(website(1), "hostname", &format!("{number}.example"), at(0));
            counts.add(website(2 + number), "bot", "", at(0));
        }
        assert_eq!(counts.websites.len(), MOST_WEBSITES);
        let told = counts.take_due(at(1_000));
        let (_, of_one) = told.iter().find(|(id, _)| *id == website(1)).unwrap();
        assert_eq!(of_one.len(), MOST_PAIRS + 1);
        assert_eq!(of_one.iter().map(|dropped| dropped.count).sum::<i64>(), 10_000);
    }

    #[test]
    fn each_website_is_told_once_whatever_happens_meanwhile() {
        let memory = Rc::new(Memory::new(Database::default(), at(0)));
        let platform = Platform::in_memory(memory.clone());
        let told = Rc::new(RefCell::new(Vec::new()));
        let heard = told.clone();
        memory.answer_objects(move |_, name, _, body| {
            let request: Request = serde_json::from_str(body.unwrap()).unwrap();
            let Call::CountDropped(asked) = request.call else { panic!("another call") };
            heard.borrow_mut().push((name.to_owned(), asked.dropped.iter().map(|one| one.count).sum::<i64>()));
            // The first one is not reached.
            if heard.borrow().len() == 1 {
                Err(crate::platform::PlatformError::new("down"))
            } else {
                Ok("null".to_owned())
            }
        });
        count(website(1), "bot", "", at(0));
        assert!(is_to_tell(at(0)));
        memory.during_next_sleep(|_| {
            count(website(1), "bot", "", at(500));
            assert!(!is_to_tell(at(500)));
        });
        tell(&platform).now_or_never().unwrap();
        assert_eq!(*told.borrow(), [(format!("{}/0", website(1)), 2)]);
        count(website(1), "bot", "", at(2_000));
        assert!(is_to_tell(at(2_000)));
        tell(&platform).now_or_never().unwrap();
        assert_eq!(told.borrow().len(), 2);
        assert!(platform.now() >= at(1_000 + AGAIN_MS));
    }
}
