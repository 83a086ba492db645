//! The one list of countries: ISO 3166-1, and the codes that databases of IP addresses use beside it.

/// Codes that ISO 3166-1 has not assigned: Kosovo, regions that databases of IP addresses name where they know no country, and
/// territories with a code of their own (exceptionally reserved or withdrawn by ISO). Whether there is a flag for them.
const UNASSIGNED: [Found; 11] = [
    Found { code: "XK", name: "Kosovo", has_flag: true },
    Found { code: "EU", name: "European Union", has_flag: true },
    Found { code: "AP", name: "Asia/Pacific Region", has_flag: false },
    Found { code: "AC", name: "Ascension Island", has_flag: true },
    Found { code: "AN", name: "Netherlands Antilles", has_flag: false },
    Found { code: "CP", name: "Clipperton Island", has_flag: false },
    Found { code: "CQ", name: "Sark", has_flag: false },
    Found { code: "DG", name: "Diego Garcia", has_flag: false },
    Found { code: "EA", name: "Ceuta and Melilla", has_flag: false },
    Found { code: "IC", name: "Canary Islands", has_flag: true },
    Found { code: "TA", name: "Tristan da Cunha", has_flag: true },
];

/// What databases of IP addresses say where they know no place: Cloudflare's Tor and unknown, others' proxies, satellites and
/// others, and the code of CLDR.
const UNKNOWN: [&str; 6] = ["T1", "XX", "A1", "A2", "O1", "ZZ"];

#[derive(Clone, Copy)]
pub struct Found {
    pub code: &'static str,
    pub name: &'static str,
    pub has_flag: bool,
}

/// The country with this code, in either case.
pub fn of_code(code: &str) -> Option<Found> {
    let code = code.to_ascii_uppercase();
    let assigned = rust_iso3166::from_alpha2(&code);
    let assigned = assigned.map(|country| Found { code: country.alpha2, name: country.name, has_flag: true });
    assigned.or_else(|| UNASSIGNED.iter().find(|country| country.code == code).copied())
}

pub fn all() -> impl Iterator<Item = Found> {
    let assigned = rust_iso3166::ALL.iter();
    let assigned = assigned.map(|country| Found { code: country.alpha2, name: country.name, has_flag: true });
    assigned.chain(UNASSIGNED)
}

/// Whether a code says that the country is not known.
pub fn is_unknown(code: &str) -> bool {
    let code = code.trim();
    code.is_empty() || UNKNOWN.iter().any(|unknown| unknown.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_and_no_name_is_in_the_list_twice() {
        let mut codes: Vec<_> = all().map(|country| country.code).chain(UNKNOWN).collect();
        let mut names: Vec<_> = all().map(|country| country.name).collect();
        let counts = (codes.len(), names.len());
        codes.sort_unstable();
        codes.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!((codes.len(), names.len()), counts);
    }
}
