//! A shop's past at Shopify: orders with their refunds, by the time of their last change (docs/contract/providers.md#4.5).

use serde_json::json;

use crate::fields::Node;
use crate::mapped::Context;
use crate::paging::{Cursor, Page, Reach, unlike};
use crate::reading::Trouble;
use crate::request::{Answer, Request};
use crate::shopify::{data, graphql, order_step, rest_order};

pub fn request(cursor: &Cursor, reach: &Reach) -> Request {
    let until = format!("updated_at:<'{}'", reach.until);
    let query = reach.from.map_or_else(|| until.clone(), |from| format!("updated_at:>='{from}' AND {until}"));
    graphql(ORDERS, &json!({ "after": cursor.after, "query": query }))
}

pub fn page(cursor: &Cursor, answer: &Answer, context: &Context) -> Result<Page, Trouble> {
    let data = Node::new("data", data(answer)?);
    let total = data.int("/ordersCount/count").and_then(|total| total.try_into().ok());
    let mut page = Page { total, ..Page::default() };
    for order in data.need_items("/orders/nodes", "order").map_err(unlike)? {
        page.done += 1;
        let rest = rest_order(order.json());
        page.push(order_step(&Node::new("order", &rest), context));
    }
    let end = data.text("/orders/pageInfo/endCursor").filter(|_| data.is("/orders/pageInfo/hasNextPage"));
    page.next = Some(end.map_or_else(|| cursor.next_stage(), |end| cursor.after(end)));
    Ok(page)
}

pub const ORDERS: &str = "query Orders($after: String, $query: String) { \
    orders(first: 50, after: $after, sortKey: UPDATED_AT, query: $query) { \
    nodes { id displayFinancialStatus test sourceName tags paymentGatewayNames email processedAt updatedAt \
    totalPriceSet { presentmentMoney { amount currencyCode } shopMoney { amount currencyCode } } \
    totalTaxSet { presentmentMoney { amount currencyCode } shopMoney { amount currencyCode } } \
    customAttributes { key value } customer { id email firstName lastName } \
    transactions { gateway kind status test amountSet { presentmentMoney { amount currencyCode } shopMoney { amount currencyCode } } } \
    refunds { id createdAt transactions(first: 20) { nodes { gateway kind status test amountSet { presentmentMoney { amount currencyCode } shopMoney { amount currencyCode } } } } } } \
    pageInfo { hasNextPage endCursor } } ordersCount(query: $query) { count } }";
