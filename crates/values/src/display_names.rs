//! Display names of places and browsers, and the spellings that filters accept.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::countries;

/// Countries that people call by another name than the standard's.
const SPOKEN: [(&str, &str); 26] = [
    ("united states", "US"),
    ("usa", "US"),
    ("united kingdom", "GB"),
    ("uk", "GB"),
    ("great britain", "GB"),
    ("england", "GB"),
    ("russia", "RU"),
    ("south korea", "KR"),
    ("north korea", "KP"),
    ("vietnam", "VN"),
    ("iran", "IR"),
    ("syria", "SY"),
    ("taiwan", "TW"),
    ("tanzania", "TZ"),
    ("bolivia", "BO"),
    ("venezuela", "VE"),
    ("moldova", "MD"),
    ("laos", "LA"),
    ("netherlands", "NL"),
    ("czech republic", "CZ"),
    ("turkey", "TR"),
    ("macedonia", "MK"),
    ("ivory coast", "CI"),
    ("palestine", "PS"),
    ("philippines", "PH"),
    ("united arab emirates", "AE"),
];

/// The long name of a country by its code; what is no such code stays as it is.
pub fn country(code: &str) -> String {
    countries::of_code(code).map_or_else(|| code.to_owned(), |country| country.name.to_owned())
}

/// The full name of the country that a filter names by code, full name or common name.
pub fn country_of(spelled: &str) -> Option<String> {
    let folded = spelled.to_lowercase();
    let spoken = SPOKEN.iter().find(|(name, _)| *name == folded).map(|(_, code)| country(code));
    let known = spoken.or_else(|| countries::of_code(spelled).map(|found| found.name.to_owned()));
    known.or_else(|| {
        // "Iran (Islamic Republic of)" is also "Iran".
        let is_meant = |name: &str| {
            let name = name.to_lowercase();
            name == folded || name.split(" (").next() == Some(folded.as_str())
        };
        countries::all().find(|country| is_meant(country.name)).map(|found| found.name.to_owned())
    })
}

/// The code of a country's flag by the country's long name; `XX` is the flag of none.
pub fn flag_code(name: &str) -> &'static str {
    countries::all().find(|country| country.name == name && country.has_flag).map_or("XX", |country| country.code)
}

/// The code of a country by its long name.
pub fn country_code(name: &str) -> Option<&'static str> {
    countries::all().find(|country| country.name == name).map(|country| country.code)
}

/// The ISO 3166-2 code of a region by the code of its country and its name; `None` if several regions there have it.
pub fn region_code(country: &str, name: &str) -> Option<&'static str> {
    CODES.get(&(country, name)).copied().flatten()
}

/// The name of a region by its ISO 3166-2 code; any other text is returned unchanged.
pub fn region(received: &str) -> String {
    let known = NAMES.get(received.to_uppercase().as_str());
    known.map_or_else(|| received.to_owned(), |name| (*name).to_owned())
}

/// Codes and names, as the build has written them: as tables of `rust_iso3166`, they would be a twentieth of the Worker.
fn regions() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!(concat!(env!("OUT_DIR"), "/regions.tsv")).lines().filter_map(|line| line.split_once('\t'))
}

static NAMES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| regions().collect());

static CODES: LazyLock<HashMap<(&str, &str), Option<&str>>> = LazyLock::new(|| {
    let mut codes = HashMap::new();
    for (code, name) in regions() {
        let region = (code.split('-').next().unwrap_or_default(), name);
        let code = Some(code).filter(|_| !codes.contains_key(&region));
        codes.insert(region, code);
    }
    codes
});

/// The display name of a browser.
pub fn browser(received: &str) -> String {
    if received.eq_ignore_ascii_case("mobile safari") { "Safari".to_owned() } else { received.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_the_documented_long_names() {
        assert_eq!(country("US"), "United States of America");
        for spelled in ["US", "us", "United States", "united states of america", "USA"] {
            assert_eq!(country_of(spelled).as_deref(), Some("United States of America"), "{spelled}");
        }
        assert_eq!(country_of("Iran").as_deref(), Some("Iran (Islamic Republic of)"));
        assert_eq!(country_of("Atlantis"), None);
        for (code, name, flag) in [
            ("FR", "France", "FR"),
            ("XK", "Kosovo", "XK"),
            ("EU", "European Union", "EU"),
            ("AP", "Asia/Pacific Region", "XX"),
        ] {
            assert_eq!((country(code).as_str(), flag_code(name)), (name, flag));
            assert_eq!(country_of(name).as_deref(), Some(name));
            assert_eq!(country_of(&code.to_lowercase()).as_deref(), Some(name));
        }
        assert_eq!(country_of("Iran (Islamic Republic of)").as_deref(), Some("Iran (Islamic Republic of)"));
        assert_eq!(flag_code("Atlantis"), "XX");
        for (_, code) in SPOKEN {
            assert!(rust_iso3166::from_alpha2(code).is_some(), "{code}");
        }
    }

    #[test]
    fn places_have_the_codes_of_their_names() {
        for code in ["US", "FR", "GB", "XK"] {
            assert_eq!(country_code(&country(code)), Some(code));
        }
        assert_eq!(country_code("Atlantis"), None);
        for (country, name, code) in [
            ("US", "California", Some("US-CA")),
            ("FR", "Île-de-France", Some("FR-IDF")),
            ("DE", "California", None),
            ("US", "Atlantis", None),
        ] {
            assert_eq!(region_code(country, name), code, "{name}");
        }
    }

    #[test]
    fn regions_have_their_names_where_a_code_was_received() {
        for (received, shown) in [
            ("US-CA", "California"),
            ("FR-IDF", "Île-de-France"),
            ("DE-BE", "Berlin"),
            ("Bavaria", "Bavaria"),
            ("", ""),
        ] {
            assert_eq!(region(received), shown);
        }
    }
}
