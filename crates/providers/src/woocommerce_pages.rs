//! A shop's past at WooCommerce: orders, oldest first (docs/contract/providers.md#4.6). An order that is trashed in between
//! moves the rest by one, so each page begins with the last order of the page before; if that is another one, the page
//! before is read again.

use crate::fields::Node;
use crate::mapped::Context;
use crate::paging::{Cursor, Page, Reach, body, unlike};
use crate::reading::Trouble;
use crate::request::{Answer, Request};
use crate::woocommerce::{API, order_step};

/// Orders of one page.
const PER_PAGE: u64 = 100;

/// How many orders were read, and the last of them.
fn position(cursor: &Cursor) -> (u64, Option<&str>) {
    let Some((offset, last)) = cursor.after.as_deref().and_then(|after| after.split_once(':')) else {
        return (0, None);
    };
    (offset.parse().unwrap_or_default(), Some(last).filter(|last| !last.is_empty()))
}

pub fn request(cursor: &Cursor, reach: &Reach) -> Request {
    let (offset, last) = position(cursor);
    let list = Request::get(format!("{API}/orders"))
        .with("per_page", PER_PAGE.to_string())
        .with("offset", offset.saturating_sub(u64::from(last.is_some())).to_string())
        .with("orderby", "date")
        .with("order", "asc")
        .with("dates_are_gmt", "true")
        .with("status", "any");
    match reach.from {
        Some(from) if reach.is_sweep => list.with("modified_after", from.to_string()),
        Some(from) => list.with("after", from.to_string()).with("before", reach.until.to_string()),
        None => list.with("before", reach.until.to_string()),
    }
}

pub fn page(cursor: &Cursor, answer: &Answer, context: &Context) -> Result<Page, Trouble> {
    let list = Node::new("orders", body(answer)?);
    let orders: Vec<Node<'_>> = list.need_items("", "order").map_err(unlike)?.collect();
    let total = answer.header("x-wp-total").and_then(|total| total.parse().ok());
    let mut page = Page { total, ..Page::default() };
    let (offset, last) = position(cursor);
    let first = orders.first().and_then(|order| order.id("/id"));
    if last.is_some() && first.as_deref() != last {
        page.next = Some(cursor.after(format!("{}:", offset.saturating_sub(PER_PAGE))));
        return Ok(page);
    }
    let new = orders.iter().skip(usize::from(last.is_some()));
    for order in new {
        page.done += 1;
        page.push(order_step(order, false, context));
    }
    let read = offset.saturating_add(u64::try_from(page.done).unwrap_or_default());
    let is_full = u64::try_from(orders.len()).unwrap_or_default() >= PER_PAGE;
    let end = orders.last().and_then(|order| order.id("/id")).filter(|_| is_full && page.done > 0);
    page.next = Some(end.map_or_else(|| cursor.next_stage(), |end| cursor.after(format!("{read}:{end}"))));
    Ok(page)
}
