//! OAuth 2.1 for agents where a browser is at hand: what an account's owner grants an application is an ordinary account token,
//! narrowed, with a name and an end, which the application renews.

pub mod clients;
pub mod consent;
pub mod endpoints;
pub mod grants;
pub mod rules;
