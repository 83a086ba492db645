//! Attribution: the session of payments, and the visitor of payments without one. The session of a backend's goal is
//! not stored: reports find it ([`crate::fragments::session_of_event`]).

use sluice_values::{Timestamp, VisitorId};

use crate::error::Error;
use crate::event::{Action, hint_keys};
use crate::fragments::latest_session_by;
use crate::layout::Standing;
use crate::rows::{EventRow, PaymentRow, SessionRow, VisitorRow};
use crate::selection::Span;
use crate::site::Site;
use crate::sql::Sql;
use crate::visitor;

/// The visitor's session that a payment at this time belongs to.
pub(crate) fn session_by<S: Sql>(
    site: &Site<S>,
    visitor: VisitorRow,
    time: Timestamp,
) -> Result<Option<SessionRow>, Error> {
    let statement = format!("SELECT {}", latest_session_by("?1", "?2"));
    site.sql.one(&statement, &[visitor.into(), time.into()])?.next()
}

/// The time up to which a session that began at `time` has payments: the visitor's next session has the rest.
pub(crate) fn end_of_session_at<S: Sql>(
    site: &Site<S>,
    visitor: VisitorRow,
    time: Timestamp,
) -> Result<Timestamp, Error> {
    let next = "SELECT min(started) FROM sessions WHERE visitor = ?1 AND started > ?2";
    let next: Option<Timestamp> = site.sql.one(next, &[visitor.into(), time.into()])?.next()?;
    Ok(next.map_or(Timestamp::from_millis(Span::ALL.to), |next| next.plus_millis(-1)))
}

/// Reassigns the visitor's payments of a span, after a session began, moved or was deleted there.
pub(crate) fn reassign<S: Sql>(
    site: &Site<S>,
    visitor: VisitorRow,
    from: Timestamp,
    to: Timestamp,
) -> Result<(), Error> {
    let values = [visitor.into(), from.into(), to.into()];
    let session = latest_session_by("?1", "payments.time");
    let payments = format!(
        "UPDATE payments SET session = {session} WHERE visitor = ?1 AND time BETWEEN ?2 AND ?3 AND session IS NOT {session}"
    );
    site.sql.run(&payments, &values)
}

/// Stores whom a key names, once for a visitor and moment, so that few are the latest ones.
pub(crate) fn add_hint<S: Sql>(
    site: &Site<S>,
    key: &str,
    (time, visitor, event): (Timestamp, VisitorRow, EventRow),
) -> Result<(), Error> {
    site.sql.run(
        "INSERT OR IGNORE INTO hints (key, time, visitor, event) SELECT ?1, ?2, ?3, ?4 \
         WHERE NOT EXISTS (SELECT 1 FROM hints WHERE key = ?1 AND time = ?2 AND visitor = ?3)",
        &[key.into(), time.into(), visitor.into(), event.into()],
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
        add_hint(site, &key, (time, visitor, event))?;
        if matches!(site.standing(), Standing::Shard(..)) {
            // A later hint may be in another shard: the home decides (`together.rs`).
            continue;
        }
        let (column, value) = key.split_once(':').unwrap_or_default();
        // The hint leaves a payment with its visitor, or gives it this one.
        let others = if column == "email" {
            "SELECT id, transaction_id, email, time FROM payments WHERE named = 0 AND email = ?1 AND visitor IS NOT ?2"
        } else {
            "SELECT id, transaction_id, email, time FROM payments WHERE named = 0 AND transaction_id = ?1 \
             AND visitor IS NOT ?2"
        };
        for mut row in site.sql.rows(others, &[value.into(), visitor.into()])? {
            let (payment, transaction, email): (PaymentRow, String, Option<String>) =
                (row.next()?, row.next()?, row.next()?);
            let time: Timestamp = row.next()?;
            if hinted(site, &hint_keys(&transaction, email.as_deref()))? != Some(visitor) {
                continue;
            }
            let session = session_by(site, visitor, time)?;
            site.sql.run(
                "UPDATE payments SET visitor = ?2, session = ?3 WHERE id = ?1",
                &[payment.into(), visitor.into(), session.into()],
            )?;
            visitor::detach(site, visitor)?;
        }
    }
    Ok(())
}

/// Gives payments to a visitor. Runs within a transaction.
pub(crate) fn assign<S: Sql>(site: &Site<S>, id: VisitorId, payments: &str) -> Result<(), Error> {
    let visitor = visitor::find_or_add(site, id)?;
    let session = latest_session_by("?1", "payments.time");
    let assign = format!(
        "UPDATE payments SET visitor = ?1, session = {session} WHERE visitor IS NOT ?1 \
         AND pid IN (SELECT unhex(value) FROM json_each(?2))"
    );
    site.sql.run(&assign, &[visitor.into(), payments.into()])?;
    visitor::detach(site, visitor)
}

/// The visitor of the latest hint with any of these keys.
pub(crate) fn hinted<S: Sql>(site: &Site<S>, keys: &[String]) -> Result<Option<VisitorRow>, Error> {
    let json = serde_json::to_string(keys).map_err(|error| Error::new(error.to_string()))?;
    let row = site.sql.first(
        "SELECT h.visitor FROM json_each(?1) k CROSS JOIN hints h ON h.key = k.value \
         AND h.time = (SELECT max(time) FROM hints WHERE key = k.value) ORDER BY h.time DESC, h.visitor DESC LIMIT 1",
        &[json.into()],
    )?;
    row.map(|mut row| row.next()).transpose()
}
