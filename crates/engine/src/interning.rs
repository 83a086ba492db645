//! Interning: repeated text is stored once and referred to by number.

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::event::{CAMPAIGN_KEYS, Campaign, Context, Page};
use crate::fragments::campaign_key;
use crate::orphans::{self, Shared};
use crate::rows::{CampaignRow, ContextRow, PageRow, StringRow};
use crate::site::Site;
use crate::sql::{Columns, Sql, Value};
use crate::texts;

/// The row of a string, which is added if it is new.
pub(crate) fn string<S: Sql>(site: &Site<S>, text: &str) -> Result<StringRow, Error> {
    if let Some(row) = site.caches.borrow().strings.get(text) {
        return Ok(row);
    }
    let digest = texts::digest(text);
    let known = "SELECT id FROM strings WHERE digest = ?1 AND text = ?2";
    let mut known = site.sql.first(known, &[digest.into(), text.into()])?;
    if known.is_none() && site.has_old_texts() {
        let old = "SELECT id FROM strings WHERE folded = ?1 AND text = ?2";
        known = site.sql.first(old, &[text.to_lowercase().into(), text.into()])?;
    }
    let id = match known {
        Some(mut row) => {
            let id: StringRow = row.next()?;
            orphans::strike_out(site, Shared::String, id.0)?;
            id
        }
        None => {
            let insert = "INSERT INTO strings (text, digest) VALUES (?1, ?2) RETURNING id";
            site.sql.one(insert, &[text.into(), digest.into()])?.next()?
        }
    };
    site.caches.borrow_mut().strings.insert(text.to_owned(), text.len(), id);
    Ok(id)
}

/// The row of an optional string.
pub(crate) fn optional<S: Sql>(site: &Site<S>, text: Option<&str>) -> Result<Option<StringRow>, Error> {
    text.map(|text| string(site, text)).transpose()
}

/// The row of a page, which is added if it is new.
pub(crate) fn page<S: Sql>(site: &Site<S>, page: &Page) -> Result<PageRow, Error> {
    if let Some(row) = site.caches.borrow().pages.get(page) {
        return Ok(row);
    }
    let values = [string(site, &page.path)?.into(), string(site, &page.hostname)?.into()];
    let id = match site.sql.first("SELECT id FROM pages WHERE path = ?1 AND hostname = ?2", &values)? {
        Some(mut row) => {
            let id: PageRow = row.next()?;
            orphans::strike_out(site, Shared::Page, id.0)?;
            id
        }
        None => site.sql.one("INSERT INTO pages (path, hostname) VALUES (?1, ?2) RETURNING id", &values)?.next()?,
    };
    site.caches.borrow_mut().pages.insert(page.clone(), page.path.len() + page.hostname.len(), id);
    Ok(id)
}

/// The row of campaign parameters, which is added if it is new; `None` if no parameter is set.
pub(crate) fn campaign<S: Sql>(site: &Site<S>, campaign: &Campaign) -> Result<Option<CampaignRow>, Error> {
    if campaign.is_empty() {
        return Ok(None);
    }
    if let Some(row) = site.caches.borrow().campaigns.get(campaign) {
        return Ok(Some(row));
    }
    let id = find_campaign(site, campaign)?;
    let length = campaign.0.iter().map(String::len).sum();
    site.caches.borrow_mut().campaigns.insert(campaign.clone(), length, id);
    Ok(Some(id))
}

fn find_campaign<S: Sql>(site: &Site<S>, campaign: &Campaign) -> Result<CampaignRow, Error> {
    let key = serde_json::to_string(campaign).map_err(|error| Error::new(error.to_string()))?;
    let digest = texts::key_digest(&key);
    let candidates = format!("SELECT k.id, {} FROM campaigns k WHERE k.digest = ?1", campaign_key("k"));
    let mut known = None;
    for mut row in site.sql.rows(&candidates, &[digest.into()])? {
        let id: CampaignRow = row.next()?;
        if row.json::<Campaign>()? == *campaign {
            known = Some(id);
        }
    }
    if known.is_none() && site.has_old_texts() {
        let old = site.sql.first("SELECT id FROM campaigns WHERE key = ?1", &[key.into()])?;
        known = old.map(|mut row| row.next()).transpose()?;
    }
    if let Some(id) = known {
        orphans::strike_out(site, Shared::Campaign, id.0)?;
        return Ok(id);
    }
    let mut columns = Columns::new().with("digest", digest);
    for (name, text) in CAMPAIGN_KEYS.into_iter().zip(&campaign.0) {
        columns = columns.with(name, optional(site, Some(text.as_str()).filter(|text| !text.is_empty()))?);
    }
    let (insert, values) = columns.insert("campaigns");
    site.sql.one(&format!("{insert} RETURNING id"), &values)?.next()
}

/// The row of a context, which is added if it is new.
pub(crate) fn context<S: Sql>(site: &Site<S>, context: &Context) -> Result<ContextRow, Error> {
    let json = serde_json::to_string(context).map_err(|error| Error::new(error.to_string()))?;
    let digest: [u8; 16] = Sha256::digest(json.as_bytes()).first_chunk().copied().unwrap_or_default();
    if let Some(row) = site.caches.borrow().contexts.get(&digest) {
        return Ok(row);
    }
    let key = Value::from(digest.as_slice());
    let id = match site.sql.first("SELECT id FROM contexts WHERE digest = ?1", std::slice::from_ref(&key))? {
        Some(mut row) => {
            let id: ContextRow = row.next()?;
            orphans::strike_out(site, Shared::Context, id.0)?;
            id
        }
        None => {
            let insert = "INSERT INTO contexts (digest, json) VALUES (?1, ?2) RETURNING id";
            site.sql.one(insert, &[key, json.into()])?.next()?
        }
    };
    site.caches.borrow_mut().contexts.insert(digest, digest.len(), id);
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn texts_are_found_exactly_and_in_any_case_before_and_after_they_have_digests() {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        let spelled = ["Ada", "ada", "ADA", "", "É", "é", "İ", "straße", "STRASSE", "a\u{301}"];
        let rows: Vec<i64> = spelled.iter().map(|text| string(&site, text).unwrap().0).collect();
        let check = || {
            for (text, row) in spelled.iter().zip(&rows) {
                assert_eq!(texts::rows_of(site.sql(), &[text]).unwrap(), [*row], "{text}");
                let mut own = crate::sql::Parameters::default();
                let one = format!("SELECT {}", texts::same(text, &mut own));
                assert_eq!(site.sql().one(&one, own.values()).unwrap().next::<i64>().unwrap(), *row);
                let folded = text.to_lowercase();
                let mut expected: Vec<i64> = spelled
                    .iter()
                    .zip(&rows)
                    .filter(|(other, _)| other.to_lowercase() == folded)
                    .map(|(_, row)| *row)
                    .collect();
                expected.sort_unstable();
                assert_eq!(texts::rows_in_any_case(site.sql(), &[folded]).unwrap(), expected, "{text}");
            }
            assert_eq!(texts::rows_of(site.sql(), &["aDA"]).unwrap(), [0; 0]);
        };
        check();
        for (text, row) in spelled.iter().zip(&rows) {
            let values = [(*row).into(), text.to_lowercase().into()];
            site.sql().run("UPDATE strings SET digest = NULL, folded = ?2 WHERE id = ?1", &values).unwrap();
        }
        site.has_old_texts.set(true);
        site.caches.replace(crate::site::Caches::default());
        check();
        assert_eq!(string(&site, "ADA").unwrap().0, rows[2], "not stored a second time");
        assert!(!site.digest_on().unwrap() && !site.has_old_texts());
        check();
    }
}
