//! D1: statements as plain values, run in batches. A batch is one round trip and one transaction.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::js_sys::{Array, Error, JSON};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::worker_sys::types::{D1Database, D1Result};

use super::error::PlatformError;
use super::meter::{Hop, Meter};
use super::runtime::Runtime;
use sluice_values::{Id, Timestamp};

/// The largest integer that a JavaScript number, and with it a bound parameter, holds exactly.
pub const MAX_EXACT: i64 = 1 << 53;

/// SQL with its bound parameters. A plain value: building one touches nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    sql: Cow<'static, str>,
    values: Vec<Value>,
}

/// A bound parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// An integer of at most 53 bits.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
}

/// A statement without parameters yet; `?1`, `?2`, … are bound in order.
pub fn sql(sql: impl Into<Cow<'static, str>>) -> Statement {
    Statement { sql: sql.into(), values: Vec::new() }
}

impl Statement {
    /// Binds the next parameter.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Binds the parameter that the text calls `:name`, wherever it stands there. D1 knows numbers only, so the name
    /// becomes the next number.
    #[must_use]
    pub fn bind_named(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        let number = format!("?{}", self.values.len());
        let mut text = String::with_capacity(self.sql.len());
        let mut pieces = self.sql.split(':');
        text.extend(pieces.next());
        for piece in pieces {
            let length = piece.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            match piece.split_at_checked(length) {
                Some((found, rest)) if found == name => text.extend([&number, rest]),
                _ => text.extend([":", piece]),
            }
        }
        self.sql = text.into();
        self
    }

    /// Binds the next parameter as the JSON text of `value`, for the JSON functions of SQLite.
    #[must_use]
    pub fn bind_json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        // Our own types always become JSON: their keys are strings and their numbers finite.
        let json = serde_json::to_string(value).unwrap_or_default();
        self.bind(json)
    }

    /// Its text and parameters, for tests that run it on a SQLite of their own.
    #[cfg(test)]
    pub fn parts(&self) -> (&str, &[Value]) {
        (&self.sql, &self.values)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}
impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Integer(truth.into())
    }
}
impl From<Timestamp> for Value {
    fn from(moment: Timestamp) -> Self {
        Self::Integer(moment.as_millis())
    }
}
impl<Kind> From<Id<Kind>> for Value {
    fn from(id: Id<Kind>) -> Self {
        Self::Text(id.to_string())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Statements that run as one transaction in one round trip. A statement whose rows are wanted gives out a [`Handle`], by
/// which [`Results`] hands the rows over: where a statement stands in the batch is nobody's business.
#[derive(Debug, Default)]
pub struct Batch {
    first: Vec<Statement>,
    statements: Vec<Statement>,
}

/// The rows of one statement of a [`Batch`], each of them a `T`.
#[derive(Debug)]
pub struct Handle<T> {
    index: usize,
    row: PhantomData<fn() -> T>,
}

impl Batch {
    pub fn new() -> Self {
        Self::default()
    }

    /// A batch of one statement whose rows are not read.
    pub fn of(statement: Statement) -> Self {
        let mut batch = Self::new();
        batch.run(statement);
        batch
    }

    /// Adds a statement whose rows are not read.
    pub fn run(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// Adds a statement whose rows are read.
    pub fn read<T>(&mut self, statement: Statement) -> Handle<T> {
        self.statements.push(statement);
        Handle { index: self.statements.len() - 1, row: PhantomData }
    }

    /// Adds a statement that runs before all others. Its rows are not read.
    pub fn run_first(&mut self, statement: Statement) {
        self.first.push(statement);
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.statements.is_empty()
    }

    /// The statements in the order in which they run.
    pub fn into_statements(self) -> Vec<Statement> {
        let mut statements = self.first;
        statements.extend(self.statements);
        statements
    }
}

/// The answers to a [`Batch`].
pub struct Results {
    first: usize,
    results: Vec<RowSet>,
}

impl Results {
    /// The rows of a statement.
    pub fn all<T: DeserializeOwned>(&self, handle: &Handle<T>) -> Result<Vec<T>, PlatformError> {
        let result = self.results.get(self.first + handle.index);
        let result = result.ok_or_else(|| PlatformError::new("fewer results than statements"))?;
        rows_of(result)
    }

    /// The first row of a statement, where it has one.
    pub fn first<T: DeserializeOwned>(&self, handle: &Handle<T>) -> Result<Option<T>, PlatformError> {
        Ok(self.all(handle)?.into_iter().next())
    }
}

/// The rows of one statement.
pub(super) enum RowSet {
    D1(JsValue),
    /// As a JSON array.
    #[cfg(test)]
    Memory(String),
}

fn rows_of<T: DeserializeOwned>(result: &RowSet) -> Result<Vec<T>, PlatformError> {
    let parse = |json: &str| serde_json::from_str(json).map_err(|error| PlatformError::new(format!("rows: {error}")));
    match result {
        RowSet::D1(result) => match result.unchecked_ref::<D1Result>().results()? {
            // One string for all rows, rather than a call into JavaScript for each field.
            Some(rows) => parse(&String::from(JSON::stringify(&rows)?)),
            None => Ok(Vec::new()),
        },
        #[cfg(test)]
        RowSet::Memory(json) => parse(json),
    }
}

/// The answers to the statements of one batch, taken in the order in which they were sent.
#[derive(Default)]
pub struct Rows {
    results: std::vec::IntoIter<RowSet>,
}

impl Rows {
    /// The rows of the next statement.
    pub fn all<T: DeserializeOwned>(&mut self) -> Result<Vec<T>, PlatformError> {
        let result = self.results.next().ok_or_else(|| PlatformError::new("fewer results than statements"))?;
        rows_of(&result)
    }

    /// The first row of the next statement, where it has one.
    pub fn first<T: DeserializeOwned>(&mut self) -> Result<Option<T>, PlatformError> {
        Ok(self.all()?.into_iter().next())
    }

    /// Passes over the next statement's answer.
    pub fn skip(&mut self) {
        self.results.next();
    }
}

/// The database of one request.
pub struct Database<'a> {
    runtime: &'a Runtime,
    meter: &'a Meter,
}

impl<'a> Database<'a> {
    /// The database among these bindings; its round trips count on `meter`.
    pub fn new(runtime: &'a Runtime, meter: &'a Meter) -> Self {
        Self { runtime, meter }
    }

    /// Runs a batch. An empty one makes no round trip.
    pub async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        let first = batch.first.len();
        let rows = self.batch(batch.into_statements()).await?;
        Ok(Results { first, results: rows.results.collect() })
    }

    /// Runs one statement and gives its rows.
    pub async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, PlatformError> {
        let mut batch = Batch::new();
        let rows = batch.read(statement);
        self.run(batch).await?.all(&rows)
    }

    /// Runs the statements in order, as one transaction in one round trip. No statements, no trip.
    pub async fn batch(&self, statements: Vec<Statement>) -> Result<Rows, PlatformError> {
        if statements.is_empty() {
            return Ok(Rows::default());
        }
        let start = self.runtime.now();
        let results = match self.runtime {
            Runtime::Workers(env) => run_on_d1(JsValue::from(env.d1("DB")?).unchecked_into(), statements).await,
            #[cfg(test)]
            Runtime::Memory(memory) => memory.run(&statements),
        };
        self.meter.record(Hop::Database, start, self.runtime.now());
        Ok(Rows { results: results?.into_iter() })
    }
}

async fn run_on_d1(database: D1Database, statements: Vec<Statement>) -> Result<Vec<RowSet>, PlatformError> {
    let prepared = statements
        .into_iter()
        .map(|statement| -> Result<JsValue, PlatformError> {
            let values = statement.values.iter().map(to_js).collect::<Result<Array, _>>()?;
            let prepared = database.prepare(&statement.sql)?;
            Ok(if values.length() == 0 { prepared } else { prepared.bind(values)? }.into())
        })
        .collect::<Result<Array, PlatformError>>()?;
    let results = JsFuture::from(database.batch(prepared)?).await.map_err(cause)?;
    Ok(results.unchecked_into::<Array>().iter().map(RowSet::D1).collect())
}

/// What SQLite said. D1 wraps it in an error of its own.
fn cause(error: JsValue) -> PlatformError {
    let Ok(error) = error.dyn_into::<Error>() else { return PlatformError::new("D1 failed without an error") };
    let said = error.cause().dyn_into::<Error>().map_or_else(|_| error.message(), |cause| cause.message());
    PlatformError::new(String::from(said))
}

fn to_js(value: &Value) -> Result<JsValue, PlatformError> {
    match value {
        Value::Null => Ok(JsValue::NULL),
        Value::Text(text) => Ok(JsValue::from_str(text)),
        Value::Real(number) => Ok(JsValue::from_f64(*number)),
        #[expect(clippy::cast_precision_loss, reason = "the guard keeps the number exact")]
        Value::Integer(number) if number.abs() <= MAX_EXACT => Ok(JsValue::from_f64(*number as f64)),
        Value::Integer(number) => Err(PlatformError::new(format!("{number} is beyond 53 bits"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_parameter_becomes_its_number_wherever_it_stands() {
        let statement = sql("SELECT :now, ':nowhere', :id, :now_or_never FROM t WHERE a=:now AND b = 'x:y'")
            .bind_named("now", 7_i64)
            .bind_named("now_or_never", 8_i64)
            .bind_named("id", "x");
        let (text, values) = statement.parts();
        assert_eq!(text, "SELECT ?1, ':nowhere', ?3, ?2 FROM t WHERE a=?1 AND b = 'x:y'");
        assert_eq!(values, [Value::Integer(7), Value::Integer(8), Value::Text("x".to_owned())]);
    }
}

#[cfg(test)]
pub mod memory {
    //! D1 in memory, for tests of statements.

    use serde_json::{Map, Value as Json};

    use super::*;

    /// A database with all migrations applied.
    pub struct Memory(rusqlite::Connection);

    impl Default for Memory {
        fn default() -> Self {
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
            let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            for file in files {
                connection.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
            }
            Self(connection)
        }
    }

    impl Memory {
        /// Runs statements that take no parameters.
        pub fn execute(&self, statements: &str) {
            self.0.execute_batch(statements).unwrap();
        }

        /// A database with one website, which is `0000000000000000000000d1`.
        pub fn with_website() -> Self {
            let database = Self::default();
            database.execute(
                "INSERT INTO accounts (id, email, created_at) VALUES ('a', 'a', 0);
                 INSERT INTO websites (id, owner_id, domain, tracking_id, timezone, currency, created_at)
                 VALUES ('0000000000000000000000d1', 'a', 'example.com', 't', 'UTC', 'USD', 0);",
            );
            database
        }

        /// How SQLite would go about a statement, in its own words.
        pub fn plan(&self, statement: &Statement) -> String {
            let explained = format!("EXPLAIN QUERY PLAN {}", statement.sql);
            let rows = self.rows(&explained, &statement.values);
            rows.unwrap().iter().map(|row| row["detail"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("; ")
        }

        /// Runs statements as one transaction; the rows of each.
        pub fn batch<T: DeserializeOwned>(&self, statements: &[Statement]) -> Result<Vec<Vec<T>>, String> {
            let transaction = self.0.unchecked_transaction().unwrap();
            let rows = statements.iter().map(|statement| {
                let rows = self.rows(&statement.sql, &statement.values)?;
                Ok(rows.into_iter().map(|row| serde_json::from_value(row).unwrap()).collect())
            });
            let rows = rows.collect::<Result<_, String>>()?;
            transaction.commit().unwrap();
            Ok(rows)
        }

        fn rows(&self, statement: &str, values: &[Value]) -> Result<Vec<Json>, String> {
            let run = || {
                let mut prepared = self.0.prepare(statement)?;
                let names: Vec<_> = prepared.column_names().map(str::to_owned).collect();
                let rows = prepared.query_map(rusqlite::params_from_iter(values), |row| {
                    let fields = names.iter().enumerate().map(|(at, name)| {
                        let value = match row.get_ref(at)? {
                            rusqlite::types::ValueRef::Null => Json::Null,
                            rusqlite::types::ValueRef::Integer(number) => number.into(),
                            rusqlite::types::ValueRef::Real(number) => number.into(),
                            rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                            rusqlite::types::ValueRef::Blob(_) => panic!("D1 has no blobs of ours"),
                        };
                        Ok((name.clone(), value))
                    });
                    fields.collect::<rusqlite::Result<Map<_, _>>>().map(Json::Object)
                })?;
                rows.collect::<rusqlite::Result<Vec<_>>>()
            };
            run().map_err(|error| format!("{error}: {statement}"))
        }
    }

    impl rusqlite::ToSql for Value {
        fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
            use rusqlite::types::{ToSqlOutput, ValueRef};
            Ok(ToSqlOutput::Borrowed(match self {
                Self::Null => ValueRef::Null,
                // JavaScript has one kind of number.
                #[expect(clippy::cast_precision_loss, reason = "below 2^53, as there")]
                Self::Integer(number) => ValueRef::Real(*number as f64),
                Self::Real(number) => ValueRef::Real(*number),
                Self::Text(text) => ValueRef::Text(text.as_bytes()),
            }))
        }
    }
}
