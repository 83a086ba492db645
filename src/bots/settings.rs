//! The settings of bot traffic and its token: the owner's (docs/contract/account-api.md#12).

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::catalogue::{Category, Company, CrawlerId, crawlers};
use super::unexpected;
use crate::auth::token::{masked, token_text};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Changes, Input, Patch};
use crate::http::reply::Data;
use crate::websites::report_context::ReportContext;
use sluice_engine::bots::{BotChange, BotSettings, BotState, BotsAnswer, TokenChange};
use sluice_engine::protocol::Bots;
use sluice_values::{Timestamp, WebsiteId, hex};

/// How a token begins.
pub const PREFIX: &str = "dfbot_";

// ---- What comes in

/// The body of a change of the settings.
#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "UpdateBotSettings")]
pub struct Update {
    /// Whether only requests from a crawler's own addresses are counted. The gateway has to know them (`BOT_IP_RANGES`).
    verified_only: Patch<bool>,
    /// Whether requests without the token are refused. There has to be one.
    require_auth_token: Patch<bool>,
    /// Companies whose crawlers are not counted any more.
    disable_companies: Patch<Vec<Company>>,
    enable_companies: Patch<Vec<Company>>,
    /// Crawlers that are not counted any more.
    disable_crawler_ids: Patch<Vec<CrawlerId>>,
    enable_crawler_ids: Patch<Vec<CrawlerId>>,
    /// All crawlers that are not counted. Not together with the four above.
    excluded_crawler_ids: Patch<Vec<CrawlerId>>,
    /// All crawlers that are counted, and not in the chart.
    hidden_crawlers: Patch<Vec<CrawlerId>>,
    /// Stored, and not used by the gateway's own console.
    hide_dashboard_card: Patch<bool>,
    /// Stored, and not used by the gateway's own console.
    group_by: Patch<GroupBy>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum GroupBy {
    Crawlers,
    Companies,
}

// ---- What goes out

/// The settings with the catalogue.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BotSettings")]
pub struct Shown {
    website_id: WebsiteId,
    domain: String,
    settings: ShownSettings,
    /// Every crawler that is known, by company.
    companies: Vec<ShownCompany>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct ShownSettings {
    hidden_crawlers: Vec<String>,
    excluded_crawler_ids: Vec<String>,
    verified_only: bool,
    require_auth_token: bool,
    hide_dashboard_card: bool,
    group_by: GroupBy,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct ShownCompany {
    company: &'static str,
    crawlers: Vec<ShownCrawler>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct ShownCrawler {
    crawler_id: &'static str,
    name: &'static str,
    category: Category,
    /// Whether its requests are counted.
    is_enabled: bool,
}

impl Shown {
    fn of(website: &EnteredWebsite, domain: String, state: BotState) -> Self {
        let settings = state.settings;
        let mut companies: Vec<ShownCompany> = Vec::new();
        for crawler in crawlers() {
            let is_enabled = !settings.excluded_crawlers.iter().any(|excluded| excluded == crawler.id);
            let shown =
                ShownCrawler { crawler_id: crawler.id, name: crawler.name, category: crawler.category, is_enabled };
            match companies.iter_mut().find(|known| known.company == crawler.company) {
                Some(known) => known.crawlers.push(shown),
                None => companies.push(ShownCompany { company: crawler.company, crawlers: vec![shown] }),
            }
        }
        let settings = ShownSettings {
            hidden_crawlers: settings.hidden_crawlers,
            excluded_crawler_ids: settings.excluded_crawlers,
            verified_only: settings.verified_only,
            require_auth_token: settings.require_token,
            hide_dashboard_card: settings.hides_card,
            group_by: if settings.groups_by_company { GroupBy::Companies } else { GroupBy::Crawlers },
        };
        Self { website_id: website.id, domain, settings, companies }
    }
}

/// What is known of the token.
// No `Debug`: it has the token itself, once.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BotToken")]
pub struct ShownToken {
    website_id: WebsiteId,
    domain: String,
    has_token: bool,
    display_token: Option<String>,
    created_at: Option<Timestamp>,
    require_auth_token: bool,
    /// The whole token, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_auth_token: Option<String>,
}

impl ShownToken {
    fn of(website: &EnteredWebsite, domain: String, state: BotState, raw: Option<String>) -> Self {
        let (display_token, created_at) =
            state.token.map_or((None, None), |token| (Some(token.display), Some(token.created_at)));
        Self {
            website_id: website.id,
            domain,
            has_token: display_token.is_some(),
            display_token,
            created_at,
            require_auth_token: state.settings.require_token,
            request_auth_token: raw,
        }
    }
}

// ---- Handlers

/// Enters a website, and reads its domain.
async fn enter<T>(call: WebsiteCall, input: Input<T>) -> Result<(EnteredWebsite, T, String), Error> {
    let (website, input, context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    let domain = ReportContext::of(&results, &context, website.id)?.domain;
    Ok((website, input, domain))
}

/// Asks for the state; `None` if what was asked is refused.
async fn ask(website: &EnteredWebsite, asked: Bots) -> Result<Option<BotState>, Error> {
    match website.site().ask(asked).await? {
        BotsAnswer::State(state) => Ok(Some(state)),
        BotsAnswer::Refused => Ok(None),
        other => Err(unexpected(&other).into()),
    }
}

/// GET: the settings.
pub async fn get(call: WebsiteCall, input: Input<()>) -> Result<Data<Shown>, Error> {
    let (website, (), domain) = enter(call, input).await?;
    let state = ask(&website, Bots::State).await?.unwrap_or_default();
    Ok(Data::one(Shown::of(&website, domain, state)))
}

/// PATCH: changes settings.
pub async fn change(call: WebsiteCall, input: Input<Changes<Update>>) -> Result<Data<Shown>, Error> {
    let (website, Changes(update), domain) = enter(call, input).await?;
    let changed = ask(&website, Bots::Change(update.into_change()?)).await?.ok_or_else(wants_token)?;
    if let Some(former) = &changed.former {
        website.call.note_values(&recorded(former), &recorded(&changed.settings));
    }
    Ok(Data::one(Shown::of(&website, domain, changed)))
}

/// The settings as the audit log names and marks values.
fn recorded(settings: &BotSettings) -> [(&'static str, Json); 6] {
    let list = |crawlers: &[String]| Json::from(crawlers).to_string().into();
    let group_by = if settings.groups_by_company { "companies" } else { "crawlers" };
    [
        ("hiddenCrawlers[]", list(&settings.hidden_crawlers)),
        ("excludedCrawlerIds[]", list(&settings.excluded_crawlers)),
        ("verifiedOnly?", u8::from(settings.verified_only).into()),
        ("requireAuthToken?", u8::from(settings.require_token).into()),
        ("hideDashboardCard?", u8::from(settings.hides_card).into()),
        ("groupBy", group_by.into()),
    ]
}

impl Update {
    fn into_change(self) -> Result<BotChange, Error> {
        let ids = |ids: &Patch<Vec<CrawlerId>>| {
            ids.as_set().map(|ids| ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>())
        };
        let of_companies = |companies: &Patch<Vec<Company>>| {
            let crawlers = companies.as_set().into_iter().flatten().flat_map(Company::crawlers);
            crawlers.map(|crawler| crawler.id.to_owned()).collect::<Vec<_>>()
        };
        // What is said of one crawler goes before what is said of its company.
        let disabled = ids(&self.disable_crawler_ids).unwrap_or_default();
        let enabled = ids(&self.enable_crawler_ids).unwrap_or_default();
        let (mut exclude, mut include) = (of_companies(&self.disable_companies), of_companies(&self.enable_companies));
        exclude.retain(|id| !enabled.contains(id));
        include.retain(|id| !disabled.contains(id));
        exclude.extend(disabled);
        include.extend(enabled);
        let is_incremental = !(self.disable_companies.is_kept()
            && self.enable_companies.is_kept()
            && self.disable_crawler_ids.is_kept()
            && self.enable_crawler_ids.is_kept());
        if is_incremental && !self.excluded_crawler_ids.is_kept() {
            return Err(Error::bad_request(
                "excludedCrawlerIds: it replaces the whole list; leave out disableCompanies, enableCompanies, \
                 disableCrawlerIds and enableCrawlerIds",
            ));
        }
        if let Some(both) = exclude.iter().find(|id| include.contains(id)) {
            return Err(Error::bad_request(format!("\"{both}\" is enabled and disabled at once")));
        }
        Ok(BotChange {
            hidden_crawlers: ids(&self.hidden_crawlers),
            excluded_crawlers: ids(&self.excluded_crawler_ids),
            exclude,
            include,
            verified_only: self.verified_only.as_set().copied(),
            require_token: self.require_auth_token.as_set().copied(),
            hides_card: self.hide_dashboard_card.as_set().copied(),
            groups_by_company: self.group_by.as_set().map(|group_by| *group_by == GroupBy::Companies),
            asks_for_former: true,
        })
    }
}

/// GET: whether there is a token.
pub async fn token(call: WebsiteCall, input: Input<()>) -> Result<Data<ShownToken>, Error> {
    let (website, (), domain) = enter(call, input).await?;
    let state = ask(&website, Bots::State).await?.unwrap_or_default();
    Ok(Data::one(ShownToken::of(&website, domain, state, None)))
}

/// POST: creates the token.
pub async fn create_token(call: WebsiteCall, input: Input<()>) -> Result<Data<ShownToken>, Error> {
    issue(call, input, |hash, display| TokenChange::Create { hash, display }, has_token).await
}

/// PUT: gives the token a new value.
pub async fn rotate_token(call: WebsiteCall, input: Input<()>) -> Result<Data<ShownToken>, Error> {
    issue(call, input, |hash, display| TokenChange::Rotate { hash, display }, no_token).await
}

async fn issue(
    call: WebsiteCall,
    input: Input<()>,
    change: fn(String, String) -> TokenChange,
    refused: fn() -> Error,
) -> Result<Data<ShownToken>, Error> {
    let (website, (), domain) = enter(call, input).await?;
    let bytes: [u8; 64] = website.call.platform.random()?;
    let mut bytes = bytes.into_iter().cycle();
    let raw = token_text(PREFIX, || bytes.next().unwrap_or_default());
    let hash = hex(&Sha256::digest(raw.as_bytes()));
    let state = ask(&website, Bots::Token(change(hash, masked(&raw)))).await?.ok_or_else(refused)?;
    Ok(Data::one(ShownToken::of(&website, domain, state, Some(raw))))
}

/// DELETE: deletes the token, and stops requiring it.
pub async fn delete_token(call: WebsiteCall, input: Input<()>) -> Result<Data<ShownToken>, Error> {
    let (website, (), domain) = enter(call, input).await?;
    let state = ask(&website, Bots::Token(TokenChange::Delete)).await?.ok_or_else(no_token)?;
    Ok(Data::one(ShownToken::of(&website, domain, state, None)))
}

/// Why there is nothing to rotate or delete.
pub fn no_token() -> Error {
    Error::not_found("this website has no token")
}

/// Why no second token is created.
pub fn has_token() -> Error {
    Error::conflict("this website has a token already; rotate it")
}

/// Why no token can be required.
pub fn wants_token() -> Error {
    Error::bad_request("requireAuthToken: there is no token yet; create one first")
}
