//! Sluice over HTTP, as clients use it: every test here talks to the built Worker on workerd, never to a function.
//!
//! `node scripts/with-gateways.mjs -- cargo test --test gateway` starts two gateways and names them in the environment;
//! see `support.rs`. Every test creates its own accounts and websites, so they run concurrently.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, helpers included"
)]

mod account;
mod alert_runs;
mod alerts;
mod audit;
mod backend;
mod bad_input;
mod bots;
mod console_serving;
mod console_sessions;
mod customizations;
mod durability;
mod email_reports;
mod errors;
mod events;
mod expected;
mod funnels;
mod goals;
mod hooks;
mod hops;
mod idempotency;
mod imports;
mod integrations;
mod invitations;
mod limits;
mod mail;
mod matrix;
mod mentions;
mod migrations;
mod notes;
mod oauth;
mod openapi;
mod own_gateway;
mod privacy;
mod provider_events;
mod provider_shards;
mod public;
mod rate_limit;
mod reports;
mod secrecy;
mod seed_examples;
mod setup;
mod shards;
mod spellings;
mod stand_in;
mod support;
mod team;
mod tokens;
mod tools;
mod traffic;
mod views;
mod webhooks;
mod website_keys;
mod websites;
