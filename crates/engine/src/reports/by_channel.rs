//! Visitors, payments and revenue by channel. Which channel a session came by is worked out when it is asked for, so that the
//! rules can change: of each referrer with each campaign once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sluice_values::ordered::Ordered as _;

use super::breakdown::{Breakdown, Group};
use super::money::Money;
use crate::bits::Bits;
use crate::blocks;
use crate::channels::{Channel, Origin};
use crate::error::Error;
use crate::fragments::payer;
use crate::packed;
use crate::rows::StringRow;
use crate::segments::{self, of_dimension, session};
use crate::selection::{Selection, condition, is_present};
use crate::site::Site;
use crate::sql::{Parameters, Row, Sql};

/// The texts that are read at once.
const READ_AT_ONCE: usize = 10_000;

/// The referrer of a session, its host and its campaign: their rows, plus 1; 0 if there is none.
type Marks = [i64; 3];

/// [`Marks`] of a session `s`.
const MARKS: [&str; 3] =
    ["ifnull(s.referrer, -1) + 1", "ifnull(s.referrer_host, -1) + 1", "ifnull(s.campaign, -1) + 1"];

/// Which channel sessions with these marks came by.
struct Channels(HashMap<Marks, Channel>);

/// What is counted of a channel.
#[derive(Default)]
struct Counted {
    seen: Bits,
    visitors: i64,
    money: Money,
    payers: Bits,
    paying: i64,
}

impl<S: Sql> Site<S> {
    /// The channels of a selection with their numbers.
    pub(super) fn channels(&self, asked: &Breakdown) -> Result<Vec<Group>, Error> {
        let selection = &asked.selection;
        let mut marks = BTreeSet::new();
        self.each_mark(selection, |_, of_session| {
            marks.insert(of_session);
        })?;
        let paid = self.paid_by_mark(selection)?;
        marks.extend(paid.iter().map(|(of_session, _)| *of_session));
        let channels = self.channels_of(&marks)?;
        let mut counted = BTreeMap::<Channel, Counted>::new();
        self.each_mark(selection, |visitor, of_session| {
            if let Some(channel) = channels.0.get(&of_session) {
                let counted = counted.entry(*channel).or_default();
                counted.visitors += i64::from(counted.seen.insert(visitor));
            }
        })?;
        for (of_session, money) in &paid {
            if let Some(channel) = channels.0.get(of_session) {
                counted.entry(*channel).or_default().money.add(money);
            }
        }
        if asked.paying {
            for (of_session, visitor) in self.payers_by_mark(selection, asked.with_renewals)? {
                let channel = channels.0.get(&of_session);
                if let Some(counted) = channel.and_then(|channel| counted.get_mut(channel))
                    && counted.seen.contains(visitor)
                {
                    counted.paying += i64::from(counted.payers.insert(visitor));
                }
            }
        }
        let is_empty = |counted: &Counted| counted.visitors == 0 && counted.money == Money::default();
        let groups = counted.into_iter().filter(|(_, counted)| !is_empty(counted)).map(|(channel, counted)| Group {
            key: vec![channel.as_str().to_owned()],
            visitors: counted.visitors,
            money: counted.money,
            paying: counted.paying,
        });
        Ok(groups.collect())
    }

    /// Calls `each` with the visitor and the marks of every session of a selection.
    fn each_mark(&self, selection: &Selection, mut each: impl FnMut(i64, Marks)) -> Result<(), Error> {
        let columns = [of_dimension("referrer"), Some(session::REFERRER_HOST), of_dimension("campaign")];
        if let [Some(referrer), Some(host), Some(campaign)] = columns
            && segments::are_ready(self)?
            && self.each_present(selection, &[referrer, host, campaign], |_, visitor, keys| {
                if let [referrer, host, campaign] = *keys {
                    each(visitor, [referrer, host, campaign]);
                }
            })?
        {
            return Ok(());
        }
        let mut parameters = Parameters::default();
        let present = is_present(self, selection.span, &mut parameters)?;
        let sessions = blocks::sessions(self, selection.span, &mut parameters)?;
        let condition = condition(self, selection, &mut parameters)?;
        let columns: Vec<String> = std::iter::once("s.visitor").chain(MARKS).map(str::to_owned).collect();
        let source = format!("{sessions} WHERE {present}{condition}");
        packed::each_row(self, (&columns, &source), &parameters, |row| {
            if let [visitor, referrer, host, campaign] = *row {
                each(visitor, [referrer, host, campaign]);
            }
        })
    }

    fn paid_by_mark(&self, selection: &Selection) -> Result<Vec<(Marks, Money)>, Error> {
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let condition = condition(self, selection, &mut parameters)?;
        let rows = self.sql.rows(
            &format!(
                "SELECT {}, {} FROM payments p JOIN sessions s ON s.id = p.session \
                 WHERE p.time BETWEEN {from} AND {to}{condition} GROUP BY 1, 2, 3",
                MARKS.join(", "),
                Money::columns()
            ),
            parameters.values(),
        )?;
        rows.into_iter().map(|mut row| Ok((read_marks(&mut row)?, Money::read(&mut row)?))).collect()
    }

    fn payers_by_mark(&self, selection: &Selection, with_renewals: bool) -> Result<Vec<(Marks, i64)>, Error> {
        let mut parameters = Parameters::default();
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let condition = condition(self, selection, &mut parameters)?;
        let rows = self.sql.rows(
            &format!(
                "SELECT DISTINCT {}, p.visitor FROM payments p JOIN sessions s ON s.id = p.session \
                 WHERE p.time BETWEEN {from} AND {to} AND {} IS NOT NULL{condition}",
                MARKS.join(", "),
                payer(with_renewals)
            ),
            parameters.values(),
        )?;
        rows.into_iter().map(|mut row| Ok((read_marks(&mut row)?, row.next()?))).collect()
    }

    fn channels_of(&self, marks: &BTreeSet<Marks>) -> Result<Channels, Error> {
        let hosts = marks.iter().flat_map(|[referrer, host, _]| [*referrer - 1, *host - 1]);
        let hosts = hosts.filter(|row| *row > StringRow::DIRECT.0).into_set();
        let campaigns = marks.iter().map(|[.., campaign]| *campaign - 1).filter(|row| *row >= 0);
        let texts = self.texts("SELECT id, text FROM strings WHERE id IN", &hosts)?;
        let text = |column: &str| format!("(SELECT text FROM strings WHERE id = c.{column})");
        let campaigns = self.texts(
            &format!(
                "SELECT c.id, ifnull(coalesce({}, {}, {}), ''), ifnull({}, ''), ifnull({}, '') FROM campaigns c WHERE c.id IN",
                text("utm_source"),
                text("source"),
                text("ref"),
                text("utm_medium"),
                text("utm_campaign")
            ),
            &campaigns.collect(),
        )?;
        let known = |mark: i64| texts.get(&(mark - 1)).and_then(|texts: &Vec<String>| texts.first());
        let channel = |of_session: &Marks| {
            let [referrer, host, campaign] = *of_session;
            let [source, medium, campaign] = match campaigns.get(&(campaign - 1)).map(Vec::as_slice) {
                Some([source, medium, campaign]) => [source.as_str(), medium, campaign],
                _ => [""; 3],
            };
            let referrer = known(referrer).map_or("", String::as_str);
            let referrer_host = known(host).map_or("", String::as_str);
            (*of_session, Channel::of(Origin { referrer, referrer_host, source, medium, campaign }))
        };
        Ok(Channels(marks.iter().map(channel).collect()))
    }

    /// The texts of these rows, which follow the row's number.
    fn texts(&self, select: &str, rows: &BTreeSet<i64>) -> Result<HashMap<i64, Vec<String>>, Error> {
        let rows: Vec<i64> = rows.iter().copied().collect();
        let width = if select.contains("campaigns") { 3 } else { 1 };
        let mut found = HashMap::with_capacity(rows.len());
        for rows in rows.chunks(READ_AT_ONCE) {
            let mut parameters = Parameters::default();
            let list = parameters.bind_list(rows);
            for mut row in self.sql.rows(&format!("{select} {list}"), parameters.values())? {
                let id: i64 = row.next()?;
                found.insert(id, (0..width).map(|_| row.next()).collect::<Result<_, _>>()?);
            }
        }
        Ok(found)
    }
}

fn read_marks(row: &mut Row) -> Result<Marks, Error> {
    Ok([row.next()?, row.next()?, row.next()?])
}
