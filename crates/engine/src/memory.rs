//! A database in memory, for tests.

use std::cell::Cell;

use rusqlite::limits::Limit;

use crate::error::Error;
use crate::sql::{Row, Sql, Value};

pub struct Memory {
    connection: rusqlite::Connection,
    /// The number of rows returned since a test last set this to 0.
    pub given: Cell<usize>,
    /// The number of statements run since a test last set this to 0.
    pub statements: Cell<usize>,
    /// The steps of SQLite's virtual machine since a test last set this to 0: each row that is read takes some.
    pub steps: Cell<i64>,
}

impl Default for Memory {
    #[allow(clippy::unwrap_used, reason = "only tests have this database")]
    fn default() -> Self {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        // The platform's limits, so that a statement that it would refuse fails here, too.
        for (limit, most) in [
            (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
            (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 100),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
            (Limit::SQLITE_LIMIT_COLUMN, 100),
        ] {
            connection.set_limit(limit, most).unwrap();
        }
        Self { connection, given: Cell::new(0), statements: Cell::new(0), steps: Cell::new(0) }
    }
}

impl Memory {
    /// The database that these statements create.
    #[allow(clippy::unwrap_used, reason = "only tests have this database")]
    pub fn of_dump(statements: &str) -> Self {
        let memory = Self::default();
        memory.connection.execute_batch(statements).unwrap();
        memory
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            // JavaScript has only one numeric type, so this is how an integer reaches a Durable Object's SQLite.
            #[expect(clippy::cast_precision_loss, reason = "below 2^53, as there")]
            Self::Integer(number) => ValueRef::Real(*number as f64),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn failure(error: &rusqlite::Error) -> Error {
    Error::new(error.to_string())
}

impl Sql for Memory {
    fn rows(&self, statement: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        self.statements.set(self.statements.get() + 1);
        let mut prepared = self.connection.prepare_cached(statement).map_err(|error| failure(&error))?;
        let columns = prepared.column_count();
        let rows = prepared.query_map(rusqlite::params_from_iter(values), |row| {
            let fields = (0..columns).map(|column| {
                Ok(match row.get_ref(column)? {
                    rusqlite::types::ValueRef::Null => Value::Null,
                    rusqlite::types::ValueRef::Integer(number) => Value::Integer(number),
                    rusqlite::types::ValueRef::Real(number) => Value::Real(number),
                    rusqlite::types::ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into()),
                    rusqlite::types::ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
                })
            });
            fields.collect::<rusqlite::Result<Vec<_>>>().map(Row::new)
        });
        let rows = rows.and_then(|rows| rows.collect::<rusqlite::Result<Vec<_>>>());
        let rows = rows.map_err(|error| Error::new(format!("{error}: {statement}")))?;
        let steps = prepared.reset_status(rusqlite::StatementStatus::VmStep);
        self.steps.set(self.steps.get() + i64::from(steps));
        self.given.set(self.given.get() + rows.len());
        Ok(rows)
    }

    fn objects(&self, statement: &str, values: &[Value]) -> Result<String, Error> {
        let names: Vec<String> = {
            let prepared = self.connection.prepare_cached(statement);
            let prepared = prepared.map_err(|error| Error::new(format!("{error}: {statement}")))?;
            prepared.column_names().map(str::to_owned).collect()
        };
        let mut objects = Vec::new();
        for mut row in self.rows(statement, values)? {
            let mut object = serde_json::Map::new();
            for name in &names {
                let value = match row.next::<Value>()? {
                    Value::Integer(number) => number.into(),
                    Value::Real(number) => number.into(),
                    Value::Text(text) => text.into(),
                    Value::Null | Value::Blob(_) => serde_json::Value::Null,
                };
                object.insert(name.clone(), value);
            }
            objects.push(object);
        }
        serde_json::to_string(&objects).map_err(|error| Error::new(error.to_string()))
    }

    fn transaction(&self, work: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        let transaction = self.connection.unchecked_transaction().map_err(|error| failure(&error))?;
        work()?;
        transaction.commit().map_err(|error| failure(&error))
    }

    fn size(&self) -> Result<i64, Error> {
        self.one("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", &[])?.next()
    }
}
