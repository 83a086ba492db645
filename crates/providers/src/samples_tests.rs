//! Every sample gives the records beside it (docs/contract/providers/samples/README.md).

use serde_json::{Value, json};

use sluice_values::Timestamp;

use crate::delivery::is_woocommerce_ping;
use crate::headers::Headers;
use crate::mapped::Mapped;
use crate::provider::Provider;
use crate::record::Record;
use crate::samples::{NOW, Sample, production};

#[test]
fn every_sample_gives_its_records() {
    let mut count = 0;
    for sample in Provider::ALL.into_iter().flat_map(Sample::all) {
        let name = format!("{} {}", sample.provider, sample.name);
        count += 1;
        if sample.expected["ignored"] == "ping" {
            let body = sample.expected["post"]["body"].as_str().unwrap();
            let headers = sample.headers();
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert!(is_woocommerce_ping(Headers(&headers), body.as_bytes()), "{name}");
            continue;
        }
        let (mapped, asked) = sample.mapped(&production());
        let mut answered: Vec<&String> = sample.expected["api"].as_object().unwrap().keys().collect();
        let mut all_asked: Vec<&String> = asked.iter().collect();
        answered.sort();
        all_asked.sort();
        match (mapped, sample.expected.get("ignored")) {
            (Mapped::Ignored { reason, .. }, Some(expected)) => {
                assert_eq!(reason, expected.as_str().unwrap(), "{name}");
            }
            (Mapped::Take(taking), None) => {
                let records: Vec<Value> = taking.records.iter().map(written).collect();
                assert_eq!(Value::from(records), expected_records(&sample), "{name}");
                let read: Vec<Record> = serde_json::from_value(serde_json::to_value(&taking.records).unwrap()).unwrap();
                assert_eq!(read, taking.records, "{name}");
                assert_eq!(all_asked, answered, "{name}: exactly these requests");
            }
            (mapped, _) => panic!("{name}: {mapped:?}"),
        }
    }
    assert_eq!(count, 50);
}

/// A record as the samples have it: a chargeback is a refund there, and says so nowhere.
fn written(record: &Record) -> Value {
    let mut json = serde_json::to_value(record).unwrap();
    json.as_object_mut().unwrap().remove("chargeback");
    json
}

fn expected_records(sample: &Sample) -> Value {
    let mut records = sample.expected["records"].clone();
    for record in records.as_array_mut().unwrap() {
        let version = match record["version"].as_str().unwrap() {
            "read" => Timestamp::from_millis(NOW),
            "event" => Timestamp::from_millis(sample.json()["created"].as_i64().unwrap() * 1000),
            _ => continue,
        };
        record["version"] = json!(version);
    }
    records
}

#[test]
fn chargebacks_are_told_from_refunds() {
    let mut found = Vec::new();
    for sample in Provider::ALL.into_iter().flat_map(Sample::all).filter(|sample| sample.expected["ignored"] != "ping")
    {
        if let (Mapped::Take(taking), _) = sample.mapped(&production())
            && taking.records.iter().any(|record| serde_json::to_value(record).unwrap()["chargeback"] == true)
        {
            found.push(format!("{} {}", sample.provider, sample.name));
        }
    }
    assert_eq!(
        found,
        [
            "stripe 08-dispute-funds-withdrawn",
            "stripe 09-dispute-funds-reinstated",
            "paddle 06-adjustment-created-chargeback",
            "paddle 07-adjustment-updated-reversed",
            "paddle 08-adjustment-created-chargeback-reverse",
        ]
    );
}
