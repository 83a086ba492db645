//! Display names of places and browsers, and the spellings that filters accept.

/// Common names of countries that differ from the standard's.
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

/// The full name of a country by its ISO 3166-1 code; any other text is returned unchanged.
pub fn country(code: &str) -> String {
    rust_iso3166::from_alpha2(code).map_or_else(|| code.to_owned(), |country| country.name.to_owned())
}

/// The full name of the country that a filter names by code, full name or common name.
pub fn country_of(spelled: &str) -> Option<String> {
    let folded = spelled.to_lowercase();
    let spoken = SPOKEN.iter().find(|(name, _)| *name == folded).map(|(_, code)| country(code));
    let known =
        spoken.or_else(|| rust_iso3166::from_alpha2(&spelled.to_uppercase()).map(|found| found.name.to_owned()));
    known.or_else(|| {
        // "Iran (Islamic Republic of)" is also "Iran".
        let short = |name: &str| name.split(" (").next().unwrap_or(name).to_lowercase();
        rust_iso3166::ALL.iter().find(|country| short(country.name) == folded).map(|found| found.name.to_owned())
    })
}

/// The code of a country by its full name.
pub fn country_code(name: &str) -> Option<&'static str> {
    rust_iso3166::ALL.iter().find(|country| country.name == name).map(|country| country.alpha2)
}

/// The name of a region by its ISO 3166-2 code; any other text is returned unchanged.
pub fn region(received: &str) -> String {
    let code = received.to_uppercase();
    let known = rust_iso3166::iso3166_2::from_code(&code);
    known.map_or_else(|| received.to_owned(), |region| region.name.to_owned())
}

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
        assert_eq!(country_code("France"), Some("FR"));
        for (_, code) in SPOKEN {
            assert!(rust_iso3166::from_alpha2(code).is_some(), "{code}");
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
