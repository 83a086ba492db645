//! Any bytes as a line of an import: what is taken survives an export and another import.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_fuzz::Website;

fuzz_target!(|data: &[u8]| {
    let website = Website::default();
    if website.take_line(data).is_ok() {
        website.check();
    }
});
