//! A funnel from the columns of events, in one pass.
//!
//! Segments have events in the order of their arrival. That is nearly always each visitor's order of time, so that a visitor's
//! step is all that is kept. The visitors for whom it is not, or whose steps events alone do not tell, are left to SQL.

use super::funnel::{FunnelReport, Step, Taken, TakenStep, pages_of};
use super::paid::paid;
use crate::bits::Bits;
use crate::chosen::Chosen;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::completes;
use crate::packed;
use crate::segments::{self, EVENTS, Reach, SESSIONS, event, session};
use crate::selection::{Selection, Span};
use crate::site::Site;
use crate::sql::{Parameters, Sql};
use crate::texts;

/// More visitors than this are not left to SQL: it follows all.
const MOST_LEFT: usize = 20_000;

/// How far the visitors are, by their number.
#[derive(Default)]
struct Progress {
    /// The time of the last event that completes any step, and how many steps are completed.
    states: Vec<i64>,
    left: Bits,
    left_count: usize,
}

/// The bits of a state that have the number of completed steps.
const LEVEL_BITS: u32 = 5;
const NOT_BEGUN: i64 = i64::MIN;

impl Progress {
    fn leave(&mut self, visitor: i64) {
        self.left_count += usize::from(self.left.insert(visitor));
    }

    /// Takes an event that completes the steps in `mask`.
    fn take(&mut self, visitor: i64, time: i64, mask: u32) {
        let Ok(at) = usize::try_from(visitor) else { return };
        if at >= self.states.len() {
            self.states.resize((at + 1).next_power_of_two(), NOT_BEGUN);
        }
        let Some(state) = self.states.get_mut(at) else { return };
        if time < *state >> LEVEL_BITS {
            return self.leave(visitor);
        }
        let level = level(*state);
        *state = (time << LEVEL_BITS) | (level + i64::from(mask >> level & 1));
    }

    /// The completed steps of a visitor who is not left.
    fn level(&self, visitor: i64) -> u8 {
        let state = usize::try_from(visitor).ok().and_then(|at| self.states.get(at));
        let level = state.map_or(0, |state| level(*state));
        if level == 0 || self.left.contains(visitor) { 0 } else { u8::try_from(level).unwrap_or_default() }
    }
}

/// How many steps are completed.
const fn level(state: i64) -> i64 {
    state & ((1 << LEVEL_BITS) - 1)
}

impl<S: Sql> Site<S> {
    /// The numbers of all visitors but some, and these others; `None` if columns cannot tell.
    pub(super) fn follow(&self, asked: &FunnelReport) -> Result<Option<(Taken, Vec<i64>)>, Error> {
        let (selection, steps) = (&asked.selection, asked.steps.len());
        if steps >= 1 << LEVEL_BITS || !segments::are_ready(self)? {
            return Ok(None);
        }
        let Some(paid) = paid(self, selection.span, true)? else { return Ok(None) };
        let chosen = if selection.is_unfiltered() {
            None
        } else {
            let rows = paid.iter().map(|paid| paid.session).filter(|row| *row != 0).collect();
            let Some(chosen) = self.chosen_sessions(selection, rows)? else { return Ok(None) };
            Some(chosen)
        };
        let mut progress = Progress::default();
        let masks = self.masks(&asked.steps, selection.span, &mut progress)?;
        let mut wanted = vec![event::TIME, event::VISITOR, event::WHAT];
        wanted.extend(chosen.as_ref().map(|_| event::SESSION));
        let (from, to) = (selection.span.from, selection.span.to);
        segments::scan(self, &EVENTS, &wanted, &Reach::of(selection.span), |chunk| {
            let [times, visitors, whats] = chunk.columns([0, 1, 2])?;
            let sessions = chosen.as_ref().map(|chosen| Ok((chosen, chunk.columns([3])?))).transpose()?;
            whats.each(|at, what| {
                let mask = usize::try_from(what).ok().and_then(|what| masks.get(what)).copied().unwrap_or_default();
                if mask == 0 {
                    return;
                }
                let (time, visitor) = (times.get(at), visitors.get(at));
                if time < from || time > to {
                    return;
                }
                match sessions.map(|(chosen, [sessions])| (chosen, sessions.get(at))) {
                    // The session of a backend's goal is not stored.
                    Some((_, 0)) => progress.leave(visitor),
                    Some((chosen, session)) if !chosen.contains(session) => {}
                    _ => progress.take(visitor, time, mask),
                }
            });
            Ok(())
        })?;
        if progress.left_count > MOST_LEFT {
            return Ok(None);
        }
        let mut taken: Vec<_> = (0..steps).map(|_| TakenStep::default()).collect();
        for visitor in (1..).take(progress.states.len()) {
            for step in taken.iter_mut().take(usize::from(progress.level(visitor))) {
                step.visitors += 1;
            }
        }
        for paid in paid.iter().filter(|paid| chosen.as_ref().is_none_or(|chosen| chosen.contains(paid.session))) {
            for step in taken.iter_mut().take(usize::from(progress.level(paid.visitor))) {
                step.money.add(&paid.money);
            }
        }
        Ok(Some((Taken { steps: taken }, progress.left.iter().collect())))
    }

    /// For each number of [`segments::what`], the steps that it completes, as bits. Leaves the visitors whose payments
    /// complete a step.
    fn masks(&self, steps: &[Step], span: Span, progress: &mut Progress) -> Result<Vec<u32>, Error> {
        let mut masks = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            let mut parameters = Parameters::default();
            let mut add = |what: i64| {
                let Ok(what) = usize::try_from(what) else { return };
                if what >= masks.len() {
                    masks.resize(what + 1, 0);
                }
                if let Some(mask) = masks.get_mut(what) {
                    *mask |= 1 << number;
                }
            };
            match step {
                Step::Goal(name) => match completes(name) {
                    Some(completes) => {
                        let (from, to) = (parameters.bind(span.from), parameters.bind(span.to));
                        let source = format!(
                            "payments p WHERE p.visitor IS NOT NULL AND {completes} AND p.time BETWEEN {from} AND {to}"
                        );
                        packed::each_row(self, (&["p.visitor".to_owned()], &source), &parameters, |row| {
                            for visitor in row {
                                progress.leave(*visitor);
                            }
                        })?;
                    }
                    None => {
                        for row in texts::rows_of(&self.sql, std::slice::from_ref(name))? {
                            add(segments::what(Kind::Goal, row));
                        }
                    }
                },
                Step::Page { hostname, path, is_prefix } => {
                    let pages = pages_of(hostname.as_deref(), path, *is_prefix, &mut parameters);
                    let source = format!("({pages}) pg");
                    packed::each_row(self, (&["pg.id".to_owned()], &source), &parameters, |row| {
                        for page in row {
                            add(segments::what(Kind::Pageview, *page));
                        }
                    })?;
                }
            }
        }
        Ok(masks)
    }

    /// The sessions that meet the filters, of those in the span and those in `rows`; `None` if columns cannot tell.
    pub(super) fn chosen_sessions(&self, selection: &Selection, rows: Vec<i64>) -> Result<Option<Bits>, Error> {
        let mut wanted = vec![session::VISITOR];
        let Some(chosen) = Chosen::of(self, selection, &mut wanted)? else { return Ok(None) };
        let mut sessions = Bits::default();
        segments::scan(self, &SESSIONS, &wanted, &Reach { span: selection.span, rows }, |chunk| {
            let [visitors] = chunk.columns([0])?;
            for at in chosen.of_chunk(chunk)?.into_iter().filter(|at| visitors.get(*at) != 0) {
                sessions.insert(chunk.id(at));
            }
            Ok(())
        })?;
        Ok(Some(sessions))
    }
}
