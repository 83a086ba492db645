//! Profiles of identified visitors: for each trait the value that was said last, merged when it is said.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::rows::{EventRow, VisitorRow};
use crate::site::Site;
use crate::sql::{Row, Sql};

/// The most bytes of a stored profile. Traits that were said longest ago are left out of a longer one.
pub const LONGEST_PROFILE: usize = 8_192;

/// A user's profile.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The website's own id of the user.
    pub user_id: String,
    /// All other fields, each with its latest value.
    pub metadata: Map<String, Json>,
    /// The time of the last identification, in milliseconds.
    pub identified_at: i64,
}

/// When an identification was made, and its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Said(i64, EventRow);

/// A profile as it is stored (`visitors.merged`): fields may be added with a default, none is renamed. `traits` is also read
/// by [`NAME`].
#[derive(Debug, Serialize, Deserialize)]
struct Merged {
    user: String,
    /// The last identification.
    last: Said,
    /// Each with the identification that it is from.
    traits: BTreeMap<String, (Said, Json)>,
}

/// The trait `name` of a stored profile, as SQL.
const NAME: &str = "'$.traits.name[1]'";

/// What a profile is found by, as columns of text: user id, name, address.
pub(crate) const SEARCHED: &str = "CAST(merged ->> '$.user' AS TEXT), CAST(merged ->> '$.traits.name[1]' AS TEXT), \
                                   CAST(merged ->> '$.traits.email[1]' AS TEXT)";

impl Merged {
    /// Adds an identification, in any order.
    fn add<S: Sql>(
        known: Option<Self>,
        said: Said,
        user: &str,
        traits: &Map<String, Json>,
        site: &Site<S>,
    ) -> Result<Self, Error> {
        let mut merged = known.unwrap_or_else(|| Self { user: user.to_owned(), last: said, traits: BTreeMap::new() });
        if is_later(site, said, merged.last)? {
            (merged.user, merged.last) = (user.to_owned(), said);
        }
        for (name, value) in traits {
            let is_latest = match merged.traits.get(name) {
                Some((before, _)) => is_later(site, said, *before)?,
                None => true,
            };
            if is_latest {
                merged.traits.insert(name.clone(), (said, value.clone()));
            }
        }
        merged.shorten()?;
        Ok(merged)
    }

    fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::new(error.to_string()))
    }

    /// Leaves out traits until the profile is short enough: those that were said longest ago, of these the last by name, and
    /// those of the last identification last of all.
    fn shorten(&mut self) -> Result<(), Error> {
        let mut over = self.to_json()?.len().saturating_sub(LONGEST_PROFILE);
        if over == 0 {
            return Ok(());
        }
        let age = |(name, (said, _)): (&String, &(Said, Json))| (*said == self.last, said.0, Reverse(name.clone()));
        let mut oldest: Vec<_> = self.traits.iter().map(age).collect();
        oldest.sort_unstable();
        for (_, _, Reverse(name)) in oldest {
            if over == 0 {
                break;
            }
            let left_out = self.traits.remove_entry(&name);
            let length = serde_json::to_string(&left_out).map_err(|error| Error::new(error.to_string()))?.len();
            // `["name",[…]]` is at least as long as `"name":[…]`.
            over = over.saturating_sub(length.saturating_sub(2));
        }
        Ok(())
    }

    fn shown(self) -> Profile {
        let metadata = self.traits.into_iter().map(|(name, (_, value))| (name, value)).collect();
        Profile { user_id: self.user, metadata, identified_at: self.last.0 }
    }
}

/// Whether an identification is later than another. Of two at the same time, their ids decide.
fn is_later<S: Sql>(site: &Site<S>, one: Said, other: Said) -> Result<bool, Error> {
    if one.0 != other.0 || one.1 == other.1 {
        return Ok(one.0 > other.0);
    }
    let ids = "SELECT ifnull((SELECT eid FROM events WHERE id = ?1) > (SELECT eid FROM events WHERE id = ?2), 1)";
    site.sql.one(ids, &[one.1.into(), other.1.into()])?.next()
}

/// Adds an identification, which is stored in row `event`, to the visitor's profile.
pub(crate) fn identify<S: Sql>(
    site: &Site<S>,
    visitor: VisitorRow,
    (time, event): (i64, EventRow),
    user: &str,
    traits: &Map<String, Json>,
) -> Result<(), Error> {
    let mut known = site.sql.one("SELECT profile IS NULL, merged FROM visitors WHERE id = ?1", &[visitor.into()])?;
    let (is_new, merged): (bool, Option<String>) = (known.next()?, known.next()?);
    let merged = match merged {
        None if !is_new => of_history(site, visitor)?,
        stored => {
            let stored = stored.as_deref().map(parse).transpose()?;
            Some(Merged::add(stored, Said(time, event), user, traits, site)?)
        }
    };
    let json = merged.map(|merged| merged.to_json()).transpose()?;
    // The first identification gives the visitor a profile. Its id is built from the event's second and row.
    let id = format!("{:08x}{:016x}", time / 1000, event.0);
    site.sql.run(
        "UPDATE visitors SET profile = ifnull(profile, ?2), merged = ?3 WHERE id = ?1",
        &[visitor.into(), id.into(), json.into()],
    )
}

fn parse(stored: &str) -> Result<Merged, Error> {
    serde_json::from_str(stored).map_err(|error| Error::new(format!("a stored profile: {error}")))
}

/// Merges all identifications of a visitor.
fn of_history<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<Option<Merged>, Error> {
    let statement = format!(
        "SELECT t.text, e.data, e.time, e.id FROM events e JOIN strings t ON t.id = e.name \
         WHERE e.visitor = ?1 AND {} ORDER BY e.time, e.eid",
        is_kind("e", Kind::Identify)
    );
    let mut merged = None;
    for mut row in site.sql.rows(&statement, &[visitor.into()])? {
        let (user, traits): (String, Map<String, Json>) = (row.next()?, row.optional_json()?);
        let said = Said(row.next()?, row.next()?);
        merged = Some(Merged::add(merged, said, &user, &traits, site)?);
    }
    Ok(merged)
}

/// A visitor's profile.
pub(crate) fn profile<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<Option<Profile>, Error> {
    let mut known = site.sql.one("SELECT profile IS NULL, merged FROM visitors WHERE id = ?1", &[visitor.into()])?;
    let (is_unknown, merged): (bool, Option<String>) = (known.next()?, known.next()?);
    let merged = match merged {
        Some(stored) => Some(parse(&stored)?),
        None if is_unknown => None,
        // An earlier release stored the identifications only.
        None => of_history(site, visitor)?,
    };
    Ok(merged.map(Merged::shown))
}

/// The columns of a visitor `v` that [`named`] reads.
pub(crate) fn name_columns() -> String {
    format!(
        "v.profile IS NULL, v.merged IS NULL, json_extract(v.merged, '$.user'), v.merged -> {NAME}, \
         json_extract(v.merged, '$.last[0]')"
    )
}

/// A visitor's profile with no more than the name.
pub(crate) fn named<S: Sql>(site: &Site<S>, visitor: VisitorRow, row: &mut Row) -> Result<Option<Profile>, Error> {
    let (is_unknown, is_old): (bool, bool) = (row.next()?, row.next()?);
    let (user, name): (Option<String>, Option<String>) = (row.next()?, row.next()?);
    let identified_at: Option<i64> = row.next()?;
    if is_old && !is_unknown {
        let mut known = profile(site, visitor)?;
        if let Some(known) = &mut known {
            known.metadata.retain(|key, _| key == "name");
        }
        return Ok(known);
    }
    let Some((user_id, identified_at)) = user.zip(identified_at) else { return Ok(None) };
    let name = name.map(|json| serde_json::from_str(&json)).transpose();
    let name: Option<Json> = name.map_err(|_| Error::new("a stored profile's name"))?;
    let metadata = name.map(|name| ("name".to_owned(), name)).into_iter().collect();
    Ok(Some(Profile { user_id, metadata, identified_at }))
}

/// Removes the profile of a visitor whose last identification is older than `before`.
pub(crate) fn forget_before<S: Sql>(site: &Site<S>, visitor: VisitorRow, before: i64) -> Result<(), Error> {
    site.sql.run(
        "UPDATE visitors SET profile = NULL, merged = NULL WHERE id = ?1 AND json_extract(merged, '$.last[0]') < ?2",
        &[visitor.into(), before.into()],
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use sluice_values::{Timestamp, VisitorId};

    use super::*;
    use crate::event::Event;
    use crate::memory::Memory;

    /// An identification: a minute, the number in its id, the user, the traits.
    type Identification = (i64, u32, u8, Map<String, Json>);

    fn identifications(longest: usize) -> impl Strategy<Value = Vec<Identification>> {
        let value = prop_oneof![
            (0..longest, any::<char>()).prop_map(|(length, of)| Json::from(of.to_string().repeat(length))),
            any::<i32>().prop_map(Json::from),
            Just(json!({ "deep": [1, null] })),
        ];
        let traits = prop::collection::vec(("[a-f]|name|image", value), 0..5);
        let traits = traits.prop_map(|pairs| pairs.into_iter().collect());
        prop::collection::vec((0..6_i64, 0..1_000_u32, 0..3_u8, traits), 0..24)
    }

    fn store(sent: &[Identification]) -> (Site<Memory>, Option<VisitorRow>) {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        let id = VisitorId::of_random([1; 16]);
        for (minute, number, user, traits) in sent {
            let action = json!({ "Identify": { "user_id": user.to_string(), "traits": traits } });
            let event: Event = serde_json::from_value(json!({
                "id": number.to_string(), "time": Timestamp::from_millis(minute * 60_000).to_string(),
                "sender": { "Visitor": id }, "session": "s", "action": action, "page": null, "href": null, "referrer": null,
                "source": null, "campaign": ["", "", "", "", "", "", "", ""], "context": {},
            }))
            .unwrap();
            site.append_one(&event, Timestamp::from_millis(0)).unwrap();
        }
        let known = site.sql.first("SELECT id FROM visitors WHERE uid = ?1", &[id.into()]).unwrap();
        let row = known.map(|mut row| row.next().unwrap());
        (site, row)
    }

    fn stored(site: &Site<Memory>) -> Option<String> {
        site.sql.first("SELECT merged FROM visitors", &[]).unwrap().and_then(|mut row| row.next().unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_merged_when_it_is_said_is_the_merge_of_the_history(sent in identifications(20)) {
            let (site, row) = store(&sent);
            let Some(row) = row else { return Ok(()) };
            let merged = of_history(&site, row).unwrap().map(Merged::shown);
            prop_assert_eq!(profile(&site, row).unwrap(), merged);
            // As of an object of an earlier release: merged with the next identification.
            let json = stored(&site);
            site.sql.run("UPDATE visitors SET merged = NULL", &[]).unwrap();
            prop_assert_eq!(profile(&site, row).unwrap().is_some(), json.is_some());
            let late = of_history(&site, row).unwrap().unwrap();
            identify(&site, row, (late.last.0, late.last.1), &late.user, &Map::new()).unwrap();
            prop_assert_eq!(stored(&site), json);
        }

        #[test]
        fn a_profile_is_short_and_has_what_was_said_last(sent in identifications(900)) {
            let (site, row) = store(&sent);
            let Some(row) = row else { return Ok(()) };
            let json = stored(&site).unwrap();
            prop_assert!(json.len() <= LONGEST_PROFILE, "{}", json.len());
            let last: Merged = serde_json::from_str(&json).unwrap();
            let said: String = site.sql.one("SELECT data FROM events WHERE id = ?1", &[last.last.1.into()]).unwrap().next().unwrap();
            let said: Map<String, Json> = serde_json::from_str(&said).unwrap();
            if serde_json::to_string(&said).unwrap().len() <= 4_096 {
                for (name, value) in said {
                    prop_assert_eq!(last.traits.get(&name).map(|(_, value)| value), Some(&value));
                }
            }
            let name = profile(&site, row).unwrap().unwrap().metadata.get("name").cloned();
            let statement = format!("SELECT {} FROM visitors v", name_columns());
            let mut columns = site.sql.one(&statement, &[]).unwrap();
            let shown = named(&site, row, &mut columns).unwrap().unwrap();
            prop_assert_eq!(shown.metadata.get("name").cloned(), name);
            prop_assert_eq!((shown.user_id, shown.identified_at), (last.user, last.last.0));
        }
    }

    #[test]
    fn the_cost_of_a_profile_does_not_grow_with_its_history() {
        let said = |number: i64| {
            (
                number,
                u32::try_from(number).unwrap(),
                1,
                Map::from_iter([(format!("t{}", number % 50), json!("x".repeat(300)))]),
            )
        };
        let sent: Vec<_> = (0..400).map(said).collect();
        let (site, row) = store(&sent);
        site.sql.given.set(0);
        assert!(profile(&site, row.unwrap()).unwrap().is_some());
        assert_eq!(site.sql.given.get(), 1, "one row, whatever was said before");
    }
}
