// Markdown of the documentation: where its links lead, and the HTML that is made of it.

import { posix } from "node:path";
import { Marked } from "marked";
import { slugOf } from "../../scripts/citations.mjs";

// What a reader can run, and the tests do (tests/docs). All other blocks are shown only.
export const RUNNABLE = ["sh", "js", "python", "rust", "php", "html"];

// The language of a block of code, and why the tests do not run it: ```sh not-run="needs an account at Cloudflare".
export function infoOf(text = "") {
  const [language = ""] = text.split(" ");
  const notRun = text.match(/ not-run="([^"]+)"/)?.[1];
  return { language, notRun };
}

// Splits a text into what is in blocks of code and what is not: [{ isCode, text }].
function pieces(markdown) {
  const found = [];
  let fence;
  for (const line of markdown.split("\n")) {
    const mark = line.match(/^\s*(```+|~~~+)/)?.[1];
    const isCode = fence !== undefined || mark !== undefined;
    if (mark && fence === undefined) fence = mark;
    else if (mark?.startsWith(fence)) fence = undefined;
    if (found.at(-1)?.isCode === isCode) found.at(-1).lines.push(line);
    else found.push({ isCode, lines: [line] });
  }
  return found.map(({ isCode, lines }) => ({ isCode, text: lines.join("\n") }));
}

// The text with every link to a file of the repository leading to `to(page, anchor)`. A link to what is no page is a mistake:
// nobody who reads the documentation of a gateway has the repository beside it.
export function relinked(markdown, file, pages, to) {
  const turn = (text) =>
    text.replace(/(`[^`]*`)|\]\(([^)\s]+)\)/g, (whole, code, target) => {
      if (code || /^[a-z][a-z+.-]*:/i.test(target)) return whole;
      const [path, anchor] = target.split("#");
      const wanted = path === "" ? file : posix.normalize(posix.join(posix.dirname(file), path));
      const page = pages.find((one) => one.file === wanted);
      if (!page) throw new Error(`${file} links to ${target}, which is no page of the documentation`);
      return `](${to(page, anchor)})`;
    });
  return pieces(markdown)
    .map(({ isCode, text }) => (isCode ? text : turn(text)))
    .join("\n");
}

// A text as HTML.
export const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

// What is told apart by colour in a block: comments, texts, names in JSON, variables and words of the language.
const GRAMMARS = {
  json: /(?<name>"(?:[^"\\]|\\.)*"(?=\s*:))|(?<text>"(?:[^"\\]|\\.)*")|(?<word>\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?\b)/g,
  sh: /(?<note>(?<=^|\s)#.*$)|(?<word>\$\{?\w+\}?)|(?<text>'[^']*')|(?<name>(?<=^|[|;&(] ?|\$\()(?:curl|jq|npx|npm|duckdb|python3|make|export|claude|codex|scripts\/run)\b)/gm,
  js: /(?<note>\/\/.*$)|(?<text>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?<word>\b(?:import|from|export|function|return|const|new|await|async|if|for|of|throw)\b)/gm,
  python: /(?<note>#.*$)|(?<text>"(?:[^"\\]|\\.)*")|(?<word>\b(?:import|from|def|return|with|as|if|for|in|raise)\b)/gm,
  rust: /(?<note>\/\/.*$)|(?<text>"(?:[^"\\]|\\.)*")|(?<word>\b(?:use|fn|let|pub|return|match|if|mut)\b)/gm,
  php: /(?<note>\/\/.*$)|(?<text>'[^']*'|"[^"]*")|(?<word>\b(?:foreach|function|as|if|isset|return)\b|\$\w+)/gm,
  html: /(?<note><!--.*?-->)|(?<text>"[^"]*")|(?<word><\/?\w+)/g,
};
function coloured(code, language) {
  const grammar = GRAMMARS[language];
  if (!grammar) return escaped(code);
  let html = "";
  let at = 0;
  for (const match of code.matchAll(grammar)) {
    const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    html += `${escaped(code.slice(at, match.index))}<span class="code-${kind}">${escaped(match[0])}</span>`;
    at = match.index + match[0].length;
  }
  return html + escaped(code.slice(at));
}

const LANGUAGES = {
  sh: "Shell",
  js: "JavaScript",
  python: "Python",
  rust: "Rust",
  php: "PHP",
  html: "HTML",
  json: "JSON",
  toml: "TOML",
};

// The HTML of a page, and its headings: [{ level, id, text }], the first of which is the title.
export function rendered(markdown) {
  const headings = [];
  const ids = new Map();
  let block = 0;
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text: source }) {
        const slug = slugOf(source);
        const count = ids.get(slug) ?? 0;
        ids.set(slug, count + 1);
        const id = count === 0 ? slug : `${slug}-${count}`;
        const html = this.parser.parseInline(tokens);
        const text = html.replace(/<[^>]+>/g, "");
        headings.push({ level: depth, id, text });
        if (depth === 1) return `<h1 id="${id}">${html}</h1>\n`;
        return `<h${depth} id="${id}"><a class="anchor" href="#${id}">${html}</a></h${depth}>\n`;
      },
      code({ text, lang }) {
        const { language, notRun } = infoOf(lang);
        const name = LANGUAGES[language] ?? "Text";
        block += 1;
        const isCopied = RUNNABLE.includes(language);
        return `<figure class="code">
<figcaption>${name}${isCopied ? `<button type="button" class="copy" data-copies="code-${block}">Copy</button>` : ""}</figcaption>
<pre id="code-${block}" tabindex="0" aria-label="${name}"><code>${coloured(text, language)}</code></pre>
</figure>
${notRun ? `<p class="not-run">Not run by the tests: ${escaped(notRun)}.</p>\n` : ""}`;
      },
      table(token) {
        const cell = (tag, { tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`;
        const row = (tag, cells) => `<tr>${cells.map((one) => cell(tag, one)).join("")}</tr>`;
        const head = token.header.some(({ text }) => text) ? `<thead>${row("th", token.header)}</thead>\n` : "";
        return `<div class="table" tabindex="0" role="region" aria-label="Table: ${escaped(token.header.map(({ text }) => text.replaceAll("`", "")).join(", "))}"><table>
${head}<tbody>
${token.rows.map((cells) => row("td", cells)).join("\n")}
</tbody></table></div>\n`;
      },
      paragraph({ tokens }) {
        const html = this.parser.parseInline(tokens);
        // The address of an operation: **GET** `/api/v1/…`
        const method = html.match(/^<strong>(GET|POST|PUT|PATCH|DELETE)<\/strong> <code>/)?.[1];
        if (!method) return `<p>${html}</p>\n`;
        const address = html.match(/<code>(.+?)<\/code>/)[1];
        const call = encodeURIComponent(`${method} ${address}`);
        const marked = html.replace("<strong>", `<strong class="method method-${method.toLowerCase()}">`);
        return `<p class="endpoint">${marked} <a class="try" href="/docs/playground?call=${call}">Try it</a></p>\n`;
      },
    },
  });
  return { html: marked.parse(markdown), headings };
}
