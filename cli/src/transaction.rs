//! `recourse transaction`: what the payment platform tells of its transactions (platform contract).

mod batch;
mod display;
mod door;
mod import;
mod interrupt;
mod lines;
mod progress;

use clap::Subcommand;

pub(crate) use import::Import;

/// Tell of transactions.
#[derive(Subcommand)]
pub(crate) enum Transaction {
    Import(Import),
}
