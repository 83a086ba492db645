//! Texts that are stored once (`strings`). A text is found by a number from its digest, which takes less room than an index of
//! texts: the high bits are of the lower-case text, because filters ignore case, the low bits of the text itself, because a
//! stranger can make many spellings of one. Candidates are compared.
//!
//! Texts and campaigns of an earlier version have no digest yet: `folded` is the lower-case text, `key` the campaign, until the
//! object's alarm has worked out the digests, in steps.

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::sets;
use crate::site::Site;
use crate::sql::{Parameters, Sql, Value};

/// A digest has 53 bits in all, as many as a number of JavaScript holds exactly.
const LOW_BITS: u32 = 21;
const HIGH_BITS: u32 = 32;

/// What gets its digests in one step.
const AT_ONCE: i64 = 2_000;

fn bits(text: &str, bits: u32) -> i64 {
    let digest = Sha256::digest(text.as_bytes());
    let first = digest.first_chunk().copied().map(u64::from_be_bytes).unwrap_or_default();
    i64::try_from(first >> (u64::BITS - bits)).unwrap_or_default()
}

/// The digest of a text (`strings.digest`). Stored: never changed.
pub(crate) fn digest(text: &str) -> i64 {
    bits(&text.to_lowercase(), HIGH_BITS) << LOW_BITS | bits(text, LOW_BITS)
}

/// The digest of a campaign's key (`campaigns.digest`). Stored: never changed.
pub(crate) fn key_digest(key: &str) -> i64 {
    bits(key, HIGH_BITS + LOW_BITS)
}

/// The row of the text that equals this one, as a subselect.
pub(crate) fn same(text: &str, to: &mut Parameters) -> String {
    let (bound, folded) = (to.bind(text), text.to_lowercase());
    let folded = if folded == text { bound.clone() } else { to.bind(folded) };
    format!(
        "(SELECT id FROM strings WHERE digest = {} AND text = {bound} UNION ALL \
         SELECT id FROM strings WHERE folded = {folded} AND text = {bound} LIMIT 1)",
        digest(text)
    )
}

/// The rows of the texts that equal one of these, as a subselect.
pub(crate) fn exactly<T: AsRef<str>>(texts: &[T], to: &mut Parameters) -> String {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    let digests = to.bind_list(&texts.iter().map(|text| digest(text)).collect::<Vec<_>>());
    let folded = to.bind_list(&texts.iter().map(|text| text.to_lowercase()).collect::<Vec<_>>());
    let texts = to.bind_list(&texts);
    format!(
        "(SELECT id FROM strings WHERE digest IN {digests} AND text IN {texts} UNION ALL \
         SELECT id FROM strings WHERE folded IN {folded} AND text IN {texts})"
    )
}

/// The rows of the texts that equal one of these.
pub(crate) fn rows_of<T: AsRef<str>>(sql: &impl Sql, texts: &[T]) -> Result<Vec<i64>, Error> {
    let mut parameters = Parameters::default();
    let rows = exactly(texts, &mut parameters);
    let rows = sql.rows(&format!("SELECT id FROM {rows}"), parameters.values())?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// The rows of the texts that equal one of these lower-case texts in any case.
pub(crate) fn rows_in_any_case(sql: &impl Sql, folded: &[String]) -> Result<Vec<i64>, Error> {
    let mut parameters = Parameters::default();
    let digests: Vec<i64> = folded.iter().map(|text| bits(text, HIGH_BITS) << LOW_BITS).collect();
    let (digests, texts) = (parameters.bind_list(&digests), parameters.bind_list(folded));
    let highest = (1_i64 << LOW_BITS) - 1;
    let candidates = sql.rows(
        &format!(
            "SELECT s.id, s.text FROM {digests} d CROSS JOIN strings s ON s.digest BETWEEN d.value AND d.value + {highest} \
             UNION ALL SELECT id, text FROM strings WHERE folded IN {texts}"
        ),
        parameters.values(),
    )?;
    let mut rows = Vec::with_capacity(candidates.len());
    for mut candidate in candidates {
        let (row, text): (i64, String) = (candidate.next()?, candidate.next()?);
        if folded.contains(&text.to_lowercase()) {
            rows.push(row);
        }
    }
    rows.sort_unstable();
    rows.dedup();
    Ok(rows)
}

/// Works out the digests of some texts and campaigns of an earlier version, and returns whether there may be more. Runs within
/// a transaction.
fn step<S: Sql>(site: &Site<S>) -> Result<bool, Error> {
    let mut has_more = false;
    for (table, read, digest, set) in [
        (
            "strings",
            "SELECT id, text FROM strings WHERE folded IS NOT NULL LIMIT ?1",
            digest as fn(&str) -> i64,
            "folded",
        ),
        ("campaigns", "SELECT id, key FROM campaigns WHERE key IS NOT NULL LIMIT ?1", key_digest, "key"),
    ] {
        let old = site.sql.rows(read, &[AT_ONCE.into()])?;
        has_more |= i64::try_from(old.len()).is_ok_and(|count| count == AT_ONCE);
        let digested = old.into_iter().map(|mut row| -> Result<Vec<Value>, Error> {
            let (id, text): (i64, String) = (row.next()?, row.next()?);
            Ok(vec![id.into(), digest(&text).into()])
        });
        let update = format!(
            "UPDATE {table} SET digest = k.value ->> 1, {set} = NULL FROM json_each(?1) k WHERE {table}.id = k.value ->> 0"
        );
        sets::run(site, &update, &digested.collect::<Result<Vec<_>, _>>()?)?;
    }
    Ok(has_more)
}

impl<S: Sql> Site<S> {
    /// Whether texts of an earlier version may be without digests.
    pub fn has_old_texts(&self) -> bool {
        self.has_old_texts.get()
    }

    /// Goes on with working out digests, and returns whether there is more to do.
    pub fn digest_on(&self) -> Result<bool, Error> {
        if !self.has_old_texts.get() {
            return Ok(false);
        }
        let has_more = self.write(|| step(self))?;
        self.has_old_texts.set(has_more);
        Ok(has_more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn the_text_of_no_referrer_has_its_digest_in_every_object() {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        let stored: i64 = site.sql().one("SELECT digest FROM strings WHERE id = 0", &[]).unwrap().next().unwrap();
        assert_eq!(stored, digest("Direct/None"));
        assert!(!site.has_old_texts());
    }

    #[test]
    fn a_stored_digest_never_changes() {
        assert_eq!([digest("/Pricing"), key_digest("[]")], [4_066_631_120_828_252, 2_791_083_225_482_613]);
    }
}
