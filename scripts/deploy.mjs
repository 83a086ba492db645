// `make deploy`: takes Sluice to Cloudflare, and may be run again at any time.
//
// Finds the D1 database and the KV namespaces of wrangler.toml by name, or creates them; writes their ids into
// wrangler.deploy.toml (a copy that git ignores); makes the secrets that the Worker lacks, never touching those it has;
// applies the migrations; uploads. DRY_RUN=1 only packs what would be uploaded.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localSecrets, SECRETS } from "./config.mjs";
import { fail, ROOT, run, toolEnv } from "./lib.mjs";

const CONFIG = "wrangler.deploy.toml";
const SECRETS_KEPT = ".state/cloudflare-secrets";
const env = { ...toolEnv, CI: "true" }; // ask nothing
const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
const worker = toml.match(/^name = "(.+?)"/m)[1];

const access = ["ACCESS_TEAM_DOMAIN", "ACCESS_AUD"].filter((name) => new RegExp(`^${name} = ".+"`, "m").test(toml));
if (access.length === 1) fail(`wrangler.toml sets ${access[0]} alone: Cloudflare Access signs in with ACCESS_TEAM_DOMAIN and ACCESS_AUD.`);

if (process.env.DRY_RUN) {
  const { code } = await run(["wrangler", "deploy", "--dry-run", "--outdir", "target/package"], { env });
  process.exit(code);
}
await requireCredentials();
const known = publicUrl();
await writeConfig(known);
await createQueues();
await wrangler(["d1", "migrations", "apply", "DB", "--remote", "--config", CONFIG]);
const upload = await deploy(await missingSecrets());
const deployedAt = upload.match(/https:\/\/[^\s/]+\.workers\.dev/)?.[0];
if (!known && deployedAt) {
  // Links in mails must not depend on which address a request came to. Known from the first upload on, it takes a second one.
  console.log(`Setting PUBLIC_URL to ${deployedAt}.`);
  await writeConfig(deployedAt);
  await wrangler(["deploy", "--config", CONFIG]);
}

const url = known ?? deployedAt ?? "https://<your Worker's address>";
console.log(`
Deployed. Open ${url}/console/setup and make the first account, with the set-up secret that is in ${SECRETS_KEPT}; or without a
browser:

  SETUP_SECRET=$(sed -n 's/^SETUP_SECRET=//p' ${SECRETS_KEPT})
  curl -X POST ${url}/api/v1/setup \\
    -H "Authorization: Bearer $SETUP_SECRET" -H "Content-Type: application/json" \\
    -d '{"email":"you@example.com","name":"You"}'

Secrets made by this script are in ${SECRETS_KEPT}, readable by you alone. Cloudflare does not show them again:
keep ENCRYPTION_KEYS in a safe place. Replace the set-up secret with: scripts/run wrangler secret put SETUP_SECRET --name ${worker}`);

async function requireCredentials() {
  if (process.env.CLOUDFLARE_API_TOKEN) return;
  const { output } = await run(["wrangler", "whoami", "--json"], { env, quiet: true });
  if (!/"loggedIn":\s*true/.test(output)) {
    fail("Not logged in to Cloudflare: run `scripts/run wrangler login`, or set CLOUDFLARE_API_TOKEN, then `make deploy` again.");
  }
}

// Runs wrangler to the end, showing what it says, or only on failure when that is for us to read.
async function wrangler(args, { quiet = false } = {}) {
  const { code, output } = await run(["wrangler", ...args], { env, quiet });
  if (code !== 0) fail(`${quiet ? output : ""}\nwrangler ${args.slice(0, 3).join(" ")} failed.`);
  return output;
}

// What wrangler lists as JSON, without the remarks it may print around it.
async function list(args) {
  const output = await wrangler(args, { quiet: true });
  return JSON.parse(output.slice(output.indexOf("["), output.lastIndexOf("]") + 1));
}

// Where people reach this gateway, as the environment, wrangler.toml or the last deployment have it.
function publicUrl() {
  const last = existsSync(join(ROOT, CONFIG)) ? readFileSync(join(ROOT, CONFIG), "utf8") : "";
  return process.env.PUBLIC_URL || [toml, last].map((text) => text.match(/^PUBLIC_URL = "(.+?)"/m)?.[1]).find(Boolean);
}

// wrangler.toml with this account's ids in place of the zeros, and PUBLIC_URL where it is known.
async function writeConfig(url) {
  const tables = toml.split(/^(?=\[)/m);
  for (const [i, table] of tables.entries()) {
    if (table.startsWith("[vars]") && url) {
      tables[i] = `${table.replace(/^PUBLIC_URL = .*\n/m, "").trimEnd()}\nPUBLIC_URL = ${JSON.stringify(url)}\n\n`;
    } else if (table.startsWith("[[d1_databases]]")) {
      const name = table.match(/^database_name = "(.+?)"/m)[1];
      const id = await findOrCreate(["d1"], ["--json"], (database) => database.name === name && database.uuid, name);
      tables[i] = table.replace(/^database_id = .*$/m, `database_id = "${id}"`);
    } else if (table.startsWith("[[kv_namespaces]]")) {
      const title = `${worker}-${table.match(/^binding = "(.+?)"/m)[1].toLowerCase()}`;
      const id = await findOrCreate(["kv", "namespace"], [], (namespace) => namespace.title === title && namespace.id, title);
      tables[i] = table.replace(/^id = .*$/m, `id = "${id}"`);
    }
  }
  writeFileSync(join(ROOT, CONFIG), `# Made by scripts/deploy.mjs from wrangler.toml, which is the one to edit.\n${tables.join("")}`);
}

async function findOrCreate(noun, listOptions, idOf, name) {
  const find = async () => (await list([...noun, "list", ...listOptions])).map(idOf).find(Boolean);
  const existing = await find();
  if (existing) return existing;
  await wrangler([...noun, "create", name], { quiet: true });
  console.log(`Created ${noun.join(" ")} ${name}.`);
  return (await find()) ?? fail(`${noun.join(" ")} ${name} was created, but Cloudflare does not list it yet: run \`make deploy\` again.`);
}

// Queues are known by their names alone.
async function createQueues() {
  const wanted = [...toml.matchAll(/^\[\[queues\.producers\]\]\n(?:.+\n)*?queue = "(.+?)"/gm)].map(([, name]) => name);
  for (const name of wanted) {
    const { code, output } = await run(["wrangler", "queues", "create", name], { env, quiet: true });
    if (code === 0) console.log(`Created queue ${name}.`);
    else if (!/already (exists|taken)|11009/i.test(output)) fail(`${output}\nQueue ${name} could not be created.`);
  }
}

async function missingSecrets() {
  const { code, output } = await run(["wrangler", "secret", "list", "--config", CONFIG], { env, quiet: true });
  // Before the first upload there is no Worker to have secrets: Cloudflare's code 10007.
  if (code !== 0 && !/10007|not found|does not exist/i.test(output)) fail(output);
  const present = code === 0 ? [...output.matchAll(/"name":\s*"(.+?)"/g)].map(([, name]) => name) : [];
  return Object.keys(SECRETS).filter((name) => !present.includes(name));
}

async function deploy(missing) {
  const args = ["deploy", "--config", CONFIG];
  if (missing.length === 0) return wrangler(args);

  const values = localSecrets(join(ROOT, SECRETS_KEPT), missing);
  const folder = mkdtempSync(join(tmpdir(), "sluice-deploy-")); // for this user only
  const file = join(folder, "secrets.json");
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(file, JSON.stringify(Object.fromEntries(missing.map((name) => [name, values[name]]))), { mode: 0o600 });
  console.log(`Creating ${missing.join(" and ")}.`);
  return wrangler([...args, "--secrets-file", file]);
}
