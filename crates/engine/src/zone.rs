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
    day_in(&zone(site)?, time)
}

/// The day of a time in a time zone.
pub(crate) fn day_in(zone: &TimeZone, time: Timestamp) -> Result<Day, Error> {
    let time = on_calendar(time);
    let offset = zone.to_offset(moment(time)?).seconds();
    Ok(Day((time.as_millis() + i64::from(offset) * 1000).div_euclid(DAY_MS)))
}

/// The start of a day, and the start of the next.
pub(crate) fn day_bounds<S: Sql>(site: &Site<S>, day: Day) -> Result<(Timestamp, Timestamp), Error> {
    day_bounds_in(&zone(site)?, day)
}

/// The start of a day in a time zone, and the start of the next.
pub(crate) fn day_bounds_in(zone: &TimeZone, day: Day) -> Result<(Timestamp, Timestamp), Error> {
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
    jiff::Timestamp::from_millisecond(on_calendar(time).as_millis()).map_err(|error| Error::new(error.to_string()))
}

/// The time, or the nearest one whose day has bounds in every zone. Ranges may end beyond it, but nothing happens there.
fn on_calendar(time: Timestamp) -> Timestamp {
    let earliest = jiff::Timestamp::MIN.as_millisecond() + 2 * DAY_MS;
    let latest = jiff::Timestamp::MAX.as_millisecond() - 2 * DAY_MS;
    Timestamp::from_millis(time.as_millis().clamp(earliest, latest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn the_day_of_any_time_has_bounds_in_every_zone() {
        for name in ["UTC", "Pacific/Kiritimati", "Pacific/Niue"] {
            let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
            site.caches.borrow_mut().zone = Some(named(name).unwrap());
            let ends = [jiff::Timestamp::MIN, jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::MAX];
            for millis in ends.map(jiff::Timestamp::as_millisecond).into_iter().chain([i64::MIN >> 12, i64::MAX >> 12])
            {
                let (start, end) = day_bounds(&site, day(&site, Timestamp::from_millis(millis)).unwrap()).unwrap();
                assert!(start < end, "{millis} in {name}");
            }
        }
    }
}
