//! Values as the SDK's attributes, in one step.
//!
//! `serde_dynamo` first makes attributes of its own and then the SDK's of those, so it builds every
//! map and hashes every name twice. These attributes are the same ones. Sets are left out: nothing
//! that is stored has one.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::ser::{self, Error as _};
use serde_dynamo::Error;

use super::Item;

/// The attributes of a value that has named fields, with room for so many more.
///
/// # Errors
/// The value has no named fields, or a map in it has keys that are no texts.
pub(super) fn attributes(value: &impl Serialize, room: usize) -> Result<Item, Error> {
    match value.serialize(Serializer { room })? {
        AttributeValue::M(attributes) => Ok(attributes),
        _ => Err(Error::custom("an item must have named attributes")),
    }
}

/// A value as an attribute.
///
/// # Errors
/// A map in it has keys that are no texts.
pub(super) fn attribute(value: &(impl Serialize + ?Sized)) -> Result<AttributeValue, Error> {
    value.serialize(Serializer { room: 0 })
}

/// Makes an attribute; a map has room for so many more.
#[derive(Clone, Copy)]
struct Serializer {
    room: usize,
}

/// A list that is being made.
struct List(Vec<AttributeValue>);

/// A map that is being made, and the key whose value comes next.
struct Map {
    attributes: Item,
    key: Option<String>,
}

/// A variant of an enum with several values, under its name.
struct Variant<T> {
    name: &'static str,
    values: T,
}

impl List {
    fn of(length: usize) -> Self {
        Self(Vec::with_capacity(length))
    }

    fn push(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.0.push(attribute(value)?);
        Ok(())
    }
}

impl Map {
    fn of(length: usize) -> Self {
        Self { attributes: HashMap::with_capacity(length), key: None }
    }

    fn insert(&mut self, key: String, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.attributes.insert(key, attribute(value)?);
        Ok(())
    }
}

/// A map with one value, as a variant of an enum is stored.
fn variant(name: &'static str, value: AttributeValue) -> AttributeValue {
    AttributeValue::M(HashMap::from([(name.to_owned(), value)]))
}

/// The key of a map: a text, or what DynamoDB writes as one.
fn key(key: &(impl Serialize + ?Sized)) -> Result<String, Error> {
    match attribute(key)? {
        AttributeValue::S(text) | AttributeValue::N(text) => Ok(text),
        _ => Err(Error::custom("the key of a map must be a text")),
    }
}

/// Numbers, which DynamoDB takes as their digits.
macro_rules! numbers {
    ($($method:ident($number:ty),)+) => {$(
        fn $method(self, number: $number) -> Result<AttributeValue, Error> {
            Ok(AttributeValue::N(number.to_string()))
        }
    )+};
}

impl ser::Serializer for Serializer {
    type Ok = AttributeValue;
    type Error = Error;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Variant<List>;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Variant<Map>;

    numbers! {
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64),
        serialize_f32(f32), serialize_f64(f64),
    }

    fn serialize_bool(self, value: bool) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::Bool(value))
    }

    fn serialize_char(self, character: char) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::S(character.to_string()))
    }

    fn serialize_str(self, text: &str) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::S(text.to_owned()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::B(Blob::new(bytes)))
    }

    fn serialize_none(self) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::Null(true))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<AttributeValue, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::Null(true))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::Null(true))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<AttributeValue, Error> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<AttributeValue, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<AttributeValue, Error> {
        Ok(variant(name, attribute(value)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<List, Error> {
        Ok(List::of(length.unwrap_or_default()))
    }

    fn serialize_tuple(self, length: usize) -> Result<List, Error> {
        Ok(List::of(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<List, Error> {
        Ok(List::of(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Variant<List>, Error> {
        Ok(Variant { name, values: List::of(length) })
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Map, Error> {
        Ok(Map::of(length.unwrap_or_default() + self.room))
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Map, Error> {
        Ok(Map::of(length + self.room))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Variant<Map>, Error> {
        Ok(Variant { name, values: Map::of(length) })
    }
}

impl ser::SerializeSeq for List {
    type Ok = AttributeValue;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::L(self.0))
    }
}

impl ser::SerializeTuple for List {
    type Ok = AttributeValue;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::L(self.0))
    }
}

impl ser::SerializeTupleStruct for List {
    type Ok = AttributeValue;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::L(self.0))
    }
}

impl ser::SerializeTupleVariant for Variant<List> {
    type Ok = AttributeValue;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.values.push(value)
    }

    fn end(self) -> Result<AttributeValue, Error> {
        Ok(variant(self.name, AttributeValue::L(self.values.0)))
    }
}

impl ser::SerializeMap for Map {
    type Ok = AttributeValue;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, of: &T) -> Result<(), Error> {
        self.key = Some(key(of)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take().ok_or_else(|| Error::custom("a value of a map must have a key"))?;
        self.insert(key, value)
    }

    fn end(self) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::M(self.attributes))
    }
}

impl ser::SerializeStruct for Map {
    type Ok = AttributeValue;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.insert(name.to_owned(), value)
    }

    fn end(self) -> Result<AttributeValue, Error> {
        Ok(AttributeValue::M(self.attributes))
    }
}

impl ser::SerializeStructVariant for Variant<Map> {
    type Ok = AttributeValue;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.values.insert(name.to_owned(), value)
    }

    fn end(self) -> Result<AttributeValue, Error> {
        Ok(variant(self.name, AttributeValue::M(self.values.attributes)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use recourse_dispute::addresses::{MailAddress, Recipients};
    use recourse_dispute::channel::Channel;
    use recourse_dispute::dispute::Dispute;
    use recourse_dispute::environment::Environment;
    use recourse_dispute::event::PerformedBy;
    use recourse_dispute::ids::{AccountId, Refid, Trxid};
    use recourse_dispute::lifecycle::{Actor, Category, Stage};
    use recourse_dispute::money::{Currency, Money};
    use recourse_dispute::number::DisputeNumber;
    use recourse_dispute::time::UnixMillis;
    use recourse_dispute::transaction::{Facts, Parties, TransactionDetails};

    use super::*;

    #[derive(Serialize)]
    struct Unit;

    #[derive(Serialize)]
    struct Wrapped(u64);

    #[derive(Serialize)]
    struct Pair(u8, &'static str);

    #[derive(Serialize)]
    enum Kind {
        Plain,
        One(bool),
        Two(i64, char),
        Named { a: u32, b: Option<u16> },
    }

    #[derive(Serialize)]
    struct Inner {
        flat: &'static str,
    }

    #[derive(Serialize)]
    struct Every {
        numbers: (i8, i16, i32, i64, u8, u16, u32, u64),
        decimals: (f32, f64),
        texts: Vec<String>,
        none: Option<String>,
        some: Option<&'static str>,
        nothing: (),
        unit: Unit,
        wrapped: Wrapped,
        pair: Pair,
        kinds: [Kind; 4],
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        left_out: Vec<u8>,
        by_text: BTreeMap<String, Vec<u8>>,
        by_number: BTreeMap<u8, u64>,
        by_variant: BTreeMap<Stage, i64>,
        #[serde(flatten)]
        inner: Inner,
        #[serde(flatten)]
        rest: BTreeMap<&'static str, Kind>,
    }

    fn every() -> Every {
        Every {
            numbers: (i8::MIN, i16::MIN, i32::MIN, i64::MIN, u8::MAX, u16::MAX, u32::MAX, u64::MAX),
            decimals: (0.5, -1e300),
            texts: vec![String::new(), "é #".to_owned()],
            none: None,
            some: Some("some"),
            nothing: (),
            unit: Unit,
            wrapped: Wrapped(7),
            pair: Pair(1, "one"),
            kinds: [Kind::Plain, Kind::One(true), Kind::Two(-2, 'ä'), Kind::Named { a: 3, b: None }],
            bytes: vec![0, 255],
            left_out: Vec::new(),
            by_text: BTreeMap::from([("a".to_owned(), vec![1, 2]), (String::new(), Vec::new())]),
            by_number: BTreeMap::from([(7, 8)]),
            by_variant: BTreeMap::from([(Stage::First, -1)]),
            inner: Inner { flat: "flat" },
            rest: BTreeMap::from([("more", Kind::Named { a: 4, b: Some(5) })]),
        }
    }

    fn dispute() -> Dispute {
        let facts = Facts {
            environment: Environment::Production,
            trxid: Trxid::parse("50001").unwrap(),
            account: AccountId::parse("acct_demo").unwrap(),
            refid: Refid::parse("a#b é").unwrap(),
            product: None,
            amount: Money::from_minor(155_000, Currency::parse("MYR").unwrap()),
            occurred_at: UnixMillis(1_764_547_140_000),
            parties: Parties::default(),
            details: TransactionDetails::default(),
        };
        let account = MailAddress::parse("account@client.example").unwrap();
        let recipients = Recipients::parse(&["user@customer.example".to_owned()], &account).unwrap();
        let (number, opener) = (DisputeNumber::try_from(551).unwrap(), facts.account.clone());
        let now = UnixMillis(1_764_547_200_000);
        let begun = Dispute::begin(number, Channel::Iimmpact, opener, facts, Category::Inquiry, now);
        Dispute { recipients: Some(recipients), ..begun }
    }

    /// What was stored by it before has to stay as it is.
    #[test]
    fn attributes_are_those_of_serde_dynamo() {
        fn check(value: &impl Serialize) {
            let theirs: Item = serde_dynamo::to_item(value).unwrap();
            assert_eq!(attributes(value, 7).unwrap(), theirs);
            let theirs: AttributeValue = serde_dynamo::to_attribute_value(value).unwrap();
            assert_eq!(attribute(value).unwrap(), theirs);
        }

        check(&every());
        let dispute = dispute();
        let event = dispute.opened(PerformedBy { actor: Actor::Opener, name: "iimm_prod_demo".to_owned() });
        check(&dispute);
        let mails = dispute.notifications(&event, None);
        assert_eq!(mails.len(), 1);
        mails.iter().for_each(check);
        check(&event);
    }

    #[test]
    fn an_item_has_named_attributes_and_a_map_has_texts_as_keys() {
        for no_item in [attributes(&7, 0), attributes(&["a"], 0), attributes(&None::<u8>, 0)] {
            assert_eq!(no_item.unwrap_err().to_string(), "an item must have named attributes");
        }
        let by_list = BTreeMap::from([(vec![1], 2)]);
        assert_eq!(attribute(&by_list).unwrap_err().to_string(), "the key of a map must be a text");
    }
}
