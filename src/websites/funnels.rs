//! Funnels: 2 to 8 steps that visitors take in order (docs/contract/account-api.md#8).

use serde::{Deserialize, Serialize};

use super::tracking_settings::Configuration;
use super::website::{Row, missing, select};
use crate::http::call::{EnteredWebsite, WebsiteCall};
use crate::http::error::Error;
use crate::http::input::{Body, Changes, Input, Path, bodies};
use crate::http::reply::{BothIds, Created, Data, Message};
use crate::platform::PlatformError;
use crate::platform::column;
use crate::platform::config::MAX_FUNNELS;
use crate::platform::database::{Batch, Handle, Parameter, Results, RowValues, Statement, sql};
use sluice_values::{
    FunnelId, GoalName, Invalid, Name, PagePattern, Text, Timestamp, WebsiteId, compared, excerpt, kinds, slug,
};

// ---- What comes in

bodies! {
    /// The body of create.
    #[schemars(rename = "CreateFunnel")]
    Create,
    /// The body of update.
    #[schemars(rename = "UpdateFunnel")]
    Update;
    both {
        name: Name,
        /// 2 to 8, in order. An update replaces all of them.
        steps: Steps,
    }
    update {
        /// `false` soft-deletes, `true` restores.
        is_active: bool,
    }
}

/// The steps of a funnel, in order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Vec<Step>")]
pub struct Steps(Vec<Step>);

/// The fewest steps of a funnel.
pub const LEAST_STEPS: usize = 2;
/// The most steps of a funnel.
pub const MOST_STEPS: usize = 8;

// Derived schemas of a type with `try_from` leave limits out.
impl schemars::JsonSchema for Steps {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Steps".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let items = generator.subschema_for::<Step>();
        schemars::json_schema!({ "type": "array", "items": items, "minItems": LEAST_STEPS, "maxItems": MOST_STEPS })
    }
}

/// A step as clients send it; the gateway assigns its id.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "AnyStep")]
#[schemars(with = "DocumentedStep", inline)]
pub struct Step {
    name: Name,
    kind: StepKind,
}

/// A path or URL of a page, as it was typed; a trailing `*` is a wildcard. One that was stored before the rules became
/// stricter may be none.
type PageUrl = Text<1, 2048>;

/// What a visitor must do to complete a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schemars(inline)]
pub enum StepKind {
    /// Sees a page.
    Pageview { url: PageUrl },
    /// Completes a goal.
    Goal {
        #[serde(rename = "goalName")]
        goal_name: GoalName,
    },
}

/// A step of either type, parsed loosely so that errors can name the field that the type requires.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnyStep {
    name: Name,
    r#type: StepType,
    url: Option<PagePattern>,
    goal_name: Option<GoalName>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum StepType {
    Pageview,
    Goal,
}

/// A step as clients see it.
#[derive(schemars::JsonSchema, Serialize)]
#[schemars(inline)]
struct DocumentedStep {
    name: Name,
    #[serde(flatten)]
    kind: StepKind,
}

impl TryFrom<AnyStep> for Step {
    type Error = Invalid;

    fn try_from(sent: AnyStep) -> Result<Self, Invalid> {
        let kind = match (sent.r#type, sent.url, sent.goal_name) {
            (StepType::Pageview, Some(url), _) => StepKind::Pageview { url: url.as_str().parse()? },
            (StepType::Goal, _, Some(goal_name)) => StepKind::Goal { goal_name },
            (StepType::Pageview, None, _) => return Err(Invalid::new("a step of type \"pageview\" needs a url")),
            (StepType::Goal, _, None) => return Err(Invalid::new("a step of type \"goal\" needs a goalName")),
        };
        Ok(Self { name: sent.name, kind })
    }
}

impl TryFrom<Vec<Step>> for Steps {
    type Error = Invalid;

    fn try_from(sent: Vec<Step>) -> Result<Self, Invalid> {
        match sent.len() {
            LEAST_STEPS..=MOST_STEPS => Ok(Self(sent)),
            count => Err(Invalid::new(format!("a funnel needs {LEAST_STEPS} to {MOST_STEPS} steps, got {count}"))),
        }
    }
}

// ---- Rules

impl Steps {
    /// The steps with their ids: slugs of their names, numbered where two would be equal.
    fn with_ids(self) -> Vec<StoredStep> {
        let mut steps: Vec<StoredStep> = Vec::with_capacity(self.0.len());
        for step in self.0 {
            let base = slug(step.name.as_str(), "step");
            let mut id = base.clone();
            let mut number = 2;
            while steps.iter().any(|earlier| earlier.id == id) {
                id = format!("{base}-{number}");
                number += 1;
            }
            steps.push(StoredStep { id, name: step.name.as_str().to_owned(), kind: step.kind });
        }
        steps
    }
}

impl Steps {
    /// Refuses pages on a host that the website does not have, which nobody can see.
    fn are_on(&self, website: &Configuration) -> Result<(), Error> {
        for (at, step) in self.0.iter().enumerate() {
            let StepKind::Pageview { url } = &step.kind else { continue };
            let page = url.as_str().parse::<PagePattern>().map_err(|why| Error::field("steps", &why))?;
            let is_own = |host: &str| website.settings.is_all_hostnames_allowed || website.owns(host);
            if let Some(host) = page.host().filter(|host| !is_own(host)) {
                return Err(Error::bad_request(format!(
                    "steps[{at}].url: this website has no pages on {}; its hosts are {} and what allowedHostnames lists",
                    excerpt(host),
                    website.domain
                )));
            }
        }
        Ok(())
    }

    fn name_hosts(&self) -> bool {
        let host = |step: &Step| match &step.kind {
            StepKind::Pageview { url } => url.as_str().contains("://"),
            StepKind::Goal { .. } => false,
        };
        self.0.iter().any(host)
    }
}

/// Plans reading the website's hosts, where steps name any.
fn plan_hosts(batch: &mut Batch, website: WebsiteId, steps: Option<&Steps>) -> Option<Handle<Row>> {
    steps.filter(|steps| steps.name_hosts()).map(|_| batch.read(select(website)))
}

/// Checks the hosts that were read as planned.
fn check_hosts(
    steps: Option<&Steps>,
    website: WebsiteId,
    row: Option<Handle<Row>>,
    results: &Results,
) -> Result<(), Error> {
    let (Some(steps), Some(row)) = (steps, row) else { return Ok(()) };
    let row = results.first(&row)?.ok_or_else(|| missing(website))?;
    steps.are_on(&Configuration::of(website, row.try_into()?))
}

// ---- What goes out

// Also a row of `funnels`.
/// A funnel.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Funnel {
    #[serde(flatten)]
    ids: BothIds<kinds::Funnel>,
    website_id: WebsiteId,
    name: String,
    /// Derived from the name.
    slug: String,
    steps: column::Json<Vec<StoredStep>>,
    #[serde(deserialize_with = "column::boolean")]
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The columns of a [`Funnel`].
const COLUMNS: &str = "id, website_id, name, slug, steps, is_active, created_at, updated_at";

// Stored as a JSON array in `funnels.steps`: fields may be added with a default, none is renamed.
/// A step with its id, as stored and shown.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct StoredStep {
    /// Derived from the step's name; unique within the funnel.
    id: String,
    name: String,
    #[serde(flatten)]
    kind: StepKind,
}

impl Funnel {
    pub fn id(&self) -> FunnelId {
        self.ids.id()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Derived from the name.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    pub fn steps(&self) -> Result<Vec<StoredStep>, PlatformError> {
        self.steps.parse()
    }
}

#[cfg(test)]
impl Funnel {
    /// A funnel as the API shows it, for tests.
    pub fn example(id: &str, name: &str, slug: &str, steps: &serde_json::Value) -> Self {
        let id: FunnelId = id.parse().unwrap();
        Self {
            ids: id.into(),
            website_id: id.to_string().parse().unwrap(),
            name: name.to_owned(),
            slug: slug.to_owned(),
            steps: serde_json::from_value(steps.to_string().into()).unwrap(),
            is_active: true,
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
        }
    }
}

impl From<Steps> for Parameter {
    fn from(steps: Steps) -> Self {
        // Our own types always serialize.
        serde_json::to_string(&steps.with_ids()).unwrap_or_default().into()
    }
}

impl StoredStep {
    /// Derived from the step's name.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    pub fn kind(&self) -> &StepKind {
        &self.kind
    }
}

// ---- SQL

pub fn select_active(website: WebsiteId) -> Statement {
    sql(format!("SELECT {COLUMNS} FROM funnels WHERE website_id = ?1 AND is_active = 1 ORDER BY created_at, id"))
        .bind(website)
}

/// Selects the active funnel with this id.
pub fn select_one(id: FunnelId, website: WebsiteId) -> Statement {
    sql(format!("SELECT {COLUMNS} FROM funnels WHERE id = ?1 AND website_id = ?2 AND is_active = 1"))
        .bind(id)
        .bind(website)
}

/// The row of a new funnel.
fn new_row(id: FunnelId, website: WebsiteId, now: Timestamp, create: Create) -> RowValues {
    let name = create.name.clone();
    with_derived(create.into_row(), &name)
        .with("id", id)
        .with("website_id", website)
        .with("is_active", true)
        .with("created_at", now)
        .with("updated_at", now)
}

/// Deleted funnels are kept, because they can be restored: this many for each that may be active.
const DELETED_FOR_EACH: u32 = 10;

/// Adds a funnel if the website has room for one more.
fn insert(row: RowValues, website: WebsiteId, most: u32) -> Statement {
    row.insert_where("funnels")
        .then(
            " WHERE (SELECT count(*) FROM funnels WHERE website_id = :website AND is_active = 1) < :most \
             AND (SELECT count(*) FROM funnels WHERE website_id = :website) < :most_kept RETURNING id",
        )
        .bind_named("website", website)
        .bind_named("most", most)
        .bind_named("most_kept", most.saturating_mul(DELETED_FOR_EACH))
}

/// Adds what is derived from the name.
fn with_derived(row: RowValues, name: &Name) -> RowValues {
    row.with("slug", slug(name.as_str(), "funnel")).with("name_key", name_key(name.as_str()))
}

/// What a name is compared by, where it is not the name itself.
fn name_key(name: &str) -> Option<String> {
    let compared = compared(name);
    (compared != name).then(|| compared.into_owned())
}

/// Writes only the fields that were sent, so that concurrent updates do not overwrite each other.
/// A deleted funnel is restored if the website has room for one more.
fn update(id: FunnelId, website: &EnteredWebsite, changes: Update, most: u32) -> Statement {
    let restores = changes.is_active.as_set().copied().unwrap_or_default();
    let name = changes.name.as_set().cloned();
    let row = changes.into_row().with("updated_at", website.call.now);
    let row = if let Some(name) = name { with_derived(row, &name) } else { row };
    row.update("funnels")
        .then(&format!(
            " WHERE id = :id AND website_id = :website AND (is_active = 1 OR NOT :restores \
             OR (SELECT count(*) FROM funnels WHERE website_id = :website AND is_active = 1) < :most) RETURNING {COLUMNS}"
        ))
        .bind_named("id", id)
        .bind_named("website", website.id)
        .bind_named("restores", restores)
        .bind_named("most", most)
}

fn exists(id: FunnelId, website: &EnteredWebsite) -> Statement {
    sql("SELECT id FROM funnels WHERE id = ?1 AND website_id = ?2").bind(id).bind(website.id)
}

fn soft_delete(id: FunnelId, website: &EnteredWebsite) -> Statement {
    sql("UPDATE funnels SET is_active = 0, updated_at = ?3 WHERE id = ?1 AND website_id = ?2 AND is_active = 1 \
         RETURNING id")
    .bind(id)
    .bind(website.id)
    .bind(website.call.now)
}

// ---- Handlers

/// GET: the active funnels, oldest first.
pub async fn list(call: WebsiteCall, input: Input<()>) -> Result<Data<Funnel>, Error> {
    let (_, (), funnels, results) = call.enter(input, |batch, website, ()| batch.read(select_active(website))).await?;
    Ok(Data::many(results.all(&funnels)?))
}

/// POST: creates a funnel.
pub async fn create(call: WebsiteCall, input: Input<Body<Create>>) -> Result<Created<Data<Funnel>>, Error> {
    let plan =
        |batch: &mut Batch, website, Body(create): &Body<Create>| plan_hosts(batch, website, Some(&create.steps));
    let (website, Body(create), hosts, results) = call.enter(input, plan).await?;
    check_hosts(Some(&create.steps), website.id, hosts, &results)?;
    let id: FunnelId = website.call.new_id()?;
    let row = new_row(id, website.id, website.call.now, create);
    let funnel: Funnel = row.read()?;
    let most = website.call.platform.config().cap(MAX_FUNNELS);
    let insert = insert(row, website.id, most);
    let made = website.create_once(Batch::new(), insert, &id, Data::one(funnel)).await.map_err(name_taken)?;
    made.ok_or_else(|| too_many(most))
}

fn too_many(most: u32) -> Error {
    Error::forbidden(format!(
        "at most {most} active funnels for each website (MAX_FUNNELS), and {DELETED_FOR_EACH} times as many with deleted ones"
    ))
}

/// PUT: changes a funnel, or restores a soft-deleted one.
pub async fn change(call: WebsiteCall, input: Input<(Path<FunnelId>, Changes<Update>)>) -> Result<Data<Funnel>, Error> {
    let plan = |batch: &mut Batch, website, (_, Changes(changes)): &(Path<FunnelId>, Changes<Update>)| {
        plan_hosts(batch, website, changes.steps.as_set())
    };
    let (website, (Path(id), Changes(changes)), hosts, results) = call.enter(input, plan).await?;
    check_hosts(changes.steps.as_set(), website.id, hosts, &results)?;
    let most = website.call.platform.config().cap(MAX_FUNNELS);
    let restores = changes.is_active.as_set().copied().unwrap_or_default();
    let changed = website.row(update(id, &website, changes, most)).await.map_err(name_taken)?;
    match changed {
        Some(changed) => Ok(Data::one(changed)),
        None if restores && website.row::<serde::de::IgnoredAny>(exists(id, &website)).await?.is_some() => {
            Err(too_many(most))
        }
        None => Err(not_found(id)),
    }
}

/// DELETE: soft-deletes a funnel.
pub async fn delete(call: WebsiteCall, input: Input<Path<FunnelId>>) -> Result<Data<Message>, Error> {
    let (website, Path(id), (), _) = call.enter(input, |_, _, _| ()).await?;
    let deleted = website.row::<serde::de::IgnoredAny>(soft_delete(id, &website)).await?;
    deleted.map(|_| Message::saying("Funnel deleted successfully")).ok_or_else(|| not_found(id))
}

/// The name may belong to another active funnel.
fn name_taken(error: PlatformError) -> Error {
    if error.is_unique_violation() {
        Error::conflict("name: an active funnel of this website has this name already; choose another")
    } else {
        error.into()
    }
}

pub fn not_found(id: FunnelId) -> Error {
    Error::not_found(format!("no funnel {id} on this website"))
}

#[cfg(test)]
mod tests {
    use super::super::website::Settings;
    use super::*;
    use crate::platform::database::memory::Memory;
    use proptest::prelude::*;

    fn parse(steps: &str) -> Result<Steps, String> {
        serde_json::from_str(steps).map_err(|error| error.to_string())
    }

    fn page(name: &str) -> Step {
        Step { name: name.parse().unwrap(), kind: StepKind::Pageview { url: "/".parse().unwrap() } }
    }

    #[test]
    fn a_funnel_has_two_to_eight_steps() {
        let steps = |count| {
            serde_json::to_string(&vec![serde_json::json!({"name": "x", "type": "pageview", "url": "/"}); count])
                .unwrap()
        };
        for count in [0, 1, 9] {
            let error = parse(&steps(count)).unwrap_err();
            assert!(error.contains(&format!("a funnel needs 2 to 8 steps, got {count}")), "{error}");
        }
        for count in 2..=8 {
            assert_eq!(parse(&steps(count)).unwrap().0.len(), count);
        }
    }

    #[test]
    fn a_stored_funnel_reads_back_unchanged() {
        let database = Memory::with_website();
        let create = serde_json::json!({ "name": "Sign up", "steps": [
            { "name": "Landing", "type": "pageview", "url": "/" },
            { "name": "Sign up", "type": "goal", "goalName": "signup" },
        ] });
        let id: FunnelId = "0000000000000000000000d1".parse().unwrap();
        let website: WebsiteId = "0000000000000000000000d1".parse().unwrap();
        let row = new_row(id, website, Timestamp::from_millis(7), serde_json::from_value(create).unwrap());
        let funnel: Funnel = row.read().unwrap();
        assert_eq!((funnel.id(), funnel.slug(), funnel.steps().unwrap().len()), (id, "sign-up", 2));
        database.batch::<serde::de::IgnoredAny>(&[row.insert("funnels")]).unwrap();
        for statement in [select_active(funnel.website_id), select_one(funnel.id(), funnel.website_id)] {
            let rows = database.batch::<Funnel>(&[statement]).unwrap().remove(0);
            assert_eq!(serde_json::to_value(&rows).unwrap(), serde_json::to_value([&funnel]).unwrap());
        }
    }

    #[test]
    fn a_step_is_shown_as_it_was_typed_and_refused_if_it_never_matches() {
        let steps = |url: &str| {
            let step = serde_json::json!({ "name": "x", "type": "pageview", "url": url });
            parse(&serde_json::json!([step, step]).to_string())
        };
        for typed in ["/über/*", "HTTPS://D.:443/my page", "/#/x", "pricing"] {
            let stored = serde_json::to_value(steps(typed).unwrap().with_ids()).unwrap();
            assert_eq!(stored[0]["url"], typed);
            assert_eq!(serde_json::from_value::<Vec<StoredStep>>(stored).unwrap()[0].name(), "x");
        }
        for never in ["/cart?x=1", "/cart#top", "/c*t", "javascript:alert(1)", ""] {
            assert!(steps(never).is_err(), "{never}");
        }
        let stored = serde_json::json!([{ "id": "a", "name": "\u{200b}", "type": "pageview", "url": "/c*t?x" }]);
        assert!(serde_json::from_value::<Vec<StoredStep>>(stored).is_ok(), "what was stored before");
    }

    #[test]
    fn a_step_is_on_a_host_of_the_website() {
        let website = Configuration {
            domain: "xn--bcher-kva.example".to_owned(),
            settings: Settings { allowed_hostnames: vec!["Other.Example.".parse().unwrap()], ..Settings::default() },
            ..super::super::tracking_settings::tests::example()
        };
        let refused = |url: &str| {
            let step =
                |url: &str| Step { name: "x".parse().unwrap(), kind: StepKind::Pageview { url: url.parse().unwrap() } };
            Steps(vec![step("/"), step(url)]).are_on(&website).is_err()
        };
        for own in ["/", "https://bücher.example/x", "https://www.xn--bcher-kva.example", "http://other.example:80/*"]
        {
            assert!(!refused(own), "{own}");
        }
        assert!(refused("https://elsewhere.example/x") && refused("https://elsewhere.example*"));
        let settings = Settings { is_all_hostnames_allowed: true, ..Settings::default() };
        let everywhere = Configuration { settings, ..website };
        let step = Step {
            name: "x".parse().unwrap(),
            kind: StepKind::Pageview { url: "https://elsewhere.example".parse().unwrap() },
        };
        assert!(Steps(vec![step]).are_on(&everywhere).is_ok());
    }

    #[test]
    fn names_of_funnels_are_compared_in_nfc() {
        let database = Memory::with_website();
        let website = "0000000000000000000000d1".parse().unwrap();
        let insert = |id: &str, name: &str| {
            let create = serde_json::json!({ "name": name, "steps": vec![
                serde_json::json!({ "name": "A", "type": "goal", "goalName": "signup" }); 2
            ] });
            let create = serde_json::from_value(create).unwrap();
            let row = new_row(id.parse().unwrap(), website, Timestamp::from_millis(0), create);
            database.batch::<serde::de::IgnoredAny>(&[row.insert("funnels")])
        };
        let is_taken = |id: &str, name: &str| {
            let refused = insert(id, name).unwrap_err();
            PlatformError::new(refused).is_unique_violation()
        };
        insert("0000000000000000000000d1", "Café").unwrap();
        assert!(is_taken("0000000000000000000000d2", "Cafe\u{301}"));
        insert("0000000000000000000000d3", "Cafe").unwrap();
        insert("0000000000000000000000d4", "Nai\u{308}ve").unwrap();
        assert!(is_taken("0000000000000000000000d5", "Naïve"));
    }

    #[test]
    fn each_type_of_step_requires_its_own_field() {
        let landing = r#"{"name":"a","type":"pageview","url":"/"}"#;
        let error = |step: &str| parse(&format!("[{landing},{step}]")).unwrap_err();
        assert!(error(r#"{"name":"b","type":"goal"}"#).contains("needs a goalName"));
        assert!(error(r#"{"name":"b","type":"pageview","goalName":"x"}"#).contains("needs a url"));
        assert!(error(r#"{"name":"b","type":"click"}"#).contains("expected `pageview` or `goal`"));
        assert!(error(r#"{"name":"b","type":"goal","goalName":"Sign Up"}"#).contains("a-z 0-9 _ - :"));
    }

    #[test]
    fn step_ids_are_unique_slugs_of_the_names() {
        let steps =
            Steps(vec![page("Landing page"), page("landing-page"), page("Landing page 2"), page("!"), page("?")]);
        let ids: Vec<_> = steps.with_ids().into_iter().map(|step| step.id).collect();
        assert_eq!(ids, ["landing-page", "landing-page-2", "landing-page-2-2", "step", "step-2"]);
    }

    proptest! {
        #[test]
        fn no_two_steps_share_an_id(names in prop::collection::vec("[ab -]{0,3}x?2?[a!]", 2..=8)) {
            let steps = Steps(names.iter().map(|name| page(name)).collect()).with_ids();
            for (position, step) in steps.iter().enumerate() {
                prop_assert!(steps.iter().skip(position + 1).all(|other| other.id != step.id));
            }
        }
    }
}
