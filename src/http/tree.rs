//! JSON as it was sent, and typed values read out of it. An error says where it is. One parser is compiled for each type this way;
//! `serde_path_to_error` beside `serde_json` took two, 150 KiB gzipped more.

use std::fmt::{self, Display, Write as _};

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer as _,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Number, Value};

/// A JSON value. An object's fields stand in the order in which they were sent, also those that were sent twice.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// One step down in a [`Tree`].
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    Field(String),
    Entry(usize),
}

/// Why a tree is not the type that was asked for, in serde's words.
#[derive(Debug)]
pub struct Wrong {
    /// From the innermost step to the outermost.
    steps: Vec<Step>,
    pub message: String,
}

impl Tree {
    /// The value as `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Wrong> {
        T::deserialize(Node(self))
    }

    /// What is at a path.
    fn at(&mut self, step: &Step) -> Option<&mut Self> {
        match (self, step) {
            (Self::Object(fields), Step::Field(name)) => {
                fields.iter_mut().find(|(field, _)| field == name).map(|(_, value)| value)
            }
            (Self::List(entries), Step::Entry(at)) => entries.get_mut(*at),
            _ => None,
        }
    }

    /// Leaves out the field that an error is about if it is null, and writes a whole number such as `5.0` as one. Returns
    /// whether anything changed.
    pub fn repair(&mut self, wrong: &Wrong) -> bool {
        let Some((last, parents)) = wrong.steps.split_first() else { return false };
        let Some(parent) = parents.iter().rev().try_fold(self, |tree, step| tree.at(step)) else { return false };
        if let (Self::Object(fields), Step::Field(name)) = (&mut *parent, last) {
            let before = fields.len();
            fields.retain(|(field, value)| field != name || *value != Self::Null);
            if fields.len() < before {
                return true;
            }
        }
        parent.at(last).is_some_and(Self::make_whole)
    }

    fn make_whole(&mut self) -> bool {
        /// Beyond this, not every whole number is an `f64`.
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        let Self::Number(number) = self else { return false };
        let Some(float) = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0) else { return false };
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and fits")]
        let whole = (float.abs() <= LARGEST).then_some(float as i64);
        whole.map(|whole| *number = whole.into()).is_some()
    }
}

impl From<Value> for Tree {
    fn from(json: Value) -> Self {
        match json {
            Value::Null => Self::Null,
            Value::Bool(is) => Self::Bool(is),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            Value::Array(entries) => Self::List(entries.into_iter().map(Self::from).collect()),
            Value::Object(fields) => {
                Self::Object(fields.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Builder)
    }
}

struct Builder;

impl<'de> Visitor<'de> for Builder {
    type Value = Tree;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(is))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Number::from_f64(number).map_or(Tree::Null, Tree::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = from.next_element()? {
            entries.push(entry);
        }
        Ok(Tree::List(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = from.next_entry()? {
            fields.push(field);
        }
        Ok(Tree::Object(fields))
    }
}

impl Wrong {
    fn under(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Where it is, as in `steps[0].name`; empty for the whole.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in self.steps.iter().rev() {
            // Writing into a string does not fail.
            let _ = match step {
                Step::Field(name) if path.is_empty() => write!(path, "{name}"),
                Step::Field(name) => write!(path, ".{name}"),
                Step::Entry(at) => write!(path, "[{at}]"),
            };
        }
        path
    }
}

impl Display for Wrong {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl serde::de::Error for Wrong {
    fn custom<T: Display>(message: T) -> Self {
        Self { steps: Vec::new(), message: message.to_string() }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid type: {}, expected {expected}", Found(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid value: {}, expected {expected}", Found(found)))
    }
}

/// What was met, with numbers as JSON has them.
struct Found<'a>(Unexpected<'a>);

impl Display for Found<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Unit => to.write_str("null"),
            Unexpected::Float(float) => match Number::from_f64(float) {
                Some(number) => write!(to, "floating point `{number}`"),
                None => to.write_str("floating point"),
            },
            other => other.fmt(to),
        }
    }
}

/// Reads a tree.
#[derive(Clone, Copy)]
struct Node<'de>(&'de Tree);

impl<'de> Node<'de> {
    fn unexpected(self) -> Unexpected<'de> {
        match self.0 {
            Tree::Null => Unexpected::Unit,
            Tree::Bool(is) => Unexpected::Bool(*is),
            Tree::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => Unexpected::Unsigned(number),
                (None, Some(number)) => Unexpected::Signed(number),
                (None, None) => Unexpected::Float(number.as_f64().unwrap_or_default()),
            },
            Tree::Text(text) => Unexpected::Str(text),
            Tree::List(_) => Unexpected::Seq,
            Tree::Object(_) => Unexpected::Map,
        }
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(is) => visitor.visit_bool(*is),
            Tree::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            Tree::List(entries) => {
                let mut rest = Entries { entries: entries.iter(), at: 0 };
                let value = visitor.visit_seq(&mut rest)?;
                match rest.entries.len() {
                    0 => Ok(value),
                    _ => Err(Wrong::invalid_length(entries.len(), &"fewer elements in array")),
                }
            }
            Tree::Object(fields) => visitor.visit_map(Fields { fields: fields.iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.0 {
            Tree::Text(variant) => visitor.visit_enum(Variant { variant, value: None }),
            Tree::Object(fields) => match fields.as_slice() {
                [(variant, value)] => visitor.visit_enum(Variant { variant, value: Some(value) }),
                _ => Err(Wrong::invalid_value(Unexpected::Map, &"map with a single key")),
            },
            _ => Err(Wrong::invalid_type(self.unexpected(), &"string or map")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, Tree>,
    at: usize,
}

impl<'de> SeqAccess<'de> for Entries<'de> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        let at = self.at;
        self.at += 1;
        seed.deserialize(Node(entry)).map(Some).map_err(|wrong| wrong.under(Step::Entry(at)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

struct Fields<'de> {
    fields: std::slice::Iter<'de, (String, Tree)>,
    /// Of the field whose name was read last.
    value: Option<&'de (String, Tree)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Wrong;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(field) = self.fields.next() else { return Ok(None) };
        self.value = Some(field);
        let name = BorrowedStrDeserializer::new(&field.0);
        seed.deserialize(name).map(Some).map_err(|wrong: Wrong| wrong.under(Step::Field(field.0.clone())))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let (name, value) = self.value.take().ok_or_else(|| Wrong::custom("a value without a name"))?;
        seed.deserialize(Node(value)).map_err(|wrong| wrong.under(Step::Field(name.clone())))
    }
}

struct Variant<'de> {
    variant: &'de str,
    value: Option<&'de Tree>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Wrong> {
        seed.deserialize(self.variant.into_deserializer()).map(|value| (value, self))
    }
}

impl<'de> Variant<'de> {
    fn node(&self, expected: &str) -> Result<Node<'de>, Wrong> {
        self.value.map(Node).ok_or_else(|| Wrong::invalid_type(Unexpected::UnitVariant, &expected))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        match self.value {
            Some(value) => Deserialize::deserialize(Node(value)),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Wrong> {
        let node = self.node("newtype variant")?;
        seed.deserialize(node).map_err(|wrong| wrong.under(Step::Field(self.variant.to_owned())))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Wrong> {
        self.node("tuple variant")?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        let wrong = self.node("struct variant")?.deserialize_any(visitor);
        wrong.map_err(|wrong| wrong.under(Step::Field(self.variant.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::json;
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Shape {
        Point,
        Circle(u8),
        Line { to: i16 },
        Pair(bool, bool),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "camelCase")]
    enum Tagged {
        One { a: u8 },
        Two { b: Vec<String> },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Numbers(Vec<f64>),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct All {
        a: Option<u8>,
        #[serde(default)]
        b: Vec<Shape>,
        #[serde(default)]
        c: BTreeMap<String, i64>,
        d: Option<Tagged>,
        e: Option<Either>,
        f: Option<Value>,
        g: Option<(u8, char)>,
        #[serde(default)]
        h: (),
    }

    fn wrong(json: &str) -> (String, String) {
        let tree: Tree = serde_json::from_str(json).unwrap();
        let wrong = tree.read::<All>().unwrap_err();
        (wrong.path(), wrong.message)
    }

    #[test]
    fn an_error_says_where_it_is() {
        let cases = [
            (r#"{"b":[{"circle":300}]}"#, "b[0].circle", "invalid value: integer `300`, expected u8"),
            (r#"{"b":["point",{"line":{"to":"x"}}]}"#, "b[1].line.to", "invalid type: string \"x\", expected i16"),
            (
                r#"{"b":["square"]}"#,
                "b[0]",
                "unknown variant `square`, expected one of `point`, `circle`, `line`, `pair`",
            ),
            (r#"{"b":[5]}"#, "b[0]", "invalid type: integer `5`, expected string or map"),
            (r#"{"b":[{}]}"#, "b[0]", "invalid value: map, expected map with a single key"),
            (r#"{"c":{"x":1.5}}"#, "c.x", "invalid type: floating point `1.5`, expected i64"),
            (r#"{"c":null}"#, "c", "invalid type: null, expected a map"),
            (r#"{"d":{"kind":"one"}}"#, "d", "missing field `a`"),
            (r#"{"g":[1,"x",2]}"#, "g", "invalid length 3, expected fewer elements in array"),
            (r#"{"a":1,"a":2}"#, "", "duplicate field `a`"),
            (r#"{"e":{}}"#, "e", "data did not match any variant of untagged enum Either"),
        ];
        for (json, path, message) in cases {
            assert_eq!(wrong(json), (path.to_owned(), message.to_owned()), "{json}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            prop::sample::select(vec!["point", "one", "two", "kind", "a", "b", "circle", "line", "to", "pair"])
                .prop_map(str::to_owned),
            ".{0,3}"
        ];
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|is| json!(is)),
            (-3..300_i64).prop_map(|number| json!(number)),
            any::<f64>().prop_map(|number| json!(number)),
            text.clone().prop_map(|text| json!(text)),
        ];
        let names = prop_oneof![
            prop::sample::select(vec!["a", "b", "c", "d", "e", "f", "g", "h", "kind", "circle", "line", "pair", "to"])
                .prop_map(str::to_owned),
            ".{0,2}"
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|entries| json!(entries)),
                prop::collection::btree_map(names.clone(), inner, 0..5).prop_map(|fields| json!(fields)),
            ]
        })
    }

    /// In what a text's reader says of a list or of an enum, and a tree's does not.
    const DIFFERENT: [&str; 7] = [
        "expected value",
        "expected `",
        "trailing",
        "invalid length",
        "string or map",
        "single key",
        "invalid type: map",
    ];

    proptest! {
        #[test]
        fn a_tree_is_read_as_serde_json_reads_its_text(json in any_json()) {
            let text = json.to_string();
            let tree: Tree = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&tree, &Tree::from(json.clone()));
            let (read, expected) = (tree.read::<All>(), serde_json::from_str::<All>(&text));
            match (read, expected) {
                (Ok(read), Ok(expected)) => prop_assert_eq!(read, expected),
                (Err(wrong), Err(error)) => {
                    let error = error.to_string();
                    let message = error.rsplit_once(" at line ").map_or(error.as_str(), |(message, _)| message);
                    if !DIFFERENT.iter().any(|part| message.contains(part) || wrong.message.contains(part)) {
                        prop_assert_eq!(wrong.message, message);
                    }
                }
                (read, expected) => prop_assert!(false, "{:?} but {:?}", read, expected),
            }
        }
    }
}
