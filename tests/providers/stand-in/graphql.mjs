// As much of GraphQL as Shopify's Admin API is asked for: operations with variables, fields with arguments, aliases. What is
// asked for has to be in the schema: an unknown field or argument is an error, as there.

const TOKEN = /\s*(?:#[^\n]*\n\s*)*(?:,\s*)*([A-Za-z_]\w*|\$\w+|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[{}()[\]:!=@])/gy;

export class GraphqlError extends Error {
  constructor(message, extensions, path) {
    super(message);
    Object.assign(this, { extensions, path });
  }
}

export function parse(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; ; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) {
      if (text.slice(at).replace(/[\s,]/g, "") !== "") throw syntax(text.slice(at, at + 10));
      break;
    }
    tokens.push(found[1]);
  }
  let at = 0;
  const peek = () => tokens[at];
  const take = (wanted) => {
    if (wanted !== undefined && tokens[at] !== wanted) throw syntax(tokens[at]);
    return tokens[at++];
  };
  const operation = { kind: "query", name: undefined };
  if (peek() === "query" || peek() === "mutation") {
    operation.kind = take();
    if (peek() !== "{" && peek() !== "(") operation.name = take();
    if (peek() === "(") while (take() !== ")") if (at >= tokens.length) throw syntax("end");
  }
  operation.fields = selection();
  if (at < tokens.length) throw syntax(peek());
  return operation;

  function selection() {
    take("{");
    const fields = [];
    while (peek() !== "}") {
      if (at >= tokens.length) throw syntax("end");
      let name = take();
      let alias = name;
      if (peek() === ":") {
        take();
        name = take();
      }
      const args = peek() === "(" ? values("(", ")") : {};
      fields.push({ name, alias, args, fields: peek() === "{" ? selection() : undefined });
    }
    take("}");
    return fields;
  }

  function values(open, close) {
    take(open);
    const found = {};
    while (peek() !== close) {
      const name = take();
      take(":");
      found[name] = value();
    }
    take(close);
    return found;
  }

  function value() {
    const token = peek();
    if (token === "{") return { object: values("{", "}") };
    if (token === "[") {
      take();
      const list = [];
      while (peek() !== "]") list.push(value());
      take();
      return { list };
    }
    take();
    if (token.startsWith("$")) return { variable: token.slice(1) };
    if (/^["\d-]/.test(token)) return { constant: JSON.parse(token) };
    return { constant: { true: true, false: false, null: null }[token] ?? token };
  }
}

const syntax = (near) => new GraphqlError(`syntax error, unexpected ${near}`, { code: "syntaxError" });

// The answer to an operation. `schema` has the fields of each type as [type, arguments]; `resolve(type, field, object, args)`
// answers a field's value, a promise of it, or `undefined` for the object's own.
export function execute(operation, variables, schema, resolve) {
  const errors = [];
  const root = operation.kind === "mutation" ? "Mutation" : "QueryRoot";
  check(operation.fields, root);
  return { data: select(operation.fields, root, {}, []), errors };

  function check(fields, type) {
    for (const { name, args, fields: inner } of fields) {
      if (name === "__typename") continue;
      const known = schema[type]?.[name];
      if (!known) throw new GraphqlError(`Field '${name}' doesn't exist on type '${type}'`, { code: "undefinedField", typeName: type, fieldName: name });
      const [of, allowed = []] = known;
      const strange = Object.keys(args).find((arg) => !allowed.includes(arg));
      if (strange) throw new GraphqlError(`Field '${name}' doesn't accept argument '${strange}'`, { code: "argumentNotAccepted", name, typeName: "Field", argumentName: strange });
      if (schema[of] && !inner) throw new GraphqlError(`Field must have selections (field '${name}' returns ${of} but has no selections.)`, { code: "selectionMismatch", nodeName: `field '${name}'`, typeName: of });
      if (!schema[of] && inner) throw new GraphqlError(`Selections can't be made on scalars (field '${name}' returns ${of})`, { code: "selectionMismatch", nodeName: `field '${name}'`, typeName: of });
      if (inner) check(inner, of);
    }
  }

  function given(value) {
    if ("variable" in value) return variables?.[value.variable];
    if ("list" in value) return value.list.map(given);
    if ("object" in value) return Object.fromEntries(Object.entries(value.object).map(([name, inner]) => [name, given(inner)]));
    return value.constant;
  }

  function select(fields, type, object, path) {
    const answer = {};
    for (const { name, alias, args, fields: inner } of fields) {
      if (name === "__typename") {
        answer[alias] = type;
        continue;
      }
      const [of] = schema[type][name];
      const here = [...path, alias];
      try {
        const told = Object.fromEntries(Object.entries(args).map(([arg, value]) => [arg, given(value)]));
        const found = resolve(type, name, object, told);
        const value = found === undefined ? object[name] : found;
        const one = (item, at) => (item === null || item === undefined ? null : inner ? select(inner, of, item, [...here, ...at]) : item);
        answer[alias] = Array.isArray(value) ? value.map((item, at) => one(item, [at])) : one(value, []);
      } catch (error) {
        if (!(error instanceof GraphqlError)) throw error;
        errors.push({ message: error.message, locations: [{ line: 1, column: 1 }], path: here, extensions: error.extensions });
        answer[alias] = null;
      }
    }
    return answer;
  }
}
