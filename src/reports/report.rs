//! The handler of all reports.

use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{FromRaw, Input};
use crate::http::reply::Answer;
use crate::websites::report_context::ReportContext;
use sluice_engine::protocol::SiteCall;
use sluice_values::Timestamp;

/// A report, parsed from its query.
pub trait Report: FromRaw {
    /// The call of the website's object.
    type Call: SiteCall;
    /// The response.
    type Body: Answer;

    /// Builds the call for a report of `website` at `now`.
    fn call(&self, website: &ReportContext, now: Timestamp) -> Result<Self::Call, Error>;

    /// Builds the response from the object's result.
    fn body(
        self,
        website: &ReportContext,
        now: Timestamp,
        answer: <Self::Call as SiteCall>::Answer,
    ) -> Result<Self::Body, Error>;
}

pub async fn report<R: Report>(call: WebsiteCall, input: Input<R>) -> Result<R::Body, Error> {
    let (website, report, context, results) =
        call.enter(input, |batch, website, _| batch.read(ReportContext::select(website))).await?;
    let context = ReportContext::of(&results, &context, website.id)?;
    answer(&website, &context, report).await
}

/// The response of a report of a website that the caller has entered.
pub async fn answer<R: Report>(website: &EnteredWebsite, context: &ReportContext, report: R) -> Result<R::Body, Error> {
    let now = website.call.now;
    let answer = website.site().ask_in(context.currency, report.call(context, now)?).await?;
    report.body(context, now, answer)
}
