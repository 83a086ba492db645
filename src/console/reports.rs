//! `GET …/console/websites/{websiteId}/reports`: the reports of a view in one request. Each part is what its single route answers,
//! and is sent as a line of its own as soon as it is there.

use std::pin::Pin;
use std::rc::Rc;
use std::str::FromStr;

use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::auth::access::WebsiteKeys;
use crate::auth::permission::{Permission, Required};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{FromRaw, Input, Query, Raw};
use crate::http::reply::{Answer, Data, Reply};
use crate::notes;
use crate::platform::PlatformError;
use crate::platform::database::Batch;
use crate::platform::incoming::BodyStream;
use crate::platform::log;
use crate::reports::breakdowns::{
    Breakdown, BrowserRow, CampaignRow, ChannelRow, CityRow, CountryRow, DeviceRow, EntryPageRow, ExitPageRow,
    HostnameRow, OperatingSystemRow, PageRow, ReferrerRow, RegionRow,
};
use crate::reports::goals::{Counts, ExitClickRow, GoalRow, Properties};
use crate::reports::metadata;
use crate::reports::overview::Overview;
use crate::reports::range::{Bound, Bounds, Earlier};
use crate::reports::realtime::{MapRequest, Realtime};
use crate::reports::report::{self, Report};
use crate::reports::scope::{RangeParameters, Scope};
use crate::reports::timeseries::Timeseries;
use crate::reports::{funnel, range, visitors};
use crate::websites::funnels::{self, Funnel};
use crate::websites::goal_customizations::{self, Customization};
use crate::websites::report_context::ReportContext;
use sluice_engine::event::CAMPAIGN_KEYS;
use sluice_values::{FunnelId, Invalid, Limit, Offset, TimeZone, VisitorId, excerpt};

/// The most parts of a view.
pub const MOST_PARTS: usize = 20;
/// How many parts are asked for at once.
const AT_ONCE: usize = 4;

// ---- What comes in

/// A view: what is asked of a website at once.
#[derive(Debug)]
pub struct View {
    parts: Vec<Part>,
    /// The parameters that the parts share, as they were sent.
    shared: Vec<(String, String)>,
    compare: Option<Compare>,
    /// The compared range of [`Compare::Custom`].
    compared: (Option<Bound>, Option<Bound>),
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    #[schemars(schema_with = "parts_schema")]
    parts: String,
    /// Answers every part that has a range for a second range too.
    compare: Option<Compare>,
    /// With `compare=custom`.
    compare_start_at: Option<Bound>,
    /// With `compare=custom`.
    compare_end_at: Option<Bound>,
}

/// The range that a view is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Compare {
    /// As long, and right before.
    Previous,
    /// The same dates a year before.
    Year,
    /// From `compareStartAt` to `compareEndAt`.
    Custom,
}

/// A part of a view: a report, and the parameters of its route that are the part's own.
#[derive(Debug, Clone)]
struct Part {
    /// As it was sent.
    name: String,
    kind: Kind,
    own: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A report of sessions in a range.
    Ranged(Ask),
    /// A report that reads neither range nor filters.
    Current(Ask),
    /// A report about a goal in a range, which is compared with no other.
    OfGoal(Ask),
    Metadata,
    Funnel(FunnelId),
    /// [`Kind::Funnel`] for each active funnel, as far as a view has room.
    EachFunnel,
    /// The active funnels.
    Funnels,
    /// How goals are shown.
    Customizations,
    /// The notes on the chart.
    Notes,
    Visitor(VisitorId),
}

impl Kind {
    /// What the part's route asks besides what a view asks.
    fn required(self) -> Option<Required> {
        match self {
            Self::Funnels => Some(Required::All(&[Permission::FunnelsRead])),
            Self::Customizations => Some(Required::All(&[Permission::GoalsRead])),
            Self::Notes => Some(Required::All(&[Permission::NotesRead])),
            _ => None,
        }
    }
}

/// What may follow a part's name after a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Argument {
    None,
    /// The length of a bucket, and then a page.
    Interval,
    /// The number of rows, and the number of rows to skip.
    Page,
}

/// Asks for a report by the query of its route.
type Ask = for<'a> fn(&'a EnteredWebsite, &'a ReportContext, Raw) -> Asked<'a>;
type Asked<'a> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + 'a>>;

fn ask<'a, R: Report + 'static>(website: &'a EnteredWebsite, context: &'a ReportContext, raw: Raw) -> Asked<'a> {
    Box::pin(async move { Ok(report::answer(website, context, R::from_raw(&raw)?).await?.into_reply()) })
}

const CAMPAIGNS: &str = "campaigns";
const TIMESERIES: &str = "timeseries";
const FUNNEL: &str = "funnel";
const PROPERTIES: &str = "goal-properties";
const VISITOR: &str = "visitor";
/// What stands for every funnel.
const EACH: &str = "*";

/// The parts by name, besides those of one funnel, goal, visitor or parameter of campaigns.
const PARTS: &[(&str, Argument, Kind)] = &[
    ("overview", Argument::None, Kind::Ranged(ask::<Overview>)),
    (TIMESERIES, Argument::Interval, Kind::Ranged(ask::<Timeseries>)),
    ("pages", Argument::Page, Kind::Ranged(ask::<Breakdown<PageRow>>)),
    ("entry-pages", Argument::Page, Kind::Ranged(ask::<Breakdown<EntryPageRow>>)),
    ("exit-pages", Argument::Page, Kind::Ranged(ask::<Breakdown<ExitPageRow>>)),
    ("channels", Argument::Page, Kind::Ranged(ask::<Breakdown<ChannelRow>>)),
    ("referrers", Argument::Page, Kind::Ranged(ask::<Breakdown<ReferrerRow>>)),
    ("countries", Argument::Page, Kind::Ranged(ask::<Breakdown<CountryRow>>)),
    ("regions", Argument::Page, Kind::Ranged(ask::<Breakdown<RegionRow>>)),
    ("cities", Argument::Page, Kind::Ranged(ask::<Breakdown<CityRow>>)),
    ("devices", Argument::Page, Kind::Ranged(ask::<Breakdown<DeviceRow>>)),
    ("browsers", Argument::Page, Kind::Ranged(ask::<Breakdown<BrowserRow>>)),
    ("operating-systems", Argument::Page, Kind::Ranged(ask::<Breakdown<OperatingSystemRow>>)),
    ("hostnames", Argument::Page, Kind::Ranged(ask::<Breakdown<HostnameRow>>)),
    (CAMPAIGNS, Argument::Page, Kind::Ranged(ask::<Breakdown<CampaignRow>>)),
    ("exit-clicks", Argument::Page, Kind::Ranged(ask::<Counts<ExitClickRow>>)),
    ("goals", Argument::Page, Kind::Ranged(ask::<Counts<GoalRow>>)),
    ("realtime", Argument::None, Kind::Current(ask::<Realtime>)),
    ("realtime-map", Argument::None, Kind::Current(ask::<MapRequest>)),
    ("metadata", Argument::None, Kind::Metadata),
    ("funnels", Argument::None, Kind::Funnels),
    ("goal-customizations", Argument::None, Kind::Customizations),
    ("notes", Argument::Page, Kind::Notes),
];

/// The parameters of a part's route that may be given as `<part>.<parameter>`.
const OWN: &[&str] = &["fields", "q", "sort", "goalName"];

impl Part {
    fn is_called(&self, name: &str) -> bool {
        self.name.split(':').next() == Some(name)
    }
}

impl FromStr for Part {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let (name, argument) = sent.split_once(':').map_or((sent, None), |(name, argument)| (name, Some(argument)));
        let unknown = || {
            let known: Vec<_> = PARTS.iter().map(|(known, ..)| *known).collect();
            Invalid::new(format!(
                "no part \"{}\"; there are {}, {CAMPAIGNS}.<parameter>, {FUNNEL}.<id>, {FUNNEL}.{EACH}, {TIMESERIES}.<goal>, \
                 {PROPERTIES}.<goal>, {PROPERTIES}.<goal>/<property> and {VISITOR}.<id>",
                excerpt(sent),
                known.join(", ")
            ))
        };
        let (base, rest) = name.split_once('.').map_or((name, None), |(base, rest)| (base, Some(rest)));
        let find = |name: &str| PARTS.iter().find(|(known, ..)| *known == name);
        let (kind, takes, mut own) = match (base, rest) {
            (FUNNEL, Some(EACH)) => (Kind::EachFunnel, Argument::None, Vec::new()),
            (FUNNEL, Some(id)) => (Kind::Funnel(id.parse()?), Argument::None, Vec::new()),
            (VISITOR, Some(id)) => (Kind::Visitor(id.parse()?), Argument::None, Vec::new()),
            (TIMESERIES, Some(goal)) => {
                let (_, takes, kind) = find(TIMESERIES).ok_or_else(unknown)?;
                (*kind, *takes, vec![("filter_goal", format!("is:{}", unescaped(goal)))])
            }
            (PROPERTIES, Some(goal)) => {
                let (goal, property) = goal.split_once('/').map_or((goal, None), |(goal, name)| (goal, Some(name)));
                let mut own = vec![("eventName", unescaped(goal))];
                own.extend(property.map(|name| ("propertyName", unescaped(name))));
                (Kind::OfGoal(ask::<Properties>), Argument::Page, own)
            }
            (CAMPAIGNS, Some(key)) => {
                let key = CAMPAIGN_KEYS.iter().find(|known| **known == key).ok_or_else(unknown)?;
                let (_, takes, kind) = find(CAMPAIGNS).ok_or_else(unknown)?;
                (*kind, *takes, vec![("fields", format!("{key},visitors,revenue,payments"))])
            }
            (_, None) => find(base).map(|(_, takes, kind)| (*kind, *takes, Vec::new())).ok_or_else(unknown)?,
            _ => return Err(unknown()),
        };
        match (takes, argument) {
            (_, None) => {}
            (Argument::Interval, Some(argument)) => {
                let (interval, rest) =
                    argument.split_once(':').map_or((argument, None), |(interval, rest)| (interval, Some(rest)));
                let known = serde_json::from_value::<range::Interval>(interval.into());
                known.map_err(|_| {
                    Invalid::new(format!("expected hour, day, week or month, got \"{}\"", excerpt(interval)))
                })?;
                own.push(("interval", interval.to_owned()));
                own.extend(rest.map(page).transpose()?.into_iter().flatten());
            }
            (Argument::Page, Some(argument)) => own.extend(page(argument)?),
            (Argument::None, Some(_)) => return Err(Invalid::new(format!("\"{name}\" takes nothing after a colon"))),
        }
        Ok(Self { name: sent.to_owned(), kind, own })
    }
}

/// A name in a part: what has a meaning there is percent-encoded.
fn unescaped(sent: &str) -> String {
    form_urlencoded::parse(format!("name={}", sent.replace('&', "%26")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, name)| name.into_owned())
}

/// The page that a part asks for: a limit, and perhaps an offset.
fn page(sent: &str) -> Result<Vec<(&'static str, String)>, Invalid> {
    let (limit, offset) = sent.split_once(':').map_or((sent, None), |(limit, offset)| (limit, Some(offset)));
    limit.parse::<Limit<100, 1000>>()?;
    let mut page = vec![("limit", limit.to_owned())];
    if let Some(offset) = offset {
        offset.parse::<Offset>()?;
        page.push(("offset", offset.to_owned()));
    }
    Ok(page)
}

fn parts(sent: &str) -> Result<Vec<Part>, Error> {
    let sent: Vec<_> = sent.split(',').map(str::trim).collect();
    if sent.len() > MOST_PARTS {
        return Err(Error::bad_request(format!("parts: at most {MOST_PARTS} parts, got {}", sent.len())));
    }
    let part = |(at, sent): (usize, &&str)| sent.parse().map_err(|why| Error::field(&format!("parts[{at}]"), &why));
    sent.iter().enumerate().map(part).collect()
}

fn parts_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let of = |takes| PARTS.iter().filter(move |row| row.1 == takes).map(|row| row.0).collect::<Vec<_>>().join("|");
    let page = ":[1-9][0-9]{0,5}(:[0-9]{1,6})?";
    let name = "[^,:/]{1,400}";
    let uuid = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}";
    let one = format!(
        r"({}|({TIMESERIES}\.{name}|{})(:(hour|day|week|month)({page})?)?|({}|{CAMPAIGNS}\.({})|{PROPERTIES}\.{name}(/{name})?)({page})?|{FUNNEL}\.([0-9a-f]{{24}}|\*)|{VISITOR}\.{uuid})",
        of(Argument::None),
        of(Argument::Interval),
        of(Argument::Page),
        CAMPAIGN_KEYS.join("|"),
    );
    schemars::json_schema!({
        "type": "string",
        "description": "What is answered, in this order. A part is named like its route; `timeseries:day` says the interval, \
            `pages:10` the limit, `pages:10:20` the offset too, `timeseries:hour:1000` interval and limit, `campaigns.utm_source` groups by one parameter. `funnel.*` is every funnel's result, each a line of \
            its own, `timeseries.signup:day` counts those who completed a goal, `goal-properties.signup/plan:50` lists the values of a \
            property; names are percent-encoded. `pages.sort=revenue`, `pages.q`, `pages.fields` and `timeseries.goalName` are the \
            parameters `sort`, `q`, `fields` and `goalName` of that part's route.",
        "pattern": format!("^{one}(,{one}){{0,{}}}$", MOST_PARTS - 1),
        "examples": ["overview,timeseries:day,pages:10"]
    })
}

impl FromRaw for View {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(sent) = Query::<Parameters>::from_raw(raw)?;
        let is_shared = |name: &str| ["startAt", "endAt", "timezone"].contains(&name) || name.starts_with("filter_");
        let pairs: Vec<_> = form_urlencoded::parse(raw.query.as_bytes()).into_owned().collect();
        let mut parts = parts(&sent.parts)?;
        for (name, value) in &pairs {
            // `pages.sort`, `campaigns.utm_source.q`: a parameter of the part's route.
            let Some((of, own)) = name.rsplit_once('.') else { continue };
            let Some(own) = OWN.iter().find(|known| **known == own) else { continue };
            for part in parts.iter_mut().filter(|part| part.is_called(of)) {
                part.own.push((own, value.clone()));
            }
        }
        Ok(Self {
            parts,
            shared: pairs.into_iter().filter(|(name, _)| is_shared(name)).collect(),
            compare: sent.compare,
            compared: (sent.compare_start_at, sent.compare_end_at),
        })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<Parameters>::describe(operation, generators);
        Scope::describe(operation, generators);
    }
}

// ---- The rules

impl View {
    /// The query of a part's route.
    fn query(&self, part: &Part, range: Option<(Bound, Bound)>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.shared);
        if let Some((start, end)) = range {
            // The last of repeated parameters counts.
            query.append_pair("startAt", &start.to_string()).append_pair("endAt", &end.to_string());
        }
        query.extend_pairs(&part.own).finish()
    }

    /// The compared range of a website in this zone, where the view has none of its own.
    fn compared(&self, zone: &TimeZone) -> Result<Option<(Bound, Bound)>, Error> {
        let earlier = match self.compare {
            None => return Ok(None),
            Some(Compare::Custom) => {
                let (start, end) = self.compared;
                let missing = || Error::bad_request("compareStartAt, compareEndAt: required with compare=custom");
                return start.zip(end).map(Some).ok_or_else(missing);
            }
            Some(Compare::Previous) => Earlier::Previous,
            Some(Compare::Year) => Earlier::YearBefore,
        };
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.shared).finish();
        let Query(sent) = Query::<RangeParameters>::from_raw(&Raw { query, ..Raw::default() })?;
        let zone = sent.timezone.as_ref().unwrap_or(zone).rules();
        let bounds = Bounds::new(("startAt", "endAt"), sent.start_at, sent.end_at)?;
        let missing = || Error::bad_request("compare: needs startAt and endAt");
        bounds.earlier(earlier, &zone)?.map(Some).ok_or_else(missing)
    }

    /// Puts each funnel where every funnel was asked for, as far as there is room.
    fn spread(&mut self, funnels: &(impl Iterator<Item = FunnelId> + Clone)) {
        let parts = std::mem::take(&mut self.parts);
        let room = MOST_PARTS.saturating_sub(parts.len().saturating_sub(1));
        let one = |id: FunnelId| Part { name: format!("{FUNNEL}.{id}"), kind: Kind::Funnel(id), own: Vec::new() };
        for part in parts {
            match part.kind {
                Kind::EachFunnel => self.parts.extend(funnels.clone().take(room).map(one)),
                _ => self.parts.push(part),
            }
        }
        self.parts.truncate(MOST_PARTS);
    }

    fn funnels(&self) -> impl Iterator<Item = FunnelId> {
        self.parts.iter().filter_map(|part| match part.kind {
            Kind::Funnel(id) => Some(id),
            _ => None,
        })
    }
}

// ---- What goes out

/// A line: one object, whose bodies are the very bytes of the routes' answers.
fn line(part: &str, answered: &Reply, compared: Option<&Reply>) -> Vec<u8> {
    let mut line = format!("{{\"part\":{},\"status\":{},\"body\":", Json::from(part), answered.status).into_bytes();
    line.extend_from_slice(&answered.body);
    if let Some(compared) = compared {
        line.extend_from_slice(format!(",\"compareStatus\":{},\"compare\":", compared.status).as_bytes());
        line.extend_from_slice(&compared.body);
    }
    line.extend_from_slice(b"}\n");
    line
}

/// The lines of a view, as they arrive.
pub struct Lines(BodyStream);

impl Answer for Lines {
    const CONTENT_TYPE: &'static str = "application/x-ndjson";

    fn into_reply(self) -> Reply {
        Reply::streamed(Self::CONTENT_TYPE, self.0)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(schemars::json_schema!({
            "type": "string",
            "description": "One JSON object a line, in the order of `parts`: `part` as it was sent, `status` and `body` as its \
                route answers, also where that is an error. With `compare`, parts that have a range also have `compareStatus` \
                and `compare`, the answer for the other range.",
        }))
    }
}

// ---- Handler

/// A view whose parts can be asked for.
struct Entered {
    website: EnteredWebsite,
    context: ReportContext,
    view: View,
    /// Those that the parts name, as far as they exist.
    funnels: Vec<Funnel>,
    customizations: Vec<Customization>,
}

/// GET: the parts of a view.
pub async fn reports(call: WebsiteCall, input: Input<View>) -> Result<Lines, Error> {
    let plan = |batch: &mut Batch, website, view: &View| {
        let has = |wanted: fn(Kind) -> bool| view.parts.iter().any(|part| wanted(part.kind));
        let funnels = if has(|kind| matches!(kind, Kind::EachFunnel | Kind::Funnels)) {
            vec![batch.read::<Funnel>(funnels::select_active(website))]
        } else {
            view.funnels().map(|id| batch.read::<Funnel>(funnels::select_one(id, website))).collect()
        };
        let customizations = has(|kind| matches!(kind, Kind::Customizations))
            .then(|| batch.read::<Customization>(goal_customizations::select(website, None)));
        (batch.read(ReportContext::select(website)), funnels, customizations)
    };
    let (website, mut view, (context, found, customized), results) = call.enter(input, plan).await?;
    let context = ReportContext::of(&results, &context, website.id)?;
    let found = found.iter().map(|handle| results.all(handle)).collect::<Result<Vec<_>, _>>()?;
    let funnels: Vec<_> = found.into_iter().flatten().collect();
    let customizations = customized.map(|handle| results.all(&handle)).transpose()?.unwrap_or_default();
    view.spread(&funnels.iter().map(Funnel::id));
    let count = view.parts.len();
    let entered = Rc::new(Entered { website, context, view, funnels, customizations });
    Ok(streamed(count, move |at| {
        let entered = entered.clone();
        async move { entered.line(at).await }
    }))
}

/// So many lines in their order. Nothing is asked for that nobody reads any more.
fn streamed<F: Future<Output = Vec<u8>> + 'static>(count: usize, line: impl Fn(usize) -> F + 'static) -> Lines {
    let lines = stream::iter(0..count).map(line).buffered(AT_ONCE);
    Lines(Box::pin(lines.map(Ok)))
}

impl Entered {
    async fn line(&self, at: usize) -> Vec<u8> {
        let Some(part) = self.view.parts.get(at) else { return Vec::new() };
        let answered = self.reply(part, self.answer(part, None)).await;
        let has_range = matches!(part.kind, Kind::Ranged(_) | Kind::Funnel(_));
        let compared = match self.view.compared(&self.context.timezone) {
            _ if !has_range => None,
            Ok(None) => None,
            Ok(Some(range)) => Some(self.reply(part, self.answer(part, Some(range))).await),
            Err(refused) => Some(refused.into_reply(self.website.call.now)),
        };
        line(&part.name, &answered, compared.as_ref())
    }

    /// What the part's route answers, errors too.
    async fn reply(&self, part: &Part, asked: impl Future<Output = Result<Reply, Error>>) -> Reply {
        let call = &self.website.call;
        asked.await.unwrap_or_else(|error| {
            if let Error::Ours(cause) | Error::Stopped { cause, .. } = &error {
                log::failure(&call.request_id.to_string(), &format!("view: {}", part.name), &cause.to_string());
            }
            error.into_reply(call.now)
        })
    }

    async fn answer(&self, part: &Part, range: Option<(Bound, Bound)>) -> Result<Reply, Error> {
        let Self { website, context, view, funnels, customizations } = self;
        if let Some(required) = part.kind.required() {
            website.principal.may_call(required, WebsiteKeys::Refused)?;
        }
        let raw = Raw { query: view.query(part, range), ..Raw::default() };
        match part.kind {
            Kind::Ranged(ask) | Kind::Current(ask) | Kind::OfGoal(ask) => ask(website, context, raw).await,
            // Each has become a part of its own.
            Kind::EachFunnel => Err(PlatformError::new("a view with a part for every funnel").into()),
            Kind::Funnels => Ok(Data::many(funnels.iter().collect()).into_reply()),
            Kind::Customizations => Ok(goal_customizations::listed(customizations.clone()).into_reply()),
            Kind::Notes => Ok(notes::page(website, context, &notes::Wanted::from_raw(&raw)?).await?.into_reply()),
            Kind::Visitor(id) => Ok(visitors::detail(website, id).await?.into_reply()),
            Kind::Metadata => {
                let Query(asked) = Query::from_raw(&raw)?;
                Ok(metadata::answer(context, &asked).into_reply())
            }
            Kind::Funnel(id) => {
                let scope = Scope::from_raw(&raw)?;
                let funnel = funnels.iter().find(|funnel| funnel.id() == id).ok_or_else(|| funnels::not_found(id))?;
                Ok(funnel::answer(website, context, funnel, &scope).await?.into_reply())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::FutureExt;

    use super::*;

    fn view(query: &str) -> Result<View, String> {
        let raw = Raw { query: query.to_owned(), ..Raw::default() };
        View::from_raw(&raw).map_err(|error| match error {
            Error::Refused { status: 400, message } => message,
            other => panic!("{other:?}"),
        })
    }

    fn queries(query: &str) -> Vec<String> {
        let view = view(query).unwrap();
        view.parts.iter().map(|part| view.query(part, None)).collect()
    }

    #[test]
    fn a_part_asks_its_route_with_the_shared_parameters_and_its_own() {
        let shared = "startAt=2026-11-01&endAt=2026-11-28&timezone=Europe%2FParis&filter_country=is_not%3AFR";
        let parts = "overview,timeseries:hour,timeseries:week:500:5,pages:10,pages:50:100,campaigns.via:5,countries,funnel.665f0b3c4d2e1a0012345678,\
            timeseries.sign%252Cup%253A%2520now.1:day,goal-properties.a%2526b,goal-properties.a.b/c%252Fd:5";
        let sent = format!("parts={parts}&{shared}&limit=7&fields=name&country=DE&compare=year&websiteId=x");
        let own = [
            "",
            "&interval=hour",
            "&interval=week&limit=500&offset=5",
            "&limit=10",
            "&limit=50&offset=100",
            "&fields=via%2Cvisitors%2Crevenue%2Cpayments&limit=5",
            "",
            "",
            "&filter_goal=is%3Asign%2Cup%3A+now.1&interval=day",
            "&eventName=a%26b",
            "&eventName=a.b&propertyName=c%2Fd&limit=5",
        ];
        assert_eq!(queries(&sent), own.map(|own| format!("{shared}{own}")));
    }

    #[test]
    fn what_is_no_part_is_refused_by_its_place() {
        for (parts, message) in [
            ("", "parts[0]: no part \"\"; there are overview, timeseries, "),
            ("overview,pages,visitor", "parts[2]: no part \"visitor\"; there are overview,"),
            ("overview,,pages", "parts[1]: no part \"\""),
            ("Overview", "parts[0]: no part \"Overview\""),
            ("overview:5", "parts[0]: \"overview\" takes nothing after a colon"),
            ("timeseries:year", "parts[0]: expected hour, day, week or month, got \"year\""),
            ("timeseries:day:0", "parts[0]: expected a whole number from 1 to 1000"),
            ("timeseries:10", "parts[0]: expected hour, day, week or month, got \"10\""),
            ("pages:0", "parts[0]: "),
            ("pages:ten", "parts[0]: "),
            ("pages:10:x", "parts[0]: "),
            ("pages:10:1:1", "parts[0]: "),
            ("pages.x", "parts[0]: no part \"pages.x\""),
            ("campaigns.utm_colour", "parts[0]: no part \"campaigns.utm_colour\""),
            ("overview,funnel.x", "parts[1]: "),
            ("funnel", "parts[0]: no part \"funnel\""),
            ("visitor.me", "parts[0]: "),
            ("funnels:5", "parts[0]: \"funnels\" takes nothing after a colon"),
            ("funnel.*:5", "parts[0]: \"funnel.*\" takes nothing after a colon"),
        ] {
            let refused = view(&format!("parts={parts}")).unwrap_err();
            assert!(refused.starts_with(message), "{parts}: {refused}");
        }
        assert_eq!(view("startAt=2026-11-01").unwrap_err(), "parts: required, but missing");
        let many = |count| format!("parts={}", vec!["overview"; count].join(","));
        assert_eq!(view(&many(20)).unwrap().parts.len(), 20);
        assert_eq!(view(&many(21)).unwrap_err(), "parts: at most 20 parts, got 21");
    }

    #[test]
    fn every_funnel_stands_where_it_was_asked_for_as_far_as_there_is_room() {
        let id = |number: usize| -> FunnelId { format!("665f0b3c4d2e1a00123456{number:02}").parse().unwrap() };
        for (parts, funnels, expected) in [
            ("overview,funnel.*,goals", 2, 4),
            ("funnel.*", 0, 0),
            ("funnel.*", 30, MOST_PARTS),
            ("overview,funnel.*,goals", 30, MOST_PARTS),
            ("funnel.*,funnel.*", 30, MOST_PARTS),
        ] {
            let mut spread = view(&format!("parts={parts}")).unwrap();
            spread.spread(&(0..funnels).map(id));
            assert_eq!(spread.parts.len(), expected, "{parts} {funnels}");
            assert!(spread.parts.iter().all(|part| !matches!(part.kind, Kind::EachFunnel)));
        }
        let mut spread = view("parts=overview,funnel.*,goals").unwrap();
        spread.spread(&(0..30).map(id));
        assert_eq!((&*spread.parts[0].name, &*spread.parts[19].name), ("overview", "goals"));
    }

    #[test]
    fn a_range_is_compared_with_one_before_or_with_its_own() {
        let compared = |query: &str| {
            let compared = view(&format!("parts=overview&{query}")).unwrap().compared(&"Asia/Tokyo".parse().unwrap());
            compared.map(|range| range.map(|(start, end)| format!("{start} {end}"))).map_err(|error| match error {
                Error::Refused { status: 400, message } => message,
                other => panic!("{other:?}"),
            })
        };
        let week = "startAt=2026-11-08&endAt=2026-11-14";
        for (query, range) in [
            (week.to_owned(), None),
            (format!("{week}&compare=previous"), Some("2026-11-01 2026-11-07")),
            (format!("{week}&compare=year"), Some("2025-11-08 2025-11-14")),
            (
                format!("{week}&compare=custom&compareStartAt=2020-01-01&compareEndAt=2020-01-02T03:04:05Z"),
                Some("2020-01-01 2020-01-02T03:04:05Z"),
            ),
            (
                "startAt=2026-03-30T00:00:00%2B02:00&endAt=2026-03-30&compare=year&timezone=Europe/Berlin".to_owned(),
                Some("2025-03-29T23:00:00Z 2025-03-30"),
            ),
        ] {
            assert_eq!(compared(&query), Ok(range.map(str::to_owned)), "{query}");
        }
        for (query, refused) in [
            ("compare=previous", "compare: needs startAt and endAt"),
            ("compare=custom&compareStartAt=2020-01-01", "compareStartAt, compareEndAt: required with compare=custom"),
            ("compare=year&startAt=2026-11-01", "endAt: required when startAt is given"),
            ("compare=year&startAt=2026-11-02&endAt=2026-11-01", "startAt: lies after endAt"),
            ("compare=year&startAt=now&endAt=2026-11-01", "startAt: expected a day"),
        ] {
            assert!(compared(query).unwrap_err().starts_with(refused), "{query}");
        }
        assert!(view("parts=overview&compare=never").unwrap_err().starts_with("compare: "));
        assert!(view("parts=overview&compareEndAt=never").unwrap_err().starts_with("compareEndAt: "));
    }

    #[test]
    fn a_line_has_the_bytes_of_its_answers() {
        let reply = |status, body: &str| Reply::of(status, "application/json", body.as_bytes().to_vec());
        let (body, refused) = (r#"{"a":1.50,"b":"\n"}"#, r#"{"status":"error"}"#);
        assert_eq!(
            String::from_utf8(line("pages:\"10", &reply(200, body), Some(&reply(400, refused)))).unwrap(),
            format!(
                "{{\"part\":\"pages:\\\"10\",\"status\":200,\"body\":{body},\"compareStatus\":400,\"compare\":{refused}}}\n"
            )
        );
        let alone = String::from_utf8(line("overview", &reply(404, refused), None)).unwrap();
        assert_eq!(alone, format!("{{\"part\":\"overview\",\"status\":404,\"body\":{refused}}}\n"));
    }

    #[test]
    fn lines_come_one_by_one_in_their_order_and_end_with_their_reader() {
        let (begun, turns) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (began, turned) = (begun.clone(), turns.clone());
        let Lines(mut lines) = streamed(MOST_PARTS, move |at| {
            began.set(began.get() + 1);
            let turned = turned.clone();
            // Each waits for something, the earlier ones for longer.
            stream::poll_fn(move |waker| {
                turned.set(turned.get() + 1);
                waker.waker().wake_by_ref();
                if turned.get() < 100 - at { std::task::Poll::Pending } else { std::task::Poll::Ready(Some(())) }
            })
            .into_future()
            .map(move |_| format!("{at}\n").into_bytes())
        });
        assert_eq!(begun.get(), 0);
        for at in 0..3 {
            let next = loop {
                if let Some(next) = lines.next().now_or_never() {
                    break next;
                }
            };
            assert_eq!(next.unwrap().unwrap(), format!("{at}\n").into_bytes());
            assert!(begun.get() <= at + 1 + AT_ONCE, "{}", begun.get());
        }
        let before = begun.get();
        drop(lines);
        assert_eq!(begun.get(), before);
        assert!(before < MOST_PARTS);
    }
}
