//! Sluice: a DataFast-compatible analytics, webhook and automation gateway on Cloudflare Workers.
//!
//! These are its doors. [`routes`] is the table of everything that can be asked; `docs/architecture.md` tells how a
//! request passes through.

pub mod account;
pub mod alerts;
pub mod analytics;
pub mod auth;
pub mod funnels;
pub mod goal_customizations;
pub mod health;
pub mod http;
pub mod integrations;
pub mod names;
pub mod openapi;
pub mod platform;
pub mod routes;
pub mod site;
pub mod tracked_goals;
pub mod tracking;
pub mod values;
pub mod visitors;

use worker::web_sys::{Request, Response};
use worker::{Context, Env, Result, ScheduleContext, ScheduledEvent, event};

use platform::incoming::Incoming;
use platform::{Platform, outgoing};

/// Once in the life of an instance, before its first request.
#[event(start)]
fn start() {
    platform::microtask::prefer_promises();
}

/// Every HTTP request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response> {
    let table = routes::table()?;
    outgoing::response(http::serve::serve(table, Incoming::new(request), Platform::new(env)).await)
}

/// Every minute.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    let (platform, now) = (Platform::new(env), platform::clock::now());
    let done = [
        auth::revocation::sweep(&platform).await,
        account::websites::settle_tracking(&platform, now).await,
        tracking::exchange::refresh(&platform, now).await,
    ];
    for error in done.into_iter().filter_map(Result::err) {
        platform::log::failure("cron", "scheduled", &error.to_string());
    }
}
