//! Notes on a website's chart: what happened when (docs/contract/account-api.md#13).

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::auth::access::Principal;
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Changes, FromRaw, Input, Patch, Path, Query, Raw};
use crate::http::reply::{Answer, BothIds, Created, Data, Message, Reply};
use crate::platform::config::MAX_NOTES;
use crate::platform::database::{Batch, Handle, RowValues, Statement, sql};
use crate::reports::listing::{Page, Paged};
use crate::reports::range::Bounds;
use crate::reports::scope::RangeParameters;
use crate::websites::report_context::ReportContext;
use sluice_engine::selection::Span;
use sluice_values::{
    AccountId, Invalid, NoteId, Text, TimeZone, Timestamp, WebsiteId, compared, excerpt, hex, kinds, text_value,
};

// ---- What comes in

/// The body of create.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CreateNote")]
pub struct Create {
    text: NoteText,
    timestamp: When,
    /// Sent again with the same text and timestamp, the note is answered instead of made twice. It is the caller's own on this website.
    idempotency_key: Option<NoteKey>,
}

/// The body of update.
#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(rename = "UpdateNote")]
pub struct Update {
    text: Patch<NoteText>,
    timestamp: Patch<When>,
}

type NoteText = Text<1, 500>;

/// When something happened, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// The start of a day in the website's time zone.
    Day(Date),
    Moment(Timestamp),
}

impl FromStr for When {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let text = sent.trim();
        let day = || text.parse().ok().filter(|_| text.len() == "2026-01-31".len()).map(Self::Day);
        text.parse().map(Self::Moment).ok().or_else(day).ok_or_else(|| {
            Invalid::new(format!(
                "expected a moment with its offset such as \"2026-01-31T12:00:00Z\" or a day such as \"2026-01-31\", got \"{}\"",
                excerpt(sent)
            ))
        })
    }
}

impl fmt::Display for When {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => date.fmt(to),
            Self::Moment(moment) => moment.fmt(to),
        }
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for When {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "When".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A moment (ISO 8601 with an offset), or a day (YYYY-MM-DD): its start in the website's time zone.",
            "examples": ["2026-01-31T12:00:00Z", "2026-01-31"]
        })
    }
}

/// What makes it safe to send a note again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteKey(String);

impl NoteKey {
    fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NoteKey {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let is_right = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        if (1..=128).contains(&sent.len()) && sent.bytes().all(is_right) {
            Ok(Self(sent.to_owned()))
        } else {
            Err(Invalid::new("expected 1 to 128 letters, digits and . _ : -"))
        }
    }
}

text_value!(NoteKey, {
    schemars::json_schema!({
        "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9._:-]{1,128}$"
    })
});

/// The notes to list.
#[derive(Debug)]
pub struct Wanted {
    bounds: Bounds,
    zone: Option<TimeZone>,
    page: Page,
    q: Option<String>,
    order: Order,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Parameters {
    /// Only notes whose text contains this, in any case.
    q: Option<Text<0, 500>>,
    #[serde(default)]
    order: Order,
}

/// By time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Order {
    Asc,
    #[default]
    Desc,
}

impl FromRaw for Wanted {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(Parameters { q, order }) = Query::from_raw(raw)?;
        let Query(range) = Query::<RangeParameters>::from_raw(raw)?;
        let Query(page) = Query::from_raw(raw)?;
        let bounds = Bounds::new(("startAt", "endAt"), range.start_at, range.end_at)?;
        let q = q.map(|q| folded(q.as_str())).filter(|q| !q.is_empty());
        Ok(Self { bounds, zone: range.timezone, page, q, order })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<RangeParameters>::describe(operation, generators);
        Query::<Parameters>::describe(operation, generators);
        Query::<Page>::describe(operation, generators);
    }
}

// ---- The rules

impl When {
    /// The moment that is meant, in the website's zone.
    fn at(&self, zone: &TimeZone) -> Result<Timestamp, Error> {
        match self {
            Self::Moment(moment) => Ok(*moment),
            Self::Day(date) => {
                let start = date.to_zoned(zone.rules());
                let start = start.map_err(|_| Error::bad_request("timestamp: beyond the calendar"))?;
                Ok(Timestamp::from_millis(start.timestamp().as_millisecond()))
            }
        }
    }
}

impl Create {
    // Stored in `notes.sent_hash`: if it changed, a retry across an update of the gateway would be refused.
    /// What a key stands for: the same words about the same time, whatever the website's zone has become.
    fn sent_hash(&self) -> String {
        hex(&Sha256::digest(format!("{}\n{}", self.timestamp, self.text)))
    }
}

/// The form in which texts are searched.
fn folded(text: &str) -> String {
    compared(text).to_lowercase()
}

/// Whose note it is: the account of a token; of a website key, whoever made it.
fn author_of(principal: &Principal) -> AccountId {
    principal.maker().unwrap_or_else(|| principal.account_id())
}

/// All moments that a note may have: the years 0 to 9999.
const CALENDAR: Span = Span { from: -62_167_219_200_000, to: 253_402_300_799_999 };

// ---- What goes out

/// A note.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    #[serde(flatten)]
    ids: BothIds<kinds::Note>,
    website_id: WebsiteId,
    text: String,
    /// When what is noted happened.
    timestamp: Timestamp,
    /// Who noted it; `null` if the account is gone.
    author: Option<Author>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Author {
    id: AccountId,
    name: Option<String>,
    image: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    id: NoteId,
    website_id: WebsiteId,
    text: String,
    noted_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
    author_id: Option<AccountId>,
    author_name: Option<String>,
    author_image: Option<String>,
}

impl<'de> Deserialize<'de> for Note {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let row = Row::deserialize(from)?;
        let author = row.author_id.map(|id| Author { id, name: row.author_name, image: row.author_image });
        Ok(Self {
            ids: row.id.into(),
            website_id: row.website_id,
            text: row.text,
            timestamp: row.noted_at,
            author,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The answer of create: 201 for a new note, 200 for one that an earlier request with the key has made.
pub struct Noted {
    status: u16,
    note: Data<Note>,
}

impl Answer for Noted {
    const STATUSES: &'static [u16] = &[200, 201];

    fn into_reply(self) -> Reply {
        Reply::json(self.status, &self.note)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        <Data<Note> as Answer>::schema(generator)
    }
}

// ---- SQL

/// Selects notes as a [`Row`]; a condition follows.
const SELECT: &str = "SELECT n.id, n.website_id, n.text, n.noted_at, n.created_at, n.updated_at, n.sent_hash, \
                      a.id AS author_id, a.name AS author_name, a.image AS author_image \
                      FROM notes n LEFT JOIN accounts a ON a.id = n.author_id";

fn select_one(id: NoteId, website: WebsiteId) -> Statement {
    sql(format!("{SELECT} WHERE n.id = ?1 AND n.website_id = ?2")).bind(id).bind(website)
}

fn select_author(author: AccountId) -> Statement {
    sql("SELECT id, name, image FROM accounts WHERE id = ?1").bind(author)
}

/// A note with what was sent with its key.
#[derive(Deserialize)]
struct Keyed {
    sent_hash: Option<String>,
    #[serde(flatten)]
    note: Note,
}

fn select_keyed(website: WebsiteId, author: AccountId, key: &NoteKey) -> Statement {
    sql(format!("{SELECT} WHERE n.website_id = ?1 AND n.author_id = ?2 AND n.idempotency_key = ?3"))
        .bind(website)
        .bind(author)
        .bind(key.as_str())
}

/// The notes of a page, and the number of all.
fn select_page(website: WebsiteId, span: Span, wanted: &Wanted) -> (Statement, Statement) {
    const MATCHES: &str =
        "n.website_id = ?1 AND n.noted_at BETWEEN ?2 AND ?3 AND (?4 IS NULL OR instr(n.searched, ?4) > 0)";
    let direction = match wanted.order {
        Order::Asc => "ASC",
        Order::Desc => "DESC",
    };
    let bound = |statement: String| {
        sql(statement)
            .bind(website)
            .bind(span.from.max(CALENDAR.from))
            .bind(span.to.min(CALENDAR.to))
            .bind(wanted.q.clone())
    };
    let rows = format!("{SELECT} WHERE {MATCHES} ORDER BY n.noted_at {direction}, n.id {direction} LIMIT ?5 OFFSET ?6");
    let rows = bound(rows).bind(wanted.page.limit.get()).bind(wanted.page.offset.get());
    (rows, bound(format!("SELECT count(*) AS total FROM notes n WHERE {MATCHES}")))
}

#[derive(Deserialize)]
struct Count {
    total: i64,
}

/// Adds a note if the website has room for one more.
fn insert(row: RowValues, website: WebsiteId, most: u32) -> Statement {
    row.insert_where("notes")
        .then(" WHERE (SELECT count(*) FROM notes WHERE website_id = :website) < :most RETURNING id")
        .bind_named("website", website)
        .bind_named("most", most)
}

// ---- Handlers

/// GET: a page of the notes in a range.
pub async fn list(call: WebsiteCall, input: Input<Wanted>) -> Result<Data<Note, Paged>, Error> {
    // Where the range needs no zone of the website, one round trip reads all.
    let plan = |batch: &mut Batch, website, wanted: &Wanted| match wanted.span_without_website() {
        Some(span) => Ok(plan_page(batch, website, span, wanted)),
        None => Err(batch.read(ReportContext::select(website))),
    };
    let (website, wanted, planned, results) = call.enter(input, plan).await?;
    match planned {
        Ok((rows, count)) => {
            let total = results.first(&count)?.map_or(0, |count| count.total);
            Ok(wanted.page.of(results.all(&rows)?, total))
        }
        Err(context) => page(&website, &ReportContext::of(&results, &context, website.id)?, &wanted).await,
    }
}

impl Wanted {
    /// The range, if it is the same in every zone.
    fn span_without_website(&self) -> Option<Span> {
        match &self.zone {
            _ if !self.bounds.is_given() => Some(CALENDAR),
            Some(zone) => self.bounds.span(&zone.rules()).ok().flatten(),
            None => None,
        }
    }
}

fn plan_page(batch: &mut Batch, website: WebsiteId, span: Span, wanted: &Wanted) -> (Handle<Note>, Handle<Count>) {
    let (rows, count) = select_page(website, span, wanted);
    (batch.read(rows), batch.read(count))
}

/// The answer to a list of a website that the caller has entered.
pub async fn page(
    website: &EnteredWebsite,
    context: &ReportContext,
    wanted: &Wanted,
) -> Result<Data<Note, Paged>, Error> {
    let zone = wanted.zone.as_ref().unwrap_or(&context.timezone);
    let span = wanted.bounds.span(&zone.rules())?.unwrap_or(CALENDAR);
    let mut batch = Batch::new();
    let (rows, count) = plan_page(&mut batch, website.id, span, wanted);
    let results = website.run(batch).await?;
    let total = results.first(&count)?.map_or(0, |count| count.total);
    Ok(wanted.page.of(results.all(&rows)?, total))
}

/// POST: notes something.
pub async fn create(call: WebsiteCall, input: Input<Body<Create>>) -> Result<Created<Noted>, Error> {
    let author = author_of(&call.principal);
    let plan = |batch: &mut Batch, website, Body(create): &Body<Create>| {
        let key = create.idempotency_key.as_ref();
        let keyed = key.map(|key| batch.read(select_keyed(website, author, key)));
        (
            batch.read::<ReportContext>(ReportContext::select(website)),
            batch.read::<Author>(select_author(author)),
            keyed,
        )
    };
    let (website, Body(create), (context, person, keyed), results) = call.enter(input, plan).await?;
    if let Some(keyed) = keyed.map(|keyed| results.first(&keyed)).transpose()?.flatten() {
        return noted_earlier(keyed, &create);
    }
    let context = ReportContext::of(&results, &context, website.id)?;
    let (id, now): (NoteId, Timestamp) = (website.call.new_id()?, website.call.now);
    let timestamp = create.timestamp.at(&context.timezone)?;
    let person = results.first(&person)?;
    let row = RowValues::new()
        .with("id", id)
        .with("website_id", website.id)
        .with_some("author_id", person.as_ref().map(|person| person.id))
        .with("text", create.text.clone())
        .with("searched", folded(create.text.as_str()))
        .with("noted_at", timestamp)
        .with("idempotency_key", create.idempotency_key.as_ref().map(|key| key.as_str().to_owned()))
        .with("sent_hash", create.idempotency_key.as_ref().map(|_| create.sent_hash()))
        .with("created_at", now)
        .with("updated_at", now);
    let note = Note {
        ids: id.into(),
        website_id: website.id,
        text: create.text.as_str().to_owned(),
        timestamp,
        author: person,
        created_at: now,
        updated_at: now,
    };
    let most = website.call.platform.config().cap(MAX_NOTES);
    let noted = Noted { status: 201, note: Data::one(note) };
    match website.create_once(Batch::new(), insert(row, website.id, most), &id, noted).await {
        Ok(Some(created)) => Ok(created),
        Ok(None) => Err(Error::forbidden(format!("at most {most} notes for each website (MAX_NOTES)"))),
        Err(error) if error.is_unique_violation() => {
            // Another request with the key was faster.
            let key = create.idempotency_key.as_ref();
            let keyed = match key {
                Some(key) => website.row(select_keyed(website.id, author, key)).await?,
                None => None,
            };
            noted_earlier(keyed.ok_or(error)?, &create)
        }
        Err(error) => Err(error.into()),
    }
}

fn noted_earlier(Keyed { sent_hash, note }: Keyed, create: &Create) -> Result<Created<Noted>, Error> {
    if sent_hash.as_deref() == Some(&create.sent_hash()) {
        return Ok(Created::earlier(Noted { status: 200, note: Data::one(note) }));
    }
    Err(Error::conflict("idempotencyKey: it was used for another text or timestamp; choose another key"))
}

/// PUT: changes a note.
pub async fn change(call: WebsiteCall, input: Input<(Path<NoteId>, Changes<Update>)>) -> Result<Data<Note>, Error> {
    let plan = |batch: &mut Batch, website, (_, Changes(changes)): &(Path<NoteId>, Changes<Update>)| {
        changes.timestamp.as_set().map(|_| batch.read::<ReportContext>(ReportContext::select(website)))
    };
    let (website, (Path(id), Changes(changes)), context, results) = call.enter(input, plan).await?;
    let mut row = RowValues::new().with("updated_at", website.call.now);
    if let Some(text) = changes.text.as_set() {
        row = row.with("text", text.clone()).with("searched", folded(text.as_str()));
    }
    if let (Some(when), Some(context)) = (changes.timestamp.as_set(), context) {
        let context = ReportContext::of(&results, &context, website.id)?;
        row = row.with("noted_at", when.at(&context.timezone)?);
    }
    let mut batch = Batch::new();
    let update = row.update("notes").then(" WHERE id = :id AND website_id = :website");
    batch.run(update.bind_named("id", id).bind_named("website", website.id));
    let changed = batch.read(select_one(id, website.id));
    let changed = website.run(batch).await?.first(&changed)?;
    Ok(Data::one(changed.ok_or_else(|| not_found(id))?))
}

/// DELETE: deletes a note.
pub async fn delete(call: WebsiteCall, input: Input<Path<NoteId>>) -> Result<Data<Message>, Error> {
    let (website, Path(id), (), _) = call.enter(input, |_, _, _| ()).await?;
    let gone = sql("DELETE FROM notes WHERE id = ?1 AND website_id = ?2 RETURNING id").bind(id).bind(website.id);
    let gone = website.row::<serde::de::IgnoredAny>(gone).await?;
    gone.map(|_| Message::saying("Note deleted successfully")).ok_or_else(|| not_found(id))
}

fn not_found(id: NoteId) -> Error {
    Error::not_found(format!("no note {id} on this website"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::database::memory::Memory;

    const WEBSITE: &str = "0000000000000000000000d1";

    fn website() -> WebsiteId {
        WEBSITE.parse().unwrap()
    }

    fn create(body: &serde_json::Value) -> Create {
        serde_json::from_value(body.clone()).unwrap()
    }

    #[test]
    fn a_time_is_a_moment_with_its_offset_or_a_day() {
        let at = |text: &str, zone: &str| {
            let when = text.parse::<When>().map_err(|why| why.to_string())?;
            match when.at(&zone.parse().unwrap()) {
                Ok(moment) => Ok(moment.to_string()),
                Err(Error::Refused { message, .. }) => Err(message),
                Err(other) => panic!("{other:?}"),
            }
        };
        for (text, zone, expected) in [
            ("2026-05-20T10:00:00+02:00", "Asia/Tokyo", "2026-05-20T08:00:00.000Z"),
            (" 2026-05-20 ", "UTC", "2026-05-20T00:00:00.000Z"),
            ("2026-05-20", "America/New_York", "2026-05-20T04:00:00.000Z"),
            // At midnight clocks go to one o'clock.
            ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00.000Z"),
            ("9999-12-31", "Asia/Tokyo", "9999-12-30T15:00:00.000Z"),
        ] {
            assert_eq!(at(text, zone), Ok(expected.to_owned()), "{text}");
        }
        for wrong in ["", "2026-05-20T10:00:00", "2026-5-20", "20260520", "2026-02-30", "now", "2026-05-20 10:00"] {
            assert!(at(wrong, "UTC").unwrap_err().starts_with("expected a moment with its offset"), "{wrong}");
        }
        assert_eq!(at("9999-12-31", "America/Los_Angeles").unwrap_err(), "timestamp: beyond the calendar");
    }

    #[test]
    fn what_is_sent_with_a_key_keeps_its_hash() {
        // Format-pinning: if it changed, a retry across an update of the gateway would be refused.
        let day = create(&json!({ "text": " Launch ", "timestamp": "2026-05-20" }));
        // printf '2026-05-20\nLaunch' | sha256sum
        assert_eq!(day.sent_hash(), "654ca334ca6f3a466a3aa24e4e146a86d432e4f2b57a9edeae79c589eeb0c11d");
        let moment = |text: &str| create(&json!({ "text": "Launch", "timestamp": text })).sent_hash();
        assert_eq!(moment("2026-05-20T00:00:00Z"), moment("2026-05-20T02:00:00+02:00"));
        assert_ne!(moment("2026-05-20T00:00:00Z"), day.sent_hash(), "a day moves with the website's zone");
    }

    #[test]
    fn every_query_has_its_index_and_a_page_reads_no_further_than_itself() {
        let database = Memory::with_website();
        let wanted = |order, q: Option<&str>| Wanted {
            bounds: Bounds::NONE,
            zone: None,
            page: Page::default(),
            q: q.map(str::to_owned),
            order,
        };
        for order in [Order::Asc, Order::Desc] {
            let (rows, count) = select_page(website(), CALENDAR, &wanted(order, None));
            let plan = database.plan(&rows);
            assert!(plan.contains("notes_by_time (website_id=? AND noted_at>? AND noted_at<?)"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
            let plan = database.plan(&count);
            assert!(plan.contains("notes_by_time (website_id=?"), "{plan}");
        }
        let key = "k".parse().unwrap();
        let plan = database.plan(&select_keyed(website(), "0000000000000000000000a1".parse().unwrap(), &key));
        assert!(plan.contains("notes_by_key (website_id=? AND author_id=? AND idempotency_key=?)"), "{plan}");
        let full = database.plan(&insert(RowValues::new().with("id", "x"), website(), 1));
        assert!(full.contains("COVERING INDEX notes_by_time (website_id=?)"), "{full}");
        let gone = database.plan(&sql("UPDATE notes SET author_id = NULL WHERE author_id = ?1").bind("a"));
        assert!(gone.contains("notes_by_author"), "{gone}");
    }

    #[test]
    fn a_note_outlives_its_author_and_goes_with_its_website() {
        let database = Memory::with_website();
        database.execute("PRAGMA foreign_keys = ON");
        database.execute(&format!(
            "INSERT INTO accounts (id, email, name, created_at) VALUES ('0000000000000000000000a7', 'a@b.co', 'Ann', 0);
             INSERT INTO notes (id, website_id, author_id, text, searched, noted_at, created_at, updated_at)
             VALUES ('0000000000000000000000f1', '{WEBSITE}', '0000000000000000000000a7', 'x', 'x', 0, 0, 0)"
        ));
        let id = "0000000000000000000000f1".parse().unwrap();
        let read = || database.batch::<Note>(&[select_one(id, website())]).unwrap().remove(0);
        assert_eq!(read()[0].author.as_ref().unwrap().name.as_deref(), Some("Ann"));
        database.execute("DELETE FROM accounts WHERE id = '0000000000000000000000a7'");
        assert!(read()[0].author.is_none());
        database.execute(&format!("DELETE FROM websites WHERE id = '{WEBSITE}'"));
        assert!(read().is_empty());
    }
}
