//! Reads requests: path, query and body become typed values, or an error that names the field, the fault and what would
//! be right.
//!
//! A handler's signature names what it reads, and the OpenAPI document is generated from the same types.

use std::borrow::Cow;
use std::cell::RefCell;
use std::str::FromStr;

use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::error::Error;
use super::json::{self, DEEPEST};
use super::tree::{Tree, Wrong};
use crate::platform::PlatformError;
use crate::platform::database::{Parameter, RowValues};
use crate::platform::incoming::{BodyStream, Caller};
use sluice_values::{Invalid, excerpt};

/// The longest body of the Account API (docs/contract/README.md#6).
pub const LONGEST_BODY: usize = 64 * 1024;

/// The longest error message, in characters: it may echo what was sent, which may be long.
const LONGEST_MESSAGE: usize = 300;

/// The headers that [`Caller`] stores.
pub const CALLER_HEADERS: [&str; 6] =
    ["origin", "user-agent", "x-datafast-real-ip", "x-forwarded-for", "x-real-ip", "if-none-match"];

/// The raw parts of a request that has matched a route.
#[derive(Default)]
pub struct Raw {
    /// Names and values of the path parameters, without the website.
    pub path: Vec<(String, String)>,
    /// The query, percent-encoded.
    pub query: String,
    /// The body; empty if the route reads none.
    pub body: Vec<u8>,
    /// The body as a stream, on routes that accept uploads.
    pub upload: RefCell<Option<BodyStream>>,
    /// The caller; empty if the route does not read it.
    pub caller: Caller,
}

/// The header that [`Bearer`] is.
pub const BEARER: &str = "authorization";

/// The `Authorization` header of a request that nobody has to have a token for.
pub struct Bearer(pub Option<String>);

impl FromRaw for Bearer {
    const READS_BEARER: bool = true;

    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        Ok(Self(raw.caller.header(BEARER)))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(_: &mut crate::http::describe::Operation, _: &mut crate::http::describe::Generators) {}
}

impl FromRaw for Caller {
    const READS_CALLER: bool = true;

    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        Ok(raw.caller.clone())
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(_: &mut crate::http::describe::Operation, _: &mut crate::http::describe::Generators) {}
}

/// A body of any length, read in parts.
pub struct Upload(Option<BodyStream>);

impl Upload {
    /// The next part.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, PlatformError> {
        match &mut self.0 {
            Some(stream) => stream.next().await.transpose(),
            None => Ok(None),
        }
    }
}

impl FromRaw for Upload {
    const TAKES_UPLOAD: bool = true;

    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        Ok(Self(raw.upload.borrow_mut().take()))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, _: &mut crate::http::describe::Generators) {
        operation.upload("application/x-ndjson");
    }
}

/// A value that a handler reads from a request.
pub trait FromRaw: Sized {
    /// Whether the body must be read.
    const READS_BODY: bool = false;
    /// Whether the body is passed on as a stream.
    const TAKES_UPLOAD: bool = false;
    /// Whether the route reads the caller.
    const READS_CALLER: bool = false;
    /// Whether the route reads the `Authorization` header.
    const READS_BEARER: bool = false;

    fn from_raw(raw: &Raw) -> Result<Self, Error>;

    /// Adds the value to the operation's documentation.
    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators);
}

/// A route that reads nothing.
impl FromRaw for () {
    fn from_raw(_: &Raw) -> Result<Self, Error> {
        Ok(())
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(_: &mut crate::http::describe::Operation, _: &mut crate::http::describe::Generators) {}
}

impl<A: FromRaw, B: FromRaw> FromRaw for (A, B) {
    const READS_BODY: bool = A::READS_BODY || B::READS_BODY;
    const TAKES_UPLOAD: bool = A::TAKES_UPLOAD || B::TAKES_UPLOAD;
    const READS_CALLER: bool = A::READS_CALLER || B::READS_CALLER;
    const READS_BEARER: bool = A::READS_BEARER || B::READS_BEARER;

    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        Ok((A::from_raw(raw)?, B::from_raw(raw)?))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        A::describe(operation, generators);
        B::describe(operation, generators);
    }
}

/// The path parameter (other than the website, which the route reads itself).
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: FromStr<Err = Invalid> + schemars::JsonSchema> FromRaw for Path<T> {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let (name, value) = raw.path.first().ok_or_else(|| Error::not_found("no such path"))?;
        value.parse().map(Self).map_err(|why| Error::field(name, &why))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        operation.path_parameter(generators.input.subschema_for::<T>());
    }
}

/// The two path parameters (other than the website).
#[derive(Debug)]
pub struct Paths<A, B>(pub A, pub B);

impl<A, B> FromRaw for Paths<A, B>
where
    A: FromStr<Err = Invalid> + schemars::JsonSchema,
    B: FromStr<Err = Invalid> + schemars::JsonSchema,
{
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let [(first, a), (second, b)] = raw.path.as_slice() else { return Err(Error::not_found("no such path")) };
        let a = a.parse().map_err(|why| Error::field(first, &why))?;
        Ok(Self(a, b.parse().map_err(|why| Error::field(second, &why))?))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        operation.path_parameter(generators.input.subschema_for::<A>());
        operation.path_parameter(generators.input.subschema_for::<B>());
    }
}

/// The query parameters, as the fields of `T`. Unknown ones are ignored; the last of repeated ones counts.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + schemars::JsonSchema> FromRaw for Query<T> {
    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        Tree::from(parameters(&raw.query)).read().map(Self).map_err(|wrong| explain(&wrong))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        operation.query_parameters(&T::json_schema(&mut generators.input));
    }
}

/// The last of each parameter.
fn parameters(query: &str) -> serde_json::Value {
    let pairs = form_urlencoded::parse(query.as_bytes());
    serde_json::Value::Object(pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect())
}

/// `true` or `false`, as queries write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[expect(missing_docs, reason = "as they say")]
pub enum Truth {
    True,
    False,
}

/// The query parameters, as the fields of `T`, once they are tidy.
pub fn query_of<T: DeserializeOwned + Lenient>(raw: &Raw) -> Result<T, Error> {
    parse_lenient(parameters(&raw.query))
}

/// The JSON body, as `T`. Unknown fields are ignored. No body at all reads as an empty object.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + schemars::JsonSchema> FromRaw for Body<T> {
    const READS_BODY: bool = true;

    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        parse_object(&raw.body).map(Self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        operation.body(generators.input.subschema_for::<T>(), field_names::<T>(), false);
    }
}

/// What is done to a body before its fields are read: second names, fields that may be left blank.
pub trait Lenient {
    fn tidy(body: &mut serde_json::Map<String, serde_json::Value>);
}

/// The JSON body of what clients in the field send, as `T` once it is tidy.
#[derive(Debug)]
pub struct LenientBody<T>(pub T);

impl<T: DeserializeOwned + schemars::JsonSchema + Lenient> FromRaw for LenientBody<T> {
    const READS_BODY: bool = true;

    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let bytes: &[u8] = if raw.body.trim_ascii().is_empty() { b"{}" } else { &raw.body };
        let body = json::parse(bytes, DEEPEST).map_err(|why| Error::field("body", &why))?;
        parse_lenient(body).map(Self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        Body::<T>::describe(operation, generators);
    }
}

/// Reads an object that has been parsed already, once it is tidy.
pub fn parse_lenient<T: DeserializeOwned + Lenient>(json: serde_json::Value) -> Result<T, Error> {
    let serde_json::Value::Object(mut body) = json else {
        return Err(Error::bad_request("body: expected a JSON object such as {\"name\":\"…\"}"));
    };
    T::tidy(&mut body);
    parse_value(serde_json::Value::Object(body))
}

/// The JSON body of a partial update: fields of `T` that may each be left out, but not all (docs/contract/README.md#6).
#[derive(Debug)]
pub struct Changes<T>(pub T);

impl<T: DeserializeOwned + Default + PartialEq + schemars::JsonSchema> FromRaw for Changes<T> {
    const READS_BODY: bool = true;

    fn from_raw(raw: &Raw) -> Result<Self, Error> {
        let changes: T = parse_object(&raw.body)?;
        if changes == T::default() {
            let names = field_names::<T>().join(", ");
            return Err(Error::bad_request(format!("body: nothing to change; send at least one of: {names}")));
        }
        Ok(Self(changes))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn describe(operation: &mut crate::http::describe::Operation, generators: &mut crate::http::describe::Generators) {
        operation.body(generators.input.subschema_for::<T>(), field_names::<T>(), true);
    }
}

/// A field of a partial update: left out, or sent (with `null` only where `T` is an `Option`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Left out: stays as it is.
    #[default]
    Keep,
    /// Changes to this.
    Set(T),
}

impl<T> Patch<T> {
    /// The new value, if the field was sent.
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Whether the field was left out.
    pub fn is_kept(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

/// The bodies of a resource's POST and PUT from one list of its fields: `both` are required by the POST and may be sent to the
/// PUT, `update` only to the PUT. `into_row` gives the columns, each named as its field.
macro_rules! bodies {
    (
        $(#[$create_meta:meta])* $create:ident,
        $(#[$update_meta:meta])* $update:ident;
        both { $($(#[$meta:meta])* $field:ident: $type:ty,)* }
        update { $($(#[$more_meta:meta])* $more:ident: $more_type:ty,)* }
    ) => {
        #[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase")]
        $(#[$create_meta])*
        pub struct $create {
            $($(#[$meta])* $field: $type,)*
        }

        #[derive(Debug, Default, PartialEq, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default, rename_all = "camelCase")]
        $(#[$update_meta])*
        pub struct $update {
            $($(#[$meta])* $field: $crate::http::input::Patch<$type>,)*
            $($(#[$more_meta])* $more: $crate::http::input::Patch<$more_type>,)*
        }

        impl $create {
            fn into_row(self) -> $crate::platform::database::RowValues {
                $crate::platform::database::RowValues::new()$(.with(stringify!($field), self.$field))*
            }
        }

        impl $update {
            /// The columns of the fields that were sent.
            fn into_row(self) -> $crate::platform::database::RowValues {
                let row = $crate::platform::database::RowValues::new();
                $(let row = self.$field.into_column(row, stringify!($field));)*
                $(let row = self.$more.into_column(row, stringify!($more));)*
                row
            }
        }
    };
}
pub(crate) use bodies;

impl<T: Into<Parameter>> Patch<T> {
    /// Adds the column if the field was sent.
    pub fn into_column(self, row: RowValues, column: &'static str) -> RowValues {
        match self {
            Self::Keep => row,
            Self::Set(value) => row.with(column, value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::Set)
    }
}

impl<T: serde::Serialize> serde::Serialize for Patch<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.as_set().serialize(to)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Patch<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }
}

/// The input of a website route: withheld until the website has been entered, so that callers without access learn
/// nothing except the refusal.
#[derive(Debug)]
pub struct Input<T>(Result<T, Error>);

impl<T: FromRaw> Input<T> {
    /// Reads the input and keeps an error for later.
    pub fn of(raw: &Raw) -> Self {
        Self(T::from_raw(raw))
    }
}

impl<T> Input<T> {
    /// The input, for planning only; `None` if reading it failed.
    pub(super) fn peek(&self) -> Option<&T> {
        self.0.as_ref().ok()
    }

    /// The input, or the error in it.
    pub(super) fn release(self) -> Result<T, Error> {
        self.0
    }
}

/// Reads a value from parsed JSON; errors name the field. A `null` that its field does not take is as if left out
/// (docs/contract/README.md#40), and `5.0` is a whole number.
pub fn parse_value<T: DeserializeOwned>(json: serde_json::Value) -> Result<T, Error> {
    parse_tree(json.into())
}

/// The most values that are repaired in one body: each costs another pass over it.
const MOST_REPAIRS: usize = 64;

/// Reads a value from JSON that is hardly ever in need of repair.
pub fn parse_borrowed<T: DeserializeOwned>(json: &serde_json::Value) -> Result<T, Error> {
    T::deserialize(json).or_else(|_| parse_value(json.clone()))
}

fn parse_tree<T: DeserializeOwned>(mut tree: Tree) -> Result<T, Error> {
    let mut repairs = 0;
    loop {
        match tree.read() {
            Ok(value) => return Ok(value),
            Err(wrong) if repairs == MOST_REPAIRS || !tree.repair(&wrong) => return Err(explain(&wrong)),
            Err(_) => repairs += 1,
        }
    }
}

/// Parses a body that must be one JSON object in UTF-8.
fn parse_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    object_of(body).and_then(parse_tree)
}

fn object_of(body: &[u8]) -> Result<Tree, Error> {
    let whole = json::repaired(body, DEEPEST).map_err(|why| Error::field("body", &why))?;
    let text = std::str::from_utf8(&whole).map_err(|_| Error::bad_request("body: expected JSON in UTF-8"))?;
    if text.trim_ascii().is_empty() {
        return Ok(Tree::Object(Vec::new()));
    }
    // A derived parser would also accept a list of the fields' values.
    match serde_json::from_str(text) {
        Ok(tree @ Tree::Object(_)) => Ok(tree),
        Ok(_) => Err(Error::bad_request("body: expected a JSON object such as {\"name\":\"…\"}")),
        Err(error) => Err(Error::bad_request(format!("body: not valid JSON: {error}"))),
    }
}

/// A parser's error in the API's form: the field's path, then the fault.
fn explain(wrong: &Wrong) -> Error {
    let (path, message) = (wrong.path(), wrong.message.as_str());
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let text = match (path.as_str(), missing) {
        ("", Some(field)) => format!("{field}: required, but missing"),
        (parent, Some(field)) => format!("{parent}.{field}: required, but missing"),
        ("", None) => format!("body: {}", in_json_words(message)),
        (field, None) => format!("{field}: {}", in_json_words(message)),
    };
    Error::bad_request(match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    })
}

/// A parser's message in the words of JSON, where serde has words of Rust.
fn in_json_words(message: &str) -> Cow<'_, str> {
    let mismatch =
        ["invalid type: ", "invalid value: ", "invalid length "].iter().find_map(|start| message.strip_prefix(start));
    // What was found may contain the separator itself; what was expected does not.
    if let Some((found, expected)) = mismatch.and_then(|rest| rest.rsplit_once(", expected ")) {
        return format!("expected {}, got {}", expectation(expected), finding(found)).into();
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        return format!("unknown value {rest}").into();
    }
    if message.starts_with("data did not match any variant") {
        return "has none of the documented forms".into();
    }
    message.into()
}

/// What serde expected.
fn expectation(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number",
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "a whole number from 0 on",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "unit" => "null",
        "a map" => "an object",
        "string or map"
        | "map with a single key"
        | "variant identifier"
        | "field identifier"
        | "a character"
        | "a borrowed string" => "a string",
        _ if expected.starts_with("enum ") => "a string",
        _ if ["struct ", "internally tagged enum ", "adjacently tagged enum "]
            .iter()
            .any(|kind| expected.starts_with(kind)) =>
        {
            "an object"
        }
        _ if ["tuple ", "a tuple ", "an array of "].iter().any(|kind| expected.starts_with(kind)) => "a list",
        _ => expected,
    }
}

/// What serde met.
fn finding(found: &str) -> String {
    let value = |name: &str| found.strip_prefix(name).map(|rest| rest.trim_matches('`'));
    let number = ["integer ", "floating point ", "boolean "].into_iter().find_map(value);
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "an object".to_owned(),
        "null" | "unit value" => "null".to_owned(),
        _ => match (number, found.strip_prefix("string ")) {
            (Some(number), _) => number.to_owned(),
            (None, Some(text)) => format!("\"{}\"", excerpt(text.trim_matches('"'))),
            (None, None) => "something else".to_owned(),
        },
    }
}

/// The names of the fields that `T` reads, as serde's derive lists them.
fn field_names<T: DeserializeOwned>() -> Vec<&'static str> {
    struct Names<'a>(&'a mut Vec<&'static str>);

    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = serde::de::value::Error;

        fn deserialize_struct<V: serde::de::Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Self::Error> {
            self.0.extend_from_slice(fields);
            Err(serde::de::Error::custom("only the names are wanted"))
        }

        fn deserialize_any<V: serde::de::Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(serde::de::Error::custom("only the names are wanted"))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut names = Vec::new();
    // Always an error: the names are collected as a side effect.
    let _ = T::deserialize(Names(&mut names));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sluice_values::Name;

    #[derive(Debug, Deserialize, schemars::JsonSchema)]
    #[expect(dead_code, reason = "some fields are only parsed")]
    struct Create {
        name: Name,
        #[serde(default)]
        steps: Vec<Step>,
        #[serde(default)]
        color: Color,
    }

    #[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
    enum Color {
        #[default]
        Red,
    }

    #[derive(Debug, Deserialize, schemars::JsonSchema)]
    #[expect(dead_code, reason = "only parsed")]
    struct Step {
        name: Name,
        #[serde(default)]
        count: u32,
    }

    #[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
    #[serde(default)]
    struct Update {
        name: Patch<Option<Name>>,
        #[serde(rename = "isActive")]
        is_active: Patch<bool>,
    }

    fn body(text: &[u8]) -> Raw {
        Raw { body: text.to_vec(), ..Raw::default() }
    }

    fn refusal<T>(result: Result<T, Error>) -> String {
        match result {
            Err(Error::Refused { status: 400, message }) => message,
            _ => panic!("expected a 400"),
        }
    }

    #[test]
    fn messages_name_the_field_and_the_rule() {
        let cases: [(&[u8], &str); 14] = [
            (b"", "name: required, but missing"),
            (b"{}", "name: required, but missing"),
            (b"not json", "body: not valid JSON: expected ident at line 1 column 2"),
            (b"{\"name\":\"x\"", "body: not valid JSON: EOF while parsing an object at line 1 column 11"),
            (b"{\"name\":5} x", "body: not valid JSON: trailing characters at line 1 column 12"),
            (b"{\"name\":\"x\"} x", "body: not valid JSON: trailing characters at line 1 column 14"),
            (b"[\"x\"]", "body: expected a JSON object such as {\"name\":\"…\"}"),
            (b"null", "body: expected a JSON object such as {\"name\":\"…\"}"),
            (b"\"\xff\"", "body: expected JSON in UTF-8"),
            (b"{\"name\":5}", "name: expected a string, got 5"),
            (b"{\"name\":\" \"}", "name: must not be empty; 1 to 100 characters"),
            (b"{\"name\":\"x\",\"steps\":[{}]}", "steps[0].name: required, but missing"),
            (b"{\"name\":\"x\",\"name\":\"y\"}", "body: duplicate field `name`"),
            (b"{\"name\":\"x\",\"color\":7}", "color: expected a string, got 7"),
        ];
        for (sent, expected) in cases {
            assert_eq!(refusal(Body::<Create>::from_raw(&body(sent))), expected);
        }
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let Body(create) = Body::<Create>::from_raw(&body(b"{\"name\":\" x \",\"shape\":{\"deep\":[1]}}")).unwrap();
        assert_eq!(create.name.as_str(), "x");
    }

    #[test]
    fn a_partial_update_needs_one_known_field() {
        let nothing = refusal(Changes::<Update>::from_raw(&body(b"{\"colour\":1}")));
        assert_eq!(nothing, "body: nothing to change; send at least one of: name, isActive");
    }

    #[test]
    fn null_clears_a_field_that_can_be_empty_and_leaves_out_any_other() {
        let Changes(update) = Changes::<Update>::from_raw(&body(b"{\"name\":null}")).unwrap();
        assert_eq!(update, Update { name: Patch::Set(None), is_active: Patch::Keep });
        let refused = refusal(Changes::<Update>::from_raw(&body(b"{\"isActive\":null}")));
        assert!(refused.starts_with("body: nothing to change"), "{refused}");
    }

    #[test]
    fn a_null_that_a_field_does_not_take_is_left_out() {
        let sent = b"{\"name\":\"x\",\"color\":null,\"steps\":null}";
        assert_eq!(Body::<Create>::from_raw(&body(sent)).unwrap().0.name.as_str(), "x");
        assert_eq!(refusal(Body::<Create>::from_raw(&body(b"{\"name\":null}"))), "name: required, but missing");
        let nested = refusal(Body::<Create>::from_raw(&body(b"{\"name\":\"x\",\"steps\":[{\"name\":null}]}")));
        assert_eq!(nested, "steps[0].name: required, but missing");
        let entry = refusal(Body::<Create>::from_raw(&body(b"{\"name\":\"x\",\"steps\":[null]}")));
        assert_eq!(entry, "steps[0]: expected an object, got null");
        let many = format!("{{\"name\":\"x\",\"steps\":[{}{{}}]}}", "{\"name\":\"y\",\"count\":null},".repeat(5_000));
        assert!(Body::<Create>::from_raw(&body(many.as_bytes())).is_err());
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_fraction_of_zero() {
        for (sent, count) in [("5", 5), ("5.0", 5), ("5e0", 5), ("0.5e1", 5), ("0.0", 0)] {
            let text = format!("{{\"name\":\"x\",\"steps\":[{{\"name\":\"y\",\"count\":{sent}}}]}}");
            let Body(create) = Body::<Create>::from_raw(&body(text.as_bytes())).unwrap();
            assert_eq!(create.steps[0].count, count, "{sent}");
        }
        for (sent, got) in [("5.5", "5.5"), ("-1.0", "-1"), ("1e300", "1e+300"), ("true", "true"), ("{}", "an object")]
        {
            let text = format!("{{\"name\":\"x\",\"steps\":[{{\"name\":\"y\",\"count\":{sent}}}]}}");
            let refused = refusal(Body::<Create>::from_raw(&body(text.as_bytes())));
            assert_eq!(refused, format!("steps[0].count: expected a whole number from 0 on, got {got}"));
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_once() {
        assert!(Body::<Create>::from_raw(&body(b"\xef\xbb\xbf{\"name\":\"x\"}")).is_ok());
        assert!(Body::<Create>::from_raw(&body(b"\xef\xbb\xbf\xef\xbb\xbf{\"name\":\"x\"}")).is_err());
    }

    #[test]
    fn messages_stay_short_whatever_was_sent() {
        let sent = format!("{{\"name\":\"x\",\"steps\":\"{}\"}}", "y".repeat(10_000));
        assert!(refusal(Body::<Create>::from_raw(&body(sent.as_bytes()))).chars().count() <= LONGEST_MESSAGE + 1);
    }

    proptest! {
        #[test]
        fn the_parser_never_panics(sent: Vec<u8>) {
            let _ = Body::<Create>::from_raw(&body(&sent));
            let _ = Changes::<Update>::from_raw(&body(&sent));
        }

        #[test]
        fn a_valid_name_is_read_unchanged(name in "[^\\s].{0,97}[a-z]") {
            let sent = serde_json::json!({ "name": name }).to_string();
            let Body(create) = Body::<Create>::from_raw(&body(sent.as_bytes())).unwrap();
            prop_assert_eq!(create.name.as_str(), name);
        }
    }
}
