//! Writes `openapi.json`; with `--check` it only says whether the file is current.

#![cfg(not(target_arch = "wasm32"))]

use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = serde_json::from_str(&fs::read_to_string(root.join("openapi/examples.json"))?)?;
    let document = sluice::openapi::document::document(sluice::routes::table()?, &examples);
    let text = format!("{}\n", serde_json::to_string_pretty(&document)?);
    let file = root.join("openapi.json");
    if !std::env::args().any(|argument| argument == "--check") {
        fs::write(file, text)?;
    } else if fs::read_to_string(file)? != text {
        return Err("openapi.json is not current: run `make openapi` and commit it".into());
    }
    Ok(())
}
