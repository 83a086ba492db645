//! `GET /analytics/pages`, `/referrers`, `/countries`, … (docs/contract/website-api.md#2.6): all dimensions share one
//! implementation.

use serde::{Deserialize, Serialize};

use super::fields::{Columns, Fields};
use super::listing::{Listing, Paged};
use super::report::Report;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Query, Raw};
use crate::http::reply::Data;
use crate::websites::report_context::ReportContext;
use sluice_engine::dimensions::Dimension;
use sluice_engine::event::CAMPAIGN_KEYS;
use sluice_engine::reports::breakdown::{Breakdown as Call, By, Group, Order, Rows};
use sluice_values::Timestamp;
use sluice_values::{Decimal, display_names, host_in_unicode};

/// A row of a breakdown.
pub trait Row: Columns + Sized + Serialize + schemars::JsonSchema + 'static {
    /// What the rows are grouped by.
    fn by(fields: &Fields<Self>) -> By;

    /// Builds the row of a group.
    fn of(group: Group, fields: &Fields<Self>, website: &ReportContext) -> Self;
}

/// The query of a breakdown.
#[derive(Debug)]
pub struct Breakdown<R: Row>(Listing<R>, Sort);

#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
struct Ordered {
    sort: Sort,
}

/// What the rows are ordered by, highest first; revenue, then visitors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Sort {
    #[default]
    Visitors,
    Revenue,
}

impl<R: Row> FromRaw for Breakdown<R> {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(Ordered { sort }) = Query::from_raw(raw)?;
        Ok(Self(Listing::from_raw(raw)?, sort))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Listing::<R>::describe(operation, generators);
        Query::<Ordered>::describe(operation, generators);
    }
}

impl<R: Row> Report for Breakdown<R> {
    type Call = Call;
    type Body = Data<R, Paged>;

    fn call(&self, website: &ReportContext, _: Timestamp) -> Result<Call, Error> {
        Ok(Call {
            selection: self.0.scope.selection(website)?,
            by: R::by(&self.0.fields),
            limit: self.0.page.limit.get(),
            offset: self.0.page.offset.get(),
            search: self.0.search(),
            order: match self.1 {
                Sort::Visitors => Order::Visitors,
                Sort::Revenue => Order::Revenue,
            },
            paying: self.0.fields.has("conversion_rate"),
            with_renewals: website.includes_renewals(),
        })
    }

    fn body(self, website: &ReportContext, _: Timestamp, found: Rows) -> Result<Self::Body, Error> {
        let rows = found.rows.into_iter().map(|group| R::of(group, &self.0.fields, website)).collect();
        Ok(self.0.page.of(rows, found.total))
    }
}

/// The columns that every row has besides its key.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Numbers {
    /// Distinct visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors: Option<i64>,
    /// New and, where included, renewal revenue, less refunds.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue: Option<Decimal>,
    /// The number of payments above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<i64>,
    /// Percentage of these visitors who paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversion_rate: Option<Decimal>,
}

/// What every row has only by name.
const BY_NAME: &[&str] = &["conversion_rate"];
/// And rows of places.
const OF_COUNTRIES: &[&str] = &["countryCode", "conversion_rate"];
const OF_PLACES: &[&str] = &["countryCode", "regionCode", "conversion_rate"];

impl Numbers {
    fn of<R: Row>(group: &Group, fields: &Fields<R>, website: &ReportContext) -> Self {
        let revenue = group.money.revenue(website.includes_renewals());
        Self {
            visitors: fields.pick("visitors", group.visitors),
            revenue: fields.pick("revenue", website.money(revenue)),
            payments: fields.pick("payments", group.money.payments),
            conversion_rate: fields.pick("conversion_rate", Decimal::percent(group.paying, group.visitors)),
        }
    }
}

/// Declares the row of a dimension whose key is one text.
macro_rules! by_one_text {
    ($($(#[$doc:meta])* $row:ident: $by:expr, $key:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
            pub struct $row {
                #[serde(skip_serializing_if = "Option::is_none")]
                $key: Option<String>,
                #[serde(flatten)]
                numbers: Numbers,
            }

            impl Columns for $row {
                const NAMES: &'static [&'static str] = &[stringify!($key), "visitors", "revenue", "payments"];
                const BY_NAME: &'static [&'static str] = BY_NAME;
            }

            impl Row for $row {
                fn by(_: &Fields<Self>) -> By {
                    $by
                }

                fn of(group: Group, fields: &Fields<Self>, website: &ReportContext) -> Self {
                    let numbers = Numbers::of(&group, fields, website);
                    Self { $key: fields.pick(stringify!($key), group.key.into_iter().next().unwrap_or_default()), numbers }
                }
            }
        )*
    };
}

/// Declares the row of a dimension whose key is a host, or may be one.
macro_rules! by_host {
    ($($(#[$doc:meta])* $row:ident: $dimension:ident as $key:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
            pub struct $row {
                #[serde(skip_serializing_if = "Option::is_none")]
                $key: Option<String>,
                /// The same with Punycode decoded, if it has any.
                #[serde(skip_serializing_if = "Option::is_none")]
                unicode: Option<String>,
                #[serde(flatten)]
                numbers: Numbers,
            }

            impl Columns for $row {
                const NAMES: &'static [&'static str] = &[stringify!($key), "visitors", "revenue", "payments"];
                const BY_NAME: &'static [&'static str] = BY_NAME;
            }

            impl Row for $row {
                fn by(_: &Fields<Self>) -> By {
                    By::Dimension(Dimension::$dimension)
                }

                fn of(group: Group, fields: &Fields<Self>, website: &ReportContext) -> Self {
                    let numbers = Numbers::of(&group, fields, website);
                    let host = group.key.into_iter().next().unwrap_or_default();
                    let unicode = host_in_unicode(&host).and_then(|unicode| fields.pick(stringify!($key), unicode));
                    Self { $key: fields.pick(stringify!($key), host), unicode, numbers }
                }
            }
        )*
    };
}

by_host! {
    /// A source of visitors.
    ReferrerRow: Referrer as referrer,
    /// A host.
    HostnameRow: Hostname as hostname,
}

by_one_text! {
    /// A kind of device.
    DeviceRow: By::Dimension(Dimension::Device), device;
    /// A browser.
    BrowserRow: By::Dimension(Dimension::Browser), browser;
    /// An operating system.
    OperatingSystemRow: By::Dimension(Dimension::OperatingSystem), operating_system;
    /// A channel: what kind of source visitors come from.
    ChannelRow: By::Channel, channel;
}

/// Declares the row of a place. Its codes tell places of one name apart, where they are asked for.
macro_rules! by_place {
    ($($(#[$doc:meta])* $row:ident: $dimension:ident as $key:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
            pub struct $row {
                #[serde(skip_serializing_if = "Option::is_none")]
                $key: Option<String>,
                #[serde(flatten)]
                codes: Codes,
                #[serde(flatten)]
                numbers: Numbers,
            }

            impl Columns for $row {
                const NAMES: &'static [&'static str] = &[stringify!($key), "visitors", "revenue", "payments"];
                const BY_NAME: &'static [&'static str] = OF_PLACES;
            }

            impl Row for $row {
                fn by(fields: &Fields<Self>) -> By {
                    match Codes::dimensions(fields, Dimension::$dimension) {
                        dimensions if dimensions.len() > 1 => By::Several(dimensions),
                        _ => By::Dimension(Dimension::$dimension),
                    }
                }

                fn of(group: Group, fields: &Fields<Self>, website: &ReportContext) -> Self {
                    let numbers = Numbers::of(&group, fields, website);
                    let dimensions = Codes::dimensions(fields, Dimension::$dimension);
                    let codes = Codes::of(fields, &dimensions, &group.key);
                    Self { $key: fields.pick(stringify!($key), group.key.into_iter().next().unwrap_or_default()), codes, numbers }
                }
            }
        )*
    };
}

by_place! {
    /// A region.
    RegionRow: Region as region,
    /// A city.
    CityRow: City as city,
}

/// The codes of a place; null where none is known.
#[derive(Debug, Clone, Default, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
struct Codes {
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    country_code: Option<Option<String>>,
    /// ISO 3166-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    region_code: Option<Option<String>>,
}

impl Codes {
    /// What places are grouped by: themselves first, and what their codes are of.
    fn dimensions<R: Columns>(fields: &Fields<R>, place: Dimension) -> Vec<Dimension> {
        let has_region = fields.has("regionCode");
        let has_country = has_region || fields.has("countryCode");
        let mut dimensions = vec![place];
        dimensions.extend(Some(Dimension::Country).filter(|_| has_country));
        dimensions.extend(Some(Dimension::Region).filter(|region| has_region && *region != place));
        dimensions
    }

    fn of<R: Columns>(fields: &Fields<R>, dimensions: &[Dimension], key: &[String]) -> Self {
        let named = |wanted| dimensions.iter().zip(key).find(|(one, _)| **one == wanted).map(|(_, name)| name.as_str());
        let country = named(Dimension::Country).and_then(display_names::country_code);
        let region = || display_names::region_code(country?, named(Dimension::Region)?);
        Self {
            country_code: fields.pick("countryCode", country.map(str::to_owned)),
            region_code: fields.has("regionCode").then(|| region().map(str::to_owned)),
        }
    }
}

/// A country.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct CountryRow {
    /// Its full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// The URL of its flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(flatten)]
    codes: Codes,
    #[serde(flatten)]
    numbers: Numbers,
}

impl Columns for CountryRow {
    const NAMES: &'static [&'static str] = &["country", "image", "visitors", "revenue", "payments"];
    const BY_NAME: &'static [&'static str] = OF_COUNTRIES;
}

impl Row for CountryRow {
    fn by(_: &Fields<Self>) -> By {
        By::Dimension(Dimension::Country)
    }

    fn of(group: Group, fields: &Fields<Self>, website: &ReportContext) -> Self {
        let numbers = Numbers::of(&group, fields, website);
        let codes = Codes::of(fields, &[Dimension::Country], &group.key);
        let name = group.key.into_iter().next().unwrap_or_default();
        let code = display_names::flag_code(&name);
        let image = format!("https://purecatamphetamine.github.io/country-flag-icons/3x2/{code}.svg");
        Self { country: fields.pick("country", name), image: fields.pick("image", image), codes, numbers }
    }
}

/// Declares the row of a page.
macro_rules! by_page {
    ($($(#[$doc:meta])* $row:ident: $by:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
            pub struct $row {
                #[serde(skip_serializing_if = "Option::is_none")]
                hostname: Option<String>,
                #[serde(skip_serializing_if = "Option::is_none")]
                path: Option<String>,
                #[serde(flatten)]
                numbers: Numbers,
            }

            impl Columns for $row {
                const NAMES: &'static [&'static str] = &["hostname", "path", "visitors", "revenue", "payments"];
                const BY_NAME: &'static [&'static str] = BY_NAME;
            }

            impl Row for $row {
                fn by(_: &Fields<Self>) -> By {
                    $by
                }

                fn of(group: Group, fields: &Fields<Self>, website: &ReportContext) -> Self {
                    let numbers = Numbers::of(&group, fields, website);
                    let mut key = group.key.into_iter();
                    let (hostname, path) = (key.next().unwrap_or_default(), key.next().unwrap_or_default());
                    Self { hostname: fields.pick("hostname", hostname), path: fields.pick("path", path), numbers }
                }
            }
        )*
    };
}

by_page! {
    /// A page.
    PageRow: By::Dimension(Dimension::Page);
    /// A page that visits begin on.
    EntryPageRow: By::EntryPage;
    /// A page that visits end on.
    ExitPageRow: By::ExitPage;
}

/// A campaign: all eight parameters together, or the parameters that were asked for by name.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct CampaignRow {
    /// All eight parameters; unset ones are empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<CampaignKeys>,
    #[serde(flatten)]
    keys: CampaignKeys,
    #[serde(flatten)]
    numbers: Numbers,
}

/// The parameters of a campaign.
#[derive(Debug, Clone, Default, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[expect(missing_docs, reason = "they are parameters of an address")]
pub struct CampaignKeys {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_medium: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_campaign: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_term: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

impl CampaignKeys {
    fn of(mut value: impl FnMut(usize) -> Option<String>) -> Self {
        Self {
            utm_source: value(0),
            utm_medium: value(1),
            utm_campaign: value(2),
            utm_term: value(3),
            utm_content: value(4),
            r#ref: value(5),
            source: value(6),
            via: value(7),
        }
    }
}

impl Columns for CampaignRow {
    const NAMES: &'static [&'static str] = &[
        "campaign",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_term",
        "utm_content",
        "ref",
        "source",
        "via",
        "visitors",
        "revenue",
        "payments",
    ];
    const BY_NAME: &'static [&'static str] = BY_NAME;
}

impl CampaignRow {
    /// The parameters to group by, where they were asked for individually.
    fn single(fields: &Fields<Self>) -> Vec<usize> {
        // Without `fields`, every column is named, and the object contains them all.
        if fields.has("campaign") {
            return Vec::new();
        }
        let position = |name: &&str| CAMPAIGN_KEYS.iter().position(|key| key == name);
        fields.names().iter().filter_map(position).collect()
    }
}

impl Row for CampaignRow {
    fn by(fields: &Fields<Self>) -> By {
        match Self::single(fields) {
            keys if keys.is_empty() => By::Dimension(Dimension::Campaign),
            keys => By::CampaignKeys(keys),
        }
    }

    fn of(group: Group, fields: &Fields<Self>, website: &ReportContext) -> Self {
        let numbers = Numbers::of(&group, fields, website);
        let single = Self::single(fields);
        let key = |at: usize| group.key.get(at).cloned();
        if single.is_empty() {
            let campaign = fields.pick("campaign", CampaignKeys::of(key));
            return Self { campaign, keys: CampaignKeys::default(), numbers };
        }
        let keys = CampaignKeys::of(|wanted| single.iter().position(|held| *held == wanted).and_then(key));
        Self { campaign: None, keys, numbers }
    }
}
