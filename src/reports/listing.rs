//! Lists of rows: paging in the query and in the response.

use serde::{Deserialize, Serialize};

use super::fields::{Columns, Fields};
use super::scope::Scope;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Query, Raw};
use crate::http::reply::Data;
use sluice_values::{Limit, Offset, Text};

/// The page of a list that the query asks for.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(inline)]
pub struct Page {
    /// The maximum number of rows.
    pub limit: Limit<100, 1000>,
    /// The number of rows to skip.
    pub offset: Offset,
}

/// What is searched for.
pub type Search = Text<0, 100>;

/// What every list reads: the sessions, the page, the columns and what the rows' names contain.
#[derive(Debug)]
pub struct Listing<R> {
    pub scope: Scope,
    pub page: Page,
    pub fields: Fields<R>,
    q: Option<Search>,
}

impl<R> Listing<R> {
    /// What is searched for, if anything is.
    pub fn search(&self) -> Option<String> {
        searched(self.q.as_ref())
    }
}

/// What is searched for, if anything is.
pub fn searched(q: Option<&Search>) -> Option<String> {
    q.map(|q| q.as_str().trim().to_owned()).filter(|q| !q.is_empty())
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(bound = "")]
#[schemars(bound = "R: Columns")]
struct ListingParameters<R: Columns> {
    #[serde(default)]
    fields: Fields<R>,
    /// Only rows whose name contains this, in any case.
    q: Option<Search>,
}

impl<R: Columns> FromRaw for Listing<R> {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(ListingParameters { fields, q }) = Query::from_raw(raw)?;
        let Query(page) = Query::from_raw(raw)?;
        Ok(Self { scope: Scope::from_raw(raw)?, page, fields, q })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<ListingParameters<R>>::describe(operation, generators);
        Query::<Page>::describe(operation, generators);
        Scope::describe(operation, generators);
    }
}

/// The page of a list that the response contains.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Pagination {
    /// The maximum number of rows.
    pub limit: u32,
    /// The number of rows skipped.
    pub offset: u32,
    /// The total number of rows.
    pub total: i64,
}

/// The fields of a list besides its rows.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Paged {
    pagination: Pagination,
}

impl Page {
    /// The response with this page's rows.
    pub fn of<T>(&self, rows: Vec<T>, total: i64) -> Data<T, Paged> {
        let pagination = Pagination { limit: self.limit.get(), offset: self.offset.get(), total };
        Data::with(rows, Paged { pagination })
    }
}
