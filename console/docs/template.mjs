// The HTML around a page of the documentation. Every text in it is ours; nothing of it is set by script.

import { escaped } from "./markdown.mjs";

export function pageOf({ page, html, headings, groups, beside, twin, assets }) {
  const title = headings[0].text;
  const inside = headings.filter(({ level }) => level === 2);
  return `<!doctype html>
<html lang="en" data-theme="system">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="description" content="${escaped(page.description)}">
<title>${title} · Sluice docs</title>
<link rel="icon" href="${assets.mark}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style}">
${twin ? `<link rel="alternate" type="text/markdown" href="${twin}">\n` : ""}<script type="module" src="${assets.script}"></script>${page.script ? `\n<script type="module" src="${assets[page.script]}"></script>` : ""}
</head>
<body>
<a class="skip" href="#content">Skip to the page</a>
<header class="top">
<button type="button" class="menu" popovertarget="pages">Menu</button>
<a class="brand" href="/docs"><img src="${assets.mark}" alt="" width="22" height="22">Sluice <span>docs</span></a>
<nav aria-label="Sluice"><a href="/docs/api">API</a><a href="/llms.txt">llms.txt</a><a href="/console">Console</a></nav>
</header>
<div class="frame">
<nav class="side" id="pages" popover aria-label="Documentation">
${groups.map((group) => groupOf(group, page)).join("\n")}
</nav>
<main id="content" tabindex="-1">
<article>
${html.trimEnd()}
</article>
<footer>
${besideOf(beside)}${twin ? `<p class="twin"><a href="${twin}">AI agent or LLM? Read this page as markdown</a></p>\n` : ""}</footer>
</main>
${inside.length > 1 ? insideOf(inside) : ""}</div>
</body>
</html>
`;
}

function groupOf({ title, pages }, current) {
  const link = ({ name, address, label }) =>
    `<li><a href="${address}"${name === current.name ? ' aria-current="page"' : ""}>${escaped(label)}</a></li>`;
  return `<h2>${title}</h2>\n<ul>\n${pages.map(link).join("\n")}\n</ul>`;
}

function insideOf(headings) {
  const link = ({ id, text }) => `<li><a href="#${id}">${text}</a></li>`;
  return `<nav class="inside" aria-label="On this page">
<h2>On this page</h2>
<ul>
${headings.map(link).join("\n")}
</ul>
</nav>
`;
}

function besideOf({ previous, next }) {
  if (!previous && !next) return "";
  const link = (page, rel, word) => {
    if (!page) return "";
    const title = page.markdown.match(/^# (.+)$/m)[1];
    const address = page.name === "start" ? "/docs" : `/docs/${page.name}`;
    return `<a rel="${rel}" href="${address}"><span>${word}</span>${escaped(page.label ?? title)}</a>`;
  };
  return `<nav class="beside" aria-label="Pages before and after">${link(previous, "prev", "Previous")}${link(next, "next", "Next")}</nav>\n`;
}
