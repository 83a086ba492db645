//! Any bytes as the body of an event: what is taken survives an export and an import.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_fuzz::Website;

fuzz_target!(|data: &[u8]| {
    let website = Website::default();
    if website.take_event(data).is_ok() {
        website.check();
    }
});
