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
        _ => Request::get("/adjustments").with("per_page", "50").with("order_by", "id[ASC]"),
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

pub fn page(cursor: &Cursor, answer: &Answer, context: &Context) -> Result<Page, Trouble> {
    let list = Node::new("list", body(answer)?);
    let total = list.int("/meta/pagination/estimated_total").and_then(|total| total.try_into().ok());
    let mut page = Page { total, ..Page::default() };
    let mut last = None;
    for item in list.need_items("/data", "data").map_err(unlike)? {
        page.done += 1;
        last = item.id("/id").or(last);
        if cursor.stage == TRANSACTIONS {
            page.push(transaction(&item, item.value("/customer"), context).map(Step::from));
            for mapped in adjustments(&item, context) {
                page.push(mapped.map(Step::from));
            }
        } else {
            page.push(adjustment_step(&item, context));
        }
    }
    page.next = Some(match last.filter(|_| list.is("/meta/pagination/has_more")) {
        Some(last) => cursor.after(last),
        None => cursor.next_stage(),
    });
    Ok(page)
}
