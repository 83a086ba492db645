//! `POST /identify` (docs/contract/website-api.md#3.8).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Body, Input};
use crate::http::reply::Single;
use crate::reports::visitors::no_pageviews;
use crate::websites::report_context::ReportContext;
use sluice_engine::event::{Action, Event};
use sluice_engine::protocol::PostIdentity;
use sluice_values::{Id, Text, VisitorId, kinds};

/// The body: the two ids; all other fields are stored in the visitor's profile.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Identify")]
pub struct Identify {
    /// The website's own id of the user.
    user_id: Text<1, 255>,
    #[serde(alias = "visitorId")]
    datafast_visitor_id: VisitorId,
    /// The fields of the profile.
    #[serde(flatten)]
    traits: Map<String, Json>,
}

/// The response.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Identified {
    message: &'static str,
    /// Missing where the website keeps no profiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_id: Option<String>,
}

/// POST: identifies a visitor as a user.
pub async fn create(call: WebsiteCall, input: Input<Body<Identify>>) -> Result<Single<Identified>, Error> {
    let (website, Body(sent), context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    if ReportContext::of(&results, &context, website.id)?.settings.is_cookieless {
        let message = "No profile is kept: this website does not tell its visitors apart by cookies";
        return Ok(Single::new(Identified { message, profile_id: None }));
    }
    let id: Id<kinds::Event> = website.call.new_id()?;
    let action = Action::Identify { user_id: sent.user_id.as_str().to_owned(), traits: sent.traits };
    let event = Event::of_backend(id.into(), website.call.now, sent.datafast_visitor_id, action);
    let known = website.site().ask(PostIdentity { event }).await?;
    let known = known.ok_or_else(|| no_pageviews(sent.datafast_visitor_id))?;
    let message = if known.created { "User profile created successfully" } else { "User profile updated successfully" };
    Ok(Single::new(Identified { message, profile_id: Some(known.profile_id) }))
}
