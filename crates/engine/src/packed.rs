//! Many rows of numbers as few texts, because few rows pass from SQLite to here faster than many.

use crate::error::Error;
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};

/// How many numbers are read as one text, which has at most 2 MB.
const AT_ONCE: usize = 180_000;

/// The columns of a row as one text.
pub(crate) fn row(columns: &[impl AsRef<str>]) -> String {
    let columns: Vec<_> = columns.iter().map(AsRef::as_ref).collect();
    format!("concat_ws(' ', {})", columns.join(", "))
}

/// Calls `each` with every row of `width` numbers in a text.
pub(crate) fn unpack(text: &mut Row, width: usize, mut each: impl FnMut(&[i64])) -> Result<(), Error> {
    let Some(text) = text.next::<Option<String>>()? else { return Ok(()) };
    let mut values = Vec::with_capacity(width);
    let (mut number, mut is_negative) = (0_i64, false);
    for byte in text.bytes().chain([b' ']) {
        match byte {
            b'0'..=b'9' => number = number.wrapping_mul(10).wrapping_add(i64::from(byte - b'0')),
            b'-' => is_negative = true,
            b' ' => {
                values.push(if is_negative { number.wrapping_neg() } else { number });
                (number, is_negative) = (0, false);
                if values.len() == width {
                    each(&values);
                    values.clear();
                }
            }
            _ => return Err(Error::new("a packed row with something that is no number")),
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
    let (packed, at_once) = (row(columns), AT_ONCE / columns.len());
    let first = format!(
        "SELECT group_concat(packed, ' '), count(*) FROM (SELECT {packed} AS packed FROM {source} LIMIT {at_once})"
    );
    let mut first = site.sql.one(&first, parameters.values())?;
    unpack(&mut first, columns.len(), &mut each)?;
    if usize::try_from(first.next::<i64>()?).is_ok_and(|count| count < at_once) {
        return Ok(());
    }
    // Numbering the rows takes longer than reading them.
    let further = format!(
        "SELECT group_concat(packed, ' ') FROM (SELECT {packed} AS packed, row_number() OVER () AS number FROM {source}) \
         WHERE number > {at_once} GROUP BY (number - 1) / {at_once}"
    );
    for mut text in site.sql.rows(&further, parameters.values())? {
        unpack(&mut text, columns.len(), &mut each)?;
    }
    Ok(())
}
