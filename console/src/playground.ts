// The playground of the documentation: every operation of openapi.json as a form that calls this gateway. The token stays in this
// page's memory. Texts become text nodes only.

interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: string[];
  const?: string;
  default?: unknown;
  examples?: unknown[];
  oneOf?: Schema[];
  anyOf?: Schema[];
}
interface Parameter {
  $ref?: string;
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  description?: string;
  schema: Schema;
}
interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { example?: unknown; schema?: Schema }> };
  "x-access"?: { permissions: string[]; role?: string; tokens: string[] };
  security?: Record<string, unknown>[];
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}
interface Call {
  name: string; // as `GET /healthz`
  method: string;
  path: string;
  operation: Operation;
}

const LONGEST_EXAMPLE = 40; // characters
const METHODS = ["get", "post", "put", "patch", "delete"];

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, fields: object = {}, ...children: (Node | string)[]) {
  const made = Object.assign(document.createElement(name), fields);
  made.append(...children);
  return made;
}

class Playground {
  readonly #token = element("input", { id: "token", type: "password", autocomplete: "off", placeholder: "dft_… or df_…" });
  readonly #website = element("input", { id: "website", autocomplete: "off", spellcheck: false });
  readonly #websites = element("datalist", { id: "websites" });
  readonly #choice = element("select", { id: "call" });
  readonly #about = element("p");
  readonly #inputs = element("div");
  readonly #curl = element("code");
  readonly #outcome = element("p", { role: "status" });
  readonly #answer = element("code");
  readonly #answerBlock: HTMLElement;
  readonly #calls: Call[];
  readonly #api: Document;
  #fields: { parameter: Parameter; input: HTMLInputElement | HTMLSelectElement }[] = [];
  #body: HTMLTextAreaElement | undefined;
  #type = "application/json";

  constructor(api: Document) {
    this.#api = api;
    this.#calls = Object.entries(api.paths).flatMap(([path, methods]) =>
      METHODS.flatMap((name) => {
        const operation = methods[name];
        const method = name.toUpperCase();
        return operation && isForReaders(operation) ? [{ name: `${method} ${path}`, method, path, operation }] : [];
      }),
    );
    this.#answerBlock = block("Answer", this.#answer);
    this.#answerBlock.hidden = true;
  }

  show(place: HTMLElement) {
    for (const [tag, calls] of Object.entries(Object.groupBy(this.#calls, ({ operation }) => operation.tags[0] ?? ""))) {
      const options = (calls ?? []).map(({ name, operation }) =>
        element("option", { value: name }, `${operation.summary} (${name})`),
      );
      this.#choice.append(element("optgroup", { label: tag }, ...options));
    }
    const wanted = new URLSearchParams(location.search).get("call");
    this.#choice.value = this.#calls.some(({ name }) => name === wanted) ? (wanted ?? "") : "GET /api/v1/analytics/overview";
    this.#website.setAttribute("list", "websites");
    const form = element(
      "form",
      {},
      field("Token", this.#token, "Only in this page's memory, until you leave it."),
      field("Website", this.#website, "Its id. Not needed with a website key."),
      this.#websites,
      field("Call", this.#choice),
      this.#about,
      this.#inputs,
      element("button", { type: "submit", className: "send" }, "Send"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    form.addEventListener("input", () => this.#write());
    this.#choice.addEventListener("change", () => this.#choose());
    this.#token.addEventListener("change", () => this.#list());
    place.replaceChildren(form, block("Shell", this.#curl), this.#outcome, this.#answerBlock);
    this.#choose();
  }

  get #chosen() {
    const chosen = this.#calls.find(({ name }) => name === this.#choice.value);
    if (!chosen) throw new Error(`no such call: ${this.#choice.value}`);
    return chosen;
  }

  #resolve<T extends { $ref?: string }>(value: T): T {
    if (!value.$ref) return value;
    const [, , kind = "", name = ""] = value.$ref.split("/");
    return this.#resolve(this.#api.components[kind]?.[name] as T);
  }

  // The values that a parameter may have, if they are listed.
  #listed(schema: Schema): string[] {
    const { enum: values, const: value, oneOf, anyOf } = this.#resolve(schema);
    if (values) return values;
    if (typeof value === "string") return [value];
    return (oneOf ?? anyOf ?? []).flatMap((one) => this.#listed(one));
  }

  #choose() {
    const { name, method, operation } = this.#chosen;
    history.replaceState(null, "", `?${new URLSearchParams({ call: name })}`);
    const access = operation["x-access"];
    const needs = access ? `Needs ${access.permissions.join(", ")}.` : "Needs no token.";
    this.#about.textContent = `${needs}${method === "GET" ? "" : " It changes what this gateway has stored."}`;
    const parameters = (operation.parameters ?? []).map((one) => this.#resolve(one));
    this.#fields = parameters
      .filter(({ name: parameter }) => parameter !== "websiteId")
      .map((parameter) => {
        const listed = this.#listed(parameter.schema);
        const id = `parameter-${parameter.name}`;
        const input =
          listed.length > 0
            ? element(
                "select",
                { id },
                element("option", { value: "" }),
                ...listed.map((value) => element("option", { value }, value)),
              )
            : element("input", { id, autocomplete: "off", spellcheck: false });
        input.required = parameter.required === true;
        return { parameter, input };
      });
    const shown = this.#fields.map(({ parameter, input }) => {
      const schema = this.#resolve(parameter.schema);
      const example = String(schema.examples?.[0] ?? "");
      const text = [
        parameter.description ?? schema.description,
        example && example.length < LONGEST_EXAMPLE && `Example: ${example}`,
      ];
      return field(
        `${parameter.name}${parameter.required ? " *" : ""}`,
        input,
        text.filter(Boolean).join(" ").replaceAll("`", ""),
      );
    });
    const content = operation.requestBody?.content;
    this.#body = undefined;
    for (const [type, { example }] of Object.entries(content ?? {}).slice(0, 1)) {
      this.#type = type;
      const value = example === undefined ? "" : typeof example === "string" ? example : JSON.stringify(example, null, 2);
      this.#body = element("textarea", {
        id: "body",
        rows: Math.min(16, value.split("\n").length + 1),
        value,
        spellcheck: false,
      });
      shown.push(field(`Body (${type})`, this.#body));
    }
    const isFilter = (_: unknown, index: number) => this.#fields[index]?.parameter.name.startsWith("filter_") === true;
    const filters = shown.filter(isFilter);
    const others = shown.filter((one) => !filters.includes(one));
    this.#inputs.replaceChildren(element("div", { className: "fields" }, ...others));
    if (filters.length > 0) {
      const inner = element("div", { className: "fields" }, ...filters);
      this.#inputs.append(element("details", {}, element("summary", {}, "Filters"), inner));
    }
    this.#write();
  }

  // The request that the form says.
  #request() {
    const { method, path, operation } = this.#chosen;
    const website = this.#website.value.trim();
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    let address = path.replace("{websiteId}", encodeURIComponent(website || "WEBSITE"));
    const asksInQuery = (operation.parameters ?? []).some((one) => {
      const { name, in: place } = this.#resolve(one);
      return name === "websiteId" && place === "query";
    });
    if (asksInQuery && website) query.set("websiteId", website);
    for (const { parameter, input } of this.#fields) {
      const value = input.value.trim();
      if (value === "") continue;
      if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(value));
      else if (parameter.in === "query") query.set(parameter.name, value);
      else headers[parameter.name] = value;
    }
    const body = this.#body?.value.trim();
    if (body) headers["Content-Type"] = this.#type;
    return { method, url: `${location.origin}${address}${query.size > 0 ? `?${query}` : ""}`, headers, body };
  }

  #write() {
    const { method, url, headers, body } = this.#request();
    const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
    const lines = [`curl${method === "GET" ? "" : ` -X ${method}`} ${quoted(url)}`];
    if (this.#chosen.operation.security?.length) lines.push(`-H "Authorization: Bearer $SLUICE_TOKEN"`);
    for (const [name, value] of Object.entries(headers)) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
    if (body) lines.push(`-d ${quoted(body)}`);
    this.#curl.textContent = lines.join(" \\\n  ");
  }

  async #send() {
    const { method, url, headers, body } = this.#request();
    const token = this.#token.value.trim();
    this.#outcome.textContent = "Sending…";
    try {
      const answer = await fetch(url, {
        method,
        body: body || undefined,
        credentials: "omit", // as a program, not as the session of the console
        headers: { ...headers, ...(token && { Authorization: `Bearer ${token}` }) },
      });
      const text = await answer.text();
      const left = answer.headers.get("x-ratelimit-remaining");
      this.#outcome.textContent = `${answer.status}${left === null ? "" : `, ${left} requests left in this minute`}`;
      this.#answer.textContent = pretty(text);
      this.#answerBlock.hidden = false;
    } catch (error) {
      this.#outcome.textContent = `No answer: ${error}`;
    }
  }

  // The websites of an account token, to choose from.
  async #list() {
    const token = this.#token.value.trim();
    if (!token.startsWith("dft_")) return;
    const answer = await fetch("/api/v1/admin/websites", {
      credentials: "omit",
      headers: { Authorization: `Bearer ${token}` },
    });
    if (!answer.ok) return;
    const { data } = (await answer.json()) as { data: { id: string; domain: string }[] };
    this.#websites.replaceChildren(...data.map(({ id, domain }) => element("option", { value: id, label: domain })));
    if (this.#website.value === "" && data[0]) this.#website.value = data[0].id;
    this.#write();
  }
}

// As in the reference: no program has a session, and only providers post to hooks.
function isForReaders({ "x-access": access, operationId }: Operation) {
  if (["signIn", "createSignInCode", "createSignInOptions", "receiveProviderEvent"].includes(operationId)) return false;
  return !access?.tokens.every((kind) => kind === "session");
}

function field(name: string, input: HTMLElement, hint?: string) {
  const made = element("div", { className: "field" }, element("label", { htmlFor: input.id }, name), input);
  if (hint) {
    const text = element("p", { id: `${input.id}-hint`, className: "hint" }, hint);
    input.setAttribute("aria-describedby", text.id);
    made.append(text);
  }
  return made;
}

function block(name: string, code: HTMLElement) {
  const text = element("pre", { tabIndex: 0, ariaLabel: name }, code);
  return element("figure", { className: "code" }, element("figcaption", {}, name), text);
}

function pretty(text: string) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function start(place: HTMLElement) {
  const answer = await fetch("/openapi.json");
  new Playground((await answer.json()) as Document).show(place);
}

const place = document.getElementById("caller");
if (place) start(place);

export {};
