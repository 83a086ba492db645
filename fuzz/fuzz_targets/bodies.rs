//! Any bytes as the body of any request, or as its query or token. The first byte picks what reads the rest.
//!
//! Beyond not panicking: a refusal is a 400 with a short message, and what has been read is read the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice::account::{access_tokens, profile, setup};
use sluice::alerts::template::{Facts, render};
use sluice::alerts::{alert, history, preview, transitions};
use sluice::reports::breakdowns::{Breakdown, CampaignRow};
use sluice::reports::goals::{Counts, GoalRow, Properties};
use sluice::reports::overview::Overview;
use sluice::reports::timeseries::Timeseries;
use sluice::auth::token::RawToken;
use sluice::team::{invitations, members};
use sluice::websites::{funnels, goal_customizations, keys, website};
use sluice::http::error::Error;
use sluice::http::input::{Body, Changes, FromRaw, LenientBody, Query, Raw};
use sluice::integrations::{lemonsqueezy::LemonSqueezy, paddle::Paddle, polar::Polar, stripe::Stripe};
use sluice_values::Environment;
use sluice::tracking::identify::Identify;
use sluice::tracking::import::{Context, item};
use sluice_money::Rates;
use sluice::tracking::event_body::SentEvent;
use sluice::tracking::{client, goals, payments, referrer};
use sluice_values::{Currency, Timestamp};
use sluice::reports::visitors::List;
use sluice_webhook_rules::destination::Destination;
use sluice::webhooks::{deliveries, endpoints};

/// Bytes in the longest message; four for each of the characters that `http::input` allows, and its own words.
const LONGEST_MESSAGE: usize = 4 * 300 + 200;

type Reader = fn(&[u8]);

/// Everything that reads input. New readers go to the end: the corpus knows them by number.
const READERS: [Reader; 44] = [
    body::<Body<setup::Setup>>,
    body::<Body<profile::Update>>,
    body::<Body<access_tokens::Create>>,
    body::<Body<website::Create>>,
    body::<Changes<website::Update>>,
    body::<Body<keys::Create>>,
    body::<Body<funnels::Create>>,
    body::<Changes<funnels::Update>>,
    body::<Body<alert::Create>>,
    body::<Changes<alert::Update>>,
    body::<Body<invitations::Invite>>,
    body::<Body<members::Remove>>,
    body::<Body<invitations::Accept>>,
    body::<Body<Stripe>>,
    body::<Body<LemonSqueezy>>,
    body::<Body<Polar>>,
    body::<Body<Paddle>>,
    query::<Query<history::HistoryQuery>>,
    token,
    body::<Body<SentEvent>>,
    body::<LenientBody<goals::Create>>,
    body::<LenientBody<payments::Create>>,
    body::<LenientBody<Identify>>,
    body::<Body<goal_customizations::Change>>,
    line,
    query::<Overview>,
    query::<Timeseries>,
    query::<Breakdown<CampaignRow>>,
    query::<Counts<GoalRow>>,
    query::<Properties>,
    query::<List>,
    query::<goals::Delete>,
    query::<payments::Delete>,
    user_agent,
    referrer,
    body::<Body<preview::Preview>>,
    query::<Query<transitions::TransitionsQuery>>,
    body::<Body<endpoints::Create>>,
    body::<Changes<endpoints::Update>>,
    body::<Body<endpoints::Test>>,
    query::<Query<deliveries::Filter>>,
    body::<Body<deliveries::Resend>>,
    destination,
    template,
];

fuzz_target!(|data: &[u8]| {
    if let Some((first, rest)) = data.split_first()
        && let Some(read) = READERS.get(usize::from(*first) % READERS.len())
    {
        read(rest);
    }
});

fn body<T: FromRaw>(bytes: &[u8]) {
    check::<T>(&Raw { body: bytes.to_vec(), ..Raw::default() });
}

fn query<T: FromRaw>(bytes: &[u8]) {
    // What the runtime hands over is text.
    check::<T>(&Raw { query: String::from_utf8_lossy(bytes).into_owned(), ..Raw::default() });
}

fn check<T: FromRaw>(raw: &Raw) {
    let first = T::from_raw(raw);
    if let Err(error) = &first {
        let Error::Refused { status: 400, message } = error else { panic!("not a 400: {error:?}") };
        assert!(!message.is_empty() && message.len() <= LONGEST_MESSAGE, "{} bytes: {message}", message.len());
    }
    assert_eq!(first.is_ok(), T::from_raw(raw).is_ok());
}

fn token(bytes: &[u8]) {
    if let Ok(token) = String::from_utf8_lossy(bytes).parse::<RawToken>() {
        let again: RawToken = token.reveal().parse().expect("what was read is read again");
        assert_eq!((again.kind(), again.hash()), (token.kind(), token.hash()));
    }
}

/// A line of an import; what is wrong with it is told as a 400 would be.
fn line(bytes: &[u8]) {
    let context = Context {
        now: Timestamp::from_millis(1_779_321_600_000),
        owns: &|host| host == "example.com",
        currency: Currency::USD,
        rates: &|_| Rates::fallback().clone(),
        random: &|| [0; 8],
    };
    if let Err(error) = item(bytes, &context) {
        let Error::Refused { status: 400, message } = &error else { panic!("not a 400: {error:?}") };
        assert!(!message.is_empty() && message.len() <= 4 * LONGEST_MESSAGE, "{} bytes: {message}", message.len());
    }
}

fn user_agent(bytes: &[u8]) {
    let agent = String::from_utf8_lossy(bytes);
    client::is_bot(&agent);
    client::parse(&agent);
}

fn referrer(bytes: &[u8]) {
    referrer::source_name(&String::from_utf8_lossy(bytes));
}

/// What is taken once is taken again, by the address that it became.
fn destination(bytes: &[u8]) {
    for environment in [Environment::Production, Environment::Development] {
        if let Ok(destination) = Destination::parse(&String::from_utf8_lossy(bytes), environment) {
            let again = Destination::parse(destination.url().as_str(), environment).expect("it was public");
            assert_eq!(again.url(), destination.url());
        }
    }
}

fn template(bytes: &[u8]) {
    render(&String::from_utf8_lossy(bytes), &Facts::default());
}
