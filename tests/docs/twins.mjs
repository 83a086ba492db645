// The documentation as a program reads it: /llms.txt, and the twins in Markdown that it lists, with their blocks of code.

import assert from "node:assert/strict";
import { infoOf } from "../../console/docs/markdown.mjs";
import { Gateway } from "../harness/gateway.mjs";

const { url: gateway } = Gateway.given();

export async function text(path, status = 200) {
  const answer = await fetch(new URL(path, gateway));
  assert.equal(answer.status, status, path);
  return answer.text();
}

// The twins that the index lists: [{ path, name, markdown }].
export async function twins() {
  const index = await text("/llms.txt");
  const listed = [...index.matchAll(/\]\((\S+\/docs\/(\S+)\.md)\)/g)].map(([, address, name]) => ({ address, name }));
  return Promise.all(
    listed.map(async ({ address, name }) => {
      assert.equal(new URL(address).origin, gateway, address);
      return { name, path: new URL(address).pathname, markdown: await text(address) };
    }),
  );
}

// The blocks of code of a text: { language, notRun, code, answer, heading }. `answer` is the JSON right behind a block: what it answers.
export function blocks(markdown) {
  const found = [];
  let heading = "";
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at++) {
    heading = lines[at].match(/^#+ (.*)/)?.[1] ?? heading;
    const info = lines[at].match(/^```(.*)/)?.[1];
    if (info === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    assert.notEqual(end, -1, `a block without an end: ${lines[at]}`);
    const block = { ...infoOf(info), code: lines.slice(at + 1, end).join("\n"), heading };
    const before = lines.slice(0, at).findLast((line) => line !== "");
    if (block.language === "json" && before === "```" && found.length > 0) found.at(-1).answer ??= block.code;
    found.push(block);
    at = end;
  }
  return found;
}
