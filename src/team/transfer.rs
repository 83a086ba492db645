//! A website changes hands: a member becomes its owner, and the owner a member.
//!
//! It is one batch, and of two at once one finds that the caller no longer owns the website. `members_one_owner` (0024) refuses a
//! second owner whatever a statement says. Mails about the website, and its place among those that an account may own, are the
//! new owner's from then on. What the former owner made stays, as the work of a member.

use serde::{Deserialize, Serialize};
use sluice_values::{AccountId, Domain, Timestamp, WebsiteId};

use super::members::nobody;
use super::transfer_mail::{self, Occasion};
use crate::auth::client::CredentialClient;
use crate::auth::revocation::Revoked;
use crate::auth::role::Role;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input};
use crate::http::reply::{Created, Data};
use crate::platform::config::MAX_WEBSITES;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{PlatformError, log};

// ---- What comes in

/// The body of a transfer.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TransferWebsite")]
pub struct Transfer {
    /// Who becomes the owner: somebody on the team.
    user_id: AccountId,
    /// The website's domain, as a confirmation: only the new owner can give it back.
    domain: Domain,
}

// ---- What goes out

/// What a transfer answers.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Transferred {
    message: &'static str,
    website_id: WebsiteId,
    /// The new owner.
    user_id: AccountId,
    /// What the caller is on the team now.
    role: Role,
}

// ---- SQL

/// From whom to whom, and how many websites an account may own.
#[derive(Clone, Copy)]
struct Hands {
    website: WebsiteId,
    from: AccountId,
    to: AccountId,
    most: u32,
}

/// The credentials whose objects know the former owner as such: `?1` is the website, `?2` the account.
const CREDENTIALS: &str = "SELECT token_hash FROM access_tokens WHERE account_id = ?2 \
                           UNION ALL SELECT token_hash FROM console_sessions WHERE account_id = ?2 \
                           UNION ALL SELECT token_hash FROM website_keys WHERE website_id = ?1";

impl Hands {
    fn bound(self, text: impl Into<String>) -> Statement {
        sql(text.into()).bind(self.website).bind(self.from).bind(self.to)
    }

    /// The owner becomes a member, if there is somebody with room for the website.
    fn demote(self) -> Statement {
        self.bound(
            "UPDATE members SET role = 'member' WHERE website_id = ?1 AND account_id = ?2 AND role = 'owner' \
             AND ?2 <> ?3 AND EXISTS (SELECT 1 FROM members WHERE website_id = ?1 AND account_id = ?3) \
             AND (SELECT count(*) FROM websites WHERE owner_id = ?3) < ?4",
        )
        .bind(self.most)
    }

    /// The place that is free now is the receiver's.
    fn promote(self) -> Statement {
        self.bound(
            "UPDATE members SET role = 'owner' WHERE website_id = ?1 AND account_id = ?3 AND ?2 <> ?3 \
             AND NOT EXISTS (SELECT 1 FROM members WHERE website_id = ?1 AND role = 'owner')",
        )
    }

    /// The website is the receiver's, who is its owner by now.
    fn hand_over(self) -> Statement {
        self.bound(
            "UPDATE websites SET owner_id = ?3 WHERE id = ?1 AND owner_id = ?2 \
             AND EXISTS (SELECT 1 FROM members WHERE website_id = ?1 AND account_id = ?3 AND role = 'owner') \
             RETURNING id",
        )
    }

    /// Has cron make the objects of these credentials read anew what this request cannot tell them.
    fn record(self, now: Timestamp) -> Statement {
        self.bound(format!(
            "INSERT OR REPLACE INTO revocations (token_hash, revoked_at, is_live) SELECT token_hash, ?4, 1 \
             FROM ({CREDENTIALS}) WHERE EXISTS (SELECT 1 FROM members WHERE website_id = ?1 AND account_id = ?3 \
             AND role = 'owner')"
        ))
        .bind(now)
    }

    fn credentials(self) -> Statement {
        sql(CREDENTIALS).bind(self.website).bind(self.from)
    }
}

#[derive(Deserialize)]
struct Receiver {
    is_member: i64,
    owns: u32,
}

fn select_receiver(website: WebsiteId, account: AccountId) -> Statement {
    sql("SELECT EXISTS (SELECT 1 FROM members WHERE website_id = ?1 AND account_id = ?2) AS is_member, \
         (SELECT count(*) FROM websites WHERE owner_id = ?2) AS owns")
    .bind(website)
    .bind(account)
}

// ---- Handlers

/// POST: makes a member of the team the owner.
pub async fn transfer(call: WebsiteCall, input: Input<Body<Transfer>>) -> Result<Created<Data<Transferred>>, Error> {
    let plan = |batch: &mut Batch, website, Body(transfer): &Body<Transfer>| {
        batch.read::<Occasion>(transfer_mail::select(website, transfer.user_id))
    };
    let (website, Body(Transfer { user_id, domain }), occasion, results) = call.enter(input, plan).await?;
    let from = website.principal.account_id();
    if user_id == from {
        return Err(Error::bad_request("userId: this is you, and you own the website"));
    }
    let occasion = results.first(&occasion)?.filter(|occasion| occasion.domain == domain.as_str());
    let Some(occasion) = occasion else { return Err(Error::bad_request("domain: not the domain of this website")) };
    let most = website.call.platform.config().cap(MAX_WEBSITES);
    let hands = Hands { website: website.id, from, to: user_id, most };
    let mut batch = Batch::of(hands.demote());
    batch.run(hands.promote());
    batch.run(hands.record(website.call.now));
    let answer = Data::one(Transferred {
        message: "The website has another owner",
        website_id: website.id,
        user_id,
        role: Role::Member,
    });
    let done = website.create_once(batch, hands.hand_over(), &website.id, answer).await.map_err(|error| {
        if error.is_unique_violation() {
            Error::conflict("userId: this account owns a website with this domain already")
        } else {
            error.into()
        }
    })?;
    let Some(done) = done else { return Err(refusal(&website, hands).await?) };
    let call = &website.call;
    transfer_mail::send(&call.platform, occasion.mails(website.id, &call.base_url, call.now));
    if let Err(error) = forget(&website, hands).await {
        // It has happened. Cron tells the objects within a minute.
        log::failure("transfer", &website.id.to_string(), &error.to_string());
    }
    Ok(done)
}

/// Why nothing was changed.
async fn refusal(website: &EnteredWebsite, hands: Hands) -> Result<Error, PlatformError> {
    let receiver = website.row::<Receiver>(select_receiver(website.id, hands.to)).await?;
    Ok(match receiver {
        Some(Receiver { is_member: 1, owns }) if owns >= hands.most => Error::forbidden(format!(
            "userId: this account owns {} websites already, and may own no more (MAX_WEBSITES)",
            hands.most
        )),
        Some(Receiver { is_member: 1, .. }) => Error::conflict("the website has changed hands meanwhile"),
        _ => nobody(hands.to),
    })
}

/// Makes the credentials' objects read anew who owns the website.
async fn forget(website: &EnteredWebsite, hands: Hands) -> Result<(), PlatformError> {
    for Revoked { token_hash } in website.rows::<Revoked>(hands.credentials()).await? {
        CredentialClient::new(&website.call.platform).forget(&token_hash).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;
    use serde_json::Value;

    const WEBSITE: &str = "0000000000000000000000d1";
    const OWNER: &str = "0000000000000000000000b1";
    const MEMBER: &str = "0000000000000000000000b2";
    const VIEWER: &str = "0000000000000000000000b3";
    const STRANGER: &str = "0000000000000000000000b4";

    fn database() -> Memory {
        let database = Memory::with_website();
        for (account, role) in [(OWNER, "owner"), (MEMBER, "member"), (VIEWER, "viewer"), (STRANGER, "")] {
            database.execute(&format!(
                "INSERT INTO accounts (id, email, created_at) VALUES ('{account}', '{account}', 0);
                 INSERT INTO access_tokens (id, account_id, token_hash, display_key, permissions, website_ids, created_at)
                   VALUES ('{account}', '{account}', 'token-{account}', '', '[]', '[]', 0);"
            ));
            if !role.is_empty() {
                database.execute(&format!("INSERT INTO members VALUES ('{WEBSITE}', '{account}', '{role}', 0)"));
            }
        }
        database.execute(&format!(
            "UPDATE websites SET owner_id = '{OWNER}';
             INSERT INTO website_keys (id, website_id, token_hash, display_key, created_at)
               VALUES ('0000000000000000000000c1', '{WEBSITE}', 'key', '', 0)"
        ));
        database
    }

    fn transfer(database: &Memory, from: &str, to: &str, most: u32) -> bool {
        let hands =
            Hands { website: WEBSITE.parse().unwrap(), from: from.parse().unwrap(), to: to.parse().unwrap(), most };
        let now = Timestamp::from_millis(7);
        let batch = [hands.demote(), hands.promote(), hands.record(now), hands.hand_over()];
        !database.batch::<Value>(&batch).unwrap()[3].is_empty()
    }

    /// The last digits of the owner by both tables, and the credentials that are to be told.
    fn state(database: &Memory) -> (String, Vec<String>) {
        let rows = database
            .batch::<Value>(&[
                sql("SELECT account_id AS id FROM members WHERE role = 'owner'"),
                sql("SELECT owner_id AS id FROM websites"),
                sql("SELECT token_hash AS id FROM revocations WHERE is_live = 1 ORDER BY 1"),
            ])
            .unwrap();
        let ids = |at: usize| rows[at].iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((ids(0), ids(0).len()), (ids(1), 1), "one owner, the same in both tables");
        (ids(0).remove(0), ids(2))
    }

    #[test]
    fn a_member_becomes_the_owner_and_the_owner_a_member() {
        for receiver in [MEMBER, VIEWER] {
            let database = database();
            assert!(transfer(&database, OWNER, receiver, 1));
            let (owner, told) = state(&database);
            assert_eq!((owner.as_str(), told), (receiver, vec!["key".to_owned(), format!("token-{OWNER}")]));
            // Nobody gives away twice what they had once, and it is given back by its new owner.
            assert!(!transfer(&database, OWNER, MEMBER, 9) && !transfer(&database, OWNER, VIEWER, 9));
            assert_eq!(state(&database).0, receiver);
            assert!(transfer(&database, receiver, OWNER, 1));
            assert_eq!(state(&database).0, OWNER);
        }
    }

    #[test]
    fn nothing_changes_where_the_receiver_is_on_no_team_or_has_no_room() {
        let database = database();
        for (from, to, most) in
            [(OWNER, STRANGER, 9), (OWNER, MEMBER, 0), (MEMBER, VIEWER, 9), (STRANGER, MEMBER, 9), (OWNER, OWNER, 9)]
        {
            // To oneself it is refused before, and would be no transfer.
            assert!(!transfer(&database, from, to, most) || from == to, "{from} {to}");
            assert_eq!(state(&database).0, OWNER, "{from} {to}");
        }
    }

    #[test]
    fn the_database_refuses_a_second_owner() {
        let error = database().batch::<Value>(&[sql("UPDATE members SET role = 'owner'")]).unwrap_err();
        assert!(error.contains("UNIQUE"), "{error}");
    }
}
