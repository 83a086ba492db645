//! D1: statements as plain values, run in batches. A batch is one round trip and one transaction.

use serde::de::DeserializeOwned;
use worker::js_sys::{Array, Error};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::worker_sys::types::D1Database;

use super::error::PlatformError;
#[cfg(test)]
pub use super::memory_database as memory;
use super::meter::{Hop, Meter};
use super::runtime::Runtime;
use super::statement::RowSet;
pub use super::statement::{Batch, Handle, MAX_EXACT, Parameter, Results, RowValues, Statement, sql};

pub struct Database<'a> {
    runtime: &'a Runtime,
    meter: &'a Meter,
}

impl<'a> Database<'a> {
    pub fn new(runtime: &'a Runtime, meter: &'a Meter) -> Self {
        Self { runtime, meter }
    }

    /// Runs a batch. An empty one makes no round trip.
    pub async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        let first = batch.first.len();
        if batch.is_empty() {
            return Ok(Results { first, results: Vec::new(), size: None });
        }
        let statements = batch.into_statements();
        let start = self.runtime.now();
        let results = match self.runtime {
            Runtime::Workers(env) => run_on_d1(JsValue::from(env.d1("DB")?).unchecked_into(), statements).await,
            #[cfg(test)]
            Runtime::Memory(memory) => memory.run(&statements),
        };
        self.meter.record(Hop::Database, start, self.runtime.now());
        let results = results?;
        let size = match self.runtime {
            Runtime::Workers(_) => results.last().and_then(RowSet::database_size),
            #[cfg(test)]
            Runtime::Memory(memory) => Some(memory.database.size()),
        };
        Ok(Results { first, results, size })
    }

    /// Runs one statement and returns its rows.
    pub async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, PlatformError> {
        let mut batch = Batch::new();
        let rows = batch.read(statement);
        self.run(batch).await?.all(&rows)
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

/// SQLite's own message, which D1 wraps in an error.
fn cause(error: JsValue) -> PlatformError {
    let Ok(error) = error.dyn_into::<Error>() else { return PlatformError::new("D1 failed without an error") };
    let message = error.cause().dyn_into::<Error>().map_or_else(|_| error.message(), |cause| cause.message());
    PlatformError::new(String::from(message))
}

fn to_js(value: &Parameter) -> Result<JsValue, PlatformError> {
    match value {
        Parameter::Null => Ok(JsValue::NULL),
        Parameter::Text(text) => Ok(JsValue::from_str(text)),
        Parameter::Real(number) => Ok(JsValue::from_f64(*number)),
        #[expect(clippy::cast_precision_loss, reason = "the guard keeps the number exact")]
        Parameter::Integer(number) if number.abs() <= MAX_EXACT => Ok(JsValue::from_f64(*number as f64)),
        Parameter::Integer(number) => Err(PlatformError::new(format!("{number} is beyond 53 bits"))),
    }
}
