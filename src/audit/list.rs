//! The lists of the audit log: what an account has done, and what was done to a website (docs/audit.md).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::auth::access::{Principal, WebsiteScope};
use crate::http::call::{AccountCall, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Input, Query};
use crate::http::recording::MARKS;
use crate::http::reply::{Answer, Data, Reply};
use crate::platform::config::AUDIT_DAYS;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::expired::Expired;
use crate::platform::{Platform, PlatformError};
use sluice_values::{AccountId, AuditId, Limit, Moment, Offset, Text, Timestamp, WebsiteId};

// ---- What comes in

/// The query of both lists.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct Filter {
    /// Only this operation, by its id in this document.
    operation: Option<Text<1, 100>>,
    /// Only what was done to this: an id, or a name.
    target: Option<Text<1, 300>>,
    /// Only what was done by this way.
    client: Option<Client>,
    /// Only what was done at this time or later.
    since: Option<Moment>,
    /// Only what was done at this time or earlier.
    until: Option<Moment>,
    #[serde(default)]
    limit: Limit<50, 1000>,
    #[serde(default)]
    offset: Offset,
    #[serde(default)]
    format: Format,
}

/// What the list of a website has besides.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct ByAccount {
    /// Only what this account has done.
    account: Option<AccountId>,
}

/// What the list of an account has besides.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub struct ByWebsite {
    /// Only what was done to this website.
    website: Option<WebsiteId>,
}

/// The form of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Format {
    #[default]
    Json,
    /// One JSON object a line.
    Ndjson,
    /// For spreadsheets.
    Csv,
}

// Stored by name in `audit_log.client`: none is renamed.
/// By which way something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Client {
    Console,
    Cli,
    Mcp,
    Api,
    /// A link in a mail.
    Mail,
}

impl Client {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Cli => "cli",
            Self::Mcp => "mcp",
            Self::Api => "api",
            Self::Mail => "mail",
        }
    }
}

// ---- What goes out

/// Something that was done.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AuditEntry")]
pub struct Entry {
    /// Of one request, its `X-Request-Id`.
    id: AuditId,
    at: Timestamp,
    /// Who answers for it; `null` where nobody is known.
    account: Option<Account>,
    credential: Credential,
    client: Client,
    /// Where the request came from.
    country: Option<String>,
    website_id: Option<WebsiteId>,
    /// What was done: an operation of this document.
    operation: String,
    /// What it was done to: an id, or a name.
    target: Option<String>,
    /// What is different since.
    changes: Vec<Change>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Account {
    id: AccountId,
    /// `null` once the account is deleted.
    name: Option<String>,
    email: Option<String>,
}

/// With what it was done.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Credential {
    /// `token`, `application` (OAuth), `key`, `session`, `invitation`, `setup`, `link`.
    kind: String,
    id: Option<String>,
    /// Its name and its masked value at that time.
    name: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Change {
    field: String,
    before: Json,
    after: Json,
    /// A secret: it is another, and neither is kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_secret: bool,
}

/// A page of a list, in the form that was asked for.
pub struct Listed {
    entries: Vec<Entry>,
    format: Format,
}

const NDJSON: &str = "application/x-ndjson";
const CSV: &str = "text/csv; charset=utf-8";

impl Answer for Listed {
    fn into_reply(self) -> Reply {
        let (content_type, ending, text) = match self.format {
            Format::Json => return Data::many(self.entries).into_reply(),
            Format::Ndjson => {
                let lines = self.entries.iter().filter_map(|entry| serde_json::to_string(entry).ok());
                (NDJSON, "ndjson", lines.map(|line| line + "\n").collect::<String>())
            }
            Format::Csv => {
                let rows = self.entries.iter().map(|entry| line(&entry.cells()));
                (CSV, "csv", [line(&COLUMNS.map(str::to_owned))].into_iter().chain(rows).collect())
            }
        };
        Reply::of(200, content_type, text.into_bytes())
            .with_header("content-disposition", format!("attachment; filename=\"audit.{ending}\""))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Data::<Entry>::schema(generator)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn other_schemas() -> Vec<(&'static str, schemars::Schema)> {
        let text = |description: &str| schemars::json_schema!({ "type": "string", "description": description });
        let columns = COLUMNS.join(", ");
        vec![
            (NDJSON, text("With `format=ndjson`: one row a line.")),
            ("text/csv", text(&format!("With `format=csv`: a table with the columns {columns}."))),
        ]
    }
}

// ---- Rules

/// The columns of a table.
const COLUMNS: [&str; 14] = [
    "at",
    "accountId",
    "name",
    "email",
    "credentialKind",
    "credentialId",
    "credential",
    "client",
    "country",
    "websiteId",
    "operation",
    "target",
    "changes",
    "id",
];

impl Entry {
    fn cells(&self) -> [String; 14] {
        let or_empty = |text: Option<&String>| text.cloned().unwrap_or_default();
        let account = self.account.as_ref();
        [
            self.at.to_string(),
            account.map(|account| account.id.to_string()).unwrap_or_default(),
            or_empty(account.and_then(|account| account.name.as_ref())),
            or_empty(account.and_then(|account| account.email.as_ref())),
            self.credential.kind.clone(),
            or_empty(self.credential.id.as_ref()),
            or_empty(self.credential.name.as_ref()),
            self.client.as_str().to_owned(),
            or_empty(self.country.as_ref()),
            self.website_id.map(|id| id.to_string()).unwrap_or_default(),
            self.operation.clone(),
            or_empty(self.target.as_ref()),
            if self.changes.is_empty() {
                String::new()
            } else {
                serde_json::to_string(&self.changes).unwrap_or_default()
            },
            self.id.to_string(),
        ]
    }
}

/// A line of CSV (RFC 4180).
fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    cells.join(",") + "\r\n"
}

/// Characters that format text and are not seen themselves.
const UNSEEN: [std::ops::RangeInclusive<char>; 5] = [
    '\u{ad}'..='\u{ad}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
];

/// A spreadsheet must not take a text for a formula; what it skips at the beginning does not count.
fn cell(text: &str) -> String {
    let is_unseen = |letter: &char| {
        letter.is_whitespace() || letter.is_control() || UNSEEN.iter().any(|range| range.contains(letter))
    };
    let first = text.chars().find(|letter| !is_unseen(letter));
    let is_formula = first.is_some_and(|first| "=+-@＝＋－＠".contains(first)) || text.starts_with(['\t', '\r', '\n']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(|letter: char| ",\";\t\r\n\u{2028}\u{2029}".contains(letter)) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// What is different between two sides, of which each may be missing.
fn changes(before: Option<&str>, after: Option<&str>) -> Vec<Change> {
    let side = |side: Option<&str>| side.and_then(|side| serde_json::from_str(side).ok()).unwrap_or_default();
    let (before, after): (Map<String, Json>, Map<String, Json>) = (side(before), side(after));
    let longer = if after.is_empty() { &before } else { &after };
    let changes = longer.keys().map(|name| {
        let is_secret = name.ends_with('!');
        let value = |side: &Map<String, Json>| match side.get(name) {
            Some(value) if !is_secret => shown(name, value),
            _ => Json::Null,
        };
        let field = name.trim_end_matches(MARKS).to_owned();
        Change { field, before: value(&before), after: value(&after), is_secret }
    });
    changes.collect()
}

/// A kept value as the API spells it. A list that was cut is no JSON any more, and stays a text.
fn shown(name: &str, value: &Json) -> Json {
    match value {
        Json::Number(number) if name.ends_with('?') => (number.as_i64() != Some(0)).into(),
        Json::Number(number) if name.ends_with('*') => {
            number.as_i64().map_or(Json::Null, |millis| Timestamp::from_millis(millis).to_string().into())
        }
        Json::String(text) if name.ends_with("[]") => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        _ => value.clone(),
    }
}

// ---- SQL

/// A row of `audit_log`, with the account.
#[derive(Deserialize)]
struct Row {
    id: AuditId,
    at: Timestamp,
    account_id: Option<AccountId>,
    name: Option<String>,
    email: Option<String>,
    credential_kind: String,
    credential_id: Option<String>,
    credential: Option<String>,
    client: Client,
    country: Option<String>,
    website_id: Option<WebsiteId>,
    operation: String,
    target: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self {
            changes: changes(row.before.as_deref(), row.after.as_deref()),
            id: row.id,
            at: row.at,
            account: row.account_id.map(|id| Account { id, name: row.name, email: row.email }),
            credential: Credential { kind: row.credential_kind, id: row.credential_id, name: row.credential },
            client: row.client,
            country: row.country,
            website_id: row.website_id,
            operation: row.operation,
            target: row.target,
        }
    }
}

/// After every row.
const END_OF_TIME: i64 = 1 << 52;

/// The page of a list; `whose` is the condition for `?8` and what follows it.
fn select(whose: &str, filter: &Filter) -> Statement {
    let millis = |moment: Moment| Timestamp::from(moment).as_millis();
    let text = |text: Option<&str>| text.map(str::to_owned);
    sql(format!(
        "SELECT l.id, at, l.account_id, name, email, credential_kind, credential_id, credential, client, country, website_id, \
         operation, target, before, after FROM audit_log l LEFT JOIN accounts a ON a.id = l.account_id \
         WHERE {whose} AND at BETWEEN ?1 AND ?2 AND (?3 IS NULL OR operation = ?3) AND (?4 IS NULL OR target = ?4) \
         AND (?5 IS NULL OR client = ?5) ORDER BY at DESC, l.id DESC LIMIT ?6 OFFSET ?7"
    ))
    .bind(filter.since.map_or(0, millis))
    .bind(filter.until.map_or(END_OF_TIME, millis))
    .bind(text(filter.operation.as_ref().map(Text::as_str)))
    .bind(text(filter.target.as_ref().map(Text::as_str)))
    .bind(filter.client.map(Client::as_str))
    .bind(filter.limit.get())
    .bind(filter.offset.get())
}

fn of_website(website: WebsiteId, filter: &Filter, account: Option<AccountId>) -> Statement {
    select("l.website_id = ?8 AND (?9 IS NULL OR l.account_id = ?9)", filter).bind(website).bind(account)
}

/// What an account has done; with a token of some websites, there.
fn of_account(account: AccountId, filter: &Filter, website: Option<WebsiteId>, scope: &WebsiteScope) -> Statement {
    let whose = "l.account_id = ?8 AND (?9 IS NULL OR l.website_id = ?9) \
                 AND (?10 OR l.website_id IN (SELECT value FROM json_each(?11)))";
    select(whose, filter).bind(account).bind(website).bind(scope.is_all()).bind_json(scope)
}

// ---- Handlers

/// GET: what was done to the website, newest first.
pub async fn of_one(call: WebsiteCall, input: Input<(Query<Filter>, Query<ByAccount>)>) -> Result<Listed, Error> {
    let plan = |batch: &mut Batch, website, (Query(filter), Query(by)): &(Query<Filter>, Query<ByAccount>)| {
        batch.read::<Row>(of_website(website, filter, by.account))
    };
    let (_, (Query(filter), _), rows, results) = call.enter(input, plan).await?;
    let entries = results.all(&rows)?.into_iter().map(Entry::from).collect();
    Ok(Listed { entries, format: filter.format })
}

/// GET: what the caller's account has done, newest first.
pub async fn of_own(
    call: AccountCall,
    (Query(filter), Query(by)): (Query<Filter>, Query<ByWebsite>),
) -> Result<Listed, Error> {
    let Principal::Account { account_id, scope, .. } = &call.principal else {
        return Err(Error::forbidden("a df_ website key has no account of its own"));
    };
    let rows: Vec<Row> = call.rows(of_account(*account_id, &filter, by.website, scope)).await?;
    Ok(Listed { entries: rows.into_iter().map(Entry::from).collect(), format: filter.format })
}

// ---- Cron

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Deletes what is older than `AUDIT_DAYS`.
pub async fn forget_old(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    let kept_ms = i64::from(platform.config().cap(AUDIT_DAYS)) * DAY_MS;
    Expired { table: "audit_log", key: "id", time: "at", kept_ms }.delete(platform, now).await
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_util::FutureExt;
    use serde_json::json;

    use super::*;
    use crate::http::input::{FromRaw, Raw};
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;

    fn filter(query: &str) -> Filter {
        let raw = Raw { query: query.to_owned(), ..Raw::default() };
        let Query(filter) = Query::<Filter>::from_raw(&raw).unwrap();
        filter
    }

    fn id<T: std::str::FromStr>(text: &str) -> T
    where
        T::Err: std::fmt::Debug,
    {
        format!("{text:0>24}").parse().unwrap()
    }

    fn database() -> Database {
        let database = Database::with_website();
        let of = |number: u32, account: &str, website: &str, operation: &str, client: &str| {
            format!(
                "INSERT INTO audit_log (id, at, account_id, credential_kind, client, operation, target, website_id) VALUES \
                 ('{number:0>24}', {}, '{account:0>24}', 'token', '{client}', '{operation}', 't{number}', '{website:0>24}');",
                number * 1_000
            )
        };
        for (number, account, website, operation, client) in [
            (1, "a1", "d1", "updateWebsite", "api"),
            (2, "a1", "d2", "updateWebsite", "console"),
            (3, "a2", "d1", "createFunnel", "cli"),
            (4, "a1", "d1", "createFunnel", "mcp"),
        ] {
            database.execute(&of(number, account, website, operation, client));
        }
        database
    }

    fn numbers(database: &Database, statement: Statement) -> Vec<u32> {
        let rows = database.batch::<Row>(&[statement]).unwrap().remove(0);
        rows.iter().map(|row| row.id.to_string().trim_start_matches('0').parse().unwrap()).collect()
    }

    #[test]
    fn each_filter_narrows_the_list_which_begins_with_the_newest() {
        let database = database();
        for (query, account, expected) in [
            ("", None, vec![4, 3, 1]),
            ("", Some("a2"), vec![3]),
            ("operation=createFunnel", None, vec![4, 3]),
            ("target=t1", None, vec![1]),
            ("client=cli", None, vec![3]),
            ("since=1970-01-01T00:00:03Z", None, vec![4, 3]),
            ("until=1970-01-01T00:00:03Z", None, vec![3, 1]),
            ("limit=1&offset=1", None, vec![3]),
        ] {
            let statement = of_website(id("d1"), &filter(query), account.map(id));
            assert_eq!(numbers(&database, statement), expected, "{query} {account:?}");
        }
        let all = WebsiteScope::default();
        let one = WebsiteScope::new(vec![id("d2")]);
        for (website, scope, expected) in [
            (None, &all, vec![4, 2, 1]),
            (Some("d2"), &all, vec![2]),
            (None, &one, vec![2]),
            (Some("d1"), &one, vec![]),
        ] {
            let statement = of_account(id("a1"), &filter(""), website.map(id), scope);
            assert_eq!(numbers(&database, statement), expected, "{website:?} {scope:?}");
        }
    }

    #[test]
    fn both_lists_are_read_from_their_index_in_its_order() {
        let database = database();
        let scope = WebsiteScope::default();
        for (statement, index) in [
            (of_website(id("d1"), &filter(""), None), "audit_log_by_website (website_id=? AND at>? AND at<?)"),
            (of_account(id("a1"), &filter(""), None, &scope), "audit_log_by_account (account_id=? AND at>? AND at<?)"),
        ] {
            let plan = database.plan(&statement);
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE") && !plan.contains("SCAN l"), "{plan}");
        }
    }

    #[test]
    fn what_is_old_is_forgotten() {
        const DAY: i64 = 86_400_000;
        for (days, after, left) in
            [(None, 365, vec![4, 3, 2]), (Some("10"), 10, vec![4, 3, 2]), (None, 364, vec![4, 3, 2, 1])]
        {
            let now = Timestamp::from_millis(1_500 + after * DAY);
            let memory =
                days.into_iter().fold(Memory::new(database(), now), |memory, days| memory.with("AUDIT_DAYS", days));
            let memory = Rc::new(memory);
            forget_old(&Platform::in_memory(memory.clone()), now).now_or_never().unwrap().unwrap();
            let rows = sql("SELECT * , NULL AS name, NULL AS email FROM audit_log ORDER BY at DESC");
            assert_eq!(numbers(&memory.database, rows), left, "{days:?}");
        }
    }

    #[test]
    fn changes_are_spelled_as_the_api_spells_them() {
        let before = r#"{"name":null,"isCookieless?":0,"excludedIps[]":null,"endsAt*":1779321600000,"secret!":1}"#;
        let after =
            r#"{"name":"Shop","isCookieless?":1,"excludedIps[]":"[\"203.0.113.7\"]","endsAt*":null,"secret!":1}"#;
        let of = |field: &str, before: Json, after: Json, is_secret| Change {
            field: field.to_owned(),
            before,
            after,
            is_secret,
        };
        let expected = vec![
            of("endsAt", json!("2026-05-21T00:00:00.000Z"), json!(null), false),
            of("excludedIps", json!(null), json!(["203.0.113.7"]), false),
            of("isCookieless", json!(false), json!(true), false),
            of("name", json!(null), json!("Shop"), false),
            of("secret", json!(null), json!(null), true),
        ];
        let sorted = |mut changes: Vec<Change>| {
            changes.sort_by(|one, other| one.field.cmp(&other.field));
            changes
        };
        assert_eq!(sorted(changes(Some(before), Some(after))), expected);
        assert_eq!(changes(None, Some(r#"{"name":"Shop"}"#)), [of("name", json!(null), json!("Shop"), false)]);
        assert_eq!(changes(Some(r#"{"name":"Shop"}"#), None), [of("name", json!("Shop"), json!(null), false)]);
        assert_eq!(changes(Some(r#"{"ips[]":"[\"1…"}"#), None), [of("ips", json!("[\"1…"), json!(null), false)]);
        assert_eq!(changes(None, None), []);
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (text, expected) in [
            ("shop", "shop"),
            ("=1+1", "'=1+1"),
            (" \u{0}@x", "' \u{0}@x"),
            ("\u{200b}=x", "'\u{200b}=x"),
            ("＝1", "'＝1"),
            ("\tx", "\"'\tx\""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a;b\r\n", "\"a;b\r\n\""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
        assert_eq!(line(&["a,b".to_owned(), String::new(), "=c".to_owned()]), "\"a,b\",,'=c\r\n");
    }
}
