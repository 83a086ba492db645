// Gives recorded examples stable values: whatever the gateway draws at random or reads from the clock is replaced by a value
// of the same form that depends only on where it appeared first, so that recording again changes only what has changed.

import { createHash } from "node:crypto";

const NOON = Date.UTC(2026, 5, 1, 12); // when everything in the examples is created
const CHANGED = NOON + 5 * 60_000; // and when it is changed
const CHANGING = /^(update|roll|rotate|resend)/;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 31 * DAY;
const SHOWN_HOURS = 3;
const ORIGIN = "http://127.0.0.1:8787";

// What is measured rather than stored.
const MEASURED = {
  durationMs: () => 15,
  timeSinceCurrentVisit: () => 700,
  timeSinceFirstVisit: ({ firstVisitAt }) => NOON - Date.parse(firstVisitAt),
};

// What an authenticator and its challenge draw, by the names of fields and the forms of their values.
const DRAWN = {
  challenge: /^[\w-]{75}$/,
  userId: /^[\w-]{32}$/,
  id: /^[\w-]{22}$/,
  publicKey: /./,
  authenticatorData: /./,
  clientDataJSON: /./,
};

const digest = (seed, encoding) => createHash("sha256").update(seed).digest(encoding);
const alphanumeric = (seed) => (digest(seed, "base64") + digest(`${seed} 2`, "base64")).replace(/[^A-Za-z0-9]/g, "");

// Random values by their form. A value may stand inside a longer text, such as a link.
const RANDOM = [
  // Tokens and secrets are shown by their prefix only: scanners would report whatever has their form.
  { form: /\b(dft|dfbot|dfc|df)_[A-Za-z0-9]{36}\b/g, stable: (_, [, prefix]) => `${prefix}_…` },
  { form: /\bdfid_[0-9a-f]{24}\b/g, stable: (seed) => `dfid_${digest(seed, "hex").slice(0, 24)}` },
  { form: /\bmsg_[0-9a-f]{32}\b/g, stable: (seed) => `msg_${digest(seed, "hex").slice(0, 32)}` },
  { form: /\bwhsec_[A-Za-z0-9+/]{43}=/g, stable: () => "whsec_…" },
  { form: /\b\d+\.\d+\.\d+\+[0-9a-f]{12}\b/g, stable: () => "0.1.0+0123456789ab" },
  { form: /(?<=[?&#](?:code|ticket)=)(?!dfc_)[A-Za-z0-9_-]{32}/g, stable: (seed) => digest(seed, "base64url").slice(0, 32) },
];
const ID = /(?<![0-9a-z_])[0-9a-f]{24}\b/g; // its first eight digits are the seconds of its time
const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
const displayKey = (key) => `${key.slice(0, 7)}...${key.slice(-4)}`;

// The examples of `recordings`, [{ operation, at, example }] in the order in which they were recorded, by operation. `base` is
// the gateway's address and `began` when the recording began; times that lie far from that are part of the requests.
export function stableExamples(recordings, base, began) {
  const known = new Map([[base, ORIGIN], [encodeURIComponent(base), encodeURIComponent(ORIGIN)]]);
  const isRecent = (ms) => ms >= began - MINUTE && ms < began + MONTH;

  const learn = (text, seed, { operation, at }) => {
    for (const { form, stable } of RANDOM) {
      for (const match of text.matchAll(form)) {
        if (known.has(match[0])) continue;
        known.set(match[0], stable(seed, match));
        if (/^df(t|bot)?_/.test(match[0])) known.set(displayKey(match[0]), displayKey(`${match[1]}_${alphanumeric(seed).slice(0, 36)}`));
      }
    }
    const noon = CHANGING.test(operation) ? CHANGED : NOON;
    for (const [id] of text.matchAll(ID)) {
      if (known.has(id) || !isRecent(Number.parseInt(id.slice(0, 8), 16) * SECOND)) continue;
      known.set(id, (noon / SECOND).toString(16) + digest(seed, "hex").slice(0, 16));
    }
    for (const [moment] of text.matchAll(MOMENT)) {
      if (known.has(moment) || !isRecent(Date.parse(moment))) continue;
      known.set(moment, new Date(noon + rounded(Date.parse(moment) - at)).toISOString());
    }
  };
  const everyText = (value, seed, visit) => {
    if (typeof value === "string") visit(value, seed);
    else if (value && typeof value === "object") for (const [key, one] of Object.entries(value)) everyText(one, `${seed}.${key}`, visit);
  };
  for (const recording of recordings) {
    everyText(recording.example, recording.operation, (text, seed) => learn(text, seed, recording));
  }

  const raw = [...known.keys()].sort((a, b) => b.length - a.length).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const anyKnown = new RegExp(raw.join("|"), "g");
  const replaced = (value) => {
    if (typeof value === "string") return value.replace(anyKnown, (text) => known.get(text));
    if (Array.isArray(value)) return value.map(replaced);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, stable(key, one, value)]));
  };
  const stable = (key, one, value) => {
    if (key === "series" && one.length > SHOWN_HOURS) return latest(one);
    if (MEASURED[key]) return MEASURED[key](value);
    return typeof one === "string" && DRAWN[key]?.test(one) ? digest(key, "base64url") : replaced(one);
  };
  const sorted = recordings.toSorted((a, b) => (a.operation < b.operation ? -1 : 1));
  return Object.fromEntries(sorted.map(({ operation, example }) => [operation, replaced(example)]));
}

// Of a week by the hour, the hours before noon.
const latest = (hours) => hours.slice(-SHOWN_HOURS).map((hour, index) => ({ ...hour, at: new Date(NOON - (SHOWN_HOURS - 1 - index) * HOUR).toISOString() }));

// How far a time lies from its request, without what differs from run to run: the wait before a first retry counts as 5 s, a
// time in the past as now. A session ends a week after it was last seen, which is known to the minute.
function rounded(ms) {
  if (ms > DAY) return Math.round(ms / HOUR) * HOUR;
  if (ms > MINUTE / 2) return Math.round(ms / MINUTE) * MINUTE;
  return ms > 2 * SECOND ? 5 * SECOND : 0;
}
