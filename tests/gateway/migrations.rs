//! Migrations, from an empty database and from every earlier version: forward only, without losing a row.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sluice::auth::token::RawToken;

use crate::own_gateway::State;
use crate::support::{assert_fields, is_moment};

/// Rows of the first version of the database. A later version adds its own file.
const ROWS: &str = "tests/gateway/rows";
/// The token whose hash is in `rows/0001.sql`.
const TOKEN: &str = "dft_000000000000000000000000000000";

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The migrations, in order.
fn migrations() -> Vec<PathBuf> {
    let files = fs::read_dir(root("migrations")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "sql")).collect();
    files.sort();
    files
}

type Tables = BTreeMap<String, Vec<Value>>;

/// All rows of the database except the migrations' own.
fn dump(state: &State) -> Tables {
    let names = state.query(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'd1_%' \
         AND name NOT LIKE '_cf_%' ORDER BY name",
    );
    let names: Vec<String> = names[0].iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    let all: Vec<String> = names.iter().map(|name| format!("SELECT * FROM {name}")).collect();
    names.into_iter().zip(state.query(&all.join("; "))).collect()
}

/// The rows of `before` that are not in `after`, compared by the columns that both have.
fn lost(before: &Tables, after: &Tables) -> Vec<String> {
    let kept = |row: &Value, rows: &[Value]| {
        rows.iter().any(|candidate| {
            let candidate = candidate.as_object().unwrap();
            row.as_object().unwrap().iter().all(|(name, value)| candidate.get(name).is_none_or(|other| other == value))
        })
    };
    let of = |(table, rows): (&String, &Vec<Value>)| {
        let now = after.get(table).cloned().unwrap_or_default();
        let gone = rows.iter().filter(|row| !kept(row, &now)).map(|row| format!("{table}: {row}"));
        gone.collect::<Vec<_>>()
    };
    before.iter().flat_map(of).collect()
}

#[tokio::test]
async fn every_version_of_the_database_becomes_the_present_one_without_losing_a_row() {
    let state = State::new();
    let folder = state.path().join("some-migrations");
    fs::create_dir_all(&folder).unwrap();
    let config = state.path().join("wrangler.toml");
    let project = fs::read_to_string(root("wrangler.toml")).unwrap();
    let database = project.split("[[").find(|table| table.starts_with("d1_databases]]")).unwrap();
    let database = database.replace("migrations_dir = \"migrations\"", "migrations_dir = \"some-migrations\"");
    fs::write(&config, format!("name = \"sluice\"\ncompatibility_date = \"2026-11-01\"\n[[{database}")).unwrap();

    for migration in migrations() {
        let name = migration.file_name().unwrap().to_str().unwrap();
        let before = if name.starts_with("0001") { Tables::new() } else { dump(&state) };
        fs::copy(&migration, folder.join(name)).unwrap();
        state.migrate(&config);
        let rows = root(ROWS).join(format!("{}.sql", &name[..4]));
        if rows.exists() {
            state.query(&fs::read_to_string(rows).unwrap());
        }
        let lost = lost(&before, &dump(&state));
        assert!(lost.is_empty(), "{name} loses {lost:#?}");
    }
    let tables = dump(&state);
    let empty: Vec<_> = tables.iter().filter(|(_, rows)| rows.is_empty()).map(|(table, _)| table).collect();
    assert!(empty.is_empty(), "{ROWS} has no row for {empty:?}");

    // Today's gateway serves the rows of that version.
    let own = state.serve(&[]);
    let token = complete(TOKEN);
    let owner = own.gateway.caller(&token);
    assert_eq!(owner.get("/account").await.ok().row()["email"], "first@example.com");
    let website = owner.get("/websites").await.ok().row();
    let path = |rest: &str| format!("/websites/{}{rest}", website["id"].as_str().unwrap());
    assert_fields(&website, json!({ "domain": "example.com", "role": "owner" }));
    let settings = owner.get(&path("")).await.ok().row();
    assert_fields(&settings, json!({ "kpi": "signup", "excludedPaths": ["/admin/*"] }));
    assert_eq!(settings["includeRenewalRevenue"], true, "what was never set has its default");
    let funnel = owner.get(&path("/funnels")).await.ok().row();
    assert_eq!((&funnel["slug"], funnel["steps"].as_array().unwrap().len()), (&json!("signup-funnel"), 2));
    let alerts = owner.get(&path("/alerts")).await.ok().rows();
    let (alert, watching) = (&alerts[0], &alerts[1]);
    assert_fields(alert, json!({ "name": "New signup", "recentLogs.0.status": "sent" }));
    assert_fields(alert, json!({ "state": "normal", "cooldown": "0m" })); // the defaults of columns that were added later
    assert_fields(watching, json!({ "state": "firing", "cooldown": "1h" }));
    let transitions = owner.get(&path(&format!("/alerts/{}/transitions", watching["id"].as_str().unwrap()))).await.ok();
    assert_fields(&transitions.row(), json!({ "to": "firing", "value": 12 }));
    let history = owner.get(&path("/alerts/history?limit=1")).await.ok();
    assert_eq!(history.rows().len(), 1);
    assert_eq!(history.json()["counts"], json!({ "sent": 2, "failed": 2, "total": 4 }), "counted before the limit");
    assert_eq!(history.rows()[0]["triggeredAt"], "2026-05-21T00:00:03.000Z", "the latest first");
    assert_fields(&history.rows()[0], json!({ "event": "firing", "destination": { "type": "email" } }));
    let of_gone = owner.get(&path("/alerts/history?alertId=0000000000000000000000b2")).await.ok();
    assert_eq!(of_gone.json()["counts"]["total"], 1, "history outlives its alert");
    assert_eq!(owner.get(&path("/team")).await.ok().rows().len(), 2);
    let keys = owner.get(&path("/apikeys")).await.ok().rows();
    assert_eq!(keys[0]["displayKey"], "df_0000...0000");
    assert!(is_moment(&keys[0]["lastUsedAt"]), "{}", keys[0]);
    assert_eq!(owner.get(&path("/integrations")).await.ok().row()["stripe"]["connected"], true);
}

/// The token with this beginning and the matching checksum (docs/contract/README.md#12).
fn complete(start: &str) -> String {
    let body = &start[4..];
    let token = RawToken::generate(sluice::auth::token::TokenKind::Account, || 0);
    assert!(token.reveal()[4..].starts_with(body), "a token of nothing but zeros");
    token.reveal().to_owned()
}

#[test]
fn the_stored_hash_of_a_known_token_never_changes() {
    // Format-pinning: if it changed, every existing token would be unknown.
    let rows = fs::read_to_string(root(ROWS).join("0001.sql")).unwrap();
    let token: RawToken = complete(TOKEN).parse().unwrap();
    assert!(rows.contains(&token.hash().to_string()), "{}", token.hash());
}
