//! `recourse transaction`: the payment platform's transactions (platform contract).

mod batch;
mod counts;
mod display;
mod import;
mod interrupt;
pub(crate) mod lines;
mod platform;
mod progress;
mod source;

use clap::Subcommand;

pub(crate) use import::Import;

/// Import transactions, as the payment platform
#[derive(Subcommand)]
pub(crate) enum Transaction {
    Import(Import),
}
