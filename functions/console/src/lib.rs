#![doc = include_str!("../README.md")]

mod action;
mod address;
mod assets;
pub mod audit;
mod case;
mod cookie;
mod error;
mod form;
mod frame;
mod known_browser;
mod look;
pub mod numbers;
mod origin;
mod page;
pub mod queue;
mod run;
mod seal;
pub mod search;
mod settings;
pub mod sign_in;
mod text;
mod visitor;

pub use action::AuditAction;
pub use address::ConsoleAddress;
pub use assets::asset_response;
pub use case::CasePages;
pub use error::ConsoleError;
pub use page::see_other;
pub use run::{nowhere, serve};
pub use settings::SettingsPages;

use form::Form;
use frame::{Frame, Nav};
use page::{html, html_with_files};
use run::not_found;
use visitor::{Entry, Visitor};
