//! `GET /analytics/funnels/{funnelId}` (docs/contract/website-api.md#3.1, docs/contract/README.md#26,
//! docs/contract/reports.md#9).

use super::scope::Scope;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Input, Path};
use crate::http::reply::Data;
use crate::platform::database::Batch;
use crate::websites::funnels::{self, Funnel, StepKind, StoredStep};
use crate::websites::report_context::ReportContext;
use serde::Serialize;
use sluice_engine::reports::funnel::{FunnelReport, Step, Taken};
use sluice_values::{Decimal, FunnelId, PagePattern};

/// A funnel and how many visitors completed its steps.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FunnelResult {
    funnel_id: FunnelId,
    name: String,
    slug: String,
    /// Visitors who completed the first step.
    total_visitors: i64,
    /// Visitors who completed all steps.
    completed_visitors: i64,
    /// As a percentage of those who completed the first step.
    conversion_rate: Decimal,
    /// Revenue from those who completed all steps.
    revenue: Decimal,
    steps: Vec<StepResult>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct StepResult {
    id: String,
    name: String,
    r#type: &'static str,
    visitors: i64,
    /// As a percentage of those who completed the first step.
    conversion_rate: Decimal,
    /// As a percentage of those who completed the step before.
    step_conversion_rate: Decimal,
    /// Visitors who completed the step before and not this one.
    drop_off: i64,
    /// The drop-off as a percentage of those who completed the step before.
    drop_off_rate: Decimal,
    /// Revenue from those who completed this step.
    revenue: Decimal,
}

/// GET: how many visitors completed a funnel's steps.
pub async fn get(call: WebsiteCall, input: Input<(Path<FunnelId>, Scope)>) -> Result<Data<FunnelResult>, Error> {
    let plan = |batch: &mut Batch, website, (Path(id), _): &(Path<FunnelId>, Scope)| {
        (batch.read(ReportContext::select(website)), batch.read::<Funnel>(funnels::select_one(*id, website)))
    };
    let (website, (Path(id), scope), (context, funnel), results) = call.enter(input, plan).await?;
    let context = ReportContext::of(&results, &context, website.id)?;
    let funnel = results.first(&funnel)?.ok_or_else(|| funnels::not_found(id))?;
    answer(&website, &context, &funnel, &scope).await
}

/// The response about a funnel of a website that the caller has entered.
pub async fn answer(
    website: &EnteredWebsite,
    context: &ReportContext,
    funnel: &Funnel,
    scope: &Scope,
) -> Result<Data<FunnelResult>, Error> {
    let steps = funnel.steps()?;
    let taken = website.site().ask_in(context.currency, question(scope, context, &steps)?).await?;
    Ok(Data::one(result(context, funnel, &steps, &taken)))
}

/// Builds the call of the website's object.
pub fn question(scope: &Scope, website: &ReportContext, steps: &[StoredStep]) -> Result<FunnelReport, Error> {
    let steps = steps.iter().map(|step| taken_by(step.kind())).collect();
    Ok(FunnelReport { selection: scope.selection(website)?, steps })
}

/// What a visitor does to take a step. A page that was stored before the rules became stricter, and never matches, is seen
/// by nobody.
fn taken_by(kind: &StepKind) -> Step {
    let url = match kind {
        StepKind::Goal { goal_name } => return Step::Goal(goal_name.as_str().to_owned()),
        StepKind::Pageview { url } => url.as_str(),
    };
    match url.parse::<PagePattern>() {
        Ok(page) => Step::Page {
            hostname: page.host().map(str::to_owned),
            path: page.path().to_owned(),
            is_prefix: page.is_prefix(),
        },
        Err(_) => Step::Page { hostname: None, path: String::new(), is_prefix: false },
    }
}

/// Builds the response from the object's result.
pub fn result(website: &ReportContext, funnel: &Funnel, steps: &[StoredStep], taken: &Taken) -> FunnelResult {
    let first = taken.steps.first().map_or(0, |step| step.visitors);
    let money = |at: usize| {
        let money = taken.steps.get(at).map_or(0, |step| step.money.revenue(website.includes_renewals()));
        website.money(money)
    };
    let visitors = |at: usize| taken.steps.get(at).map_or(0, |step| step.visitors);
    let last = taken.steps.len().saturating_sub(1);
    let steps = steps.iter().enumerate().map(|(at, step)| {
        let before = at.checked_sub(1).map_or_else(|| visitors(0), visitors);
        StepResult {
            id: step.id().to_owned(),
            name: step.name().to_owned(),
            r#type: match step.kind() {
                StepKind::Pageview { .. } => "pageview",
                StepKind::Goal { .. } => "goal",
            },
            visitors: visitors(at),
            conversion_rate: Decimal::percent(visitors(at), first),
            step_conversion_rate: Decimal::percent(visitors(at), before),
            drop_off: before - visitors(at),
            drop_off_rate: Decimal::percent(before - visitors(at), before),
            revenue: money(at),
        }
    });
    FunnelResult {
        steps: steps.collect(),
        funnel_id: funnel.id(),
        total_visitors: first,
        completed_visitors: visitors(last),
        conversion_rate: Decimal::percent(visitors(last), first),
        revenue: money(last),
        slug: funnel.slug().to_owned(),
        name: funnel.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_asks_for_the_normal_form_of_its_page() {
        let page = |url: &str| taken_by(&StepKind::Pageview { url: url.parse().unwrap() });
        let step = |hostname: Option<&str>, path: &str, is_prefix| Step::Page {
            hostname: hostname.map(str::to_owned),
            path: path.to_owned(),
            is_prefix,
        };
        for (url, expected) in [
            ("/pricing", step(None, "/pricing", false)),
            ("/über/*", step(None, "/%C3%BCber/", true)),
            ("HTTPS://Example.com:443/a", step(Some("example.com"), "/a", false)),
            ("/stored?before=1", step(None, "", false)),
        ] {
            assert_eq!(page(url), expected, "{url}");
        }
    }
}
