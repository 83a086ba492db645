//! Many rows of numbers as few texts, because few rows pass from SQLite to here faster than many.

use crate::error::Error;
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};

/// How many rows are read as one text, which has at most 2 MB.
const AT_ONCE: i64 = 20_000;

/// The columns of a row as one text.
pub(crate) fn row(columns: &[impl AsRef<str>]) -> String {
    columns.iter().map(|column| format!("({})", column.as_ref())).collect::<Vec<_>>().join(" || ' ' || ")
}

/// Calls `each` with every row of `width` numbers in a text.
pub(crate) fn unpack(mut text: Row, width: usize, mut each: impl FnMut(&[i64])) -> Result<(), Error> {
    let Some(text) = text.next::<Option<String>>()? else { return Ok(()) };
    let mut values = Vec::with_capacity(width);
    for number in text.split(' ') {
        values.push(number.parse().map_err(|_| Error::new("a packed row with something that is no number"))?);
        if values.len() == width {
            each(&values);
            values.clear();
        }
    }
    Ok(())
}

/// Calls `each` with the rows that a statement selects: columns of whole numbers, none of them NULL.
pub(crate) fn each_row<S: Sql>(
    site: &Site<S>,
    (columns, source): (&[String], &str),
    parameters: &Parameters,
    mut each: impl FnMut(&[i64]),
) -> Result<(), Error> {
    let packed = row(columns);
    let texts = format!(
        "SELECT group_concat(packed, ' ') FROM (SELECT {packed} AS packed, row_number() OVER () AS number FROM {source}) \
         GROUP BY number / {AT_ONCE}"
    );
    for text in site.sql.rows(&texts, parameters.values())? {
        unpack(text, columns.len(), &mut each)?;
    }
    Ok(())
}
