//! Lemon Squeezy's past: orders with their subscriptions, then invoices, newest first (docs/contract/providers.md#4.2).

use crate::fields::Node;
use crate::lemonsqueezy::{invoice, order, trial_record};
use crate::mapped::{Context, Mapped, Taking};
use crate::metadata::Explicit;
use crate::paging::{Cursor, Page, Reach, body, unlike};
use crate::reading::{Step, Trouble};
use crate::request::{Answer, Request};

const ORDERS: usize = 0;

pub fn request(cursor: &Cursor, reach: &Reach) -> Request {
    let list = match cursor.stage {
        ORDERS => Request::get("/v1/orders").with("include", "subscriptions"),
        _ => Request::get("/v1/subscription-invoices"),
    };
    list.with("filter[store_id]", reach.of.as_str())
        .with("page[size]", "100")
        .with("page[number]", cursor.page().to_string())
}

pub fn page(cursor: &Cursor, reach: &Reach, answer: &Answer, context: &Context) -> Result<Page, Trouble> {
    let list = Node::new("list", body(answer)?);
    let mut page =
        Page { total: list.int("/meta/page/total").and_then(|total| total.try_into().ok()), ..Page::default() };
    let mut has_recent = false;
    for item in list.need_items("/data", "data").map_err(unlike)? {
        page.done += 1;
        let changed = item.moment("/attributes/updated_at").ok();
        has_recent |= reach.from.is_none_or(|from| changed.is_none_or(|changed| changed >= from));
        // The API does not tell custom data.
        let mapped = match cursor.stage {
            ORDERS => order(&item, Explicit::default(), context),
            _ => invoice(&item, Explicit::default(), context),
        };
        page.push(mapped.map(Step::from));
    }
    if cursor.stage == ORDERS {
        for included in list.items("/included", "included").filter(|one| one.text("/type") == Some("subscriptions")) {
            page.steps.extend(trial(&included, context));
        }
    }
    let last_page = list.int("/meta/page/lastPage").and_then(|last| u64::try_from(last).ok()).unwrap_or_default();
    let goes_on = cursor.page() < last_page && page.done > 0 && has_recent;
    page.next = Some(if goes_on { cursor.after((cursor.page() + 1).to_string()) } else { cursor.next_stage() });
    Ok(page)
}

/// The trial that an order's subscription began with, also if it is over by now.
fn trial(subscription: &Node<'_>, context: &Context) -> Option<Step> {
    let attributes = subscription.object("/attributes", "included.attributes")?;
    attributes.value("/trial_ends_at")?;
    if attributes.is("/test_mode") && context.ignores_tests() {
        return None;
    }
    let version = attributes.moment("/updated_at");
    let record = version.and_then(|version| trial_record(subscription, &attributes, &Explicit::default(), version));
    Some(match record {
        Ok(record) => Mapped::Take(Taking::of(record)).into(),
        Err(fault) => Mapped::from(fault).into(),
    })
}
