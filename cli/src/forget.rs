//! `recourse forget`: erases a person by a mail address.

use clap::Args;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::number::DisputeNumber;
use recourse_operations::{Certificate, ForgetError, ForgetOrder, ForgetOutcome, ForgetProgress, forget, typed_case};
use recourse_store::AuditContext;
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::operator::{Operator, why};
use crate::output::{Format, note};
use crate::settings::Settings;
use crate::system;

const MORE: &str = "\
Examples:
  recourse forget --email user@example.com --why 'request of 30 November' --dry-run
  recourse forget --email user@example.com --why 'request of 30 November'
  recourse forget --email user@example.com --why 'request of 30 November' --case RC-0000008T

It erases every address, name, message and file of the person in every case that names the
address: what the person wrote and mails to the person alone as a whole, names and sentences of
the person where others repeat them. Amounts, ids, days and states stay. The result is a
certificate, which has the address as a SHA-256 alone; it is stored, and printed here.

--dry-run changes nothing and says what would be erased. A run that broke off, at any place, is
carried on by the same command. A case that still goes on is refused. With --live it is erased
too: the dispute goes on, the person gets no more mails, not even those that wait, and answers of
the person count as a stranger's. The account gets its own mails all the same.

It finds the cases that name the address. A case in whose thread the person only wrote is named by
--case. docs/privacy.md says what stays and why.

It needs EVIDENCE_BUCKET besides the tables, and in it the rights to read, to list versions and to
delete them.

Exit codes: 0 erased, or a dry run found something; 1 nothing is stored of the person; 2 refused;
3 no answer, or a mail is being sent: run the same command again in a minute.";

/// Erase a person's data by a mail address
#[derive(Args)]
#[command(after_help = MORE)]
pub(crate) struct Forget {
    /// The person's mail address
    #[arg(long, value_name = "ADDRESS", value_parser = MailAddress::parse_typed)]
    email: MailAddress,
    /// The reason, for the certificate: up to 500 characters, without the address
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: String,
    /// A case to look at besides those that name the address; can be repeated
    #[arg(long = "case", value_name = "CASE", value_parser = typed_case)]
    cases: Vec<DisputeNumber>,
    /// Change nothing, and say what would be erased
    #[arg(long)]
    dry_run: bool,
    /// Erase cases too that still go on
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    format: Format,
}

/// What became of it, for a program.
#[derive(Serialize)]
struct ForgetJson<'a> {
    outcome: &'static str,
    /// The certificate, or what would be in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<&'a Certificate>,
    /// Earlier certificates, where nothing is stored any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<&'a [Certificate]>,
}

impl Forget {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let (store, files) = settings.store_and_files()?;
        let by = PerformedBy { actor: Actor::Operator, name: self.operator.name()? };
        let audit = AuditContext { by, at: system::now(), why: Some(self.why.clone()) };
        let order = ForgetOrder {
            email: &self.email,
            audit: &audit,
            cases: &self.cases,
            live: self.live,
            dry_run: self.dry_run,
            random: u64::from_be_bytes(system::random()?),
            batch: None,
        };
        let tokens = system::write_tokens()?;
        system::wait(async {
            let outcome = Box::pin(forget(&store, &files, &order, system::now, tokens, progress)).await;
            self.print(&outcome.map_err(failure)?)
        })
    }

    fn print(&self, outcome: &ForgetOutcome) -> Result<Ending, Failure> {
        let (ending, json, lines) = match outcome {
            ForgetOutcome::Nothing(earlier) => {
                let json = ForgetJson { outcome: "nothing_found", certificate: None, earlier: Some(earlier) };
                let mut lines = vec!["nothing is stored of this address".to_owned()];
                lines.extend(earlier.iter().flat_map(Certificate::lines));
                (Ending::No, json, lines)
            }
            ForgetOutcome::Planned(planned) => {
                let json = ForgetJson { outcome: "planned", certificate: Some(planned), earlier: None };
                (Ending::Done, json, planned.lines())
            }
            // Only what is done in batches ends so.
            ForgetOutcome::Unfinished { done, noted } => {
                return Err(Failure::no_answer(format!("{done} of {noted} cases are erased.")).then(AGAIN));
            }
            ForgetOutcome::Erased(certificate) => {
                let json = ForgetJson { outcome: "erased", certificate: Some(certificate), earlier: None };
                (Ending::Done, json, certificate.lines())
            }
        };
        self.format.print(&json, || lines.join("\n"))?;
        Ok(ending)
    }
}

/// One line for each case, on stderr.
fn progress(progress: ForgetProgress) {
    let (verb, place, all, number) = match progress {
        ForgetProgress::Reading { place, all, number } => ("reading", place, all, number),
        ForgetProgress::Erasing { place, all, number } => ("erasing", place, all, number),
    };
    let what = if number == DisputeNumber::NO_CASE { "mails to no case".to_owned() } else { number.case_id() };
    note(&format!("{verb} {place} of {all}: {what}"));
}

const AGAIN: &str = "Run the same command again: it goes on where it was.";

fn failure(error: ForgetError) -> Failure {
    let text = format!("{error}.");
    match error {
        ForgetError::Store(error) => Failure::from(error).then(AGAIN),
        ForgetError::Files(_) => Failure::no_answer(format!("S3 does not answer, or refuses: {text}")).then(AGAIN),
        ForgetError::Busy { .. } | ForgetError::Contention(_) | ForgetError::Overtaken => {
            Failure::no_answer(text).then(AGAIN)
        }
        ForgetError::Registered(number) => Failure::refused(text).then(&format!(
            "An account that takes part in {} has it. `recourse account set --email` gives the account another one first.",
            number.case_id()
        )),
        ForgetError::Operator => Failure::refused(text).then("Remove the operator first."),
        ForgetError::Live(numbers) => {
            let cases: Vec<_> = numbers.iter().map(|number| number.case_id()).collect();
            Failure::refused(text).then(&format!(
                "They are {}. End them first, or pass --live: see --help for what then happens.",
                cases.join(", ")
            ))
        }
        ForgetError::NamedInReason | ForgetError::NoCase(_) | ForgetError::TooMany(_) => Failure::refused(text),
    }
}
