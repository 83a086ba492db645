//! The closure property (docs/contract/README.md#46) for a fuzzer: what a door takes, an export writes, another website's import
//! takes, and a second export writes again, byte for byte.

use sluice::http::error::Error;
use sluice::http::input::{Body, FromRaw, Raw};
use sluice::tracking::event_body::{Received, SentEvent};
use sluice::tracking::import::{Context, item};
use sluice_engine::Site;
use sluice_engine::event::{Event, VisitorKey};
use sluice_engine::export::{Export, Place as ExportPlace};
use sluice_engine::memory::Memory;
use sluice_engine::protocol::{Append, Import, Request, SiteCall};
use sluice_money::Rates;
use sluice_values::{Currency, Id, Place, Timestamp, kinds};

/// 2026-05-21T00:00:00Z.
const NOW: i64 = 1_779_321_600_000;

/// A website in memory.
pub struct Website(Site<Memory>);

impl Default for Website {
    fn default() -> Self {
        Self(Site::open(Memory::default(), || Ok([7; 32])).expect("an empty database opens"))
    }
}

impl Website {
    fn ask<C: SiteCall>(&self, call: C) -> C::Answer {
        let request = Request { now: NOW, currency: None, call: call.into_call() };
        let request =
            serde_json::from_str(&serde_json::to_string(&request).expect("json")).expect("what was sent is read");
        serde_json::from_str(&self.0.answer(&request).expect("the object answers")).expect("an answer")
    }

    /// Takes the body of an event as the handler does.
    pub fn take_event(&self, body: &[u8]) -> Result<(), Error> {
        let Body(sent) = Body::<SentEvent>::from_raw(&Raw { body: body.to_vec(), ..Raw::default() })?;
        let (address, action) = (sent.address()?, sent.action_of_browser()?);
        let id: Id<kinds::Event> = Id::new(Timestamp::from_millis(NOW), [1; 8]);
        let received = Received {
            id: sent.id.clone().unwrap_or_else(|| id.into()),
            time: Timestamp::from_millis(NOW),
            sender: VisitorKey::Visitor(sent.visitor()?),
            session: Some(sent.session_id.clone().ok_or_else(|| Error::bad_request("sessionId"))?),
            place: Place { country: Some("XK".to_owned()), ..Place::default() },
            user_agent: Some("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"),
            owns: &|host| host.ends_with("example.com"),
        };
        let is_public_id = sent.id.is_some();
        let event = Event { is_public_id, ..sent.event(action, address, received) };
        self.ask(Append { event, may_drop: true });
        Ok(())
    }

    /// Takes a line as the import does. Returns whether it is new.
    pub fn take_line(&self, line: &[u8]) -> Result<bool, Error> {
        let context = Context {
            now: Timestamp::from_millis(NOW),
            owns: &|host| host.ends_with("example.com"),
            currency: Currency::USD,
            rates: &|_| Rates::fallback().clone(),
            random: &|| [1; 8],
        };
        let items = vec![item(line, &context)?];
        let stored = self.ask(Import { items, zone: "UTC".parse().expect("a zone"), may_drop: true });
        Ok(stored.into_iter().all(|is_new| is_new.expect("an object that is not full takes a line")))
    }

    fn export(&self) -> String {
        let (mut lines, mut after) = (String::new(), Some(ExportPlace::START));
        while let Some(place) = after {
            let part = self.ask(Export { after: place, limit: 100 });
            lines.push_str(&part.lines);
            after = part.next;
        }
        lines
    }

    /// Exports the website, imports it elsewhere, and exports it again.
    ///
    /// # Panics
    /// If a line is refused elsewhere, is new here, or reads otherwise the second time.
    pub fn check(&self) {
        let (exported, other) = (self.export(), Self::default());
        for line in exported.lines() {
            assert!(line.len() <= 64 * 1024, "{} bytes", line.len());
            let is_new = other.take_line(line.as_bytes()).unwrap_or_else(|error| panic!("{error:?}: {line}"));
            assert!(is_new, "twice: {line}");
            assert!(!self.take_line(line.as_bytes()).unwrap_or(true), "new at home: {line}");
        }
        assert_eq!(other.export(), exported);
    }
}
