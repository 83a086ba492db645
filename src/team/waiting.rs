//! An invitation that waits, or waited in vain: it is sent again, or cancelled.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::invitation_mail::{self, Occasion};
use super::invitations::{
    Caps, Codes, Count, CreatedInvitation, INVITATION_MS, InvitedRole, code_hash, count_open, insert_send, link,
    select_mailed, send_mail,
};
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Path};
use crate::http::reply::{Created, Data, Message};
use crate::mail::mailer;
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{Email, InvitationId, Timestamp, WebsiteId};

// ---- SQL

#[derive(Deserialize)]
struct Waiting {
    email: Email,
    role: InvitedRole,
}

fn select(id: InvitationId, website: WebsiteId) -> Statement {
    sql("SELECT email, role FROM invitations WHERE id = ?1 AND website_id = ?2").bind(id).bind(website)
}

/// Gives the invitation other codes and its whole time again, if `send` was counted: what was sent before opens nothing more.
fn renew(
    (id, website): (InvitationId, WebsiteId),
    send: InvitationId,
    codes: &Codes,
    expires_at: Timestamp,
) -> Statement {
    sql(
        "UPDATE invitations SET code_hash = ?3, mail_code_hash = ?4, expires_at = ?5 WHERE id = ?1 AND website_id = ?2 \
         AND EXISTS (SELECT 1 FROM invitation_sends WHERE id = ?6) RETURNING id",
    )
    .bind(id)
    .bind(website)
    .bind(code_hash(&codes.shown))
    .bind(code_hash(&codes.mailed))
    .bind(expires_at)
    .bind(send)
}

fn delete(id: InvitationId, website: WebsiteId) -> Statement {
    sql("DELETE FROM invitations WHERE id = ?1 AND website_id = ?2 RETURNING id").bind(id).bind(website)
}

// ---- Handlers

fn missing(id: InvitationId) -> Error {
    Error::not_found(format!("no invitation {id} on this website: it was accepted or cancelled, or ended long ago"))
}

/// POST: sends an invitation again. It counts as one of the day; the receiver gets no second mail in it.
pub async fn resend(
    call: WebsiteCall,
    input: Input<Path<InvitationId>>,
) -> Result<Created<Data<CreatedInvitation>>, Error> {
    let (inviter, now) = (call.principal.account_id(), call.call.now);
    let plan = |batch: &mut Batch, website, Path(id): &Path<InvitationId>| {
        (
            batch.read::<Waiting>(select(*id, website)),
            batch.read::<Occasion>(invitation_mail::select(website, inviter)),
            batch.read::<IgnoredAny>(select_mailed("(SELECT email FROM invitations WHERE id = ?1)", *id, now)),
        )
    };
    let (website, Path(id), (waiting, occasion, mailed), results) = call.enter(input, plan).await?;
    let Waiting { email, role } = results.first(&waiting)?.ok_or_else(|| missing(id))?;
    let platform = &website.call.platform;
    let send = website.call.new_id()?;
    let codes = Codes::new(platform)?;
    let expires_at = now.plus_millis(INVITATION_MS);
    let caps = Caps::from_config(&platform.config());
    let link = |code: &str| link(&website.call.base_url, id, code);
    // Providers of mail recognise what they have had by its id, so it is that of the sending.
    let mail =
        results.first(&occasion)?.map(|occasion| occasion.mail(send, email.clone(), role.into(), &link(&codes.mailed)));
    let answer = Data::one(CreatedInvitation {
        message: "Invitation sent again. The earlier links no longer work.",
        ids: id.into(),
        invitation_id: id,
        email: email.clone(),
        role,
        invite_url: link(&codes.shown),
        expires_at,
        sends_mail: mailer::is_set_up(platform) && results.first(&mailed)?.is_none(),
    });
    let counted = Batch::of(insert_send((send, id), (website.id, inviter), &email, caps, now));
    let renewed = website.create_once(counted, renew((id, website.id), send, &codes, expires_at), &id, answer).await?;
    let Some(renewed) = renewed else {
        let mut batch = Batch::new();
        let open = batch.read::<Count>(count_open(website.id, id, now));
        let still = batch.read::<IgnoredAny>(select(id, website.id));
        let results = website.run(batch).await?;
        results.first(&still)?.ok_or_else(|| missing(id))?;
        return Err(caps.refusal(results.first(&open)?.map_or(0, |count| count.open)));
    };
    if let Some(mail) = mail {
        send_mail(&website, send, &email, &mail).await;
    }
    Ok(renewed)
}

/// DELETE: cancels an invitation; its links open nothing from then on.
pub async fn cancel(call: WebsiteCall, input: Input<Path<InvitationId>>) -> Result<Data<Message>, Error> {
    let (website, Path(id), (), _) = call.enter(input, |_, _, _| ()).await?;
    let cancelled = website.row::<IgnoredAny>(delete(id, website.id)).await?;
    cancelled.map(|_| Message::saying("Invitation cancelled")).ok_or_else(|| missing(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::memory::Memory;
    use serde_json::Value;
    use sluice_values::{AccountId, Id};

    const WEBSITE: &str = "0000000000000000000000d1";
    const OTHER: &str = "0000000000000000000000d2";

    fn id<Kind>(number: u8) -> Id<Kind> {
        Id::new(Timestamp::from_millis(0), [number; 8])
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + millis)
    }

    /// An invitation with the number 1, and whether it was renewed by the sending with this number.
    fn renewed(database: &Memory, website: &str, send: u8, is_counted: bool) -> bool {
        let (website, account): (WebsiteId, AccountId) = (website.parse().unwrap(), id(1));
        let email: Email = "a@example.com".parse().unwrap();
        let caps = Caps::of(if is_counted { 5 } else { 0 }, 1);
        let codes = Codes { shown: format!("shown-{send}"), mailed: format!("mailed-{send}") };
        let rows = database.batch::<Value>(&[
            insert_send((id(send), id(1)), (website, account), &email, caps, at(0)),
            renew((id(1), website), id(send), &codes, at(9)),
        ]);
        !rows.unwrap()[1].is_empty()
    }

    fn database() -> Memory {
        let database = Memory::with_website();
        database.execute(&format!(
            "INSERT INTO invitations (id, website_id, email, role, code_hash, mail_code_hash, created_at, expires_at)
             VALUES ('{}', '{WEBSITE}', 'a@example.com', 'viewer', 'h', 'm', 0, {})",
            id::<sluice_values::kinds::Invitation>(1),
            at(5).as_millis()
        ));
        database
    }

    fn stored(database: &Memory) -> Value {
        let all = sql("SELECT code_hash, mail_code_hash, expires_at FROM invitations");
        database.batch::<Value>(&[all]).unwrap().remove(0).into_iter().next().unwrap_or_default()
    }

    #[test]
    fn what_is_sent_again_has_other_codes_and_its_whole_time_and_is_counted() {
        let database = database();
        // It is itself the one that the website may have open.
        assert!(renewed(&database, WEBSITE, 2, true));
        let row = stored(&database);
        assert_eq!(row["expires_at"], at(9).as_millis());
        assert_eq!(
            (row["code_hash"].as_str(), row["mail_code_hash"].as_str()),
            (Some(code_hash("shown-2").as_str()), Some(code_hash("mailed-2").as_str()))
        );
        assert!(!renewed(&database, WEBSITE, 3, false), "the account has sent what it may in a day");
        assert!(!renewed(&database, OTHER, 4, true), "that of another website");
        assert_eq!(stored(&database), row);
    }

    #[test]
    fn an_invitation_is_cancelled_by_its_website_only() {
        let database = database();
        let cancel =
            |website: &str| !database.batch::<Value>(&[delete(id(1), website.parse().unwrap())]).unwrap()[0].is_empty();
        assert!(!cancel(OTHER) && !stored(&database).is_null());
        assert!(cancel(WEBSITE) && stored(&database).is_null());
        assert!(!cancel(WEBSITE));
    }
}
