//! The operations of the API, as `build.rs` reads them from `openapi.json`.

/// One operation: a path with a method.
pub struct Operation {
    pub id: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    pub summary: &'static str,
    /// The ids in the path, in its order.
    pub ids: &'static [&'static str],
    /// Whether it takes an `Idempotency-Key`, so that it may be sent again.
    pub keyed: bool,
    /// Whether it has a JSON body.
    pub body: bool,
    pub permissions: &'static [&'static str],
    /// The prefixes of the tokens that it takes: `dft_` of accounts, `df_` of websites.
    pub tokens: &'static [&'static str],
    pub fields: &'static [Field],
}

/// A parameter of the query, or a field of the body: `template.subject` is nested.
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub place: Place,
    pub required: bool,
    /// Whether `null` clears it.
    pub nullable: bool,
    pub help: &'static str,
}

/// What a value is, with the values that there are if they are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text(&'static [&'static str]),
    List(&'static [&'static str]),
    Number,
    Switch,
    /// An object with keys of the caller's own.
    Map,
    /// What has no flag of its own shape: JSON.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Query,
    Body,
}

include!(concat!(env!("OUT_DIR"), "/operations.rs"));

/// The operation with this id; the table is tested to name only those that are there.
pub fn find(id: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.id == id)
}

impl Operation {
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether it reads a range of time.
    pub fn has_range(&self) -> bool {
        self.field("startAt").is_some() && self.field("endAt").is_some()
    }

    pub fn has_filters(&self) -> bool {
        self.field("filter_country").is_some()
    }

    /// Whether its answer has pages.
    pub fn has_pages(&self) -> bool {
        self.method == "GET" && self.field("limit").is_some() && self.field("offset").is_some()
    }
}
