//! Reading a provider's JSON. A fault names the field and never its content, which may be a customer's.

use serde_json::Value;

use sluice_values::{Currency, Timestamp};

use crate::ids::{TransactionId, is_path_segment};

/// Why a payload cannot be read: `data.object.currency: expected an ISO 4217 currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(pub String);

/// A JSON value with the name that faults call it by. Paths are JSON pointers: `/billing_details/email`.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    name: &'static str,
    json: &'a Value,
}

impl<'a> Node<'a> {
    pub const fn new(name: &'static str, json: &'a Value) -> Self {
        Self { name, json }
    }

    pub fn fault(&self, path: &str, expected: &str) -> Fault {
        Fault(format!("{}{}: expected {expected}", self.name, path.replace('/', ".")))
    }

    pub const fn json(&self) -> &'a Value {
        self.json
    }

    /// What is there, unless it is null.
    pub fn value(&self, path: &str) -> Option<&'a Value> {
        self.json.pointer(path).filter(|value| !value.is_null())
    }

    /// Text that is not empty.
    pub fn text(&self, path: &str) -> Option<&'a str> {
        self.value(path)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    pub fn need_text(&self, path: &str) -> Result<&'a str, Fault> {
        self.text(path).ok_or_else(|| self.fault(path, "text"))
    }

    /// An id: text or a whole number, neither empty nor 0.
    pub fn id(&self, path: &str) -> Option<String> {
        match self.value(path)? {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => number.as_u64().filter(|number| *number != 0).map(|number| number.to_string()),
            _ => None,
        }
    }

    /// The id of something that is there as its id or as itself.
    pub fn id_of(&self, path: &str) -> Option<String> {
        self.id(path).or_else(|| self.id(&format!("{path}/id")))
    }

    /// An id that may stand in a request's path.
    pub fn need_id(&self, path: &str) -> Result<String, Fault> {
        self.id_of(path).filter(|id| is_path_segment(id)).ok_or_else(|| self.fault(path, "an id"))
    }

    /// The id of a payment, a refund or a trial: `prefix` and what is there.
    pub fn need_transaction(&self, prefix: &str, path: &str) -> Result<TransactionId, Fault> {
        let id = self.need_id(path)?;
        TransactionId::new(format!("{prefix}{id}")).ok_or_else(|| self.fault(path, "an id of at most 255 characters"))
    }

    pub fn int(&self, path: &str) -> Option<i64> {
        self.value(path)?.as_i64()
    }

    pub fn need_int(&self, path: &str) -> Result<i64, Fault> {
        self.int(path).ok_or_else(|| self.fault(path, "a whole number"))
    }

    /// Whether it is `true`.
    pub fn is(&self, path: &str) -> bool {
        self.value(path) == Some(&Value::Bool(true))
    }

    pub fn currency(&self, path: &str) -> Result<Currency, Fault> {
        let wrong = || self.fault(path, "an ISO 4217 currency");
        self.text(path).ok_or_else(wrong)?.parse().map_err(|_| wrong())
    }

    /// A time in seconds since 1970.
    pub fn seconds(&self, path: &str) -> Result<Timestamp, Fault> {
        // Up to the end of 9999, which is what a time can be written as.
        let secs = Some(self.need_int(path)?).filter(|secs| (0..=253_402_300_799).contains(secs));
        let time = secs.map(|secs| Timestamp::from_millis(secs * 1000));
        time.ok_or_else(|| self.fault(path, "seconds since 1970"))
    }

    /// A time as RFC 3339.
    pub fn moment(&self, path: &str) -> Result<Timestamp, Fault> {
        self.text(path).and_then(|text| text.parse().ok()).ok_or_else(|| self.fault(path, "a time in RFC 3339"))
    }

    /// A time of UTC without a zone: `2026-11-28T09:59:40`.
    pub fn moment_of_utc(&self, path: &str) -> Result<Timestamp, Fault> {
        let text = self.text(path).map(|text| format!("{}Z", text.trim_end_matches('Z')));
        text.and_then(|text| text.parse().ok()).ok_or_else(|| self.fault(path, "a time such as 2026-11-28T09:59:40"))
    }

    /// An object inside, under a name of its own.
    pub fn object(&self, path: &str, name: &'static str) -> Option<Node<'a>> {
        self.value(path).filter(|value| value.is_object()).map(|json| Node { name, json })
    }

    pub fn need_object(&self, path: &str, name: &'static str) -> Result<Node<'a>, Fault> {
        self.object(path, name).ok_or_else(|| self.fault(path, "an object"))
    }

    /// The entries of a list; none if there is no list.
    pub fn items(&self, path: &str, name: &'static str) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let items = self.value(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().map(move |json| Node { name, json })
    }

    /// The entries of a list that has to be there.
    pub fn need_items(
        &self,
        path: &str,
        name: &'static str,
    ) -> Result<impl Iterator<Item = Node<'a>> + use<'a>, Fault> {
        if self.value(path).is_some_and(Value::is_array) {
            Ok(self.items(path, name))
        } else {
            Err(self.fault(path, "a list"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn faults_name_the_field_and_not_its_content() {
        let json = json!({ "amount": "secret@example.com", "float": 19.5, "id": "../x", "created": -1, "list": {} });
        let node = Node::new("charge", &json);
        let faults = [
            node.need_int("/amount").unwrap_err(),
            node.need_int("/float").unwrap_err(),
            node.need_id("/id").unwrap_err(),
            node.seconds("/created").unwrap_err(),
            node.currency("/amount").unwrap_err(),
            node.moment("/amount").unwrap_err(),
            node.need_text("/billing/email").unwrap_err(),
            node.need_items("/list", "item").err().unwrap(),
        ];
        assert_eq!(faults[0].0, "charge.amount: expected a whole number");
        assert_eq!(faults[6].0, "charge.billing.email: expected text");
        assert!(faults.iter().all(|fault| !fault.0.contains("secret") && !fault.0.contains("..")));
    }

    #[test]
    fn ids_are_text_numbers_or_of_objects() {
        let json = json!({ "text": "pi_1", "number": 727, "object": { "id": "pi_2" }, "none": 0, "empty": " " });
        let node = Node::new("order", &json);
        for (path, id) in [
            ("/text", Some("pi_1")),
            ("/number", Some("727")),
            ("/object", Some("pi_2")),
            ("/none", None),
            ("/empty", None),
            ("/missing", None),
        ] {
            assert_eq!(node.id_of(path).as_deref(), id, "{path}");
        }
    }
}
