//! Writes the regions of ISO 3166-2 as a text, a line for each: code, tab, name.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use rust_iso3166::iso3166_2::SUBDIVISION_MAP;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut lines = Vec::with_capacity(SUBDIVISION_MAP.len());
    for region in SUBDIVISION_MAP.values() {
        let (code, name) = (region.code, region.name);
        if code.split('-').next() != Some(region.country_code) || name.contains(['\t', '\n']) {
            return Err(format!("{code}: a region that does not fit a line").into());
        }
        lines.push(format!("{code}\t{name}\n"));
    }
    lines.sort();
    fs::write(Path::new(&env::var("OUT_DIR")?).join("regions.tsv"), lines.concat())?;
    Ok(())
}
