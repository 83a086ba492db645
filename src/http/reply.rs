//! Answers: what handlers return, and the replies that are sent.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize};

use crate::platform::incoming::BodyStream;
use crate::platform::outgoing;
use sluice_values::Id;

/// A response ready to be sent.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The body as a stream, in place of `body`.
    pub stream: Option<BodyStream>,
}

impl Reply {
    /// A JSON response.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        // Our own types always serialize: their keys are strings and their numbers finite.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self::of(status, "application/json", body)
    }

    /// A response with these bytes.
    pub fn of(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body, stream: None }
    }

    /// A response with these bytes, sent as they are produced.
    pub fn streamed(content_type: &'static str, stream: BodyStream) -> Self {
        Self { stream: Some(stream), ..Self::of(200, content_type, Vec::new()) }
    }

    /// A page for people. Its address may hold a proof, which must not leak in a Referer header or stay in a cache.
    pub fn page(status: u16, html: Vec<u8>, policy: &'static str) -> Self {
        Self::of(status, "text/html; charset=utf-8", html)
            .with_header("content-security-policy", policy)
            .with_header("referrer-policy", "no-referrer")
            .with_header("cache-control", "no-store")
    }

    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), stream: None }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<Reply> for outgoing::Answer {
    fn from(Reply { status, headers, body, stream }: Reply) -> Self {
        Self { status, headers, body, stream }
    }
}

/// What a handler returns: it becomes a response, and its type describes the response in the OpenAPI document.
pub trait Answer {
    /// The media type of the body.
    const CONTENT_TYPE: &'static str = "application/json";
    /// Whether the response was saved for the request's `Idempotency-Key` in the transaction of the handler's writes.
    const IS_CREATED: bool = false;
    /// The statuses of a success.
    const STATUSES: &'static [u16] = &[200];

    fn into_reply(self) -> Reply;

    /// The shape of the body; `None` for a route that never succeeds.
    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema>;

    /// Further media types that the body may have.
    #[cfg(not(target_arch = "wasm32"))]
    fn other_schemas() -> Vec<(&'static str, schemars::Schema)> {
        Vec::new()
    }
}

/// The envelope of every success.
// `data` is an array, and other fields may follow it (docs/contract/README.md#2).
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Data<T, Meta = Nothing> {
    status: Success,
    data: Vec<T>,
    #[serde(flatten)]
    meta: Meta,
}

/// No fields besides `data`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Nothing {}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "lowercase")]
enum Success {
    Success,
}

impl<T> Data<T> {
    /// Many rows.
    pub fn many(data: Vec<T>) -> Self {
        Self { status: Success::Success, data, meta: Nothing {} }
    }

    /// One object, in an array like all data.
    pub fn one(row: T) -> Self {
        Self::many(vec![row])
    }
}

impl<T, Meta> Data<T, Meta> {
    /// Many rows, with further fields.
    pub fn with(data: Vec<T>, meta: Meta) -> Self {
        Self { status: Success::Success, data, meta }
    }
}

impl<T: Serialize + schemars::JsonSchema, Meta: Serialize + schemars::JsonSchema> Answer for Data<T, Meta> {
    fn into_reply(self) -> Reply {
        Reply::json(200, &self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(generator.subschema_for::<Self>())
    }
}

/// The envelope of a success whose `data` is one object.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Single<T> {
    status: Success,
    data: T,
}

impl<T> Single<T> {
    pub fn new(data: T) -> Self {
        Self { status: Success::Success, data }
    }
}

impl<T: Serialize + schemars::JsonSchema> Answer for Single<T> {
    fn into_reply(self) -> Reply {
        Reply::json(200, &self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(generator.subschema_for::<Self>())
    }
}

/// JSON without an envelope.
pub struct Plain<T>(pub T);

impl<T: Serialize + schemars::JsonSchema> Answer for Plain<T> {
    fn into_reply(self) -> Reply {
        Reply::json(200, &self.0)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        Some(generator.subschema_for::<T>())
    }
}

/// The answer `A` of a handler that has created something, as it is sent. `create_once` of the handler's call returns
/// it, so that the response is, byte for byte, the one stored for the request's `Idempotency-Key`.
pub struct Created<A> {
    reply: Reply,
    answer: PhantomData<A>,
}

impl<A> Created<A> {
    pub(super) fn new(reply: Reply) -> Self {
        Self { reply, answer: PhantomData }
    }
}

impl<A: Answer> Created<A> {
    /// The answer where an earlier request has created it already.
    pub fn earlier(answer: A) -> Self {
        Self::new(answer.into_reply())
    }
}

impl<A: Answer> Answer for Created<A> {
    const CONTENT_TYPE: &'static str = A::CONTENT_TYPE;
    const IS_CREATED: bool = true;
    const STATUSES: &'static [u16] = A::STATUSES;

    fn into_reply(self) -> Reply {
        self.reply
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        A::schema(generator)
    }
}

/// An answer that may set a cookie.
pub struct WithCookie<A> {
    answer: A,
    cookie: Option<String>,
}

impl<A> WithCookie<A> {
    pub fn new(answer: A, cookie: Option<String>) -> Self {
        Self { answer, cookie }
    }
}

impl<A: Answer> Answer for WithCookie<A> {
    const CONTENT_TYPE: &'static str = A::CONTENT_TYPE;

    fn into_reply(self) -> Reply {
        let reply = self.answer.into_reply();
        match self.cookie {
            Some(cookie) => reply.with_header("set-cookie", cookie),
            None => reply,
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        A::schema(generator)
    }
}

/// The answer of a route that always refuses: it has no value.
pub enum Never {}

impl Answer for Never {
    fn into_reply(self) -> Reply {
        match self {}
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        None
    }
}

/// A resource's id, under both of the names that clients know.
// docs/contract/README.md#1.
#[derive(Debug, Clone, Copy, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
#[serde(bound = "")]
#[schemars(bound = "")]
pub struct BothIds<Kind> {
    #[serde(rename = "_id")]
    mongo_style: Id<Kind>,
    id: Id<Kind>,
}

impl<Kind> BothIds<Kind> {
    pub fn id(self) -> Id<Kind> {
        self.id
    }
}

/// From a row with a column `id`.
impl<'de, Kind> Deserialize<'de> for BothIds<Kind> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(bound = "")]
        struct Row<Kind> {
            id: Id<Kind>,
        }
        Row::deserialize(from).map(|row| row.id.into())
    }
}

impl<Kind> From<Id<Kind>> for BothIds<Kind> {
    fn from(id: Id<Kind>) -> Self {
        Self { mongo_style: id, id }
    }
}

/// The response of a deletion.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Message {
    /// What was done.
    pub message: String,
}

impl Message {
    /// The answer with this message.
    pub fn saying(message: impl Into<String>) -> Data<Self> {
        Data::one(Self { message: message.into() })
    }
}
