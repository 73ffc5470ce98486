//! `recourse playbook`: checks a deployment's own playbooks before they are put into the bucket,
//! and prints those that come with Recourse. It speaks to nobody.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use recourse_operations::playbooks;
use recourse_support::Problem;
use recourse_support::case::Kind;
use recourse_support::playbook::Playbooks;
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::input;
use crate::output::{Format, say_exactly, visible};

/// The largest file. The parser's own limit is below it, and its error names that limit.
const MAX_BYTES: usize = 1024 * 1024;

/// Check playbooks, print those that come with Recourse
#[derive(Subcommand)]
pub(crate) enum Playbook {
    Check(Check),
    Show(Show),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  recourse playbook check playbooks.json
  recourse playbook show | recourse playbook check -

The file has a playbook for each of voucher, bill, topup and other. Each problem is named with its
place, and the exit code is 1. docs/support.md describes the format.";
const SHOW_EXAMPLES: &str = "\
Examples:
  recourse playbook show voucher
  recourse playbook show > playbooks.json

Without KIND all of them are printed, as the file that `check` takes.";

/// Check a file of playbooks
#[derive(Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub(crate) struct Check {
    /// The JSON file; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    format: Format,
}

/// Print the playbooks that come with Recourse
#[derive(Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct Show {
    /// The kind of transaction: voucher, bill, topup or other
    #[arg(value_parser = kind)]
    kind: Option<Kind>,
    /// Print JSON, which is printed without this, too
    #[arg(long = "json")]
    _json: bool,
}

/// A rule that a file breaks, for a program.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct ProblemJson {
    at: String,
    rule: String,
}

fn kind(text: &str) -> Result<Kind, String> {
    let names = Kind::ALL.map(Kind::name).join(", ");
    Kind::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| format!("must be one of {names}"))
}

impl Playbook {
    pub(crate) fn run(self) -> Result<Ending, Failure> {
        match self {
            Self::Check(check) => check.run(),
            Self::Show(show) => show.run(),
        }
    }
}

impl Check {
    fn run(&self) -> Result<Ending, Failure> {
        let checked = self.read()?;
        let problems: Vec<_> = checked.as_ref().err().into_iter().flatten().map(to_json).collect();
        self.format.print(&problems, || match &checked {
            Ok(playbooks) => playbooks
                .iter()
                .map(|(kind, playbook)| {
                    format!("ok  {:<8}  {}, version {}", kind.name(), visible(playbook.name()), playbook.version())
                })
                .collect::<Vec<_>>()
                .join("\n"),
            Err(problems) => {
                problems.iter().map(|problem| visible(&problem.to_string()).into_owned()).collect::<Vec<_>>().join("\n")
            }
        })?;
        Ok(if problems.is_empty() { Ending::Done } else { Ending::No })
    }

    /// The playbooks of the file, or what is wrong with them.
    fn read(&self) -> Result<Result<Playbooks, Vec<Problem>>, Failure> {
        let json = input::read_text(&self.file, MAX_BYTES)?;
        Ok(Playbooks::parse(&self.file.display().to_string(), &json))
    }
}

fn to_json(problem: &Problem) -> ProblemJson {
    ProblemJson { at: problem.place.clone(), rule: problem.rule.clone() }
}

impl Show {
    fn run(&self) -> Result<Ending, Failure> {
        say_exactly(&playbooks::shipped_text(self.kind))?;
        Ok(Ending::Done)
    }
}

#[cfg(test)]
mod tests {
    use recourse_support::playbook::Playbook;

    use super::*;

    fn check(file: impl Into<PathBuf>) -> Check {
        Check { file: file.into(), format: Format::default() }
    }

    #[test]
    fn what_show_prints_is_what_check_takes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("playbooks.json");
        std::fs::write(&file, playbooks::shipped_text(None)).unwrap();
        let playbooks = check(&file).read().unwrap().unwrap();
        let shipped = Playbooks::shipped().unwrap();
        for (kind, playbook) in playbooks.iter() {
            assert_eq!(Some(playbook.name()), shipped.of(kind).map(Playbook::name));
        }
        assert_eq!(playbooks.iter().count(), Kind::ALL.len());
        let one = playbooks::shipped_text(Some(Kind::Topup));
        assert!(Playbook::parse("topup.json", &one).is_ok());
    }

    #[test]
    fn every_problem_is_named_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.json");
        let wrong = playbooks::shipped_text(None).replace("\"then\": \"provider\"", "\"then\": \"nowhere\"");
        std::fs::write(&file, wrong).unwrap();
        let problems = check(&file).read().unwrap().unwrap_err();
        assert!(problems.len() >= 3, "{problems:?}");
        let named: Vec<_> = problems.iter().map(to_json).collect();
        assert!(named.iter().all(|problem| problem.at.contains("own.json")), "{named:?}");
        assert!(named.iter().any(|problem| problem.rule.contains("nowhere")), "{named:?}");
        assert!(check(folder.path().join("none")).read().unwrap_err().text.contains("none: "));
    }
}
