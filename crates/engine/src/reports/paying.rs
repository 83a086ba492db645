//! The paying visitors of each group of a breakdown: of its visitors, those who paid in the range in one of its sessions
//! (docs/contract/reports.md#4).

use std::collections::BTreeMap;

use super::breakdown::{Breakdown, By, Keys, Shape};
use crate::dimensions::Dimension;
use crate::error::Error;
use crate::event::Kind;
use crate::fragments::{is_kind, payer};
use crate::selection::{condition, has_session, is_present};
use crate::site::Site;
use crate::sql::{Parameters, Sql};

impl<S: Sql> Site<S> {
    /// The number of paying visitors of each group, by its key; nothing if it is not asked for. It reads the payments of the
    /// range, and looks up whether each payer is among the visitors of their groups.
    pub(super) fn paying(&self, asked: &Breakdown, shape: &Shape) -> Result<BTreeMap<Keys, i64>, Error> {
        if !asked.paying {
            return Ok(BTreeMap::new());
        }
        let selection = &asked.selection;
        let mut parameters = Parameters::default();
        // Of a page, whether its visitors are present is known from their pageviews.
        let present = match asked.by {
            By::Dimension(Dimension::Page) => String::new(),
            _ => is_present(self, selection.span, &mut parameters)?,
        };
        let condition = condition(self, selection, &mut parameters)?;
        let (from, to) = (parameters.bind(selection.span.from), parameters.bind(selection.span.to));
        let (group, width) = (shape.group(), shape.keys.len());
        let paid = format!("SELECT session FROM payments WHERE time BETWEEN {from} AND {to}");
        let is_pageview = |event| is_kind(event, Kind::Pageview);
        let in_group = |keys: &[String]| {
            let same = keys.iter().enumerate().map(|(at, key)| format!(" AND {key} IS q.k{at}"));
            same.collect::<String>()
        };
        // What a payment's session is in, and whether the payer is a visitor of it.
        let (source, named, is_set, is_visitor) = match &asked.by {
            By::Dimension(Dimension::Page) => {
                let sessions = if selection.is_unfiltered() { "" } else { "JOIN sessions s ON s.id = e.session" };
                (
                    format!(
                        "JOIN events v INDEXED BY events_visitor ON v.visitor = s.visitor \
                         AND v.time BETWEEN s.started AND s.ended AND {} AND v.session = s.id",
                        is_pageview("v")
                    ),
                    "v.page AS k0".to_owned(),
                    "v.page IS NOT NULL",
                    format!(
                        "EXISTS (SELECT 1 FROM events e INDEXED BY events_visitor {sessions} WHERE e.visitor = q.visitor \
                         AND e.time BETWEEN {from} AND {to} AND {} AND e.page = q.k0{condition})",
                        is_pageview("e")
                    ),
                )
            }
            By::Dimension(Dimension::Hostname) => (
                format!(
                    "JOIN (SELECT id AS session, hostname FROM sessions WHERE id IN ({paid}) UNION ALL \
                     SELECT session, hostname FROM session_hosts WHERE session IN ({paid})) h ON h.session = p.session"
                ),
                "h.hostname AS k0".to_owned(),
                "h.hostname IS NOT NULL",
                has_session(
                    "q.visitor",
                    &present,
                    &format!(
                        " AND (s.hostname = q.k0 OR EXISTS (SELECT 1 FROM session_hosts o WHERE o.session = s.id \
                         AND o.hostname = q.k0)){condition}"
                    ),
                ),
            ),
            By::CampaignKeys(_) => (
                shape.join.clone(),
                shape.named(),
                shape.is_set.as_str(),
                format!(
                    "EXISTS (SELECT 1 FROM sessions s INDEXED BY sessions_visitor {} WHERE s.visitor = q.visitor{} \
                     AND {present}{condition})",
                    shape.join,
                    in_group(&shape.keys)
                ),
            ),
            By::Dimension(_) | By::EntryPage | By::ExitPage | By::Several(_) | By::Channel => (
                String::new(),
                shape.named(),
                shape.is_set.as_str(),
                has_session("q.visitor", &present, &format!("{}{condition}", in_group(&shape.keys))),
            ),
        };
        let payer = payer(asked.with_renewals);
        let rows = self.sql.rows(
            &format!(
                "WITH q AS MATERIALIZED (SELECT DISTINCT {named}, p.visitor AS visitor FROM payments p \
                 JOIN sessions s ON s.id = p.session {source} \
                 WHERE p.time BETWEEN {from} AND {to} AND {payer} IS NOT NULL AND {is_set}{condition}) \
                 SELECT {group}, count(*) FROM q WHERE {is_visitor} GROUP BY {group}"
            ),
            parameters.values(),
        )?;
        let count = |mut row: crate::sql::Row| {
            let keys = (0..width).map(|_| row.next()).collect::<Result<Keys, _>>()?;
            Ok((keys, row.next()?))
        };
        rows.into_iter().map(count).collect()
    }
}
