#![doc = include_str!("../README.md")]

/// Stores a type as its text, and reads it back with the same checks as any other text. The type
/// derives `Deserialize` with `#[serde(try_from = "String")]`. The text is what `Display` writes,
/// or the `&str` of the last argument. Either is written by reference: serde's `into` would copy
/// the value first.
#[macro_export]
macro_rules! stored_as_text {
    ($type:ty, $error:ty, $parse:path) => {
        $crate::stored_as_text!($type, $error, $parse, |value, serializer| serializer.collect_str(value));
    };
    ($type:ty, $error:ty, $parse:path, |$value:ident| $text:expr) => {
        $crate::stored_as_text!($type, $error, $parse, |$value, serializer| serializer.serialize_str($text));
    };
    ($type:ty, $error:ty, $parse:path, |$value:ident, $serializer:ident| $write:expr) => {
        impl TryFrom<String> for $type {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                $parse(&text)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, $serializer: S) -> Result<S::Ok, S::Error> {
                let $value = self;
                $write
            }
        }
    };
}

/// Declares an enum of plain variants, with `ALL` of them in the order of their declaration.
macro_rules! listed {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident,)+ }) => {
        $(#[$meta])*
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: [Self; [$(stringify!($variant)),+].len()] = [$(Self::$variant),+];
        }
    };
}

pub mod addresses;
pub mod channel;
pub mod channels;
pub mod claim;
pub mod claim_amount;
pub mod deadlines;
pub mod decimal;
pub mod dispute;
pub mod environment;
pub mod event;
pub mod ids;
pub mod json;
pub mod lifecycle;
pub mod money;
pub mod notification;
pub mod number;
pub mod policy;
pub mod shell;
pub mod text;
pub mod time;
pub mod transaction;
pub mod webhook;
