//! Erases a visitor everywhere (docs/contract/README.md#52): in the website's object with the messages that name the visitor,
//! and in D1 the messages of earlier releases, the completions that alerts have not processed, and the visitor in alerts' history.
//!
//! The object's first step decides. Whatever fails after it is logged, and the object's alarm does it again.

use serde::{Deserialize, Serialize};

use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Path};
use crate::http::reply::Data;
use crate::platform::database::{Batch, Handle, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::tracking::payments;
use crate::webhooks::object::{self, Call};
use sluice_engine::protocol::VisitorErasure;
use sluice_values::{VisitorId, WebsiteId};

/// The most steps that a request waits for; the object's alarm takes further ones.
const MOST_STEPS: usize = 24;
/// The most messages that one transaction deletes.
const MESSAGES_AT_ONCE: u32 = 200;

// ---- What goes out

/// The response of erase.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct ErasedVisitor {
    message: &'static str,
    /// The number of the visitor's events.
    events: i64,
    /// The number of the visitor's payments.
    payments: i64,
}

// ---- SQL

/// The messages of a website that have a value in a field of their payload's `data`. `?1` is the website, `?2` the list of
/// values, `?3` the limit. The expression is that of the index.
fn messages_with(field: &str) -> String {
    format!(
        "SELECT id FROM messages WHERE website_id = ?1 AND json_extract(payload, '$.data.{field}') IN \
         (SELECT value FROM json_each(?2)) LIMIT ?3"
    )
}

/// Deletes some of these messages, with their deliveries. The handle has a row for each message.
fn delete_messages(batch: &mut Batch, website: WebsiteId, field: &str, values: &[String]) -> Handle<Deleted> {
    let messages = messages_with(field);
    let bind = |text: String| sql(text).bind(website).bind_json(values).bind(MESSAGES_AT_ONCE);
    batch.run(bind(format!(
        "DELETE FROM delivery_attempts WHERE delivery_id IN \
         (SELECT id FROM deliveries WHERE message_id IN ({messages}))"
    )));
    batch.run(bind(format!("DELETE FROM deliveries WHERE message_id IN ({messages})")));
    batch.read(bind(format!("DELETE FROM messages WHERE id IN ({messages}) RETURNING id")))
}

#[derive(Deserialize)]
struct Deleted {
    #[serde(rename = "id")]
    _id: String,
}

fn forget_in_alerts(website: WebsiteId, visitor: VisitorId) -> [Statement; 2] {
    [
        "UPDATE alert_history SET visitor_id = NULL WHERE website_id = ?1 AND visitor_id = ?2",
        "DELETE FROM alert_completions WHERE alert_id IN (SELECT id FROM alerts WHERE website_id = ?1) \
         AND json_extract(event, '$.visitorId') = ?2",
    ]
    .map(|text| sql(text).bind(website).bind(visitor.to_string()))
}

/// Erases a visitor, and what names these transactions, from D1.
pub async fn forget(
    platform: &Platform,
    website: WebsiteId,
    visitor: VisitorId,
    transactions: &[String],
) -> Result<(), PlatformError> {
    let visitors = [visitor.to_string()];
    let mut alerts = Some(forget_in_alerts(website, visitor));
    let mut told = Some(payments::forget_transactions(website, transactions));
    loop {
        let mut batch = Batch::new();
        told.take().into_iter().for_each(|statement| batch.run(statement));
        alerts.take().into_iter().flatten().for_each(|statement| batch.run(statement));
        let of_visitor = delete_messages(&mut batch, website, "visitorId", &visitors);
        let of_payments = delete_messages(&mut batch, website, "transactionId", transactions);
        let results = platform.database().run(batch).await?;
        let most = usize::try_from(MESSAGES_AT_ONCE).unwrap_or_default();
        if results.all(&of_visitor)?.len() < most && results.all(&of_payments)?.len() < most {
            return Ok(());
        }
    }
}

// ---- Handlers

/// DELETE: erases a visitor.
pub async fn erase(call: WebsiteCall, input: Input<Path<VisitorId>>) -> Result<Data<ErasedVisitor>, Error> {
    let (website, Path(visitor), (), _) = call.enter(input, |_, _, _| ()).await?;
    let begun = website.site().ask(VisitorErasure::of(visitor)).await?;
    let begun = begun.ok_or_else(|| Error::not_found(format!("no visitor {visitor} on this website")))?;
    let further = async || {
        let (mut is_done, mut transactions) = (begun.is_done, begun.transactions.clone());
        for _ in 0..MOST_STEPS {
            if is_done {
                break;
            }
            let Some(step) = website.site().ask(VisitorErasure::further(visitor)).await? else { break };
            transactions.extend(step.transactions);
            is_done = step.is_done;
        }
        forget(&website.call.platform, website.id, visitor, &transactions).await?;
        let call = Call::Forget { visitor, transactions };
        object::ask::<()>(&website.call.platform, website.id, &call).await?;
        Ok::<_, PlatformError>(is_done)
    };
    let is_done = further().await.unwrap_or_else(|error| {
        log::failure("erasure", &website.id.to_string(), &error.to_string());
        false
    });
    let message = if is_done {
        "Visitor erased successfully"
    } else {
        "Visitor erased; what is left of a long history follows within minutes"
    };
    Ok(Data::one(ErasedVisitor { message, events: begun.events, payments: begun.payments }))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_util::FutureExt;
    use serde_json::Value as Json;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use sluice_values::Timestamp;

    const WEBSITE: &str = "0000000000000000000000d1";
    const ANNA: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3401";
    const BERT: &str = "b971cbbf-7ce2-4925-902b-8f95a5fb3402";

    /// A message to two endpoints, with an attempt whose answer repeats it.
    fn message(database: &Database, id: &str, website: &str, data: &str) {
        database.execute(&format!(
            "INSERT INTO messages VALUES ('{id}', '{website}', 't', '{{\"data\":{data}}}', 0);
             INSERT INTO deliveries (id, website_id, webhook_id, message_id, type, status, created_at, updated_at)
             VALUES ('{id}-1', '{website}', 'w1', '{id}', 't', 'pending', 0, 0), ('{id}-2', '{website}', 'w2', '{id}', 't', 'failed', 0, 0);
             INSERT INTO delivery_attempts VALUES ('{id}-1', 1, 'automatic', 0, 0, 500, NULL, 'got {data}')"
        ));
    }

    fn database() -> Database {
        let database = Database::with_website();
        for (at, visitor, mail) in [(0, ANNA, "anna@x.co"), (1_000, BERT, "bert@x.co")] {
            for number in at..at + 450 {
                message(&database, &format!("m{number}"), WEBSITE, &format!(r#"{{"visitorId":"{visitor}"}}"#));
            }
            let paid = format!(r#"{{"visitorId":null,"transactionId":"tx-{at}","customerEmail":"{mail}"}}"#);
            message(&database, &format!("p{at}"), WEBSITE, &paid);
            database.execute(&format!(
                "INSERT INTO alerts (id, website_id, name, condition, destination, message, created_at, updated_at)
                 VALUES ('alert{at}', '{WEBSITE}', 'x', '{{}}', '{{\"type\":\"email\"}}', 'x', 0, 0);
                 INSERT INTO alert_completions VALUES ('alert{at}', 1, 0, '{{\"visitorId\":\"{visitor}\"}}');
                 INSERT INTO alert_history (id, website_id, alert_id, alert_name, event, destination, status, visitor_id, triggered_at)
                 VALUES ('h{at}', '{WEBSITE}', 'alert{at}', 'x', 'firing', '{{\"type\":\"email\"}}', 'sent', '{visitor}', 0)"
            ));
        }
        database
    }

    /// The columns of the database in which this text is.
    fn found(database: &Database, text: &str) -> Vec<String> {
        let rows = |statement: String| database.batch::<Json>(&[sql(statement)]).unwrap().remove(0);
        let mut found = Vec::new();
        for table in rows("SELECT name FROM sqlite_schema WHERE type = 'table'".to_owned()) {
            let table = table["name"].as_str().unwrap().to_owned();
            for row in rows(format!("SELECT * FROM {table}")) {
                let holds = |(name, value): (&String, &Json)| {
                    value.to_string().contains(text).then(|| format!("{table}.{name}"))
                };
                found.extend(row.as_object().unwrap().iter().filter_map(holds));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn nothing_in_the_database_names_an_erased_visitor_and_others_stay() {
        let memory = Rc::new(Memory::new(database(), Timestamp::from_millis(0)));
        let platform = Platform::in_memory(memory.clone());
        let (database, website) = (&memory.database, WEBSITE.parse().unwrap());
        message(database, "elsewhere", "0000000000000000000000d2", &format!(r#"{{"visitorId":"{ANNA}"}}"#));
        let texts = [
            "alert_completions.event",
            "alert_history.visitor_id",
            "delivery_attempts.response_body",
            "messages.payload",
        ];
        assert_eq!(found(database, ANNA), texts);
        let before = found(database, BERT);
        forget(&platform, website, ANNA.parse().unwrap(), &["tx-0".to_owned()]).now_or_never().unwrap().unwrap();
        assert_eq!(found(database, ANNA), ["delivery_attempts.response_body", "messages.payload"], "another website's");
        assert_eq!(found(database, "anna@x.co"), [""; 0]);
        assert_eq!(found(database, BERT), before);
        let counts = "SELECT (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM deliveries) AS deliveries, \
                      (SELECT count(*) FROM delivery_attempts) AS attempts, (SELECT count(*) FROM alert_history) AS history";
        let counts = database.batch::<Json>(&[sql(counts)]).unwrap().remove(0).remove(0);
        assert_eq!(counts, serde_json::json!({ "messages": 452, "deliveries": 904, "attempts": 452, "history": 2 }));
    }

    #[test]
    fn what_names_a_visitor_is_found_by_an_index() {
        let (database, website) = (Database::with_website(), WEBSITE.parse().unwrap());
        for (field, index) in [("visitorId", "messages_by_visitor"), ("transactionId", "messages_by_transaction")] {
            let statement = sql(messages_with(field)).bind(website).bind_json(&["x"]).bind(1_u32);
            let plan = database.plan(&statement);
            assert!(
                plan.contains(&format!("SEARCH messages USING INDEX {index} (website_id=? AND <expr>=?)")),
                "{plan}"
            );
        }
        let [history, completions] = forget_in_alerts(website, ANNA.parse().unwrap());
        assert!(database.plan(&history).contains("alert_history_by_visitor (website_id=? AND visitor_id=?)"));
        assert!(!database.plan(&completions).contains("SCAN alert_completions"));
    }
}
