//! The dimensions that visitors are counted by. The table below is the only list of a session's dimensions: its
//! columns, rollups, filters and breakdowns follow from it.

use serde::{Deserialize, Serialize};
use sluice_values::{Hostname, display_names, host_meant};

use crate::event::{CAMPAIGN_KEYS, Context, Kind};
use crate::rows::{CampaignRow, Key, PageRow, StringRow};

/// A dimension that a session takes from its first event.
pub struct SessionDimension {
    pub dimension: Dimension,
    /// The column of `sessions`, and the name of the filter.
    pub column: &'static str,
    /// The filter on the dimension; `None` if filters test its parts instead.
    pub filter: Option<FilterField>,
    pub value: Reading,
    /// The other spelling of a filter's value, for values with several names.
    pub spelling: fn(&str) -> Option<String>,
}

/// Reads a session's value from its first event.
pub enum Reading {
    /// A text of the context, as reports show it.
    Text(fn(&Context) -> Option<String>),
    /// A row that is stored for the event anyway.
    Row(fn(&FirstEvent<'_>) -> Option<Key>),
}

/// The first event of a session.
#[derive(Clone, Copy)]
pub struct FirstEvent<'a> {
    pub hostname: Option<StringRow>,
    pub source: Option<StringRow>,
    pub campaign: Option<CampaignRow>,
    pub context: &'a Context,
}

macro_rules! dimensions {
    (
        sessions { $($(#[$doc:meta])* $name:ident = $code:literal $column:literal [$($filter:ident)?], $value:expr, $spelling:expr;)* }
        events { $($(#[$event_doc:meta])* $event:ident = $event_code:literal;)* }
        other_filters { $($(#[$other_doc:meta])* $other:ident = $other_name:literal;)* }
    ) => {
        /// What visitors are counted by. Sent between Worker and object: variants may be added, never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Dimension {
            $($(#[$doc])* $name,)*
            $($(#[$event_doc])* $event,)*
        }

        impl Dimension {
            /// Its number in `totals`. Stored in the object: never changed, and never used for another dimension.
            pub const fn code(self) -> i64 {
                match self {
                    $(Self::$name => $code,)*
                    $(Self::$event => $event_code,)*
                }
            }

            /// The column of `sessions`; `None` for dimensions of events.
            pub const fn column(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($column),)*
                    $(Self::$event => None,)*
                }
            }
        }

        /// The dimensions of sessions, in the order of the filters in docs/contract/website-api.md#1.8.
        pub const SESSION_DIMENSIONS: &[SessionDimension] = &[$(SessionDimension {
            dimension: Dimension::$name,
            column: $column,
            filter: { let filter: &[FilterField] = &[$(FilterField::$filter)?]; filter.first().copied() },
            value: $value,
            spelling: $spelling,
        },)*];

        /// What a filter tests. Sent between Worker and object, and stored with alerts: variants may be added, never
        /// renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FilterField {
            $($($filter,)?)*
            $($(#[$other_doc])* $other,)*
        }

        impl FilterField {
            /// Its name in queries, without `filter_`.
            pub const fn name(self) -> &'static str {
                match self {
                    $($(Self::$filter => $column,)?)*
                    $(Self::$other => $other_name,)*
                }
            }

            const OTHERS: &[Self] = &[$(Self::$other),*];
        }
    };
}

const ONE_SPELLING: fn(&str) -> Option<String> = |_| None;

fn normal_host(written: &str) -> Option<String> {
    written.parse::<Hostname>().ok().map(|host| host.normal().to_owned())
}

dimensions! {
    sessions {
        /// By its full name.
        Country = 3 "country" [Country],
            Reading::Text(|context| context.country.as_deref().map(display_names::country)),
            display_names::country_of;
        Region = 4 "region" [Region],
            Reading::Text(|context| context.region.as_deref().map(display_names::region)),
            |value| Some(display_names::region(value));
        City = 5 "city" [City], Reading::Text(|context| context.city.clone()), ONE_SPELLING;
        /// `desktop`, `mobile`, `tablet`.
        Device = 6 "device" [Device], Reading::Text(|context| context.device.clone()), ONE_SPELLING;
        Browser = 7 "browser" [Browser],
            Reading::Text(|context| context.browser.clone()), |value| Some(display_names::browser(value));
        OperatingSystem = 8 "os" [Os], Reading::Text(|context| context.os.clone()), ONE_SPELLING;
        /// The source of a session; "Direct/None" without one.
        Referrer = 2 "referrer" [Referrer],
            Reading::Row(|first| Some(first.source.unwrap_or(StringRow::DIRECT).into())),
            host_meant;
        /// Of the first event; `session_hosts` has the others.
        Hostname = 1 "hostname" [Hostname], Reading::Row(|first| first.hostname.map(Key::from)), normal_host;
        /// All eight parameters together.
        Campaign = 9 "campaign" [], Reading::Row(|first| first.campaign.map(Key::from)), ONE_SPELLING;
    }
    events {
        /// Host and path.
        Page = 10;
        Goal = 11;
        /// The address of a link to another website.
        ExitClick = 12;
    }
    other_filters {
        Page = "page";
        EntryPage = "entry_page";
        Goal = "goal";
        UtmSource = "utm_source";
        UtmMedium = "utm_medium";
        UtmCampaign = "utm_campaign";
        UtmTerm = "utm_term";
        UtmContent = "utm_content";
        Ref = "ref";
        Source = "source";
        Via = "via";
        VisitCount = "visit_count";
        /// The visitor has any payment; only in the list of visitors.
        Customer = "customer";
    }
}

impl FilterField {
    /// Every filter that reports accept, in the order of docs/contract/website-api.md#1.8, where pages come before
    /// hosts.
    pub fn of_reports() -> impl Iterator<Item = Self> {
        let before = SESSION_DIMENSIONS.iter().take_while(|row| row.dimension != Dimension::Hostname);
        let after = SESSION_DIMENSIONS.iter().skip_while(|row| row.dimension != Dimension::Hostname);
        let (pages, rest) = Self::OTHERS.split_at(2);
        let rest = rest.iter().copied().filter(|field| *field != Self::Customer);
        before
            .filter_map(|row| row.filter)
            .chain(pages.iter().copied())
            .chain(after.filter_map(|row| row.filter))
            .chain(rest)
    }

    /// Whether the filter tests a dimension of sessions or a campaign parameter.
    pub fn is_of_sessions(self) -> bool {
        SessionDimension::of_filter(self).is_some() || self.campaign_key().is_some()
    }

    pub fn campaign_key(self) -> Option<&'static str> {
        CAMPAIGN_KEYS.into_iter().find(|key| *key == self.name())
    }
}

impl SessionDimension {
    pub fn of_filter(field: FilterField) -> Option<&'static Self> {
        SESSION_DIMENSIONS.iter().find(|row| row.filter == Some(field))
    }
}

/// The columns of all dimensions of a session.
pub fn session_columns() -> impl Iterator<Item = &'static str> {
    SESSION_DIMENSIONS.iter().map(|row| row.column)
}

impl Dimension {
    /// The dimension and key that an event counts for by itself, regardless of its session.
    pub fn of_event(kind: Kind, page: Option<PageRow>, name: Option<StringRow>) -> Option<(Self, Key)> {
        match kind {
            Kind::Pageview => page.map(|page| (Self::Page, page.into())),
            Kind::Goal => name.map(|name| (Self::Goal, name.into())),
            Kind::ExternalLink => name.map(|name| (Self::ExitClick, name.into())),
            Kind::Identify | Kind::PaymentHint => None,
        }
    }

    /// Whether reports read how many events have a value, beside how many visitors.
    pub const fn has_count(self) -> bool {
        matches!(self, Self::Goal | Self::ExitClick)
    }
}
