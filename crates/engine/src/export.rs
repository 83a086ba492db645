//! Exports everything stored, as import lines, oldest first.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use sluice_values::{Currency, Timestamp, VisitorId};

use crate::blocks::{self, Order};
use crate::error::Error;
use crate::event::{self, Action, Context, PaymentKind, event_id, session_id};
use crate::parts::EVENTS;
use crate::selection::Span;
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql, Value};

/// A part of an export has no further line once it has this many bytes.
pub(crate) const MOST_BYTES: usize = 1 << 20;
/// How many events, and how many payments, are read at once.
const READ_AT_ONCE: u32 = 100;

/// Asks for the next part of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    pub after: Place,
    /// The maximum number of lines.
    pub limit: u32,
}

/// A position between two lines: the time and the row of the last event and of the last payment before it. Sent between
/// Worker and object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub event: (i64, i64),
    pub payment: (i64, i64),
}

impl Place {
    /// Before the first line.
    pub const START: Self = Self { event: (i64::MIN >> 12, 0), payment: (i64::MIN >> 12, 0) };

    /// Before the first line of this time or later.
    pub fn since(time: Timestamp) -> Self {
        // Rows count from one.
        let place = (time.as_millis(), 0);
        Self { event: place, payment: place }
    }
}

/// A line, with its time and row.
type Placed = ((i64, i64), Json);

/// A part of an export.
#[derive(Debug, Serialize, Deserialize)]
pub struct Exported {
    /// The lines, each ended by a line feed.
    pub lines: String,
    /// Where the next part begins; `None` after the last part.
    pub next: Option<Place>,
}

impl<S: Sql> Site<S> {
    /// The next lines: at most so many, and about [`MOST_BYTES`].
    pub fn export(&self, asked: &Export) -> Result<Exported, Error> {
        let (mut lines, mut after, mut left) = (String::new(), asked.after, asked.limit);
        while left > 0 && lines.len() < MOST_BYTES {
            // What has been read and no longer fits is read again, so little is read at once.
            let limit = left.min(READ_AT_ONCE);
            match self.export_some(&Export { after, limit }, &mut lines)? {
                Some(place) => after = place,
                None => return Ok(Exported { lines, next: None }),
            }
            left -= limit;
        }
        Ok(Exported { lines, next: Some(after) })
    }

    /// Adds the next lines, and returns where further ones begin; `None` after the last one.
    fn export_some(&self, asked: &Export, lines: &mut String) -> Result<Option<Place>, Error> {
        let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
        let mut events = self.events_after(asked)?.into_iter().peekable();
        let mut payments = self.payments_after(asked)?.into_iter().peekable();
        let (mut place, mut count) = (asked.after, 0);
        while count < limit && lines.len() < MOST_BYTES {
            let takes_event = match (events.peek(), payments.peek()) {
                (Some((event, _)), Some((payment, _))) => event.0 <= payment.0,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => return Ok(None),
            };
            let taken = if takes_event { events.next() } else { payments.next() };
            let Some((at, line)) = taken else { break };
            *(if takes_event { &mut place.event } else { &mut place.payment }) = at;
            lines.push_str(&line.to_string());
            lines.push('\n');
            count += 1;
        }
        Ok(Some(place))
    }

    fn events_after(&self, asked: &Export) -> Result<Vec<Placed>, Error> {
        let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
        let rest = Span { from: asked.after.event.0, to: Span::ALL.to };
        let mut rows = Vec::new();
        blocks::in_order(self, &EVENTS, rest, Order::Earliest, |window| {
            rows.extend(self.events_within(window, asked.after.event, limit - rows.len())?);
            Ok(rows.len() >= limit)
        })?;
        rows.into_iter().map(line_of).collect()
    }

    /// The columns of the first events within a span after a place.
    fn events_within(&self, span: Span, (time, row): (i64, i64), limit: usize) -> Result<Vec<Row>, Error> {
        let mut parameters = Parameters::default();
        let events = blocks::events(self, span, &mut parameters)?;
        let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
        let (time, row) = (parameters.bind(time), parameters.bind(row));
        let limit = parameters.bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let lines = format!(
            "SELECT e.time, e.id, e.eid, e.kind, v.uid, s.sid, h.text, p.text, n.text, c.json, r.text, f.text, fh.text, \
             e.href, e.data, e.description FROM (SELECT e.id AS row FROM {events} WHERE e.time BETWEEN {from} AND {to} \
             AND (e.time, e.id) > ({time}, {row}) ORDER BY e.time, e.id LIMIT {limit}) l \
             CROSS JOIN events e ON e.id = l.row JOIN visitors v ON v.id = e.visitor \
             LEFT JOIN sessions s ON s.id = e.session LEFT JOIN pages g ON g.id = e.page \
             LEFT JOIN strings h ON h.id = g.hostname LEFT JOIN strings p ON p.id = g.path \
             LEFT JOIN strings n ON n.id = e.name LEFT JOIN contexts c ON c.id = e.context \
             LEFT JOIN strings r ON r.id = e.referrer LEFT JOIN strings f ON f.id = e.source \
             LEFT JOIN strings fh ON fh.id = e.source_host ORDER BY e.time, e.id"
        );
        self.sql.rows(&lines, parameters.values())
    }

    fn payments_after(&self, asked: &Export) -> Result<Vec<Placed>, Error> {
        let rows = self.sql.rows(
            "SELECT m.time, m.id, m.pid, m.eid, m.transaction_id, m.kind, iif(m.named, v.uid, NULL), m.amount, m.currency, \
             m.email, m.name, m.customer_id, m.refund_id FROM payments m LEFT JOIN visitors v ON v.id = m.visitor \
             WHERE (m.time, m.id) > (?1, ?2) ORDER BY m.time, m.id LIMIT ?3",
            &[asked.after.payment.0.into(), asked.after.payment.1.into(), asked.limit.into()],
        )?;
        rows.into_iter()
            .map(|mut row| {
                let at: (i64, i64) = (row.next()?, row.next()?);
                let (own, sent): (Value, Option<Value>) = (row.next()?, row.next()?);
                let (id, _) = event_id(sent.unwrap_or(own))?;
                let transaction: String = row.next()?;
                let kind: PaymentKind = row.next()?;
                let visitor: Option<VisitorId> = row.next()?;
                let (amount, currency): (i64, Currency) = (row.next()?, row.next()?);
                let (email, name, customer): (Option<String>, Option<String>, Option<String>) =
                    (row.next()?, row.next()?, row.next()?);
                let refund_id = Some(row.next::<String>()?).filter(|id| !id.is_empty());
                let mut extra = json!({
                    "amount": currency.major_units(amount),
                    "currency": currency.as_str(),
                    "transaction_id": transaction,
                    "datafast_visitor_id": visitor,
                    "email": email,
                    "name": name,
                    "customer_id": customer,
                    "renewal": kind.is_renewal(),
                    "refunded": kind.is_refund(),
                    "is_free_trial": kind == PaymentKind::Trial,
                });
                if let (Some(refund_id), Some(extra)) = (refund_id, extra.as_object_mut()) {
                    extra.insert("refund_id".to_owned(), refund_id.into());
                }
                let time = Timestamp::from_millis(at.0).to_string();
                Ok((at, json!({ "id": id, "timestamp": time, "type": "payment", "extraData": extra })))
            })
            .collect()
    }
}

/// The line of an event, with its place.
fn line_of(mut row: Row) -> Result<Placed, Error> {
    let at: (i64, i64) = (row.next()?, row.next()?);
    let ((eid, is_public), code) = (event_id(row.next()?)?, row.next()?);
    let visitor: VisitorId = row.next()?;
    let sid: Option<Value> = row.next()?;
    let (host, path): (Option<String>, Option<String>) = (row.next()?, row.next()?);
    let name = row.next()?;
    let context: Context = row.optional_json()?;
    let (referrer, source, source_host): (Option<String>, Option<String>, Option<String>) =
        (row.next()?, row.next()?, row.next()?);
    let stored: Option<String> = row.next()?;
    let action = Action::of_columns(code, name, row.next()?, row.next()?)?;
    let mut line = fields_of(&context)?;
    line.insert("id".into(), eid.into());
    if is_public {
        line.insert("isPublicId".into(), true.into());
    }
    line.insert("timestamp".into(), Timestamp::from_millis(at.0).to_string().into());
    line.insert("type".into(), action.type_name().into());
    line.insert("visitorId".into(), visitor.to_string().into());
    if let Some(sid) = sid {
        line.insert("sessionId".into(), session_id(sid)?.into());
    }
    if path.as_ref().is_some_and(|path| path.contains('#')) {
        line.insert("hashIsPage".into(), true.into());
    }
    let plain = host.zip(path).map(|(host, path)| format!("https://{host}{path}"));
    let href = stored.map(|stored| event::href(stored, plain.as_deref()));
    if let Some(href) = href.or(plain) {
        line.insert("href".into(), href.into());
        line.insert("referrer".into(), referrer.clone().into());
    }
    if referrer.is_some() {
        // The source depends on the website's own hosts, which another website does not share.
        let source = source.map(|name| json!({ "name": name, "host": source_host.unwrap_or_default() }));
        line.insert("referrerSource".into(), source.unwrap_or(Json::Null));
    }
    if let Action::Goal { description: Some(description), .. } = &action {
        line.insert("description".into(), description.as_str().into());
    }
    let extra = action.extra_data();
    if !extra.is_empty() {
        line.insert("extraData".into(), extra.into());
    }
    Ok((at, Json::Object(line)))
}

/// The fields of a line that describe a context.
fn fields_of(context: &Context) -> Result<Map<String, Json>, Error> {
    let Ok(Json::Object(mut fields)) = serde_json::to_value(context) else {
        return Err(Error::new("a context that is no object"));
    };
    if let Some(screen) = context.screen {
        fields.remove("screen");
        fields.insert("screenWidth".into(), screen.width.into());
        fields.insert("screenHeight".into(), screen.height.into());
    }
    for (own, sent) in [("vendor", "deviceVendor"), ("model", "deviceModel")] {
        if let Some(value) = fields.remove(own) {
            fields.insert(sent.to_owned(), value);
        }
    }
    Ok(fields)
}
