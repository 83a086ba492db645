//! One function per report.

use super::filters::{Filter, Selection};
use super::range::{Interval, Range, buckets};
use super::sessions::{CAMPAIGN, Event, Goal, Kind, Payment, Session, Sort, Store, country_name, split_url};
use super::{Funnel, Website};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The parameters of a request, except filters and range.
pub struct Request {
    pub timezone: String,
    pub limit: usize,
    pub offset: usize,
    pub fields: Option<Vec<String>>,
    pub interval: Option<String>,
    pub event_name: Option<String>,
    pub property_name: Option<String>,
    pub goal_name: Option<String>,
    /// In lower case; empty for all rows.
    pub search: String,
    pub sort: Option<String>,
}

impl Request {
    pub fn new(timezone: &str) -> Request {
        Request {
            timezone: timezone.to_owned(),
            limit: 100,
            offset: 0,
            fields: None,
            interval: None,
            event_name: None,
            property_name: None,
            goal_name: None,
            search: String::new(),
            sort: None,
        }
    }

    /// `day` if nothing else is asked for (docs/contract/README.md#39).
    pub fn interval(&self) -> Interval {
        match self.interval.as_deref() {
            Some("hour") => Interval::Hour,
            None | Some("day") => Interval::Day,
            Some("week") => Interval::Week,
            Some("month") => Interval::Month,
            other => panic!("unknown interval {other:?}"),
        }
    }
}

/// The columns of a time series (docs/contract/website-api.md#2.2, docs/contract/README.md#38).
const SERIES: [&str; 9] = [
    "name",
    "visitors",
    "sessions",
    "revenue",
    "payments",
    "conversion_rate",
    "pageviews",
    "new_visitors",
    "returning_visitors",
];

/// Its columns that are only there by name (docs/analytics.md).
const SERIES_BY_NAME: [&str; 4] = ["bounce_rate", "avg_session_duration", "revenue_per_visitor", "completions"];

pub struct Report<'a> {
    pub website: &'a Website,
    pub store: Store,
    pub selection: Selection,
    pub range: Range,
    pub zone: TimeZone,
    pub request: Request,
}

/// Each kind at its own time, in cents (docs/contract/README.md#25).
#[derive(Default)]
struct Money {
    new: i128,
    renewal: i128,
    refund: i128,
    /// The part of `refund` that gave renewals back.
    refunded_renewal: i128,
    /// New and renewal payments above zero (docs/contract/reports.md#4).
    payments: i64,
}

impl Money {
    fn add(&mut self, payment: &Payment) {
        match payment.sort {
            Sort::New => self.new += payment.cents,
            Sort::Renewal => self.renewal += payment.cents,
            Sort::Refund => self.refund += payment.cents,
            Sort::RefundedRenewal => {
                self.refund += payment.cents;
                self.refunded_renewal += payment.cents;
            }
            Sort::Trial => {}
        }
        self.payments += i64::from(matches!(payment.sort, Sort::New | Sort::Renewal));
    }

    /// Renewals and their refunds count only if the website includes them (docs/contract/README.md#25 and #44).
    fn revenue(&self, website: &Website) -> i128 {
        self.new - self.refund + if website.include_renewal_revenue { self.renewal } else { self.refunded_renewal }
    }

    fn is_empty(&self) -> bool {
        self.payments == 0 && self.refund == 0
    }
}

#[derive(Default)]
struct Row {
    count: i64,
    visitors: BTreeSet<String>,
    money: Money,
    paying: BTreeSet<String>,
}

impl Row {
    fn count(&mut self, visitor: &str) {
        self.count += 1;
        self.visitors.insert(visitor.to_owned());
    }
}

/// 2 decimals, half away from zero (docs/contract/README.md#11 and #20).
fn ratio(numerator: i128, denominator: i128) -> f64 {
    // An empty selection gives 0 (docs/contract/reports.md#5).
    if denominator == 0 {
        return 0.0;
    }
    let hundredths = (numerator.abs() * 200 + denominator) / (2 * denominator);
    (hundredths * numerator.signum()) as f64 / 100.0
}

fn percentage(part: usize, whole: usize) -> f64 {
    ratio(part as i128 * 100, whole as i128)
}

fn money(cents: i128) -> f64 {
    cents as f64 / 100.0
}

/// The symbol (docs/contract/README.md#21).
fn symbol(website: &Website) -> &'static str {
    match website.currency.as_str() {
        "USD" => "$",
        "EUR" => "€",
        other => panic!("the model knows no currency {other}"),
    }
}

/// The requested columns, out of all columns of a row.
fn only(row: Map<String, Value>, fields: &Option<Vec<String>>) -> Value {
    let Some(fields) = fields else {
        return Value::Object(row);
    };
    let mut columns = Map::new();
    for field in fields {
        columns.insert(field.clone(), row.get(field).unwrap_or_else(|| panic!("unknown field {field}")).clone());
    }
    Value::Object(columns)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => unreachable!(),
    }
}

impl Report<'_> {
    /// Payments within a time range that the selection covers.
    fn payments(&self, range: Range) -> impl Iterator<Item = &Payment> {
        self.store.payments.iter().filter(move |p| range.has(p.at) && self.selection.has(p.session))
    }

    fn goals_in_range(&self) -> impl Iterator<Item = &Goal> {
        self.store.goals.iter().filter(|goal| self.range.has(goal.at) && self.selection.has(goal.session))
    }

    /// Renewals count for conversion only if the website includes them (docs/contract/reports.md#4, docs/contract/README.md#25).
    fn converts(&self, payment: &Payment) -> bool {
        match payment.sort {
            Sort::New => true,
            Sort::Renewal => self.website.include_renewal_revenue,
            Sort::Refund | Sort::RefundedRenewal | Sort::Trial => false,
        }
    }

    /// How often a goal was completed in a time range; payments without a visitor complete it too.
    fn completions(&self, range: Range) -> usize {
        let Some(name) = &self.request.goal_name else { return 0 };
        let goals = self.store.goals.iter().filter(|goal| goal.name == *name && range.has(goal.at));
        let paid = self.payments(range).filter(|payment| match name.as_str() {
            "payment" => matches!(payment.sort, Sort::New | Sort::Renewal),
            "free_trial" => payment.sort == Sort::Trial,
            _ => false,
        });
        goals.filter(|goal| self.selection.has(goal.session)).count() + paid.count()
    }

    /// All metrics of a time range: the whole range or one bucket.
    fn metrics(&self, range: Range) -> Map<String, Value> {
        let seen = self.selection.sessions(&self.store).filter(|session| session.seen_between(range.from, range.to));
        let seen: BTreeSet<&str> = seen.map(|session| session.visitor.as_str()).collect();
        let visitors = seen.len();
        // A visitor is new in the range or bucket in which their first session ever lies (docs/contract/README.md#38).
        let new = seen.iter().filter(|visitor| range.has(self.store.first_visit(visitor))).count();
        let viewed = self.selection.sessions(&self.store).flat_map(|session| session.pageviews());
        let viewed = viewed.filter(|view| range.has(view.at)).count();
        // A session is counted where it begins (docs/contract/reports.md#1).
        let begun = self.selection.sessions(&self.store).filter(|session| range.has(session.start()));
        let begun: Vec<&Session> = begun.collect();
        let bounced = begun.iter().filter(|session| session.bounces()).count();
        let duration: i128 = begun.iter().map(|session| i128::from(session.duration())).sum();

        let mut money_of_range = Money::default();
        let mut paying = BTreeSet::new();
        for payment in self.payments(range) {
            money_of_range.add(payment);
            // Of the visitors: who pays without a visit in the range is none of them (docs/contract/reports.md#4).
            if self.converts(payment)
                && let Some(visitor) = payment.visitor.as_deref()
                && seen.contains(visitor)
            {
                paying.insert(visitor);
            }
        }
        let revenue = money_of_range.revenue(self.website);
        object(json!({
            "visitors": visitors,
            "sessions": begun.len(),
            "bounce_rate": percentage(bounced, begun.len()),
            "avg_session_duration": ratio(duration, begun.len() as i128),
            "currency": symbol(self.website),
            "revenue": money(revenue),
            "revenueBreakdown": {
                "new": money(money_of_range.new),
                "renewal": money(money_of_range.renewal),
                "refund": money(money_of_range.refund),
            },
            "payments": money_of_range.payments,
            "revenue_per_visitor": ratio(revenue, 100 * visitors as i128),
            "conversion_rate": percentage(paying.len(), visitors),
            "pageviews": viewed,
            "new_visitors": new,
            "returning_visitors": visitors - new,
            "completions": self.completions(range),
        }))
    }

    pub fn overview(&self) -> Value {
        let mut metrics = self.metrics(self.range);
        metrics.remove("revenueBreakdown");
        metrics.remove("completions");
        json!({ "status": "success", "data": [only(metrics, &self.request.fields)] })
    }

    pub fn timeseries(&self) -> Value {
        // Without `fields` all (docs/contract/README.md#39).
        let all = SERIES.map(str::to_owned).to_vec();
        let mut fields = self.request.fields.clone().unwrap_or(all);
        let asked = |name: &str| fields.iter().any(|field| field == name);
        let currency = if asked("revenue") || asked("payments") || asked("revenue_per_visitor") {
            json!(symbol(self.website))
        } else {
            Value::Null
        };
        // `revenue` adds `payments` and `revenueBreakdown` (docs/contract/website-api.md#2.2).
        if asked("revenue") && !asked("payments") {
            fields.push("payments".to_owned());
        }
        let with_breakdown = fields.iter().any(|field| field == "revenue");
        let columns = |range: Range| {
            let metrics = self.metrics(range);
            let mut row = Map::new();
            for field in fields.iter().filter(|field| *field != "name") {
                assert!(SERIES.contains(&field.as_str()) || SERIES_BY_NAME.contains(&field.as_str()));
                row.insert(field.clone(), metrics[field].clone());
            }
            if with_breakdown {
                row.insert("revenueBreakdown".to_owned(), metrics["revenueBreakdown"].clone());
            }
            row
        };

        // A range of one day is shown in hours (docs/contract/website-api.md#2.2).
        let (interval, interval_name) = match self.request.interval() {
            _ if self.range.is_within_a_day(&self.zone) => (Interval::Hour, "hour"),
            interval => (interval, self.request.interval.as_deref().unwrap_or("day")),
        };
        let buckets = buckets(self.range, interval, &self.zone);
        let page = buckets.iter().skip(self.request.offset).take(self.request.limit);
        let rows = page.map(|bucket| {
            let mut row = columns(bucket.range);
            row.insert("name".to_owned(), json!(bucket.name));
            row.insert("timestamp".to_owned(), json!(bucket.timestamp));
            Value::Object(row)
        });
        json!({
            "status": "success",
            "fields": fields,
            "interval": interval_name,
            "timezone": self.request.timezone,
            "currency": currency,
            "totals": columns(self.range),
            "data": rows.collect::<Vec<Value>>(),
            "pagination": self.pagination(buckets.len()),
        })
    }

    fn pagination(&self, total: usize) -> Value {
        json!({ "limit": self.request.limit, "offset": self.request.offset, "total": total })
    }

    /// Rows with these keys: visitors descending, then the key ascending (docs/contract/reports.md#7).
    fn table(&self, rows: BTreeMap<Vec<String>, Row>, columns: impl Fn(&[String], &Row) -> Value) -> Value {
        self.table_by(rows, |row| row.visitors.len() as i64, columns)
    }

    /// Rows by a number, descending, then by the key.
    fn table_by<N: Ord>(
        &self,
        rows: BTreeMap<Vec<String>, Row>,
        number: impl Fn(&Row) -> N,
        columns: impl Fn(&[String], &Row) -> Value,
    ) -> Value {
        let mut rows: Vec<(Vec<String>, Row)> = rows.into_iter().collect();
        rows.sort_by(|(a_key, a), (b_key, b)| number(b).cmp(&number(a)).then(a_key.cmp(b_key)));
        let page = rows.iter().skip(self.request.offset).take(self.request.limit);
        let data: Vec<Value> = page.map(|(key, row)| only(object(columns(key, row)), &self.request.fields)).collect();
        json!({ "status": "success", "data": data, "pagination": self.pagination(rows.len()) })
    }

    pub fn breakdown(&self, name: &str) -> Value {
        // Single campaign keys in `fields` group by those keys (docs/contract/reports.md#7).
        let asked = |key: &&str| self.request.fields.iter().flatten().any(|field| field == key);
        let asked_keys: Vec<&str> = CAMPAIGN.into_iter().filter(asked).collect();
        let campaign_keys = if asked_keys.is_empty() { CAMPAIGN.to_vec() } else { asked_keys.clone() };

        let one = |key: Option<&str>| vec![vec![key.unwrap_or_default().to_owned()]];
        let page_key = |view: &Event| vec![view.host.clone(), view.path.clone()];
        // The codes of a place tell places of one name apart (docs/analytics.md).
        let wants = |field: &str| self.request.fields.iter().flatten().any(|asked| asked == field);
        let has_country = wants("countryCode") || wants("regionCode");
        let has_region = wants("regionCode") && name == "cities";
        let place = |session: &Session, name: Option<&str>| {
            let Some(name) = name else { return Vec::new() };
            let country =
                has_country.then(|| session.country().map_or(String::new(), |code| country_name(code).to_owned()));
            let region = has_region.then(|| session.region().unwrap_or_default().to_owned());
            vec![std::iter::once(name.to_owned()).chain(country).chain(region).collect()]
        };
        // The rows that a session belongs to, and those of them in which its visitor counts.
        let rows_of = |session: &Session| -> Vec<Vec<String>> {
            match name {
                "pages" => session.pageviews().map(page_key).collect(),
                "entry-pages" => session.entry_page().map(page_key).into_iter().collect(),
                "exit-pages" => session.exit_page().map(page_key).into_iter().collect(),
                "channels" => one(Some(session.channel())),
                "referrers" => {
                    one(Some(session.referrer.as_ref().map_or("Direct/None", |(source, _)| source.as_str())))
                }
                "countries" => one(session.country()),
                "regions" => place(session, session.region()),
                "cities" => place(session, session.city()),
                "devices" => one(session.device()),
                "browsers" => one(session.browser()),
                "operating-systems" => one(session.os()),
                "hostnames" => session.hosts().into_iter().map(|host| vec![host.to_owned()]).collect(),
                "campaigns" => {
                    let value = |key: &&str| session.campaign(key).unwrap_or_default().to_owned();
                    vec![campaign_keys.iter().map(value).collect()]
                }
                other => panic!("unknown report {other}"),
            }
        };
        let seen_in = |session: &Session| -> Vec<Vec<String>> {
            if name == "pages" {
                session.pageviews().filter(|view| self.range.has(view.at)).map(page_key).collect()
            } else if session.seen_between(self.range.from, self.range.to) {
                rows_of(session)
            } else {
                Vec::new()
            }
        };

        let mut rows: BTreeMap<Vec<String>, Row> = BTreeMap::new();
        for session in self.selection.sessions(&self.store) {
            for key in seen_in(session) {
                rows.entry(key).or_default().count(&session.visitor);
            }
        }
        // A payment belongs to a session, and to each of its rows once (docs/contract/reports.md#4).
        for payment in self.payments(self.range) {
            if let Some(index) = payment.session {
                for key in rows_of(&self.store.sessions[index]).into_iter().collect::<BTreeSet<_>>() {
                    let row = rows.entry(key).or_default();
                    row.money.add(payment);
                    // Of the row's visitors, as with a filter by the row (docs/contract/reports.md#4).
                    let payer = payment.visitor.as_ref().filter(|payer| row.visitors.contains(*payer));
                    row.paying.extend(payer.filter(|_| self.converts(payment)).cloned());
                }
            }
        }
        rows.retain(|_, row| !row.visitors.is_empty() || !row.money.is_empty());
        // Rows whose every key is empty are left out (docs/contract/reports.md#7).
        rows.retain(|key, _| key.iter().any(|part| !part.is_empty()));
        if name == "countries" {
            // Shown, and ordered, by the full name.
            let named =
                rows.into_iter().map(|(key, row)| (vec![country_name(&key[0]).to_owned(), key[0].clone()], row));
            rows = named.collect();
        }

        rows.retain(|key, _| match name {
            "pages" | "entry-pages" | "exit-pages" => self.finds(&[key.concat()]),
            "campaigns" => self.finds(key),
            _ => self.finds(&key[..1]),
        });
        let columns = |key: &[String], row: &Row| {
            let code = |name: &str| ["US", "DE", "FR", "IN"].into_iter().find(|code| country_name(code) == name);
            let region_code = |country: &str, region: &str| match (country, region) {
                ("United States of America", "California") => Some("US-CA"),
                ("France", "Île-de-France") => Some("FR-IDF"),
                ("Germany", "Berlin") => Some("DE-BE"),
                _ => None,
            };
            let mut columns = match name {
                "pages" | "entry-pages" | "exit-pages" => json!({ "hostname": key[0], "path": key[1] }),
                "referrers" => json!({ "referrer": key[0] }),
                "countries" => json!({
                    "country": key[0],
                    "image": format!("https://purecatamphetamine.github.io/country-flag-icons/3x2/{}.svg", key[1]),
                }),
                "regions" => json!({ "region": key[0] }),
                "cities" => json!({ "city": key[0] }),
                "channels" => json!({ "channel": key[0] }),
                "devices" => json!({ "device": key[0] }),
                "browsers" => json!({ "browser": key[0] }),
                "operating-systems" => json!({ "operating_system": key[0] }),
                "hostnames" => json!({ "hostname": key[0] }),
                _ => {
                    let pairs = campaign_keys.iter().zip(key).map(|(name, value)| (name.to_string(), json!(value)));
                    let pairs: Map<String, Value> = pairs.collect();
                    if asked_keys.is_empty() { json!({ "campaign": pairs }) } else { Value::Object(pairs) }
                }
            };
            columns["visitors"] = json!(row.visitors.len());
            columns["revenue"] = json!(money(row.money.revenue(self.website)));
            columns["payments"] = json!(row.money.payments);
            if wants("conversion_rate") {
                columns["conversion_rate"] = json!(percentage(row.paying.len(), row.visitors.len()));
            }
            if name == "countries" && wants("countryCode") {
                columns["countryCode"] = json!(key[1]);
            } else if has_country {
                columns["countryCode"] = json!(code(&key[1]));
                let region = if name == "cities" { key.get(2) } else { Some(&key[0]) };
                columns["regionCode"] = json!(region.and_then(|region| region_code(&key[1], region)));
            }
            columns
        };
        if self.request.sort.as_deref() == Some("revenue") {
            return self.table_by(rows, |row| (row.money.revenue(self.website), row.visitors.len()), columns);
        }
        self.table(rows, columns)
    }

    /// Whether one of the names contains what is searched for, in any case.
    fn finds(&self, names: &[String]) -> bool {
        names.iter().any(|name| name.to_lowercase().contains(&self.request.search))
    }

    /// All goals of the chosen sessions (docs/contract/website-api.md#2.7, docs/contract/reports.md#2).
    pub fn goals(&self) -> Value {
        let mut rows: BTreeMap<Vec<String>, Row> = BTreeMap::new();
        for goal in self.goals_in_range() {
            rows.entry(vec![goal.name.clone()]).or_default().count(&goal.visitor);
        }
        rows.retain(|key, _| self.finds(key));
        // By completions, descending, then by name (docs/contract/README.md#35).
        let columns = |key: &[String], row: &Row| json!({ "name": key[0], "completions": row.count, "visitors": row.visitors.len() });
        let mut answer = self.table_by(rows, |row| row.count, columns);
        // `name` is returned under the key `goal`.
        for row in answer["data"].as_array_mut().unwrap() {
            if let Some(name) = row.as_object_mut().unwrap().remove("name") {
                row["goal"] = name;
            }
        }
        answer
    }

    /// docs/contract/reports.md#8.
    pub fn goal_properties(&self) -> Value {
        assert!(!self.selection.filtered, "no filters here");
        let event = self.request.event_name.as_ref().expect("eventName is required");
        let mut rows: BTreeMap<Vec<String>, Row> = BTreeMap::new();
        for goal in self.goals_in_range().filter(|goal| goal.name == *event) {
            match &self.request.property_name {
                None => {
                    for property in goal.properties.keys() {
                        rows.entry(vec![property.clone()]).or_default().count(&goal.visitor);
                    }
                }
                Some(property) => {
                    if let Some(value) = goal.properties.get(property) {
                        rows.entry(vec![value.clone()]).or_default().count(&goal.visitor);
                    }
                }
            }
        }
        let shown = if self.request.property_name.is_some() { "value" } else { "property" };
        self.table(rows, |key, row| json!({ shown: key[0], "completions": row.count, "visitors": row.visitors.len() }))
    }

    /// docs/contract/reports.md#8.
    pub fn exit_clicks(&self) -> Value {
        let mut rows: BTreeMap<Vec<String>, Row> = BTreeMap::new();
        for session in self.selection.sessions(&self.store) {
            for event in session.events.iter().filter(|event| self.range.has(event.at)) {
                if let Kind::Click(url) = &event.kind {
                    rows.entry(vec![url.clone()]).or_default().count(&session.visitor);
                }
            }
        }
        rows.retain(|key, _| self.finds(key));
        self.table(rows, |key, row| json!({ "url": key[0], "clicks": row.count, "visitors": row.visitors.len() }))
    }

    /// docs/contract/README.md#26, docs/contract/reports.md#9.
    pub fn funnel(&self, funnel: &Funnel) -> Value {
        let steps = funnel.steps.as_array().unwrap();
        // The visitors who reached each step.
        let mut reached: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); steps.len()];
        let sessions = self.store.sessions.iter().map(|session| session.visitor.as_str());
        let goals = self.store.goals.iter().map(|goal| goal.visitor.as_str());
        let payers = self.store.payments.iter().filter_map(|payment| payment.visitor.as_deref());
        let visitors: BTreeSet<&str> = sessions.chain(goals).chain(payers).collect();
        for visitor in visitors {
            let mut last = None;
            for (step, reached) in steps.iter().zip(&mut reached) {
                // Each step after the one before, in the order of time, then of arrival (docs/contract/reports.md#9).
                match self.step_times(step, visitor).into_iter().filter(|place| Some(*place) > last).min() {
                    Some(place) => last = Some(place),
                    None => break,
                }
                reached.insert(visitor);
            }
        }

        let revenue_of = |visitors: &BTreeSet<&str>| {
            let mut sum = Money::default();
            for payment in self.payments(self.range) {
                if payment.visitor.as_deref().is_some_and(|visitor| visitors.contains(visitor)) {
                    sum.add(payment);
                }
            }
            money(sum.revenue(self.website))
        };
        let total = reached[0].len();
        let row = |index: usize| {
            let visitors = reached[index].len();
            let before = if index == 0 { total } else { reached[index - 1].len() };
            json!({
                "id": steps[index]["id"],
                "name": steps[index]["name"],
                "type": steps[index]["type"],
                "visitors": visitors,
                "conversionRate": percentage(visitors, total),
                "stepConversionRate": percentage(visitors, before),
                "dropOff": before - visitors,
                "dropOffRate": percentage(before - visitors, before),
                "revenue": revenue_of(&reached[index]),
            })
        };
        let completed = &reached[steps.len() - 1];
        json!({ "status": "success", "data": [{
            "funnelId": funnel.id,
            "name": funnel.name,
            "slug": funnel.slug,
            "totalVisitors": total,
            "completedVisitors": completed.len(),
            "conversionRate": percentage(completed.len(), total),
            "revenue": revenue_of(completed),
            "steps": (0..steps.len()).map(row).collect::<Vec<Value>>(),
        }] })
    }

    /// When, and in which place of that moment, a visitor completed a step, within the range.
    fn step_times(&self, step: &Value, visitor: &str) -> Vec<(i64, (bool, usize))> {
        if let Some(name) = step["goalName"].as_str() {
            let done = self.store.completions(name).filter(|done| done.visitor == visitor);
            let done = done.filter(|done| self.range.has(done.at) && self.selection.has(done.session));
            return done.map(|done| (done.at, done.order)).collect();
        }
        let url = step["url"].as_str().unwrap();
        // A full URL compares host and path, a path the path; a trailing `*` is a wildcard.
        let (host, pattern) = match url.contains("://") {
            true => {
                let (host, path, _) = split_url(url);
                (Some(host), path)
            }
            false => (None, url.to_owned()),
        };
        let matches = |path: &str| match pattern.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == pattern,
        };
        let sessions = self.selection.sessions(&self.store).filter(|session| session.visitor == visitor);
        let views = sessions.flat_map(|session| session.pageviews());
        let views = views.filter(|view| host.as_ref().is_none_or(|host| *host == view.host) && matches(&view.path));
        views.filter(|view| self.range.has(view.at)).map(|view| (view.at, (false, view.arrival))).collect()
    }

    /// Whether a visitor has what is searched for in the name or the user id, or an id that begins with it
    /// (docs/analytics.md#visitors).
    fn is_called(&self, visitor: &str) -> bool {
        let search = &self.request.search;
        let profile = self.store.profile(visitor);
        let names = profile.into_iter().flat_map(|(user, name)| std::iter::once(user).chain(name));
        let digits = search.replace('-', "");
        let is_id = digits.len() >= 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        search.is_empty()
            || names.collect::<Vec<_>>().iter().any(|name| name.to_lowercase().contains(search))
            || (is_id && visitor.replace('-', "").starts_with(&digits))
    }

    /// Only what is decided: `visitorId` and `lastSeenAt` (docs/contract/reports.md#10,
    /// docs/contract/website-api.md#3.2).
    pub fn visitors(&self, filters: &[Filter]) -> Value {
        let mut last_seen: BTreeMap<&str, i64> = BTreeMap::new();
        let in_range = self.selection.sessions(&self.store);
        let in_range = in_range.filter(|session| session.seen_between(self.range.from, self.range.to));
        let chosen: BTreeSet<&str> = in_range.map(|session| session.visitor.as_str()).collect();
        if let Some(filter) = filters.iter().find(|filter| filter.dimension == "goal") {
            // With `completedGoal` rows come from completions, and `lastSeenAt` is the time of the last
            // (docs/contract/website-api.md#3.2). Other filters choose visitors with a chosen session in the range, or
            // with a completion in one (docs/contract/README.md#36).
            let done = || filter.values.iter().flat_map(|name| self.store.completions(name));
            let done = || done().filter(|done| self.range.has(done.at));
            for completion in done() {
                let visitor = completion.visitor;
                let is_in_chosen = || {
                    let mut sessions = done().filter(|done| done.visitor == visitor).map(|done| done.session);
                    sessions.any(|session| session.is_some() && self.selection.has(session))
                };
                if filters.len() == 1 || chosen.contains(visitor) || is_in_chosen() {
                    let at = last_seen.entry(visitor).or_insert(completion.at);
                    *at = completion.at.max(*at);
                }
            }
        } else {
            // The last pageview in the range, whatever the filters; for a visitor without one, the last of their other
            // events (docs/contract/website-api.md#3.2, docs/contract/README.md#36).
            let mut views: BTreeMap<&str, i64> = BTreeMap::new();
            for session in self.store.sessions.iter().filter(|session| chosen.contains(session.visitor.as_str())) {
                for event in session.events.iter().filter(|event| self.range.has(event.at)) {
                    let seen = if event.kind == Kind::Pageview { &mut views } else { &mut last_seen };
                    let at = seen.entry(&session.visitor).or_insert(event.at);
                    *at = event.at.max(*at);
                }
            }
            last_seen.extend(views);
        }
        let mut rows: Vec<(&str, i64)> = last_seen.into_iter().collect();
        rows.retain(|(visitor, _)| self.is_called(visitor));
        let paid = |visitor: &str| {
            let mut sum = Money::default();
            let own = self.store.payments.iter().filter(|payment| payment.visitor.as_deref() == Some(visitor));
            own.filter(|payment| self.range.has(payment.at)).for_each(|payment| sum.add(payment));
            sum.revenue(self.website)
        };
        let by_revenue = self.request.sort.as_deref() == Some("revenue");
        rows.sort_by_key(|(visitor, at)| (if by_revenue { -paid(visitor) } else { 0 }, -at, *visitor));
        let page = rows.iter().skip(self.request.offset).take(self.request.limit);
        let data = page.map(|(visitor, at)| {
            // docs/contract/README.md#4
            let written = |at: i64| format!("{:.3}", Timestamp::from_millisecond(at).unwrap());
            let mut row = json!({ "visitorId": visitor, "lastSeenAt": written(*at) });
            for field in self.request.fields.iter().flatten() {
                let visits = self.store.visits(visitor);
                row[field] = match field.as_str() {
                    "displayName" => json!(self.store.profile(visitor).and_then(|(_, name)| name)),
                    "isCustomer" => json!(self.store.is_customer(visitor)),
                    "revenue" => json!(money(paid(visitor))),
                    "visitCount" => json!(visits),
                    "firstSeenAt" => json!((visits > 0).then(|| written(self.store.first_visit(visitor)))),
                    other => panic!("unknown field {other}"),
                };
            }
            row
        });
        let data: Vec<Value> = data.collect();
        let mut pagination = self.pagination(rows.len());
        pagination["hasMore"] = json!(self.request.offset + data.len() < rows.len());
        json!({ "status": "success", "data": data, "pagination": pagination })
    }
}
