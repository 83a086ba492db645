//! Attribution: the session of payments and of backends' goals, and the visitor of payments without one.

use sluice_values::Timestamp;

use crate::error::Error;
use crate::event::{Action, Kind, hint_keys};
use crate::fragments::{is_kind, latest_session_by};
use crate::rows::{EventRow, PaymentRow, SessionRow, VisitorRow};
use crate::site::Site;
use crate::sql::{Columns, Sql};
use crate::visitor;

/// The visitor's session that a payment or goal at this time belongs to.
pub(crate) fn session_by<S: Sql>(
    site: &Site<S>,
    visitor: VisitorRow,
    time: Timestamp,
) -> Result<Option<SessionRow>, Error> {
    let statement = format!("SELECT {}", latest_session_by("?1", "?2"));
    site.sql.one(&statement, &[visitor.into(), time.into()])?.next()
}

/// Reassigns every payment and every backend's goal of the visitor to its session, after sessions have changed.
pub(crate) fn reassign<S: Sql>(site: &Site<S>, visitor: VisitorRow) -> Result<(), Error> {
    let session = latest_session_by("?1", "payments.time");
    site.sql.run(&format!("UPDATE payments SET session = {session} WHERE visitor = ?1"), &[visitor.into()])?;
    let (session, is_goal) = (latest_session_by("?1", "events.time"), is_kind("events", Kind::Goal));
    site.sql.run(
        &format!("UPDATE events SET owner = {session} WHERE visitor = ?1 AND session IS NULL AND {is_goal}"),
        &[visitor.into()],
    )
}

/// Stores a browser's payment hint, and assigns payments that have no visitor.
pub(crate) fn take_hint<S: Sql>(
    site: &Site<S>,
    action: &Action,
    time: Timestamp,
    visitor: VisitorRow,
    event: EventRow,
) -> Result<(), Error> {
    for key in action.hints() {
        let hint =
            Columns::new().with("key", key.as_str()).with("time", time).with("visitor", visitor).with("event", event);
        let (insert, values) = hint.insert_or_ignore("hints");
        site.sql.run(&insert, &values)?;
        let (column, value) = key.split_once(':').unwrap_or_default();
        let waiting = if column == "email" {
            "SELECT id, transaction_id, email FROM payments WHERE named = 0 AND email = ?1"
        } else {
            "SELECT id, transaction_id, email FROM payments WHERE named = 0 AND transaction_id = ?1"
        };
        for mut row in site.sql.rows(waiting, &[value.into()])? {
            let (payment, transaction, email): (PaymentRow, String, Option<String>) =
                (row.next()?, row.next()?, row.next()?);
            let Some(visitor) = hinted(site, &hint_keys(&transaction, email.as_deref()))? else { continue };
            let values = [payment.into(), visitor.into()];
            site.sql.run("UPDATE payments SET visitor = ?2 WHERE id = ?1", &values)?;
            visitor::detach(site, visitor)?;
            reassign(site, visitor)?;
        }
    }
    Ok(())
}

/// The visitor of the latest hint with any of these keys.
pub(crate) fn hinted<S: Sql>(site: &Site<S>, keys: &[String]) -> Result<Option<VisitorRow>, Error> {
    let json = serde_json::to_string(keys).map_err(|error| Error::new(error.to_string()))?;
    let row = site.sql.first(
        "SELECT visitor FROM hints WHERE key IN (SELECT value FROM json_each(?1)) \
         ORDER BY time DESC, visitor DESC LIMIT 1",
        &[json.into()],
    )?;
    row.map(|mut row| row.next()).transpose()
}
