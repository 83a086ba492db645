//! The mail that tells somebody of an invitation. It goes to people who have not asked for it, at the wish of somebody whom
//! they may not know: the words are ours, and names in it are short and plain.

use serde::Deserialize;

use super::plain_name::plain_name;
use crate::auth::role::Role;
use crate::mail::mailer;
use crate::mail::message::Mail;
use crate::platform::database::{Statement, sql};
use crate::platform::{Platform, log};
use sluice_values::{AccountId, Email, InvitationId, Timestamp, WebsiteId};

/// Nothing that anybody typed stands in a subject.
const SUBJECT: &str = "You are invited to a team on Sluice";

/// Who invites, and to what.
#[derive(Debug, Deserialize)]
pub struct Occasion {
    domain: String,
    name: Option<String>,
    email: String,
    verified_at: Option<Timestamp>,
}

/// The occasion of an invitation by `account` to `website`.
pub fn select(website: WebsiteId, account: AccountId) -> Statement {
    sql("SELECT domain, accounts.name, accounts.email, verified_at FROM websites, accounts \
         WHERE websites.id = ?1 AND accounts.id = ?2")
    .bind(website)
    .bind(account)
}

/// Sends the invitation. A failure is only logged, without the link: whoever invites has a link in the answer.
pub async fn send(platform: &Platform, mail: &Mail) {
    if let Err(error) = mailer::send(platform, mail).await {
        log::mail_failure(mail.id(), &error.to_string());
    }
}

impl Occasion {
    /// What the invited person reads. `link` carries a code that nobody else gets.
    pub fn mail(&self, id: InvitationId, to: Email, role: Role, link: &str) -> Mail {
        let inviter = person(self.name.as_deref(), &self.email, self.verified_at.is_some());
        let body = format!(
            "{inviter} invites you to the team of {} on Sluice, as {role}.\n\n\
             The link below can be used once, within 7 days. It is for you alone: do not pass it on.\n\n\
             If you do not expect this, ignore it: nothing happens without you. To report it, forward this mail to whoever \
             runs the gateway that the link leads to.",
            plain_name(&self.domain)
        );
        Mail::new(format!("invitation/{id}"), to, SUBJECT, body).with_link("Accept the invitation", link)
    }
}

/// Somebody as others may read of them in a mail.
pub fn person(name: Option<&str>, email: &str, is_verified: bool) -> String {
    // An address that nobody has proved may be that of somebody else.
    let address = if is_verified { email } else { "address not confirmed" };
    let name = plain_name(name.unwrap_or_default());
    match (name.is_empty(), is_verified) {
        (true, true) => address.to_owned(),
        (true, false) => format!("Somebody ({address})"),
        (false, _) => format!("{name} ({address})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINK: &str = "https://s.example/invitations/x#code=y";

    fn occasion(name: Option<&str>) -> Occasion {
        Occasion {
            domain: "example.com".to_owned(),
            name: name.map(str::to_owned),
            email: "jane@example.com".to_owned(),
            verified_at: Some(Timestamp::from_millis(0)),
        }
    }

    fn mail(occasion: &Occasion) -> Mail {
        let id = InvitationId::new(Timestamp::from_millis(0), [1; 8]);
        occasion.mail(id, "guest@example.com".parse().unwrap(), Role::Viewer, LINK)
    }

    #[test]
    fn it_names_the_website_the_inviter_and_the_role_and_has_the_link() {
        let mail = mail(&occasion(Some("Jane")));
        assert_eq!(mail.subject(), SUBJECT);
        assert_eq!(mail.id(), "invitation/000000000101010101010101");
        let text = mail.text();
        assert!(
            text.starts_with("Jane (jane@example.com) invites you to the team of example.com on Sluice, as viewer.")
        );
        assert!(text.contains("ignore it") && text.contains("report it"), "{text}");
        assert!(text.ends_with(&format!("\n\nAccept the invitation: {LINK}")), "{text}");
        assert!(mail.headers().iter().all(|(name, _)| !name.starts_with("List-")));
    }

    #[test]
    fn whoever_has_no_name_has_an_address() {
        for name in [None, Some("\r\n"), Some("\u{200b}\u{202e}")] {
            assert!(mail(&occasion(name)).text().starts_with("jane@example.com invites you"));
        }
    }

    #[test]
    fn an_address_that_was_never_proved_is_not_shown_as_somebodys() {
        let unproved = |name| Occasion { verified_at: None, ..occasion(name) };
        for (name, start) in
            [(Some("Jane"), "Jane (address not confirmed) invites"), (None, "Somebody (address not confirmed) invites")]
        {
            let text = mail(&unproved(name)).text();
            assert!(text.starts_with(start) && !text.contains("jane@example.com"), "{text}");
        }
    }

    #[test]
    fn an_inviters_words_are_short_and_never_in_the_subject() {
        let long = Occasion {
            domain: format!("urgent-password-expired-sign-in-at.{}.example", "a".repeat(60)),
            ..occasion(Some("Payroll: confirm your account at pay.evil.example \u{202e}(liam)"))
        };
        let mail = mail(&long);
        assert_eq!(mail.subject(), SUBJECT);
        assert!(mail.text().starts_with(
            "Payroll: confirm your account at pay.evi (jane@example.com) invites you to the team of \
             urgent-password-expired-sign-in-at.aaaaa on Sluice"
        ));
        assert!(!mail.html().contains("evil.example") && !mail.html().contains('\u{202e}'));
    }

    proptest! {
        #[test]
        fn no_name_adds_a_line_or_reaches_the_subject(name in any::<String>()) {
            let lines = |mail: Mail| mail.text().lines().count();
            prop_assert_eq!(lines(mail(&occasion(Some(&format!("J{name}"))))), lines(mail(&occasion(Some("Jane")))));
            let mail = mail(&occasion(Some(&name)));
            prop_assert_eq!(mail.subject(), SUBJECT);
        }
    }
}
