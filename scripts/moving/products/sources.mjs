// Where a visitor came from, where an export has a name instead of an address.

const HOSTS = {
  google: "google.com", bing: "bing.com", duckduckgo: "duckduckgo.com", yahoo: "yahoo.com", "yahoo!": "yahoo.com", ecosia: "ecosia.org", brave: "search.brave.com", yandex: "yandex.ru", baidu: "baidu.com",
  facebook: "facebook.com", instagram: "instagram.com", twitter: "twitter.com", x: "x.com", linkedin: "linkedin.com", reddit: "reddit.com", youtube: "youtube.com", tiktok: "tiktok.com",
  pinterest: "pinterest.com", "hacker news": "news.ycombinator.com", github: "github.com", "product hunt": "producthunt.com", chatgpt: "chatgpt.com", perplexity: "perplexity.ai", claude: "claude.ai",
  bluesky: "bsky.app", mastodon: "mastodon.social", threads: "threads.net", telegram: "telegram.org", whatsapp: "whatsapp.com", slack: "slack.com", gmail: "mail.google.com",
};
const NOWHERE = /^(|direct|\(direct\)|\(none\)|\(not set\)|direct *\/ *none|null)$/i;

// The fields of a line: the referrer's address, and its name where the address does not say it.
export function sourceFields(sent) {
  const text = (sent ?? "").trim();
  if (NOWHERE.test(text)) return { referrer: undefined };
  if (/^[a-z-]+:\/\//i.test(text)) return { referrer: text };
  const host = HOSTS[text.toLowerCase()];
  if (host) return { referrer: `https://${host}/` };
  if (/^[^\s/]+\.[a-z]{2,}(\/\S*)?$/i.test(text)) return { referrer: `https://${text}` };
  return { referrer: text, referrerSource: { name: text, host: text.toLowerCase() } };
}
