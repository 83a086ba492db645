//! The invitation email.

use crate::mail::mailer;
use serde::Deserialize;

use crate::auth::role::Role;
use crate::mail::message::{Mail, one_line};
use crate::platform::database::{Statement, sql};
use crate::platform::{Platform, log};
use sluice_values::{AccountId, Email, InvitationId, WebsiteId};

/// The inviter and the website.
#[derive(Debug, Deserialize)]
pub struct Occasion {
    domain: String,
    name: Option<String>,
    email: String,
}

/// Selects what an invitation by `account` to `website` mentions.
pub fn select(website: WebsiteId, account: AccountId) -> Statement {
    sql("SELECT domain, accounts.name, accounts.email FROM websites, accounts \
         WHERE websites.id = ?1 AND accounts.id = ?2")
    .bind(website)
    .bind(account)
}

/// Sends the invitation. A failure is only logged, without the link: the inviter has the link from the response.
pub async fn send(platform: &Platform, mail: &Mail) {
    if let Err(error) = mailer::send(platform, mail).await {
        log::mail_failure(mail.id(), &error.to_string());
    }
}

impl Occasion {
    /// The email that the invited person receives.
    pub fn mail(&self, id: InvitationId, to: Email, role: Role, link: &str) -> Mail {
        let Self { domain, name, email } = self;
        // A name is free text: it must stay on one line, and the address after it cannot be forged.
        let name = one_line(name.as_deref().unwrap_or_default());
        let (inviter, shown) =
            if name.is_empty() { (email.clone(), email.clone()) } else { (format!("{name} ({email})"), name) };
        let body = format!(
            "{inviter} invites you to the team of {domain} on Sluice, as {role}.\n\n\
             The link below can be used once, within 7 days. If you do not know who this is, leave it alone."
        );
        Mail::new(format!("invitation/{id}"), to, &format!("{shown} invites you to {domain}"), body)
            .with_link("Accept the invitation", link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sluice_values::Timestamp;

    const LINK: &str = "https://s.example/invitations/x?code=y";

    fn mail(name: Option<&str>) -> Mail {
        let occasion = Occasion {
            domain: "example.com".to_owned(),
            name: name.map(str::to_owned),
            email: "jane@example.com".to_owned(),
        };
        let id = InvitationId::new(Timestamp::from_millis(0), [1; 8]);
        occasion.mail(id, "guest@example.com".parse().unwrap(), Role::Viewer, LINK)
    }

    #[test]
    fn the_mail_names_the_website_inviter_and_role_and_has_the_link() {
        let mail = mail(Some("Jane"));
        assert_eq!(mail.subject(), "Jane invites you to example.com");
        assert_eq!(mail.id(), "invitation/000000000101010101010101");
        let text = mail.text();
        assert!(
            text.starts_with("Jane (jane@example.com) invites you to the team of example.com on Sluice, as viewer.")
        );
        assert!(text.ends_with(&format!("\n\nAccept the invitation: {LINK}")), "{text}");
        assert!(mail.headers().iter().all(|(name, _)| !name.starts_with("List-")));
    }

    #[test]
    fn an_inviter_without_a_name_is_shown_by_address() {
        for name in [None, Some("\r\n")] {
            assert_eq!(mail(name).subject(), "jane@example.com invites you to example.com");
            assert!(mail(name).text().starts_with("jane@example.com invites you"));
        }
    }

    proptest! {
        #[test]
        fn a_name_never_adds_a_line(name in any::<String>()) {
            let lines = |mail: Mail| mail.text().lines().count();
            prop_assert_eq!(lines(mail(Some(&format!("J{name}")))), lines(mail(Some("Jane"))));
            prop_assert!(!mail(Some(&name)).subject().contains(['\r', '\n']));
        }
    }
}
