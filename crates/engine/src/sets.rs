//! Statements for many rows at once: they read rows of values from `json_each(?1)`.

use crate::error::Error;
use crate::site::Site;
use crate::sql::{Row, Sql, Value};

/// The bytes of the JSON of one statement, unless a single row has more: the platform takes 2 MB.
const MOST_BYTES: usize = 256 * 1024;

/// The JSON of these rows, in as many arrays as needed. Bytes are in hexadecimal, for `unhex`.
fn arrays(rows: &[Vec<Value>]) -> Result<Vec<String>, Error> {
    let mut arrays = Vec::new();
    let mut array = String::new();
    for row in rows {
        let json = serde_json::to_string(row).map_err(|error| Error::new(error.to_string()))?;
        if !array.is_empty() && array.len() + json.len() > MOST_BYTES {
            array.push(']');
            arrays.push(std::mem::take(&mut array));
        }
        array.push(if array.is_empty() { '[' } else { ',' });
        array.push_str(&json);
    }
    if !array.is_empty() {
        array.push(']');
        arrays.push(array);
    }
    Ok(arrays)
}

/// Runs a statement for these rows, if there are any.
pub(crate) fn run<S: Sql>(site: &Site<S>, statement: &str, rows: &[Vec<Value>]) -> Result<(), Error> {
    arrays(rows)?.into_iter().try_for_each(|array| site.sql.run(statement, &[array.into()]))
}

/// Runs a statement for these rows, if there are any, and returns what it returns.
pub(crate) fn read<S: Sql>(site: &Site<S>, statement: &str, rows: &[Vec<Value>]) -> Result<Vec<Row>, Error> {
    let mut read = Vec::new();
    for array in arrays(rows)? {
        read.extend(site.sql.rows(statement, &[array.into()])?);
    }
    Ok(read)
}

/// Two values for an id, which is stored as bytes or as text; [`id`] reads them.
pub(crate) fn id_values(id: &Value) -> [Value; 2] {
    match id {
        Value::Blob(_) => [id.clone(), Value::Null],
        _ => [Value::Null, id.clone()],
    }
}

/// The id whose [`id_values`] a row has from this column on.
pub(crate) fn id(of: &str, column: usize) -> String {
    format!("ifnull(unhex({of} ->> {column}), {of} ->> {})", column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn rows_of_any_text_and_of_any_length_arrive_unchanged() {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        let control: String = (1..32_u8).map(char::from).chain("\"\\/\u{7f}\u{2028}é🎈".chars()).collect();
        let sent: Vec<Vec<Value>> = (0..40)
            .map(|number| {
                let text = if number % 2 == 0 { control.clone() } else { "é".repeat(10_000) };
                vec![Value::Integer(number), text.into(), Value::Null, vec![0_u8, 255].into()]
            })
            .collect();
        let statement = "SELECT value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3) FROM json_each(?1)";
        let read = read(&site, statement, &sent).unwrap();
        let read: Vec<Vec<Value>> =
            read.into_iter().map(|mut row| (0..4).map(|_| row.next().unwrap()).collect()).collect();
        assert_eq!(read, sent);
        assert!(arrays(&sent).unwrap().len() > 1);
    }
}
