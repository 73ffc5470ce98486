//! Completions for shells and pages for `man`, made from the definitions that parse the arguments.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::output::{Format, say_exactly};

const NAME: &str = "recourse";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  recourse completions bash > ~/.local/share/bash-completion/completions/recourse
  recourse completions zsh > ~/.zfunc/_recourse
  recourse completions fish > ~/.config/fish/completions/recourse.fish";
const MAN_EXAMPLES: &str = "\
Examples:
  recourse man ~/.local/share/man/man1";

/// Print a script that completes commands and options in a shell
#[derive(Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// Write a man page for every command
#[derive(Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(crate) struct Man {
    /// The folder for the pages, which is made if it is missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    format: Format,
}

/// The pages that were written, for a program.
#[derive(Serialize)]
struct Written {
    folder: String,
    pages: usize,
}

impl Completions {
    pub(crate) fn run(&self) -> Result<Ending, Failure> {
        // clap panics when it cannot write, so it writes into memory.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut crate::command(), NAME, &mut script);
        say_exactly(String::from_utf8_lossy(&script).trim_end())?;
        Ok(Ending::Done)
    }
}

impl Man {
    pub(crate) fn run(&self) -> Result<Ending, Failure> {
        let folder = self.folder.display().to_string();
        let failed = |error| Failure::refused(format!("the pages cannot be written into {folder}: {error}"));
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        clap_mangen::generate_to(crate::command(), &self.folder).map_err(failed)?;
        let pages = count(&crate::command());
        let written = Written { folder: folder.clone(), pages };
        self.format.print(&written, || format!("{pages} pages in {folder}"))?;
        Ok(Ending::Done)
    }
}

/// The number of commands, with this one.
fn count(command: &clap::Command) -> usize {
    command.get_subcommands().map(count).sum::<usize>() + 1
}
