//! The alert state machine: states of metric alerts, messages of goal alerts. Pure functions.
//!
//! The caller keeps the memory and may evaluate as often as it likes: evaluating the same reading at the same moment
//! again changes nothing, and a late evaluation delays a message but does not alter it.

use serde::{Deserialize, Serialize};

use super::trigger::{Comparison, MetricTrigger, NoData};
use sluice_values::Timestamp;

// ---- Metrics

// Stored by name in `alerts.state` and `alert_transitions`: states may be added, none is renamed.
/// The state of an alert.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum State {
    /// The threshold is not crossed.
    #[default]
    Normal,
    /// The threshold is crossed, but not yet for long enough.
    Pending,
    /// The threshold is crossed.
    Firing,
    /// The threshold was crossed and no longer is.
    Resolved,
    /// There is no data to compare.
    NoData,
}

impl State {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Resolved => "resolved",
            Self::NoData => "nodata",
        }
    }
}

/// What a metric alert remembers from one evaluation to the next. Stored in columns of `alerts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    pub state: State,
    pub since: Timestamp,
    /// When the last message about a firing went out, however long ago: the cooldown runs from here.
    pub last_message_at: Option<Timestamp>,
    /// Whether a message about the present firing has gone out.
    pub is_notified: bool,
}

impl Memory {
    /// The memory of an alert that was created, enabled or given another trigger at this moment.
    pub const fn new(since: Timestamp) -> Self {
        Self { state: State::Normal, since, last_message_at: None, is_notified: false }
    }
}

/// The rule of a metric alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub trigger: MetricTrigger,
    /// The time between two messages about a firing.
    pub cooldown_ms: i64,
    /// Whether a message is sent when the alert resolves.
    pub notify_resolved: bool,
}

// Stored by name in `alert_history.event`: events may be added, none is renamed.
/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Event {
    /// The alert fires.
    Firing,
    /// The alert no longer fires.
    Resolved,
}

impl Event {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

/// A change of state.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    pub from: State,
    pub to: State,
    /// Why, in words for people.
    pub reason: String,
    /// The reading; `None` if there was no data.
    pub value: Option<f64>,
    pub at: Timestamp,
}

/// A message to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub event: Event,
    /// Why, in words for people.
    pub reason: String,
    /// The reading; `None` if there was no data.
    pub value: Option<f64>,
    pub at: Timestamp,
}

/// The result of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub memory: Memory,
    pub transition: Option<Transition>,
    pub message: Option<Message>,
    /// When to evaluate again even if the reading stays the same; `None` if that would change nothing.
    pub due_at: Option<Timestamp>,
}

/// Evaluates a reading, which is `None` if there is no data.
pub fn step(rule: &Rule, memory: Memory, reading: Option<f64>, now: Timestamp) -> Step {
    let trigger = &rule.trigger;
    let hold_ms = trigger.r#for.as_millis();
    let is_breach = match (reading, trigger.no_data) {
        (Some(value), _) => Some(is_breach(trigger, value)),
        (None, NoData::Alert) => Some(true),
        (None, NoData::Ok | NoData::Keep) => None,
    };
    let has_lasted = memory.state == State::Pending && now.as_millis() - memory.since.as_millis() >= hold_ms;
    let state = match (is_breach, memory.state) {
        (Some(true), before) if before == State::Firing || has_lasted || hold_ms == 0 => State::Firing,
        (Some(true), _) => State::Pending,
        (Some(false), State::Pending | State::NoData) => State::Normal,
        (None, state) if trigger.no_data == NoData::Keep => state,
        (None, State::Normal | State::Pending) => State::NoData,
        (Some(false) | None, State::Firing) => State::Resolved,
        (Some(false) | None, state) => state,
    };
    let reason = || reason(trigger, reading, memory.state == State::Pending && state == State::Firing);
    let mut next = memory;
    let mut transition = None;
    if state != memory.state {
        next = Memory { state, since: now, is_notified: false, ..memory };
        transition = Some(Transition { from: memory.state, to: state, reason: reason(), value: reading, at: now });
    }

    let cooled_at = memory.last_message_at.map(|last| last.plus_millis(rule.cooldown_ms));
    let message_about = |event| Some(Message { event, reason: reason(), value: reading, at: now });
    let mut message = None;
    let mut due_at = None;
    match state {
        State::Firing if next.is_notified => {}
        State::Firing => match cooled_at.filter(|at| *at > now) {
            Some(at) => due_at = Some(at),
            None => {
                message = message_about(Event::Firing);
                next = Memory { last_message_at: Some(now), is_notified: true, ..next };
            }
        },
        State::Resolved if memory.state == State::Firing && memory.is_notified && rule.notify_resolved => {
            message = message_about(Event::Resolved);
        }
        // A pending state that is kept without data fires at the first reading, not at a set time.
        State::Pending if is_breach.is_some() => due_at = Some(next.since.plus_millis(hold_ms)),
        _ => {}
    }
    Step { memory: next, transition, message, due_at }
}

fn is_breach(trigger: &MetricTrigger, value: f64) -> bool {
    match trigger.comparison {
        Comparison::Below => value < trigger.threshold,
        _ => value > trigger.threshold,
    }
}

/// Why, in words for people. For a comparison in percent, `reading` is the change in the direction of the comparison.
fn reason(trigger: &MetricTrigger, reading: Option<f64>, has_lasted: bool) -> String {
    let what = match &trigger.goal_name {
        Some(goal) => format!("{} of {} in {}", trigger.metric.as_str(), goal.as_str(), trigger.window),
        None => format!("{} in {}", trigger.metric.as_str(), trigger.window),
    };
    let lasting = if has_lasted { format!(", for {}", trigger.r#for) } else { String::new() };
    let Some(value) = reading else { return format!("no data of {what}{lasting}") };
    let not = if is_breach(trigger, value) { "" } else { "not " };
    let threshold = trigger.threshold;
    let text = match trigger.comparison {
        Comparison::Above => format!("{what} is {value}, {not}above {threshold}"),
        Comparison::Below => format!("{what} is {value}, {not}below {threshold}"),
        Comparison::IncreasePct => format!("{what} {} %, {not}above {threshold} %", changed("rose", "fell", value)),
        Comparison::DecreasePct => format!("{what} {} %, {not}above {threshold} %", changed("fell", "rose", value)),
    };
    text + &lasting
}

fn changed(forward: &str, back: &str, value: f64) -> String {
    let verb = if value < 0.0 { back } else { forward };
    format!("{verb} by {}", value.abs())
}

// ---- Goals

/// The rule of a goal alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoalRule {
    /// The time between two messages.
    pub cooldown_ms: i64,
    /// Completions received earlier are ignored.
    pub in_force_since: Timestamp,
}

/// What a goal alert remembers from one evaluation to the next. Stored in columns of `alerts`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GoalMemory {
    /// When the last message went out.
    pub last_message_at: Option<Timestamp>,
    /// Completions since then, suppressed by the cooldown.
    pub suppressed: u32,
}

/// A message about a completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoalMessage {
    /// The index of the completion among those evaluated.
    pub index: usize,
    /// Completions that the message covers: its own and those suppressed before it.
    pub count: u32,
}

/// The messages about completions, which are given by when each was received, in that order.
pub fn completions(rule: GoalRule, mut memory: GoalMemory, received: &[Timestamp]) -> (GoalMemory, Vec<GoalMessage>) {
    let mut messages = Vec::new();
    for (index, at) in received.iter().enumerate().filter(|(_, at)| **at >= rule.in_force_since) {
        let count = memory.suppressed.saturating_add(1);
        let cools = memory.last_message_at.is_some_and(|last| last.plus_millis(rule.cooldown_ms) > *at);
        // Without a cooldown every completion gets a message, even one that a skewed clock puts before the last.
        if cools && rule.cooldown_ms > 0 {
            memory.suppressed = count;
        } else {
            messages.push(GoalMessage { index, count });
            memory = GoalMemory { last_message_at: Some(*at), suppressed: 0 };
        }
    }
    (memory, messages)
}

/// What is left of an alert's mails in the hour (docs/contract/README.md#47).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailBudget {
    /// All mails of an hour.
    pub most: usize,
    pub left: usize,
    /// When the next mail may be sent once none is left.
    pub next_at: Timestamp,
}

/// What a budget makes of a metric's step. A firing that it holds back is sent when there is room again, if the alert
/// still fires. A firing needs room for its end, too, so that no firing that was sent lacks its end.
pub fn held_to_budget(rule: &Rule, budget: MailBudget, before: Memory, step: Step) -> Step {
    let Some(event) = step.message.as_ref().map(|message| message.event) else { return step };
    let needed = match event {
        Event::Firing if rule.notify_resolved => budget.most.min(2),
        Event::Firing | Event::Resolved => 1,
    };
    if budget.left >= needed {
        return step;
    }
    let due_at = if event == Event::Firing { Some(budget.next_at) } else { step.due_at };
    let memory = Memory { last_message_at: before.last_message_at, is_notified: false, ..step.memory };
    Step { memory, message: None, due_at, ..step }
}

/// What a budget makes of the messages about completions.
#[derive(Debug, PartialEq, Eq)]
pub struct Budgeted {
    pub memory: GoalMemory,
    pub messages: Vec<GoalMessage>,
    /// Whether the last completion has to wait for the digest; the ones before it are counted in the memory.
    pub has_digest: bool,
}

/// The messages about `count` completions that the budget allows. The completions after the last allowed message are
/// counted, and the last of them waits for a digest, which tells how many they were.
pub fn within_budget(
    budget: MailBudget,
    count: usize,
    (memory, mut messages): (GoalMemory, Vec<GoalMessage>),
    before: GoalMemory,
    received: &[Timestamp],
) -> Budgeted {
    if messages.len() <= budget.left {
        return Budgeted { memory, messages, has_digest: false };
    }
    messages.truncate(budget.left);
    let last_message_at = match messages.last() {
        Some(last) => received.get(last.index).copied(),
        None => before.last_message_at,
    };
    let (told, suppressed) = messages.last().map_or((0, before.suppressed), |last| (last.index + 1, 0));
    let counted = u32::try_from(count.saturating_sub(told + 1)).unwrap_or(u32::MAX);
    let memory = GoalMemory { last_message_at, suppressed: suppressed.saturating_add(counted) };
    Budgeted { memory, messages, has_digest: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const MINUTE: i64 = 60_000;

    fn rule(fields: &serde_json::Value, cooldown: i64, notify_resolved: bool) -> Rule {
        let mut trigger = json!({ "metric": "visitors", "window": "5m", "comparison": "above", "threshold": 10,
            "type": "metric" });
        trigger.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let super::super::trigger::Trigger::Metric(trigger) = serde_json::from_value(trigger).unwrap() else {
            panic!()
        };
        Rule { trigger, cooldown_ms: cooldown * MINUTE, notify_resolved }
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(1_779_321_600_000 + minute * MINUTE)
    }

    /// Evaluates one reading a minute. Shows each state, with `!` for a message about the firing and `.` for one about
    /// its end.
    fn run(rule: &Rule, readings: &[Option<f64>]) -> String {
        let mut memory = Memory::new(at(0));
        let mut steps = Vec::new();
        for (minute, reading) in readings.iter().enumerate() {
            let step = step(rule, memory, *reading, at(i64::try_from(minute).unwrap()));
            memory = step.memory;
            let state = match memory.state {
                State::Normal => "-",
                State::Pending => "p",
                State::Firing => "F",
                State::Resolved => "r",
                State::NoData => "?",
            };
            let event = step.message.map_or("", |message| if message.event == Event::Firing { "!" } else { "." });
            steps.push(format!("{state}{event}"));
        }
        steps.join(" ")
    }

    const OVER: Option<f64> = Some(11.0);
    const UNDER: Option<f64> = Some(10.0);
    const NONE: Option<f64> = None;

    #[test]
    fn a_breach_fires_at_once_or_when_it_has_lasted() {
        let now = rule(&json!({}), 0, true);
        assert_eq!(run(&now, &[UNDER, OVER, OVER, UNDER, UNDER, OVER]), "- F! F r. r F!");
        let later = rule(&json!({ "for": "2m" }), 0, true);
        assert_eq!(run(&later, &[OVER, OVER, OVER, OVER, UNDER]), "p p F! F r.");
        assert_eq!(
            run(&later, &[OVER, OVER, UNDER, OVER, OVER, OVER]),
            "p p - p p F!",
            "an interruption restarts the wait"
        );
        assert_eq!(run(&later, &[OVER, OVER, OVER, UNDER, OVER, UNDER]), "p p F! r. p -");
        let below = rule(&json!({ "comparison": "below" }), 0, false);
        assert_eq!(
            run(&below, &[UNDER, Some(9.9), UNDER]),
            "- F! r",
            "comparisons are strict, and the end has no message"
        );
    }

    #[test]
    fn the_cooldown_counts_from_the_last_message_and_survives_an_end() {
        let rule = rule(&json!({}), 3, true);
        // The firing of minute 2 has its message at minute 3, when the cooldown ends and the alert still fires.
        assert_eq!(run(&rule, &[OVER, UNDER, OVER, OVER, OVER, UNDER]), "F! r. F F! F r.");
        // A firing that ends before has no message, and neither has its end.
        assert_eq!(run(&rule, &[OVER, UNDER, OVER, UNDER, UNDER, OVER]), "F! r. F r r F!");
    }

    #[test]
    fn a_firing_beyond_the_mails_of_the_hour_is_sent_once_there_is_room_for_it_and_its_end() {
        let fires = |budget: (usize, usize), notify_resolved| {
            let budget = MailBudget { most: budget.0, left: budget.1, next_at: at(50) };
            let rule = rule(&json!({}), 0, notify_resolved);
            let step = step(&rule, Memory::new(at(0)), OVER, at(1));
            held_to_budget(&rule, budget, Memory::new(at(0)), step)
        };
        for (budget, notify_resolved) in [((20, 2), true), ((20, 1), false), ((1, 1), true)] {
            let sent = fires(budget, notify_resolved);
            assert!(sent.message.is_some() && sent.memory.is_notified, "{budget:?}");
        }
        for (budget, notify_resolved) in [((20, 1), true), ((20, 0), false), ((1, 0), true)] {
            let held = fires(budget, notify_resolved);
            assert_eq!((held.message, held.due_at), (None, Some(at(50))), "{budget:?}");
            let memory = Memory { state: State::Firing, since: at(1), last_message_at: None, is_notified: false };
            assert_eq!(held.memory, memory);
            assert!(held.transition.is_some());
        }
    }

    #[test]
    fn no_data_is_what_the_trigger_says() {
        let ok = rule(&json!({}), 0, true);
        assert_eq!(run(&ok, &[NONE, UNDER, NONE, OVER, NONE, NONE, UNDER]), "? - ? F! r. r r");
        let ok = rule(&json!({ "for": "2m" }), 0, true);
        assert_eq!(run(&ok, &[OVER, NONE, OVER, OVER, OVER]), "p ? p p F!");
        let alert = rule(&json!({ "noData": "alert" }), 0, true);
        assert_eq!(run(&alert, &[NONE, UNDER, NONE, OVER]), "F! r. F! F");
        let keep = rule(&json!({ "noData": "keep", "for": "2m" }), 0, true);
        assert_eq!(run(&keep, &[NONE, OVER, NONE, NONE, OVER, NONE, UNDER, NONE]), "- p p p F! F r. r");
        let fires = step(&alert, Memory::new(at(0)), None, at(1));
        assert_eq!((fires.memory.state, fires.message.unwrap().value), (State::Firing, None));
        let none = step(&ok, Memory::new(at(0)), None, at(1));
        assert_eq!(none.transition.unwrap().reason, "no data of visitors in 5m");
    }

    #[test]
    fn a_step_says_when_to_evaluate_again() {
        let rule = rule(&json!({ "for": "2m" }), 10, false);
        let pending = step(&rule, Memory::new(at(0)), OVER, at(1));
        assert_eq!(pending.due_at, Some(at(3)));
        let fires = step(&rule, pending.memory, OVER, at(3));
        assert_eq!((fires.due_at, fires.message.is_some()), (None, true));
        let ended = step(&rule, fires.memory, UNDER, at(4));
        assert_eq!((ended.due_at, ended.message), (None, None));
        let pending = step(&rule, ended.memory, OVER, at(5));
        let suppressed = step(&rule, pending.memory, OVER, at(7));
        assert_eq!(
            (suppressed.memory.state, suppressed.message, suppressed.due_at),
            (State::Firing, None, Some(at(13)))
        );
        assert!(step(&rule, suppressed.memory, OVER, at(13)).message.is_some());
    }

    #[test]
    fn reasons_name_the_reading_and_the_threshold() {
        for (fields, reading, reason) in [
            (json!({}), 12.0, "visitors in 5m is 12, above 10"),
            (
                json!({ "comparison": "below", "metric": "goals", "goalName": "buy" }),
                2.5,
                "goals of buy in 5m is 2.5, below 10",
            ),
            (json!({ "comparison": "increase_pct" }), 50.0, "visitors in 5m rose by 50 %, above 10 %"),
            (json!({ "comparison": "decrease_pct" }), 50.0, "visitors in 5m fell by 50 %, above 10 %"),
        ] {
            let step = step(&rule(&fields, 0, false), Memory::new(at(0)), Some(reading), at(1));
            let transition = step.transition.unwrap();
            assert_eq!((transition.reason.as_str(), transition.value), (reason, Some(reading)));
            assert_eq!(step.message.unwrap().reason, reason);
        }
        let rule = rule(&json!({ "comparison": "decrease_pct", "for": "1m" }), 0, true);
        let pending = step(&rule, Memory::new(at(0)), Some(20.0), at(1));
        let firing = step(&rule, pending.memory, Some(20.0), at(2));
        assert_eq!(firing.transition.unwrap().reason, "visitors in 5m fell by 20 %, above 10 %, for 1m");
        let ended = step(&rule, firing.memory, Some(-5.0), at(3));
        assert_eq!(ended.message.unwrap().reason, "visitors in 5m rose by 5 %, not above 10 %");
    }

    fn any_rule() -> impl Strategy<Value = Rule> {
        let no_data = prop::sample::select(vec!["ok", "alert", "keep"]);
        (0..4i64, 0..6i64, no_data, any::<bool>()).prop_map(|(hold, cooldown, no_data, notify_resolved)| {
            rule(&json!({ "for": format!("{hold}m"), "noData": no_data }), cooldown, notify_resolved)
        })
    }

    proptest! {
        #[test]
        fn evaluations_in_any_rhythm_keep_the_rules(
            rule in any_rule(),
            evaluations in prop::collection::vec((0..200_000i64, prop::sample::select(vec![OVER, UNDER, NONE])), 0..60),
        ) {
            let (mut memory, mut now) = (Memory::new(at(0)), at(0));
            let (mut last_firing, mut open): (Option<Timestamp>, bool) = (None, false);
            for (wait, reading) in evaluations {
                now = now.plus_millis(wait);
                let done = step(&rule, memory, reading, now);
                // Evaluating again changes nothing and sends nothing.
                let again = step(&rule, done.memory, reading, now);
                prop_assert_eq!(&again, &Step { memory: done.memory, transition: None, message: None, due_at: done.due_at });
                prop_assert!(done.due_at.is_none_or(|at| at > now));
                if let Some(transition) = &done.transition {
                    prop_assert_eq!((transition.from, transition.to), (memory.state, done.memory.state));
                    prop_assert!(transition.from != transition.to && done.memory.since == now);
                }
                match done.message.as_ref().map(|message| message.event) {
                    Some(Event::Firing) => {
                        prop_assert!(!open, "two messages about one firing");
                        prop_assert!(last_firing.is_none_or(|last| now.as_millis() - last.as_millis() >= rule.cooldown_ms));
                        prop_assert_eq!(done.memory.state, State::Firing);
                        (last_firing, open) = (Some(now), true);
                    }
                    Some(Event::Resolved) => {
                        prop_assert!(open && rule.notify_resolved);
                    }
                    None => prop_assert!(
                        !(open && rule.notify_resolved && memory.state == State::Firing && done.memory.state != State::Firing),
                        "an end without its message"
                    ),
                }
                if done.memory.state != State::Firing {
                    open = false;
                }
                prop_assert_eq!(done.memory.last_message_at, last_firing);
                // A firing without its message is due when the cooldown ends.
                let waits = done.memory.state == State::Firing && !done.memory.is_notified;
                prop_assert!(!waits || done.due_at.is_some());
                memory = done.memory;
            }
        }

        #[test]
        fn messages_are_the_same_however_completions_are_split(
            waits in prop::collection::vec(0..300_000i64, 0..40), cut in 0..40usize, cooldown in 0..5i64, from in 0..10i64,
        ) {
            let mut now = at(0);
            let received: Vec<_> = waits.iter().map(|wait| { now = now.plus_millis(*wait); now }).collect();
            let rule = GoalRule { cooldown_ms: cooldown * MINUTE, in_force_since: at(from) };
            let (memory, whole) = completions(rule, GoalMemory::default(), &received);
            let cut = cut.min(received.len());
            let (between, first) = completions(rule, GoalMemory::default(), &received[..cut]);
            let (end, second) = completions(rule, between, &received[cut..]);
            let second = second.into_iter().map(|message| GoalMessage { index: message.index + cut, ..message });
            prop_assert_eq!(&first.into_iter().chain(second).collect::<Vec<_>>(), &whole);
            prop_assert_eq!(end, memory);
            let counted: u32 = whole.iter().map(|message| message.count).sum();
            let in_force = received.iter().filter(|moment| **moment >= at(from)).count();
            prop_assert_eq!((counted + memory.suppressed) as usize, in_force, "each is in a message or suppressed");
            if cooldown == 0 {
                prop_assert_eq!(whole.len(), in_force);
            }
            for pair in whole.windows(2) {
                prop_assert!(received[pair[1].index].as_millis() - received[pair[0].index].as_millis() >= rule.cooldown_ms);
            }
        }
    }

    #[test]
    fn completions_within_the_cooldown_are_counted_into_the_next_message() {
        let rule = GoalRule { cooldown_ms: 10 * MINUTE, in_force_since: at(0) };
        let received = [at(-1), at(0), at(1), at(9), at(10), at(11)];
        let (memory, messages) = completions(rule, GoalMemory::default(), &received);
        assert_eq!(messages, [GoalMessage { index: 1, count: 1 }, GoalMessage { index: 4, count: 3 }]);
        assert_eq!(memory, GoalMemory { last_message_at: Some(at(10)), suppressed: 1 });
    }
}
