//! Reading a provider's past page by page (docs/contract/providers.md#3.6), for an import and for the sweep: a page is a
//! request of a cursor, and what its answer holds. A cursor is an id or a number, never an address that the provider sent.

use crate::mapped::Context;
use crate::paging::{Cursor, Links, Page, Reach};
use crate::provider::Provider;
use crate::reading::Trouble;
use crate::request::{Answer, Request};
use crate::{lemonsqueezy_pages, paddle_pages, polar_pages, shopify_pages, stripe_pages, woocommerce_pages};

/// The names of a provider's stages, in their order.
pub const fn stages(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Stripe => &["sessions", "invoices", "subscriptions", "charges", "refunds", "disputes"],
        Provider::LemonSqueezy => &["orders", "invoices"],
        Provider::Polar => &["orders", "refunds", "disputes"],
        Provider::Paddle => &["transactions", "adjustments"],
        Provider::Shopify | Provider::WooCommerce => &["orders"],
    }
}

/// Requests a second that a connection makes at most.
pub const fn requests_a_second(provider: Provider) -> u32 {
    match provider {
        Provider::Stripe => 8,
        Provider::LemonSqueezy => 4,
        Provider::Polar => 5,
        Provider::Paddle | Provider::Shopify | Provider::WooCommerce => 1,
    }
}

/// The same, once all answers were quick for a while.
pub const fn quick_requests_a_second(provider: Provider) -> u32 {
    match provider {
        Provider::WooCommerce => 3,
        other => requests_a_second(other),
    }
}

/// The request of a cursor; `None` after the last stage.
pub fn request(provider: Provider, cursor: &Cursor, reach: &Reach) -> Option<Request> {
    if cursor.stage >= stages(provider).len() {
        return None;
    }
    Some(match provider {
        Provider::Stripe => stripe_pages::request(cursor, reach),
        Provider::LemonSqueezy => lemonsqueezy_pages::request(cursor, reach),
        Provider::Polar => polar_pages::request(cursor, reach),
        Provider::Paddle => paddle_pages::request(cursor, reach),
        Provider::Shopify => shopify_pages::request(cursor, reach),
        Provider::WooCommerce => woocommerce_pages::request(cursor, reach),
    })
}

/// What an answer to a cursor's request holds.
pub fn page(
    provider: Provider,
    cursor: &Cursor,
    reach: &Reach,
    answer: &Answer,
    links: &Links,
    context: &Context,
) -> Result<Page, Trouble> {
    let mut page = match provider {
        Provider::Stripe => stripe_pages::page(cursor, answer, links, context)?,
        Provider::LemonSqueezy => lemonsqueezy_pages::page(cursor, reach, answer, context)?,
        Provider::Polar => polar_pages::page(cursor, reach, answer, context)?,
        Provider::Paddle => paddle_pages::page(cursor, reach, answer, context)?,
        Provider::Shopify => shopify_pages::page(cursor, answer, context)?,
        Provider::WooCommerce => woocommerce_pages::page(cursor, answer, context)?,
    };
    // A page that ends where it began would be read for ever.
    if page.next.as_ref() == Some(cursor) {
        page.next = Some(cursor.next_stage());
    }
    page.next = page.next.filter(|next| next.stage < stages(provider).len());
    Ok(page)
}

/// The ids of [`crate::paging::Link`]s that an answer's page needs and `links` does not have. Asked for again once those are there.
pub fn wanted_links(provider: Provider, cursor: &Cursor, answer: &Answer, links: &Links) -> Vec<String> {
    if provider == Provider::Stripe { stripe_pages::wanted_links(cursor, answer, links) } else { Vec::new() }
}
