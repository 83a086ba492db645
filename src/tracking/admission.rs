//! Decides which events are accepted (docs/contract/website-api.md#4.7, docs/contract/website-api.md#5.5,
//! docs/contract/reports.md#12 and #16). Pure.

use std::net::IpAddr;

use url::Url;

use super::client;
use crate::websites::tracking_settings::Configuration;
use sluice_engine::event::Page;
use sluice_values::{Country, Hostname};

/// What the platform reports about the sender of an event.
#[derive(Debug, Clone, Default)]
pub struct VisitorKey {
    pub ip: Option<IpAddr>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The `Origin` header.
    pub origin: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// The platform's bot score, from 1 (certainly a bot) to 99 (certainly a person), where it gives one.
    pub bot_score: Option<u32>,
    /// Whether the platform has verified the sender as a bot that identifies itself.
    pub is_verified_bot: bool,
}

/// Why an event is dropped. The text is the value of the `X-Sluice-Dropped` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// The sender's address is excluded.
    Ip,
    /// The page's path is excluded.
    Path,
    /// The sender's country is excluded.
    Country,
    /// The page's host is excluded.
    ExcludedHostname,
    /// The host of the page or of the origin does not belong to the website.
    Hostname,
    /// The sender is a bot.
    Bot,
    /// The website is in attack mode, and the sender is not certainly a person.
    AttackMode,
    /// The website's store has no room for what is dropped first.
    Full,
}

impl Dropped {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "excluded-ip",
            Self::Path => "excluded-path",
            Self::Country => "excluded-country",
            Self::ExcludedHostname => "excluded-hostname",
            Self::Hostname => "hostname",
            Self::Bot => "bot",
            Self::AttackMode => "attack-mode",
            Self::Full => "full",
        }
    }
}

/// A sender with a lower bot score is treated as a bot.
const LIKELY_BOT: u32 = 30;

/// Whether an event from `sender` on `page` is accepted.
pub fn admit(website: &Configuration, sender: &VisitorKey, page: &Page) -> Result<(), Dropped> {
    if sender.ip.is_some_and(|ip| website.settings.excluded_ips.iter().any(|range| range.contains(ip))) {
        return Err(Dropped::Ip);
    }
    if let Some(country) = &sender.country
        && website.settings.excluded_countries.iter().map(Country::as_str).any(|excluded| excluded == country)
    {
        return Err(Dropped::Country);
    }
    if foreign_host(website, sender, page).is_some() {
        return Err(Dropped::Hostname);
    }
    let origin = sender.origin.as_deref().and_then(host_of);
    admit_page(website, page)?;
    if sender.is_verified_bot || sender.bot_score == Some(1) || client::is_bot(&sender.user_agent) {
        return Err(Dropped::Bot);
    }
    let is_sure = origin.as_deref().is_some_and(|host| website.owns(host))
        && sender.bot_score.is_none_or(|score| score >= LIKELY_BOT)
        && client::parse(&sender.user_agent).browser.is_some();
    if website.settings.is_attack_mode_enabled && !is_sure {
        return Err(Dropped::AttackMode);
    }
    Ok(())
}

/// Whether what happens on a page of the website is recorded.
pub fn admit_page(website: &Configuration, page: &Page) -> Result<(), Dropped> {
    if website.settings.excluded_hostnames.iter().map(Hostname::normal).any(|excluded| excluded == page.hostname) {
        return Err(Dropped::ExcludedHostname);
    }
    if website.settings.excluded_paths.iter().any(|pattern| pattern.covers(&page.path)) {
        return Err(Dropped::Path);
    }
    Ok(())
}

/// The host of the page, or of the origin, that does not belong to the website.
pub fn foreign_host(website: &Configuration, sender: &VisitorKey, page: &Page) -> Option<String> {
    let takes = |host: &str| website.settings.is_all_hostnames_allowed || website.owns(host);
    if !takes(&page.hostname) {
        return Some(page.hostname.clone());
    }
    sender.origin.as_deref().and_then(host_of).filter(|host| !takes(host))
}

/// The host of an origin; `None` for `null` and for anything else without a host.
fn host_of(origin: &str) -> Option<String> {
    sluice_values::host_of(&Url::parse(origin).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websites::tracking_settings::tests::{example, with};
    use crate::websites::website::Settings;

    const BROWSER: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
                           Chrome/128.0.0.0 Safari/537.36";

    fn sender() -> VisitorKey {
        VisitorKey {
            ip: Some("203.0.113.7".parse().unwrap()),
            country: Some("DE".to_owned()),
            origin: Some("https://example.com".to_owned()),
            user_agent: BROWSER.to_owned(),
            ..VisitorKey::default()
        }
    }

    fn page(hostname: &str, path: &str) -> Page {
        Page { hostname: hostname.to_owned(), path: path.to_owned() }
    }

    fn list<T: std::str::FromStr>(values: &[&str]) -> Vec<T>
    where
        T::Err: std::fmt::Debug,
    {
        values.iter().map(|value| value.parse().unwrap()).collect()
    }

    #[test]
    fn a_person_on_the_website_is_accepted() {
        assert_eq!(admit(&example(), &sender(), &page("www.example.com", "/")), Ok(()));
        let without = VisitorKey { origin: None, ..sender() };
        assert_eq!(admit(&example(), &without, &page("example.com", "/")), Ok(()));
    }

    #[test]
    fn each_exclusion_has_its_reason() {
        let home = page("example.com", "/admin/x");
        let website = with(Settings { excluded_ips: list(&["203.0.113.0/24"]), ..Settings::default() });
        assert_eq!(admit(&website, &sender(), &home), Err(Dropped::Ip));
        let website = with(Settings { excluded_countries: list(&["DE"]), ..Settings::default() });
        assert_eq!(admit(&website, &sender(), &home), Err(Dropped::Country));
        let website = with(Settings { excluded_hostnames: list(&["example.com"]), ..Settings::default() });
        assert_eq!(admit(&website, &sender(), &home), Err(Dropped::ExcludedHostname));
        let website = with(Settings { excluded_paths: list(&["/admin/*"]), ..Settings::default() });
        assert_eq!(admit(&website, &sender(), &home), Err(Dropped::Path));
        assert_eq!(admit(&website, &sender(), &page("example.com", "/admin")), Ok(()));
        assert_eq!(admit(&website, &sender(), &page("example.com", "/admin/")), Err(Dropped::Path));
        assert_eq!(admit(&example(), &sender(), &page("evil.net", "/")), Err(Dropped::Hostname));
        let elsewhere = VisitorKey { origin: Some("https://evil.net".to_owned()), ..sender() };
        assert_eq!(admit(&example(), &elsewhere, &home), Err(Dropped::Hostname));
        // The page's host is named before the origin's.
        let foreign = |sender: &VisitorKey, hostname: &str| foreign_host(&example(), sender, &page(hostname, "/"));
        assert_eq!(foreign(&elsewhere, "example.com").as_deref(), Some("evil.net"));
        assert_eq!(foreign(&elsewhere, "shop.example.org").as_deref(), Some("shop.example.org"));
        assert_eq!(foreign(&sender(), "www.example.com"), None);
        let website = with(Settings { is_all_hostnames_allowed: true, ..Settings::default() });
        assert_eq!(admit(&website, &elsewhere, &page("evil.net", "/")), Ok(()));
    }

    #[test]
    fn spellings_of_one_host_or_path_are_one() {
        let home = page("xn--bcher-kva.example", "/%C3%BCber/x");
        let website = Configuration { domain: "xn--bcher-kva.example".to_owned(), ..example() };
        for origin in ["https://bücher.example", "https://BÜCHER.example.", "https://xn--bcher-kva.example:443"] {
            assert_eq!(admit(&website, &VisitorKey { origin: Some(origin.to_owned()), ..sender() }, &home), Ok(()));
        }
        let silent = VisitorKey { origin: None, ..sender() };
        for hostname in ["Bücher.Example", "xn--bcher-kva.example."] {
            let settings = Settings { excluded_hostnames: list(&[hostname]), ..Settings::default() };
            let website = Configuration { settings, ..website.clone() };
            assert_eq!(admit(&website, &silent, &home), Err(Dropped::ExcludedHostname), "{hostname}");
            let other = with(Settings { allowed_hostnames: list(&[hostname]), ..Settings::default() });
            assert_eq!(admit(&other, &silent, &home), Ok(()), "{hostname}");
        }
        for path in ["/über/*", "/%c3%bcber/x", "/a/../über/*", "/%C3%BCber/%78"] {
            let settings = Settings { excluded_paths: list(&[path]), ..Settings::default() };
            let website = Configuration { settings, ..website.clone() };
            assert_eq!(admit(&website, &silent, &home), Err(Dropped::Path), "{path}");
        }
        let settings = Settings { excluded_ips: list(&["::ffff:203.0.113.0/120"]), ..Settings::default() };
        let website = Configuration { settings, ..website };
        assert_eq!(admit(&website, &sender(), &home), Err(Dropped::Ip));
    }

    #[test]
    fn bots_are_dropped() {
        let home = page("example.com", "/");
        for agent in ["", "curl/8.0", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"] {
            let bot = VisitorKey { user_agent: agent.to_owned(), ..sender() };
            assert_eq!(admit(&example(), &bot, &home), Err(Dropped::Bot), "{agent}");
        }
        assert_eq!(admit(&example(), &VisitorKey { bot_score: Some(1), ..sender() }, &home), Err(Dropped::Bot));
        assert_eq!(admit(&example(), &VisitorKey { is_verified_bot: true, ..sender() }, &home), Err(Dropped::Bot));
        assert_eq!(admit(&example(), &VisitorKey { bot_score: Some(20), ..sender() }, &home), Ok(()));
    }

    #[test]
    fn attack_mode_accepts_only_certain_persons() {
        let website = with(Settings { is_attack_mode_enabled: true, ..Settings::default() });
        let home = page("example.com", "/");
        assert_eq!(admit(&website, &sender(), &home), Ok(()));
        for doubtful in [
            VisitorKey { origin: None, ..sender() },
            VisitorKey { origin: Some("null".to_owned()), ..sender() },
            VisitorKey { bot_score: Some(29), ..sender() },
            VisitorKey { user_agent: "Mozilla/5.0 (Unknown; Gadget)".to_owned(), ..sender() },
        ] {
            assert_eq!(admit(&website, &doubtful, &home), Err(Dropped::AttackMode), "{doubtful:?}");
        }
    }
}
