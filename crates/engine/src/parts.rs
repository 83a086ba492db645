//! What sessions and events are as columns (`segments.rs`).

use crate::event::Kind;

/// A table that is kept as columns.
pub(crate) struct Part {
    /// Its number in the database. Stored: never changed.
    pub code: i64,
    pub table: &'static str,
    /// The rows of a segment. The segments of a website have as many as its first one.
    pub rows: i64,
    /// The SQL of each column. The first is the time at which a row begins, the second how long it lasts; a hole has 0 in the
    /// third. A column is never moved or changed, because segments are stored.
    pub columns: &'static [&'static str],
}

/// The columns of [`EVENTS`].
pub(crate) mod event {
    pub const TIME: usize = 0;
    pub const VISITOR: usize = 2;
    /// See [`super::what`].
    pub const WHAT: usize = 3;
    /// 0 if there is none.
    pub const SESSION: usize = 4;
}

/// The columns of [`SESSIONS`]. Values of dimensions are numbers of rows, plus 1; 0 if there is none.
pub(crate) mod session {
    pub const STARTED: usize = 0;
    pub const DURATION: usize = 1;
    pub const VISITOR: usize = 2;
    pub const PAGEVIEWS: usize = 3;
    pub const GOALS: usize = 4;
    pub const ENTRY: usize = 5;
    pub const REFERRER_HOST: usize = 6;
    /// The first of [`crate::dimensions::SESSION_DIMENSIONS`], in the order of [`super::DIMENSIONS`].
    pub const DIMENSIONS: usize = 7;
}

pub(crate) const EVENTS: Part = Part {
    code: 0,
    table: "events",
    rows: 8_192,
    columns: &[
        "r.time",
        "0",
        "r.visitor",
        // What `what` returns.
        "1 + r.kind + 8 * (1 + CASE r.kind WHEN 0 THEN ifnull(r.page, -1) WHEN 1 THEN ifnull(r.name, -1) ELSE -1 END)",
        "ifnull(r.session, 0)",
    ],
};

/// The dimensions of sessions in the order of their columns. New ones are added at the end.
const DIMENSIONS: [&str; 9] =
    ["country", "region", "city", "device", "browser", "os", "referrer", "hostname", "campaign"];

pub(crate) const SESSIONS: Part = Part {
    code: 1,
    table: "sessions",
    rows: 4_096,
    columns: &[
        "r.started",
        "r.ended - r.started",
        "r.visitor",
        "r.pageviews",
        "r.goals",
        "ifnull(r.entry, -1) + 1",
        "ifnull(r.referrer_host, -1) + 1",
        "ifnull(r.country, -1) + 1",
        "ifnull(r.region, -1) + 1",
        "ifnull(r.city, -1) + 1",
        "ifnull(r.device, -1) + 1",
        "ifnull(r.browser, -1) + 1",
        "ifnull(r.os, -1) + 1",
        "ifnull(r.referrer, -1) + 1",
        "ifnull(r.hostname, -1) + 1",
        "ifnull(r.campaign, -1) + 1",
    ],
};

/// The column of a dimension of sessions, by its name.
pub(crate) fn of_dimension(name: &str) -> Option<usize> {
    DIMENSIONS.iter().position(|known| *known == name).map(|at| session::DIMENSIONS + at)
}

/// The part of a table.
pub(crate) fn of_table(table: &str) -> Option<Part> {
    [EVENTS, SESSIONS].into_iter().find(|part| part.table == table)
}

/// What an event is, as one number: its kind and its page or goal. 0 is a hole.
pub(crate) const fn what(kind: Kind, key: i64) -> i64 {
    1 + kind.code() + 8 * (1 + key)
}

/// The kind, and the page or goal, of a number of [`what`].
pub(crate) const fn of_what(what: i64) -> Option<(Kind, i64)> {
    let (kind, key) = ((what - 1) & 7, ((what - 1) >> 3) - 1);
    match kind {
        0 if key >= 0 => Some((Kind::Pageview, key)),
        1 if key >= 0 => Some((Kind::Goal, key)),
        _ => None,
    }
}
