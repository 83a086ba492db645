//! D1 in memory, for tests of statements.

use serde_json::{Map, Value as Json};

use serde::de::DeserializeOwned;

use super::statement::{Parameter, Statement};

/// A database with all migrations applied.
pub struct Memory(rusqlite::Connection, std::cell::Cell<usize>);

impl Default for Memory {
    fn default() -> Self {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        // D1's limit, so that a statement that it would refuse fails here, too.
        connection.set_limit(rusqlite::limits::Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5).unwrap();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            connection.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
        }
        Self(connection, std::cell::Cell::new(0))
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

    /// Its size in bytes.
    pub fn size(&self) -> i64 {
        let size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        self.0.query_row(size, [], |row| row.get(0)).unwrap()
    }

    /// How many statements were run.
    pub fn asked(&self) -> usize {
        self.1.get()
    }

    /// How many steps SQLite takes for a statement.
    pub fn steps(&self, statement: &Statement) -> i32 {
        let mut prepared = self.0.prepare(&statement.sql).unwrap();
        let mut rows = prepared.query(rusqlite::params_from_iter(&statement.values)).unwrap();
        while rows.next().unwrap().is_some() {}
        drop(rows);
        prepared.get_status(rusqlite::StatementStatus::VmStep)
    }

    /// SQLite's plan of a statement, as `EXPLAIN QUERY PLAN` prints it.
    pub fn plan(&self, statement: &Statement) -> String {
        let explained = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let rows = self.rows(&explained, &statement.values);
        rows.unwrap().iter().map(|row| row["detail"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("; ")
    }

    /// Runs statements as one transaction; returns the rows of each.
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

    fn rows(&self, statement: &str, values: &[Parameter]) -> Result<Vec<Json>, String> {
        self.1.set(self.1.get() + 1);
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

impl rusqlite::ToSql for Parameter {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            // JavaScript has only one numeric type.
            #[expect(clippy::cast_precision_loss, reason = "below 2^53, as there")]
            Self::Integer(number) => ValueRef::Real(*number as f64),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
