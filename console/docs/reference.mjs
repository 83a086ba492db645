// What the documentation takes from openapi.json, as Markdown: the page of a tag, and the tables that other pages ask for.

const ERRORS = {
  400: "The request is not valid; `message` names the field.",
  401: "The token is missing or not valid.",
  403: "The token lacks the permission, the website or the role.",
  404: "There is no such thing, or the token may not know of it.",
  409: "It clashes with something that exists, or with a request that still runs.",
  413: "The body is too long.",
  415: "The body is not of the expected type.",
  422: "The request cannot be carried out.",
  429: "Too many requests in the last minute; `Retry-After` says how long to wait.",
  500: "The gateway failed; the log has the `X-Request-Id`.",
  503: "A service that the gateway needs does not answer; try again.",
};
const CONVENTIONS = "../api.md";
const METHODS = ["get", "post", "put", "patch", "delete"];
const DEEPEST = 3; // levels of a body in one table
const LONGEST_EXAMPLE = 40; // lines of an answer
const WIDEST = 80; // characters of a line of JSON

// A variable of the examples for a parameter of a path: `funnelId` is $FUNNEL_ID.
const VARIABLES = { websiteId: "SLUICE_WEBSITE" };
const variable = (name) => VARIABLES[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const cell = (text) =>
  String(text ?? "")
    .replaceAll("|", "\\|")
    .replace(/\s*\n\s*/g, " ")
    .trim();
export function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

// What only the console's own pages call, because a session comes from a browser; and what payment providers do.
const OTHERS = ["signIn", "createSignInCode", "createSignInOptions", "receiveProviderEvent"];
const isForReaders = ({ "x-access": access, operationId }) =>
  !OTHERS.includes(operationId) && !access?.tokens.every((kind) => kind === "session");

// What is said of a parameter or field by its name, where the document says nothing.
const SAID = {
  websiteId: "The website's id.",
  visitorId: "The visitor's id.",
  "Idempotency-Key": `Makes it safe to send the request again; see [idempotent requests](${CONVENTIONS}#idempotent-requests).`,
  provider: "`stripe`, `lemonsqueezy`, `polar`, `paddle`, `shopify` or `woocommerce`.",
  token: "From the link.",
};
function said(name, explained) {
  if (SAID[name] && (!explained || name === "Idempotency-Key" || explained.startsWith("Example:"))) return SAID[name];
  const thing = name.match(/^([a-z]+(?:[A-Z][a-z]+)*)Id$/)?.[1].replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return explained || (thing ? `The ${thing}'s id.` : "");
}

export class Reference {
  constructor(document) {
    this.document = document;
  }

  resolve(value) {
    if (!value?.$ref) return value;
    const found = value.$ref
      .slice(2)
      .split("/")
      .reduce((at, part) => at[part.replaceAll("~1", "/").replaceAll("~0", "~")], this.document);
    return this.resolve(found);
  }

  // ---- Pages

  page({ tag, lead, first }) {
    const isOf = (operation) => operation?.tags?.includes(tag) && isForReaders(operation);
    const operations = Object.entries(this.document.paths).flatMap(([path, methods]) =>
      METHODS.filter((method) => isOf(methods[method])).map((method) => ({ path, method, ...methods[method] })),
    );
    if (operations.length === 0) throw new Error(`openapi.json has no operation with the tag ${tag}`);
    const rank = ({ operationId }) => (first.includes(operationId) ? first.indexOf(operationId) : first.length);
    operations.sort((one, other) => rank(one) - rank(other));
    return [`# ${tag}`, lead, ...operations.map((operation) => this.operation(operation))].join("\n\n");
  }

  operation(operation) {
    const { method, path, summary } = operation;
    const [title, ...rest] = summary.split("; ");
    const parts = [`## ${title}`, `**${method.toUpperCase()}** \`${path}\``];
    if (rest.length > 0) parts.push(sentence(rest.join("; ")));
    parts.push(this.access(operation));
    const parameters = (operation.parameters ?? []).map((one) => this.resolve(one));
    if (parameters.length > 0) parts.push("### Parameters", this.parameters(parameters));
    const body = this.body(operation);
    if (body) parts.push("### Body", body);
    parts.push("### Example", this.request(operation, parameters), ...this.answer(operation), this.errors(operation));
    return parts.filter(Boolean).join("\n\n");
  }

  // ---- What an operation asks

  access({ "x-access": access, security = [] }) {
    if (!access)
      return security.some((one) => one.SetupSecret) ? "Takes the setup secret instead of a token." : "Needs no token.";
    const { permissions, needs, role, tokens } = access;
    const joined = permissions.map((one) => `\`${one}\``).join(needs === "any" ? " or " : " and ");
    const kinds = { dft_: "account tokens", df_: "website keys", session: "sessions of the console" };
    return [
      permissions.length > 0 && `Permission ${joined}.`,
      role && `Role ${role}${role === "owner" ? "" : " or higher"}.`,
      `For ${tokens.map((kind) => kinds[kind]).join(" and ")}.`,
    ]
      .filter(Boolean)
      .join(" ");
  }

  parameters(parameters) {
    const filters = parameters.filter(({ name }) => name.startsWith("filter_"));
    const rows = parameters
      .filter((one) => !filters.includes(one))
      .map(({ name, in: place, required, schema, description }) => [
        `\`${name}\``,
        `${place}${required ? ", required" : ""}`,
        this.type(schema),
        said(name, description ?? this.explain(schema)),
      ]);
    if (filters.length > 1) {
      const names = filters.map(({ name }) => `\`${name.slice("filter_".length)}\``).join(", ");
      rows.push(["`filter_…`", "query", "string", `One [filter](${CONVENTIONS}#filters) each: ${names}.`]);
    } else rows.push(...filters.map(({ name, schema }) => [`\`${name}\``, "query", "string", this.explain(schema)]));
    return table(["parameter", "in", "type", "what it is"], rows);
  }

  body({ requestBody }) {
    const content = this.resolve(requestBody)?.content;
    if (!content) return undefined;
    const [type, { schema }] = Object.entries(content)[0];
    if (type !== "application/json") return `\`${type}\`. ${this.explain(this.resolve(schema))}`.trim();
    return this.fieldTable("field", this.resolve(schema)) ?? "A JSON object.";
  }

  fieldTable(head, schema, deepest = DEEPEST) {
    const found = new Map();
    this.fields([schema], "", found, deepest);
    const rows = [...found].map(([path, { type, isRequired, text }]) => [
      `\`${path}\``,
      `${type}${isRequired ? ", required" : ""}`,
      text,
    ]);
    return rows.length > 0 ? table([head, "type", "what it is"], rows) : undefined;
  }

  // One entry a field, those of objects and lists of objects after theirs. `schemas` are variants of one thing: a field that not
  // all of them require is not required.
  fields(schemas, prefix, found, levels) {
    const parts = schemas.map((schema) => [schema, ...(schema.allOf ?? []).map((part) => this.resolve(part))]);
    const names = new Set(parts.flat().flatMap(({ properties }) => Object.keys(properties ?? {})));
    for (const name of names) {
      const properties = parts.flat().flatMap(({ properties }) => (properties?.[name] ? [this.resolve(properties[name])] : []));
      const property =
        properties.length === 1
          ? properties[0]
          : { oneOf: properties, description: properties.find(({ description }) => description)?.description };
      const isRequired = parts.every((variant) => variant.some(({ required }) => required?.includes(name)));
      const path = `${prefix}${name}`;
      const variants = this.variants(property);
      const inner = variants
        .flatMap((one) => (one.items ? this.variants(this.resolve(one.items)) : []))
        .filter(({ properties }) => properties);
      const own = variants.filter(({ properties }) => properties);
      const plain = own.length === 1 && inner.length === 0 ? Object.entries(own[0].properties) : [];
      const isPlain = plain.length > 5 && plain.every(([, one]) => !this.explain(this.resolve(one)));
      const listed = isPlain ? ` Its fields: ${plain.map(([field]) => `\`${field}\``).join(", ")}.` : "";
      found.set(path, { type: this.type(property), isRequired, text: `${said(name, this.explain(property))}${listed}` });
      if (levels <= 1 || isPlain) continue;
      if (inner.length > 0) this.fields(inner, `${path}[].`, found, levels - 1);
      if (own.length > 0) this.fields(own, `${path}.`, found, levels - 1);
    }
  }

  // The schema, or those of which it is one.
  variants(schema) {
    const found = schema.oneOf ?? schema.anyOf;
    return found ? found.flatMap((one) => this.variants(this.resolve(one))) : [schema];
  }

  type(given) {
    const schema = this.resolve(given);
    if (!schema) return "";
    const variants = this.variants(schema);
    if (variants.length > 1) return [...new Set(variants.flatMap((one) => this.type(one).split(" or ")))].join(" or ");
    const names = [schema.type ?? (schema.enum || "const" in schema ? typeof (schema.const ?? schema.enum[0]) : "any")].flat();
    return names
      .map((name) => {
        if (name === "array") return `array of ${this.type(schema.items) || "any"}`;
        if (name === "string" && schema.format === "date-time") return "string, ISO 8601";
        return name;
      })
      .join(" or ");
  }

  explain(schema) {
    const said = schema.description ?? "";
    const variants = this.variants(schema);
    const constants = variants.flatMap((one) => one.enum ?? ("const" in one ? [one.const] : []));
    const words = [said];
    const isListed = constants.every((one) => said.includes(`\`${one}\``));
    const shown = [...new Set(constants)];
    if (constants.length > 0 && !isListed) {
      words.push(`${shown.length > 1 ? "One of " : "Always "}${shown.map((one) => `\`${one}\``).join(", ")}.`);
    }
    const size = (least, most, unit) => {
      if (said.includes(`${least} to ${most}`)) return undefined;
      if (least > 1 && most !== undefined) return `${least} to ${most} ${unit}.`;
      return most === undefined ? undefined : `At most ${most} ${unit}.`;
    };
    for (const one of variants) {
      if (one.maxLength) words.push(size(one.minLength, one.maxLength, "characters"));
      if (one.maxItems) words.push(size(one.minItems, one.maxItems, "entries"));
      if (one.maximum !== undefined && one.maximum < 1e9) words.push(`${one.minimum ?? 0} to ${one.maximum}.`);
    }
    const example = variants.length === 1 && constants.length === 0 ? schema.examples?.[0] : undefined;
    if (example !== undefined) words.push(`Example: \`${example}\`.`);
    return words.filter(Boolean).join(" ");
  }

  // ---- Examples

  request({ method, path, requestBody, security = [], operationId, "x-access": access }, parameters) {
    const address = path.replace(/\{(\w+)\}/g, (_, name) => `$${variable(name)}`);
    const query = parameters
      .filter(({ in: place, name, required }) => place === "query" && (required || name === "websiteId"))
      .map(({ name, schema }) => `${name}=${name === "websiteId" ? "$SLUICE_WEBSITE" : this.sample(name, schema)}`);
    const given = Object.keys(SAMPLE_QUERIES[operationId] ?? {});
    for (const name of given)
      if (!parameters.some((one) => one.name === name)) throw new Error(`${operationId} has no parameter ${name}`);
    for (const [name, value] of Object.entries(SAMPLE_QUERIES[operationId] ?? {})) query.push(`${name}=${value}`);
    const url = `"$SLUICE_URL${address}${query.length > 0 ? `?${query.join("&")}` : ""}"`;
    const lines = [`curl${method === "get" ? "" : method === "post" ? "" : ` -X ${method.toUpperCase()}`} ${url}`];
    if (access) lines.push(`-H "Authorization: Bearer $SLUICE_TOKEN"`);
    else if (security.some((one) => one.SetupSecret)) lines.push(`-H "Authorization: Bearer $SETUP_SECRET"`);
    lines.push(...(SAMPLE_HEADERS[operationId] ?? []).map((header) => `-H ${header}`));
    const content = this.resolve(requestBody)?.content;
    const [type, body] = Object.entries(content ?? {})[0] ?? [];
    const example = SAMPLE_BODIES[operationId] ?? body?.example;
    if (typeof example === "string") {
      if (!SAMPLE_HEADERS[operationId]) lines.push(`-H "Content-Type: ${type}"`);
      lines.push(`--data-binary '${example}'`);
    } else if (example !== undefined) lines.push(`-d '${withVariables(written(example), BODY_VARIABLES[operationId] ?? {})}'`);
    else if (method === "post") lines[0] = lines[0].replace("curl ", "curl -X POST ");
    return `\`\`\`sh\n${lines.join(" \\\n  ")}\n\`\`\``;
  }

  sample(name, schema) {
    if (/^event_?[nN]ame$|^goal_?[nN]ame$|^name$/.test(name)) return "signup";
    if (name === "parts") return "overview";
    const shown = this.resolve(schema);
    return shown.examples?.[0] ?? shown.default ?? shown.enum?.[0] ?? "1";
  }

  answer({ responses }) {
    const content = Object.entries(this.resolve(responses["200"] ?? {})?.content ?? {});
    const [type, { example } = {}] = content[0] ?? [];
    if (example === undefined) return type && !type.includes("json") ? [`The answer is \`${type}\`.`] : [];
    const { status, ...rest } = example;
    const ordered = Array.isArray(example) ? example : { ...(status !== undefined && { status }), ...rest };
    return [`\`\`\`json\n${written(shortened(ordered))}\n\`\`\``];
  }

  errors({ responses }) {
    const codes = Object.keys(responses).filter((code) => Number(code) >= 400);
    if (codes.length === 0) return undefined;
    return `Errors: ${codes.map((code) => `\`${code}\``).join(", ")}. [What they mean](${CONVENTIONS}#errors).`;
  }

  // ---- Tables for other pages

  // Every table is asked for by its name, in a comment of a page: <!-- table: permissions -->.
  tables = {
    permissions: () => {
      const schema = this.resolve(this.document.components.schemas.CreateAccessToken).properties.permissions;
      const variants = this.variants(this.resolve(this.variants(schema).find(({ items }) => items).items));
      return table(
        ["permission", "what it allows"],
        variants.flatMap((one) => (one.enum ?? [one.const]).map((name) => [`\`${name}\``, one.description])),
      );
    },
    limits: () =>
      table(
        ["what", "limit"],
        Object.entries(this.document["x-limits"]).map(([name, { description, value }]) => {
          const unit = name.match(/(Bytes|Characters)$/)?.[1].toLowerCase();
          return [description, `${value.toLocaleString("en")}${unit ? ` ${unit}` : ""}`];
        }),
      ),
    errors: () =>
      table(
        ["status", "meaning"],
        Object.entries(ERRORS).map(([code, meaning]) => [`\`${code}\``, meaning]),
      ),
    filters: () => {
      const parameters = this.document.paths["/api/v1/analytics/overview"].get.parameters.map((one) => this.resolve(one));
      const filters = parameters.filter(({ name }) => name.startsWith("filter_"));
      return table(
        ["filter", "operators"],
        filters.map(({ name, schema }) => [
          `\`${name}\``,
          this.resolve(schema).description.match(/operators?: ([^.]+)\./)?.[1] ?? "is",
        ]),
      );
    },
    events: () => {
      const types = this.variants(this.resolve(this.document.components.schemas.CreateWebhook.properties.eventTypes.items));
      return Object.entries(this.document.webhooks)
        .map(([name, { post }]) => {
          const body = Object.values(this.resolve(post.requestBody).content)[0];
          const data = this.resolve(this.resolve(body.schema).properties.data);
          const { test: _, ...properties } = data.properties;
          const fields = this.fieldTable("field of `data`", { ...data, properties }, 2);
          return `### \`${name}\`\n\n${types.find((one) => one.const === name)?.description ?? ""}\n\n${fields}`;
        })
        .join("\n\n");
    },
  };
}

// JSON as a person would write it: what is short stays in one line.
function written(value, indent = "") {
  const line = JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, " ")
    .replace(/\[ (?=[^ ])/g, "[")
    .replace(/ \]/g, "]");
  if (value === null || typeof value !== "object" || indent.length + line.length <= WIDEST) return line;
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const entries = Object.entries(value).map(
    ([name, one]) => `${inner}${isList ? "" : `${JSON.stringify(name)}: `}${written(one, inner)}`,
  );
  return `${isList ? "[" : "{"}\n${entries.join(",\n")}\n${indent}${isList ? "]" : "}"}`;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;

// A long list says as much with its first two entries.
function shortened(value) {
  if (written(value).split("\n").length <= LONGEST_EXAMPLE) return value;
  if (Array.isArray(value)) return value.slice(0, 1).map(shortened);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shortened(one)]));
}

// Recorded ids and secrets belong to the gateway that was recorded: what the reader has instead is in variables.
function withVariables(json, values) {
  let text = json.replaceAll("'", "'\\''").replaceAll("http://127.0.0.1:9/", "https://example.com/");
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(value, () => `"'"$${name}"'"`);
  return text;
}

const ID = /"[0-9a-f]{24}"/g; // its quotes stay
const BODY_VARIABLES = {
  trackEvent: { SLUICE_WEBSITE: ID },
  trackCrawl: { SLUICE_WEBSITE: ID },
  createAccessToken: { SLUICE_WEBSITE: ID },
  removeTeamMember: { USER_ID: ID },
  transferWebsite: { USER_ID: ID },
  acceptInvitation: { CODE: /(?<="code": ?)"\w+"/g },
};

// What no example of openapi.json says.
const BROWSER =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36";
const SAMPLE_QUERIES = {
  deleteGoals: { name: "newsletter" },
  deletePayments: { transaction_id: "payment_456" },
  getTimeseries: { interval: "day", fields: "visitors,revenue" },
};
const SAMPLE_HEADERS = {
  trackEvent: [`"User-Agent: ${BROWSER}"`],
  unsubscribeFromReports: [`"Content-Type: application/x-www-form-urlencoded"`],
  unsubscribe: [`"Content-Type: application/x-www-form-urlencoded"`],
};
const SAMPLE_BODIES = {
  importEvents: `{"id":"1","timestamp":"2025-12-18T10:00:00Z","type":"pageview","href":"https://example.com/","visitorId":"a3ab2331-989f-4cfa-91c6-2461c9e3c6bd","sessionId":"s1"}`,
  unsubscribe: "List-Unsubscribe=One-Click",
  unsubscribeFromReports: "List-Unsubscribe=One-Click",
};
