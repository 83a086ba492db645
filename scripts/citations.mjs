// Citations: which places of a file can be cited, and which citations in a text lead nowhere. Pure.
//
// A citation is a path from the root of the repository, with an anchor where a place is meant:
//
//   docs/contract/README.md#30          item 30 of a list
//   docs/contract/website-api.md#3.4    the heading that begins with this number; it wins over an item
//   docs/contract/automation.md#e-mail  the slug that GitHub gives a heading, whole or up to the heading's colon
//
// More places of the same file may follow: `docs/contract/README.md#18, #19 and #33`. Markdown links are relative to their
// file and take GitHub's slugs only, since that is where they are followed.

const PATH = String.raw`(?:[\w.-]+/)*[\w.-]+\.[a-z]+`;
const ANCHOR = String.raw`#[\w.-]*\w`;
const CITATION = new RegExp(String.raw`(?<![\w./-])(${PATH})(${ANCHOR}(?:(?:, | and | to |, and )${ANCHOR})*)`, "g");
const LINK = /\]\(([^)\s]+)(?: "[^"]*")?\)|^\s*\[[^\]]+\]:\s+(\S+)/g;

const SHORTENED = /`((?:[\w.-]+\/)*[\w-]+\.(?:rs|mjs|js|sql|md))(?:::\w+)*`/g;

// Citations in words: what they mean has to be guessed. A bare mention passes beside a path into the folder that it names.
const NAMES = "account-api|website-api|automation|providers|surface|reports|cli|mcp";
const LOOSE = [
  { pattern: /\bdecisions? \d+/gi },
  { pattern: /\b(?:README|reports|account-api|website-api|providers|surface|automation) (?:\d+(?:\.\d+)?\b|")/gi },
  { pattern: new RegExp(String.raw`(?<![\w/.-])(?:${NAMES})\.md\b`, "gi") },
  { pattern: /(?<![\w/.-])(?:account-api|website-api)\b/gi },
  { pattern: /(?:\/\/|--|^\s*#|\*).*\[\d+\.\d+\]/g },
  { pattern: /^\s*(?:\/\/[/!]?|--) (?:and |to )?#\d[\d.]*/g }, // its path is on the line before
  { pattern: /(?<![\w/])contract\b(?!\/)/gi, unlessBeside: "contract/" },
  { pattern: /\b(?:the seeds\b|seeds')/gi, unlessBeside: "/seeds" },
];

// What can be cited in a Markdown text: slugs as GitHub makes them, and the shorter forms of this repository.
export function places(markdown) {
  const slugs = new Set();
  const short = new Set();
  const items = new Map();
  for (const line of withoutFences(markdown)) {
    const heading = line.match(/^#{1,6}\s+(.*?)\s*#*$/)?.[1];
    const item = line.match(/^(\d+)\. /)?.[1];
    if (heading) {
      const slug = slugOf(heading);
      let unique = slug;
      for (let n = 1; slugs.has(unique); n++) unique = `${slug}-${n}`;
      slugs.add(unique);
      short.add(slugOf(heading.split(":")[0]));
      const number = heading.match(/^(\d+(?:\.\d+)*)\.?\s/)?.[1];
      if (number) short.add(number);
    } else if (item) {
      items.set(item, (items.get(item) ?? 0) + 1);
    }
  }
  // An item is cited by its number where only one list has it.
  for (const [item, count] of items) if (count === 1) short.add(item);
  return { slugs, short };
}

// The slug that GitHub gives a heading.
export function slugOf(heading) {
  const text = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return text.replace(/[^\p{L}\p{N}\p{Mn}\p{Pc} -]/gu, "").replaceAll(" ", "-");
}

// The lines of a text; those of fenced code blocks are empty, so that the others keep their numbers.
function withoutFences(text) {
  let fence = null;
  return text.split("\n").map((line) => {
    const mark = line.match(/^\s*(`{3,}|~{3,})/)?.[1];
    if (mark && (fence === null || mark.startsWith(fence))) {
      fence = fence === null ? mark : null;
      return "";
    }
    return fence === null ? line : "";
  });
}

// What leads nowhere in the text of the file at `path`: [{ line, message }]. `tree` knows the repository:
//   has(path)     whether there is such a file or folder
//   ends(path)    whether some file's path ends with these parts, as `http/call.rs` does
//   ignores(path) whether git ignores it, since a program writes it
//   read(path)    the text of a file
//   roots         the names of the folders at its root
export function faults(path, text, tree) {
  const found = [];
  const markdown = path.endsWith(".md");
  const inRoots = new RegExp(String.raw`(?<![\w./@{}$-])(?:${tree.roots.map(escape).join("|")})/(?:[\w.-]+/)*[\w.-]+\.[a-z]+\b(?![/*{])`, "g");
  const lines = text.split("\n");
  const prose = markdown ? withoutFences(text) : lines;

  lines.forEach((line, index) => {
    const report = (message) => found.push({ line: index + 1, message });
    const links = markdown ? [...prose[index].replace(/`[^`]*`/g, "").matchAll(LINK)].map((match) => match[1] ?? match[2]) : [];
    for (const target of links) {
      const message = faultOfLink(path, target, tree);
      if (message) report(message);
    }

    const unlinked = markdown ? line.replace(LINK, "]") : line;
    for (const [, cited, anchors] of unlinked.matchAll(CITATION)) {
      // `example.com/features.html#top` is none of our paths; a Markdown file of an unknown folder is one with a slip in it.
      if (!tree.has(cited) && !cited.endsWith(".md") && !tree.roots.includes(cited.split("/")[0])) continue;
      for (const [anchor] of anchors.matchAll(new RegExp(ANCHOR, "g"))) {
        const message = faultOfPlace(cited, anchor.slice(1), tree);
        if (message) report(message);
      }
    }
    for (const [cited] of unlinked.matchAll(inRoots)) {
      if (!tree.has(cited) && !tree.ignores(cited)) report(`${cited} does not exist`);
    }
    // Documents shorten paths: `http/call.rs`, `site/outbox.rs::Watch`.
    for (const [, cited] of markdown ? prose[index].matchAll(SHORTENED) : []) {
      if (!tree.roots.includes(cited.split("/")[0]) && !tree.ends(cited) && !tree.ignores(cited)) report(`no file's path ends with ${cited}`);
    }

    const around = lines.slice(Math.max(0, index - 1), index + 2).join(" ");
    for (const { pattern, unlessBeside } of LOOSE) {
      for (const [words] of line.matchAll(pattern)) {
        if (unlessBeside && around.includes(unlessBeside)) continue;
        report(`"${words.trim()}" is a loose citation: write a path with an anchor, as docs/contract/README.md#30, or the rule itself`);
      }
    }
  });
  return found;
}

function faultOfLink(path, target, tree) {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return null;
  const [relative, anchor] = target.split("#");
  const file = relative === "" ? path : resolve(path, relative);
  if (file === null || !tree.has(file)) return `the link ${target} leads nowhere: ${file ?? relative} does not exist`;
  if (anchor === undefined) return null;
  return places(tree.read(file)).slugs.has(anchor) ? null : `the link ${target} leads nowhere: ${file} has no heading with this slug`;
}

function faultOfPlace(file, anchor, tree) {
  if (!tree.has(file)) return `${file} does not exist`;
  if (!/\.(md|txt)$/.test(file)) return `${file}#${anchor}: only Markdown and text files have places to cite`;
  const { slugs, short } = places(tree.read(file));
  return slugs.has(anchor) || short.has(anchor) ? null : `${file} has no heading and no list item ${anchor}`;
}

// `relative` as seen from the file at `path`; null when it leaves the repository.
function resolve(path, relative) {
  const parts = path.split("/").slice(0, -1);
  for (const part of relative.split("/")) {
    if (part === ".." && parts.length === 0) return null;
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function escape(text) {
  return text.replace(/[.+]/g, String.raw`\$&`);
}
