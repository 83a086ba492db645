// The configuration of a gateway, in one place: the names of its settings and secrets, and how local secrets are made.
// A new setting is one more name here; its default belongs in wrangler.toml, its meaning in the README.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const SETTINGS = [
  "ENVIRONMENT", "RATE_LIMIT_PER_MINUTE", "CONSOLE_REQUESTS_PER_MINUTE", "AUTH_FAILURES_PER_MINUTE", "PUBLIC_URL", "ACCESS_TEAM_DOMAIN", "ACCESS_AUD", "EVENTS_PER_MINUTE", "MCP_ALLOWED_ORIGINS", "EXCHANGE_RATES_URL",
  "INVITATIONS_PER_DAY", "MAX_OPEN_INVITATIONS",
  "EMAIL_FROM", "EMAIL_PROVIDER", "EMAIL_API_BASE",
  "WEBHOOK_RETRY_SCHEDULE", "WEBHOOK_TIMEOUT", "WEBHOOK_BACKOFF_FLOOR", "WEBHOOK_DISABLE_AFTER",
  "MAX_WEBSITES", "MAX_FUNNELS", "MAX_GOAL_CUSTOMIZATIONS", "MAX_NOTES", "AUDIT_DAYS", "MAX_BOT_REQUESTS", "BOT_IP_RANGES", "MAX_WAITING_DELIVERIES", "MAX_OBJECT_MB", "MAX_DATABASE_MB",
  "ALERT_MAILS_PER_HOUR",
  "STRIPE_API_BASE", "LEMONSQUEEZY_API_BASE", "POLAR_API_BASE", "PADDLE_API_BASE", "SHOPIFY_API_BASE",
  "PROVIDER_TIMEOUT", "PROVIDER_POLL_INTERVAL", "PROVIDER_SWEEP_HOURS", "PROVIDER_EVENT_DAYS", "PROVIDER_IMPORT_FROM", "PROVIDER_REQUESTS_PER_SECOND",
];

// The name of each secret, and how a fresh value is made.
export const SECRETS = {
  SETUP_SECRET: () => randomBytes(32).toString("base64url"),
  ENCRYPTION_KEYS: () => `k1:${randomBytes(32).toString("base64")}`,
};

// Secrets that others give out, and that a gateway does without.
export const OPTIONAL_SECRETS = ["EMAIL_API_KEY"];

export const NAMES = [...SETTINGS, ...Object.keys(SECRETS), ...OPTIONAL_SECRETS];

// The settings and secrets that `source` (an environment, say) has a value for.
export function pick(source) {
  return Object.fromEntries(NAMES.filter((name) => source[name]).map((name) => [name, source[name]]));
}

// Reads `file` (NAME=value lines), after adding the secrets that it lacks. Existing values are never replaced:
// a changed encryption key would make what is stored unreadable.
export function localSecrets(file, wanted = Object.keys(SECRETS)) {
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  const text = existsSync(file) ? readFileSync(file, "utf8") : "# Made by scripts/config.mjs. Settings may be added, one NAME=value a line.\n";
  const values = parse(text);
  const missing = wanted.filter((name) => !values[name]);
  if (missing.length > 0) {
    for (const name of missing) values[name] = SECRETS[name]();
    writeFileSync(file, text + missing.map((name) => `${name}=${values[name]}\n`).join(""), { mode: 0o600 });
  }
  return pick(values);
}

function parse(text) {
  const lines = text.split("\n").map((line) => line.match(/^\s*([A-Z_]+)\s*=\s*(.*?)\s*$/));
  return Object.fromEntries(lines.filter(Boolean).map(([, name, value]) => [name, value]));
}
