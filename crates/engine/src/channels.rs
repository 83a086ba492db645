//! Channels: what kind of source a session comes from, by its referrer and its campaign (docs/analytics.md#channels). Pure.
//!
//! The rules and their order are those of Google Analytics' default channel group, with assistants as a channel of their own, as
//! Plausible has it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sluice_values::ordered::Ordered as _;

macro_rules! channels {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A channel.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Channel {
            $($(#[$doc])* $name,)*
        }

        impl Channel {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name, as reports show it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

channels! {
    /// No referrer, and no campaign.
    Direct = "Direct";
    CrossNetwork = "Cross-network";
    PaidShopping = "Paid Shopping";
    PaidSearch = "Paid Search";
    PaidSocial = "Paid Social";
    PaidVideo = "Paid Video";
    Display = "Display";
    PaidOther = "Paid Other";
    OrganicShopping = "Organic Shopping";
    OrganicSocial = "Organic Social";
    OrganicVideo = "Organic Video";
    Assistants = "AI Assistants";
    OrganicSearch = "Organic Search";
    Email = "Email";
    Affiliates = "Affiliates";
    Audio = "Audio";
    Sms = "SMS";
    Push = "Mobile Push Notifications";
    /// Any other source.
    Referral = "Referral";
}

/// What a session came with; empty where it is not known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The name of the referrer, or its host.
    pub referrer: &'a str,
    pub referrer_host: &'a str,
    /// The first that is set of `utm_source`, `source` and `ref`.
    pub source: &'a str,
    pub medium: &'a str,
    pub campaign: &'a str,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Search,
    Social,
    Video,
    Shopping,
    Email,
    Assistant,
}

impl Channel {
    /// The channel of a session. The first rule that holds decides.
    pub fn of(origin: Origin<'_>) -> Self {
        let lower = |text: &str| text.trim().to_lowercase();
        let (source, medium, campaign) = (lower(origin.source), lower(origin.medium), lower(origin.campaign));
        let (kind, is_paid_source) = if source.is_empty() {
            (kind(&lower(origin.referrer)).or_else(|| kind(&lower(origin.referrer_host))), false)
        } else {
            kind_of_tag(&source)
        };
        let is_paid = is_paid_medium(&medium);
        let is_shopping = kind == Some(Kind::Shopping) || is_shopping_campaign(&campaign);
        let is_mail = |text: &str| MAIL.iter().any(|word| text.contains(word));
        match kind {
            _ if campaign.contains("cross-network") => Self::CrossNetwork,
            _ if is_shopping && is_paid => Self::PaidShopping,
            Some(Kind::Search) if is_paid || is_paid_source => Self::PaidSearch,
            Some(Kind::Social) if is_paid || is_paid_source => Self::PaidSocial,
            Some(Kind::Video) if is_paid || is_paid_source => Self::PaidVideo,
            _ if DISPLAY.contains(&medium.as_str()) => Self::Display,
            _ if is_paid || is_paid_source => Self::PaidOther,
            _ if is_shopping => Self::OrganicShopping,
            Some(Kind::Social) => Self::OrganicSocial,
            _ if SOCIAL_MEDIA.contains(&medium.as_str()) => Self::OrganicSocial,
            Some(Kind::Video) => Self::OrganicVideo,
            _ if medium.contains("video") => Self::OrganicVideo,
            Some(Kind::Assistant) => Self::Assistants,
            Some(Kind::Search) => Self::OrganicSearch,
            _ if medium == "organic" => Self::OrganicSearch,
            Some(Kind::Email) => Self::Email,
            _ if is_mail(&source) || is_mail(&medium) => Self::Email,
            _ if ["affiliate", "affiliates"].contains(&medium.as_str()) => Self::Affiliates,
            _ if medium == "audio" => Self::Audio,
            _ if source == "sms" || medium == "sms" => Self::Sms,
            _ if source == "firebase" || is_push(&medium) => Self::Push,
            _ if REFERRAL.contains(&medium.as_str()) => Self::Referral,
            None if source.is_empty() && origin.referrer.is_empty() => Self::Direct,
            _ => Self::Referral,
        }
    }
}

const DISPLAY: [&str; 5] = ["display", "banner", "expandable", "interstitial", "cpm"];
const SOCIAL_MEDIA: [&str; 6] = ["social", "social-network", "social-media", "sm", "social network", "social media"];
const MAIL: [&str; 5] = ["email", "e-mail", "e_mail", "e mail", "newsletter"];
const REFERRAL: [&str; 3] = ["referral", "app", "link"];

fn is_paid_medium(medium: &str) -> bool {
    medium.contains("cp") || medium == "ppc" || medium == "retargeting" || medium.starts_with("paid")
}

/// "shopping", or "shop" where it does not follow a letter, as in "workshop"; "eshop" is one.
fn is_shopping_campaign(campaign: &str) -> bool {
    let is_word = |at: usize| {
        let before = campaign.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|letter| letter == 'e' || !letter.is_ascii_lowercase())
    };
    campaign.contains("shopping") || campaign.match_indices("shop").any(|(at, _)| is_word(at))
}

fn is_push(medium: &str) -> bool {
    medium.ends_with("push") || medium.contains("mobile") || medium.contains("notification")
}

/// What a source in lower case is: a name, or a host with its parents.
fn kind(source: &str) -> Option<Kind> {
    let source = source.strip_prefix("www.").unwrap_or(source);
    let parents = std::iter::successors(Some(source), |host| host.split_once('.').map(|(_, parent)| parent));
    let known = |name: &str| NAMES.get(name).copied();
    parents
        .filter(|host| host.contains('.') || *host == source)
        .find_map(|host| known(host).or_else(|| of_country(host)))
}

static NAMES: LazyLock<BTreeMap<&str, Kind>> =
    LazyLock::new(|| KINDS.iter().flat_map(|(kind, names)| names.split(", ").map(|name| (name, *kind))).into_map());

/// What the brand of a country's domain is: `google.co.uk`, `amazon.de`.
fn of_country(host: &str) -> Option<Kind> {
    let (brand, suffix) = host.split_once('.')?;
    let country = suffix.strip_prefix("co.").or_else(|| suffix.strip_prefix("com.")).unwrap_or(suffix);
    let is_country = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_lowercase());
    COUNTRIES.iter().find(|(known, _)| is_country && *known == brand).map(|(_, kind)| *kind)
}

/// What a source is that a campaign names, and whether its name says that it is paid for, such as `google-ads`.
fn kind_of_tag(source: &str) -> (Option<Kind>, bool) {
    if let Some((_, of)) = ADS.iter().find(|(name, _)| *name == source) {
        return (kind(of), true);
    }
    let is_separator = |letter: char| ['-', '_', ' '].contains(&letter);
    match source.rsplit_once(is_separator) {
        Some((of, "ad" | "ads" | "adwords")) => (kind(of), true),
        _ => (kind(source), false),
    }
}

/// Sources whose names say that they are paid for.
const ADS: &[(&str, &str)] = &[
    ("adwords", "google"),
    ("googleads", "google"),
    ("bingads", "bing"),
    ("msads", "bing"),
    ("fbads", "facebook"),
    ("facebookads", "facebook"),
    ("metaads", "facebook"),
    ("igads", "instagram"),
    ("instagramads", "instagram"),
    ("linkedinads", "linkedin"),
    ("twitterads", "twitter"),
    ("tiktokads", "tiktok"),
    ("redditads", "reddit"),
    ("youtubeads", "youtube"),
    ("ytads", "youtube"),
];

const COUNTRIES: &[(&str, Kind)] = &[
    ("google", Kind::Search),
    ("bing", Kind::Search),
    ("yahoo", Kind::Search),
    ("yandex", Kind::Search),
    ("pinterest", Kind::Social),
    ("amazon", Kind::Shopping),
    ("ebay", Kind::Shopping),
];

/// Names as reports show them, short names that campaigns use, and hosts: all in lower case.
const KINDS: &[(Kind, &str)] = &[
    (
        Kind::Search,
        "google, google.com, bing, bing.com, duckduckgo, duckduckgo.com, ddg, yahoo, yahoo!, search.yahoo.com, yandex, ya.ru, \
         baidu, baidu.com, brave search, brave, search.brave.com, ecosia, ecosia.org, kagi, kagi.com, naver, naver.com, qwant, \
         qwant.com, seznam, seznam.cz, sogou, sogou.com, startpage, startpage.com, swisscows, swisscows.com, msn, msn.com, \
         mojeek, mojeek.com, coc coc, coccoc.com, aol, aol.com, search.aol.com, ask, ask.com, daum, daum.net, dogpile, \
         dogpile.com, rambler, rambler.ru, so.com, sm.cn, onet, lycos, lycos.com, presearch, presearch.com, metager, metager.org, \
         syndicatedsearch.goog, yep.com, virgilio, virgilio.it, centrum.cz",
    ),
    (
        Kind::Social,
        "x, x.com, twitter, twitter.com, t.co, facebook, facebook.com, fb, fb.com, fb.me, meta, messenger, messenger.com, m.me, \
         instagram, instagram.com, ig, threads, threads.net, threads.com, linkedin, linkedin.com, lnkd.in, reddit, reddit.com, \
         redd.it, pinterest, pinterest.com, pin.it, bluesky, bsky.app, bsky.social, mastodon, mastodon.social, snapchat, \
         snapchat.com, whatsapp, whatsapp.com, wa.me, telegram, telegram.org, telegram.me, t.me, discord, discord.com, \
         discord.gg, slack, slack.com, microsoft teams, teams.microsoft.com, vk, vk.com, vkontakte, odnoklassniki, ok.ru, weibo, \
         weibo.com, t.cn, wechat, weixin.qq.com, xiaohongshu, douban, douban.com, zhihu, zhihu.com, line, line.me, kakaotalk, \
         quora, quora.com, skool, skool.com, linktree, linktr.ee, nextdoor, nextdoor.com, xing, xing.com, flipboard, \
         flipboard.com, tumblr, tumblr.com, hacker news, hackernews, hn, news.ycombinator.com, product hunt, producthunt, \
         producthunt.com, indie hackers, indiehackers, indiehackers.com, lobsters, lobste.rs, github, github.com, stack overflow, \
         stackoverflow.com, dev community, dev.to, medium, medium.com, substack, disqus, disqus.com, flickr, flickr.com, \
         goodreads, goodreads.com, meetup, meetup.com, livejournal, livejournal.com, pocket, getpocket.com, steamcommunity.com, \
         wykop, viadeo, myspace, myspace.com, plurk, plurk.com, slashdot, slashdot.org, digg, digg.com, mix, mix.com, patreon, \
         patreon.com, truth social, truthsocial.com, gab, gab.com, lemmy, lemmy.world, farcaster, warpcast.com",
    ),
    (
        Kind::Video,
        "youtube, youtube.com, youtu.be, yt, vimeo, vimeo.com, dailymotion, dailymotion.com, twitch, twitch.tv, tiktok, tiktok.com, \
         douyin, bilibili, bilibili.com, netflix, netflix.com, wistia, wistia.com, loom, loom.com, rumble, rumble.com, odysee, \
         odysee.com, niconico, nicovideo.jp, youku, youku.com, iqiyi, iqiyi.com, kick, kick.com, hulu, hulu.com",
    ),
    (
        Kind::Shopping,
        "amazon, amazon.com, ebay, ebay.com, etsy, etsy.com, aliexpress, aliexpress.com, alibaba, alibaba.com, temu, temu.com, \
         walmart, walmart.com, shopify, shopify.com, shop.app, mercadolibre, mercadolibre.com, mercadolivre.com.br, rakuten, \
         rakuten.com, zalando, zalando.com, shein, shein.com, taobao, taobao.com, tmall, jd.com, flipkart, flipkart.com, allegro, \
         allegro.pl, target.com, wish, wish.com, shopzilla, idealo, idealo.de, bol.com, shopping.google.com, google shopping",
    ),
    (
        Kind::Email,
        "gmail, mail.google.com, outlook, outlook.live.com, outlook.office.com, outlook.office365.com, mail.live.com, yahoo mail, \
         yahoo! mail, mail.yahoo.com, proton mail, mail.proton.me, icloud mail, mail.icloud.com, icloud.com, aol mail, mail.aol.com, \
         mail.ru, e.mail.ru, gmx, gmx.net, web.de, zoho mail, mail.zoho.com, fastmail, fastmail.com, yandex mail, mail.yandex.ru, \
         mailchimp, mailchimp.com, klaviyo, sendgrid, mailgun, convertkit, beehiiv, hey.com, superhuman",
    ),
    (
        Kind::Assistant,
        "chatgpt, chatgpt.com, chat.openai.com, openai, openai.com, claude, claude.ai, claude.com, anthropic, perplexity, \
         perplexity.ai, gemini, google gemini, gemini.google.com, bard.google.com, notebooklm, notebooklm.google.com, copilot, \
         copilot.microsoft.com, microsoft copilot, deepseek, deepseek.com, grok, grok.com, mistral, mistral.ai, meta ai, meta.ai, \
         poe, poe.com, phind, phind.com, you.com, kimi, kimi.com, qwen, chat.qwen.ai, felo, felo.ai, genspark, genspark.ai",
    ),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(referrer: &str, host: &str, source: &str, medium: &str, campaign: &str) -> &'static str {
        Channel::of(Origin { referrer, referrer_host: host, source, medium, campaign }).as_str()
    }

    #[test]
    fn each_channel_has_its_rule() {
        for (referrer, host, source, medium, campaign, channel) in [
            ("", "", "", "", "", "Direct"),
            ("Google", "google.com", "", "", "", "Organic Search"),
            ("google.co.uk", "google.co.uk", "", "", "", "Organic Search"),
            ("Google", "google.com", "google", "cpc", "spring", "Paid Search"),
            ("", "", "google", "CPC", "", "Paid Search"),
            ("Google", "google.com", "google-ads", "", "", "Paid Search"),
            ("", "", "adwords", "", "", "Paid Search"),
            ("", "", "google", "organic", "", "Organic Search"),
            ("", "", "partner", "organic", "", "Organic Search"),
            ("Google", "google.com", "google", "cpc", "eu | cross-network", "Cross-network"),
            ("", "", "google", "cpc", "summer shopping", "Paid Shopping"),
            ("Amazon", "amazon.de", "", "", "", "Organic Shopping"),
            ("", "", "amazon.de", "paid", "", "Paid Shopping"),
            ("", "", "", "", "eshop", "Organic Shopping"),
            ("", "", "news", "", "workshop", "Referral"),
            ("X", "t.co", "", "", "", "Organic Social"),
            ("", "", "ig", "paid_social", "", "Paid Social"),
            ("", "", "facebook_ads", "", "", "Paid Social"),
            ("", "", "somewhere", "social", "", "Organic Social"),
            ("YouTube", "youtube.com", "", "", "", "Organic Video"),
            ("", "", "youtube", "cpv-cpc", "", "Paid Video"),
            ("", "", "partner", "video", "", "Organic Video"),
            ("", "", "partner", "banner", "", "Display"),
            ("", "", "partner", "cpm", "", "Display"),
            ("", "", "google", "cpm", "", "Paid Search"),
            ("", "", "partner", "retargeting", "", "Paid Other"),
            ("", "", "partner_ads", "", "", "Paid Other"),
            ("ChatGPT", "chatgpt.com", "", "", "", "AI Assistants"),
            ("", "", "chatgpt.com", "", "", "AI Assistants"),
            ("Gmail", "mail.google.com", "", "", "", "Email"),
            ("", "", "newsletter", "", "", "Email"),
            ("", "", "weekly", "E-Mail", "", "Email"),
            ("", "", "partner", "affiliate", "", "Affiliates"),
            ("", "", "spotify", "audio", "", "Audio"),
            ("", "", "sms", "", "", "SMS"),
            ("", "", "app", "web push", "", "Mobile Push Notifications"),
            ("blog.example.org", "blog.example.org", "", "", "", "Referral"),
            ("", "", "", "referral", "", "Referral"),
            ("Google", "google.com", "partner", "", "", "Referral"),
            ("old.reddit.com", "old.reddit.com", "", "", "", "Organic Social"),
            ("notgoogle.com", "notgoogle.com", "", "", "", "Referral"),
        ] {
            let found = of(referrer, host, source, medium, campaign);
            assert_eq!(found, channel, "{referrer} {host} {source} {medium} {campaign}");
        }
    }

    #[test]
    fn each_source_is_of_one_kind_and_each_channel_has_one_name() {
        let mut names: Vec<&str> = KINDS.iter().flat_map(|(_, names)| names.split(", ")).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(names.iter().all(|name| name.trim() == *name && name.to_lowercase() == **name && !name.is_empty()));
        assert!(ADS.iter().all(|(_, of)| kind(of).is_some()));
        let mut shown: Vec<_> = Channel::ALL.iter().map(|channel| channel.as_str()).collect();
        shown.sort_unstable();
        shown.dedup();
        assert_eq!(shown.len(), Channel::ALL.len());
    }

    proptest! {
        #[test]
        fn any_texts_have_a_channel_whatever_their_case(texts in prop::array::uniform5("\\PC{0,12}|[A-Za-z._ -]{0,12}")) {
            let [referrer, host, source, medium, campaign] = &texts;
            let origin = Origin { referrer, referrer_host: host, source, medium, campaign };
            let upper: Vec<String> = texts.iter().map(|text| text.to_ascii_uppercase()).collect();
            let [r, h, s, m, c] = upper.as_slice() else { unreachable!() };
            let loud = Origin { referrer: r, referrer_host: h, source: s, medium: m, campaign: c };
            prop_assert_eq!(Channel::of(origin), Channel::of(loud));
        }
    }
}
