//! D1: statements as plain values, run in batches. A batch is one round trip and one transaction.

use serde::de::DeserializeOwned;
use worker::Env;
use worker::js_sys::{Array, Error};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

use super::bindings;
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
    is_rehearsal: bool,
}

impl<'a> Database<'a> {
    pub fn new(runtime: &'a Runtime, meter: &'a Meter, is_rehearsal: bool) -> Self {
        Self { runtime, meter, is_rehearsal }
    }

    /// Runs a batch. An empty one makes no round trip.
    pub async fn run(&self, batch: Batch) -> Result<Results, PlatformError> {
        let first = batch.first.len();
        if batch.is_empty() {
            return Ok(Results { first, results: Vec::new(), size: None });
        }
        let statements = batch.into_statements();
        if self.is_rehearsal && statements.iter().any(Statement::may_write) {
            return Err(PlatformError::rehearsal());
        }
        let start = self.runtime.now();
        let results = match self.runtime {
            Runtime::Workers(env) => run_on_d1(env, &statements).await,
            #[cfg(test)]
            Runtime::Memory(memory) => memory.run(&statements).map(|results| (results, Some(memory.database.size()))),
        };
        self.meter.record(Hop::Database, start, self.runtime.now());
        let (results, size) = results?;
        Ok(Results { first, results, size })
    }

    /// Runs one statement and returns its rows.
    pub async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, PlatformError> {
        let mut batch = Batch::new();
        let rows = batch.read(statement);
        self.run(batch).await?.all(&rows)
    }
}

async fn run_on_d1(env: &Env, statements: &[Statement]) -> Result<(Vec<RowSet>, Option<i64>), PlatformError> {
    let statements = statements.iter().map(Statement::to_send).collect::<Result<Vec<_>, _>>()?;
    let statements = serde_json::to_string(&statements).map_err(|error| PlatformError::new(error.to_string()))?;
    let results = JsFuture::from(bindings::run_batch(env, "DB", &statements)).await.map_err(cause)?;
    let results = results.unchecked_into::<Array>();
    let mut results = results.iter();
    #[expect(clippy::cast_possible_truncation, reason = "bytes of a database of at most 10 GB")]
    let size = results.next().and_then(|size| size.as_f64()).map(|size| size as i64);
    Ok((results.map(RowSet::D1).collect(), size))
}

/// SQLite's own message, which D1 wraps in an error.
fn cause(error: JsValue) -> PlatformError {
    let Ok(error) = error.dyn_into::<Error>() else { return PlatformError::new("D1 failed without an error") };
    let message = error.cause().dyn_into::<Error>().map_or_else(|_| error.message(), |cause| cause.message());
    PlatformError::new(String::from(message))
}
