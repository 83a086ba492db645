//! `GET /analytics/metadata` (docs/contract/website-api.md#2.3).

use serde::{Deserialize, Serialize};

use super::fields::{Columns, Fields};
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Query};
use crate::http::reply::Data;
use crate::websites::report_context::ReportContext;
use crate::websites::website::ColorScheme;

/// The query.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Parameters {
    #[serde(default)]
    fields: Fields<Metadata>,
}

/// The website's metadata.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<Option<String>>,
    #[serde(rename = "kpiColorScheme", skip_serializing_if = "Option::is_none")]
    kpi_color_scheme: Option<ColorScheme>,
    /// The goal chosen as the website's KPI.
    #[serde(skip_serializing_if = "Option::is_none")]
    kpi: Option<Option<String>>,
    /// ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

impl Columns for Metadata {
    const NAMES: &'static [&'static str] = &["domain", "timezone", "name", "logo", "kpiColorScheme", "kpi", "currency"];
}

/// GET: the website's metadata.
pub async fn get(call: WebsiteCall, input: Input<Query<Parameters>>) -> Result<Data<Metadata>, Error> {
    let (website, Query(asked), context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    let context = ReportContext::of(&results, &context, website.id)?;
    Ok(answer(&context, &asked))
}

/// The response about a website.
pub fn answer(website: &ReportContext, Parameters { fields }: &Parameters) -> Data<Metadata> {
    let (settings, kpi) = (&website.settings, website.settings.kpi.as_ref());
    Data::one(Metadata {
        domain: fields.pick("domain", website.domain.clone()),
        timezone: fields.pick("timezone", website.timezone.as_str().to_owned()),
        name: fields.pick("name", website.name.clone()),
        logo: fields.pick("logo", None),
        kpi_color_scheme: fields.pick("kpiColorScheme", settings.kpi_color_scheme.unwrap_or(ColorScheme::Orange)),
        kpi: fields.pick("kpi", kpi.map(|name| name.as_str().to_owned())),
        currency: fields.pick("currency", website.currency.as_str().to_owned()),
    })
}
