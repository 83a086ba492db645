// The order of layers: which files may import which. `faults` checks the given sources; scripts/check-layers.mjs reads them.
//
// The order itself is in docs/architecture.md, in the block that begins with ```layers: one folder or file per line, the
// lowest first. A file may import from the lines above its own, and from files of its own layer, as long as no circle
// of files results. Test code counts like any other.

// The layers of the document, as [{ path, tests }], lowest first. Each line is a path and, after two spaces, what it is.
export function layersOf(document) {
  const block = document.match(/^```layers\n([^]*?)^```$/m)?.[1];
  if (!block) throw new Error("docs/architecture.md has no block ```layers");
  return block.trim().split("\n").map((line) => line.split(/\s{2,}/)[0]);
}

// Which layer a file is in: the index of the longest layer path that holds it, or -1.
function layerOf(file, layers) {
  let best = -1;
  layers.forEach((path, index) => {
    const holds = file === path || file.startsWith(`${path}/`);
    if (holds && (best < 0 || path.length > layers[best].length)) best = index;
  });
  return best;
}

// The source without comments and the contents of strings; line breaks stay where they are.
export function code(source) {
  const pattern = /\/\/[^\n]*|\/\*[^]*?\*\/|b?r(#*)"[^]*?"\1|b?"(?:\\[^]|[^"\\])*"|'(?:\\[^']+|[^'\\])'/g;
  return source.replace(pattern, (match) => match.replace(/[^\n]/g, " "));
}

// Every path that a file names, with the number of inline modules around it: [{ segments, depth, line }].
export function paths(source) {
  const text = code(source);
  const found = [];
  const depths = []; // for each open brace, whether it is an inline module's
  const token = /\bmod\s+\w+\s*\{|\buse\s+[^;]+;|(?<![\w:$.])(?:::)?[A-Za-z_]\w*(?:::[A-Za-z_]\w*)+|[{}]/g;
  for (let match; (match = token.exec(text)); ) {
    const line = text.slice(0, match.index).split("\n").length;
    const depth = depths.filter(Boolean).length;
    const [word] = match;
    if (word === "}") depths.pop();
    else if (word === "{") depths.push(false);
    else if (word.startsWith("mod")) depths.push(true);
    else if (word.startsWith("use")) for (const segments of tree(word.slice(3, -1))) found.push({ segments, depth, line });
    else found.push({ segments: word.replace(/^::/, "").split("::"), depth, line });
  }
  return found;
}

// The paths of a use tree: `a::{b, c::{self, d}}` is a::b, a::c and a::c::d.
function tree(text) {
  const trimmed = text.trim().replace(/\s+as\s+\w+$/, "");
  const open = trimmed.indexOf("{");
  if (open < 0) return [trimmed.split("::").map((segment) => segment.trim()).filter((segment) => segment && segment !== "*")];
  const head = trimmed.slice(0, open).split("::").map((segment) => segment.trim()).filter(Boolean);
  const parts = [];
  let [depth, start] = [0, open + 1];
  for (let at = open; at < trimmed.length; at++) {
    if (trimmed[at] === "{") depth++;
    if (trimmed[at] === "}") depth--;
    if ((trimmed[at] === "," && depth === 1) || (trimmed[at] === "}" && depth === 0)) {
      parts.push(trimmed.slice(start, at));
      start = at + 1;
    }
  }
  return parts.filter((part) => part.trim()).flatMap((part) => tree(part).map((tail) => [...head, ...tail.filter((segment) => segment !== "self")]));
}

// The crate's folder and the path of modules that a file is: src/http/call.rs is ["src", ["http", "call"]].
function moduleOf(file) {
  const [, root, rest] = file.match(/^((?:crates\/[^/]+\/)?src)\/(.*)\.rs$/);
  return [root, rest.split("/").filter((part, index, all) => !(index === all.length - 1 && (part === "mod" || part === "lib")))];
}

// The arrows between files: [{ from, to, line }].
export function arrows(files) {
  const modules = new Map([...files.keys()].map((file) => [moduleOf(file).flat().join("::"), file]));
  const crates = new Map([...files.keys()].filter((file) => file.startsWith("crates/")).map((file) => file.split("/")[1]).map((name) => [`sluice_${name.replaceAll("-", "_")}`, `crates/${name}/src`]));
  const found = [];
  for (const [file, source] of files) {
    const [root, own] = moduleOf(file);
    for (const { segments, depth, line } of paths(source)) {
      let [crate, path] = [root, null];
      if (segments[0] === "crate") path = segments.slice(1);
      else if (crates.has(segments[0])) [crate, path] = [crates.get(segments[0]), segments.slice(1)];
      else if (segments[0] === "super" || segments[0] === "self") {
        let [base, inline, rest] = [own, depth, segments];
        for (; rest[0] === "super" || rest[0] === "self"; rest = rest.slice(1)) {
          if (rest[0] === "super" && inline > 0) inline--;
          else if (rest[0] === "super") base = base.slice(0, -1);
        }
        path = [...base, ...rest];
      } else if (depth === 0 && modules.has([root, ...own, segments[0]].join("::"))) path = [...own, ...segments];
      if (!path) continue;
      // The deepest module on the path that is a file.
      let to;
      for (let length = path.length; length >= 0 && !to; length--) to = modules.get([crate, ...path.slice(0, length)].join("::"));
      if (to && to !== file) found.push({ from: file, to, line });
    }
  }
  return found;
}

// A circle among the arrows, as a list of files that begins and ends with the same one.
function circle(edges) {
  const next = new Map();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set();
  const walk = (file, way) => {
    const at = way.indexOf(file);
    if (at >= 0) return [...way.slice(at), file];
    if (done.has(file)) return undefined;
    for (const to of next.get(file) ?? []) {
      const found = walk(to, [...way, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const found = walk(file, []);
    if (found) return found;
  }
  return undefined;
}

// What breaks the order: `files` maps paths to sources, `layers` are paths from the lowest to the highest, and `runtime`
// those that may name the `worker` crate.
export function faults(files, layers, runtime) {
  const found = [];
  for (const [file, source] of files) {
    if (layerOf(file, layers) < 0) found.push(`${file}: no layer of docs/architecture.md holds this file`);
    if (runtime.some((path) => file === path || file.startsWith(`${path}/`))) continue;
    const named = paths(source).find(({ segments }) => segments[0] === "worker" || segments[0] === "web_sys" || segments[0] === "js_sys");
    if (named) found.push(`${file}:${named.line}: names the runtime (${named.segments.join("::")}), which only ${runtime.join(", ")} may`);
  }
  let edges = arrows(files);
  const upward = edges.filter(({ from, to }) => layerOf(to, layers) > layerOf(from, layers));
  found.push(...upward.map(({ from, to, line }) => `${from}:${line}: imports ${to}, which lies in a higher layer`));
  edges = edges.filter((edge) => !upward.includes(edge));
  for (let round; (round = circle(edges)); ) {
    found.push(`a circle of files: ${round.join(" → ")}`);
    edges = edges.filter(({ from, to }) => !(from === round[0] && to === round[1]));
  }
  return [...new Set(found)];
}
