//! Paddle's past: transactions with their customers, then adjustments (docs/contract/providers.md#4.4).

use crate::fields::Node;
use crate::mapped::Context;
use crate::paddle::{adjustment_step, adjustments, transaction};
use crate::paging::{Cursor, Page, Reach, body, unlike};
use crate::reading::{Step, Trouble};
use crate::request::{Answer, Request};

const TRANSACTIONS: usize = 0;

pub fn request(cursor: &Cursor, reach: &Reach) -> Request {
    let list = match cursor.stage {
        // With includes, 30 are the most.
        TRANSACTIONS => Request::get("/transactions")
            .with("status", "completed")
            .with("include", "customer,adjustments")
            .with("per_page", "30")
            .with("order_by", "billed_at[ASC]"),
        // They cannot be asked for by time: newest first ends where nothing has changed any more.
        _ => Request::get("/adjustments")
            .with("per_page", "50")
            .with("order_by", if reach.from.is_some() { "id[DESC]" } else { "id[ASC]" }),
    };
    let list = match reach.from {
        Some(from) if cursor.stage == TRANSACTIONS => list.with("updated_at[GTE]", from.to_string()),
        _ => list,
    };
    match &cursor.after {
        Some(after) => list.with("after", after.as_str()),
        None => list,
    }
}

pub fn page(cursor: &Cursor, reach: &Reach, answer: &Answer, context: &Context) -> Result<Page, Trouble> {
    let list = Node::new("list", body(answer)?);
    let total = list.int("/meta/pagination/estimated_total").and_then(|total| total.try_into().ok());
    let mut page = Page { total, ..Page::default() };
    let (mut last, mut has_recent) = (None, false);
    for item in list.need_items("/data", "data").map_err(unlike)? {
        page.done += 1;
        last = item.id("/id").or(last);
        let changed = item.moment("/updated_at").ok();
        has_recent |= reach.from.is_none_or(|from| changed.is_none_or(|changed| changed >= from));
        if cursor.stage == TRANSACTIONS {
            page.push(transaction(&item, item.value("/customer"), context).map(Step::from));
            for mapped in adjustments(&item, context) {
                page.push(mapped.map(Step::from));
            }
        } else {
            page.push(adjustment_step(&item, context));
        }
    }
    page.next = Some(match last.filter(|_| list.is("/meta/pagination/has_more") && has_recent) {
        Some(last) => cursor.after(last),
        None => cursor.next_stage(),
    });
    Ok(page)
}
