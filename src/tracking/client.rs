//! Reads a user agent: the browser, the operating system, the device, and whether a bot sent it.
//!
//! The patterns come from two maintained lists: `uap-core` (browsers, systems, devices) and `isbot`. Compiling all
//! 1,380 regular expressions would take tens of megabytes and a good part of a second, so each is compiled when it is
//! first needed: the build finds the literal texts that each pattern requires, one pass finds those texts in a user
//! agent, and only the few patterns that can still match are compiled.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use regex_lite::{Captures, Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

include!(concat!(env!("OUT_DIR"), "/patterns.rs"));

/// How much of a user agent is read, in bytes. Real ones are shorter; a made-up one must not cost more.
const MAX_LEN: usize = 512;
/// How many user agents are cached with their results.
const CACHE: usize = 512;

/// What a user agent contains. Names are those that `DataFast` shows; `None` is what it does not contain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub device: Option<DeviceType>,
    /// The device's maker: `Apple`, `Samsung`.
    pub vendor: Option<String>,
    /// The device's model: `iPhone`, `SM-S918B`.
    pub model: Option<String>,
    /// The browser: `Chrome`, `Safari`, `Instagram`.
    pub browser: Option<String>,
    /// The browser's version, as many parts as are known: `128.0.0.0`.
    pub browser_version: Option<String>,
    /// The operating system: `Mac OS`, `Windows`, `iOS`.
    pub os: Option<String>,
    /// The operating system's version: `10.15.7`.
    pub os_version: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceType {
    Desktop,
    /// A phone, or a music player such as an iPod touch.
    Mobile,
    Tablet,
}

impl DeviceType {
    /// The name in responses: `desktop`, `mobile` or `tablet`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
        }
    }
}

/// What is cached for a user agent. Each part is computed when it is first needed.
#[derive(Default, Clone)]
struct Known {
    client: Option<Client>,
    is_bot: Option<bool>,
}

/// Returns `part` of the cached entry of a user agent; computes it with `find` and caches it on a miss.
fn remembered<T: Clone>(text: &str, part: fn(&mut Known) -> &mut Option<T>, find: fn(&str) -> T) -> T {
    thread_local! {
        static SEEN: RefCell<BTreeMap<String, Known>> = const { RefCell::new(BTreeMap::new()) };
    }
    SEEN.with(|seen| {
        if let Some(known) = seen.try_borrow_mut().ok().and_then(|mut seen| part(seen.get_mut(text)?).clone()) {
            return known;
        }
        let found = find(text);
        if let Ok(mut seen) = seen.try_borrow_mut() {
            if seen.len() >= CACHE {
                seen.clear();
            }
            *part(seen.entry(text.to_owned()).or_default()) = Some(found.clone());
        }
        found
    })
}

/// Reads a user agent (the value of the `User-Agent` header). Only its first 512 bytes count.
pub fn parse(user_agent: &str) -> Client {
    remembered(shorten(user_agent), |known| &mut known.client, read)
}

/// Whether a bot sent this user agent: a crawler, a monitor, an AI agent, an HTTP library or tool, a headless browser.
/// A user agent of fewer than five characters is a bot's too, because no browser sends one.
pub fn is_bot(user_agent: &str) -> bool {
    remembered(
        shorten(user_agent.trim()),
        |known| &mut known.is_bot,
        |text| text.chars().nth(4).is_none() || BOTS.first(text, &Found::of(text), |_, _| Some(())).is_some(),
    )
}

fn shorten(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_LEN)).unwrap_or_default()
}

fn read(text: &str) -> Client {
    let found = Found::of(text);
    let browser = BROWSERS.first(text, &found, |pattern, groups| Some(filled(pattern, groups)));
    let os = SYSTEMS.first(text, &found, |pattern, groups| Some(filled(pattern, groups)));
    let device = DEVICES.first(text, &found, |pattern, groups| Some(filled(pattern, groups)));

    let (browser, browser_version) =
        app(text).or_else(|| desktop_ipad(text)).unwrap_or_else(|| named(browser, browser_name));
    let (os, os_version) = open_harmony(text).unwrap_or_else(|| named(os, os_name));
    if desktop_ipad(text).is_some() {
        return Client {
            device: Some(DeviceType::Tablet),
            vendor: Some("Apple".to_owned()),
            model: Some("iPad".to_owned()),
            browser,
            browser_version,
            os: Some("iOS".to_owned()),
            os_version: None,
        };
    }
    let [family, vendor, model, ..] = device.unwrap_or_default();
    // The list's names for "some phone" and for "a spider".
    let known =
        !family.is_empty() && family != "Spider" && !family.starts_with("Generic") && !vendor.starts_with("Generic");
    let known_name =
        |text: String| Some(text).filter(|text| known && !text.is_empty() && !text.eq_ignore_ascii_case("unknown"));
    // The list takes a Fire TV for a Kindle.
    let fire_tv = fire_tv(text).map(str::to_owned);
    let vendor = if fire_tv.is_some() { Some("Amazon".to_owned()) } else { known_name(vendor) };
    let model = fire_tv.or_else(|| known_name(model));
    Client {
        device: device_type(text, os.as_deref(), &family, model.as_deref()),
        vendor: vendor.filter(|_| model.is_some()),
        model,
        browser,
        browser_version,
        os,
        os_version,
    }
}

/// Apps whose browser inside the list does not tell from Safari or Chrome, by what their user agents contain.
const APPS: [(&str, &str); 11] = [
    ("musical_ly", "TikTok"),
    ("BytedanceWebview", "TikTok"),
    ("trill_", "TikTok"),
    ("TikTok", "TikTok"),
    ("LinkedInApp", "LinkedIn"),
    ("MicroMessenger", "WeChat"),
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(inapp", "Naver"),
    ("NAVER/", "Naver"),
    ("Barcelona ", "Threads"),
    ("Bluesky", "Bluesky"),
];

/// Browsers whose user agents name iOS, even where they otherwise pretend to be on a Mac.
const ONLY_ON_IOS: [(&str, &str); 4] =
    [("CriOS/", "Chrome"), ("FxiOS/", "Firefox"), ("EdgiOS/", "Edge"), ("OPiOS/", "Opera")];

type NameAndVersion = (Option<String>, Option<String>);

/// The app whose browser this is.
fn app(text: &str) -> Option<NameAndVersion> {
    APPS.iter().find_map(|(mark, name)| after(text, mark, name))
}

/// The browser of an iPad that asks for the pages of desktops.
fn desktop_ipad(text: &str) -> Option<NameAndVersion> {
    let is_mac = text.contains("(Macintosh");
    is_mac.then(|| ONLY_ON_IOS.iter().find_map(|(mark, name)| after(text, mark, name))).flatten()
}

/// `OpenHarmony`, which the list does not know, is the system of newer Huawei devices.
fn open_harmony(text: &str) -> Option<NameAndVersion> {
    after(text, "OpenHarmony", "OpenHarmony")
}

/// A name, if the text contains its mark, with the version behind the mark.
fn after(text: &str, mark: &str, name: &str) -> Option<NameAndVersion> {
    let rest = text.split_once(mark)?.1;
    let rest = rest.strip_prefix(['/', ' ', '-']).unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let version = rest.get(..end).unwrap_or_default().trim_end_matches('.');
    Some((Some(name.to_owned()), Some(version.to_owned()).filter(|version| !version.is_empty())))
}

/// The model of an Amazon Fire TV: `AFT` and capitals or digits, as a word.
fn fire_tv(text: &str) -> Option<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut words = words.filter_map(|word| Some((word, word.strip_prefix("AFT")?)));
    words.find(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_uppercase())).map(|(word, _)| word)
}

/// A browser's or system's name and its version, from the parts of the version.
fn named(parts: Option<[String; 5]>, name: fn(&str) -> &str) -> (Option<String>, Option<String>) {
    let Some([family, version @ ..]) = parts else { return (None, None) };
    if family.is_empty() || family == "Other" {
        return (None, None);
    }
    // A view inside an app of a Mac or an iPad, which the list takes for Apple's Mail.
    if family == "Apple Mail" || family == "AppleMail" {
        return (Some("Safari".to_owned()), None);
    }
    let version: Vec<String> = version.into_iter().take_while(|part| !part.is_empty()).collect();
    (Some(name(&family).to_owned()), Some(version.join(".")).filter(|version| !version.is_empty()))
}

/// The list names each edition of a browser; people know only the browser.
fn browser_name(family: &str) -> &str {
    match family {
        "Mobile Safari" | "Mobile Safari UI/WKWebView" => return "Safari",
        "Edge Mobile" | "Edge WebView2" => return "Edge",
        "Android" => return "Android Browser",
        _ => {}
    }
    let mut name = family;
    while let Some(shorter) = [" Mobile", " iOS", " Android", " WebView"].iter().find_map(|end| name.strip_suffix(end))
    {
        name = shorter;
    }
    name
}

fn os_name(family: &str) -> &str {
    match family {
        "Mac OS X" => "Mac OS",
        "ATV OS X" => "tvOS",
        "Web0S" => "webOS",
        _ => family,
    }
}

/// What user agents of TVs and of boxes beside them contain, in small letters.
const TVS: [&str; 30] = [
    "smart-tv",
    "smarttv",
    "smart tv",
    "googletv",
    "google tv",
    "android tv",
    "androidtv",
    "hbbtv",
    "appletv",
    "apple tv",
    "mitv",
    "tvbox",
    "tv box",
    "bravia",
    "crkey",
    "roku",
    "web0s",
    "netcast",
    "viera",
    "vidaa",
    "philipstv",
    "aquos tv",
    "opera tv",
    "chromecast",
    "stb ",
    "playstation",
    "nintendo",
    "xbox",
    "tv safari",
    "whaletv",
];

/// The class of a device. `None` for TVs and consoles, and for what nothing is known of.
fn device_type(text: &str, os: Option<&str>, family: &str, model: Option<&str>) -> Option<DeviceType> {
    let contains =
        |word: &str| text.contains(word) || family.contains(word) || model.is_some_and(|model| model.contains(word));
    let is_mobile = contains("Mobile");
    let folded = text.to_ascii_lowercase();
    let is_tv_word = || text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "TV");
    // Phones have "TV" in their models too; these say that they are mobile.
    if fire_tv(text).is_some() || TVS.iter().any(|mark| folded.contains(mark)) || !is_mobile && is_tv_word() {
        return None;
    }
    if ["iPad", "Tablet", "Kindle", "PlayBook"].into_iter().any(contains) {
        // Windows' "Tablet PC" is a component that desktops report too.
        return Some(if contains("Tablet PC") { DeviceType::Desktop } else { DeviceType::Tablet });
    }
    // Phones without a system of their own, and browsers made for them.
    if ["Opera Mini", "Opera Mobi", "MIDP", "J2ME", "UCWEB"].into_iter().any(contains) {
        return Some(DeviceType::Mobile);
    }
    match os.unwrap_or_default() {
        "OpenHarmony" if ["(PC;", "2in1"].into_iter().any(contains) => Some(DeviceType::Desktop),
        "iOS" | "Windows Phone" | "BlackBerry OS" | "KaiOS" | "Firefox OS" | "Symbian OS" | "HarmonyOS"
        | "OpenHarmony" => Some(DeviceType::Mobile),
        // Google's own rule: a phone's browser says "Mobile", a tablet's does not. Apps in their own voice say neither.
        "Android" if is_mobile || !text.starts_with("Mozilla/") => Some(DeviceType::Mobile),
        "Android" => Some(DeviceType::Tablet),
        "Tizen" | "webOS" | "tvOS" | "Chromecast" | "WatchOS" => {
            ["Mobile", "Pre/", "Pixi/"].into_iter().any(contains).then_some(DeviceType::Mobile)
        }
        "Windows" | "Mac OS" | "Linux" | "Chrome OS" => Some(DeviceType::Desktop),
        _ if is_mobile || contains("Phone") => Some(DeviceType::Mobile),
        _ if contains("X11") || contains("Linux") => Some(DeviceType::Desktop),
        _ => None,
    }
}

/// A regular expression of a list, and what a match of it means.
struct Pattern {
    /// Empty where the single text in `needs` is the whole pattern.
    regex: &'static str,
    ignore_case: bool,
    /// No match if the text before it ends like this; empty for no such condition.
    not_after: &'static str,
    /// No match if the text after it begins like this; empty for no such condition.
    not_before: &'static str,
    /// Every match contains one of the needles of each clause.
    needs: &'static [&'static [u16]],
    /// The name and the parts of the version, or name, vendor and model; `$1` is the first group.
    templates: [&'static str; 5],
}

/// Patterns in the list's order, of which the first match wins; each is compiled when first needed.
struct List {
    patterns: &'static [Pattern],
    compiled: Box<[OnceLock<Option<Compiled>>]>,
}

struct Compiled {
    regex: Regex,
    not_after: Option<Regex>,
    not_before: Option<Regex>,
}

static BROWSERS: LazyLock<List> = LazyLock::new(|| List::new(BROWSER));
static SYSTEMS: LazyLock<List> = LazyLock::new(|| List::new(OS));
static DEVICES: LazyLock<List> = LazyLock::new(|| List::new(DEVICE));
static BOTS: LazyLock<List> = LazyLock::new(|| List::new(BOT));

impl List {
    fn new(patterns: &'static [Pattern]) -> Self {
        Self { patterns, compiled: patterns.iter().map(|_| OnceLock::new()).collect() }
    }

    /// Calls `then` with the first pattern that matches. A literal pattern has no groups.
    fn first<T>(
        &self,
        text: &str,
        found: &Found,
        then: impl Fn(&Pattern, Option<&Captures>) -> Option<T>,
    ) -> Option<T> {
        self.patterns.iter().zip(&self.compiled).filter(|(pattern, _)| found.enough_for(pattern)).find_map(
            |(pattern, cell)| {
                if pattern.regex.is_empty() {
                    return then(pattern, None);
                }
                let compiled = cell.get_or_init(|| pattern.compile()).as_ref()?;
                compiled.captures(text).and_then(|groups| then(pattern, Some(&groups)))
            },
        )
    }
}

impl Pattern {
    fn compile(&self) -> Option<Compiled> {
        let build = |regex: &str| RegexBuilder::new(regex).case_insensitive(self.ignore_case).build().ok();
        Some(Compiled {
            regex: build(self.regex)?,
            not_after: if self.not_after.is_empty() { None } else { Some(build(&format!("(?:{})$", self.not_after))?) },
            not_before: if self.not_before.is_empty() {
                None
            } else {
                Some(build(&format!("^(?:{})", self.not_before))?)
            },
        })
    }
}

impl Compiled {
    fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        if self.not_after.is_none() && self.not_before.is_none() {
            return self.regex.captures(text);
        }
        self.regex.captures_iter(text).find(|groups| {
            let Some(all) = groups.get(0) else { return false };
            let before = text.get(..all.start()).unwrap_or_default();
            let behind = text.get(all.end()..).unwrap_or_default();
            !self.not_after.as_ref().is_some_and(|not| not.is_match(before))
                && !self.not_before.as_ref().is_some_and(|not| not.is_match(behind))
        })
    }
}

/// Which needles a text contains, one bit each.
struct Found([u64; NEEDLE_COUNT.div_ceil(64)]);

impl Found {
    fn of(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        // A search automaton would find the same but take 8 ms to build; this takes a few microseconds more per text.
        let mut bits = [0; _];
        for start in 0..text.len() {
            let rest = text.as_bytes().get(start..).unwrap_or_default();
            let Some(head) = rest.first_chunk::<2>() else { break };
            let Ok(group) = HEADS.binary_search_by_key(head, |(head, _)| *head) else { continue };
            let from = HEADS.get(group).map_or(0, |(_, at)| usize::from(*at));
            let to = HEADS.get(group + 1).map_or(NEEDLES.len(), |(_, at)| usize::from(*at));
            for (needle, bit) in NEEDLES.get(from..to).unwrap_or_default() {
                if rest.starts_with(needle.as_bytes())
                    && let Some(word) = bits.get_mut(usize::from(bit / 64))
                {
                    *word |= 1_u64 << (bit % 64);
                }
            }
        }
        Self(bits)
    }

    fn has(&self, needle: u16) -> bool {
        self.0.get(usize::from(needle / 64)).is_some_and(|word| word >> (needle % 64) & 1 == 1)
    }

    fn enough_for(&self, pattern: &Pattern) -> bool {
        pattern.needs.iter().all(|clause| clause.iter().any(|&needle| self.has(needle)))
    }
}

/// A pattern's templates, filled with the groups of its match.
fn filled(pattern: &Pattern, groups: Option<&Captures>) -> [String; 5] {
    pattern.templates.map(|template| {
        let mut out = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let mut chars = after.chars();
            if let Some(group) = chars.next().and_then(|c| c.to_digit(10)) {
                let group = groups.zip(usize::try_from(group).ok()).and_then(|(groups, group)| groups.get(group));
                out.push_str(group.map_or("", |group| group.as_str()));
                rest = chars.as_str();
            } else {
                out.push('$');
                rest = after;
            }
        }
        out.push_str(rest);
        out.trim().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WEBKIT: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
    const IOS: &str = "like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

    /// Device, vendor, model, browser, version, system, version; `-` where one is missing.
    fn line(client: &Client) -> String {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
        [
            client.device.map_or("-", DeviceType::as_str).to_owned(),
            text(&client.vendor),
            text(&client.model),
            text(&client.browser),
            text(&client.browser_version),
            text(&client.os),
            text(&client.os_version),
        ]
        .join(" | ")
    }

    #[test]
    fn reads_common_user_agents() {
        for (user_agent, expected) in [
            // The SDK's apps.
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 {IOS} DataFast/1.0.0 Mobile"), "mobile | Apple | iPhone | Safari | - | iOS | 17.2"),
            (format!("Mozilla/5.0 (iPad; CPU OS 17_2 {IOS} DataFast/1.0.0 Mobile"), "tablet | Apple | iPad | Safari | - | iOS | 17.2"),
            (format!("Mozilla/5.0 (Linux; Android 14; Unknown) {WEBKIT} Chrome/128.0.0.0 Mobile Safari/537.36"), "mobile | - | - | Chrome | 128.0.0.0 | Android | 14"),
            // Phones and tablets.
            (format!("Mozilla/5.0 (Linux; Android 14; SM-S918B) {WEBKIT} Chrome/128.0.0.0 Mobile Safari/537.36"), "mobile | Samsung | SM-S918B | Chrome | 128.0.0.0 | Android | 14"),
            (format!("Mozilla/5.0 (Linux; Android 14; Pixel 8 Pro) {WEBKIT} Chrome/128.0.0.0 Mobile Safari/537.36"), "mobile | Google | Pixel 8 Pro | Chrome | 128.0.0.0 | Android | 14"),
            (format!("Mozilla/5.0 (Linux; Android 13; SM-X906C) {WEBKIT} Chrome/128.0.0.0 Safari/537.36"), "tablet | Samsung | SM-X906C | Chrome | 128.0.0.0 | Android | 13"),
            (format!("Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36"), "mobile | - | - | Chrome | 142.0.0.0 | Android | 10"),
            (format!("Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A536B) {WEBKIT} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36"), "mobile | Samsung | SM-A536B | Samsung Internet | 25.0 | Android | 13"),
            (format!("Mozilla/5.0 (Linux; Android 9; KFMAWI) {WEBKIT} Silk/127.3.1 like Chrome/127.0.6533.103 Safari/537.36"), "tablet | Amazon | Kindle | Amazon Silk | 127.3.1 | Android | 9"),
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 {IOS} Version/18.5 Mobile/15E148 Safari/604.1"), "mobile | Apple | iPhone | Safari | 18.5 | iOS | 18.5"),
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 {IOS} CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1"), "mobile | Apple | iPhone | Chrome | 126.0.6478.54 | iOS | 17.5"),
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 {IOS} FxiOS/127.0 Mobile/15E148 Safari/605.1.15"), "mobile | Apple | iPhone | Firefox | 127.0 | iOS | 17.5"),
            (format!("Mozilla/5.0 (iPad; CPU OS 17_5 {IOS} Version/17.5 Mobile/15E148 Safari/604.1"), "tablet | Apple | iPad | Safari | 17.5 | iOS | 17.5"),
            ("Mozilla/5.0 (Android 14; Tablet; rv:129.0) Gecko/129.0 Firefox/129.0".into(), "tablet | - | - | Firefox | 129.0 | Android | 14"),
            ("Dalvik/2.1.0 (Linux; U; Android 14; SM-S918B Build/UP1A.231005.007)".into(), "mobile | Samsung | SM-S918B | Android Browser | 14 | Android | 14"),
            // Apps with a browser inside.
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 {IOS} Mobile/21F90 Instagram 334.0.4.32.98 (iPhone14,5; iOS 17_5_1; en_US; en; scale=3.00; 1170x2532; 609775437)"), "mobile | Apple | iPhone14,5 | Instagram | 334.0.4 | iOS | 17.5.1"),
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 {IOS} Mobile/21F90 [FBAN/FBIOS;FBAV/468.0.0.29.106;FBBV/608413423;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.5.1;FBSS/3;FBID/phone;FBLC/en_US;FBOP/5]"), "mobile | Apple | iPhone14,5 | Facebook | 468.0.0 | iOS | 17.5.1"),
            // Computers.
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/128.0.0.0 Safari/537.36"), "desktop | - | - | Chrome | 128.0.0.0 | Windows | 10"),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/128.0.0.0 Safari/537.36 Edg/128.0.2739.42"), "desktop | - | - | Edge | 128.0.2739.42 | Windows | 10"),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/127.0.0.0 Safari/537.36 OPR/113.0.0.0"), "desktop | - | - | Opera | 113.0.0 | Windows | 10"),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:129.0) Gecko/20100101 Firefox/129.0".into(), "desktop | - | - | Firefox | 129.0 | Windows | 10"),
            ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:129.0) Gecko/20100101 Firefox/129.0".into(), "desktop | - | - | Firefox | 129.0 | Ubuntu | -"),
            (format!("Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/128.0.0.0 Safari/537.36"), "desktop | - | - | Chrome | 128.0.0.0 | Linux | -"),
            (format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/128.0.0.0 Safari/537.36"), "desktop | - | - | Chrome | 128.0.0.0 | Chrome OS | 14541.0.0"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15".into(), "desktop | Apple | Mac | Safari | 17.6 | Mac OS | 10.15.7"),
            // TVs: neither desktop, mobile nor tablet.
            (format!("Mozilla/5.0 (Linux; Android 12; BRAVIA 4K VH2) {WEBKIT} Chrome/112.0.5615.136 Safari/537.36"), "- | - | - | Chrome | 112.0.5615.136 | Android | 12"),
            // Views inside apps.
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)".into(), "desktop | Apple | Mac | Safari | - | Mac OS | 10.15.7"),
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 {IOS} Mobile/15E148 [LinkedInApp]/9.29.5962"), "mobile | Apple | iPhone | LinkedIn | - | iOS | 17.5.1"),
            (format!("Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A; wv) {WEBKIT} Version/4.0 Chrome/128.0.0.0 Mobile Safari/537.36 musical_ly_2023508030 BytedanceWebview/d8a21c6"), "mobile | Samsung | SM-S918B | TikTok | - | Android | 14"),
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 {IOS} Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN"), "mobile | Apple | iPhone | WeChat | 8.0.49 | iOS | 17.5"),
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 {IOS} Mobile/15E148 KAKAOTALK 8.6.3"), "mobile | Apple | iPhone | KakaoTalk | 8.6.3 | iOS | 13.3"),
            // Desktop mode of an iPad, and a system of its own.
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_4) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Version/11.1.1 Safari/605.1.15".into(), "tablet | Apple | iPad | Chrome | 126.0.6478.54 | iOS | -"),
            (format!("Mozilla/5.0 (Phone; OpenHarmony 5.0) {WEBKIT} Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile"), "mobile | - | - | Chrome | 114.0.0.0 | OpenHarmony | 5.0"),
            (format!("Mozilla/5.0 (PC; OpenHarmony 5.0) {WEBKIT} Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1"), "desktop | - | - | Chrome | 114.0.0.0 | OpenHarmony | 5.0"),
            (format!("Mozilla/5.0 (Tablet; OpenHarmony 5.0) {WEBKIT} Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1"), "tablet | - | - | Chrome | 114.0.0.0 | OpenHarmony | 5.0"),
            (format!("Mozilla/5.0 (Linux; Android 9; AFTMM) {WEBKIT} Silk/118.3.1 like Chrome/118.0.5993.155 Safari/537.36"), "- | Amazon | AFTMM | Amazon Silk | 118.3.1 | Android | 9"),
            ("nothing of the kind".into(), "- | - | - | - | - | - | -"),
            (String::new(), "- | - | - | - | - | - | -"),
        ] {
            // Twice: the second result comes from the cache.
            assert_eq!(line(&parse(&user_agent)), expected, "{user_agent}");
            assert_eq!(line(&parse(&user_agent)), expected, "{user_agent}");
            assert_eq!(is_bot(&user_agent), user_agent.len() < 20, "{user_agent}");
        }
    }

    /// User agents with what they are of: the facts are those of a sample of device-detector's public fixtures
    /// (`client_facts.tsv`; `-` for none, `?` where the two lists name things differently).
    #[test]
    fn most_public_facts_about_user_agents_agree() {
        let mut shares = [(0_u32, 0_u32); 3];
        for row in include_str!("client_facts.tsv").lines() {
            let cells: Vec<_> = row.split('\t').collect();
            let [user_agent, device, browser, os] = cells.as_slice() else { panic!("{row}") };
            let client = parse(user_agent);
            let found = [
                client.device.map_or("-", DeviceType::as_str).to_owned(),
                client.browser.unwrap_or_else(|| "-".to_owned()),
                client.os.unwrap_or_else(|| "-".to_owned()),
            ];
            for (share, (found, fact)) in shares.iter_mut().zip(found.iter().zip([device, browser, os])) {
                if *fact != "?" {
                    share.0 += u32::from(found == fact);
                    share.1 += 1;
                }
            }
        }
        for (name, (right, all), floor) in
            [("devices", shares[0], 820), ("browsers", shares[1], 900), ("systems", shares[2], 940)]
        {
            println!("{name}: {right} of {all} agree");
            assert!(
                all > 200 && right * 1000 >= all * floor,
                "{name}: {right} of {all} agree, fewer than {floor} per mille"
            );
        }
    }

    #[test]
    fn recognizes_bots() {
        for user_agent in [
            "",
            "    ",
            "node",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.126 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
            "curl/8.5.0",
            "Wget/1.21.4",
            "python-requests/2.32.3",
            "Go-http-client/2.0",
            "axios/1.7.2",
            "okhttp/4.12.0",
            "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
            "undici",
            "Deno/2.0.0",
            "PostmanRuntime/7.39.0",
            "Apache-HttpClient/4.5.14 (Java/17.0.11)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Chrome-Lighthouse",
            "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "WhatsApp/2.23.20.0",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        ] {
            assert!(is_bot(user_agent), "{user_agent}");
        }
    }

    /// isbot's lookaround is implemented by hand here.
    #[test]
    fn lookaround_matches_as_isbot_does() {
        let chrome = |end: &str| {
            format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/128.0.0.0 Safari/537.36 {end}")
        };
        for (end, bot) in [
            ("scan", true),
            ("CamScanner", false),
            ("Cubot X30", false),
            ("(CUBOT X30)", true),
            ("a CUBOT", false),
            ("GoogleApp", false),
            ("Google/1", true),
            ("Channel/Google", false),
            ("libhttp", false),
            ("xhttp", true),
            ("java", true),
            ("java;", false),
            ("java; java", true),
            ("NewsSapphire", false),
            ("News", true),
        ] {
            let (text, not) = (chrome(end), if bot { "a bot" } else { "a person" });
            assert_eq!(is_bot(&text), bot, "{text} is {not}");
        }
    }

    #[test]
    fn every_pattern_of_the_lists_compiles() {
        for list in [&*BROWSERS, &*SYSTEMS, &*DEVICES, &*BOTS] {
            for pattern in list.patterns {
                assert!(pattern.compile().is_some(), "{}", pattern.regex);
                assert!(!pattern.regex.is_empty() || pattern.needs.len() == 1);
            }
        }
        assert!(BROWSER.len() > 200 && OS.len() > 100 && DEVICE.len() > 400 && BOT.len() > 150);
    }

    /// The build decides which texts a pattern requires. If it is wrong, a pattern that would match is never tried.
    #[test]
    fn every_match_contains_the_texts_its_pattern_requires() {
        let samples = [
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; U; Android 4.4.2; de-de; SAMSUNG GT-I9195/I9195XXUCNE6 Build/KOT49H) AppleWebKit/537.36 (KHTML, like Gecko) Version/1.5 Chrome/28.0.1500.94 Mobile Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.2739.42",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (BlackBerry; U; BlackBerry 9900; en) AppleWebKit/534.11+ (KHTML, like Gecko) Version/7.1.0.346 Mobile Safari/534.11+",
            "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10",
            "NokiaN97/21.1.107 (SymbianOS/9.4; Series60/5.0 Mozilla/5.0; Profile/MIDP-2.1 Configuration/CLDC-1.1) AppleWebkit/525 (KHTML, like Gecko) BrowserNG/7.1.4",
        ];
        for text in samples {
            let found = Found::of(text);
            for list in [&*BROWSERS, &*SYSTEMS, &*DEVICES, &*BOTS] {
                for pattern in list.patterns.iter().filter(|pattern| !pattern.regex.is_empty()) {
                    if pattern.compile().is_some_and(|compiled| compiled.captures(text).is_some()) {
                        assert!(found.enough_for(pattern), "{} in {text}", pattern.regex);
                    }
                }
            }
        }
    }

    #[test]
    fn the_cache_and_the_text_read_are_bounded() {
        for n in 0..3 * CACHE {
            assert_eq!(parse(&format!("curl/{n}.0")).browser.as_deref(), Some("curl"));
        }
        let long = format!("{}é", "é".repeat(10 * MAX_LEN));
        assert_eq!(shorten(&long).len(), MAX_LEN);
        assert_eq!(shorten(&format!("a{long}")).len(), MAX_LEN - 1);
    }

    #[test]
    fn device_types_are_lower_case() {
        for device in [DeviceType::Desktop, DeviceType::Mobile, DeviceType::Tablet] {
            assert_eq!(serde_json::to_value(device).unwrap(), device.as_str());
        }
    }

    proptest! {
        #[test]
        fn any_text_parses(text in any::<String>()) {
            parse(&text);
            is_bot(&text);
        }

        #[test]
        fn any_text_in_the_shape_of_a_user_agent_parses(text in "(Mozilla/5\\.0 )?\\((Linux|iPhone|Windows NT|Android)[ ;0-9A-Za-z./]{0,60}\\) [A-Za-z]{3,10}/[0-9.]{0,9}.{0,20}") {
            parse(&text);
            is_bot(&text);
        }
    }
}
