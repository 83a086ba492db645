// Who is here, and in which visit. Backends read the same cookies, so their names and forms are part of the API.

import { visitorStore } from "./storage.js";

const HALF_HOUR = 30 * 60;
const YEAR = 365 * 24 * 60 * 60;
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

const VISITOR = { cookie: "datafast_visitor_id", param: "_df_vid", seconds: YEAR, form: RegExp("^" + UUID, "i") };
const SESSION = { cookie: "datafast_session_id", param: "_df_sid", seconds: HALF_HOUR, form: RegExp("^s" + UUID, "i") };
const FIRST_SEEN = {
  cookie: "datafast_visitor_first_seen_at",
  param: "_df_vfs",
  seconds: YEAR,
  form: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
};
const SESSIONS = { cookie: "datafast_visitor_session_count", param: "_df_vsn", seconds: YEAR, form: /^[1-9]\d{0,5}$/ };
const ALL = [VISITOR, SESSION, FIRST_SEEN, SESSIONS];

// Not crypto.randomUUID(), which pages without https do not have.
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64; // version 4
  bytes[8] = (bytes[8] & 63) | 128; // variant 1
  const hex = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// Cookies are anybody's to edit, and the gateway refuses an event with a malformed id.
function recall({ cookie, form }) {
  const value = visitorStore.read(cookie);
  return form.test(value) ? value : "";
}

function keep({ cookie, seconds }, value) {
  visitorStore.write(cookie, value, seconds);
  return value;
}

// The fields of an event that say who sent it; begins a visit when half an hour has passed since the last event.
export function identity() {
  let sessionId = recall(SESSION);
  const isNew = !sessionId;
  if (isNew) sessionId = keep(SESSION, "s" + uuid());
  // The gateway derives the visitor of a cookieless event itself; the field must only be well-formed.
  if (COOKIELESS) return { visitorId: recall(VISITOR) || uuid(), sessionId, visitorSessionNumber: 0, cookieless: true };

  let count = Number(recall(SESSIONS));
  if (isNew || !count) keep(SESSIONS, String((count = Math.min(count + 1, 999999))));
  return {
    visitorId: recall(VISITOR) || keep(VISITOR, uuid()),
    sessionId,
    visitorFirstSeenAt: recall(FIRST_SEEN) || keep(FIRST_SEEN, new Date().toISOString()),
    visitorSessionNumber: count,
  };
}

// The gateway took an event: the visit lives on.
export const extendSession = (sessionId) => keep(SESSION, sessionId);

// The gateway's answer to a cookieless event names the visitor; pages hand that name to their backend.
export function learnVisitorId(visitorId) {
  if (VISITOR.form.test(visitorId)) keep(VISITOR, visitorId);
  exposeVisitorId();
}

export function exposeVisitorId() {
  const visitorId = recall(VISITOR);
  if (visitorId) window.datafast.visitorId = visitorId;
}

// Cookies end at the domain. A link to another domain of the website carries the ids across in its query…
export function decorate(url) {
  identity();
  for (const id of ALL) url.searchParams.set(id.param, recall(id));
  return url.href;
}

// …where they are taken over and removed, so that nobody shares or bookmarks them.
export function adoptIds() {
  const url = new URL(location.href);
  const carried = ALL.filter(({ param }) => url.searchParams.has(param));
  for (const id of carried) {
    const value = url.searchParams.get(id.param);
    if (!COOKIELESS && id.form.test(value)) keep(id, value);
    url.searchParams.delete(id.param);
  }
  if (carried.length) history.replaceState(history.state, "", url.href);
}
