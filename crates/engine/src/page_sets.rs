//! The pages whose path contains one of a filter's values. The pages are read once for all filters of a call, however many
//! values these have and however often its statements test them.

use std::rc::Rc;

use crate::error::Error;
use crate::matcher::Matcher;
use crate::site::Site;
use crate::sql::Sql;

/// Pages that are read as one row: fewer rows pass from SQLite to here faster.
const READ_AT_ONCE: i64 = 1_000;

/// Finds the pages of all filters with these values that this call has not found before.
pub(crate) fn find<S: Sql>(site: &Site<S>, mut wanted: Vec<&Vec<String>>) -> Result<(), Error> {
    wanted.retain(|parts| !site.page_sets.borrow().contains_key(*parts));
    wanted.sort_unstable();
    wanted.dedup();
    // A matcher has as many sets as a number has bits.
    for wanted in wanted.chunks(64) {
        let matcher = Matcher::new(wanted.iter().map(|parts| parts.as_slice()));
        let mut found = vec![Vec::new(); wanted.len()];
        read_pages(site, |page, path| {
            let sets = matcher.sets_in(path);
            for (number, pages) in found.iter_mut().enumerate() {
                if sets >> number & 1 == 1 {
                    pages.push(page);
                }
            }
        })?;
        let found = wanted.iter().map(|parts| (*parts).clone()).zip(found.into_iter().map(Rc::from));
        site.page_sets.borrow_mut().extend(found);
    }
    Ok(())
}

/// Reads the row and the path of every page.
fn read_pages<S: Sql>(site: &Site<S>, mut each: impl FnMut(i64, &str)) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let mut row = site.sql.one(
            "SELECT max(id), group_concat(id || ' ' || text, char(10)) FROM (SELECT g.id, t.text FROM pages g \
             CROSS JOIN strings t ON t.id = g.path WHERE g.id > ?1 ORDER BY g.id LIMIT ?2)",
            &[after.into(), READ_AT_ONCE.into()],
        )?;
        let Some(last) = row.next::<Option<i64>>()? else { return Ok(()) };
        after = last;
        // A path has no line break: it would be percent-encoded.
        for (page, path) in row.next::<String>()?.split('\n').filter_map(|line| line.split_once(' ')) {
            if let Ok(page) = page.parse() {
                each(page, path);
            }
        }
    }
}

/// The pages of a filter that [`find`] has found.
pub(crate) fn of<S: Sql>(site: &Site<S>, parts: &Vec<String>) -> Result<Rc<[i64]>, Error> {
    let found = site.page_sets.borrow().get(parts).cloned();
    found.ok_or_else(|| Error::new("a filter whose pages were not looked for"))
}
