//! The subset of SQLite's API that the engine uses, as a trait. Under workerd it is the Durable Object's storage, in
//! tests SQLite in memory. Both are the same database engine, so native tests are valid for both.

use serde::de::DeserializeOwned;

use crate::error::Error;
use sluice_values::{Currency, Timestamp, VisitorId, hex};

/// A bound parameter, or a field of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    /// An integer of at most 53 bits.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl Value {
    /// What it is, for error messages, which say nothing of what is stored.
    const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Integer(_) => "another integer",
            Self::Real(_) => "a floating-point number",
            Self::Text(_) => "another text",
            Self::Blob(_) => "other bytes",
        }
    }
}

/// As a value of JSON; bytes are in hexadecimal.
impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Integer(number) => to.serialize_i64(*number),
            Self::Real(number) => to.serialize_f64(*number),
            Self::Text(text) => to.serialize_str(text),
            Self::Blob(bytes) => to.serialize_str(&hex(bytes)),
        }
    }
}

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        })*
    };
}

from! {
    i64 => |number| Self::Integer(number),
    bool => |truth| Self::Integer(truth.into()),
    u32 => |number| Self::Integer(number.into()),
    &str => |text| Self::Text(text.to_owned()),
    String => |text| Self::Text(text),
    &String => |text| Self::Text(text.clone()),
    Vec<u8> => |bytes| Self::Blob(bytes),
    &[u8] => |bytes| Self::Blob(bytes.to_vec()),
    Timestamp => |moment| Self::Integer(moment.as_millis()),
    VisitorId => |id| Self::Blob(id.as_bytes().to_vec()),
    Currency => |currency| Self::Text(currency.as_str().to_owned()),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row, read field by field in the order of the statement's columns.
#[derive(Debug, Clone)]
pub struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub fn new(fields: Vec<Value>) -> Self {
        Self(fields.into_iter())
    }

    /// The next field, converted to the expected type.
    #[expect(clippy::should_implement_trait, reason = "an iterator whose items have one type each")]
    pub fn next<T: Field>(&mut self) -> Result<T, Error> {
        let value = self.0.next().ok_or_else(|| Error::new("fewer columns than are read"))?;
        T::of(value).map_err(|found| Error::new(format!("a column holds {}", found.type_name())))
    }

    /// The next field, as the JSON text of a value.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        let text: String = self.next()?;
        serde_json::from_str(&text).map_err(|error| Error::new(format!("stored JSON: {error}")))
    }
}

impl Row {
    /// The next field, as the JSON text of a value; the default if it is NULL.
    pub fn optional_json<T: DeserializeOwned + Default>(&mut self) -> Result<T, Error> {
        let read =
            |text: String| serde_json::from_str(&text).map_err(|error| Error::new(format!("stored JSON: {error}")));
        self.next::<Option<String>>()?.map_or_else(|| Ok(T::default()), read)
    }
}

/// A type that a field can be read as.
pub trait Field: Sized {
    /// Converts the value, or returns it unchanged.
    fn of(value: Value) -> Result<Self, Value>;
}

impl Field for Value {
    fn of(value: Value) -> Result<Self, Value> {
        Ok(value)
    }
}

impl Field for i64 {
    fn of(value: Value) -> Result<Self, Value> {
        match value {
            Value::Integer(number) => Ok(number),
            // JavaScript has only one numeric type, so sums may arrive as floating-point numbers.
            #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
            Value::Real(number) if number.fract() == 0.0 && number.abs() <= 9e15 => Ok(number as Self),
            other => Err(other),
        }
    }
}

impl Field for bool {
    fn of(value: Value) -> Result<Self, Value> {
        i64::of(value).map(|number| number != 0)
    }
}

impl Field for String {
    fn of(value: Value) -> Result<Self, Value> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(other),
        }
    }
}

impl Field for Vec<u8> {
    fn of(value: Value) -> Result<Self, Value> {
        match value {
            Value::Blob(bytes) => Ok(bytes),
            other => Err(other),
        }
    }
}

impl Field for Timestamp {
    fn of(value: Value) -> Result<Self, Value> {
        i64::of(value).map(Self::from_millis)
    }
}

impl Field for VisitorId {
    fn of(value: Value) -> Result<Self, Value> {
        let bytes = Vec::<u8>::of(value)?;
        <[u8; 16]>::try_from(bytes).map(Self::from_bytes).map_err(Value::Blob)
    }
}

impl Field for Currency {
    fn of(value: Value) -> Result<Self, Value> {
        let code = String::of(value)?;
        code.parse().map_err(|_| Value::Text(code))
    }
}

impl<T: Field> Field for Option<T> {
    fn of(value: Value) -> Result<Self, Value> {
        match value {
            Value::Null => Ok(None),
            other => T::of(other).map(Some),
        }
    }
}

/// A SQLite database that nothing else writes to.
pub trait Sql {
    /// Runs one statement with its parameters bound as `?1`, `?2`, …, and returns all rows.
    fn rows(&self, statement: &str, values: &[Value]) -> Result<Vec<Row>, Error>;

    /// Runs one statement, and returns its rows as a JSON array of objects by the names of the columns.
    fn objects(&self, statement: &str, values: &[Value]) -> Result<String, Error>;

    /// Runs `work` as one transaction: either all its writes take effect, or none.
    fn transaction(&self, work: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error>;

    /// The database's size in bytes.
    fn size(&self) -> Result<i64, Error>;

    /// Runs one statement for its effect.
    fn run(&self, statement: &str, values: &[Value]) -> Result<(), Error> {
        self.rows(statement, values).map(|_| ())
    }

    /// The first row, if any.
    fn first(&self, statement: &str, values: &[Value]) -> Result<Option<Row>, Error> {
        Ok(self.rows(statement, values)?.into_iter().next())
    }

    /// The only row of a statement that always has one.
    fn one(&self, statement: &str, values: &[Value]) -> Result<Row, Error> {
        self.first(statement, values)?.ok_or_else(|| Error::new("a statement without its row"))
    }
}

/// The rows of all these SELECTs. The platform allows five terms in a compound SELECT, so further ones are nested.
pub fn union_all(selects: &[String]) -> String {
    const MOST_TERMS: usize = 5;
    if selects.len() <= MOST_TERMS {
        return selects.join(" UNION ALL ");
    }
    let nested = selects.chunks(MOST_TERMS).map(|chunk| format!("SELECT * FROM ({})", chunk.join(" UNION ALL ")));
    union_all(&nested.collect::<Vec<_>>())
}

/// The parameters of a statement that is being built: each gets the next number.
#[derive(Debug, Clone, Default)]
pub struct Parameters(Vec<Value>);

impl Parameters {
    /// Binds a value, and returns the name by which the statement refers to it.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("?{}", self.0.len())
    }

    /// Binds a list, and returns a subselect of its members.
    pub fn bind_list<T: serde::Serialize>(&mut self, list: &[T]) -> String {
        // Numbers and strings always serialize.
        let json = serde_json::to_string(list).unwrap_or_default();
        format!("(SELECT value FROM json_each({}))", self.bind(json))
    }

    pub fn values(&self) -> &[Value] {
        &self.0
    }
}

/// The columns of a row to write, each with its value. The builder numbers the parameters.
#[derive(Debug, Default)]
pub struct Columns {
    names: Vec<&'static str>,
    values: Vec<Value>,
}

impl Columns {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.names.push(name);
        self.values.push(value.into());
        self
    }

    /// The INSERT into this table, with its parameters.
    pub fn insert(self, table: &str) -> (String, Vec<Value>) {
        let numbers = (1..=self.values.len()).map(|number| format!("?{number}")).collect::<Vec<_>>();
        let statement = format!("INSERT INTO {table} ({}) VALUES ({})", self.names.join(", "), numbers.join(", "));
        (statement, self.values)
    }

    /// The UPDATE of the row with this id, with its parameters.
    pub fn update(mut self, table: &str, id: impl Into<Value>) -> (String, Vec<Value>) {
        let sets = self.names.iter().enumerate().map(|(at, name)| format!("{name} = ?{}", at + 1)).collect::<Vec<_>>();
        let statement = format!("UPDATE {table} SET {} WHERE id = ?{}", sets.join(", "), sets.len() + 1);
        self.values.push(id.into());
        (statement, self.values)
    }
}
