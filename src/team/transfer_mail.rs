//! The mails that tell of a website which has changed hands: one to who owns it now, one to who did, so that nobody gives a website
//! away in another's name without their hearing of it.

use serde::Deserialize;

use super::invitation_mail::person;
use super::plain_name::plain_name;
use crate::mail::mailer;
use crate::mail::message::Mail;
use crate::platform::database::{Statement, sql};
use crate::platform::{Platform, log};
use sluice_values::{AccountId, Email, Timestamp, WebsiteId};

/// The website, and both of them.
#[derive(Debug, Deserialize)]
pub struct Occasion {
    pub domain: String,
    from_name: Option<String>,
    from_email: String,
    from_verified_at: Option<Timestamp>,
    /// Without an account there is nobody who receives it.
    to_email: Option<String>,
    to_name: Option<String>,
    to_verified_at: Option<Timestamp>,
}

/// The occasion of a transfer of `website` to an account.
pub fn select(website: WebsiteId, to: AccountId) -> Statement {
    sql("SELECT domain, f.name AS from_name, f.email AS from_email, f.verified_at AS from_verified_at, \
         t.name AS to_name, t.email AS to_email, t.verified_at AS to_verified_at \
         FROM websites JOIN accounts f ON f.id = owner_id LEFT JOIN accounts t ON t.id = ?2 WHERE websites.id = ?1")
    .bind(website)
    .bind(to)
}

impl Occasion {
    /// What both read.
    pub fn mails(&self, website: WebsiteId, base_url: &str, now: Timestamp) -> Vec<Mail> {
        let (domain, link) = (plain_name(&self.domain), format!("{base_url}/console/w/{website}"));
        let from = person(self.from_name.as_deref(), &self.from_email, self.from_verified_at.is_some());
        let to_email = self.to_email.as_deref().unwrap_or_default();
        let to = person(self.to_name.as_deref(), to_email, self.to_verified_at.is_some());
        let received = format!(
            "{from} has made you the owner of {domain} on Sluice.\n\n\
             Who is on its team is for you to say now, and mails about it come to you. Who owned it before is a member of the team \
             still, until you change that."
        );
        let given = format!(
            "{domain} on Sluice is no longer yours: {to} owns it now, and you are a member of its team.\n\n\
             If it was not you who gave it away, somebody else uses your account: sign out the other devices, delete its access \
             tokens, and turn to whoever runs the gateway. Only the new owner can give the website back."
        );
        let mail = |role: &str, to: &str, subject, body: String| {
            let id = format!("transfer/{website}/{role}/{}", now.as_millis());
            Some(Mail::new(id, to.parse::<Email>().ok()?, subject, body).with_link("Open the website", &link))
        };
        // Nothing that anybody typed stands in a subject.
        let received = mail("to", to_email, "You own a website on Sluice now", received);
        let given = mail("from", &self.from_email, "A website of yours on Sluice has another owner", given);
        received.into_iter().chain(given).collect()
    }
}

/// Sends them after the answer, which does not wait for mail.
pub fn send(platform: &Platform, mails: Vec<Mail>) {
    if !mailer::is_set_up(platform) {
        return;
    }
    let own = platform.clone();
    platform.after_the_answer(async move {
        for mail in mails {
            if let Err(why) = mailer::send(&own, &mail).await {
                log::mail_failure(mail.id(), &why.to_string());
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_779_321_600_000);

    fn occasion() -> Occasion {
        Occasion {
            domain: "example.com".to_owned(),
            from_name: Some("Jane".to_owned()),
            from_email: "jane@example.com".to_owned(),
            from_verified_at: Some(NOW),
            to_name: Some("Mary".to_owned()),
            to_email: Some("mary@example.com".to_owned()),
            to_verified_at: None,
        }
    }

    fn mails(occasion: &Occasion) -> Vec<Mail> {
        occasion.mails("0000000000000000000000d1".parse().unwrap(), "https://s.example", NOW)
    }

    #[test]
    fn both_are_told() {
        let [received, given] = &mails(&occasion())[..] else { panic!("two") };
        assert_eq!((received.to().as_str(), given.to().as_str()), ("mary@example.com", "jane@example.com"));
        assert!(
            received.text().starts_with("Jane (jane@example.com) has made you the owner of example.com on Sluice.\n")
        );
        assert!(given.text().contains("no longer yours: Mary (address not confirmed) owns it now"), "{}", given.text());
        for mail in [received, given] {
            let link = "\n\nOpen the website: https://s.example/console/w/0000000000000000000000d1";
            assert!(mail.text().ends_with(link), "{}", mail.text());
        }
        assert_ne!(received.id(), given.id());
    }

    #[test]
    fn names_are_plain_and_stay_out_of_subjects() {
        let name = "Jane\r\nBcc: eve@example.com <script>x</script>\u{202e}".to_owned();
        let hostile = Occasion { from_name: Some(name.clone()), to_name: Some(name), ..occasion() };
        let tamed = "Jane Bcc: eve@example.com <script>x</scr";
        for (mail, usual) in mails(&hostile).iter().zip(mails(&occasion())) {
            assert_eq!(mail.subject(), usual.subject());
            assert!(mail.text().contains(&format!("{tamed} (")), "{}", mail.text());
            assert!(!mail.html().contains("<script") && mail.html().contains("&lt;script&gt;"), "{}", mail.html());
        }
    }

    #[test]
    fn it_is_found_by_keys() {
        let database = crate::platform::database::memory::Memory::default();
        let id = "0000000000000000000000d1";
        let plan = database.plan(&select(id.parse().unwrap(), id.parse().unwrap()));
        assert!(!plan.contains("SCAN"), "{plan}");
    }
}
