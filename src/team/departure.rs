//! What goes with a member: the keys, webhooks and webhook alerts that they made (docs/contract/README.md#41). Each of them
//! would be a way in, or a leak, for somebody who is no longer on the team.
//!
//! Who made a thing is not all: whoever rolled a key knows its value, and whoever set a webhook's address or an alert's
//! destination receives what it sends. So these go too.

use serde::{Deserialize, Serialize};

use crate::alerts::statements;
use crate::auth::revocation::{self, Revoked};
use crate::http::call::EnteredWebsite;
use crate::http::reply::BothIds;
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Handle, Results, Statement, sql};
use crate::webhooks::subscriptions;
use sluice_values::{AccountId, Timestamp, WebsiteId, kinds};

// ---- What goes out

/// What somebody has made, who is no longer on the team.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Left {
    /// Whether the things below are deleted; otherwise they are kept.
    revoked: bool,
    keys: Vec<LeftKey>,
    webhooks: Vec<LeftWebhook>,
    alerts: Vec<LeftAlert>,
    /// Alerts of others that sent to one of these webhooks, and are now switched off.
    switched_off_alerts: Vec<LeftAlert>,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
#[schemars(inline)]
pub struct LeftKey {
    #[serde(flatten)]
    ids: BothIds<kinds::WebsiteKey>,
    name: Option<String>,
    display_key: String,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
struct LeftWebhook {
    #[serde(flatten)]
    ids: BothIds<kinds::Webhook>,
    url: String,
}

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
struct LeftAlert {
    #[serde(flatten)]
    ids: BothIds<kinds::Alert>,
    name: String,
}

// ---- SQL

/// While they are still a member. `?1` is the website, `?2` the account.
const IS_MEMBER: &str = "EXISTS (SELECT 1 FROM members WHERE website_id = ?1 AND account_id = ?2 AND role <> 'owner')";
const KEYS: &str = "website_keys WHERE website_id = ?1 AND ?2 IN (created_by, rolled_by)";
const WEBHOOKS: &str = "webhooks WHERE website_id = ?1 AND ?2 IN (created_by, url_set_by)";
const ALERTS: &str =
    "alerts WHERE website_id = ?1 AND ?2 IN (created_by, destination_set_by) AND endpoint_id IS NOT NULL";

/// The statements about what somebody made.
pub struct Departure {
    keys: Handle<LeftKey>,
    webhooks: Handle<LeftWebhook>,
    alerts: Handle<LeftAlert>,
    revoked: Option<(Handle<Revoked>, Handle<LeftAlert>)>,
}

/// The statements about keys that go.
pub struct GoneKeys {
    keys: Handle<LeftKey>,
    hashes: Handle<Revoked>,
}

fn of((website, account): (WebsiteId, AccountId), statement: String) -> Statement {
    sql(statement).bind(website).bind(account)
}

fn read_keys(batch: &mut Batch, whose: (WebsiteId, AccountId)) -> Handle<LeftKey> {
    let select = format!("SELECT id, name, display_key FROM {KEYS} AND {IS_MEMBER} ORDER BY created_at, id");
    batch.read(of(whose, select))
}

fn revoke_keys(batch: &mut Batch, whose: (WebsiteId, AccountId), now: Timestamp) -> Handle<Revoked> {
    let record = format!(
        "INSERT OR REPLACE INTO revocations (token_hash, revoked_at) SELECT token_hash, ?3 FROM {KEYS} AND {IS_MEMBER} \
         RETURNING token_hash"
    );
    let hashes = batch.read(of(whose, record).bind(now));
    batch.run(of(whose, format!("DELETE FROM {KEYS} AND {IS_MEMBER}")));
    hashes
}

/// Reads and deletes the keys whose value an account knows.
pub fn plan_keys(batch: &mut Batch, whose: (WebsiteId, AccountId), now: Timestamp) -> GoneKeys {
    GoneKeys { keys: read_keys(batch, whose), hashes: revoke_keys(batch, whose, now) }
}

impl GoneKeys {
    /// Has it take effect everywhere, and says which they were.
    pub async fn conclude(self, website: &EnteredWebsite, results: &Results) -> Result<Vec<LeftKey>, PlatformError> {
        revocation::forget_all(&website.call.platform, results, &self.hashes).await?;
        results.all(&self.keys)
    }
}

/// Reads what an account made on a website, and deletes it where it `revokes`. To be followed, in the same batch, by the end
/// of the membership.
pub fn plan(batch: &mut Batch, whose: (WebsiteId, AccountId), revokes: bool, now: Timestamp) -> Departure {
    let (website, _) = whose;
    let of = |statement: String| of(whose, statement);
    let keys = read_keys(batch, whose);
    let webhooks = batch.read(of(format!("SELECT id, url FROM {WEBHOOKS} AND {IS_MEMBER} ORDER BY created_at, id")));
    let alerts = batch.read(of(format!("SELECT id, name FROM {ALERTS} AND {IS_MEMBER} ORDER BY created_at, id")));
    let revoked = revokes.then(|| {
        let hashes = revoke_keys(batch, whose, now);
        batch.run(of(format!("DELETE FROM {ALERTS} AND {IS_MEMBER}")));
        batch.run(of(format!("DELETE FROM {WEBHOOKS} AND {IS_MEMBER}")));
        let switched_off = statements::switch_off_stranded(batch, website, now);
        batch.run(subscriptions::changed(website, now));
        (hashes, switched_off)
    });
    Departure { keys, webhooks, alerts, revoked }
}

impl Departure {
    /// Has it take effect everywhere, and says what there was.
    pub async fn conclude(self, website: &EnteredWebsite, results: &Results) -> Result<Left, PlatformError> {
        let mut switched_off_alerts = Vec::new();
        let is_revoked = self.revoked.is_some();
        let (keys, webhooks, alerts) =
            (results.all(&self.keys)?, results.all(&self.webhooks)?, results.all(&self.alerts)?);
        if let Some((hashes, switched_off)) = self.revoked {
            switched_off_alerts = results.all(&switched_off)?;
            revocation::forget_all(&website.call.platform, results, &hashes).await?;
            if !(webhooks.is_empty() && alerts.is_empty()) {
                subscriptions::sync_later(&website.call.platform, website.id, website.call.now).await;
            }
        }
        Ok(Left { revoked: is_revoked, keys, webhooks, alerts, switched_off_alerts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;
    use serde_json::Value;

    const WEBSITE: &str = "0000000000000000000000d1";
    const MEMBER: &str = "0000000000000000000000a1";
    const OTHER: &str = "0000000000000000000000a2";

    /// A website whose owner is `OTHER`, unless the member is it. Of each kind of thing the first is made by the member, the second only rolled, set or
    /// sent there by them, and the third not theirs.
    fn database(role: &str) -> Memory {
        let database = Memory::with_website();
        let others = if role == "owner" { "member" } else { "owner" };
        for (account, role) in [(MEMBER, role), (OTHER, others)] {
            database.execute(&format!(
                "INSERT INTO accounts (id, email, created_at) VALUES ('{account}', '{account}', 0);
                 INSERT INTO members VALUES ('{WEBSITE}', '{account}', '{role}', 0);"
            ));
        }
        for (number, made_by, taken_by) in [(1, MEMBER, OTHER), (2, OTHER, MEMBER), (3, OTHER, OTHER)] {
            database.execute(&format!(
                "INSERT INTO website_keys (id, website_id, token_hash, display_key, created_at, created_by, rolled_by)
                 VALUES ('{number:024x}', '{WEBSITE}', 'hash-{number}', 'df_', 0, '{made_by}', '{taken_by}');
                 INSERT INTO webhooks (id, website_id, url, event_types, goal_names, is_enabled, sealed_headers,
                   sealed_secret, created_at, updated_at, created_by, url_set_by)
                 VALUES ('{number:024x}', '{WEBSITE}', 'https://example.com', '[]', '[]', 1, '', '', 0, 0, '{made_by}',
                   '{taken_by}');"
            ));
        }
        // Theirs to a webhook of another's, another's to one of theirs and to one that stays, and theirs by mail.
        for (number, made_by, set_by, endpoint) in [
            (1, MEMBER, MEMBER, "3"),
            (2, OTHER, MEMBER, "3"),
            (3, OTHER, OTHER, "1"),
            (4, OTHER, OTHER, "3"),
            (5, MEMBER, MEMBER, ""),
        ] {
            let endpoint = if endpoint.is_empty() { "NULL".to_owned() } else { format!("'{endpoint:0>24}'") };
            database.execute(&format!(
                "INSERT INTO alerts (id, website_id, name, condition, destination, message, created_at, updated_at, state,
                   endpoint_id, created_by, destination_set_by)
                 VALUES ('{number:024x}', '{WEBSITE}', 'x', '{{}}', '{{}}', '', 0, 0, 'firing', {endpoint}, '{made_by}',
                   '{set_by}')"
            ));
        }
        database
    }

    fn depart(database: &Memory, revokes: bool) {
        let mut batch = Batch::new();
        let now = Timestamp::from_millis(7);
        plan(&mut batch, (WEBSITE.parse().unwrap(), MEMBER.parse().unwrap()), revokes, now);
        database.batch::<Value>(&batch.into_statements()).unwrap();
    }

    /// The last digits of the ids that a statement finds.
    fn left(database: &Memory, select: &str) -> String {
        let rows = database.batch::<Value>(&[sql(format!("SELECT id FROM {select} ORDER BY id"))]).unwrap();
        rows[0].iter().map(|row| row["id"].as_str().unwrap()[23..].to_owned()).collect()
    }

    #[test]
    fn what_a_member_made_rolled_or_pointed_elsewhere_goes_with_them_and_nothing_else() {
        let database = database("member");
        depart(&database, true);
        assert_eq!(left(&database, "website_keys"), "3");
        assert_eq!(left(&database, "webhooks"), "3");
        assert_eq!(left(&database, "alerts"), "345");
        assert_eq!(left(&database, "alerts WHERE is_enabled"), "45", "one has lost its webhook");
        let hashes = database.batch::<Value>(&[sql("SELECT token_hash FROM revocations ORDER BY 1")]).unwrap();
        assert_eq!(hashes[0].len(), 2);
        let transitions = "SELECT alert_id, to_state, reason FROM alert_transitions";
        let transitions = database.batch::<Value>(&[sql(transitions)]).unwrap();
        assert_eq!(transitions[0].len(), 1, "{transitions:?}");
        assert_eq!(transitions[0][0]["to_state"], "normal");
    }

    #[test]
    fn nothing_goes_where_it_is_kept_or_where_nobody_leaves() {
        for (role, revokes) in [("member", false), ("owner", true)] {
            let database = database(role);
            depart(&database, revokes);
            assert_eq!(left(&database, "website_keys"), "123", "{role}");
            assert_eq!(left(&database, "webhooks"), "123");
            assert_eq!(left(&database, "alerts WHERE is_enabled"), "12345");
        }
        let database = database("member");
        database.execute(&format!("DELETE FROM members WHERE account_id = '{MEMBER}'"));
        depart(&database, true);
        assert_eq!(left(&database, "website_keys"), "123", "a stranger has nothing to leave");
    }
}
