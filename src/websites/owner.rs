//! The owner of a website, who gets the mails about it.

use serde::Deserialize;

use crate::platform::PlatformError;
use crate::platform::database::{Handle, Results, Statement, sql};
use sluice_values::{Email, WebsiteId};

#[derive(Debug, Clone, Deserialize)]
pub struct Owner {
    pub email: Email,
    /// The website's domain.
    pub domain: String,
}

impl Owner {
    /// The statement whose row is read as an `Owner`.
    pub fn select(website: WebsiteId) -> Statement {
        sql("SELECT accounts.email, websites.domain FROM websites \
             JOIN accounts ON accounts.id = websites.owner_id WHERE websites.id = ?1")
        .bind(website)
    }

    /// Reads the row of a statement made by [`Self::select`].
    pub fn of(results: &Results, row: &Handle<Self>, website: WebsiteId) -> Result<Self, PlatformError> {
        results.first(row)?.ok_or_else(|| PlatformError::new(format!("website {website} is missing")))
    }
}
