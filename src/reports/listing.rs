//! Lists of rows: which part of a list is asked for, and which part is answered.

use serde::{Deserialize, Serialize};

use super::fields::{Columns, Fields};
use super::scope::Scope;
use crate::http::error::Error;
use crate::http::input::{FromRaw, Query, Raw};
use crate::http::reply::Data;
use sluice_values::{Limit, Offset};

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(inline)]
pub struct Page {
    /// Rows at most.
    pub limit: Limit<100, 1000>,
    /// Rows passed over.
    pub offset: Offset,
}

/// What every list of rows reads: sessions, columns, and which part of it.
#[derive(Debug)]
pub struct Listing<R> {
    /// Of which sessions.
    pub scope: Scope,
    /// Which part.
    pub page: Page,
    /// Which columns.
    pub fields: Fields<R>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(bound = "")]
#[schemars(bound = "R: Columns")]
struct ListingParameters<R: Columns> {
    #[serde(default)]
    fields: Fields<R>,
}

impl<R: Columns> FromRaw for Listing<R> {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let Query(ListingParameters { fields }) = Query::from_raw(raw)?;
        let Query(page) = Query::from_raw(raw)?;
        Ok(Self { scope: Scope::from_raw(raw)?, page, fields })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Query::<ListingParameters<R>>::describe(operation, generators);
        Query::<Page>::describe(operation, generators);
        Scope::describe(operation, generators);
    }
}

/// Which part of a list was answered.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Pagination {
    /// Rows at most.
    pub limit: u32,
    /// Rows passed over.
    pub offset: u32,
    /// Rows in all.
    pub total: i64,
}

/// What stands beside the rows of a list.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Paged {
    pagination: Pagination,
}

impl Page {
    /// The list, with what part of it these rows are.
    pub fn of<T>(&self, rows: Vec<T>, total: i64) -> Data<T, Paged> {
        let pagination = Pagination { limit: self.limit.get(), offset: self.offset.get(), total };
        Data::with(rows, Paged { pagination })
    }
}
