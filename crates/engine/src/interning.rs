//! Interning: repeated text is stored once and referred to by number.

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::event::{CAMPAIGN_KEYS, Campaign, Context, Page};
use crate::orphans::{self, Shared};
use crate::rows::{CampaignRow, ContextRow, PageRow, StringRow};
use crate::site::Site;
use crate::sql::{Columns, Sql, Value};

/// The row of a string, which is added if it is new.
pub(crate) fn string<S: Sql>(site: &Site<S>, text: &str) -> Result<StringRow, Error> {
    if let Some(row) = site.caches.borrow().strings.get(text) {
        return Ok(row);
    }
    let id = match site.sql.first("SELECT id FROM strings WHERE text = ?1", &[text.into()])? {
        Some(mut row) => {
            let id: StringRow = row.next()?;
            orphans::strike_out(site, Shared::String, id.0)?;
            id
        }
        None => {
            let folded = Some(text.to_lowercase()).filter(|folded| folded != text);
            let insert = "INSERT INTO strings (text, folded) VALUES (?1, ?2) RETURNING id";
            site.sql.one(insert, &[text.into(), folded.into()])?.next()?
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
    if let Some(mut row) = site.sql.first("SELECT id FROM campaigns WHERE key = ?1", &[key.as_str().into()])? {
        let id: CampaignRow = row.next()?;
        orphans::strike_out(site, Shared::Campaign, id.0)?;
        return Ok(id);
    }
    let mut columns = Columns::new().with("key", key);
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
