//! The SQLite of a website's object, for the same statements and batches as D1. Nothing waits: calls that follow each other
//! without one in between are stored together.

use serde::de::DeserializeOwned;
use sluice_engine::sql::{Sql, Value};

use super::error::PlatformError;
use super::statement::{Batch, Parameter, Results, RowSet, Statement};

/// Runs a batch as one transaction.
pub fn run<S: Sql>(sql: &S, batch: &Batch) -> Result<Results, PlatformError> {
    let mut results = None;
    transaction(sql, || {
        results = Some(run_within(sql, batch)?);
        Ok(())
    })?;
    results.ok_or_else(|| PlatformError::new("a transaction without results"))
}

/// Runs `work`, of which everything is stored or nothing.
pub fn transaction<S: Sql>(sql: &S, mut work: impl FnMut() -> Result<(), PlatformError>) -> Result<(), PlatformError> {
    Ok(sql.transaction(&mut || work().map_err(|error| sluice_engine::Error::new(error.to_string())))?)
}

/// Runs a batch within a transaction.
pub fn run_within<S: Sql>(sql: &S, batch: &Batch) -> Result<Results, PlatformError> {
    let results = batch.each().map(|(statement, is_read)| {
        let values = values(statement);
        Ok(RowSet::Json(if is_read {
            sql.objects(&statement.sql, &values)?
        } else {
            sql.run(&statement.sql, &values)?;
            String::new()
        }))
    });
    let results = results.collect::<Result<_, PlatformError>>()?;
    Ok(Results { first: batch.first.len(), results, size: None })
}

/// The rows of one statement.
pub fn rows<S: Sql, T: DeserializeOwned>(sql: &S, statement: &Statement) -> Result<Vec<T>, PlatformError> {
    let json = sql.objects(&statement.sql, &values(statement))?;
    serde_json::from_str(&json).map_err(|error| PlatformError::new(format!("rows: {error}")))
}

fn values(statement: &Statement) -> Vec<Value> {
    let value = |parameter: &Parameter| match parameter {
        Parameter::Null => Value::Null,
        Parameter::Integer(number) => Value::Integer(*number),
        Parameter::Real(number) => Value::Real(*number),
        Parameter::Text(text) => Value::Text(text.clone()),
    };
    statement.values.iter().map(value).collect()
}
