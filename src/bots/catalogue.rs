//! The crawlers that are known: who runs them and what for, as their operators say (docs/bot-traffic.md names the pages). Pure.

use std::net::IpAddr;
use std::str::FromStr;

use crate::tracking::stored::cut;
use serde::{Deserialize, Serialize};
use sluice_values::{Invalid, IpRange, excerpt, text_value};

/// Id, company, name, category, and what user agents contain in lower case; of two that fit, the first counts.
const CATALOGUE: &str = include_str!("catalogue.tsv");

/// Only so many characters of a user agent are read.
const LONGEST_AGENT: usize = 512;

/// A crawler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crawler {
    pub id: &'static str,
    pub company: &'static str,
    pub name: &'static str,
    pub category: Category,
    needles: &'static str,
}

/// What a crawler fetches pages for.
// docs/contract/website-api.md#2.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Category {
    /// An answer to somebody who asks now.
    AnswerFetch,
    /// The index of a search engine.
    SearchIndex,
    /// The training of models.
    Training,
    /// Anything else of an operator of models.
    AiCrawler,
}

impl Category {
    fn of(name: &str) -> Self {
        match name {
            "answer_fetch" => Self::AnswerFetch,
            "search_index" => Self::SearchIndex,
            "training" => Self::Training,
            _ => Self::AiCrawler,
        }
    }
}

/// Every crawler, in the order of the catalogue.
pub fn crawlers() -> impl Iterator<Item = Crawler> {
    CATALOGUE.lines().filter_map(|line| {
        let mut columns = line.split('\t');
        Some(Crawler {
            id: columns.next()?,
            company: columns.next()?,
            name: columns.next()?,
            category: Category::of(columns.next()?),
            needles: columns.next()?,
        })
    })
}

/// The crawler that names itself so.
pub fn of_user_agent(user_agent: &str) -> Option<Crawler> {
    let agent = cut(user_agent, LONGEST_AGENT).to_ascii_lowercase();
    crawlers().find(|crawler| crawler.needles.split(',').any(|needle| names(&agent, needle)))
}

/// Whether a name begins somewhere in a user agent: "grok" is not in "ngrok".
fn names(agent: &str, name: &str) -> bool {
    let follows = |at| agent.get(..at).is_some_and(|before| before.ends_with(|one: char| one.is_ascii_alphanumeric()));
    agent.match_indices(name).any(|(at, _)| !follows(at))
}

/// The crawler with this id.
pub fn of_id(id: &str) -> Option<Crawler> {
    crawlers().find(|crawler| crawler.id == id)
}

/// Whether an address is one of a crawler's, by `BOT_IP_RANGES`: `gptbot=192.0.2.0/24,2001:db8::/32;bingbot=…`. A company's name in
/// place of an id means all its crawlers.
pub fn is_verified(ranges: &str, crawler: &Crawler, ip: IpAddr) -> bool {
    ranges.split(';').filter_map(|entry| entry.split_once('=')).any(|(whose, ranges)| {
        [crawler.id, crawler.company].contains(&whose.trim())
            && ranges
                .split(',')
                .filter_map(|range| range.trim().parse::<IpRange>().ok())
                .any(|range| range.contains(ip))
    })
}

/// The id of a crawler of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrawlerId(&'static str);

impl CrawlerId {
    pub fn as_str(&self) -> &'static str {
        self.0
    }
}

impl FromStr for CrawlerId {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let unknown = || Invalid::new(format!("no crawler \"{}\"; the settings list all of them", excerpt(sent)));
        of_id(sent.trim()).map(|crawler| Self(crawler.id)).ok_or_else(unknown)
    }
}

text_value!(CrawlerId, {
    schemars::json_schema!({ "type": "string", "description": "The id of a crawler, as the settings list it." })
});

/// The exact name of a company of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company(&'static str);

impl Company {
    pub fn as_str(&self) -> &'static str {
        self.0
    }

    pub fn crawlers(&self) -> impl Iterator<Item = Crawler> {
        let company = self.0;
        crawlers().filter(move |crawler| crawler.company == company)
    }
}

impl FromStr for Company {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let sent = sent.trim();
        let unknown = || Invalid::new(format!("no company \"{}\"; the settings list all of them", excerpt(sent)));
        crawlers().find(|crawler| crawler.company == sent).map(|crawler| Self(crawler.company)).ok_or_else(unknown)
    }
}

text_value!(Company, {
    schemars::json_schema!({ "type": "string", "description": "The name of a company, as the settings list it." })
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_catalogue_is_whole_and_finds_its_own_crawler() {
        let lines = CATALOGUE.lines().count();
        let all: Vec<_> = crawlers().collect();
        assert!(all.len() == lines && lines > 50, "{lines} lines, {} crawlers", all.len());
        assert_eq!(all.iter().map(|crawler| crawler.id).collect::<BTreeSet<_>>().len(), lines);
        let names = ["answer_fetch", "search_index", "training", "ai_crawler"];
        assert!(CATALOGUE.lines().all(|line| names.contains(&line.split('\t').nth(3).unwrap())));
        for crawler in all {
            for needle in crawler.needles.split(',') {
                assert_eq!(needle, needle.to_lowercase());
                let agent = format!("Mozilla/5.0 (compatible; {}/1.2; +https://bots.example)", needle.to_uppercase());
                assert_eq!(of_user_agent(&agent).unwrap().id, crawler.id, "{agent}");
            }
            assert_eq!(of_user_agent(crawler.name).unwrap().id, crawler.id);
        }
    }

    #[test]
    fn browsers_and_other_programs_are_no_crawlers() {
        for agent in [
            "",
            "curl/8.5.0",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
            "ngrok/3.5.0",
            "GitHubCopilotChat/0.20",
        ] {
            assert_eq!(of_user_agent(agent), None, "{agent}");
        }
    }

    #[test]
    fn the_documentation_names_a_page_for_every_company() {
        let page = include_str!("../../docs/bot-traffic.md");
        for crawler in crawlers() {
            let row = page.lines().find(|line| line.starts_with(&format!("| {} |", crawler.company)));
            let row = row.unwrap_or_else(|| panic!("docs/bot-traffic.md has no row of {}", crawler.company));
            assert!(row.contains(&format!("`{}`", crawler.id)), "{}: {row}", crawler.id);
        }
    }

    #[test]
    fn addresses_are_verified_by_what_is_configured() {
        let gptbot = of_id("gptbot").unwrap();
        let is = |ranges: &str, ip: &str| is_verified(ranges, &gptbot, ip.parse().unwrap());
        let ranges = "bingbot=192.0.2.0/24; gptbot = 198.51.100.0/25, nonsense,2001:db8::/32 ;Google=0.0.0.0/0;OpenAI=203.0.113.9";
        for (ip, expected) in [
            ("198.51.100.7", true),
            ("198.51.100.200", false),
            ("2001:db8::1", true),
            ("203.0.113.9", true),
            ("192.0.2.1", false),
            ("8.8.8.8", false),
        ] {
            assert_eq!(is(ranges, ip), expected, "{ip}");
        }
        assert!(!is("", "198.51.100.7") && !is("gptbot", "198.51.100.7") && !is("=;;=", "198.51.100.7"));
    }
}
