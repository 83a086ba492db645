//! The sessions of events that are stored together: each is read, and written, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use sluice_values::Timestamp;

use crate::blocks;
use crate::dimensions::{FirstEvent, session_columns};
use crate::error::Error;
use crate::event::{Event, Kind};
use crate::history::Additions;
use crate::parts::SESSIONS;
use crate::rollups::DayChanges;
use crate::rows::{EventRow, PageRow, SessionRow, StringRow};
use crate::session::{self, Session};
use crate::session_update;
use crate::sets;
use crate::site::Site;
use crate::sql::{Row, Sql, Value};
use crate::visitor::Visitor;

/// The place of an event among those of its session.
struct Place {
    time: Timestamp,
    eid: Value,
    row: EventRow,
}

impl Place {
    /// As SQLite compares (time, eid).
    fn is_before(&self, other: &Self) -> bool {
        let order = |place: &Self| -> (Timestamp, bool, Vec<u8>) {
            let (is_bytes, bytes) = match &place.eid {
                Value::Blob(bytes) => (true, bytes.clone()),
                Value::Text(text) => (false, text.as_bytes().to_vec()),
                _ => (false, Vec::new()),
            };
            (place.time, is_bytes, bytes)
        };
        if self.time == other.time { order(self) < order(other) } else { self.time < other.time }
    }

    /// The place in the next columns of a row: time, id, row.
    fn read(row: &mut Row) -> Result<Option<Self>, Error> {
        let (time, eid, number): (Option<_>, Option<_>, Option<_>) = (row.next()?, row.next()?, row.next()?);
        Ok(time.zip(eid).zip(number).map(|((time, eid), row)| Self { time, eid, row }))
    }
}

/// An event of a session, with the rows that it refers to.
pub(crate) struct Part<'a> {
    pub event: &'a Event,
    pub eid: &'a Value,
    pub row: EventRow,
    pub page: Option<PageRow>,
    pub source_host: Option<StringRow>,
    pub first: FirstEvent<'a>,
}

/// A session of these events.
pub(crate) struct Visit<'a> {
    /// The number of its visitor.
    visitor: usize,
    sid: Value,
    /// As it is stored; `None` if the events begin it.
    before: Option<Session>,
    now: Session,
    first: Place,
    /// What the session takes from its first event, if that is one of these.
    takes: Option<FirstEvent<'a>>,
    referrer_host: Option<StringRow>,
    entered: Option<Place>,
    entry: Option<PageRow>,
    /// The hosts of these events.
    hosts: BTreeSet<StringRow>,
}

/// The sessions of the events that are stored together.
#[derive(Default)]
pub(crate) struct Visits<'a> {
    list: Vec<Visit<'a>>,
    by_id: BTreeMap<(usize, String), usize>,
}

static KNOWN: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<_> = session_columns().map(|column| format!("s.{column}")).collect();
    format!(
        "SELECT k.value ->> 0, s.id, s.visitor, s.started, s.ended, s.pageviews, s.goals, s.hostname, {}, f.time, f.eid, \
         f.id, p.time, p.eid, p.id, s.entry FROM json_each(?1) k CROSS JOIN sessions s \
         ON s.visitor = k.value ->> 1 AND s.sid = {} CROSS JOIN events f ON f.id = s.first \
         LEFT JOIN events p ON p.id = s.entered",
        columns.join(", "),
        sets::id("k.value", 2)
    )
});

/// A session's id as a key.
fn key(sid: &Value) -> String {
    match sid {
        Value::Text(text) => format!("t{text}"),
        Value::Blob(bytes) => format!("b{}", sluice_values::hex(bytes)),
        _ => String::new(),
    }
}

impl<'a> Visits<'a> {
    /// Reads those of these sessions that are stored. Each id comes with the number of its visitor.
    pub fn find<S: Sql>(
        site: &Site<S>,
        visitors: &[Visitor],
        asked: impl Iterator<Item = (usize, Value)>,
    ) -> Result<Self, Error> {
        let mut ids = BTreeMap::new();
        for (visitor, sid) in asked {
            if visitors.get(visitor).is_some_and(|visitor| !visitor.is_new && visitor.sessions > 0) {
                ids.entry((visitor, key(&sid))).or_insert(sid);
            }
        }
        let ids: Vec<((usize, String), Value)> = ids.into_iter().collect();
        let rows = (0_i64..).zip(&ids).map(|(at, ((visitor, _), sid))| {
            let visitor = visitors.get(*visitor).map(|visitor| visitor.row);
            let [bytes, text] = sets::id_values(sid);
            vec![at.into(), visitor.into(), bytes, text]
        });
        let mut visits = Self::default();
        for mut row in sets::read(site, &KNOWN, &rows.collect::<Vec<_>>())? {
            let at: i64 = row.next()?;
            let found = usize::try_from(at).ok().and_then(|at| ids.get(at));
            let ((visitor, key), sid) = found.ok_or_else(|| Error::new("a session that was not looked for"))?;
            let visit = Visit::read(site, *visitor, sid.clone(), row)?;
            visits.by_id.insert((*visitor, key.clone()), visits.list.len());
            visits.list.push(visit);
        }
        Ok(visits)
    }

    /// Adds an event to its session, and returns the session's row.
    pub fn add<S: Sql>(
        &mut self,
        site: &Site<S>,
        number: usize,
        visitor: &mut Visitor,
        sid: Value,
        part: &Part<'a>,
    ) -> Result<SessionRow, Error> {
        let at = (number, key(&sid));
        if let Some(visit) = self.by_id.get(&at).and_then(|at| self.list.get_mut(*at)) {
            visit.add(part);
            return Ok(visit.now.row);
        }
        let row = SessionRow(site.next_row("sessions")?);
        visitor.begun += 1;
        self.by_id.insert(at, self.list.len());
        self.list.push(Visit::begin((number, visitor), row, sid, part));
        Ok(row)
    }

    /// Works out what the sessions take from their first events, and adds what that changes.
    pub fn settle<S: Sql>(
        &mut self,
        site: &Site<S>,
        days: &mut [DayChanges],
        additions: &mut Additions,
    ) -> Result<(), Error> {
        for visit in &mut self.list {
            visit.settle(site)?;
            for days in &mut *days {
                days.count_session(visit.before.as_ref(), &visit.now)?;
                if let Some(before) = &visit.before {
                    days.was_active(before.visitor, before.started)?;
                    days.was_active(before.visitor, before.ended)?;
                }
            }
            for (keys, sign) in [(visit.before.as_ref().map(Session::values), -1), (Some(visit.now.values()), 1)] {
                for value in keys.into_iter().flatten() {
                    additions.add(visit.visitor, value, sign);
                }
            }
        }
        Ok(())
    }

    /// Writes the sessions.
    pub fn write<S: Sql>(&self, site: &Site<S>) -> Result<(), Error> {
        let (added, known): (Vec<_>, Vec<_>) = self.list.iter().partition(|visit| visit.before.is_none());
        blocks::add(site, &SESSIONS, added.iter().map(|visit| visit.start()))?;
        let added: Vec<_> = added.into_iter().map(Visit::row).collect();
        sets::run(site, &INSERT, &added)?;
        let (began, went_on): (Vec<_>, Vec<_>) =
            known.into_iter().filter(|visit| visit.has_changed()).partition(|visit| visit.takes.is_some());
        blocks::moved(site, &SESSIONS, began.iter().map(|visit| visit.start()))?;
        let began: Vec<_> = began.into_iter().map(Visit::row).collect();
        sets::run(site, &BEGIN_EARLIER, &began)?;
        let went_on: Vec<_> =
            went_on.into_iter().map(|visit| visit.row().into_iter().take(RENEWED).collect()).collect();
        sets::run(site, GO_ON, &went_on)?;

        let (mut hosts, mut first_hosts) = (Vec::new(), Vec::new());
        let mut longest = 0;
        for visit in &self.list {
            let row: Value = visit.now.row.into();
            let others = visit.hosts.iter().filter(|host| Some(**host) != visit.now.hostname);
            hosts.extend(others.map(|host| vec![row.clone(), (*host).into()]));
            if visit.before.as_ref().is_some_and(|before| before.hostname != visit.now.hostname) {
                first_hosts.push(vec![row, visit.now.hostname.into()]);
            }
            longest = visit.now.duration().max(longest);
        }
        let insert = "INSERT OR IGNORE INTO session_hosts (session, hostname) SELECT value ->> 0, value ->> 1 FROM json_each(?1)";
        sets::run(site, insert, &hosts)?;
        let delete = "DELETE FROM session_hosts WHERE (session, hostname) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))";
        sets::run(site, delete, &first_hosts)?;
        session::record_duration(site, longest)
    }

    /// From when to when sessions of each visitor began that are new or began later before. Visitors go by their number.
    pub fn moved(&self) -> BTreeMap<usize, (Timestamp, Timestamp)> {
        let mut moved = BTreeMap::new();
        for visit in &self.list {
            let (from, to) = match &visit.before {
                None => (visit.now.started, visit.now.started),
                // One that began at the same time by another event has the same payments.
                Some(before) if before.started == visit.now.started => continue,
                Some(before) => (visit.now.started, before.started),
            };
            let (earliest, latest) = moved.entry(visit.visitor).or_insert((from, to));
            (*earliest, *latest) = (from.min(*earliest), to.max(*latest));
        }
        moved
    }
}

/// How many of the columns of [`Visit::row`] change when later events are added.
const RENEWED: usize = 6;

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<_> = session_columns().collect();
    let values: Vec<_> = (0..columns.len()).map(|at| format!("value ->> {}", at + 12)).collect();
    format!(
        "INSERT INTO sessions (id, ended, pageviews, goals, entry, entered, started, first, referrer_host, visitor, sid, {}) \
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, \
         value ->> 8, value ->> 9, {}, {} FROM json_each(?1)",
        columns.join(", "),
        sets::id("value", 10),
        values.join(", ")
    )
});

/// A session is extended without changing a column of an index.
const GO_ON: &str = "UPDATE sessions SET ended = k.value ->> 1, pageviews = k.value ->> 2, goals = k.value ->> 3, \
                     entry = k.value ->> 4, entered = k.value ->> 5 FROM json_each(?1) k WHERE sessions.id = k.value ->> 0";

static BEGIN_EARLIER: LazyLock<String> = LazyLock::new(|| {
    let sets = session_columns().enumerate().map(|(at, column)| format!(", {column} = k.value ->> {}", at + 12));
    format!(
        "UPDATE sessions SET ended = k.value ->> 1, pageviews = k.value ->> 2, goals = k.value ->> 3, \
         entry = k.value ->> 4, entered = k.value ->> 5, started = k.value ->> 6, first = k.value ->> 7, \
         referrer_host = k.value ->> 8{} FROM json_each(?1) k WHERE sessions.id = k.value ->> 0",
        sets.collect::<String>()
    )
});

impl<'a> Visit<'a> {
    fn read<S: Sql>(site: &Site<S>, visitor: usize, sid: Value, mut row: Row) -> Result<Self, Error> {
        let before = Session::read(row.next()?, &mut row)?;
        let first = Place::read(&mut row)?.ok_or_else(|| Error::new("a session without its first event"))?;
        let (mut entered, entry) = (Place::read(&mut row)?, row.next()?);
        if entered.is_none() && before.pageviews > 0 {
            // A session of an earlier version.
            entered = match session_update::find_entered(site, &before)? {
                Some(event) => {
                    Place::read(&mut site.sql.one("SELECT time, eid, id FROM events WHERE id = ?1", &[event.into()])?)?
                }
                None => None,
            };
        }
        let now = Session { keys: before.keys.clone(), ..before };
        Ok(Self {
            visitor,
            sid,
            before: Some(before),
            now,
            first,
            takes: None,
            referrer_host: None,
            entered,
            entry,
            hosts: BTreeSet::new(),
        })
    }

    fn begin((number, visitor): (usize, &Visitor), row: SessionRow, sid: Value, part: &Part<'a>) -> Self {
        let time = part.event.time;
        let mut visit = Self {
            visitor: number,
            sid,
            before: None,
            now: Session {
                row,
                visitor: visitor.row,
                started: time,
                ended: time,
                pageviews: 0,
                goals: 0,
                hostname: None,
                keys: Vec::new(),
            },
            first: Place { time, eid: part.eid.clone(), row: part.row },
            takes: Some(part.first),
            referrer_host: part.source_host,
            entered: None,
            entry: None,
            hosts: BTreeSet::new(),
        };
        visit.add(part);
        visit
    }

    fn add(&mut self, part: &Part<'a>) {
        let kind = part.event.action.kind();
        let place = || Place { time: part.event.time, eid: part.eid.clone(), row: part.row };
        self.now.started = self.now.started.min(part.event.time);
        self.now.ended = self.now.ended.max(part.event.time);
        self.now.pageviews += i64::from(kind == Kind::Pageview);
        self.now.goals += i64::from(kind == Kind::Goal);
        if place().is_before(&self.first) {
            self.first = place();
            self.takes = Some(part.first);
            self.referrer_host = part.source_host;
        }
        let page = part.page.filter(|_| kind == Kind::Pageview);
        if page.is_some() && self.entered.as_ref().is_none_or(|entered| place().is_before(entered)) {
            (self.entered, self.entry) = (Some(place()), page);
        }
        self.hosts.extend(part.first.hostname);
    }

    fn settle<S: Sql>(&mut self, site: &Site<S>) -> Result<(), Error> {
        if let Some(first) = &self.takes {
            self.now.keys = session::keys(site, first)?;
            self.now.hostname = first.hostname;
            // The session begins on this host, and has touched the one that it began on before.
            self.hosts.extend(self.before.as_ref().and_then(|before| before.hostname));
        }
        Ok(())
    }

    /// Its row, and when it begins.
    fn start(&self) -> (i64, Timestamp) {
        (self.now.row.0, self.now.started)
    }

    fn has_changed(&self) -> bool {
        let of = |session: &Session| (session.ended, session.pageviews, session.goals);
        self.takes.is_some() || self.before.as_ref().is_none_or(|before| of(before) != of(&self.now))
    }

    fn row(&self) -> Vec<Value> {
        let [bytes, text] = sets::id_values(&self.sid);
        let now = &self.now;
        let mut row: Vec<Value> = vec![
            now.row.into(),
            now.ended.into(),
            now.pageviews.into(),
            now.goals.into(),
            self.entry.into(),
            self.entered.as_ref().map(|place| place.row).into(),
            now.started.into(),
            self.first.row.into(),
            self.referrer_host.into(),
            now.visitor.into(),
            bytes,
            text,
        ];
        row.extend(now.keys.iter().map(|key| Value::from(*key)));
        row
    }
}
