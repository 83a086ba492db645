//! Sluice: a DataFast-compatible analytics, webhook and automation gateway on Cloudflare Workers.
//!
//! These are its doors. [`routes`] is the table of everything that can be asked; `docs/architecture.md` tells how a
//! request passes through.

pub mod account;
pub mod alerts;
pub mod auth;
pub mod funnels;
pub mod health;
pub mod http;
pub mod integrations;
pub mod openapi;
pub mod platform;
pub mod routes;
pub mod tracked_goals;
pub mod values;

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
    outgoing::response(&http::serve::serve(table, Incoming::new(request), Platform::new(env)).await)
}

/// Every minute.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    if let Err(error) = auth::revocation::sweep(&Platform::new(env)).await {
        platform::log::failure("cron", "scheduled", &error.to_string());
    }
}
