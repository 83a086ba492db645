//! Polar's past: orders, refunds, lost disputes (docs/contract/providers.md#4.3). Oldest first, so that pages stand still; a
//! sweep reads newest first and ends at what it does not reach.

use crate::fields::Node;
use crate::mapped::Context;
use crate::paging::{Cursor, Page, Reach, body, unlike};
use crate::polar::{dispute, order, refund};
use crate::reading::{Step, Trouble};
use crate::request::{Answer, Request};

const ORDERS: usize = 0;
const REFUNDS: usize = 1;

pub fn request(cursor: &Cursor, reach: &Reach) -> Request {
    let list = match cursor.stage {
        ORDERS => Request::get("/v1/orders/"),
        REFUNDS => Request::get("/v1/refunds/"),
        _ => Request::get("/v1/disputes/").with("status", "lost"),
    };
    let list = list
        .with("organization_id", reach.of.as_str())
        .with("sorting", if reach.from.is_some() { "-created_at" } else { "created_at" })
        .with("limit", "100")
        .with("page", cursor.page().to_string());
    if cursor.stage == ORDERS { list.with("created_before", reach.until.to_string()) } else { list }
}

pub fn page(cursor: &Cursor, reach: &Reach, answer: &Answer, context: &Context) -> Result<Page, Trouble> {
    let list = Node::new("list", body(answer)?);
    let total = list.int("/pagination/total_count").and_then(|total| total.try_into().ok());
    let mut page = Page { total, ..Page::default() };
    let mut has_recent = false;
    for item in list.need_items("/items", "item").map_err(unlike)? {
        page.done += 1;
        let made = item.moment("/created_at").ok();
        has_recent |= reach.from.is_none_or(|from| made.is_none_or(|made| made >= from));
        let mapped = match cursor.stage {
            ORDERS => order(&item, context),
            REFUNDS => refund(&item),
            _ => dispute(&item),
        };
        page.push(mapped.map(Step::from));
    }
    let last_page = list.int("/pagination/max_page").and_then(|last| u64::try_from(last).ok()).unwrap_or_default();
    let goes_on = cursor.page() < last_page && page.done > 0 && has_recent;
    page.next = Some(if goes_on { cursor.after((cursor.page() + 1).to_string()) } else { cursor.next_stage() });
    Ok(page)
}
