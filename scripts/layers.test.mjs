// What scripts/layers.mjs refuses, and what it lets pass: `node --test scripts/layers.test.mjs`.

import assert from "node:assert/strict";
import test from "node:test";
import { arrows, faults, layersOf } from "./layers.mjs";

const LAYERS = ["crates/values", "src/platform", "src/http", "src/site.rs", "src/routes.rs", "src/lib.rs"];
const judge = (files) => faults(new Map(Object.entries(files)), LAYERS, ["src/lib.rs", "src/platform"]);
const targets = (files, from) => arrows(new Map(Object.entries(files))).filter((arrow) => arrow.from === from).map(({ to }) => to);

test("the order is read from the document, lowest first", () => {
  const document = "# A\n\n```layers\nsrc/a     what a is\nsrc/b.rs  what b is\n```\n\ntext\n";
  assert.deepEqual(layersOf(document), ["src/a", "src/b.rs"]);
  assert.throws(() => layersOf("# A\n"), /no block/);
});

test("an import of a higher layer is refused, naming both ends and the line", () => {
  const files = { "src/platform/mod.rs": "\nuse crate::http::call::Call;\n", "src/http/mod.rs": "pub mod call;", "src/http/call.rs": "pub struct Call;" };
  assert.deepEqual(judge(files), ["src/platform/mod.rs:2: imports src/http/call.rs, which lies in a higher layer"]);
});

test("an import of a lower layer, of another crate too, passes", () => {
  const files = {
    "crates/values/src/lib.rs": "pub struct Id;",
    "src/platform/clock.rs": "use sluice_values::Id;",
    "src/http/call.rs": "use crate::platform::clock;\nfn f() { sluice_values::Id; }",
  };
  assert.deepEqual(judge(files), []);
});

test("paths are found in groups, in bodies, in tests and through super", () => {
  const all = { "src/http/mod.rs": "pub mod a;", "src/http/a.rs": "", "src/http/b.rs": "", "src/site.rs": "", "src/platform/log.rs": "" };
  const to = (source) => targets({ ...all, "src/http/call.rs": source }, "src/http/call.rs");
  assert.deepEqual(to("use crate::{\n    http::{a::{self, X}, b::Y},\n    site,\n};"), ["src/http/a.rs", "src/http/a.rs", "src/http/b.rs", "src/site.rs"]);
  assert.deepEqual(to("fn f() { crate::platform::log::failure(super::a::x()); }"), ["src/platform/log.rs", "src/http/a.rs"]);
  assert.deepEqual(to("mod tests {\n    use super::*;\n    use super::super::a;\n    use crate::site;\n}"), ["src/http/a.rs", "src/site.rs"]);
  assert.deepEqual(to('// crate::site\nconst A: &str = "crate::site";\nconst B: &str = r#"crate::site "x" "#;\nfn f<\'a>(_: &\'a str) {}'), []);
});

test("a module's own file reaches its children by their bare names", () => {
  const files = { "src/http/mod.rs": "pub mod a;\nuse a::A;", "src/http/a.rs": "use super::B;" };
  assert.match(judge(files)[0], /a circle of files: src\/http\/(mod|a)\.rs → src\/http\/(mod|a)\.rs/);
});

test("a circle inside a layer is refused once, with every file of it", () => {
  const files = { "src/http/a.rs": "use super::b::B;", "src/http/b.rs": "use super::c::C;", "src/http/c.rs": "use super::a::A;" };
  assert.deepEqual(judge(files), ["a circle of files: src/http/a.rs → src/http/b.rs → src/http/c.rs → src/http/a.rs"]);
});

test("the runtime is named where it may be and nowhere else", () => {
  assert.deepEqual(judge({ "src/platform/clock.rs": "use worker::Env;", "src/lib.rs": "use worker::{Env, event};" }), []);
  assert.match(judge({ "src/http/call.rs": "\n\nuse worker::Env;" })[0], /^src\/http\/call\.rs:3: names the runtime/);
});

test("a file that no layer holds is refused", () => {
  assert.match(judge({ "src/new/mod.rs": "" })[0], /no layer/);
});
