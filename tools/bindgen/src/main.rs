//! `bindgen MODULE.wasm FOLDER` writes `FOLDER/index.js` and `FOLDER/index_bg.wasm`.
//!
//! It stands in for wasm-bindgen-cli, which takes three times as long to compile.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// How each method of an exported class starts, and each closure that was handed to JavaScript.
const CHECKS: [&str; 2] = ["if (this.__wbg_inst !== undefined", "if (state.instance !== __wbg_instance_id"];

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(module), Some(folder), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: bindgen MODULE.wasm FOLDER");
    };
    // With the abort handler, an instance that panicked or trapped is never entered again: the next call gets a new one.
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("index").module(true)?.typescript(false).force_enable_abort_handler(true);
    bindgen.generate(&folder)?;

    let file = folder.join("index.js");
    let glue = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    fs::write(&file, finish(glue)?).with_context(|| format!("writing {}", file.display()))
}

/// Two changes to what wasm-bindgen writes.
fn finish(mut glue: String) -> Result<String> {
    // A pointer into a dead instance must not reach the new one. wasm-bindgen first checks whether the pointer is stale, and
    // then replaces the instance if that is due, after which the pointer is stale; so the replacement is made to come first.
    for check in CHECKS {
        ensure!(
            glue.contains(check),
            "wasm-bindgen writes its check for stale pointers differently: {check} is not there"
        );
        glue = glue.replace(check, &format!("__wbg_call_guard();\n{check}"));
    }
    // workerd gives a module of compiled wasm to a plain import, and knows no source phase.
    Ok(glue.replace("import source ", "import "))
}
