// A hop is one call out of the wasm module and one back in. Made step by step through wasm-bindgen it is a dozen, each of
// which costs about as much as the work that it does.

// The text that an object answers; any status but 200 is an error.
export async function callObject(env, binding, name, path, body) {
  const init = body === undefined ? undefined : { method: "POST", body };
  // The host is arbitrary: the name already determines the object.
  const response = await env[binding].getByName(name).fetch(`https://object${path}`, init);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${binding} answered ${response.status}`);
  return text;
}

// The text of a static asset; undefined where there is none.
export async function readAsset(env, binding, path) {
  // The host is arbitrary.
  const response = await env[binding].fetch(`https://assets${path}`);
  return response.status === 200 ? response.text() : undefined;
}

// SQLite prepares a statement anew whenever another value is bound to a parameter that stands alone beside `=`, `IS` or `LIMIT`,
// because a better plan might follow from it. That takes longer than most statements do. A plus before the parameter, which changes
// no value, keeps the plan.
const LONE_PARAMETER = /(=|\bIS|\bLIMIT|\bOFFSET)\s*(?=[?:])/g;
const MOST_KEPT = 2_000;
const kept = new Map();

// The statement, such that it is prepared once.
export function preparedOnce(statement) {
  let text = kept.get(statement);
  if (text === undefined) {
    if (kept.size >= MOST_KEPT) kept.clear();
    text = statement.replace(LONE_PARAMETER, "$1 +");
    kept.set(statement, text);
  }
  return text;
}

// Runs a statement in the SQLite of an object.
export function execute(database, statement, values) {
  return database.exec(preparedOnce(statement), ...values);
}

// Runs statements, a JSON array of [sql, values], as one batch. Answers the size of the database in bytes, and each
// statement's rows as JSON.
export async function runBatch(env, binding, statements) {
  const database = env[binding];
  const prepared = JSON.parse(statements).map(([sql, values]) => {
    const statement = database.prepare(preparedOnce(sql));
    return values.length === 0 ? statement : statement.bind(...values);
  });
  const results = await database.batch(prepared);
  return [results.at(-1)?.meta.size_after, ...results.map(({ results }) => JSON.stringify(results ?? []))];
}

// Whether a signature of ES256, r and then s, is that of a key, an uncompressed point. One that is not on the curve has signed nothing.
export function verifyEs256(key, signature, data) {
  return verify("raw", key.slice(), { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }, signature, data);
}

// Whether a signature of RS256 is that of a key, whose numbers are Base64url.
export function verifyRs256(n, e, signature, data) {
  return verify("jwk", { kty: "RSA", n, e }, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, signature, data);
}

async function verify(format, key, algorithm, signature, data) {
  // They are in the module's memory, which may move.
  const [signed, text] = [signature.slice(), data.slice()];
  try {
    const imported = await crypto.subtle.importKey(format, key, algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, imported, signed, text);
  } catch {
    return false;
  }
}

// A response; `init` is the JSON of its status and headers. The bytes are in the module's memory, where others will follow.
export function respond(body, init) {
  return new Response(body?.slice(), JSON.parse(init));
}

// The method, the address, and these headers, a line each; what a header says follows a plus sign.
export function readRequest(request, names) {
  const { method, url, headers } = request;
  return `${method}\n${url}${readHeaders(headers, names)}`;
}

// These headers, as readRequest has them.
export function readHeaders(headers, names) {
  let lines = "";
  for (const name of names.split(" ")) {
    const value = headers.get(name);
    lines += value === null ? "\n" : `\n+${value}`;
  }
  return lines;
}

// The bytes of a body.
export function readBody(request) {
  return request.bytes();
}

// What the platform knows of the client, as JSON. Reading `cf` takes as long as all else that is read of a request.
export function describeClient(request) {
  const { country, region, regionCode, city, latitude, longitude, botManagement } = request.cf ?? {};
  return JSON.stringify({ country, region, regionCode, city, latitude, longitude, botManagement });
}

const LOSSY = new TextDecoder("utf-8", { ignoreBOM: true });

// Sends a POST without following redirects. Answers what came of it as JSON: `answered` with the first `longest` bytes of the
// body, `timedOut`, or the runtime's words as `failed` or `invalid`. The body has what the head left of the time.
export function post(url, headers, body, timeoutMs, longest) {
  return send({ method: "POST", body }, url, headers, timeoutMs, async (response, ms) => {
    const chunks = [];
    try {
      await readInto(chunks, response, longest);
    } catch {
      // What came before the connection broke or the time was up is all there is.
    }
    const text = LOSSY.decode(joined(chunks).subarray(0, longest));
    return { ms, answered: { status: response.status, retryAfter: response.headers.get("retry-after"), body: text } };
  });
}

// As post, with any method and for all of the answer, which must be there in time: one that is longer than `longest` bytes is
// `tooLong`.
export function ask(method, url, headers, body, timeoutMs, longest) {
  return send({ method, body }, url, headers, timeoutMs, async (response, ms, signal) => {
    const chunks = [];
    await readInto(chunks, response, longest + 1);
    signal.throwIfAborted();
    const bytes = joined(chunks);
    if (bytes.length > longest) return { ms, tooLong: true };
    return { ms, answered: { status: response.status, headers: [...response.headers], body: LOSSY.decode(bytes) } };
  });
}

async function send(init, url, headers, timeoutMs, read) {
  const began = Date.now();
  const controller = new AbortController();
  const { signal } = controller;
  let request;
  try {
    request = new Request(url, { ...init, headers: JSON.parse(headers), redirect: "manual", signal });
  } catch (error) {
    return JSON.stringify({ ms: 0, invalid: String(error) });
  }
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    const response = await fetch(request);
    return JSON.stringify(await read(response, Date.now() - began, signal));
  } catch (error) {
    const ms = Date.now() - began;
    return JSON.stringify(signal.aborted ? { ms, timedOut: true } : { ms, failed: String(error) });
  } finally {
    clearTimeout(timer);
  }
}

// Part by part: a short body may be a long one compressed. What is announced is not read beyond its end. The signal aborts reading, too.
async function readInto(chunks, response, longest) {
  if (response.body === null) return;
  const { headers } = response;
  const announced = headers.has("content-encoding") ? NaN : Number(headers.get("content-length") ?? NaN);
  const reader = response.body.getReader();
  for (let length = 0; length < longest; ) {
    const { done, value } = await reader.read();
    if (done) return;
    chunks.push(value);
    length += value.length;
    if (length === announced) return;
  }
  // The rest is not needed.
  await reader.cancel();
}

function joined(chunks) {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
