//! The owner of a website, who receives the emails about it.

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
    /// Selects the row that [`Self::of`] reads.
    pub fn select(website: WebsiteId) -> Statement {
        sql("SELECT accounts.email, websites.domain FROM websites \
             JOIN accounts ON accounts.id = websites.owner_id WHERE websites.id = ?1")
        .bind(website)
    }

    pub fn of(results: &Results, row: &Handle<Self>, website: WebsiteId) -> Result<Self, PlatformError> {
        results.first(row)?.ok_or_else(|| PlatformError::new(format!("website {website} is missing")))
    }
}
