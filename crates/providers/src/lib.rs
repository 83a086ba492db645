//! The pure rules of the six payment providers (docs/contract/providers.md): whether a delivery is theirs, what it becomes,
//! what has to be asked of their APIs, and what a website's set of payments is after it.
//!
//! A delivery goes this way:
//!
//! - [`inbound`] judges it: [`signature`] by its bytes, [`delivery`] reads its envelope and its key among doubles.
//! - [`work`] takes the first step of the provider's own file. A step is done, or asks a [`request`] whose answer gives the
//!   next one ([`reading`]).
//!   Of an event whose body is not kept any more, the subject is read ([`reread`]).
//! - What comes of it is [`mapped`]: [`record`]s of one subject, or a reason why there are none.
//! - [`ledger`] takes the records into all that was [`told`], of which the [`rows`] are a function. [`around`] finds the part
//!   that has to be loaded for it.
//!
//! Beside it are what a connection asks at first ([`access`]), its [`webhooks`], its past ([`pages`]), and the goals of
//! subscriptions ([`lifecycle`]).

pub mod access;
pub mod around;
pub mod delivery;
pub mod fields;
pub mod headers;
pub mod hints;
pub mod hook_token;
pub mod ids;
pub mod inbound;
pub mod ledger;
pub mod lemonsqueezy;
pub mod lemonsqueezy_access;
pub mod lemonsqueezy_pages;
pub mod lifecycle;
pub mod lives;
pub mod mapped;
pub mod metadata;
pub mod money;
pub mod paddle;
pub mod paddle_access;
pub mod paddle_pages;
pub mod pages;
pub mod paging;
pub mod polar;
pub mod polar_access;
pub mod polar_pages;
pub mod provider;
pub mod reading;
pub mod record;
pub mod request;
pub mod reread;
pub mod rows;
pub mod shopify;
pub mod shopify_access;
pub mod shopify_pages;
pub mod signature;
pub mod stripe;
pub mod stripe_access;
pub mod stripe_pages;
pub mod told;
pub mod units;
pub mod webhooks;
pub mod woocommerce;
pub mod woocommerce_access;
pub mod woocommerce_pages;
pub mod work;

#[cfg(test)]
mod access_tests;
#[cfg(test)]
mod ledger_tests;
#[cfg(test)]
mod lifecycle_tests;
#[cfg(test)]
mod mapping_tests;
#[cfg(test)]
mod pages_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod samples_tests;
#[cfg(test)]
mod signature_tests;
