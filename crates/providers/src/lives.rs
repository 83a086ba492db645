//! What becomes of an event of a subscription that moves no money: goals of its life (docs/contract/providers.md#5).

use serde_json::Value;

use crate::delivery::Envelope;
use crate::fields::Fault;
use crate::ids::TransactionId;
use crate::lifecycle::{Heard, of_event};
use crate::mapped::{Context, Mapped, Taking};
use crate::metadata::Explicit;

/// What becomes of an event; `metadata` is the subscription's.
pub fn mapped(envelope: &Envelope, metadata: Option<&Value>, context: &Context) -> Result<Mapped, Fault> {
    Ok(of_heard(of_event(envelope)?, envelope, metadata, context))
}

/// What becomes of what an event says.
pub fn of_heard(heard: Heard, envelope: &Envelope, metadata: Option<&Value>, context: &Context) -> Mapped {
    let Heard { goals, seen } = heard;
    let of = goals.first().map(|goal| &goal.subscription).or(seen.as_ref().map(|seen| &seen.subscription));
    let Some(subject) = of.and_then(|of| TransactionId::new(of.as_str())) else {
        return Mapped::ignored("no money was moved");
    };
    let taking = Taking { goals, seen, ..Taking::new(envelope.provider, subject, Vec::new()) };
    Mapped::taken(taking, Explicit::of(metadata).website, context)
}
