// One event, one request.

import { domain, endpoint, warn, websiteId, whySilent } from "./tag.js";
import { extendSession, identity, learnVisitorId, uuid } from "./visitor.js";

const RETRY_AFTER_MS = [1000, 4000];
const AD_CLICK_IDS = "gclid gclsrc wbraid gbraid li_fat_id fbclid msclkid ttclid twclid".split(" ");

export async function send(type, extraData) {
  if (whySilent()) return;
  const event = Object.assign(identity(), {
    id: uuid(), // the gateway stores an id once, so that sending again is safe
    websiteId,
    domain,
    href: location.href,
    referrer: document.referrer || null,
    type,
    viewport: { width: innerWidth, height: innerHeight },
    screenWidth: screen.width,
    screenHeight: screen.height,
    language: navigator.language || "en",
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    adClickIds: adClickIds(),
    hashIsPage: HASH_IS_PAGE || undefined,
    extraData,
  });
  try {
    const answer = await post(JSON.stringify(event), RETRY_AFTER_MS);
    if (answer.status !== 200) return warn(type + " refused with status " + answer.status);
    extendSession(event.sessionId);
    if (COOKIELESS) learnVisitorId((await answer.json()).visitorId);
  } catch (error) {
    warn(error);
  }
}

// Tries again when no answer came, or one that says that the gateway failed; an answer that refuses is final.
async function post(body, [delay, ...later]) {
  let answer;
  try {
    // keepalive: a click that leaves the page must not cancel the request that reports it.
    answer = await fetch(endpoint, { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: true });
  } catch (error) {
    if (!delay) throw error;
  }
  if (answer && (answer.status < 500 || !delay)) return answer;
  await new Promise((resolve) => setTimeout(resolve, delay));
  return post(body, later);
}

function adClickIds() {
  const query = new URLSearchParams(location.search);
  const found = {};
  for (const name of AD_CLICK_IDS) if (query.get(name)) found[name] = query.get(name);
  return Object.keys(found).length ? found : undefined;
}
