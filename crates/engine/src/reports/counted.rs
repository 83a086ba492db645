//! The visitors of each value of a dimension, from columns.

use std::collections::HashMap;

use crate::bits::Bits;
use crate::chosen::{Chosen, position};
use crate::dimensions::Dimension;
use crate::error::Error;
use crate::event::Kind;
use crate::pairs::Pairs;
use crate::segments::{self, EVENTS, Reach, SESSIONS, event, session};
use crate::selection::Selection;
use crate::site::Site;
use crate::sql::Sql;

/// With more combinations than this, SQL counts them: they are bound as one list.
const MOST_COMBINATIONS: usize = 40_000;

/// The values of several dimensions, and their visitors.
pub(super) type Combination = (Vec<Option<i64>>, i64);

impl<S: Sql> Site<S> {
    /// The number of visitors of each value of a dimension in a selection; `None` if columns cannot tell.
    pub(super) fn count_by_columns(
        &self,
        selection: &Selection,
        dimension: Dimension,
    ) -> Result<Option<Vec<(i64, i64)>>, Error> {
        if !segments::are_ready(self)? {
            return Ok(None);
        }
        match dimension.column().and_then(segments::of_dimension) {
            Some(column) => self.count_sessions_by(selection, column),
            None if dimension == Dimension::Page => self.count_by_page(selection),
            None => Ok(None),
        }
    }

    /// The number of visitors of each page that sessions of a selection began on; `None` if columns cannot tell.
    pub(super) fn count_by_entry(&self, selection: &Selection) -> Result<Option<Vec<(i64, i64)>>, Error> {
        if segments::are_ready(self)? { self.count_sessions_by(selection, session::ENTRY) } else { Ok(None) }
    }

    fn count_sessions_by(&self, selection: &Selection, column: usize) -> Result<Option<Vec<(i64, i64)>>, Error> {
        let (mut pairs, mut has_room) = (Pairs::new(), true);
        let can_tell = self.each_present(selection, &[column], |_, visitor, keys| {
            if let [key] = *keys
                && key != 0
                && has_room
            {
                has_room = pairs.insert(key - 1, visitor);
            }
        })?;
        Ok((can_tell && has_room).then(|| pairs.counts()))
    }

    /// The number of visitors of each combination of values of these dimensions, of those in which the first is set; `None` if
    /// columns cannot tell.
    pub(super) fn count_by_several(
        &self,
        selection: &Selection,
        dimensions: &[Dimension],
    ) -> Result<Option<Vec<Combination>>, Error> {
        let columns = dimensions.iter().map(|dimension| dimension.column().and_then(segments::of_dimension));
        let Some(columns) = columns.collect::<Option<Vec<_>>>() else { return Ok(None) };
        if !segments::are_ready(self)? {
            return Ok(None);
        }
        let (mut pairs, mut has_room) = (Pairs::new(), true);
        let mut numbers: HashMap<Vec<i64>, i64> = HashMap::new();
        let can_tell = self.each_present(selection, &columns, |_, visitor, keys| {
            if keys.first().is_none_or(|key| *key == 0) || !has_room {
                return;
            }
            let next = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
            let number = match numbers.get(keys) {
                Some(number) => *number,
                None => *numbers.entry(keys.to_vec()).or_insert(next),
            };
            has_room = pairs.insert(number, visitor) && numbers.len() <= MOST_COMBINATIONS;
        })?;
        if !can_tell || !has_room {
            return Ok(None);
        }
        let mut keys: Vec<(i64, Vec<i64>)> = numbers.into_iter().map(|(keys, number)| (number, keys)).collect();
        keys.sort_unstable();
        let set = |key: i64| (key != 0).then(|| key - 1);
        let counted = pairs.counts().into_iter().zip(keys);
        Ok(Some(counted.map(|((_, count), (_, keys))| (keys.into_iter().map(set).collect(), count)).collect()))
    }

    /// Calls `each` with every session of a selection: its number, its visitor and these columns. Returns whether columns can
    /// tell; if not, it calls nothing.
    pub(super) fn each_present(
        &self,
        selection: &Selection,
        columns: &[usize],
        mut each: impl FnMut(i64, i64, &[i64]),
    ) -> Result<bool, Error> {
        let span = selection.span;
        let mut wanted = vec![session::STARTED, session::DURATION, session::VISITOR];
        let by: Vec<usize> = columns.iter().map(|column| position(&mut wanted, *column)).collect();
        let Some(chosen) = Chosen::of(self, selection, &mut wanted)? else { return Ok(false) };
        let spanning = segments::spanning(self, span)?;
        let mut keys = Vec::with_capacity(by.len());
        segments::scan(self, &SESSIONS, &wanted, &Reach::of(span), |chunk| {
            let [all_started, durations, visitors] = chunk.columns([0, 1, 2])?;
            let all_keys = by.iter().map(|at| chunk.columns([*at]).map(|[column]| column));
            let all_keys = all_keys.collect::<Result<Vec<_>, _>>()?;
            for at in chosen.of_chunk(chunk)? {
                let (visitor, started) = (visitors.get(at), all_started.get(at));
                let ended = started + durations.get(at);
                let is_within = || spanning.contains(chunk.id(at));
                if visitor != 0 && segments::is_present(span, (started, ended), is_within) {
                    keys.clear();
                    keys.extend(all_keys.iter().map(|column| column.get(at)));
                    each(chunk.id(at), visitor, &keys);
                }
            }
            Ok(())
        })?;
        Ok(true)
    }

    fn count_by_page(&self, selection: &Selection) -> Result<Option<Vec<(i64, i64)>>, Error> {
        let (from, to) = (selection.span.from, selection.span.to);
        let chosen: Option<Bits> = if selection.is_unfiltered() {
            None
        } else {
            let Some(chosen) = self.chosen_sessions(selection, Vec::new())? else { return Ok(None) };
            Some(chosen)
        };
        let (mut pairs, mut has_room) = (Pairs::new(), true);
        let wanted = [event::TIME, event::VISITOR, event::WHAT, event::SESSION];
        segments::scan(self, &EVENTS, &wanted, &Reach::of(selection.span), |chunk| {
            let [times, visitors, whats, sessions] = chunk.columns([0, 1, 2, 3])?;
            whats.each(|at, what| {
                let Some((Kind::Pageview, page)) = segments::of_what(what) else { return };
                let is_within = (from..=to).contains(&times.get(at));
                if is_within && has_room && chosen.as_ref().is_none_or(|chosen| chosen.contains(sessions.get(at))) {
                    has_room = pairs.insert(page, visitors.get(at));
                }
            });
            Ok(())
        })?;
        Ok(has_room.then(|| pairs.counts()))
    }
}
