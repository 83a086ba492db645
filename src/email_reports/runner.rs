//! Sends the mails that are due. Cron takes a few websites at once, each under a lease: one that fails, or a run that crashes, is tried
//! again when its lease ends. Mails have ids, so that a provider that knows them sends each once.

use futures_util::future::{join_all, try_join5};
use futures_util::try_join;
use serde::Deserialize;
use serde::de::IgnoredAny;
use sluice_engine::dimensions::Dimension;
use sluice_engine::reports::breakdown::{Breakdown, By, Order};
use sluice_engine::reports::goals::GoalReport;
use sluice_engine::reports::overview::Overview;
use sluice_engine::selection::{Selection, Span};
use sluice_values::{Timestamp, WebsiteId};

use super::schedule::Week;
use super::unsubscribe::{self, Kind};
use super::{traffic, weekly};
use crate::mail::mailer;
use crate::mail::message::Mail;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::{Platform, PlatformError, log};
use crate::secrets::keyring::Keyring;
use crate::site;
use crate::websites::owner::Owner;
use crate::websites::report_context::ReportContext;

/// How many weekly reports one run of cron sends.
const REPORTS_AT_ONCE: u32 = 5;
/// A report that could not be sent is tried again after so long.
const REPORT_LEASE_MS: i64 = 3_600_000;
/// At how many websites' traffic one run of cron looks.
const LOOKS_AT_ONCE: u32 = 10;
const LOOK_EVERY_MS: i64 = 600_000;
/// An owner who was told of unusual traffic hears of it again after a day at the earliest.
const QUIET_MS: i64 = 24 * 3_600_000;

/// A website with something due.
#[derive(Deserialize)]
struct Due {
    id: WebsiteId,
    due_at: Timestamp,
    mails_base_url: Option<String>,
}

fn select(kind: Kind, now: Timestamp, most: u32) -> Statement {
    let column = kind.column();
    sql(format!(
        "SELECT id, {column} AS due_at, mails_base_url FROM websites WHERE {column} IS NOT NULL AND {column} <= ?1 \
         ORDER BY {column} LIMIT ?2"
    ))
    .bind(now)
    .bind(most)
}

/// Sets when a website is due again, if it still has the time that it was found with. Returns a row if it had.
fn postpone(kind: Kind, id: WebsiteId, found: Timestamp, until: Timestamp) -> Statement {
    let column = kind.column();
    sql(format!("UPDATE websites SET {column} = ?3 WHERE id = ?1 AND {column} = ?2 RETURNING id"))
        .bind(id)
        .bind(found)
        .bind(until)
}

/// Sends the weekly reports that are due.
pub async fn weekly_reports(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    each(platform, now, Kind::Weekly, REPORTS_AT_ONCE, async |due| weekly_report(platform, now, due).await).await
}

/// Looks at the traffic of websites whose owners want to hear of it.
pub async fn looks_at_traffic(platform: &Platform, now: Timestamp) -> Result<(), PlatformError> {
    each(platform, now, Kind::Traffic, LOOKS_AT_ONCE, async |due| look_at_traffic(platform, now, due).await).await
}

/// A website that fails holds up no other.
async fn each(
    platform: &Platform,
    now: Timestamp,
    kind: Kind,
    most: u32,
    work: impl AsyncFn(Due) -> Result<(), PlatformError>,
) -> Result<(), PlatformError> {
    let due: Vec<Due> = platform.database().rows(select(kind, now, most)).await?;
    let work = due.into_iter().map(async |due| (due.id, work(due).await));
    for (id, done) in join_all(work).await {
        if let Err(error) = done {
            log::failure("cron", kind.column(), &format!("website {id}: {error}"));
        }
    }
    Ok(())
}

/// Takes the lease of a website, and reads what its mails need; `None` if another run has it.
async fn lease(
    platform: &Platform,
    kind: Kind,
    due: &Due,
    until: Timestamp,
) -> Result<Option<(ReportContext, Owner)>, PlatformError> {
    let mut batch = Batch::new();
    let leased = batch.read::<IgnoredAny>(postpone(kind, due.id, due.due_at, until));
    let (report, owner) = (batch.read(ReportContext::select(due.id)), batch.read(Owner::select(due.id)));
    let results = platform.database().run(batch).await?;
    if results.first(&leased)?.is_none() {
        return Ok(None);
    }
    Ok(Some((ReportContext::of(&results, &report, due.id)?, Owner::of(&results, &owner, due.id)?)))
}

async fn weekly_report(platform: &Platform, now: Timestamp, due: Due) -> Result<(), PlatformError> {
    let until = now.plus_millis(REPORT_LEASE_MS);
    let Some((website, owner)) = lease(platform, Kind::Weekly, &due, until).await? else { return Ok(()) };
    let week = Week::before(now, &website.timezone, due.id)?;
    // A website that has just asked for reports, or moved to another zone, has no time yet.
    let is_planned = due.due_at.as_millis() > 0;
    if is_planned && week.is_current {
        let happened = happened(platform, now, due.id, &website, &week).await?;
        if !happened.is_nothing() {
            let (subject, text) = weekly::mail(&website, &week, &happened);
            send(platform, &due, Kind::Weekly, (&owner, &week.last.to_string()), (&subject, text)).await?;
        }
    }
    platform.database().run(Batch::of(postpone(Kind::Weekly, due.id, until, week.next_due))).await.map(|_| ())
}

async fn happened(
    platform: &Platform,
    now: Timestamp,
    id: WebsiteId,
    website: &ReportContext,
    week: &Week,
) -> Result<weekly::Happened, PlatformError> {
    let ask = |span| site::ask_in(platform, id, now, website.currency, overview(website, span, true));
    let top = |by| site::ask_in(platform, id, now, website.currency, breakdown(website, week.span, by, weekly::NAMED));
    let goals = GoalReport { selection: of(week.span), of_links: false, limit: weekly::NAMED, offset: 0, search: None };
    let goals = site::ask(platform, id, now, goals);
    let asked = try_join5(ask(week.span), ask(week.before), top(Dimension::Page), top(Dimension::Referrer), goals);
    let (totals, before, pages, sources, goals) = Box::pin(asked).await?;
    Ok(weekly::Happened { totals, before, pages, sources, goals })
}

async fn look_at_traffic(platform: &Platform, now: Timestamp, due: Due) -> Result<(), PlatformError> {
    let until = now.plus_millis(LOOK_EVERY_MS);
    let Some((website, owner)) = lease(platform, Kind::Traffic, &due, until).await? else { return Ok(()) };
    let sessions = async |span| {
        let totals = site::ask_in(platform, due.id, now, website.currency, overview(&website, span, false)).await?;
        Ok::<_, PlatformError>(totals.sessions)
    };
    let hour = sessions(traffic::last_hour(now)).await?;
    if !traffic::is_unusual(hour, 0) {
        return Ok(());
    }
    let usual = sessions(traffic::usual(now)).await?;
    if !traffic::is_unusual(hour, usual) {
        return Ok(());
    }
    let top = |by| {
        let asked = breakdown(&website, traffic::last_hour(now), by, traffic::NAMED);
        site::ask_in(platform, due.id, now, website.currency, asked)
    };
    let (pages, sources) = try_join!(top(Dimension::Page), top(Dimension::Referrer))?;
    let (subject, text) = traffic::mail(&website.domain, (hour, usual), (&pages.rows, &sources.rows));
    send(platform, &due, Kind::Traffic, (&owner, &due.due_at.to_string()), (&subject, text)).await?;
    let quiet = postpone(Kind::Traffic, due.id, until, now.plus_millis(QUIET_MS));
    platform.database().run(Batch::of(quiet)).await.map(|_| ())
}

const fn of(span: Span) -> Selection {
    Selection { span, filters: Vec::new() }
}

fn overview(website: &ReportContext, span: Span, pageviews: bool) -> Overview {
    Overview {
        selection: of(span),
        zone: website.timezone.clone(),
        with_renewals: website.includes_renewals(),
        pageviews,
        newcomers: false,
    }
}

fn breakdown(website: &ReportContext, span: Span, by: Dimension, limit: u32) -> Breakdown {
    Breakdown {
        selection: of(span),
        by: By::Dimension(by),
        limit,
        offset: 0,
        search: None,
        order: Order::Visitors,
        paying: false,
        with_renewals: website.includes_renewals(),
    }
}

/// Sends a mail to the owner; `of` tells mails of one kind about one website apart.
async fn send(
    platform: &Platform,
    due: &Due,
    kind: Kind,
    (owner, of): (&Owner, &str),
    (subject, text): (&str, String),
) -> Result<(), PlatformError> {
    let config = platform.config();
    let mail = Mail::new(format!("{}/{}/{of}", kind.column(), due.id), owner.email.clone(), subject, text);
    let mail = match config.public_url().or_else(|| due.mails_base_url.clone()) {
        Some(base) => {
            let keyring = Keyring::from_config(&config)?;
            let unsubscribe = unsubscribe::link(&base, &keyring, kind, due.id);
            mail.with_link("Open the console", &format!("{base}/console/w/{}", due.id)).with_unsubscribe(&unsubscribe)
        }
        None => mail,
    };
    mailer::send(platform, &mail).await.map_err(|why| PlatformError::new(why.to_string()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::platform::database::memory::Memory as Database;
    use crate::platform::memory::Memory;
    use crate::platform::outgoing::Sent;
    use futures_util::FutureExt;
    use serde_json::{Value, json};

    const WEBSITE: &str = "0000000000000000000000d1";
    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    /// A Monday, 2026-11-23, at noon.
    fn monday() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    /// A gateway with one website, whose object tells of so many sessions in an hour and in any longer time.
    struct Gateway {
        memory: Rc<Memory>,
        platform: Platform,
        hour: Rc<Cell<i64>>,
        longer: Rc<Cell<i64>>,
    }

    impl Gateway {
        fn new(columns: &str) -> Self {
            let database = Database::with_website();
            database.execute(&format!(
                "UPDATE accounts SET email = 'owner@example.com';
                 UPDATE websites SET domain = 'example.com', timezone = 'UTC', mails_base_url = 'https://s.example', {columns}"
            ));
            let settings = [
                ("EMAIL_FROM", "a@b.co"),
                ("EMAIL_PROVIDER", "resend"),
                ("EMAIL_API_KEY", "k"),
                ("ENCRYPTION_KEYS", "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
            ];
            let memory =
                settings.iter().fold(Memory::new(database, monday()), |memory, (name, value)| memory.with(name, value));
            let (memory, hour, longer) = (Rc::new(memory), Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
            let (in_hour, in_longer) = (hour.clone(), longer.clone());
            memory.answer_objects(move |_, _, _, body| {
                let asked: Value = serde_json::from_str(body.unwrap()).unwrap();
                let call = &asked["call"];
                if call.get("Overview").is_none() {
                    return Ok(json!({ "rows": [], "total": 0 }).to_string());
                }
                let span = &call["Overview"]["selection"]["span"];
                let is_hour = span["to"].as_i64().unwrap() - span["from"].as_i64().unwrap() <= HOUR;
                let sessions = if is_hour { in_hour.get() } else { in_longer.get() };
                let money = json!({ "new": 0, "renewal": 0, "refund": 0, "payments": 0 });
                Ok(json!({ "visitors": sessions, "sessions": sessions, "bounces": 0, "duration": 0, "paying": 0, "money": money }).to_string())
            });
            Self { platform: Platform::in_memory(memory.clone()), memory, hour, longer }
        }

        /// A run of cron after so long: the mails that it sent.
        fn cron_after(&self, millis: i64) -> Vec<Value> {
            self.memory.advance(millis);
            let now = self.platform.now();
            weekly_reports(&self.platform, now).now_or_never().unwrap().unwrap();
            looks_at_traffic(&self.platform, now).now_or_never().unwrap().unwrap();
            self.memory.requests.take().iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect()
        }

        fn column(&self, name: &str) -> Value {
            let rows =
                self.memory.database.batch::<Value>(&[sql(format!("SELECT {name} AS v FROM websites"))]).unwrap();
            rows[0][0]["v"].clone()
        }

        fn due(&self, kind: Kind) -> Timestamp {
            Timestamp::from_millis(self.column(kind.column()).as_i64().unwrap())
        }

        fn fail_mails(&self, fail: bool) {
            self.memory.serve(move |_| {
                if fail {
                    Sent::Failed("down".to_owned())
                } else {
                    Sent::Answered { status: 200, retry_after: None, body: Vec::new() }
                }
            });
        }
    }

    #[test]
    fn a_report_is_planned_first_and_then_sent_every_week() {
        let gateway = Gateway::new("weekly_report_at = 0");
        gateway.longer.set(1_204);
        assert!(gateway.cron_after(0).is_empty(), "not at once");
        let first = gateway.due(Kind::Weekly);
        assert!(first.to_string().starts_with("2026-11-30T08:"), "{first}");
        assert!(gateway.cron_after(DAY).is_empty());
        for week in ["23–29 November", "30 November – 6 December"] {
            let due = gateway.due(Kind::Weekly);
            let wait = due.as_millis() - gateway.platform.now().as_millis();
            assert!(gateway.cron_after(wait - 1).is_empty());
            let mails = gateway.cron_after(1);
            assert_eq!(mails.len(), 1, "{mails:?}");
            assert_eq!(mails[0]["subject"], "example.com: 1,204 visitors last week");
            let text = mails[0]["text"].as_str().unwrap();
            assert!(text.starts_with(&format!("example.com in the week of {week}")), "{text}");
            assert!(text.contains(&format!("Open the console: https://s.example/console/w/{WEBSITE}")), "{text}");
            assert!(text.contains("Unsubscribe: https://s.example/unsubscribe/reports/"), "{text}");
            assert!(gateway.cron_after(0).is_empty(), "once");
            assert_eq!(gateway.due(Kind::Weekly).as_millis() - due.as_millis(), 7 * DAY);
        }
    }

    #[test]
    fn a_report_that_cannot_be_sent_is_tried_every_hour_for_two_days() {
        let gateway = Gateway::new("weekly_report_at = 1");
        gateway.longer.set(10);
        gateway.fail_mails(true);
        assert_eq!(gateway.cron_after(0).len(), 1);
        assert!(gateway.cron_after(HOUR - 1).is_empty());
        assert_eq!(gateway.cron_after(1).len(), 1);
        gateway.fail_mails(false);
        assert_eq!(gateway.cron_after(HOUR).len(), 1);
        assert!(gateway.cron_after(DAY).is_empty(), "it is sent");
        let late = Gateway::new("weekly_report_at = 1");
        late.longer.set(10);
        assert!(late.cron_after(3 * DAY).is_empty(), "it is no news any more");
        assert!(late.due(Kind::Weekly).to_string().starts_with("2026-11-30T08:"));
    }

    #[test]
    fn nobody_hears_of_a_website_without_visitors() {
        let gateway = Gateway::new("weekly_report_at = 1");
        assert!(gateway.cron_after(0).is_empty());
        assert!(gateway.due(Kind::Weekly).to_string().starts_with("2026-11-30T08:"));
    }

    #[test]
    fn unusual_traffic_is_told_once_a_day() {
        let gateway = Gateway::new("traffic_look_at = 0");
        gateway.hour.set(49);
        assert!(gateway.cron_after(0).is_empty());
        gateway.hour.set(312);
        gateway.longer.set(14 * 24 * 14);
        assert!(gateway.cron_after(599_999).is_empty(), "every ten minutes");
        let mails = gateway.cron_after(1);
        assert_eq!(mails[0]["subject"], "example.com: 312 sessions in the last hour");
        assert!(mails[0]["text"].as_str().unwrap().contains("had 14."), "{mails:?}");
        assert!(gateway.cron_after(DAY - 1).is_empty());
        assert_eq!(gateway.cron_after(1).len(), 1);
        gateway.longer.set(14 * 24 * 300);
        assert!(gateway.cron_after(DAY).is_empty(), "it has become usual");
    }

    #[test]
    fn two_runs_of_cron_at_once_send_one_mail() {
        let gateway = Gateway::new("weekly_report_at = 1");
        gateway.longer.set(10);
        let (platform, now) = (&gateway.platform, gateway.platform.now());
        let due = || Due { id: WEBSITE.parse().unwrap(), due_at: Timestamp::from_millis(1), mails_base_url: None };
        weekly_report(platform, now, due()).now_or_never().unwrap().unwrap();
        weekly_report(platform, now, due()).now_or_never().unwrap().unwrap();
        assert_eq!(gateway.memory.requests.take().len(), 1);
    }

    #[test]
    fn what_is_due_is_found_by_indexes() {
        let database = Database::default();
        for (kind, index) in [(Kind::Weekly, "websites_weekly_reports"), (Kind::Traffic, "websites_traffic_looks")] {
            let plan = database.plan(&select(kind, monday(), 5));
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
