//! The websites of an account: the handlers. [`website`](super::website) has the types, rules and SQL.

use super::currency;
use super::tracking_settings::write_through_later;
use super::website::{
    Create, CreatedWebsite, ListedRow, ListedWebsite, Row, Settings, Update, Website, insert, insert_owner, missing,
    select, select_reachable, update,
};
use crate::auth::access::{Principal, WebsiteScope};
use crate::exchange_rates;
use crate::http::call::{AccountCall, Call, EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Changes, Input};
use crate::http::reply::{Created, Data, Never};
use crate::platform::config::MAX_WEBSITES;
use crate::platform::database::Batch;
use crate::platform::{Platform, PlatformError, log};
use sluice_engine::reports::goals::HasGoal;
use sluice_money::Rates;
use sluice_values::{Currency, hex};

/// GET: the websites that the caller can reach, oldest first.
pub async fn list(call: AccountCall, (): ()) -> Result<Data<ListedWebsite>, Error> {
    let scope = match &call.principal {
        Principal::Account { scope, .. } => scope.clone(),
        Principal::WebsiteKey { website_id, .. } => WebsiteScope::new(vec![*website_id]),
    };
    let rows: Vec<ListedRow> = call.rows(select_reachable(call.account_id(), &scope)).await?;
    let websites = rows.into_iter().map(|row| ListedWebsite {
        ids: row.id.into(),
        domain: row.domain,
        name: row.name,
        tracking_id: row.tracking_id,
        timezone: row.timezone,
        currency: row.currency,
        role: row.role,
    });
    Ok(Data::many(websites.collect()))
}

/// POST: creates a website, owned by the caller.
pub async fn create(call: AccountCall, Body(create): Body<Create>) -> Result<Created<Data<CreatedWebsite>>, Error> {
    if let Principal::Account { scope, .. } = &call.principal
        && !scope.is_all()
    {
        let means = call.principal.means();
        return Err(Error::forbidden(format!("{means} is limited to some websites and cannot create others")));
    }
    let (id, tracking_id) = (call.call.new_id()?, new_tracking_id(&call.call.platform)?);
    let most = call.call.platform.config().cap(MAX_WEBSITES);
    let insert = insert(id, call.account_id(), &tracking_id, &create, most, call.call.now);
    let insert_owner = insert_owner(id, call.account_id(), call.call.now);
    let website = Website {
        ids: id.into(),
        domain: create.domain.as_str().to_owned(),
        name: create.name.map(|name| name.as_str().to_owned()),
        tracking_id,
        timezone: create.timezone.as_str().to_owned(),
        currency: Currency::USD.as_str().to_owned(),
        pending_currency: None,
        settings: Settings::default(),
        created_at: call.call.now,
    };
    let answer = Data::one(CreatedWebsite {
        ids: website.ids,
        website_id: id,
        domain: website.domain.clone(),
        tracking_id: website.tracking_id.clone(),
    });
    let made = call.create_once(Batch::of(insert), insert_owner, &id, answer).await.map_err(domain_taken)?;
    let made =
        made.ok_or_else(|| Error::forbidden(format!("at most {most} websites for each account (MAX_WEBSITES)")))?;
    write_through_later(&call.call.platform, id, website).await;
    Ok(made)
}

/// GET: a website with its settings.
pub async fn get(call: WebsiteCall, input: Input<()>) -> Result<Data<Website>, Error> {
    let (website, (), row, results) =
        call.enter(input, |batch, website, ()| batch.read::<Row>(select(website))).await?;
    let row = results.first(&row)?.ok_or_else(|| missing(website.id))?;
    Ok(Data::one(row.try_into()?))
}

/// PUT: changes settings.
pub async fn change(call: WebsiteCall, input: Input<Changes<Update>>) -> Result<Data<Website>, Error> {
    // The domain decides whose events are taken, and a refusal would tell a key of other websites of its owner.
    let is_key = matches!(call.principal, Principal::WebsiteKey { .. });
    let plan = |batch: &mut Batch, website, Changes(changes): &Changes<Update>| {
        changes.domain.as_set().filter(|_| is_key).map(|_| batch.read::<Row>(select(website)))
    };
    let (website, Changes(changes), known, results) = call.enter(input, plan).await?;
    if let Some(known) = known {
        let known = results.first(&known)?.ok_or_else(|| missing(website.id))?;
        if changes.domain.as_set().is_some_and(|domain| domain.as_str() != known.domain) {
            return Err(Error::forbidden("domain: a df_ website key cannot change it; use a dft_ account token"));
        }
    }
    if let Some(Some(kpi)) = changes.kpi.as_set()
        && !website.site().ask(HasGoal { name: kpi.as_str().to_owned() }).await?
    {
        return Err(Error::bad_request(format!("kpi: no goal \"{kpi}\" has been tracked on this website")));
    }
    let wished = match changes.currency.as_set() {
        Some(wished) => Some((*wished, rates_for(&website.call, *wished).await?)),
        None => None,
    };
    let row = website
        .row::<Row>(update(website.id, &changes, website.call.now, &website.call.base_url))
        .await
        .map_err(domain_taken)?;
    let mut row = row.ok_or_else(|| missing(website.id))?;
    if let Some((wished, rates)) = wished
        && let Ok(before) = row.currency.parse::<Currency>()
        && before != wished
    {
        match convert_at_once(&website, (before, wished), &rates).await {
            Ok(Some(converted)) => row = converted,
            Ok(None) => {}
            // The wish is stored, and cron goes on with it.
            Err(error) => log::failure("change of currency", &website.id.to_string(), &error.to_string()),
        }
    }
    let changed = Website::try_from(row)?;
    write_through_later(&website.call.platform, website.id, changed.clone()).await;
    Ok(Data::one(changed))
}

/// Converts the payments and returns the changed website, if they are few. Of many, the object's alarm converts the rest.
async fn convert_at_once(
    website: &EnteredWebsite,
    (before, wished): (Currency, Currency),
    rates: &Rates,
) -> Result<Option<Row>, PlatformError> {
    let (platform, now) = (&website.call.platform, website.call.now);
    if !currency::convert(platform, website.id, (before, wished), rates, now).await? {
        return Ok(None);
    }
    currency::finish(platform, website.id, wished).await
}

/// The rates of today, if there is one for this currency.
async fn rates_for(call: &Call, currency: Currency) -> Result<Rates, Error> {
    let rates = exchange_rates::rates(&call.platform, call.now).await?;
    if rates.knows(currency.iso()) {
        return Ok(rates);
    }
    Err(Error::bad_request(format!(
        "currency: no exchange rate is known for {currency}, so money cannot be shown in it"
    )))
}

/// DELETE: always refused (docs/contract/account-api.md#4); the message is the documented one.
pub async fn delete(call: WebsiteCall, input: Input<()>) -> Result<Never, Error> {
    let (website, (), (), _) = call.enter(input, |_, _, ()| ()).await?;
    Err(Error::forbidden(format!(
        "Website deletion cannot be done programmatically. Please delete this website from the DataFast dashboard: \
         https://datafa.st/dashboard/{}",
        website.id
    )))
}

/// `dfid_` and 24 hexadecimal characters. Tracking ids are public, so they only have to be unique.
fn new_tracking_id(platform: &Platform) -> Result<String, PlatformError> {
    let bytes: [u8; 12] = platform.random()?;
    Ok(format!("dfid_{}", hex(&bytes)))
}

fn domain_taken(error: PlatformError) -> Error {
    if error.is_unique_violation() {
        Error::conflict("domain: your account has a website with this domain already")
    } else {
        error.into()
    }
}
