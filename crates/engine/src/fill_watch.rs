//! Watches how full the store is.

use crate::error::Error;
use crate::fill::{Fill, Filling};
use crate::inbox;
use crate::site::Site;
use crate::sql::Sql;

/// Below this share, in percent, a store that was nearly full counts as one with room again.
const ROOM_AGAIN: i64 = 75;

/// The size is read once in this many events.
const READ_EVERY: u32 = 64;

impl<S: Sql> Site<S> {
    /// Sets the most bytes of the store.
    pub fn limit_to(&self, most: i64) {
        self.filling.set(Filling { most, ..Filling::default() });
    }

    /// How full the store is. Its size is read now and then.
    pub(crate) fn fill(&self) -> Result<Fill, Error> {
        let mut filling = self.filling.get();
        if filling.rests > 0 {
            filling.rests -= 1;
            self.filling.set(filling);
            return Ok(filling.now);
        }
        let mut bytes = self.sql.size()?;
        if Fill::of(bytes, filling.most) > Fill::Ok && self.has_waiting() {
            // What waits takes another room than what is folded.
            inbox::fold(self)?;
            bytes = self.sql.size()?;
        }
        let told = match filling.told {
            Some(told) => told,
            None => self.told_fill()?,
        };
        let now = Fill::of(bytes, filling.most);
        let has_room_again = told > Fill::Ok && bytes < filling.most / 100 * ROOM_AGAIN;
        let to_tell = if now > told || has_room_again { Some(now) } else { None };
        self.filling.set(Filling { now, rests: READ_EVERY - 1, told: Some(told), to_tell, ..filling });
        Ok(now)
    }

    fn told_fill(&self) -> Result<Fill, Error> {
        let stored = self.sql.first("SELECT value FROM meta WHERE key = 'fill'", &[])?;
        stored.map_or(Ok(Fill::Ok), |mut row| row.json())
    }

    /// What to tell about the store, if that has changed, and what was told before.
    pub fn fill_to_tell(&self) -> Option<(Fill, Fill)> {
        let filling = self.filling.get();
        filling.to_tell.map(|fill| (fill, filling.told.unwrap_or_default()))
    }

    /// Notes that this was told.
    pub fn fill_was_told(&self, fill: Fill) -> Result<(), Error> {
        let json = serde_json::to_string(&fill).map_err(|error| Error::new(error.to_string()))?;
        self.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('fill', ?1)", &[json.into()])?;
        self.filling.set(Filling { told: Some(fill), to_tell: None, ..self.filling.get() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sluice_values::Timestamp;

    use super::*;
    use crate::memory::Memory;
    use crate::protocol::Request;

    const NOW: i64 = 1_779_321_600_000;

    fn open() -> Site<Memory> {
        Site::open(Memory::default(), || Ok([7; 32])).unwrap()
    }

    fn ask(site: &Site<Memory>, call: &Value) -> Value {
        let request: Request = serde_json::from_value(json!({ "now": NOW, "call": call })).unwrap();
        serde_json::from_str(&site.answer(&request).unwrap()).unwrap()
    }

    fn event(number: usize, action: &Value) -> Value {
        json!({
            "id": format!("e{number}"), "time": Timestamp::from_millis(NOW).to_string(),
            "sender": { "Visitor": "b971cbbf-7ce2-4925-902b-8f95a5fb3401" }, "session": "s", "action": action,
            "page": { "path": format!("/{}{number}", "x".repeat(1_000)), "hostname": "example.com" },
            "href": null, "referrer": null, "source": null, "campaign": ["", "", "", "", "", "", "", ""], "context": {},
        })
    }

    fn pageview(number: usize) -> Value {
        json!({ "Append": { "event": event(number, &json!("Pageview")), "may_drop": true } })
    }

    /// Sends a pageview. Few wait to be folded, so that the store grows by little at once.
    fn view(site: &Site<Memory>, number: usize) -> Value {
        if number.is_multiple_of(16) {
            site.fold().unwrap();
        }
        ask(site, &pageview(number))
    }

    #[test]
    fn a_full_store_drops_pageviews_and_takes_the_rest() {
        let site = open();
        let most = site.sql().size().unwrap() * 20;
        site.limit_to(most);
        let stored = (0..8_000).take_while(|number| !view(&site, *number).is_null()).count();
        assert!((10..7_999).contains(&stored), "{stored}");
        let size = site.sql().size().unwrap();
        assert!(size < most, "{size} of {most}");
        let link = json!({ "ExternalLink": { "url": "https://elsewhere.example", "text": null } });
        assert!(ask(&site, &json!({ "Append": { "event": event(15_000, &link), "may_drop": true } })).is_null());
        let goal = json!({ "Goal": { "name": "signup", "properties": {}, "description": null } });
        let identify = json!({ "Identify": { "user_id": "u", "traits": {} } });
        let hint = json!({ "PaymentHint": { "email": "a@b.example" } });
        for (number, action) in [goal, identify, hint].iter().enumerate() {
            let answer =
                ask(&site, &json!({ "Append": { "event": event(16_000 + number, action), "may_drop": true } }));
            assert_eq!(answer[0], true, "{action}");
        }
        let payment = json!({
            "id": "000000000000000000000001", "event_id": null, "transaction_id": "t", "kind": "New", "visitor": null,
            "time": Timestamp::from_millis(NOW).to_string(), "amount": 100, "currency": "USD", "value": 100,
            "email": null, "name": null, "customer_id": null
        });
        assert_eq!(ask(&site, &json!({ "Pay": { "payment": payment } })), true);
        let items =
            json!([{ "Event": event(17_000, &json!("Pageview")) }, { "Event": event(17_001, &json!("Pageview")) }]);
        let import = json!({ "Import": { "items": items, "zone": "UTC", "may_drop": true } });
        assert_eq!(ask(&site, &import), json!([null, null]));
        // A Worker of an earlier release would not understand, so nothing is dropped for it.
        let old = json!({ "Append": { "event": event(18_000, &json!("Pageview")) } });
        assert_eq!(ask(&site, &old)[0], true);
    }

    #[test]
    fn a_store_is_full_by_what_is_folded_and_stays_so() {
        let site = open();
        site.limit_to(site.sql().size().unwrap() * 5);
        let view = |number: usize| {
            let mut event = event(number, &json!("Pageview"));
            event["page"] = json!({ "path": format!("/{}{number}", "x".repeat(1_900)), "hostname": "example.com" });
            ask(&site, &json!({ "Append": { "event": event, "may_drop": true } }))
        };
        let stored = (0..8_000).take_while(|number| !view(*number).is_null()).count();
        assert!((10..7_999).contains(&stored), "{stored}");
        site.fold().unwrap();
        assert!((10_000..10_100).all(|number| view(number).is_null()));
    }

    #[test]
    fn each_level_is_told_once_also_by_an_object_that_starts_anew() {
        let site = open();
        // One that grows by less than its levels between two looks.
        site.limit_to(site.sql().size().unwrap() * 8);
        let mut told = Vec::new();
        for number in 0..3_000 {
            view(&site, number);
            if let Some((fill, before)) = site.fill_to_tell() {
                told.push((fill, before));
                site.fill_was_told(fill).unwrap();
            }
            if number % 50 == 0 {
                site.limit_to(site.filling.get().most);
            }
        }
        assert_eq!(told, [(Fill::NearlyFull, Fill::Ok), (Fill::Full, Fill::NearlyFull)]);
        // There is room again.
        site.limit_to(site.sql().size().unwrap() * 2);
        ask(&site, &pageview(1_000));
        assert_eq!(site.fill_to_tell(), Some((Fill::Ok, Fill::Full)));
    }
}
