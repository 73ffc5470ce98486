//! `recourse case show`: a case with its messages and its history.

use clap::Args;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::time::UnixMillis;
use recourse_operations::{SupportView, labels, millis, notes, seconds, sentence, step_words, thread};
use recourse_store::{CaseRecord, Store, SupportEvent};
use recourse_support::case::{HeldMail, State, SupportCase};
use recourse_support::decision::{DecidedBy, HistoryEntry};
use serde::Serialize;

use super::thread::{Extent, MessageJson, lines, quoted, to_json};
use crate::dispute::find::{case_record, find};
use crate::dispute::{WHICH, Which};
use crate::ending::{Ending, Failure};
use crate::output::{Format, utc, visible};
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse case show rc-0000008t
  recourse case show --refid 123456 --account acct_demo
  recourse case show 50001 --json --verbose

Messages are mails: those that came in, those that went out, and the dispute's own notifications.
What others wrote is printed with invisible characters as their escapes.";

/// Show a reported case: how it stands, its messages and its history
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{WHICH}"))]
pub(crate) struct Show {
    #[command(flatten)]
    which: Which,
    /// Print the senders' addresses
    #[arg(long)]
    addresses: bool,
    /// Print the class, checks, object and mail of each message, too
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    format: Format,
}

/// A case for a program. Times are ISO 8601.
#[derive(Serialize)]
struct CaseJson<'a> {
    case: String,
    /// `null` where there is no support process: in staging, and at the other APIs.
    support: Option<SupportView>,
    messages: Vec<MessageJson<'a>>,
    /// An automatic mail that waits for its time.
    held: Option<HeldJson>,
    /// The provider's last answer.
    provider: Option<ProviderJson<'a>>,
    /// What agents noted for each other.
    notes: Vec<NoteJson<'a>>,
    history: Vec<HistoryJson<'a>>,
}

#[derive(Serialize)]
struct NoteJson<'a> {
    at: String,
    by: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct HeldJson {
    template: &'static str,
    until: String,
}

#[derive(Serialize)]
struct ProviderJson<'a> {
    state: &'static str,
    reference: Option<&'a str>,
    evidence: Option<&'a str>,
}

#[derive(Serialize)]
struct HistoryJson<'a> {
    at: String,
    by: &'a PerformedBy,
    from: State,
    to: State,
    reason: &'static str,
    decided_by: &'a DecidedBy,
    saw: &'a [String],
    about: &'a [String],
    /// What a model says for the agent, or an agent for the others.
    note: Option<&'a str>,
}

impl Show {
    pub(super) async fn run(&self, store: &Store, region: &str) -> Result<Ending, Failure> {
        let number = find(store, &self.which).await?.dispute.number;
        let record = case_record(store, number).await?;
        let extent = Extent { verbose: self.verbose, addresses: self.addresses };
        let view = View { record: &record, region, extent, now: system::now() };
        self.format.print(&view.to_json(), || view.text())?;
        Ok(Ending::Done)
    }
}

/// A case, and how much of it is printed.
struct View<'a> {
    record: &'a CaseRecord,
    region: &'a str,
    extent: Extent,
    now: UnixMillis,
}

impl<'a> View<'a> {
    fn support(&self) -> Option<SupportView> {
        SupportView::of(self.record.case.as_ref()?, &self.record.record.dispute, self.now)
    }

    fn process(&self) -> Option<&'a SupportCase> {
        self.record.case.as_ref()?.support.as_ref()
    }

    /// The mail that waits for its hour. One about a dispute that closed meanwhile is never sent.
    fn held(&self) -> Option<&'a HeldMail> {
        let process = self.process()?;
        let has_ended = process.dispute_open && !self.record.record.dispute.state.is_open();
        process.held.as_ref().filter(|_| !has_ended)
    }

    fn to_json(&self) -> CaseJson<'a> {
        let process = self.process();
        let held = self.held();
        let provider = process.and_then(|process| process.facts.provider.as_ref());
        let messages = thread(self.record).into_iter();
        CaseJson {
            case: self.record.record.dispute.number.case_id(),
            support: self.support(),
            messages: messages.map(|entry| to_json(entry, self.region, self.extent)).collect(),
            held: held
                .map(|held| HeldJson { template: held.template.name(), until: millis(held.not_before.0).iso8601() }),
            provider: provider.map(|answer| ProviderJson {
                state: answer.state.name(),
                reference: answer.reference.as_deref(),
                evidence: answer.evidence.as_deref(),
            }),
            notes: notes(self.record)
                .map(|(event, text)| NoteJson { at: event.at.iso8601(), by: &event.by.name, text })
                .collect(),
            history: self
                .record
                .history
                .iter()
                .flat_map(|event| event.entries.iter().map(|entry| history_json(event, entry)))
                .collect(),
        }
    }

    fn text(&self) -> String {
        let dispute = &self.record.record.dispute;
        let facts = &dispute.facts;
        let case = dispute.number.case_id();
        let mut lines = match self.support() {
            Some(support) => vec![
                format!("{case}  {}", support.line()),
                String::new(),
                format!("  why           {} ({})", sentence(support.reason), support.reason),
            ],
            None => vec![format!("{case}  has no support process; its messages are kept"), String::new()],
        };
        lines.push(format!("  dispute       {}, since {}", labels::state(dispute.state), utc(dispute.state_since)));
        lines.push(format!(
            "  transaction   {}; refid {} of {}",
            facts.trxid,
            visible(facts.refid.as_str()),
            facts.account
        ));
        lines.extend(facts.product.as_deref().map(|product| format!("  product       {}", visible(product))));
        if let Some(process) = self.process() {
            lines.extend(process_lines(process, self.held()));
        }
        let evidence = dispute.claim.evidence.iter();
        lines.extend(
            evidence.map(|file| format!("  evidence      {}, {} bytes, {}", file.id, file.size, visible(&file.media))),
        );
        let messages = thread(self.record);
        lines.extend([String::new(), format!("Messages: {}", messages.len())]);
        lines.extend(messages.into_iter().flat_map(|entry| self::lines(entry, self.region, self.extent)));
        let notes: Vec<_> = notes(self.record).collect();
        if !notes.is_empty() {
            lines.extend([String::new(), format!("Notes: {}", notes.len())]);
            for (event, note) in notes {
                lines.push(format!("{}  by {}", utc(event.at), visible(&event.by.name)));
                lines.extend(quoted(note));
            }
        }
        if !self.record.history.is_empty() {
            lines.extend([String::new(), "History".to_owned()]);
            let entries = self.record.history.iter().flat_map(|event| event.entries.iter().map(move |e| (event, e)));
            lines.extend(entries.flat_map(|(event, entry)| history_lines(event, entry)));
        }
        lines.join("\n")
    }
}

/// What the process knows and waits for.
fn process_lines(process: &SupportCase, held: Option<&HeldMail>) -> Vec<String> {
    let mut lines = vec![format!("  kind          {}, answered in {}", process.kind.name(), process.language.as_str())];
    lines.extend(
        held.map(|held| format!("  held mail     {}, until {}", held.template.name(), seconds(held.not_before.0))),
    );
    lines.extend(process.facts.provider.as_ref().map(|answer| {
        let reference = answer.reference.as_deref().map(|text| format!("; reference {}", visible(text)));
        let evidence = answer.evidence.as_deref().map(|text| format!("; \"{}\"", visible(text)));
        format!(
            "  provider      {}{}{}",
            answer.state.name(),
            reference.unwrap_or_default(),
            evidence.unwrap_or_default()
        )
    }));
    if process.facts.third_party_wrote {
        lines.push("  third party   somebody wrote who is no recipient of the case".to_owned());
    }
    lines
}

fn history_json<'a>(event: &'a SupportEvent, entry: &'a HistoryEntry) -> HistoryJson<'a> {
    HistoryJson {
        at: millis(entry.at.0).iso8601(),
        by: &event.by,
        from: entry.from,
        to: entry.to,
        reason: entry.reason.code(),
        decided_by: &entry.decided_by,
        saw: &entry.saw,
        about: &event.ids,
        note: event.note.as_deref(),
    }
}

fn history_lines(event: &SupportEvent, entry: &HistoryEntry) -> Vec<String> {
    let words = step_words(event, entry);
    let rests: Vec<_> = std::iter::once(words.by).chain(words.about).collect();
    let mut lines = vec![format!("{}  {}  {}", utc(words.at), words.states, words.sentence)];
    lines.push(format!("{:<22}{}", "", rests.join("; ")));
    // Those of agents are printed on their own.
    let note = words.note.filter(|_| event.by.actor != Actor::Operator);
    lines.extend(note.map(|note| format!("{:<22}\"{}\"", "", visible(&note))));
    lines
}
