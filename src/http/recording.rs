//! What the audit log keeps of a write (docs/audit.md). The row of the table of routes says what that is.
//!
//! A write's row goes into the batch of the write itself: the old values are read before its first statement and the new ones after
//! its last, so they are what this write found and left, whatever runs beside it. A batch that has changed nothing leaves no row.
//! Values come from a list of columns; a column that is not in it is never read.

use std::cell::{Cell, RefCell};

use serde::de::IgnoredAny;
use serde_json::Value as Json;

use crate::auth::access::Principal;
use crate::platform::database::{Batch, Handle, Statement, sql};
use sluice_values::{AccountId, AuditId, Timestamp, WebsiteId};

/// The most characters that are kept of a value.
pub const LONGEST_VALUE: u32 = 1_000;
/// The most pairs of one `json_object`: D1's functions take 32 arguments.
const MOST_PAIRS: usize = 16;

/// What names of values end with, for their kind: see [`Subject::values`].
pub const MARKS: [char; 5] = ['?', '*', '[', ']', '!'];

/// What is kept of a route's calls.
#[derive(Debug, Clone, Copy)]
pub enum Record {
    /// Who and when, and what is different in a row of a table.
    Row(Subject),
    /// Who and when: what it does is no row's change.
    Deed,
    /// Nothing; the text says why.
    Nothing(&'static str),
}

/// A row that a write changes.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    pub table: &'static str,
    /// The condition that finds the row: `?2` is the website, `?3` the target.
    pub row: &'static str,
    /// An expression for the website's id where the request does not name it, or nothing.
    pub website: &'static str,
    /// The values that are kept, each by its name in the API. Its column is spelled the same with underscores, or stands behind a
    /// `=`; behind an `@` is a setting of a website. A mark behind the name says what the value is: `?` a truth, `*` a time, `[]`
    /// JSON, `!` a secret, of which is kept only that it is another.
    pub values: &'static str,
}

impl Subject {
    /// The name with its mark, and the column, of each value.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.values.split(' ').map(|value| match (value.strip_prefix('@'), value.split_once('=')) {
            (Some(name), _) => (name, format!("settings ->> '$.{}'", name.trim_end_matches(MARKS))),
            (None, Some((name, column))) => (name, column.to_owned()),
            (None, None) => (value, snake_case(value.trim_end_matches(MARKS))),
        })
    }

    /// Reads the row's values as one JSON object; nothing where there is no such row.
    fn read(&self) -> String {
        let pairs: Vec<String> = self.columns().map(|(name, column)| format!("'{name}', {column}")).collect();
        let mut parts = pairs.chunks(MOST_PAIRS).map(|pairs| format!("json_object({})", pairs.join(", ")));
        let first = parts.next().unwrap_or_default();
        let object = parts.fold(first, |all, part| format!("json_patch({all}, {part})"));
        format!("(SELECT {object} FROM {} WHERE {})", self.table, self.row)
    }
}

/// What is kept of a value that is no column's.
pub fn kept(value: &Json) -> Json {
    let most = usize::try_from(LONGEST_VALUE).unwrap_or(usize::MAX);
    match value.as_str().and_then(|text| text.char_indices().nth(most).map(|(end, _)| text.split_at(end).0)) {
        Some(start) => format!("{start}…").into(),
        None => value.clone(),
    }
}

fn snake_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// Who does something, and with what.
#[derive(Debug, Clone)]
pub struct Actor {
    pub account: Option<AccountId>,
    pub kind: &'static str,
    pub credential: Option<String>,
}

impl From<&Principal> for Actor {
    fn from(principal: &Principal) -> Self {
        let (kind, credential) = match principal {
            Principal::Account { id, session: Some(_), .. } => ("session", id.to_string()),
            Principal::Account { id, expires_at: Some(_), .. } => ("application", id.to_string()),
            Principal::Account { id, .. } => ("token", id.to_string()),
            Principal::WebsiteKey { id, .. } => ("key", id.to_string()),
        };
        Self { account: principal.maker(), kind, credential: Some(credential) }
    }
}

/// One request's row of the audit log.
#[derive(Debug)]
pub struct Entry {
    pub id: AuditId,
    pub at: Timestamp,
    pub record: Record,
    pub operation: &'static str,
    pub client: &'static str,
    pub country: Option<String>,
    pub website: Cell<Option<WebsiteId>>,
    pub actor: RefCell<Actor>,
    pub target: RefCell<Option<String>>,
    /// Of something done that is no row's change: the values before and after, as JSON.
    pub values: RefCell<Option<[String; 2]>>,
    /// Whether there is nothing to write, any more or at all.
    pub is_done: Cell<bool>,
}

impl Entry {
    /// Adds the row to a batch that changes something, unless another one has it. The handle has a row if nothing was changed.
    pub fn add(&self, batch: &mut Batch) -> Option<Handle<IgnoredAny>> {
        let Record::Row(subject) = &self.record else { return None };
        if self.is_done.get() || !batch.may_write() {
            return None;
        }
        batch.run_first(self.insert(Some(subject)));
        batch.run(self.conclude(subject));
        let untouched = sql("DELETE FROM audit_log WHERE id = ?1 AND before IS NULL AND after IS NULL RETURNING id");
        Some(batch.read(untouched.bind(self.id)))
    }

    /// The statement that writes the row of something done, if it is still to be written.
    pub fn of_deed(&self) -> Option<Statement> {
        let is_due = matches!(self.record, Record::Deed) && !self.is_done.get();
        is_due.then(|| self.insert(None))
    }

    fn insert(&self, subject: Option<&Subject>) -> Statement {
        let before = subject.map_or_else(|| "?11".to_owned(), Subject::read);
        let [found, left] = self.values.borrow().clone().map_or([None, None], |values| values.map(Some));
        let website = match subject {
            Some(Subject { website, .. }) if !website.is_empty() => format!("coalesce(?2, {website})"),
            _ => "?2".to_owned(),
        };
        let named = |table: &str| {
            format!("(SELECT iif(name IS NULL, display_key, name || ' ' || display_key) FROM {table} WHERE id = ?7)")
        };
        let actor = self.actor.borrow();
        sql(format!(
            "INSERT INTO audit_log (id, website_id, target, at, account_id, credential_kind, credential_id, credential, client, \
             country, operation, before, after) \
             VALUES (?1, {website}, ?3, ?4, ?5, ?6, ?7, coalesce({}, {}), ?8, ?9, ?10, {before}, ?12)",
            named("access_tokens"),
            named("website_keys")
        ))
        .bind(self.id)
        .bind(self.website.get())
        .bind(self.target.borrow().clone())
        .bind(self.at)
        .bind(actor.account)
        .bind(actor.kind)
        .bind(actor.credential.clone())
        .bind(self.client)
        .bind(self.country.clone())
        .bind(self.operation)
        .bind(found)
        .bind(left)
    }

    /// Leaves of the old values, and adds of the new ones, what is different.
    fn conclude(&self, subject: &Subject) -> Statement {
        let side = |object: &str| {
            let value = format!("{object} ->> ('$.\"' || key || '\"')");
            format!(
                "iif({object} IS NULL, NULL, json_group_object(key, CASE WHEN {value} IS NULL THEN NULL \
                 WHEN substr(key, -1) = '!' THEN 1 WHEN length({value}) > {LONGEST_VALUE} \
                 THEN substr({value}, 1, {LONGEST_VALUE}) || '…' ELSE {value} END))"
            )
        };
        sql(format!(
            "UPDATE audit_log SET (before, after) = (SELECT {}, {} \
             FROM (SELECT audit_log.before AS old, {} AS new), json_each(coalesce(new, old)) \
             WHERE old ->> ('$.\"' || key || '\"') IS NOT new ->> ('$.\"' || key || '\"')) WHERE id = ?1",
            side("old"),
            side("new"),
            subject.read()
        ))
        .bind(self.id)
        .bind(self.website.get())
        .bind(self.target.borrow().clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::database::memory::Memory as Database;

    const WEBSITE: &str = "0000000000000000000000d1";
    const NOTE: Record = of("notes", "text timestamp*=noted_at");
    const KEY: Record = of("website_keys", "displayKey key!=token_hash");
    const NAME: Record = of("websites", "name");

    const fn of(table: &'static str, values: &'static str) -> Record {
        Record::Row(Subject { table, row: "id = ?3", website: "", values })
    }

    fn entry(record: Record, target: &str, number: u8) -> Entry {
        Entry {
            id: AuditId::new(Timestamp::from_millis(0), [number; 8]),
            at: Timestamp::from_millis(i64::from(number)),
            record,
            operation: "changeIt",
            client: "api",
            country: Some("FR".to_owned()),
            website: Cell::new(WEBSITE.parse().ok()),
            actor: RefCell::new(Actor { account: None, kind: "link", credential: None }),
            target: RefCell::new(Some(target.to_owned())),
            values: RefCell::default(),
            is_done: Cell::new(false),
        }
    }

    /// Runs a write with its row; returns the row's two sides, if it is there.
    fn write(database: &Database, entry: &Entry, statement: &str) -> Option<(Json, Json)> {
        let mut batch = Batch::of(sql(statement.to_owned()));
        entry.add(&mut batch).unwrap();
        database.batch::<Json>(&batch.into_statements()).unwrap();
        let row = sql("SELECT before, after FROM audit_log WHERE id = ?1").bind(entry.id);
        let row = database.batch::<Json>(&[row]).unwrap().remove(0).pop()?;
        let side = |side: &Json| side.as_str().map_or(Json::Null, |side| serde_json::from_str(side).unwrap());
        Some((side(&row["before"]), side(&row["after"])))
    }

    #[test]
    fn what_a_write_found_and_left_is_kept_and_what_it_did_not_touch_is_not() {
        let database = Database::with_website();
        let next = Cell::new(0);
        let write = |statement: &str| {
            next.set(next.get() + 1);
            write(&database, &entry(NOTE, "n1", next.get()), statement)
        };
        let insert = format!(
            "INSERT INTO notes (id, website_id, text, searched, noted_at, created_at, updated_at) \
             VALUES ('n1', '{WEBSITE}', 'a', 'a', 5, 0, 0)"
        );
        assert_eq!(write("UPDATE notes SET text = 'x' WHERE id = 'n1'"), None, "there is none");
        assert_eq!(write(&insert), Some((Json::Null, json!({ "text": "a", "timestamp*": 5 }))));
        assert_eq!(write("UPDATE notes SET text = 'a', updated_at = 9"), None, "nothing is different");
        let changed = write("UPDATE notes SET text = 'b', searched = 'b'");
        assert_eq!(changed, Some((json!({ "text": "a" }), json!({ "text": "b" }))));
        assert_eq!(write("UPDATE notes SET text = 'c' WHERE id = 'n2'"), None, "another one's");
        assert_eq!(write("DELETE FROM notes"), Some((json!({ "text": "b", "timestamp*": 5 }), Json::Null)));
        assert_eq!(write("DELETE FROM notes"), None, "it is gone");
    }

    #[test]
    fn a_long_value_is_cut_and_told_from_another_beyond_the_cut() {
        let database = Database::with_website();
        let text = |end: &str| format!("{}{end}", "é".repeat(LONGEST_VALUE as usize));
        database.execute(&format!(
            "INSERT INTO notes (id, website_id, text, searched, noted_at, created_at, updated_at) \
             VALUES ('n1', '{WEBSITE}', '{}', 'a', 5, 0, 0)",
            text("a")
        ));
        let set = |end: &str| format!("UPDATE notes SET text = '{}'", text(end));
        let cut = json!({ "text": text("…") });
        assert_eq!(write(&database, &entry(NOTE, "n1", 1), &set("b")), Some((cut.clone(), cut)));
        assert_eq!(write(&database, &entry(NOTE, "n1", 2), &set("b")), None);
    }

    #[test]
    fn a_value_of_no_column_is_cut_alike() {
        let text = "é".repeat(LONGEST_VALUE as usize);
        assert_eq!(kept(&json!(text)), json!(text));
        assert_eq!(kept(&json!(format!("{text}a"))), json!(format!("{text}…")));
        assert_eq!(kept(&json!(5)), json!(5));
    }

    #[test]
    fn of_a_secret_is_kept_only_that_it_is_another() {
        let database = Database::with_website();
        database.execute(&format!(
            "INSERT INTO website_keys (id, website_id, token_hash, display_key, created_at) VALUES ('k', '{WEBSITE}', 'old', 'd', 0)"
        ));
        let entry = entry(KEY, "k", 1);
        let kept = write(&database, &entry, "UPDATE website_keys SET token_hash = 'new', display_key = 'e'").unwrap();
        let side = |display: &str| json!({ "displayKey": display, "key!": 1 });
        assert_eq!(kept, (side("d"), side("e")));
    }

    #[test]
    fn a_write_that_fails_leaves_no_row_and_one_of_several_batches_leaves_one() {
        let database = Database::with_website();
        let entry = entry(NAME, WEBSITE, 1);
        let mut batch = Batch::of(sql("UPDATE websites SET name = 'x'"));
        batch.run(sql("INSERT INTO revocations VALUES (NULL, 0)"));
        entry.add(&mut batch).unwrap();
        assert!(database.batch::<Json>(&batch.into_statements()).is_err());
        let count =
            || database.batch::<Json>(&[sql("SELECT count(*) AS n FROM audit_log")]).unwrap()[0][0]["n"].clone();
        assert_eq!(count(), 0);
        assert_eq!(write(&database, &entry, "UPDATE websites SET created_at = 1"), None);
        assert!(write(&database, &entry, "UPDATE websites SET name = 'x'").is_some());
        entry.is_done.set(true);
        assert!(entry.add(&mut Batch::of(sql("UPDATE websites SET name = 'y'"))).is_none());
        assert!(self::entry(NAME, WEBSITE, 2).add(&mut Batch::of(sql("SELECT 1"))).is_none(), "it only reads");
        assert_eq!(count(), 1);
    }
}
