//! Which website a tool is about: the one that is named, by id, tracking id or domain, or the only one within reach.

use serde::Deserialize;

use crate::auth::access::{Principal, Refusal, WebsiteScope};
use crate::http::call::Call;
use crate::http::error::Error;
use crate::platform::database::{Statement, sql};
use sluice_values::{TimeZone, WebsiteId, excerpt};

/// The most websites that a refusal lists.
const MOST_LISTED: u32 = 50;

/// A website within the caller's reach.
#[derive(Debug, Clone, Deserialize)]
pub struct Website {
    pub id: WebsiteId,
    pub domain: String,
    pub timezone: TimeZone,
    tracking_id: String,
}

/// The website that a tool is about. What is not known of it, its operation refuses.
pub struct About {
    pub id: WebsiteId,
    /// The website, unless it is out of reach.
    pub known: Option<Website>,
}

fn select_own(id: WebsiteId) -> Statement {
    sql("SELECT id, domain, timezone, tracking_id FROM websites WHERE id = ?1").bind(id)
}

/// The websites within reach, oldest first; only those that are called `name`, if there is one.
fn select_reachable(principal: &Principal, scope: &WebsiteScope, name: Option<&str>) -> Statement {
    sql("SELECT w.id, w.domain, w.timezone, w.tracking_id FROM members m JOIN websites w ON w.id = m.website_id \
         WHERE m.account_id = ?1 AND (?2 OR w.id IN (SELECT value FROM json_each(?3))) \
         AND (?4 IS NULL OR w.id = lower(?4) OR w.tracking_id = ?4 OR w.domain = lower(?4)) \
         ORDER BY w.created_at, w.id LIMIT ?5")
    .bind(principal.account_id())
    .bind(scope.is_all())
    .bind_json(scope)
    .bind(name)
    .bind(i64::from(MOST_LISTED) + 1)
}

/// Finds the website that is called `name`; without a name, the only one within reach.
pub async fn find(call: &Call, principal: &Principal, name: Option<&str>) -> Result<About, Error> {
    let database = call.platform.database();
    match principal {
        Principal::WebsiteKey { website_id, .. } => {
            let own = database.rows::<Website>(select_own(*website_id)).await?.into_iter().next();
            let is_own = |website: &Website, name: &str| {
                name.eq_ignore_ascii_case(&website.id.to_string())
                    || name == website.tracking_id
                    || name.eq_ignore_ascii_case(&website.domain)
            };
            match (&own, name) {
                (Some(own), Some(name)) if !is_own(own, name) => Err(Refusal::OtherWebsite.into()),
                _ => Ok(About { id: *website_id, known: own }),
            }
        }
        Principal::Account { scope, .. } => {
            let found = database.rows::<Website>(select_reachable(principal, scope, name)).await?;
            match (&found[..], name) {
                ([website], _) => Ok(About { id: website.id, known: Some(website.clone()) }),
                ([], Some(name)) => match name.parse() {
                    // Whether it is missing or out of the token's reach is the operation's to say.
                    Ok(id) => Ok(About { id, known: None }),
                    Err(_) => {
                        let within = database.rows::<Website>(select_reachable(principal, scope, None)).await?;
                        let (name, means) = (excerpt(name), principal.means());
                        Err(Error::not_found(format!("no website {name} that {means} can reach; {}", listed(&within))))
                    }
                },
                ([], None) => Err(Error::bad_request(format!("websiteId: {} reaches no website", principal.means()))),
                (several, _) => Err(Error::bad_request(format!("websiteId: required; {}", listed(several)))),
            }
        }
    }
}

/// The websites within reach, for a caller who has to name one.
fn listed(websites: &[Website]) -> String {
    let most = usize::try_from(MOST_LISTED).unwrap_or(usize::MAX);
    let shown: Vec<String> =
        websites.iter().take(most).map(|website| format!("{} ({})", website.id, website.domain)).collect();
    let more = if websites.len() > most { " and more: see datafast_websites_list" } else { "" };
    format!("within reach: {}{more}", shown.join(", "))
}
