//! Which ids are stored, against a set.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::id_store::{self, Id, NewIds, id_of};
use crate::ids;
use crate::memory::Memory;
use crate::schema;
use crate::site::Site;
use crate::sql::{Sql, Value};
use crate::test_website::{NOW, Website, Write, write};

/// What happens to the ids of events.
#[derive(Debug, Clone)]
enum Step {
    /// So many are added.
    Add(u16),
    /// These go, counted from the first.
    Remove(Vec<u16>),
    /// The object starts anew.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..30_u16).prop_map(Step::Add),
        2 => prop::collection::vec(0..400_u16, 1..20).prop_map(Step::Remove),
        1 => Just(Step::Restart),
    ]
}

/// Whether a digest is in a blob.
fn is_anywhere(sql: &Memory, id: &Id) -> bool {
    let found = "SELECT EXISTS (SELECT 1 FROM new_ids WHERE instr(ids, ?1) > 0) \
                 OR EXISTS (SELECT 1 FROM id_pages WHERE instr(ids, ?1) > 0)";
    sql.one(found, &[id.as_slice().into()]).unwrap().next().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exactly_the_ids_that_were_added_and_not_removed_are_stored(steps in prop::collection::vec(step(), 1..80)) {
        let sql = Memory::default();
        schema::migrate(&sql).unwrap();
        let mut ids = NewIds::load(&sql).unwrap();
        let (mut stored, mut given) = (BTreeSet::new(), 0_u16);
        for step in steps {
            match step {
                Step::Add(count) => {
                    let added: Vec<Id> = (given..given + count).map(|number| id_of(&number.to_be_bytes())).collect();
                    prop_assert_eq!(ids.have(&sql, &added).unwrap(), vec![false; usize::from(count)]);
                    ids.add(&sql, &added).unwrap();
                    stored.extend(given..given + count);
                    given += count;
                }
                Step::Remove(numbers) => {
                    let gone: BTreeSet<Id> = numbers.iter().map(|number| id_of(&number.to_be_bytes())).collect();
                    id_store::remove(&sql, &gone).unwrap();
                    ids = NewIds::load(&sql).unwrap();
                    for number in numbers {
                        stored.remove(&number);
                    }
                    prop_assert!(gone.iter().all(|id| !is_anywhere(&sql, id)));
                }
                Step::Restart => ids = NewIds::load(&sql).unwrap(),
            }
            let all: Vec<Id> = (0..given + 3).map(|number| id_of(&number.to_be_bytes())).collect();
            let expected: Vec<bool> = (0..given + 3).map(|number| stored.contains(&number)).collect();
            prop_assert_eq!(ids.have(&sql, &all).unwrap(), expected);
        }
        let new: i64 = sql.one("SELECT ifnull(sum(length(ids)), 0) / 16 FROM new_ids", &[]).unwrap().next().unwrap();
        let pages: i64 = sql.one("SELECT count(*) FROM id_pages", &[]).unwrap().next().unwrap();
        prop_assert!(new <= 160 + 24 * pages, "{} ids in rows, {} pages", new, pages);
    }

    #[test]
    fn the_ids_that_are_stored_are_those_of_the_events_after_every_kind_of_write(writes in prop::collection::vec(write(), 1..60)) {
        let mut website = Website::new();
        for write in &writes {
            website.write(write);
            website.site.fold().unwrap();
            let stored: Vec<Value> = eids(&website.site);
            let asked: Vec<Value> = (0..120).map(|number| Value::Text(format!("event-{number}"))).collect();
            let are_stored = ids::are_stored(&website.site, &asked.iter().collect::<Vec<_>>()).unwrap();
            for (id, is_stored) in asked.iter().zip(are_stored) {
                prop_assert_eq!(is_stored, stored.contains(id), "{:?} after {:?}", id, write);
            }
        }
    }
}

fn eids(site: &Site<Memory>) -> Vec<Value> {
    let rows = site.sql().rows("SELECT eid FROM events", &[]).unwrap();
    rows.into_iter().map(|mut row| row.next().unwrap()).collect()
}

/// A website of an earlier version with so many events.
fn earlier(events: i64) -> Site<Memory> {
    let sql = Memory::default();
    schema::migrate_to(&sql, 16).unwrap();
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
                INSERT INTO events (id, eid, time, kind, visitor) SELECT i, 'old-' || i, ?2 + i, 0, 1 FROM n";
    sql.run(fill, &[events.into(), NOW.into()]).unwrap();
    Site::open(sql, || Ok([7; 32])).unwrap()
}

#[test]
fn an_object_of_an_earlier_version_knows_its_ids_with_few_events_and_with_many() {
    for (events, has_index) in [(1, false), (100, false), (200, true)] {
        let site = earlier(events);
        assert_eq!(site.has_id_index.get(), has_index, "{events}");
        let asked: Vec<Value> = (1..=events + 2).map(|number| Value::Text(format!("old-{number}"))).collect();
        let are_stored = ids::are_stored(&site, &asked.iter().collect::<Vec<_>>()).unwrap();
        let expected: Vec<bool> = (1..=events + 2).map(|number| number <= events).collect();
        assert_eq!(are_stored, expected, "{events}");
        let site = Site::open(site.sql, || Ok([7; 32])).unwrap();
        assert_eq!(site.has_id_index.get(), has_index, "{events}");
    }
}

/// A page's ids may begin alike.
#[test]
fn ids_that_begin_alike_stay_in_one_page() {
    let sql = Memory::default();
    schema::migrate(&sql).unwrap();
    let mut ids = NewIds::load(&sql).unwrap();
    let alike = |number: u8| -> Id {
        let mut id = [9; 16];
        id[15] = number;
        id
    };
    let all: Vec<Id> = (0..60).map(alike).collect();
    for id in &all {
        assert_eq!(ids.have(&sql, &[*id]).unwrap(), [false]);
        ids.add(&sql, &[*id]).unwrap();
        ids = NewIds::load(&sql).unwrap();
    }
    assert!(ids.have(&sql, &all).unwrap().into_iter().all(|is_stored| is_stored));
    assert_eq!(ids.have(&sql, &[alike(60)]).unwrap(), [false]);
}

#[test]
fn a_write_of_events_that_fails_leaves_their_ids_unknown() {
    let mut website = Website::new();
    website.write(&Write::Event { of: 1, session: 0, minute: 1, variant: 1, is_goal: false });
    website.site.fold().unwrap();
    let new = Value::Text("new".to_owned());
    let failed = website.site.write(|| {
        ids::add(&website.site, [&new].into_iter())?;
        Err::<(), _>(crate::error::Error::new("a failure"))
    });
    assert!(failed.is_err());
    assert_eq!(ids::are_stored(&website.site, &[&new]).unwrap(), [false]);
}
