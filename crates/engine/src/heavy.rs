//! Which calls may take long. They take turns, and events go between them.

use crate::bots::Bots;
use crate::protocol::Call;
use crate::selection::{Filter, Test};

/// A report with more filters, more values in them, or a higher offset than this may take long; a search too.
const FEW_FILTERS: usize = 5;
const FEW_VALUES: usize = 20;
const LOW_OFFSET: u32 = 1_000;

impl Call {
    /// Whether the call reads much, and writes nothing.
    pub fn is_heavy(&self) -> bool {
        match self {
            Self::Overview(asked) => has_many(&asked.selection.filters),
            Self::Timeseries(asked) => has_many(&asked.overview.selection.filters),
            Self::FunnelReport(asked) => has_many(&asked.selection.filters),
            Self::Breakdown(asked) => {
                has_many(&asked.selection.filters) || asked.offset > LOW_OFFSET || asked.search.is_some()
            }
            Self::GoalReport(asked) => {
                has_many(&asked.selection.filters) || asked.offset > LOW_OFFSET || asked.search.is_some()
            }
            Self::GoalProperties(asked) => asked.offset > LOW_OFFSET,
            Self::VisitorList(asked) => {
                has_many(&asked.selection.filters)
                    || asked.offset > LOW_OFFSET
                    || asked.search.is_some()
                    || asked.by_revenue
            }
            Self::Replay(_) | Self::Bots(Bots::Report(_) | Bots::Pages(_)) => true,
            _ => false,
        }
    }
}

fn has_many(filters: &[Filter]) -> bool {
    let values = |filter: &Filter| match &filter.test {
        Test::Is(values) | Test::Contains(values) => values.len(),
        Test::Equals(values) => values.len(),
        _ => 1,
    };
    filters.len() > FEW_FILTERS || filters.iter().map(values).sum::<usize>() > FEW_VALUES
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_with_many_filters_or_values_is_heavy() {
        let is_heavy = |filters: usize, values: usize| {
            let values: Vec<String> = (0..values).map(|number| format!("v{number}")).collect();
            let filter = json!({ "field": "country", "negated": false, "test": { "Is": values } });
            let selection = json!({ "span": { "from": 0, "to": 1 }, "filters": vec![filter; filters] });
            let overview = json!({ "Overview": { "selection": selection, "zone": "UTC", "with_renewals": true } });
            serde_json::from_value::<Call>(overview).unwrap().is_heavy()
        };
        assert_eq!(
            [(0, 0), (5, 4), (1, 21), (6, 1)].map(|(filters, values)| is_heavy(filters, values)),
            [false, false, true, true]
        );
        let append = serde_json::from_value::<Call>(json!({ "RealtimeCount": {} })).unwrap();
        assert!(!append.is_heavy());
    }
}
