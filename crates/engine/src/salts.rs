//! Ids of visitors without cookies.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sluice_values::{Timestamp, VisitorId};

use crate::error::Error;
use crate::site::Site;
use crate::sql::Sql;
use crate::zone::DAY_MS;

/// The id of a visitor without cookies: the same for the same text during one day. Once the day's salt is deleted,
/// nobody can compute it again.
pub(crate) fn anonymous_id<S: Sql>(site: &Site<S>, text: &str, now: Timestamp) -> Result<VisitorId, Error> {
    salted_id(&today(site, now)?, text)
}

/// The id of a visitor without cookies under a salt.
pub fn salted_id(salt: &[u8], text: &str) -> Result<VisitorId, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).map_err(|_| Error::new("salt has the wrong length"))?;
    mac.update(text.as_bytes());
    let digest = mac.finalize().into_bytes();
    Ok(VisitorId::of_random(digest.first_chunk().copied().unwrap_or_default()))
}

/// Today's salt.
pub(crate) fn today<S: Sql>(site: &Site<S>, now: Timestamp) -> Result<Vec<u8>, Error> {
    let today = now.as_millis().div_euclid(DAY_MS);
    Ok(match site.sql.first("SELECT salt FROM salts WHERE day = ?1", &[today.into()])? {
        Some(mut row) => row.next()?,
        None => {
            site.sql.run("DELETE FROM salts WHERE day <> ?1", &[today.into()])?;
            let salt = (site.random)()?;
            site.sql.run("INSERT INTO salts (day, salt) VALUES (?1, ?2)", &[today.into(), salt.as_slice().into()])?;
            site.new_salt.set(Some(today));
            salt.to_vec()
        }
    })
}

impl<S: Sql> Site<S> {
    /// Deletes the salts of all days before this one, counted in UTC from 1970-01-01.
    pub fn forget_salts_before(&self, day: i64) -> Result<(), Error> {
        self.sql.run("DELETE FROM salts WHERE day < ?1", &[day.into()])
    }

    /// The latest day that has a salt.
    pub fn last_salt(&self) -> Result<Option<i64>, Error> {
        self.sql.one("SELECT max(day) FROM salts", &[])?.next()
    }

    /// The day of a salt that was created since the last call.
    pub fn take_new_salt(&self) -> Option<i64> {
        self.new_salt.take()
    }
}
