//! Profiles of identified visitors.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::rows::VisitorRow;
use crate::site::Site;
use crate::sql::Sql;

/// A user's profile.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Profile {
    /// The website's own id of the user.
    pub user_id: String,
    /// All other fields, each with its latest value.
    pub metadata: Map<String, Json>,
    /// The time of the last identification, in milliseconds.
    pub identified_at: i64,
}

/// Merges a visitor's identifications in the order of time.
pub(crate) fn profile<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<Option<Profile>, Error> {
    let statement = format!(
        "SELECT t.text, e.data, e.time FROM events e JOIN strings t ON t.id = e.name \
         WHERE e.visitor = ?1 AND {} ORDER BY e.time, e.eid",
        is_kind("e", Kind::Identify)
    );
    let mut profile: Option<Profile> = None;
    for mut row in site.sql.rows(&statement, &[visitor.into()])? {
        let known = profile.get_or_insert_default();
        known.user_id = row.next()?;
        known.metadata.extend(row.optional_json::<Map<String, Json>>()?);
        known.identified_at = row.next()?;
    }
    Ok(profile)
}
