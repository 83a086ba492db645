//! Display settings of goals: name, color, description (docs/contract/account-api.md#7). They never rename an event.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Input, Patch, Query};
use crate::http::reply::Data;
use crate::platform::config::MAX_GOAL_CUSTOMIZATIONS;
use crate::platform::database::{Batch, Statement, sql};
use sluice_values::{Invalid, LooseGoalName, Text, Timestamp, WebsiteId, excerpt, text_value};

/// The longest body, in bytes.
pub const LONGEST_BODY: usize = 4 * 1024;

/// The colors that a goal can have: hex value, family, label.
const PALETTE: [(&str, &str, &str); 20] = [
    ("#ef4444", "red", "Red"),
    ("#f87171", "red", "Light red"),
    ("#f97316", "orange", "Orange"),
    ("#fb923c", "orange", "Light orange"),
    ("#f59e0b", "amber", "Amber"),
    ("#eab308", "yellow", "Yellow"),
    ("#84cc16", "lime", "Lime"),
    ("#22c55e", "green", "Green"),
    ("#10b981", "emerald", "Emerald"),
    ("#14b8a6", "teal", "Teal"),
    ("#06b6d4", "cyan", "Cyan"),
    ("#8dcdff", "sky", "Sky"),
    ("#3b82f6", "blue", "Blue"),
    ("#6366f1", "indigo", "Indigo"),
    ("#8b5cf6", "violet", "Violet"),
    ("#a855f7", "purple", "Purple"),
    ("#d946ef", "fuchsia", "Fuchsia"),
    ("#ec4899", "pink", "Pink"),
    ("#f43f5e", "rose", "Rose"),
    ("#6b7280", "gray", "Gray"),
];

// ---- What comes in

/// The body of a change.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CustomizeGoal")]
pub struct Change {
    goal_name: LooseGoalName,
    /// At most 80 characters; `null` clears it.
    #[serde(default)]
    display_name: Patch<Option<Text<1, 80>>>,
    /// A color of the palette; `null` clears it.
    #[serde(default)]
    color: Patch<Option<Color>>,
    /// At most 300 characters; `null` clears it.
    #[serde(default)]
    description: Patch<Option<Text<1, 300>>>,
}

/// A color of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Color(&'static str);

impl Color {
    fn as_str(&self) -> &'static str {
        self.0
    }
}

impl FromStr for Color {
    type Err = Invalid;

    fn from_str(sent: &str) -> Result<Self, Invalid> {
        let wanted = sent.trim().to_ascii_lowercase();
        PALETTE.iter().find(|(color, ..)| *color == wanted).map(|(color, ..)| Self(color)).ok_or_else(|| {
            let colors: Vec<_> = PALETTE.iter().map(|(color, ..)| *color).collect();
            Invalid::new(format!("expected a color of the palette ({}), got \"{}\"", colors.join(", "), excerpt(sent)))
        })
    }
}

text_value!(Color, {
    let colors: Vec<_> = PALETTE.iter().map(|(color, ..)| *color).collect();
    schemars::json_schema!({ "type": "string", "enum": colors })
});

/// The goal to reset.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneGoal {
    goal_name: LooseGoalName,
}

/// The goals to list.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WantedGoals {
    /// Only this one.
    goal_name: Option<LooseGoalName>,
}

// ---- What goes out

/// How a goal is displayed.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Customization {
    goal_name: String,
    display_name: Option<String>,
    color: Option<String>,
    description: Option<String>,
    updated_at: Option<Timestamp>,
}

impl Customization {
    pub fn goal_name(&self) -> &str {
        &self.goal_name
    }

    /// Display name, color and description.
    pub fn into_parts(self) -> (Option<String>, Option<String>, Option<String>) {
        (self.display_name, self.color, self.description)
    }
}

/// Returned with the list.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Meta {
    /// Every color that a goal can have.
    colors: Vec<PaletteColor>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
struct PaletteColor {
    color: &'static str,
    label: &'static str,
    family: &'static str,
}

fn palette() -> Meta {
    let colors = PALETTE.iter().map(|(color, family, label)| PaletteColor { color, label, family });
    Meta { colors: colors.collect() }
}

/// The response of delete.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// Whether there was anything to delete.
    deleted: bool,
    goal_name: String,
}

// ---- SQL

/// The columns of a [`Customization`].
const COLUMNS: &str = "goal_name, display_name, color, description, updated_at";

/// Selects the customizations of a website, or of one of its goals.
pub fn select(website: WebsiteId, goal: Option<&str>) -> Statement {
    sql(format!(
        "SELECT {COLUMNS} FROM goal_customizations \
         WHERE website_id = ?1 AND (?2 IS NULL OR goal_name = ?2) ORDER BY goal_name"
    ))
    .bind(website)
    .bind(goal)
}

/// Changes only the fields that were sent, in one statement. It returns no row if the website has no room for one more.
fn upsert(website: &EnteredWebsite, change: &Change, most: u32) -> Statement {
    let text = |patch: Option<Option<String>>| (patch.is_some(), patch.flatten());
    let name = text(change.display_name.as_set().map(|name| name.as_ref().map(|name| name.as_str().to_owned())));
    let color = text(change.color.as_set().map(|color| color.as_ref().map(|color| color.as_str().to_owned())));
    let description = text(change.description.as_set().map(|one| one.as_ref().map(|one| one.as_str().to_owned())));
    sql(format!(
        "INSERT INTO goal_customizations (website_id, goal_name, display_name, color, description, updated_at) \
         SELECT ?1, ?2, ?4, ?6, ?8, ?9 WHERE EXISTS \
           (SELECT 1 FROM goal_customizations WHERE website_id = ?1 AND goal_name = ?2) \
         OR (SELECT count(*) FROM goal_customizations WHERE website_id = ?1) < ?10 ON CONFLICT (website_id, goal_name) DO UPDATE SET \
         display_name = iif(?3, ?4, display_name), color = iif(?5, ?6, color), \
         description = iif(?7, ?8, description), updated_at = ?9 \
         RETURNING {COLUMNS}"
    ))
    .bind(website.id)
    .bind(change.goal_name.as_str())
    .bind(name.0)
    .bind(name.1)
    .bind(color.0)
    .bind(color.1)
    .bind(description.0)
    .bind(description.1)
    .bind(website.call.now)
    .bind(most)
}

// ---- Handlers

/// GET: the customizations, and the palette.
pub async fn list(call: WebsiteCall, input: Input<Query<WantedGoals>>) -> Result<Data<Customization, Meta>, Error> {
    let plan = |batch: &mut Batch, website, Query(wanted): &Query<WantedGoals>| {
        batch.read(select(website, wanted.goal_name.as_ref().map(LooseGoalName::as_str)))
    };
    let (_, _, customizations, results) = call.enter(input, plan).await?;
    Ok(listed(results.all(&customizations)?))
}

/// The response of list.
pub fn listed(customizations: Vec<Customization>) -> Data<Customization, Meta> {
    Data::with(customizations, palette())
}

/// PATCH: changes how a goal is displayed.
pub async fn change(call: WebsiteCall, input: Input<Body<Change>>) -> Result<Data<Customization>, Error> {
    let (website, Body(change), (), _) = call.enter(input, |_, _, _| ()).await?;
    if change.display_name.is_kept() && change.color.is_kept() && change.description.is_kept() {
        return Err(Error::bad_request(
            "body: nothing to change; send at least one of: displayName, color, description",
        ));
    }
    let most = website.call.platform.config().cap(MAX_GOAL_CUSTOMIZATIONS);
    website.call.note_target(&change.goal_name.as_str());
    let changed = website.row::<Customization>(upsert(&website, &change, most)).await?;
    let full =
        || Error::forbidden(format!("at most {most} goals of a website are customized (MAX_GOAL_CUSTOMIZATIONS)"));
    Ok(Data::one(changed.ok_or_else(full)?))
}

/// DELETE: removes a goal's customization.
pub async fn delete(call: WebsiteCall, input: Input<Query<OneGoal>>) -> Result<Data<Deleted>, Error> {
    let (website, Query(OneGoal { goal_name }), (), _) = call.enter(input, |_, _, _| ()).await?;
    website.call.note_target(&goal_name.as_str());
    let gone = sql("DELETE FROM goal_customizations WHERE website_id = ?1 AND goal_name = ?2 RETURNING goal_name")
        .bind(website.id)
        .bind(goal_name.as_str());
    let gone = website.row::<serde::de::IgnoredAny>(gone).await?;
    Ok(Data::one(Deleted { deleted: gone.is_some(), goal_name: goal_name.as_str().to_owned() }))
}
