//! What is printed: tables for people, tab-separated values for pipes, CSV, JSON as the gateway sent it
//! (docs/contract/cli.md#3-output).

use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use crate::json::Json;
use crate::screen::{Screen, plain};

/// Between two columns.
const GAP: usize = 2;
/// What is wider may be broken into lines.
const LONG_TEXT: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For a person at a terminal.
    People,
    /// For a pipe: raw values, no header.
    Tabs,
    Csv,
    Json,
}

/// What values mean: their zone and currency.
#[derive(Clone)]
pub struct Meaning {
    pub zone: TimeZone,
    pub currency: String,
    /// Whether rates are fractions of 1; those of reports are in percent.
    pub fractions: bool,
}

impl Default for Meaning {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, currency: String::new(), fractions: false }
    }
}

/// A row with `identity.country` for what is nested.
pub fn flat(row: &Json) -> Vec<(String, Json)> {
    let mut cells = Vec::new();
    flatten("", row, &mut cells);
    cells
}

fn flatten(prefix: &str, value: &Json, cells: &mut Vec<(String, Json)>) {
    for (key, value) in value.entries() {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Json::Object(entries) if !entries.is_empty() => flatten(&path, value, cells),
            value => cells.push((path, value.clone())),
        }
    }
}

/// The columns of rows: those that the command names and the rows have, or all that a person can use.
pub fn columns(rows: &[Json], named: &[&str], chosen: &[String]) -> Vec<String> {
    if !chosen.is_empty() {
        return chosen.to_vec();
    }
    if !named.is_empty() {
        return named.iter().map(|&name| name.to_owned()).collect();
    }
    let mut keys: Vec<String> = Vec::new();
    for (key, _) in rows.iter().flat_map(flat) {
        if !keys.contains(&key) && !matches!(key.as_str(), "_id" | "image") {
            keys.push(key);
        }
    }
    keys
}

fn cell<'a>(row: &'a Json, column: &str) -> &'a Json {
    row.at(column).or_else(|| row.get(column)).unwrap_or(&Json::Null)
}

/// Rows for a person: a table where the screen is wide enough for it, otherwise one row below the other.
pub fn table(rows: &[Json], columns: &[String], meaning: &Meaning, screen: Screen) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| columns.iter().map(|column| shown(column, cell(row, column), meaning)).collect())
        .collect();
    let titles: Vec<String> = columns.iter().map(|column| title(column.rsplit('.').next().unwrap_or(column))).collect();
    let widths: Vec<(usize, bool)> = (0..columns.len()).map(|index| width(index, &titles, &cells)).collect();
    let least: usize = widths.iter().map(|(width, _)| width + GAP).sum();
    if least.saturating_sub(GAP) > usize::from(screen.width) {
        return stacked(&titles, &cells, screen);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(screen.width.saturating_add(u16::try_from(GAP).unwrap_or_default()));
    if screen.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(columns.iter().zip(&titles).map(|(column, title)| {
        let cell = Cell::new(title).add_attribute(Attribute::Bold);
        if is_numeric(rows, column) { cell.set_alignment(CellAlignment::Right) } else { cell }
    }));
    for (row, cells) in rows.iter().zip(&cells) {
        table.add_row(columns.iter().zip(cells).map(|(column, text)| {
            let shown = Cell::new(text);
            if matches!(cell(row, column), Json::Number(_)) { shown.set_alignment(CellAlignment::Right) } else { shown }
        }));
    }
    for (index, (width, is_fixed)) in widths.into_iter().enumerate() {
        if let Some(column) = table.column_mut(index) {
            column.set_padding((0, 2));
            let width = Width::Fixed(u16::try_from(width + GAP).unwrap_or(u16::MAX));
            column.set_constraint(if is_fixed {
                ColumnConstraint::Absolute(width)
            } else {
                ColumnConstraint::LowerBoundary(width)
            });
        }
    }
    trimmed(&table.to_string())
}

/// The width that a column needs, and whether it is that of all it holds: long texts may be broken into lines, but no id,
/// which could not be copied then.
fn width(index: usize, titles: &[String], cells: &[Vec<String>]) -> (usize, bool) {
    let column = || cells.iter().filter_map(|row| row.get(index));
    let content = column().map(|text| text.width()).max().unwrap_or_default();
    let is_fixed = content <= LONG_TEXT || column().any(|text| is_id(text));
    let word =
        titles.get(index).map_or("", String::as_str).split(' ').map(UnicodeWidthStr::width).max().unwrap_or_default();
    (word.max(if is_fixed { content } else { LONG_TEXT }), is_fixed)
}

fn stacked(titles: &[String], cells: &[Vec<String>], screen: Screen) -> String {
    let width = titles.iter().map(|title| title.width()).max().unwrap_or_default();
    let row = |row: &Vec<String>| {
        let line =
            |(title, text): (&String, &String)| format!("{}  {text}\n", screen.bold(&format!("{title:<width$}")));
        titles.iter().zip(row).map(line).collect::<String>()
    };
    cells.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// An id of the gateway, a tracking id or a visitor.
fn is_id(text: &str) -> bool {
    let text = text.strip_prefix("dfid_").unwrap_or(text);
    matches!(text.len(), 24 | 36) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn is_numeric(rows: &[Json], column: &str) -> bool {
    let mut values = rows.iter().map(|row| cell(row, column)).filter(|value| **value != Json::Null).peekable();
    values.peek().is_some() && values.all(|value| matches!(value, Json::Number(_)))
}

/// One thing for a person: a line for each key, and a table for each list of objects.
pub fn record(row: &Json, meaning: &Meaning, screen: Screen) -> String {
    let (lists, cells): (Vec<_>, Vec<_>) = flat(row)
        .into_iter()
        .filter(|(key, _)| !matches!(key.as_str(), "_id" | "image"))
        .partition(|(_, value)| value.list().iter().any(|item| matches!(item, Json::Object(_))));
    let width = cells.iter().map(|(key, _)| title(key).chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for (key, value) in &cells {
        let name = screen.dim(&format!("{:<width$}", title(key)));
        let shown = shown(key, value, meaning).replace('\n', &format!("\n{:width$}  ", ""));
        text.push_str(&format!("{name}  {shown}\n"));
    }
    for (key, value) in &lists {
        let rows = value.list();
        let mut columns = columns(rows, &[], &[]);
        if columns.iter().any(|column| column == "name") {
            columns.retain(|column| column != "id");
        }
        let table = table(rows, &columns, meaning, screen);
        text.push_str(&format!("\n{}\n{table}", screen.bold(&title(key))));
    }
    text
}

/// Rows for a program: raw values between tabs.
pub fn tabs(rows: &[Json], columns: &[String]) -> String {
    let line = |row: &Json| {
        let values = columns.iter().map(|column| raw(cell(row, column)).replace(['\t', '\n', '\r'], " "));
        values.collect::<Vec<_>>().join("\t") + "\n"
    };
    rows.iter().map(line).collect()
}

/// One thing for a program: key and value of each line.
pub fn pairs(row: &Json) -> String {
    let line = |(key, value): (String, Json)| format!("{key}\t{}\n", raw(&value).replace(['\t', '\n', '\r'], " "));
    flat(row).into_iter().filter(|(key, _)| key != "_id").map(line).collect()
}

/// RFC 4180, with a header line.
pub fn csv(rows: &[Json], columns: &[String]) -> String {
    let quoted = |value: &str| {
        if value.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", value.replace('"', "\"\""))
        } else {
            value.to_owned()
        }
    };
    let header = columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(",");
    let mut text = header + "\r\n";
    for row in rows {
        let values = columns.iter().map(|column| quoted(&raw(cell(row, column)))).collect::<Vec<_>>();
        text.push_str(&(values.join(",") + "\r\n"));
    }
    text
}

pub fn raw(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(value) => value.to_string(),
        Json::Number(digits) => digits.clone(),
        Json::Text(text) => text.clone(),
        Json::List(items) if items.iter().all(|item| !matches!(item, Json::List(_) | Json::Object(_))) => {
            items.iter().map(raw).collect::<Vec<_>>().join(",")
        }
        value => value.to_string(),
    }
}

/// A value for a person, by what its key says it is.
pub fn shown(key: &str, value: &Json, meaning: &Meaning) -> String {
    let last = key.rsplit('.').next().unwrap_or(key);
    match value {
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::Number(digits) => number(last, digits, meaning),
        Json::Text(text) if text.is_empty() => "-".to_owned(),
        Json::Text(text) => match is_time(last).then(|| text.parse::<Timestamp>().ok()).flatten() {
            Some(time) => time.to_zoned(meaning.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
            None => plain(text),
        },
        Json::List(items) => {
            let named = |item: &Json| item.str("name").map_or_else(|| plain(&raw(item)), plain);
            if items.is_empty() { "-".to_owned() } else { items.iter().map(named).collect::<Vec<_>>().join(", ") }
        }
        Json::Null | Json::Object(_) => "-".to_owned(),
    }
}

fn is_time(key: &str) -> bool {
    key.ends_with("At") || matches!(key, "timestamp" | "startAt" | "stateSince" | "sessionStartTime")
}

fn number(key: &str, digits: &str, meaning: &Meaning) -> String {
    let Ok(value) = digits.parse::<f64>() else { return digits.to_owned() };
    let key = key.to_ascii_lowercase();
    if key.ends_with("rate") && key != "ratelimit" {
        let percent = if meaning.fractions { value * 100.0 } else { value };
        return format!("{}%", decimals(percent, 2));
    }
    if key == "durationms" {
        return format!("{} ms", thousands(digits));
    }
    if key.ends_with("duration") || key.starts_with("timesince") {
        return duration(value);
    }
    if matches!(key.as_str(), "revenue" | "revenue_per_visitor" | "amount" | "new" | "renewal" | "refund") {
        return money(value, &meaning.currency);
    }
    if matches!(key.as_str(), "latitude" | "longitude") { digits.to_owned() } else { thousands(digits) }
}

fn decimals(value: f64, most: usize) -> String {
    let text = format!("{value:.most$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// `1234567.5` as `1,234,567.5`.
pub fn thousands(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}

/// Money with the currency's own number of digits; without a currency, with two where they are needed.
pub fn money(value: f64, currency: &str) -> String {
    let code = iso_currency::Currency::from_code(currency);
    let places = match code {
        Some(code) => code.exponent().map_or(2, usize::from),
        None if value.fract() == 0.0 => 0,
        None => 2,
    };
    let amount = thousands(&format!("{value:.places$}"));
    if currency.is_empty() { amount } else { format!("{amount} {currency}") }
}

/// Milliseconds as `4m 05s`.
pub fn duration(milliseconds: f64) -> String {
    let seconds = jiff::SignedDuration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default().as_secs();
    let (minutes, rest) = (seconds / 60, seconds % 60);
    let (hours, minutes_rest) = (minutes / 60, minutes % 60);
    match (hours / 24, hours, minutes) {
        (0, 0, 0) => format!("{rest}s"),
        (0, 0, minutes) => format!("{minutes}m {rest:02}s"),
        (0, hours, _) => format!("{hours}h {minutes_rest:02}m"),
        (days, hours, _) => format!("{days}d {:02}h", hours % 24),
    }
}

/// `avg_session_duration` and `isEnabled` as words.
fn title(key: &str) -> String {
    let key = match key {
        "uv" => "visitors",
        "total" => "completions",
        "displayKey" => "key",
        key => key,
    };
    let mut words = String::new();
    let mut before = ' ';
    for char in key.chars() {
        if char.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.push(if matches!(char, '_' | '.') { ' ' } else { char.to_ascii_lowercase() });
        before = char;
    }
    let words = words.strip_suffix(" at").unwrap_or(&words);
    words.strip_prefix("is ").unwrap_or(words).to_owned()
}

fn trimmed(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect::<Vec<_>>().concat()
}

/// Values as a line of blocks, the lowest and the highest as far apart as they can be.
pub fn spark(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().fold(0.0, f64::max);
    let block = |value: &f64| {
        let level = BLOCKS.iter().enumerate().rev().find(|(index, _)| {
            let least = f64::from(u32::try_from(*index).unwrap_or_default()) / 8.0;
            most > 0.0 && value / most > least
        });
        level.map_or('▁', |(_, block)| *block)
    };
    values.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(key: &str, json: &str) -> String {
        let meaning = Meaning {
            zone: TimeZone::get("America/New_York").expect("a zone"),
            currency: "EUR".to_owned(),
            fractions: false,
        };
        shown(key, &Json::parse(json).expect("JSON"), &meaning)
    }

    #[test]
    fn values_are_shown_by_what_they_are() {
        for (key, json, expected) in [
            ("visitors", "1234567", "1,234,567"),
            ("visitors", "-123456", "-123,456"),
            ("total", "999", "999"),
            ("revenue", "1234.5", "1,234.50 EUR"),
            ("bounce_rate", "1.154", "1.15%"),
            ("conversionRate", "50", "50%"),
            ("avg_session_duration", "245000", "4m 05s"),
            ("avg_session_duration", "9000", "9s"),
            ("activity.timeSinceFirstVisit", "957600000", "11d 02h"),
            ("durationMs", "1500", "1,500 ms"),
            ("createdAt", r#""2026-01-01T12:00:00.000Z""#, "2026-01-01 07:00"),
            ("name", r#""2026-01-01T12:00:00.000Z""#, "2026-01-01T12:00:00.000Z"),
            ("name", r#""a\u001b[31mb""#, "a\u{fffd}[31mb"),
            ("isEnabled", "true", "yes"),
            ("name", "null", "-"),
            ("name", r#""""#, "-"),
            ("permissions", r#"["a","b"]"#, "a, b"),
            ("steps", r#"[{"name":"One"},{"name":"Two"}]"#, "One, Two"),
            ("latitude", "-97.7426", "-97.7426"),
        ] {
            assert_eq!(people(key, json), expected, "{key}: {json}");
        }
        let fractions = Meaning { fractions: true, ..Meaning::default() };
        assert_eq!(shown("conversionRate", &Json::Number("0.0115".to_owned()), &fractions), "1.15%");
        assert_eq!(money(1234.0, "JPY"), "1,234 JPY");
        assert_eq!(money(1.5, ""), "1.50");
    }

    #[test]
    fn keys_are_words() {
        for (key, expected) in [
            ("avg_session_duration", "avg session duration"),
            ("createdAt", "created"),
            ("isEnabled", "enabled"),
            ("campaign.utm_source", "campaign utm source"),
            ("uv", "visitors"),
        ] {
            assert_eq!(title(key), expected);
        }
    }

    #[test]
    fn csv_is_quoted_where_it_must_be() {
        let rows = Json::parse(r#"[{"a":"x,\"y\"","b":{"c":1}},{"a":null}]"#).expect("JSON");
        let all = columns(rows.list(), &[], &[]);
        assert_eq!(all, ["a", "b.c"]);
        assert_eq!(csv(rows.list(), &all), "a,b.c\r\n\"x,\"\"y\"\"\",1\r\n,\r\n");
        assert_eq!(tabs(rows.list(), &all), "x,\"y\"\t1\n\t\n");
    }

    #[test]
    fn a_spark_line_reaches_from_low_to_high() {
        assert_eq!(spark(&[0.0, 1.0, 4.0, 8.0]), "▁▁▄█");
        assert_eq!(spark(&[0.0, 0.0]), "▁▁");
        assert_eq!(spark(&[]), "");
    }
}
