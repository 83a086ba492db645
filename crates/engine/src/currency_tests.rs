//! Changes of currency, against a website whose calls name one currency or the other.

use serde_json::json;

use sluice_values::Currency;

use crate::Site;
use crate::currency::{CurrencyChange, SLICE};
use crate::memory::Memory;
use crate::protocol::Request;

const RATES: &str = r#"{"date":"2026-05-20","usd":{"eur":0.5,"jpy":100}}"#;

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn site() -> Site<Memory> {
    Site::open(Memory::default(), || Ok([7; 32])).unwrap()
}

fn ask(site: &Site<Memory>, website: &str, call: &serde_json::Value) -> serde_json::Value {
    let request = json!({ "now": 1_779_321_600_000_i64, "currency": website, "call": call });
    let request: Request = serde_json::from_value(request).unwrap();
    serde_json::from_str(&site.answer(&request).unwrap()).unwrap()
}

fn pay(site: &Site<Memory>, website: &str, number: usize, amount: i64, paid: &str, value: i64) {
    let payment = json!({
        "id": format!("{number:024x}"), "event_id": null, "transaction_id": format!("t{number}"),
        "time": "2026-05-20T00:00:00Z", "kind": "New", "visitor": null, "amount": amount, "currency": paid,
        "value": value, "email": null, "name": null, "customer_id": null
    });
    assert_eq!(ask(site, website, &json!({ "Pay": { "payment": payment } })), json!(true));
}

fn revenue(site: &Site<Memory>, website: &str) -> i64 {
    let selection = json!({ "span": { "from": 0, "to": 2_000_000_000_000_i64 }, "filters": [] });
    let asked = json!({ "Overview": { "selection": selection, "with_renewals": true, "zone": "UTC" } });
    ask(site, website, &asked)["money"]["new"].as_i64().unwrap()
}

fn change_to(site: &Site<Memory>, from: &str, to: &str) -> bool {
    let call = json!({ "Revalue": { "currency": to, "from": from, "rates": RATES } });
    ask(site, from, &call) == json!(0)
}

#[test]
fn a_change_in_slices_shows_old_figures_until_the_website_has_changed() {
    let site = site();
    let count = usize::try_from(SLICE).unwrap() + 500;
    let all = i64::try_from(count).unwrap();
    for number in 0..count {
        pay(&site, "USD", number, 200, "USD", 200);
    }
    assert!(!change_to(&site, "USD", "EUR"), "there is more than a slice");
    // Payments go on coming, in the old currency.
    pay(&site, "USD", count, 100, "EUR", 200);
    assert_eq!(revenue(&site, "USD"), 200 * (all + 1));
    assert_eq!(revenue(&site, "EUR"), 200 * (all + 1), "not converted yet");
    let change = site.change_currency_on().unwrap();
    assert_eq!(change, Some(CurrencyChange { to: currency("EUR"), is_done: true }));
    assert_eq!(site.change_currency_on().unwrap(), None);
    assert_eq!(revenue(&site, "USD"), 200 * (all + 1), "the website has not changed yet");
    assert_eq!(revenue(&site, "EUR"), 100 * (all + 1));
    // A call that was on its way when the website changed.
    assert_eq!(revenue(&site, "USD"), 200 * (all + 1));
    pay(&site, "USD", count + 1, 200, "USD", 200);
    pay(&site, "EUR", count + 2, 200, "USD", 100);
    assert_eq!(revenue(&site, "EUR"), 100 * (all + 3));
    assert_eq!(revenue(&site, "USD"), 200 * (all + 3));
}

#[test]
fn a_change_may_be_taken_back_or_made_again() {
    let site = site();
    pay(&site, "USD", 1, 200, "USD", 200);
    pay(&site, "USD", 2, 1000, "KWD", 600);
    assert!(change_to(&site, "USD", "EUR") && change_to(&site, "USD", "JPY"));
    assert_eq!(revenue(&site, "JPY"), 200 + 600, "of a currency without a rate the value is converted");
    assert!(change_to(&site, "JPY", "USD"));
    assert_eq!(revenue(&site, "USD"), 200 + 600);
    assert!(change_to(&site, "USD", "EUR"));
    assert_eq!((revenue(&site, "USD"), revenue(&site, "EUR")), (800, 400));
}
