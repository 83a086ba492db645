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

// Runs statements, a JSON array of [sql, values], as one batch. Answers the size of the database in bytes, and each
// statement's rows as JSON.
export async function runBatch(env, binding, statements) {
  const database = env[binding];
  const prepared = JSON.parse(statements).map(([sql, values]) => {
    const statement = database.prepare(sql);
    return values.length === 0 ? statement : statement.bind(...values);
  });
  const results = await database.batch(prepared);
  return [results.at(-1)?.meta.size_after, ...results.map(({ results }) => JSON.stringify(results ?? []))];
}

// A response; `init` is the JSON of its status and headers. The bytes are in the module's memory, where others will follow.
export function respond(body, init) {
  return new Response(body?.slice(), JSON.parse(init));
}
