//! What reports, payments and alerts need to know about a website.

use super::tracking_settings::owns;
use super::website::{Row, Settings, missing, select};
use crate::platform::PlatformError;
use crate::platform::database::{Handle, Results, Statement};
use serde::Deserialize;
use sluice_values::{Currency, Decimal, TimeZone, WebsiteId, nearest};

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Row")]
pub struct ReportContext {
    pub domain: String,
    pub name: Option<String>,
    /// The default time zone of ranges and buckets.
    pub timezone: TimeZone,
    pub currency: Currency,
    pub settings: Settings,
}

impl TryFrom<Row> for ReportContext {
    type Error = PlatformError;

    fn try_from(row: Row) -> Result<Self, PlatformError> {
        let id = row.id;
        let settings: Settings = serde_json::from_str(&row.settings)
            .map_err(|error| PlatformError::new(format!("settings of website {id}: {error}")))?;
        let broken = |what: &str| PlatformError::new(format!("website {id} has an invalid {what}"));
        Ok(Self {
            domain: row.domain,
            name: row.name,
            // "Factory" could be set once.
            timezone: row.timezone.parse().or_else(|_| "UTC".parse()).map_err(|_| broken("time zone"))?,
            currency: row.currency.parse().map_err(|_| broken("currency"))?,
            settings,
        })
    }
}

impl ReportContext {
    /// Whether a host is the website's own, as for events.
    pub fn owns(&self, host: &str) -> bool {
        owns(&self.domain, &self.settings.allowed_hostnames, host)
    }

    /// Selects the row that [`Self::of`] reads.
    pub fn select(id: WebsiteId) -> Statement {
        select(id)
    }

    pub fn of(results: &Results, row: &Handle<Self>, id: WebsiteId) -> Result<Self, PlatformError> {
        results.first(row)?.ok_or_else(|| missing(id))
    }

    /// Whether renewals count as revenue and for conversion (docs/contract/README.md#25).
    pub fn includes_renewals(&self) -> bool {
        self.settings.include_renewal_revenue.0
    }

    /// An amount in minor units of the website's currency, as responses show it.
    pub fn money(&self, minor: i64) -> Decimal {
        Decimal(self.currency.major_units(minor))
    }

    /// An amount divided by a count, in major units with the decimals of the currency (docs/contract/README.md#11).
    pub fn money_ratio(&self, minor: i64, count: i64) -> Decimal {
        let each = nearest(i128::from(minor), count);
        self.money(i64::try_from(each).unwrap_or(i64::MAX))
    }
}
