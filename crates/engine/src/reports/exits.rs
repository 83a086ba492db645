//! The page that a session ended on: that of its last pageview, of several at one moment the one that arrived last.

use crate::error::Error;
use crate::event::Kind;
use crate::fragments::is_kind;
use crate::pairs::Pairs;
use crate::segments::{self, EVENTS, Reach, event};
use crate::selection::{Selection, Span};
use crate::session;
use crate::site::Site;
use crate::sql::Sql;

/// With sessions that are further apart than this, SQL finds the pages: 16 bytes are kept for each.
const MOST_SESSIONS: usize = 1 << 21;

/// The page that a session `s` ended on, as a subselect; NULL without a pageview.
pub(super) fn exit_page() -> String {
    format!(
        "(SELECT f.page FROM events f INDEXED BY events_visitor WHERE f.visitor = s.visitor \
         AND f.time BETWEEN s.started AND s.ended AND {} AND f.page IS NOT NULL AND f.session = s.id \
         ORDER BY f.time DESC, f.id DESC LIMIT 1)",
        is_kind("f", Kind::Pageview)
    )
}

/// The last pageview of a session that has been found.
#[derive(Clone, Copy)]
struct Last {
    time: i64,
    page: u32,
    visitor: u32,
}

impl<S: Sql> Site<S> {
    /// The number of visitors of each page that sessions of a selection ended on; `None` if columns cannot tell.
    pub(super) fn count_by_exit(&self, selection: &Selection) -> Result<Option<Vec<(i64, i64)>>, Error> {
        if !segments::are_ready(self)? {
            return Ok(None);
        }
        let mut sessions = Vec::new();
        let can_tell = self.each_present(selection, &[], |session, visitor, _| sessions.push((session, visitor)))?;
        let lowest = sessions.iter().map(|(session, _)| *session).min().unwrap_or_default();
        let place = |session: i64| usize::try_from(session - lowest).unwrap_or(usize::MAX);
        let width = sessions.iter().map(|(session, _)| place(*session) + 1).max().unwrap_or_default();
        if !can_tell || width > MOST_SESSIONS {
            return Ok(None);
        }
        let mut all = vec![Last { time: i64::MIN, page: 0, visitor: 0 }; width];
        for (session, visitor) in sessions {
            if let Some(last) = all.get_mut(place(session)) {
                last.visitor = u32::try_from(visitor).unwrap_or_default();
            }
        }
        // A session of the selection may have its last pageview after it.
        let longest = session::longest(self)?;
        let Span { from, to } = selection.span;
        let reach = Reach::of(Span { from: from.saturating_sub(longest), to: to.saturating_add(longest) });
        let wanted = [event::TIME, event::VISITOR, event::WHAT, event::SESSION];
        segments::scan(self, &EVENTS, &wanted, &reach, |chunk| {
            let [times, whats, sessions] = chunk.columns([0, 2, 3])?;
            whats.each(|at, what| {
                let Some((Kind::Pageview, page)) = segments::of_what(what) else { return };
                let Some(last) = all.get_mut(place(sessions.get(at))) else { return };
                // Rows come in the order of their arrival.
                if times.get(at) >= last.time {
                    (last.time, last.page) = (times.get(at), u32::try_from(page).unwrap_or_default());
                }
            });
            Ok(())
        })?;
        let (mut pairs, mut has_room) = (Pairs::new(), true);
        for last in all.iter().filter(|last| last.visitor != 0 && last.time > i64::MIN) {
            has_room = has_room && pairs.insert(last.page.into(), last.visitor.into());
        }
        Ok(has_room.then(|| pairs.counts()))
    }
}
