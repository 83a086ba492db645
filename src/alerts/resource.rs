//! Alert rules: list, create, change, delete (docs/contract/account-api.md#9,
//! docs/contract/automation.md#alerts-beyond-the-contract).

use serde::de::IgnoredAny;

use super::alert::{Alert, Create, Update};
use super::history;
use super::statements::{self, Row, StoredTrigger};
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Body, Changes, Input, Path};
use crate::http::reply::{Created, Data, Message};
use crate::platform::database::{Batch, Handle};
use crate::webhooks::subscriptions;
use sluice_values::{AlertId, WebhookId, WebsiteId};

/// How often an update of a trigger is tried while others change the same trigger.
const ATTEMPTS: u32 = 12;

/// GET: the website's rules, oldest first.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<Alert>, Error> {
    let plan = |batch: &mut Batch, website, (): &()| {
        (batch.read::<Row>(statements::select_all(website)), batch.read(history::select_recent(website)))
    };
    let (_, (), (alerts, logs), results) = call.enter(input, plan).await?;
    let logs = results.all(&logs)?;
    Ok(Data::many(results.all(&alerts)?.into_iter().map(|row| row.into_alert(&logs)).collect::<Result<_, _>>()?))
}

/// POST: a new rule.
pub async fn create(call: WebsiteCall, input: Input<Body<Create>>) -> Result<Created<Data<Alert>>, Error> {
    let plan = |batch: &mut Batch, website, Body(create): &Body<Create>| {
        let endpoint = create.destination.endpoint()?;
        Some((endpoint, batch.read::<IgnoredAny>(statements::endpoint_exists(endpoint, website))))
    };
    let (website, Body(mut create), endpoint, results) = call.enter(input, plan).await?;
    create.trigger = create.trigger.possible()?;
    if let Some((id, endpoint)) = endpoint
        && results.first(&endpoint)?.is_none()
    {
        return Err(no_endpoint(id));
    }
    let (id, now) = (website.call.new_id()?, website.call.now);
    let batch = Batch::of(subscriptions::changed(website.id, now));
    let maker = website.principal.maker();
    let insert = statements::insert((id, website.id), maker, (now, &website.call.base_url), &create);
    let alert = Alert::new(id, website.id, (now, maker), create);
    let created = website.create_once(batch, insert, &id, Data::one(alert)).await?.ok_or_else(no_room)?;
    subscriptions::sync_later(&website.call.platform, website.id, now).await;
    Ok(created)
}

/// PUT: changes a rule.
pub async fn change(call: WebsiteCall, input: Input<(Path<AlertId>, Changes<Update>)>) -> Result<Data<Alert>, Error> {
    let plan =
        |batch: &mut Batch, website: WebsiteId, (Path(id), Changes(changes)): &(Path<AlertId>, Changes<Update>)| {
            let needed: Option<Handle<StoredTrigger>> =
                changes.needs_stored().then(|| batch.read(statements::select_trigger(*id, website)));
            needed
        };
    let (website, (Path(id), Changes(changes)), stored, results) = call.enter(input, plan).await?;
    let mut stored = match stored {
        Some(stored) => Some(results.first(&stored)?.ok_or_else(|| not_found(id))?),
        None => None,
    };
    let now = website.call.now;
    for _ in 0..ATTEMPTS {
        let edit = changes.edit(stored.map(|trigger| trigger.json))?;
        let mut batch = Batch::new();
        let moment = (now, website.call.new_id()?);
        if changes.endpoint().is_some() {
            batch.run(statements::note_destination(id, website.id, website.principal.maker(), &changes));
        }
        let updated = statements::update(&mut batch, (id, website.id), moment, &changes, edit.as_ref());
        batch.run(statements::set_base_url(id, website.id, &website.call.base_url));
        batch.run(subscriptions::changed(website.id, now));
        let results = website.run(batch).await?;
        if let Some(row) = results.first(&updated.row)? {
            subscriptions::sync_later(&website.call.platform, website.id, now).await;
            return Ok(Data::one(row.into_alert(&results.all(&updated.logs)?)?));
        }
        stored = results.first(&updated.trigger)?;
        if stored.is_none() {
            return Err(not_found(id));
        }
        if let (Some(id), Some(endpoint)) = (changes.endpoint(), updated.endpoint)
            && results.first(&endpoint)?.is_none()
        {
            return Err(no_endpoint(id));
        }
        // Another request has changed the trigger since it was read: this change now applies to that one.
    }
    Err(Error::conflict("trigger: others are changing it at this moment; try again"))
}

/// DELETE: deletes a rule for good; its history stays.
pub async fn delete(call: WebsiteCall, input: Input<Path<AlertId>>) -> Result<Data<Message>, Error> {
    let (website, Path(id), (), _) = call.enter(input, |_, _, _| ()).await?;
    let mut batch = Batch::new();
    let deleted = statements::delete(&mut batch, id, website.id);
    batch.run(subscriptions::changed(website.id, website.call.now));
    website.run(batch).await?.first(&deleted)?.ok_or_else(|| not_found(id))?;
    subscriptions::sync_later(&website.call.platform, website.id, website.call.now).await;
    Ok(Message::saying("Alert deleted successfully"))
}

/// 404.
pub fn not_found(id: AlertId) -> Error {
    Error::not_found(format!("no alert {id} on this website"))
}

fn no_room() -> Error {
    let most = statements::MOST;
    Error::forbidden(format!("Alert limit reached (max {most} per website); delete one that is no longer used"))
}

fn no_endpoint(endpoint: WebhookId) -> Error {
    Error::bad_request(format!("destination.endpointId: no webhook {endpoint} on this website"))
}
