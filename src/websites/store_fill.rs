//! How full the object of a website is: the owner gets a mail, the operator a line in the log and `/healthz`.

use super::owner::Owner;
use crate::mail::mailer;
use crate::mail::message::Mail;
use crate::platform::config::MAX_OBJECT_MB;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use sluice_engine::fill::Fill;
use sluice_values::WebsiteId;

/// Stores the fill of a website's object; NULL where there is room.
fn update(website: WebsiteId, fill: Fill) -> Statement {
    let fill = Some(fill).filter(|fill| *fill > Fill::Ok).map(Fill::as_str);
    sql("UPDATE websites SET store_fill = ?2 WHERE id = ?1").bind(website).bind(fill)
}

/// The websites whose object is nearly full, and full, in this order.
pub fn count() -> Statement {
    sql("SELECT count(*) FILTER (WHERE store_fill = 'nearlyFull') AS nearly_full, \
         count(*) FILTER (WHERE store_fill = 'full') AS full FROM websites WHERE store_fill IS NOT NULL")
}

/// Tells how full the object is. The owner gets one mail, when it is no longer one with room.
pub async fn tell(platform: &Platform, website: WebsiteId, fill: Fill, before: Fill) -> Result<(), PlatformError> {
    let mut batch = Batch::new();
    batch.run(update(website, fill));
    let owner = batch.read(Owner::select(website));
    let results = platform.database().run(batch).await?;
    if fill <= before {
        return Ok(());
    }
    let megabytes = platform.config().cap(MAX_OBJECT_MB);
    let share = if fill == Fill::Full { 95 } else { 80 };
    let what = format!("website {website} uses {share} % of its {megabytes} MB (MAX_OBJECT_MB)");
    log::failure("alarm", "store", &what);
    if before > Fill::Ok {
        return Ok(());
    }
    let Owner { email, domain } = Owner::of(&results, &owner, website)?;
    let body = format!(
        "The events of {domain} use {share} % of the {megabytes} MB that a website has.\n\n\
         From 95 % on, pageviews and exit clicks are dropped (X-Sluice-Dropped: full); goals, identities and payments \
         still go in. Export what you need, and start a new website for what is to come."
    );
    let id = format!("website/{website}/store/{}", platform.now().as_millis());
    let mail = Mail::new(id, email, &format!("{domain} is running out of room"), body);
    if let Err(why) = mailer::send(platform, &mail).await {
        log::mail_failure(mail.id(), &why.to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_util::FutureExt;
    use serde_json::{Value, json};
    use sluice_values::Timestamp;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;

    #[test]
    fn the_owner_gets_one_mail_and_the_operator_each_level() {
        let database = Database::with_website();
        database.execute("UPDATE accounts SET email = 'owner@example.com'");
        let settings = [("EMAIL_FROM", "a@b.co"), ("EMAIL_PROVIDER", "resend"), ("EMAIL_API_KEY", "k")];
        let memory = Memory::new(database, Timestamp::from_millis(1_000));
        let memory = Rc::new(settings.iter().fold(memory, |memory, (name, value)| memory.with(name, value)));
        let platform = Platform::in_memory(memory.clone());
        let website = "0000000000000000000000d1".parse().unwrap();
        let levels = [
            ((Fill::NearlyFull, Fill::Ok), 1, json!({ "nearly_full": 1, "full": 0 })),
            ((Fill::Full, Fill::NearlyFull), 0, json!({ "nearly_full": 0, "full": 1 })),
            ((Fill::Ok, Fill::Full), 0, json!({ "nearly_full": 0, "full": 0 })),
            ((Fill::Full, Fill::Ok), 1, json!({ "nearly_full": 0, "full": 1 })),
        ];
        for ((fill, before), mails, counted) in levels {
            tell(&platform, website, fill, before).now_or_never().unwrap().unwrap();
            let requests = memory.requests.take();
            assert_eq!(requests.len(), mails, "{fill:?}");
            assert!(requests.iter().all(|request| request.body.contains("example.com is running out of room")));
            assert_eq!(memory.database.batch::<Value>(&[count()]).unwrap()[0][0], counted, "{fill:?}");
        }
        let plan = memory.database.plan(&count());
        assert!(plan.contains("websites_filled"), "{plan}");
    }
}
