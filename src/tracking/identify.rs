//! `POST /identify` (docs/contract/website-api.md#3.8).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::stored::{self, Traits};
use crate::http::call::WebsiteCall;
use crate::http::error::Error;
use crate::http::input::{Input, Lenient, LenientBody};
use crate::http::json;
use crate::http::reply::Single;
use crate::reports::visitors::no_pageviews;
use crate::websites::report_context::ReportContext;
use sluice_engine::event::{Action, Event};
use sluice_engine::protocol::PostIdentity;
use sluice_values::{Id, Text, VisitorId, kinds};

/// The fields that are no traits.
const IDS: usize = 2;

/// The body: the two ids; all other fields are stored in the visitor's profile.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Identify", extend("maxProperties" = stored::MOST_TRAITS + IDS, "x-maxBytesOfTraits" = stored::LONGEST_TRAITS))]
pub struct Identify {
    /// The website's own id of the user.
    user_id: Text<1, 255>,
    datafast_visitor_id: VisitorId,
    /// The fields of the profile: at most 20, of at most 4,096 bytes of JSON.
    #[serde(flatten)]
    traits: Traits,
}

impl Identify {
    /// Who is identified as what.
    pub fn action(self) -> Result<(VisitorId, Action), Error> {
        let Traits(traits) = self.traits;
        Ok((self.datafast_visitor_id, Action::Identify { user_id: self.user_id.as_str().to_owned(), traits }))
    }
}

impl Lenient for Identify {
    fn tidy(body: &mut Map<String, Json>) {
        json::rename(body, "visitorId", "datafast_visitor_id");
    }
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
pub async fn create(call: WebsiteCall, input: Input<LenientBody<Identify>>) -> Result<Single<Identified>, Error> {
    let (website, LenientBody(sent), context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    if ReportContext::of(&results, &context, website.id)?.settings.is_cookieless {
        let message = "No profile is kept: this website does not tell its visitors apart by cookies";
        return Ok(Single::new(Identified { message, profile_id: None }));
    }
    let (visitor, action) = sent.action()?;
    let id: Id<kinds::Event> = website.call.new_id()?;
    let event = Event::of_backend(id.into(), website.call.now, visitor, action);
    let known = website.site().ask(PostIdentity { event }).await?;
    let known = known.ok_or_else(|| no_pageviews(visitor))?;
    let message = if known.created { "User profile created successfully" } else { "User profile updated successfully" };
    Ok(Single::new(Identified { message, profile_id: Some(known.profile_id) }))
}
