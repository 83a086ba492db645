//! The subscriptions in force, read once.

use crate::error::Error;
use crate::site::Site;
use crate::sql::Sql;
use crate::subscriptions::Subscriptions;

/// For how many days the website keeps events; `None` for ever.
pub(crate) fn retention_days<S: Sql>(site: &Site<S>) -> Result<Option<u32>, Error> {
    Ok(subscribed_to(site)?.retention_days)
}

/// The subscriptions in force.
pub(crate) fn subscribed_to<S: Sql>(site: &Site<S>) -> Result<Subscriptions, Error> {
    if let Some(known) = &site.caches.borrow().subscriptions {
        return Ok(known.clone());
    }
    let stored = site.sql.first("SELECT value FROM meta WHERE key = 'watch'", &[])?;
    let known: Subscriptions = stored.map_or_else(|| Ok(Subscriptions::default()), |mut row| row.json())?;
    site.caches.borrow_mut().subscriptions = Some(known.clone());
    Ok(known)
}
