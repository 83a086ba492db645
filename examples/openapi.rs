//! Writes `openapi.json`, `openapi/tools.json` and the table in `docs/mcp.md`; with `--check` it only says whether the files are current.

#![cfg(not(target_arch = "wasm32"))]

use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = serde_json::from_str(&fs::read_to_string(root.join("openapi/examples.json"))?)?;
    let document = sluice::openapi::document::document(sluice::routes::table()?, &examples);
    let tools = sluice::mcp::schema::listed(&document)?;
    let is_check = std::env::args().any(|argument| argument == "--check");
    let pretty = |value| serde_json::to_string_pretty(value).map(|text| format!("{text}\n"));
    let page = sluice::mcp::schema::page(&fs::read_to_string(root.join("docs/mcp.md"))?, &document)?;
    let files = [("openapi.json", pretty(&document)?), ("openapi/tools.json", pretty(&tools)?), ("docs/mcp.md", page)];
    for (name, text) in files {
        let file = root.join(name);
        if !is_check {
            fs::write(file, text)?;
        } else if fs::read_to_string(file)? != text {
            return Err(format!("{name} is not current: run `make openapi` and commit it").into());
        }
    }
    Ok(())
}
