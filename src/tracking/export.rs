//! `GET …/export`: everything stored, oldest first, as lines that the import takes (docs/contract/reports.md#20) or as a table in
//! Apache Parquet whose rows are these lines (docs/export.md).

use serde_json::Value as Json;

use super::parquet::{Cell, Kind, Writer};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Input, Query};
use crate::http::reply::{Answer, Reply};
use crate::platform::PlatformError;
use crate::platform::incoming::BodyStream;
use crate::site::Exporting;
use sluice_engine::export::Place;
use sluice_values::{Moment, Timestamp};

/// How many lines are fetched in one call.
const LINES_AT_ONCE: u32 = 1_000;
/// A group of rows is written once it has this many rows …
const ROWS_OF_A_GROUP: i64 = 16_384;
/// … or needs about this many bytes of memory.
const BYTES_OF_A_GROUP: usize = 4 << 20;

const NDJSON: &str = "application/x-ndjson";
const PARQUET: &str = "application/vnd.apache.parquet";

/// The form of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Format {
    /// One JSON object a line, as the import takes them.
    #[default]
    Ndjson,
    /// A table in Apache Parquet.
    Parquet,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
pub struct ExportQuery {
    #[serde(default)]
    format: Format,
    /// Only what happened at this time or later: how an export that broke off goes on, and an earlier one is added to.
    since: Option<Moment>,
}

/// A column of the table.
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// Where a line has the value.
    path: &'static [&'static str],
    of: Lines,
    /// What the column is, for people.
    #[cfg(not(target_arch = "wasm32"))]
    pub meaning: &'static str,
}

/// The lines that have a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    All,
    Goals,
    Payments,
}

macro_rules! columns {
    ($($of:ident $kind:ident $name:ident = $($path:ident).+: $meaning:literal;)*) => {
        &[$(Column {
            name: stringify!($name),
            kind: Kind::$kind,
            path: &[$(stringify!($path)),+],
            of: Lines::$of,
            #[cfg(not(target_arch = "wasm32"))]
            meaning: $meaning,
        }),*]
    };
}

/// The columns, in their order. New ones come last.
pub const COLUMNS: &[Column] = columns! {
    All Text id = id: "The id of the line.";
    All Time timestamp = timestamp: "When it happened.";
    All Text type = type: "`pageview`, `custom` (a goal), `identify`, `external_link` or `payment`.";
    All Text visitorId = visitorId: "The visitor; of a payment, see `datafast_visitor_id`.";
    All Text sessionId = sessionId: "The visit; null for what a backend sent.";
    All Text href = href: "The address of the page.";
    All Text referrer = referrer: "The referrer as it was sent.";
    All Text referrerSourceName = referrerSource.name: "The referrer's name in reports; null also for the website's own hosts.";
    All Text referrerSourceHost = referrerSource.host: "The referrer's host.";
    All Text country = country: "ISO 3166-1 alpha-2.";
    All Text region = region: "A name, or an ISO 3166-2 code.";
    All Text city = city: "A name.";
    All Number latitude = latitude: "Degrees north.";
    All Number longitude = longitude: "Degrees east.";
    All Text device = device: "`desktop`, `mobile` or `tablet`.";
    All Text deviceVendor = deviceVendor: "The device's maker.";
    All Text deviceModel = deviceModel: "The device's model.";
    All Text browser = browser: "The browser's name.";
    All Text browserVersion = browserVersion: "The browser's version.";
    All Text os = os: "The operating system's name.";
    All Text osVersion = osVersion: "The operating system's version.";
    All Text language = language: "The browser's language.";
    All Text timezone = timezone: "The browser's time zone.";
    All Whole viewportWidth = viewport.width: "The window's width in CSS pixels.";
    All Whole viewportHeight = viewport.height: "The window's height in CSS pixels.";
    All Whole screenWidth = screenWidth: "The screen's width in CSS pixels.";
    All Whole screenHeight = screenHeight: "The screen's height in CSS pixels.";
    All Text adClickIds = adClickIds: "JSON: the click ids that advertising networks added to the address.";
    All Flag hashIsPage = hashIsPage: "True if the fragment of `href` is part of the page's path, otherwise null.";
    All Flag isPublicId = isPublicId: "True if a browser chose the id, otherwise null.";
    All Text description = description: "A backend's words on a goal.";
    All Text extraData = extraData: "JSON: what the line's `extraData` has, all of it.";
    Goals Text eventName = extraData.eventName: "Of a goal: its name.";
    Payments Text transaction_id = extraData.transaction_id: "Of a payment: the provider's id.";
    Payments Text refund_id = extraData.refund_id: "Of a refund: its id, which tells several refunds of a transaction apart.";
    Payments Number amount = extraData.amount: "Of a payment: how much was paid, in the major unit (`12.5` dollars), also where it was paid back.";
    Payments Text currency = extraData.currency: "Of a payment: the currency of `amount`, ISO 4217.";
    Payments Flag renewal = extraData.renewal: "Of a payment: whether it is about a renewal.";
    Payments Flag refunded = extraData.refunded: "Of a payment: whether the money goes back to the payer.";
    Payments Flag is_free_trial = extraData.is_free_trial: "Of a payment: whether it is a free trial, without money.";
    Payments Text datafast_visitor_id = extraData.datafast_visitor_id: "Of a payment: the visitor that it names.";
    Payments Text email = extraData.email: "Of a payment: the payer's address.";
    Payments Text name = extraData.name: "Of a payment: the payer's name.";
    Payments Text customer_id = extraData.customer_id: "Of a payment: the provider's id of the payer.";
};

impl Column {
    /// What this column has of a line.
    fn cell(&self, line: &Json, of: Lines) -> Option<Cell> {
        if self.of != Lines::All && self.of != of {
            return None;
        }
        let value = self.path.iter().try_fold(line, |value, key| value.get(key)).filter(|value| !value.is_null())?;
        match self.kind {
            Kind::Text => Some(Cell::Text(value.as_str().map_or_else(|| value.to_string(), str::to_owned))),
            Kind::Time => value.as_str()?.parse::<Timestamp>().ok().map(|time| Cell::Time(time.as_millis())),
            Kind::Whole => value.as_i64().map(Cell::Whole),
            Kind::Number => value.as_f64().map(Cell::Number),
            Kind::Flag => value.as_bool().map(Cell::Flag),
        }
    }
}

/// The row of a line.
pub fn row(line: &Json) -> impl Iterator<Item = Option<Cell>> {
    let is_paid = line.pointer("/extraData/transaction_id").is_some_and(|id| !id.is_null());
    let of = match line.get("type").and_then(Json::as_str) {
        Some("custom") => Lines::Goals,
        // Without an id it is what a browser said of a payment.
        Some("payment") if is_paid => Lines::Payments,
        _ => Lines::All,
    };
    COLUMNS.iter().map(move |column| column.cell(line, of))
}

/// An export, as it arrives.
pub struct Streamed {
    format: Format,
    file: String,
    bytes: BodyStream,
}

impl Answer for Streamed {
    const CONTENT_TYPE: &'static str = NDJSON;

    fn into_reply(self) -> Reply {
        let (content_type, ending) = match self.format {
            Format::Ndjson => (NDJSON, "ndjson"),
            Format::Parquet => (PARQUET, "parquet"),
        };
        let disposition = format!("attachment; filename=\"{}.{ending}\"", self.file);
        Reply::streamed(content_type, self.bytes).with_header("content-disposition", disposition)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(
            schemars::json_schema!({ "type": "string", "description": "One JSON object a line, as the import takes them." }),
        )
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn other_schemas() -> Vec<(&'static str, schemars::Schema)> {
        let columns =
            COLUMNS.iter().map(|column| format!("- `{}` ({}): {}", column.name, column.kind.name(), column.meaning));
        let columns = columns.collect::<Vec<_>>().join("\n");
        let description =
            format!("With `format=parquet`: a table in Apache Parquet, whose rows are the lines.\n\n{columns}");
        vec![(PARQUET, schemars::json_schema!({ "type": "string", "format": "binary", "description": description }))]
    }
}

/// GET: everything stored, oldest first.
pub async fn export(call: WebsiteCall, input: Input<Query<ExportQuery>>) -> Result<Streamed, Error> {
    let (website, Query(ExportQuery { format, since }), (), _) = call.enter(input, |_, _, _| ()).await?;
    let from = since.map_or(Place::START, |since| Place::since(since.into()));
    let file = website.id.to_string();
    let rest = Rest { website, exporting: Exporting::new(from) };
    let bytes: BodyStream = match format {
        Format::Ndjson => Box::pin(futures_util::stream::try_unfold(rest, |mut rest| async move {
            Ok(rest.next().await?.map(|lines| (lines.into_bytes(), rest)))
        })),
        Format::Parquet => {
            let writer = Writer::new(COLUMNS.iter().map(|column| (column.name, column.kind)));
            Box::pin(futures_util::stream::try_unfold(Some((rest, writer)), |table| async move {
                let Some((mut rest, mut writer)) = table else { return Ok(None) };
                while writer.held_rows() < ROWS_OF_A_GROUP && writer.held_bytes() < BYTES_OF_A_GROUP {
                    let Some(lines) = rest.next().await? else { return Ok(Some((writer.finish(), None))) };
                    add(&mut writer, &lines)?;
                }
                Ok(Some((writer.group(), Some((rest, writer)))))
            }))
        }
    };
    Ok(Streamed { format, file, bytes })
}

/// Adds the rows of these lines.
fn add(writer: &mut Writer, lines: &str) -> Result<(), PlatformError> {
    for line in lines.lines() {
        let line =
            serde_json::from_str(line).map_err(|error| PlatformError::new(format!("an exported line: {error}")))?;
        writer.push(row(&line));
    }
    Ok(())
}

/// What is left of an export.
struct Rest {
    website: EnteredWebsite,
    exporting: Exporting,
}

impl Rest {
    /// The next lines.
    async fn next(&mut self) -> Result<Option<String>, PlatformError> {
        self.website.site().export(&mut self.exporting, LINES_AT_ONCE).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cells(line: &Json) -> Vec<(&'static str, Cell)> {
        let cells = COLUMNS.iter().zip(row(line));
        cells.filter_map(|(column, cell)| Some((column.name, cell?))).collect()
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn a_payments_money_has_columns_and_what_a_goal_or_a_browser_calls_so_has_none() {
        let extra =
            json!({ "amount": 12.5, "currency": "EUR", "transaction_id": "t", "eventName": "x", "renewal": false });
        let line = |kind: &str, extra: &Json| json!({ "type": kind, "extraData": extra });
        let of_payment = cells(&line("payment", &extra));
        let expected = [
            ("type", text("payment")),
            ("extraData", text(&extra.to_string())),
            ("transaction_id", text("t")),
            ("amount", Cell::Number(12.5)),
            ("currency", text("EUR")),
            ("renewal", Cell::Flag(false)),
        ];
        assert_eq!(of_payment, expected);
        let names =
            |kind: &str, extra: &Json| cells(&line(kind, extra)).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("custom", &extra), ["type", "extraData", "eventName"]);
        assert_eq!(names("payment", &json!({ "email": "a@b.co" })), ["type", "extraData"]);
        assert_eq!(names("identify", &json!({ "email": "a@b.co", "transaction_id": "t" })), ["type", "extraData"]);
    }

    #[test]
    fn the_columns_are_documented_in_their_order() {
        let document = include_str!("../../docs/export.md");
        let rows =
            COLUMNS.iter().map(|column| format!("| `{}` | {} | {} |", column.name, column.kind.name(), column.meaning));
        let rows = rows.collect::<Vec<_>>().join("\n");
        assert!(document.contains(&rows), "docs/export.md lacks:\n{rows}");
    }

    #[test]
    fn a_form_that_is_not_known_is_refused_by_name() {
        let asked = |query: &str| {
            let raw = crate::http::input::Raw { query: query.to_owned(), ..Default::default() };
            <Query<ExportQuery> as crate::http::input::FromRaw>::from_raw(&raw).map(|Query(query)| query.format)
        };
        assert_eq!(asked("").unwrap(), Format::Ndjson);
        assert_eq!(asked("format=ndjson").unwrap(), Format::Ndjson);
        assert_eq!(asked("format=parquet").unwrap(), Format::Parquet);
        for wrong in ["csv", "", "Parquet", "parquet%20"] {
            let Err(Error::Refused { message, .. }) = asked(&format!("format={wrong}")) else { panic!("{wrong}") };
            assert!(message.starts_with("format: ") && message.contains("`parquet`"), "{message}");
        }
    }
}
