//! The website's time zone, which determines the days of the rollups.

use jiff::tz::TimeZone;
use sluice_values::Timestamp;

use crate::error::Error;
use crate::rows::Day;
use crate::site::Site;
use crate::sql::Sql;

/// A day of 24 hours, in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// The time zone of the rollups.
pub(crate) fn zone<S: Sql>(site: &Site<S>) -> Result<TimeZone, Error> {
    if let Some(zone) = &site.caches.borrow().zone {
        return Ok(zone.clone());
    }
    let stored = site.sql.first("SELECT value FROM meta WHERE key = 'zone'", &[])?;
    let name: String = stored.map_or_else(|| Ok("UTC".to_owned()), |mut row| row.next())?;
    let zone = named(&name)?;
    site.caches.borrow_mut().zone = Some(zone.clone());
    Ok(zone)
}

pub(crate) fn named(name: &str) -> Result<TimeZone, Error> {
    jiff::tz::TimeZoneDatabase::bundled().get(name).map_err(|error| Error::new(error.to_string()))
}

pub(crate) fn day<S: Sql>(site: &Site<S>, time: Timestamp) -> Result<Day, Error> {
    let offset = zone(site)?.to_offset(moment(time)?).seconds();
    Ok(Day((time.as_millis() + i64::from(offset) * 1000).div_euclid(DAY_MS)))
}

/// The start of a day, and the start of the next.
pub(crate) fn day_bounds<S: Sql>(site: &Site<S>, day: Day) -> Result<(Timestamp, Timestamp), Error> {
    let zone = zone(site)?;
    let start = |day: i64| -> Result<Timestamp, Error> {
        let date = i64::checked_mul(day, DAY_MS).and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
        let date = date.ok_or_else(|| Error::new("a day beyond the calendar"))?;
        let date = TimeZone::UTC.to_datetime(date).date();
        let begun = date.to_zoned(zone.clone()).map_err(|error| Error::new(error.to_string()))?;
        Ok(Timestamp::from_millis(begun.timestamp().as_millisecond()))
    };
    Ok((start(day.0)?, start(day.0 + 1)?))
}

pub(crate) fn moment(time: Timestamp) -> Result<jiff::Timestamp, Error> {
    jiff::Timestamp::from_millisecond(time.as_millis()).map_err(|error| Error::new(error.to_string()))
}
