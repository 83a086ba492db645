//! Sluice: a DataFast-compatible analytics, webhook and automation gateway on Cloudflare Workers.
//!
//! This file has the entry points. [`routes`] is the table of all endpoints; `docs/architecture.md` follows a request
//! through the code.

pub mod account;
pub mod alerts;
pub mod audit;
#[cfg(test)]
mod audit_tests;
pub mod auth;
pub mod bots;
#[cfg(test)]
mod closure_tests;
pub mod console;
pub mod docs;
#[cfg(test)]
mod document_tests;
pub mod email_reports;
pub mod erasure;
pub mod exchange_rates;
#[cfg(test)]
mod failure_tests;
#[cfg(test)]
mod format_tests;
pub mod health;
pub mod http;
pub mod integrations;
pub mod jobs;
pub mod mail;
pub mod mcp;
pub mod notes;
pub mod oauth;
#[cfg(test)]
mod oauth_tests;
pub mod objects;
pub mod openapi;
pub mod outbox;
pub mod platform;
pub mod public;
#[cfg(test)]
mod reference_tests;
pub mod reports;
pub mod routes;
pub mod secrets;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod sign_in_tests;
pub mod site;
pub mod team;
pub mod tracking;
pub mod webhooks;
pub mod websites;

use futures_util::future::join_all;
use worker::web_sys::{Request, Response};
use worker::{Context, Env, MessageBatch, Result, ScheduleContext, ScheduledEvent, event};

use platform::incoming::Incoming;
use platform::queues::{Queue, parse_ids};
use platform::{Platform, PlatformError, outgoing};
use sluice_values::Timestamp;
use tracking::drops;

/// Runs once per instance, before its first request.
#[event(start)]
fn start() {
    platform::microtask::prefer_promises();
}

/// Handles every HTTP request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let (table, platform) = (routes::table()?, Platform::new(env));
    let reply = http::serve::serve(table, Incoming::new(request), platform.clone()).await;
    if drops::is_to_tell(platform.now()) {
        let platform = platform.clone();
        context.wait_until(async move { drops::tell(&platform).await });
    }
    let deferred = platform.take_deferred();
    if !deferred.is_empty() {
        context.wait_until(async move {
            join_all(deferred).await;
        });
    }
    outgoing::response(reply.into())
}

/// Runs every minute.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, context: ScheduleContext) {
    let platform = Platform::new(env);
    let now = platform.now();
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, and few enough")]
    let planned = Timestamp::from_millis(event.schedule() as i64);
    jobs::run(&platform, planned, now).await;
    context.wait_until(async move {
        jobs::run_afterwards(&platform, now).await;
    });
}

/// Receives the ids of due work from a queue.
#[event(queue)]
async fn queue(batch: MessageBatch<String>, env: Env, context: Context) -> Result<()> {
    let (queue, ids) = (batch.queue(), batch.raw_iter().filter_map(|message| message.body().as_string()).collect());
    // A queue message is only a hint; the state is in D1 or in a website's object. It is acknowledged at once, so that a slow receiver delays no
    // other message.
    batch.ack_all();
    context.wait_until(async move {
        if let Err(error) = take(&Platform::new(env), &queue, ids).await {
            platform::log::failure("queue", &queue, &error.to_string());
        }
    });
    Ok(())
}

async fn take(platform: &Platform, queue: &str, ids: Vec<String>) -> std::result::Result<(), PlatformError> {
    match Queue::named(queue) {
        Some(Queue::Alerts) => alerts::runner::evaluate(platform, &parse_ids(&ids)).await,
        Some(Queue::Deliveries) => webhooks::dispatch::send(platform, &ids).await,
        Some(Queue::Providers) => integrations::consumer::take(platform, &ids).await,
        None => Err(PlatformError::new("no such queue")),
    }
}
