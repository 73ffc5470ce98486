#![doc = include_str!("../README.md")]

mod address;
mod assets;
pub mod audit;
mod case;
mod cookie;
mod error;
mod form;
mod frame;
pub mod numbers;
mod origin;
mod page;
pub mod queue;
mod run;
pub mod search;
mod settings;
pub mod sign_in;
mod visitor;

pub use address::ConsoleAddress;
pub use assets::asset_response;
pub use case::CasePages;
pub use cookie::SESSION_COOKIE;
pub use error::{Console, ConsoleError, Refusal};
pub use form::Form;
pub use frame::{Frame, Link, Nav, Person};
pub use origin::{is_same_origin, own_origin};
pub use page::{attachment, html, html_with_files, see_other};
pub use run::{not_found, serve};
pub use settings::SettingsPages;
pub use visitor::{Entry, Visitor};
