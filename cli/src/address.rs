//! `recourse address`: addresses that get no more mail, because a mail to them bounced or was
//! reported as spam.

use clap::{Args, Subcommand};
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::time::UnixMillis;
use recourse_store::{AddressChange, AddressEntry, AddressRecord, ClearMarkOutcome, Mark, Store, Undelivered};
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::output::{Format, utc, visible};
use crate::settings::{Settings, TABLES};
use crate::system;

/// What an operator has to do besides, in some cases.
const SES: &str = "SES has a list of its own, of addresses that bounced for the whole AWS account. \
    `aws sesv2 delete-suppressed-destination` removes one from it.";

/// Show mail addresses that bounced, and let them be mailed again
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Address {
    Show(Show),
    Clear(Clear),
}

const SHOW_EXAMPLES: &str = "\
Examples:
  recourse address show user@example.com";
const CLEAR_EXAMPLES: &str = "\
Examples:
  recourse address clear user@example.com --why 'the mailbox is back'

SES has a list of its own, of addresses that bounced for the whole AWS account.";

/// Show whether an address is mailed, and why not
#[derive(Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct Show {
    /// The mail address
    #[arg(value_parser = MailAddress::parse_typed)]
    address: MailAddress,
    #[command(flatten)]
    format: Format,
}

/// Let an address be mailed again
#[derive(Args)]
#[command(after_help = CLEAR_EXAMPLES)]
pub(crate) struct Clear {
    /// The mail address
    #[arg(value_parser = MailAddress::parse_typed)]
    address: MailAddress,
    #[command(flatten)]
    audited: Audited,
}

/// An address for a program, without the address itself. Times are ISO 8601.
#[derive(Serialize)]
struct AddressJson {
    mailed: bool,
    mark: Option<MarkJson>,
    history: Vec<AddressEntryJson>,
}

/// The outcome of clearing an address, for a program.
#[derive(Serialize)]
struct ClearOutcomeJson {
    outcome: &'static str,
    mark: Option<MarkJson>,
}

#[derive(Serialize)]
struct MarkJson {
    kind: &'static str,
    at: String,
    dispute: String,
    outbox_id: String,
}

#[derive(Serialize)]
struct AddressEntryJson {
    version: u64,
    at: String,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<MarkJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Address {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let store = settings.store()?;
        system::wait(async {
            match self {
                Self::Show(show) => show.run(&store).await,
                Self::Clear(clear) => clear.run(&store).await,
            }
        })
    }
}

impl Show {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let record = store.address_record(&self.address).await?;
        let record = record.unwrap_or(AddressRecord { mark: None, history: Vec::new() });
        self.format.print(&to_json(&record), || text(&record))?;
        Ok(Ending::Done)
    }
}

impl Clear {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let audit = self.audited.context()?;
        let (outcome, mark, text) = match store.clear_address(&self.address, &audit, system::write_tokens()?).await? {
            ClearMarkOutcome::Cleared(mark) => {
                let text = format!("mailed again; the cleared mark said: {}\n{SES}", reason(&mark));
                ("cleared", Some(mark_to_json(&mark)), text)
            }
            ClearMarkOutcome::NotMarked => ("unchanged", None, "the address is not marked; nothing changed".to_owned()),
        };
        self.audited.format.print(&ClearOutcomeJson { outcome, mark }, || text)?;
        Ok(Ending::Done)
    }
}

fn reason(mark: &Mark) -> String {
    let what = match mark.kind {
        Undelivered::Bounce => "a mail bounced",
        Undelivered::Complaint => "a mail was reported as spam",
    };
    format!("{what} at {}: {} of {}", utc(mark.at), mark.mail, mark.mail.number.case_id())
}

fn text(record: &AddressRecord) -> String {
    let mut lines = vec![match &record.mark {
        Some(mark) => format!("not mailed: {}", reason(mark)),
        None if record.history.is_empty() => "mailed; no mail to it ever bounced or was reported as spam".to_owned(),
        None => "mailed again".to_owned(),
    }];
    lines.extend(record.history.iter().map(|entry| match &entry.change {
        AddressChange::Marked(mark) => format!("{}  {:<28}  marked: {}", utc(entry.at), "SES", reason(mark)),
        AddressChange::Cleared { by, why } => {
            let why = why.as_deref().map(|why| format!(": {}", visible(why))).unwrap_or_default();
            format!("{}  {:<28}  cleared{why}", utc(entry.at), visible(&format!("operator {by}")))
        }
    }));
    lines.join("\n")
}

fn mark_to_json(mark: &Mark) -> MarkJson {
    MarkJson {
        kind: mark.kind.name(),
        at: mark.at.iso8601(),
        dispute: mark.mail.number.case_id(),
        outbox_id: mark.mail.to_string(),
    }
}

fn to_json(record: &AddressRecord) -> AddressJson {
    let entry = |entry: &AddressEntry| {
        let (version, at) = (entry.version, UnixMillis::iso8601(entry.at));
        match &entry.change {
            AddressChange::Marked(marked) => AddressEntryJson {
                version,
                at,
                change: "marked",
                mark: Some(mark_to_json(marked)),
                by: None,
                why: None,
            },
            AddressChange::Cleared { by, why } => {
                let (by, why) = (Some(by.clone()), why.clone());
                AddressEntryJson { version, at, change: "cleared", mark: None, by, why }
            }
        }
    };
    AddressJson {
        mailed: record.mark.is_none(),
        mark: record.mark.as_ref().map(mark_to_json),
        history: record.history.iter().map(entry).collect(),
    }
}
