//! The calls of a website with several shards. A call about one visitor goes to the visitor's shard; any other goes to all, and
//! their answers are merged: a visitor is in one shard only, so counts add up.
//!
//! Nothing here knows how a shard is reached: `ask` sends the texts of requests, at once, and returns the texts of the answers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sluice_values::ordered::Ordered as _;

use serde::de::{DeserializeOwned, IgnoredAny};
use sluice_values::{Currency, EventId, Timestamp, VisitorId};

use crate::erasure::{Erased, VisitorErasure};
use crate::error::Error;
use crate::event::{Event, VisitorKey};
use crate::export::{Export, Exported, Place};
use crate::installation::Installed;
use crate::layout::Layout;
use crate::protocol::{Append, Call, Import, Item, Request, Stored, Subscriptions};
use crate::reports::breakdown::{self, Breakdown, Group};
use crate::reports::funnel::Taken;
use crate::reports::glance::Glimpse;
use crate::reports::goals::{self, Count, GoalReport, Order, Tracked, sort_tracked};
use crate::reports::measure::{Measured, Point, limited_points};
use crate::reports::overview::Totals;
use crate::reports::properties::GoalProperties;
use crate::reports::realtime::EverybodySeen;
use crate::reports::replay::{Completed, Completions};
use crate::reports::timeseries::Series;
use crate::reports::visitors::{self, Ordered, Seen, Told, VisitorList};
use crate::salts::salted_id;
use crate::shard::{Part, Shared};
use crate::takes::Taken as TakenPayments;
use crate::top::Top;
use crate::wire::json;

/// How many rows of a list all shards together send at once; what is beyond follows in further rounds.
pub const ROWS_AT_ONCE: u32 = 60_000;

/// The shards of a website, and how they are asked.
struct Shards<'a, F> {
    layout: Layout,
    now: i64,
    currency: Option<Currency>,
    /// How many rows of a list one shard sends at once.
    rows_at_once: u32,
    ask: &'a F,
}

/// Answers a call from several shards, as the object of a website with one would answer it. `rows_at_once` is [`ROWS_AT_ONCE`],
/// but for tests.
pub async fn gather<E: From<Error>>(
    request: &Request,
    layout: Layout,
    rows_at_once: u32,
    ask: &impl AsyncFn(Vec<(u32, String)>) -> Result<Vec<String>, E>,
) -> Result<String, E> {
    let rows_at_once = (rows_at_once / layout.count).max(1);
    let shards = Shards { layout, now: request.now, currency: request.currency, rows_at_once, ask };
    let answer = match &request.call {
        Call::Append(asked) => return shards.append(asked, request).await,
        Call::PostGoal(asked) => return shards.of_sender(&asked.event, request).await,
        Call::PostIdentity(asked) => {
            let answer = shards.of_sender(&asked.event, request).await?;
            if let VisitorKey::Visitor(visitor) = &asked.event.sender {
                shards.attribute(&[(*visitor, &asked.event)]).await?;
            }
            return Ok(answer);
        }
        Call::VisitorErasure(asked) => json(&shards.erase(asked).await?),
        Call::VisitorQuery(asked) => return shards.of_visitor(asked.visitor, request).await,
        Call::GoalDeletion(asked) => match asked.visitor {
            Some(visitor) => return shards.of_visitor(visitor, request).await,
            None => json(&shards.all::<i64>(request).await?.into_iter().sum::<i64>()),
        },
        Call::RecordPayment(asked) => {
            let payments = vec![asked.payment.clone()];
            let stored: Vec<bool> = shards.share(Shared::Record { payments, is_import: false }).await?;
            json(&stored.first().copied().unwrap_or_default())
        }
        Call::PaymentDeletion(asked) => json(&shards.share::<i64>(Shared::Delete(asked.clone())).await?),
        Call::Import(asked) => json(&shards.import(asked).await?),
        Call::Subscriptions(asked) => return shards.subscribe(asked).await,
        // A change of the currency is done where all answer 0.
        Call::Revalue(_) | Call::RealtimeCount(_) => json(&shards.all::<i64>(request).await?.into_iter().sum::<i64>()),
        Call::HasGoal(_) => json(&shards.all::<bool>(request).await?.contains(&true)),
        Call::Overview(_) => json(&sum(shards.all(request).await?, Totals::add)),
        Call::Timeseries(_) => json(&sum(shards.all(request).await?, |series: &mut Series, other| {
            series.totals.add(&other.totals);
            series.buckets.iter_mut().zip(&other.buckets).for_each(|(bucket, other)| bucket.add(other));
        })),
        Call::FunnelReport(_) => json(&sum(shards.all(request).await?, |taken: &mut Taken, other| {
            for (step, other) in taken.steps.iter_mut().zip(&other.steps) {
                step.visitors += other.visitors;
                step.money.add(&other.money);
            }
        })),
        Call::Statistics(_) => json(&sum(shards.all(request).await?, |stored: &mut Stored, other| {
            stored.events += other.events;
            stored.sessions += other.sessions;
            stored.bytes += other.bytes;
        })),
        Call::Breakdown(asked) => json(&shards.breakdown(asked).await?),
        Call::GoalReport(asked) => json(&shards.goals(asked).await?),
        Call::GoalProperties(asked) => json(&shards.properties(asked).await?),
        Call::TrackedGoals(_) => json(&tracked(shards.all(request).await?)),
        Call::VisitorList(asked) => json(&shards.visitors(asked).await?),
        Call::RealtimeMap(_) => json(&EverybodySeen::merge(shards.all_parts(Part::Everybody).await?)),
        Call::Measure(asked) => json(&measured(shards.all_parts(Part::Measure(asked.clone())).await?)),
        Call::Replay(asked) => json(&replayed(&shards.all_parts(Part::Replay(asked.clone())).await?)),
        Call::Completions(asked) => json(&completed(shards.all(request).await?, asked)),
        Call::Glance(_) => json(&sum(shards.all(request).await?, Glimpse::add)),
        // Only the home knows what was dropped, and crawlers.
        Call::CountDropped(_) | Call::Bots(_) => return shards.one(0, json(request)?).await,
        Call::Installation(_) => json(&Installed::merge(shards.all(request).await?)),
        Call::Take(asked) => json(&shards.share::<TakenPayments>(Shared::Take(asked.clone())).await?),
        Call::TakeAll(asked) => json(&shards.share::<TakenPayments>(Shared::TakeAll(asked.clone())).await?),
        // Only the home has what was told.
        Call::DeletedTransactions(_) | Call::RestoreDeleted(_) | Call::KeepLinks(_) => {
            return shards.one(0, json(request)?).await;
        }
        Call::Export(_) | Call::Part(_) => Err(Error::new("a call that all shards do not answer together")),
    };
    Ok(answer?)
}

/// The text of a question to one shard.
fn question(now: i64, currency: Option<Currency>, part: Part) -> Result<String, Error> {
    json(&Request { now, currency, call: Call::Part(part) })
}

impl<E: From<Error>, F: AsyncFn(Vec<(u32, String)>) -> Result<Vec<String>, E>> Shards<'_, F> {
    async fn one(&self, shard: u32, text: String) -> Result<String, E> {
        let answers = (self.ask)(vec![(shard, text)]).await?;
        answers.into_iter().next().ok_or_else(|| Error::new("a shard without an answer").into())
    }

    async fn of_visitor(&self, visitor: VisitorId, request: &Request) -> Result<String, E> {
        self.one(self.layout.shard_of(visitor), json(request)?).await
    }

    async fn of_sender(&self, event: &Event, request: &Request) -> Result<String, E> {
        match &event.sender {
            VisitorKey::Visitor(visitor) => self.of_visitor(*visitor, request).await,
            VisitorKey::Anonymous(_) => Err(Error::new("a backend's event without a visitor").into()),
        }
    }

    /// The answers of all shards to the same text, in their order.
    async fn texts(&self, text: &str) -> Result<Vec<String>, E> {
        (self.ask)((0..self.layout.count).map(|shard| (shard, text.to_owned())).collect()).await
    }

    async fn all<T: DeserializeOwned>(&self, request: &Request) -> Result<Vec<T>, E> {
        parse_all(&self.texts(&json(request)?).await?)
    }

    async fn all_parts<T: DeserializeOwned>(&self, part: Part) -> Result<Vec<T>, E> {
        parse_all(&self.texts(&question(self.now, self.currency, part)?).await?)
    }

    /// The answers of some shards to questions of their own, in their order.
    async fn parts<T: DeserializeOwned>(&self, parts: Vec<(u32, Part)>) -> Result<Vec<T>, E> {
        let texts = parts.into_iter().map(|(shard, part)| Ok((shard, question(self.now, self.currency, part)?)));
        parse_all(&(self.ask)(texts.collect::<Result<_, Error>>()?).await?)
    }

    /// The answer of the home to what concerns all shards.
    async fn share<T: DeserializeOwned>(&self, shared: Shared) -> Result<T, E> {
        let text = json(&Request { now: self.now, currency: self.currency, call: Call::Part(Part::Home(shared)) })?;
        Ok(parse(&self.one(0, text).await?)?)
    }

    // ---- Storing

    /// Stores an event in its visitor's shard. Who has no cookies gets the id of the day from the home first, if the caller
    /// has not given it one.
    async fn append(&self, asked: &Append, request: &Request) -> Result<String, E> {
        let (visitor, answer) = match &asked.event.sender {
            VisitorKey::Visitor(visitor) => (*visitor, self.of_visitor(*visitor, request).await?),
            VisitorKey::Anonymous(text) => {
                let salt: Vec<u8> = parse(&self.one(0, question(self.now, None, Part::Salt)?).await?)?;
                let visitor = salted_id(&salt, text)?;
                let event = Event { sender: VisitorKey::Visitor(visitor), ..asked.event.clone() };
                let call = Call::Append(Append { event, may_drop: asked.may_drop });
                (visitor, self.of_visitor(visitor, &Request { now: self.now, currency: None, call }).await?)
            }
        };
        self.attribute(&[(visitor, &asked.event)]).await?;
        Ok(answer)
    }

    /// Attributes payments after hints among these events.
    async fn attribute(&self, events: &[(VisitorId, &Event)]) -> Result<(), E> {
        let hints = |(visitor, event): &(VisitorId, &Event)| {
            let visitor = *visitor;
            event.action.hints().into_iter().chain(event.action.identified()).map(move |key| (key, visitor))
        };
        let hints: Vec<(String, VisitorId)> = events.iter().flat_map(hints).collect();
        if hints.is_empty() { Ok(()) } else { self.share(Shared::Attribute(hints)).await }
    }

    /// Erases a visitor: what providers told of them at the home, then the rest at their shard.
    async fn erase(&self, asked: &VisitorErasure) -> Result<Option<Erased>, E> {
        let (mut asked, shard) = (asked.clone(), self.layout.shard_of(asked.visitor));
        if !asked.goes_on {
            let has_visitor = question(self.now, None, Part::HasVisitor(asked.visitor))?;
            if !parse::<bool>(&self.one(shard, has_visitor).await?)? {
                return Ok(None);
            }
            asked.transactions = self.share(Shared::Erase(asked.visitor)).await?;
        }
        let told = asked.transactions.clone();
        let call = Call::VisitorErasure(asked);
        let text = json(&Request { now: self.now, currency: self.currency, call })?;
        let erased: Option<Erased> = parse(&self.one(shard, text).await?)?;
        Ok(erased.map(|erased| Erased {
            payments: erased.payments + i64::try_from(told.len()).unwrap_or_default(),
            transactions: told.into_iter().chain(erased.transactions).collect(),
            ..erased
        }))
    }

    /// Stores items: events first, because payments are attributed by them.
    async fn import(&self, asked: &Import) -> Result<Vec<Option<bool>>, E> {
        let mut stored = vec![Some(false); asked.items.len()];
        let events: Vec<(usize, &Event)> = (0..).zip(&asked.items).filter_map(event_of).collect();
        let ids: Vec<(EventId, bool)> =
            events.iter().map(|(_, event)| (event.id.clone(), event.is_public_id)).collect();
        // An id may be known with another visitor, who is in another shard.
        let known: Vec<Vec<bool>> =
            if ids.is_empty() { Vec::new() } else { self.all_parts(Part::Known(ids.clone())).await? };
        let (mut seen, mut fresh) = (BTreeSet::new(), BTreeMap::<u32, Vec<usize>>::new());
        for (number, (at, event)) in events.iter().enumerate() {
            let id = (event.id.as_str(), event.is_public_id);
            let is_known = known.iter().any(|known| known.get(number).copied().unwrap_or_default());
            if !is_known && seen.insert(id) {
                let VisitorKey::Visitor(visitor) = event.sender else {
                    return Err(Error::new("an imported event without a visitor").into());
                };
                fresh.entry(self.layout.shard_of(visitor)).or_default().push(*at);
            }
        }
        let mut texts = Vec::new();
        for (shard, numbers) in &fresh {
            let items = numbers.iter().filter_map(|at| asked.items.get(*at).cloned()).collect();
            let call = Call::Import(Import { items, zone: asked.zone.clone(), may_drop: asked.may_drop });
            texts.push((*shard, json(&Request { now: self.now, currency: self.currency, call })?));
        }
        let answers: Vec<Vec<Option<bool>>> =
            if texts.is_empty() { Vec::new() } else { parse_all(&(self.ask)(texts).await?)? };
        for (at, answer) in fresh.values().flatten().zip(answers.into_iter().flatten()) {
            if let Some(place) = stored.get_mut(*at) {
                *place = answer;
            }
        }
        let senders = events.iter().filter_map(|(_, event)| match event.sender {
            VisitorKey::Visitor(visitor) => Some((visitor, *event)),
            VisitorKey::Anonymous(_) => None,
        });
        self.attribute(&senders.collect::<Vec<_>>()).await?;
        let payments = (0..).zip(&asked.items).filter_map(|(at, item): (usize, _)| match item {
            Item::Payment(payment) => Some((at, payment.as_ref().clone())),
            Item::Event(_) => None,
        });
        let (places, payments): (Vec<usize>, Vec<_>) = payments.unzip();
        if !payments.is_empty() {
            let answers: Vec<bool> = self.share(Shared::Record { payments, is_import: true }).await?;
            for (at, is_new) in places.into_iter().zip(answers) {
                if let Some(place) = stored.get_mut(at) {
                    *place = Some(is_new);
                }
            }
        }
        Ok(stored)
    }

    /// Only the home knows the endpoints: it makes messages of what all shards tell it.
    async fn subscribe(&self, asked: &Subscriptions) -> Result<String, E> {
        let others = Subscriptions { endpoints: None, ..asked.clone() };
        let texts = (0..self.layout.count).map(|shard| {
            let call = Call::Subscriptions(if shard == 0 { asked.clone() } else { others.clone() });
            Ok((shard, json(&Request { now: self.now, currency: None, call })?))
        });
        let answers = (self.ask)(texts.collect::<Result<_, Error>>()?).await?;
        answers.into_iter().next().ok_or_else(|| Error::new("no shard").into())
    }

    // ---- Lists

    async fn breakdown(&self, asked: &Breakdown) -> Result<breakdown::Rows, E> {
        let limit = self.rows_at_once;
        let slice = |after| Part::Groups { asked: asked.clone(), after, limit };
        let top = Top::new(asked.limit, asked.offset);
        let rank = |group: &Group| asked.finds(group).then(|| asked.rank(group));
        let (rows, total) = self.page(top, rank, slice).await?;
        Ok(breakdown::Rows { rows, total })
    }

    async fn goals(&self, asked: &GoalReport) -> Result<goals::Rows, E> {
        let (limit, order) = (self.rows_at_once, asked.order());
        let slice = |after| Part::Goals { asked: asked.clone(), after, limit };
        let top = Top::new(asked.limit, asked.offset);
        let rank = |count: &Count| asked.finds(count).then(|| order.rank(count));
        let (rows, total) = self.page(top, rank, slice).await?;
        Ok(goals::Rows { rows, total })
    }

    async fn properties(&self, asked: &GoalProperties) -> Result<goals::Rows, E> {
        let limit = self.rows_at_once;
        let slice = |after| Part::Properties { asked: asked.clone(), after, limit };
        let top = Top::new(asked.limit, asked.offset);
        let (rows, total) = self.page(top, |count| Some(Order::Visitors.rank(count)), slice).await?;
        Ok(goals::Rows { rows, total })
    }

    /// A page of the rows of all shards, and the number of all rows. Each shard sends its rows in the order of their keys, some
    /// at once, so that rows with the same key meet, and only those of the page and before are kept. A row without a rank is not
    /// on the list.
    async fn page<T: ListRow>(
        &self,
        mut top: Top<T>,
        rank: impl Fn(&T) -> Option<(i64, i64)>,
        slice: impl Fn(Vec<String>) -> Part,
    ) -> Result<(Vec<T>, i64), E> {
        let at_once = usize::try_from(self.rows_at_once).unwrap_or(usize::MAX);
        let mut streams: Vec<Stream<T>> = (0..self.layout.count).map(|_| Stream::default()).collect();
        loop {
            let dry = (0..).zip(&streams).filter(|(_, stream)| stream.rows.is_empty() && !stream.is_over);
            let dry: Vec<(u32, Part)> = dry.map(|(shard, stream)| (shard, slice(stream.last.clone()))).collect();
            if !dry.is_empty() {
                let shards: Vec<u32> = dry.iter().map(|(shard, _)| *shard).collect();
                for (shard, rows) in shards.into_iter().zip(self.parts::<Vec<T>>(dry).await?) {
                    if let Some(stream) = usize::try_from(shard).ok().and_then(|shard| streams.get_mut(shard)) {
                        stream.fill(rows, at_once);
                    }
                }
            }
            while streams.iter().all(|stream| stream.is_over || !stream.rows.is_empty()) {
                let Some(key) = streams.iter().filter_map(|stream| stream.rows.front()).map(ListRow::key).min() else {
                    return Ok(top.page());
                };
                let mut merged: Option<T> = None;
                for stream in &mut streams {
                    if stream.rows.front().is_none_or(|row| row.key() != key) {
                        continue;
                    }
                    let Some(row) = stream.rows.pop_front() else { continue };
                    match &mut merged {
                        Some(merged) => merged.add(&row),
                        None => merged = Some(row),
                    }
                }
                if let Some(row) = merged
                    && let Some(rank) = rank(&row)
                {
                    top.take(rank, row.key(), row);
                }
            }
        }
    }

    /// A page of the list of visitors: who is on it first, then the rest of them.
    async fn visitors(&self, asked: &VisitorList) -> Result<visitors::Rows, E> {
        let wanted = u64::from(asked.limit) + u64::from(asked.offset);
        let at_once = self.rows_at_once.min(asked.limit.saturating_add(asked.offset)).max(1);
        let slice = |offset| Part::Visitors(VisitorList { limit: at_once, offset, ..asked.clone() });
        let firsts = (0..self.layout.count).map(|shard| (shard, slice(0))).collect();
        let first: Vec<Ordered> = self.parts(firsts).await?;
        let total = first.iter().map(|part| part.total).sum();
        let full = usize::try_from(at_once).unwrap_or(usize::MAX);
        let mut lists: Vec<Listed> = Vec::new();
        for part in first {
            let is_over = part.rows.len() < full;
            lists.push((part.ranked(), at_once, is_over));
        }
        let mut page = Vec::new();
        for at in 0..wanted {
            let dry = (0..).zip(&lists).filter(|(_, (rows, _, is_over))| rows.is_empty() && !is_over);
            let dry: Vec<(u32, Part)> = dry.map(|(shard, (_, read, _))| (shard, slice(*read))).collect();
            if !dry.is_empty() {
                let shards: Vec<u32> = dry.iter().map(|(shard, _)| *shard).collect();
                for (shard, part) in shards.into_iter().zip(self.parts::<Ordered>(dry).await?) {
                    if let Some(list) = usize::try_from(shard).ok().and_then(|shard| lists.get_mut(shard)) {
                        let is_over = part.rows.len() < full;
                        *list = (part.ranked(), list.1.saturating_add(at_once), is_over);
                    }
                }
            }
            let next = |(shard, (rows, ..)): (u32, &Listed)| {
                rows.front().map(|(money, time, visitor)| (Reverse((*money, *time)), *visitor.as_bytes(), shard))
            };
            let Some((.., shard)) = (0..).zip(&lists).filter_map(next).min() else { break };
            let list = usize::try_from(shard).ok().and_then(|shard| lists.get_mut(shard));
            if let Some((_, time, visitor)) = list.and_then(|(rows, ..)| rows.pop_front())
                && at >= u64::from(asked.offset)
            {
                page.push((shard, time, visitor));
            }
        }
        let told = Told { span: asked.selection.span, details: asked.details };
        Ok(visitors::Rows { rows: self.described(&page, told).await?, total })
    }

    async fn described(&self, page: &[(u32, Timestamp, VisitorId)], told: Told) -> Result<Vec<Seen>, E> {
        let mut asked = BTreeMap::<u32, Vec<(Timestamp, VisitorId)>>::new();
        for (shard, time, visitor) in page {
            asked.entry(*shard).or_default().push((*time, *visitor));
        }
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let until = told.span.to;
        let part = |(shard, seen)| (shard, Part::Described { seen, until, told: Some(told) });
        let parts = asked.into_iter().map(part).collect();
        let found: Vec<Vec<Seen>> = self.parts(parts).await?;
        let mut found: BTreeMap<[u8; 16], Seen> =
            found.into_iter().flatten().map(|seen| (*seen.visitor.as_bytes(), seen)).into_map();
        Ok(page.iter().filter_map(|(_, _, visitor)| found.remove(visitor.as_bytes())).collect())
    }
}

/// The visitors of one shard that are not on the list yet, how many were sent, and whether those are all.
type Listed = (VecDeque<(i64, Timestamp, VisitorId)>, u32, bool);

impl Ordered {
    /// The rows, each with what it comes first by.
    fn ranked(self) -> VecDeque<(i64, Timestamp, VisitorId)> {
        let money = self.money.into_iter().chain(std::iter::repeat(0));
        self.rows.into_iter().zip(money).map(|((time, visitor), money)| (money, time, visitor)).collect()
    }
}

fn event_of((at, item): (usize, &Item)) -> Option<(usize, &Event)> {
    match item {
        Item::Event(event) => Some((at, event)),
        Item::Payment(_) => None,
    }
}

/// The rows of one shard that have not been merged yet.
struct Stream<T> {
    rows: VecDeque<T>,
    /// The key of the last row that was sent; empty before the first.
    last: Vec<String>,
    is_over: bool,
}

impl<T> Default for Stream<T> {
    fn default() -> Self {
        Self { rows: VecDeque::new(), last: Vec::new(), is_over: false }
    }
}

impl<T: ListRow> Stream<T> {
    fn fill(&mut self, rows: Vec<T>, at_once: usize) {
        self.is_over = rows.len() < at_once;
        if let Some(last) = rows.last() {
            self.last = last.key();
        }
        self.rows = rows.into();
    }
}

/// A row of a list.
trait ListRow: DeserializeOwned {
    fn key(&self) -> Vec<String>;
    /// Adds the row of another shard with the same key.
    fn add(&mut self, other: &Self);
}

impl ListRow for Group {
    fn key(&self) -> Vec<String> {
        self.key.clone()
    }

    fn add(&mut self, other: &Self) {
        self.visitors += other.visitors;
        self.money.add(&other.money);
        self.paying += other.paying;
    }
}

impl ListRow for Count {
    fn key(&self) -> Vec<String> {
        vec![self.name.clone()]
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.visitors += other.visitors;
    }
}

// ---- Merging answers

fn sum<T>(answers: Vec<T>, add: impl Fn(&mut T, &T)) -> Option<T> {
    answers.into_iter().reduce(|mut all, other| {
        add(&mut all, &other);
        all
    })
}

fn tracked(answers: Vec<Tracked>) -> Tracked {
    let visitors = answers.iter().map(|tracked| tracked.visitors).sum();
    let mut goals = BTreeMap::<String, Count>::new();
    for goal in answers.into_iter().flat_map(|tracked| tracked.goals) {
        match goals.get_mut(&goal.name) {
            Some(known) => known.add(&goal),
            None => drop(goals.insert(goal.name.clone(), goal)),
        }
    }
    let mut goals: Vec<Count> = goals.into_values().collect();
    sort_tracked(&mut goals);
    Tracked { goals, visitors }
}

fn measured(answers: Vec<Measured>) -> Option<Measured> {
    let all = sum(answers, |all, other| {
        all.current.add(&other.current);
        all.base.iter_mut().zip(&other.base).for_each(|(base, other)| base.add(other));
        all.has_events |= other.has_events;
        all.changes_at = [all.changes_at, other.changes_at].into_iter().flatten().min();
    });
    all.map(Measured::limited)
}

/// The points at which any of the shards has one, each with the sum of the values then.
fn replayed(answers: &[Vec<Point>]) -> Vec<Point> {
    let times: BTreeSet<i64> = answers.iter().flatten().map(|point| point.at).into_set();
    let value = |at: i64| {
        let values = answers.iter().filter_map(|points| {
            points.partition_point(|point| point.at <= at).checked_sub(1).and_then(|last| points.get(last)).cloned()
        });
        sum(values.collect(), |all: &mut Point, other: &Point| {
            all.current.add(&other.current);
            all.base.iter_mut().zip(&other.base).for_each(|(base, other)| base.add(other));
            all.has_events |= other.has_events;
        })
    };
    limited_points(times.into_iter().filter_map(|at| value(at).map(|point| Point { at, ..point })).collect())
}

fn completed(answers: Vec<Completed>, asked: &Completions) -> Completed {
    let total = answers.iter().map(|completed| completed.total).sum();
    let mut hours = BTreeMap::new();
    for (hour, count) in answers.iter().flat_map(|completed| &completed.hours) {
        *hours.entry(*hour).or_default() += count;
    }
    let mut times: Vec<i64> = answers.into_iter().flat_map(|completed| completed.times).collect();
    times.sort_unstable();
    let most = usize::try_from(asked.most).unwrap_or(usize::MAX);
    Completed { times: times.split_off(times.len().saturating_sub(most)), total, hours: hours.into_iter().collect() }
}

// ---- Exporting

/// A line of an export, as far as its place matters.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    timestamp: Timestamp,
    /// Payments have none.
    visitor_id: Option<IgnoredAny>,
}

/// An export of several shards: their lines, oldest first.
pub struct MergedExport {
    shards: Vec<Exporting>,
}

struct Exporting {
    /// Each with its time, and whether it is a payment.
    lines: VecDeque<((Timestamp, bool), String)>,
    /// Where further lines begin.
    next: Option<Place>,
}

impl MergedExport {
    pub fn new(layout: Layout) -> Self {
        let begin = || Exporting { lines: VecDeque::new(), next: Some(Place::START) };
        Self { shards: (0..layout.count).map(|_| begin()).collect() }
    }

    /// The next lines; `None` after the last ones. Each shard sends at most `limit` lines at once.
    pub async fn next<E: From<Error>>(
        &mut self,
        now: Timestamp,
        limit: u32,
        ask: &impl AsyncFn(Vec<(u32, String)>) -> Result<Vec<String>, E>,
    ) -> Result<Option<String>, E> {
        let dry = (0..).zip(&self.shards).filter(|(_, shard)| shard.lines.is_empty());
        let mut asked = Vec::new();
        for (number, after) in dry.filter_map(|(number, shard)| shard.next.map(|after| (number, after))) {
            let call = Call::Export(Export { after, limit });
            asked.push((number, json(&Request { now: now.as_millis(), currency: None, call })?));
        }
        let numbers: Vec<u32> = asked.iter().map(|(number, _)| *number).collect();
        let parts: Vec<Exported> = if asked.is_empty() { Vec::new() } else { parse_all(&ask(asked).await?)? };
        for (number, part) in numbers.into_iter().zip(parts) {
            let Some(shard) = usize::try_from(number).ok().and_then(|number| self.shards.get_mut(number)) else {
                continue;
            };
            shard.next = part.next;
            for line in part.lines.lines() {
                let placed: Line = serde_json::from_str(line).map_err(|error| Error::new(error.to_string()))?;
                shard.lines.push_back(((placed.timestamp, placed.visitor_id.is_none()), format!("{line}\n")));
            }
        }
        let mut lines = String::new();
        // As long as no shard may have an earlier line that it has not sent.
        while self.shards.iter().all(|shard| !shard.lines.is_empty() || shard.next.is_none()) {
            let first = |shard: &Exporting| shard.lines.front().map(|(place, _)| *place);
            let next = self.shards.iter_mut().filter(|shard| !shard.lines.is_empty()).min_by_key(|shard| first(shard));
            match next.and_then(|shard| shard.lines.pop_front()) {
                Some((_, line)) => lines.push_str(&line),
                None => break,
            }
        }
        let is_over = self.shards.iter().all(|shard| shard.lines.is_empty() && shard.next.is_none());
        Ok(if is_over && lines.is_empty() { None } else { Some(lines) })
    }
}

fn parse<T: DeserializeOwned>(answer: &str) -> Result<T, Error> {
    serde_json::from_str(answer).map_err(|error| Error::new(format!("a shard: {error}")))
}

fn parse_all<T: DeserializeOwned, E: From<Error>>(answers: &[String]) -> Result<Vec<T>, E> {
    answers.iter().map(|answer| parse(answer)).collect::<Result<_, Error>>().map_err(E::from)
}
