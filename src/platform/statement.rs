//! SQL as plain values, and typed handles to the rows of a batch.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sluice_values::{Id, Text, Timestamp};
use worker::wasm_bindgen::JsValue;

use super::error::PlatformError;

/// The largest integer that a JavaScript number, and therefore a bound parameter, holds exactly.
pub const MAX_EXACT: i64 = 1 << 53;

/// SQL with its bound parameters, as a plain value.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Parameter>,
}

/// A bound parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Parameter {
    /// NULL.
    Null,
    /// An integer of at most 53 bits.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
}

/// A statement without parameters so far; `?1`, `?2`, … are bound in order.
pub fn sql(sql: impl Into<Cow<'static, str>>) -> Statement {
    Statement { sql: sql.into(), values: Vec::new() }
}

impl Statement {
    /// The statement as `bindings.js` takes it.
    pub(super) fn to_send(&self) -> Result<(&str, &[Parameter]), PlatformError> {
        let too_large = self.values.iter().find_map(|value| match value {
            Parameter::Integer(number) => Some(number).filter(|number| number.abs() > MAX_EXACT),
            _ => None,
        });
        match too_large {
            Some(number) => Err(PlatformError::new(format!("{number} is beyond 53 bits"))),
            None => Ok((&self.sql, &self.values)),
        }
    }

    /// Whether it is anything but a plain SELECT.
    pub(super) fn may_write(&self) -> bool {
        !self.sql.trim_start().starts_with("SELECT")
    }

    /// Binds the next parameter.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Parameter>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Binds every occurrence of the parameter `:name`. D1 supports numbered parameters only, so the name becomes the
    /// next number.
    #[must_use]
    pub fn bind_named(mut self, name: &str, value: impl Into<Parameter>) -> Self {
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

    /// Appends to the text.
    #[must_use]
    pub fn then(mut self, sql: &str) -> Self {
        self.sql.to_mut().push_str(sql);
        self
    }

    /// Binds the next parameter as the JSON text of `value`, for the JSON functions of SQLite.
    #[must_use]
    pub fn bind_json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        self.bind(json(value))
    }

    /// The text and the parameters, for tests that run the statement on a SQLite of their own.
    #[cfg(test)]
    pub fn parts(&self) -> (&str, &[Parameter]) {
        (&self.sql, &self.values)
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    // Our own types always serialize: their keys are strings and their numbers finite.
    serde_json::to_string(value).unwrap_or_default()
}

/// Column values of one row, of which its INSERT or UPDATE is made.
#[derive(Debug, Clone, Default)]
pub struct RowValues(Vec<(&'static str, Parameter)>);

impl RowValues {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with(mut self, column: &'static str, value: impl Into<Parameter>) -> Self {
        self.0.push((column, value.into()));
        self
    }

    /// Adds the JSON text of `value`.
    #[must_use]
    pub fn with_json<T: Serialize + ?Sized>(self, column: &'static str, value: &T) -> Self {
        self.with(column, json(value))
    }

    /// Adds the column if there is a value for it.
    #[must_use]
    pub fn with_some(self, column: &'static str, value: Option<impl Into<Parameter>>) -> Self {
        match value {
            Some(value) => self.with(column, value),
            None => self,
        }
    }

    /// `INSERT INTO table (…) VALUES (…)`.
    pub fn insert(self, table: &str) -> Statement {
        let columns: Vec<&str> = self.0.iter().map(|(column, _)| *column).collect();
        let numbers: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
        let text = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), numbers.join(", "));
        Statement { sql: text.into(), values: self.0.into_iter().map(|(_, value)| value).collect() }
    }

    /// `INSERT INTO table (…) SELECT …`, for a condition to follow: see [`Statement::then`].
    pub fn insert_where(self, table: &str) -> Statement {
        let columns: Vec<&str> = self.0.iter().map(|(column, _)| *column).collect();
        let numbers: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
        let text = format!("INSERT INTO {table} ({}) SELECT {}", columns.join(", "), numbers.join(", "));
        Statement { sql: text.into(), values: self.0.into_iter().map(|(_, value)| value).collect() }
    }

    /// `UPDATE table SET …`, for a condition to follow: see [`Statement::then`].
    pub fn update(self, table: &str) -> Statement {
        let set: Vec<String> =
            self.0.iter().enumerate().map(|(index, (column, _))| format!("{column} = ?{}", index + 1)).collect();
        let text = format!("UPDATE {table} SET {}", set.join(", "));
        Statement { sql: text.into(), values: self.0.into_iter().map(|(_, value)| value).collect() }
    }

    /// The row as a SELECT of its columns would read it.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, PlatformError> {
        let columns = self.0.iter().map(|(column, value)| {
            let value = match value {
                Parameter::Null => serde_json::Value::Null,
                Parameter::Integer(number) => (*number).into(),
                Parameter::Real(number) => (*number).into(),
                Parameter::Text(text) => text.as_str().into(),
            };
            ((*column).to_owned(), value)
        });
        let row = serde_json::Value::Object(columns.collect());
        serde_json::from_value(row).map_err(|error| PlatformError::new(format!("rows: {error}")))
    }
}

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for Parameter {
    fn from(text: Text<MIN, MAX>) -> Self {
        Self::Text(text.as_str().to_owned())
    }
}
impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Parameter {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}
impl From<u32> for Parameter {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}
impl From<f64> for Parameter {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}
impl From<bool> for Parameter {
    fn from(truth: bool) -> Self {
        Self::Integer(truth.into())
    }
}
impl From<Timestamp> for Parameter {
    fn from(moment: Timestamp) -> Self {
        Self::Integer(moment.as_millis())
    }
}
impl<Kind> From<Id<Kind>> for Parameter {
    fn from(id: Id<Kind>) -> Self {
        Self::Text(id.to_string())
    }
}
impl<T: Into<Parameter>> From<Option<T>> for Parameter {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Statements that run as one transaction in one round trip. A statement whose rows are needed returns a [`Handle`],
/// with which [`Results`] finds the rows; the position of a statement in the batch does not matter.
#[derive(Debug, Default)]
pub struct Batch {
    pub(super) first: Vec<Statement>,
    statements: Vec<Statement>,
    /// The positions in `statements` whose rows are read.
    read: Vec<usize>,
}

/// Refers to the rows of one statement of a [`Batch`], each of them a `T`.
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
        let index = self.statements.len() - 1;
        self.read.push(index);
        Handle { index, row: PhantomData }
    }

    /// Adds a statement that runs before all others. Its rows are not read.
    pub fn run_first(&mut self, statement: Statement) {
        self.first.push(statement);
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.statements.is_empty()
    }

    /// Whether any statement is anything but a plain SELECT.
    pub fn may_write(&self) -> bool {
        self.first.iter().chain(&self.statements).any(Statement::may_write)
    }

    /// The statements in the order in which they run, each with whether its rows are read.
    pub(super) fn each(&self) -> impl Iterator<Item = (&Statement, bool)> {
        let first = self.first.iter().map(|statement| (statement, false));
        first.chain(self.statements.iter().enumerate().map(|(at, statement)| (statement, self.read.contains(&at))))
    }

    /// The statements in the order in which they run.
    pub fn into_statements(self) -> Vec<Statement> {
        let mut statements = self.first;
        statements.extend(self.statements);
        statements
    }
}

/// The results of a [`Batch`].
pub struct Results {
    pub(super) first: usize,
    pub(super) results: Vec<RowSet>,
    /// The size of the database in bytes, after the batch.
    pub(super) size: Option<i64>,
}

impl Results {
    /// The rows of a statement.
    pub fn all<T: DeserializeOwned>(&self, handle: &Handle<T>) -> Result<Vec<T>, PlatformError> {
        let result = self.results.get(self.first + handle.index);
        let result = result.ok_or_else(|| PlatformError::new("fewer results than statements"))?;
        rows_of(result)
    }

    /// The size of the database in bytes, if it says so.
    pub fn database_size(&self) -> Option<i64> {
        self.size
    }

    /// The first row of a statement, if any.
    pub fn first<T: DeserializeOwned>(&self, handle: &Handle<T>) -> Result<Option<T>, PlatformError> {
        Ok(self.all(handle)?.into_iter().next())
    }
}

/// The rows of one statement, as a JSON array. Text costs less than a call into JavaScript for each field, and rows that
/// nobody reads stay in JavaScript.
pub(super) enum RowSet {
    D1(JsValue),
    /// Of another database than D1.
    Json(String),
}

fn rows_of<T: DeserializeOwned>(result: &RowSet) -> Result<Vec<T>, PlatformError> {
    let parse = |json: &str| serde_json::from_str(json).map_err(|error| PlatformError::new(format!("rows: {error}")));
    match result {
        RowSet::D1(json) => parse(&json.as_string().unwrap_or_default()),
        RowSet::Json(json) => parse(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_writes_its_insert_and_its_update_and_reads_back() {
        let row = RowValues::new().with("id", "x").with("count", 7_i64).with("note", None::<String>);
        let values = [Parameter::Text("x".to_owned()), Parameter::Integer(7), Parameter::Null];
        let insert = row.clone().insert("t");
        assert_eq!(insert.parts(), ("INSERT INTO t (id, count, note) VALUES (?1, ?2, ?3)", values.as_slice()));
        let update = row.clone().update("t").then(" WHERE id = :id").bind_named("id", "y");
        assert_eq!(update.parts().0, "UPDATE t SET id = ?1, count = ?2, note = ?3 WHERE id = ?4");
        let read: serde_json::Value = row.read().unwrap();
        assert_eq!(read, serde_json::json!({ "id": "x", "count": 7, "note": null }));
    }

    #[test]
    fn a_named_parameter_becomes_its_number_at_every_occurrence() {
        let statement = sql("SELECT :now, ':nowhere', :id, :now_or_never FROM t WHERE a=:now AND b = 'x:y'")
            .bind_named("now", 7_i64)
            .bind_named("now_or_never", 8_i64)
            .bind_named("id", "x");
        let (text, values) = statement.parts();
        assert_eq!(text, "SELECT ?1, ':nowhere', ?3, ?2 FROM t WHERE a=?1 AND b = 'x:y'");
        assert_eq!(values, [Parameter::Integer(7), Parameter::Integer(8), Parameter::Text("x".to_owned())]);
    }
}
