//! The visitors of each value of a dimension, from columns.

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

    fn count_sessions_by(&self, selection: &Selection, column: usize) -> Result<Option<Vec<(i64, i64)>>, Error> {
        let span = selection.span;
        let mut wanted = vec![session::STARTED, session::DURATION, session::VISITOR];
        let by = position(&mut wanted, column);
        let Some(chosen) = Chosen::of(self, selection, &mut wanted)? else { return Ok(None) };
        let spanning = segments::spanning(self, span)?;
        let (mut pairs, mut has_room) = (Pairs::new(), true);
        segments::scan(self, &SESSIONS, &wanted, &Reach::of(span), |chunk| {
            let [all_started, durations, visitors, keys] = chunk.columns([0, 1, 2, by])?;
            for at in chosen.of_chunk(chunk)? {
                let (visitor, key, started) = (visitors.get(at), keys.get(at), all_started.get(at));
                let ended = started + durations.get(at);
                let is_within = || spanning.contains(chunk.id(at));
                if visitor != 0 && key != 0 && has_room && segments::is_present(span, (started, ended), is_within) {
                    has_room = pairs.insert(key - 1, visitor);
                }
            }
            Ok(())
        })?;
        Ok(has_room.then(|| pairs.counts()))
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
