//! The SQLite of a Durable Object, as an implementation of [`Sql`].

use worker::js_sys::{Array, ArrayBuffer, JSON, Uint8Array};
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{State, wasm_bindgen};

use crate::platform::PlatformError;
use sluice_engine::Error;
use sluice_engine::sql::{Row, Sql, Value};

#[wasm_bindgen]
extern "C" {
    /// The storage's JavaScript API: the `worker` crate's lacks transactions, and reads rows field by field.
    #[derive(Clone)]
    type Storage;

    #[wasm_bindgen(method, getter)]
    fn sql(this: &Storage) -> Database;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction(this: &Storage, work: &mut dyn FnMut() -> Result<JsValue, JsValue>) -> Result<JsValue, JsValue>;

    type Database;

    #[wasm_bindgen(method, getter, js_name = databaseSize)]
    fn size(this: &Database) -> f64;

    type Cursor;

    #[wasm_bindgen(method)]
    fn raw(this: &Cursor) -> Rows;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn objects(this: &Cursor) -> Result<Array, JsValue>;

    type Rows;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn to_array(this: &Rows) -> Result<Array, JsValue>;
}

#[wasm_bindgen(module = "/src/platform/bindings.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn execute(database: &Database, statement: &str, values: &Array) -> Result<Cursor, JsValue>;
}

/// The database of one object.
pub struct ObjectSql {
    storage: Storage,
    database: Database,
}

impl ObjectSql {
    /// Takes the database from the object's state.
    pub fn new(state: &State) -> Result<Self, PlatformError> {
        let storage: Storage = Clone::clone(AsRef::<JsValue>::as_ref(state.storage().as_raw())).unchecked_into();
        let database = storage.sql();
        Ok(Self { storage, database })
    }
}

impl Sql for ObjectSql {
    fn rows(&self, statement: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        let values = values.iter().map(to_js).collect::<Result<Array, _>>()?;
        let rows = execute(&self.database, statement, &values).map_err(js_error)?.raw().to_array().map_err(js_error)?;
        rows.iter()
            .map(|row| row.unchecked_into::<Array>().iter().map(of_js).collect::<Result<_, _>>().map(Row::new))
            .collect()
    }

    fn run(&self, statement: &str, values: &[Value]) -> Result<(), Error> {
        // The statement has run by the time this returns; its rows, of which there are none, need not be read.
        let values = values.iter().map(to_js).collect::<Result<Array, _>>()?;
        execute(&self.database, statement, &values).map(|_| ()).map_err(js_error)
    }

    fn objects(&self, statement: &str, values: &[Value]) -> Result<String, Error> {
        let values = values.iter().map(to_js).collect::<Result<Array, _>>()?;
        let rows = execute(&self.database, statement, &values).map_err(js_error)?.objects().map_err(js_error)?;
        JSON::stringify(&rows).map(String::from).map_err(js_error)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        // An exception rolls the transaction back; the error itself is passed in a variable.
        let mut failure = None;
        let done = self.storage.transaction(&mut || match work() {
            Ok(()) => Ok(JsValue::UNDEFINED),
            Err(error) => {
                failure = Some(error);
                Err(JsValue::from_str("rolled back"))
            }
        });
        match (failure, done) {
            (Some(error), _) => Err(error),
            (None, done) => done.map(|_| ()).map_err(js_error),
        }
    }

    fn size(&self) -> Result<i64, Error> {
        #[expect(clippy::cast_possible_truncation, reason = "bytes of a database of at most 10 GB")]
        Ok(self.database.size() as i64)
    }
}

/// A JavaScript error as the engine's error.
fn js_error(error: JsValue) -> Error {
    Error::new(PlatformError::from(error).to_string())
}

fn to_js(value: &Value) -> Result<JsValue, Error> {
    #[expect(clippy::cast_precision_loss, reason = "the guard keeps the number exact")]
    Ok(match value {
        Value::Null => JsValue::NULL,
        Value::Integer(number) if number.abs() <= crate::platform::database::MAX_EXACT => {
            JsValue::from_f64(*number as f64)
        }
        Value::Integer(number) => return Err(Error::new(format!("{number} is beyond 53 bits"))),
        Value::Real(number) => JsValue::from_f64(*number),
        Value::Text(text) => JsValue::from_str(text),
        Value::Blob(bytes) => Uint8Array::from(bytes.as_slice()).into(),
    })
}

fn of_js(value: JsValue) -> Result<Value, Error> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    if let Some(number) = value.as_f64() {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
        return Ok(if number.fract() == 0.0 && number.abs() <= 9e15 {
            Value::Integer(number as i64)
        } else {
            Value::Real(number)
        });
    }
    if let Some(text) = value.as_string() {
        return Ok(Value::Text(text));
    }
    value
        .dyn_into::<ArrayBuffer>()
        .map(|buffer| Value::Blob(Uint8Array::new(&buffer).to_vec()))
        .map_err(|_| Error::new("a column of an unknown type"))
}
