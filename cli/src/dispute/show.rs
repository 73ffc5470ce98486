//! `recourse dispute show`: a dispute with its history and its mails.

use clap::Args;
use recourse_dispute::channel::Channel;
use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::channels::tutelar::details::{DisputeDetails, DueDate};
use recourse_dispute::claim::EvidenceFile;
use recourse_dispute::environment::Environment;
use recourse_dispute::lifecycle::{Category, State};
use recourse_dispute::money::Money;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_operations::{Decisive, SupportView, labels};
use recourse_store::{CaseRecord, DisputeRecord, Store};
use serde::Serialize;

use super::find::{case_record, find};
use super::timeline::{Addresses, TimelineJson, timeline, to_json};
use super::{WHICH, Which};
use crate::ending::{Ending, Failure};
use crate::output::{Format, utc, visible};
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse dispute show rc-0000008t
  recourse dispute show --refid 123456 --account acct_demo
  recourse dispute show 50001 --json --addresses";

/// Show a dispute: what happens next, its history and its mails
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{WHICH}"))]
pub(crate) struct Show {
    #[command(flatten)]
    which: Which,
    /// Print mail addresses, and the names in a dispute's details
    #[arg(long)]
    addresses: bool,
    #[command(flatten)]
    format: Format,
}

/// A dispute, its transaction's status and its related disputes.
struct View<'a> {
    record: &'a DisputeRecord,
    /// The transaction's status now; `None` where the transaction is missing.
    status: Option<Status>,
    /// The dispute that holds the transaction's active-dispute lock.
    active: Option<DisputeNumber>,
    others: &'a [DisputeNumber],
    /// How its support case stands, if it has one.
    support: Option<SupportView>,
    now: UnixMillis,
}

/// A dispute for a program. Times are ISO 8601, amounts decimal.
#[derive(Serialize)]
struct DisputeJson<'a> {
    case_id: String,
    number: DisputeNumber,
    tutelar_id: String,
    version: u64,
    channel: Channel,
    opener: &'a str,
    environment: Environment,
    category: Category,
    state: State,
    state_since: String,
    /// As the Arbiter API shows it.
    status: Option<&'static str>,
    #[serde(flatten)]
    decisive: Decisive<'a>,
    /// How its support case stands; `recourse case show` has the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    support: Option<&'a SupportView>,
    opened_at: String,
    amount: String,
    currency: &'static str,
    transaction: TransactionJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a DisputeDetails>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<FileJson<'a>>,
    timeline: Vec<TimelineJson<'a>>,
    other_disputes: Vec<String>,
}

#[derive(Serialize)]
struct TransactionJson<'a> {
    trxid: &'a str,
    account: &'a str,
    refid: &'a str,
    status: Option<&'static str>,
    product: Option<&'a str>,
    amount: String,
    currency: &'static str,
    occurred_at: String,
}

/// A file of evidence by its key in the bucket, without its file name, which may name somebody.
#[derive(Serialize)]
struct FileJson<'a> {
    id: String,
    key: String,
    media: &'a str,
    size: u64,
    sha256: &'a str,
    at: String,
}

impl<'a> FileJson<'a> {
    fn of(file: &'a EvidenceFile) -> Self {
        Self {
            id: file.id.to_string(),
            key: key(file),
            media: &file.media,
            size: file.size,
            sha256: &file.sha256,
            at: file.at.iso8601(),
        }
    }
}

impl Show {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let found = find(store, &self.which).await?;
        let (now, CaseRecord { record, case, .. }) = (system::now(), case_record(store, found.dispute.number).await?);
        let facts = &record.dispute.facts;
        let transaction = store.transaction_record(facts.environment, &facts.trxid).await?;
        let view = View {
            record: &record,
            status: transaction.as_ref().map(|record| record.transaction.status),
            active: transaction.and_then(|record| record.live).map(|active| active.number),
            others: &found.others,
            support: case.and_then(|case| SupportView::of(&case, &record.dispute, now)),
            now,
        };
        let addresses = if self.addresses { Addresses::Shown } else { Addresses::Counted };
        self.format.print(&view.to_json(addresses), || view.text(addresses))?;
        Ok(Ending::Done)
    }
}

impl View<'_> {
    fn text(&self, addresses: Addresses) -> String {
        let dispute = &self.record.dispute;
        let facts = &dispute.facts;
        let status = self.status.map_or("missing", Status::name);
        let environment = match facts.environment {
            Environment::Production => "production",
            Environment::Staging => "staging: no workflow, no mail",
        };
        let mut lines = vec![
            format!(
                "{}  {}, since {}",
                dispute.number.case_id(),
                labels::state(dispute.state),
                utc(dispute.state_since)
            ),
            String::new(),
            format!("  also called   {}, {}", dispute.number, dispute.number.tutelar_id()),
            format!(
                "  opened        {} through the {} API by {} ({environment})",
                utc(dispute.opened_at),
                dispute.channel.name(),
                dispute.opener
            ),
            format!(
                "  category      {}{}",
                dispute.category,
                self.shown_status().map(|status| format!(", status {status}")).unwrap_or_default()
            ),
            format!("  disputed      {} of {}", amount(dispute.amount), amount(facts.amount)),
            format!(
                "  transaction   {}, {status}; refid {} of {}; {}",
                facts.trxid,
                visible(facts.refid.as_str()),
                facts.account,
                utc(facts.occurred_at)
            ),
        ];
        lines.extend(facts.product.as_deref().map(|product| format!("  product       {}", visible(product))));
        lines.extend(self.decisive().rows(dispute).into_iter().map(|(name, fact)| format!("  {name:<14}{fact}")));
        lines.extend(self.support.as_ref().map(|support| {
            format!("  support       {}; `recourse case show {}`", support.line(), dispute.number.case_id())
        }));
        lines.extend(details(&dispute.details));
        let evidence = dispute.claim.evidence.iter();
        lines
            .extend(evidence.map(|file| format!("  evidence      {}, {} bytes, {}", key(file), file.size, file.media)));
        if !self.others.is_empty() {
            lines.push(format!("  also about it {}", self.others().join(", ")));
        }
        lines.push(String::new());
        lines.extend(timeline(self.record).into_iter().flat_map(|entry| super::timeline::lines(entry, addresses)));
        lines.join("\n")
    }

    fn decisive(&self) -> Decisive<'_> {
        Decisive::of(&self.record.dispute, self.active, self.now)
    }

    fn shown_status(&self) -> Option<&'static str> {
        arbiter_status(self.record.dispute.state, self.record.dispute.category)
    }

    fn to_json(&self, addresses: Addresses) -> DisputeJson<'_> {
        let dispute = &self.record.dispute;
        let facts = &dispute.facts;
        DisputeJson {
            case_id: dispute.number.case_id(),
            number: dispute.number,
            tutelar_id: dispute.number.tutelar_id(),
            version: dispute.version,
            channel: dispute.channel,
            opener: dispute.opener.as_str(),
            environment: facts.environment,
            category: dispute.category,
            state: dispute.state,
            state_since: dispute.state_since.iso8601(),
            status: self.shown_status(),
            decisive: self.decisive(),
            support: self.support.as_ref(),
            opened_at: dispute.opened_at.iso8601(),
            amount: dispute.amount.decimal(),
            currency: dispute.amount.currency().code(),
            transaction: TransactionJson {
                trxid: facts.trxid.as_str(),
                account: facts.account.as_str(),
                refid: facts.refid.as_str(),
                status: self.status.map(Status::name),
                product: facts.product.as_deref(),
                amount: facts.amount.decimal(),
                currency: facts.amount.currency().code(),
                occurred_at: facts.occurred_at.iso8601(),
            },
            // Details name the customer and the merchant, as addresses do.
            details: Some(&dispute.details).filter(|details| addresses == Addresses::Shown && !details.is_empty()),
            evidence: dispute.claim.evidence.iter().map(FileJson::of).collect(),
            timeline: timeline(self.record).into_iter().map(|entry| to_json(entry, addresses)).collect(),
            other_disputes: self.others(),
        }
    }

    fn others(&self) -> Vec<String> {
        self.others.iter().map(|other| other.case_id()).collect()
    }
}

/// The details that name nobody.
fn details(details: &DisputeDetails) -> Option<String> {
    let due = details.due.map(|due| match due {
        DueDate::In(days) => format!("due in {days} days"),
        DueDate::On(day) => format!("due on {day}"),
    });
    let named = |what: &str, text: &Option<String>| text.as_deref().map(|text| format!("{what} {}", visible(text)));
    let known = [
        named("type", &details.dispute_type),
        named("reason", &details.reason_code),
        named("bank", &details.acquirer_bank),
        details.internal_due.map(|day| format!("to be resolved by {day}")),
        due,
    ];
    let known: Vec<_> = known.into_iter().flatten().collect();
    (!known.is_empty()).then(|| format!("  details       {}", known.join(", ")))
}

/// The key of a file in the bucket of evidence.
fn key(file: &EvidenceFile) -> String {
    format!("evidence/{}", file.object)
}

fn amount(money: Money) -> String {
    format!("{} {}", money.decimal(), money.currency().code())
}

#[cfg(test)]
mod tests;
