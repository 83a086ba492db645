// Builds the documentation into files by name, from docs/*.md and openapi.json: `pages/start.html` for people, `start.md` for programs,
// `llms.txt` for those who look for it. The Worker serves them (src/docs.rs) and puts the gateway's address in place of ADDRESS.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { relinked, rendered } from "./markdown.mjs";
import { GROUPS, PAGES } from "./navigation.mjs";
import { Reference } from "./reference.mjs";
import { pageOf } from "./template.mjs";

const ROOT = new URL("../..", import.meta.url).pathname;
const ADDRESS = "https://your-gateway.example";
const START = "start";

// The address of a page below the gateway's.
export const addressOf = ({ name }) => (name === START ? "/docs" : `/docs/${name}`);
const twinOf = ({ name }) => `/docs/${name}.md`;
const anchored = (address, anchor) => (anchor ? `${address}#${anchor}` : address);

// The Markdown of every page, in order: [{ …page, file, markdown }]. A page that is made has a name of a file all the same, which
// links lead from and to.
export async function sources() {
  const document = JSON.parse(await readFile(join(ROOT, "openapi.json"), "utf8"));
  const unlisted = document.tags.filter(({ name }) => !PAGES.some(({ tag }) => tag === name));
  if (unlisted.length > 0)
    throw new Error(`console/docs/navigation.mjs has no page for ${unlisted.map(({ name }) => name).join(", ")}`);
  const reference = new Reference(document);
  const texts = new Map();
  const read = async (file) => texts.get(file) ?? texts.set(file, await readFile(join(ROOT, file), "utf8")).get(file);
  return Promise.all(
    PAGES.map(async (page) => {
      if (page.tag) return { ...page, file: `docs/${page.name}.md`, markdown: reference.page(page) };
      return { ...page, markdown: await completed(await read(page.file), page.file, reference, read) };
    }),
  );
}

// A page with what its comments ask for: <!-- table: permissions --> is made from openapi.json, and
// <!-- section: README.md#configuration --> is what stands there under the heading `## Configuration`.
async function completed(markdown, file, reference, read) {
  let text = markdown;
  for (const [comment, kind, what] of markdown.matchAll(/<!-- (table|section): (\S+) -->/g)) {
    const made = kind === "table" ? reference.tables[what]?.() : await section(what, read);
    if (made === undefined) throw new Error(`${file} asks for ${kind} ${what}, which nobody makes`);
    text = text.replace(comment, () => made);
  }
  return text.trimEnd();
}

async function section(what, read) {
  const [file, heading] = what.split("#");
  const text = await read(file);
  const parts = text.split(/^## /m).slice(1);
  const part = parts.find((one) => one.slice(0, one.indexOf("\n")).toLowerCase().replaceAll(" ", "-") === heading);
  // Its links are those of its own file.
  return part
    ?.slice(part.indexOf("\n") + 1)
    .trim()
    .replaceAll("](docs/", "](");
}

// The files, by name: of every page two, and llms.txt. `assets` are the addresses of the style, the script and the mark.
export async function documentation(assets) {
  const pages = await sources();
  const files = new Map();
  pages.forEach((page, index) => {
    const inPage = relinked(page.markdown, page.file, pages, (to, anchor) => anchored(addressOf(to), anchor));
    const inTwin = relinked(page.markdown, page.file, pages, (to, anchor) => anchored(ADDRESS + twinOf(to), anchor));
    const { html, headings } = rendered(inPage);
    const beside = { previous: pages[index - 1], next: pages[index + 1] };
    files.set(
      `${page.name}.html`,
      pageOf({ page, html, headings, groups: labelled(pages), beside, twin: twinOf(page), assets }),
    );
    files.set(`${page.name}.md`, twin(page, inTwin));
  });
  const missing = { name: "missing", description: "No such page." };
  const text =
    "<h1>No such page</h1>\n<p>Nothing is at this address. The pages of the documentation are in the navigation.</p>\n";
  files.set(
    "missing.html",
    pageOf({
      page: missing,
      html: text,
      headings: [{ level: 1, text: "No such page" }],
      groups: labelled(pages),
      beside: {},
      assets,
    }),
  );
  files.set("llms.txt", await index(pages));
  return files;
}

const titleOf = ({ markdown }) => markdown.match(/^# (.+)$/m)[1];

// The navigation: groups of { name, address, label }.
function labelled(pages) {
  const label = (page) => ({
    name: page.name,
    address: addressOf(page),
    label: page.label ?? titleOf(pages.find(({ name }) => name === page.name)),
  });
  return GROUPS.map(({ title, pages: listed }) => ({ title, pages: listed.map(label) }));
}

const twin = (page, markdown) => `Source: ${ADDRESS}${addressOf(page)}
Markdown source: ${ADDRESS}${twinOf(page)}
Description: ${page.description}

${markdown}
`;

// https://llmstxt.org: a title, what it is, then lists of links.
async function index(pages) {
  const introduction = (await readFile(join(ROOT, "console/docs/llms.md"), "utf8")).trimEnd();
  const lists = GROUPS.map(({ title, pages: listed }) => {
    const lines = listed.map((one) => {
      const page = pages.find(({ name }) => name === one.name);
      return `- [${titleOf(page)}](${ADDRESS}${addressOf(page)}): ${page.description} Markdown: [${page.name}.md](${ADDRESS}${twinOf(page)})`;
    });
    return `## ${title}\n\n${lines.join("\n")}`;
  });
  return `${introduction}\n\n${lists.join("\n\n")}\n`;
}
