//! Support cases to test with: opened with their dispute, and moved by the real process.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::notification::Notification;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_store::{
    CaseFile, CommitOutcome, Direction, InboundOutcome, Message, MessageRole, OpenOutcome, Received, SupportCommit,
    SupportEvent, SupportSnapshot, Work, WorkKind,
};
use recourse_support::case::{Kind, Language, SupportCase};
use recourse_support::limits::{Limits, Setup};
use recourse_support::playbook::Playbooks;
use recourse_support::time::UnixSeconds;
use recourse_support::{Effect, Event, advance};

use crate::bench::Bench;
use crate::things::{NOW, opening, token, transaction};

fn setup() -> Setup {
    Setup { limits: Limits::shipped().unwrap(), max_model_calls: 0, has_provider: true }
}

/// The case that begins with a dispute, and its first entry.
pub(crate) fn begun(number: DisputeNumber, now: UnixMillis) -> (CaseFile, SupportEvent) {
    let support = SupportCase::new(Kind::Voucher, Language::english(), UnixSeconds(now.seconds()), &setup());
    let mut case = CaseFile::begin(number, Some(support));
    case.set_work(Some(Work { id: 0, kind: WorkKind::Opened, due: now }));
    (case, SupportEvent { version: 1, at: now, by: automation(), entries: Vec::new(), ids: Vec::new(), note: None })
}

fn automation() -> PerformedBy {
    PerformedBy { actor: Actor::Automation, name: "support".to_owned() }
}

/// What `event` makes of a case, as a commit. Its mails are left out.
pub(crate) fn stepped(snapshot: &SupportSnapshot, event: &Event, now: UnixMillis) -> SupportCommit {
    let mut commit = SupportCommit::of(snapshot);
    let before = commit.after.support.clone().unwrap();
    let step = advance(&before, event, UnixSeconds(now.seconds()), &setup(), &Playbooks::shipped().unwrap());
    let (mut entries, mut work) = (Vec::new(), None);
    for effect in step.effects {
        match effect {
            Effect::Record(entry) => entries.push(entry),
            Effect::AskProvider { attempt } => work = Some(Work { id: attempt, kind: WorkKind::Provider, due: now }),
            _ => {}
        }
    }
    commit.after.support = Some(step.case);
    commit.after.set_work(work);
    let version = commit.after.version;
    commit.event = Some(SupportEvent { version, at: now, by: automation(), entries, ids: Vec::new(), note: None });
    commit
}

/// A commit that adds a message of the customer and changes nothing else.
pub(crate) fn noted(snapshot: &SupportSnapshot, text: &str, now: UnixMillis) -> SupportCommit {
    let mut commit = SupportCommit::of(snapshot);
    commit.add_message(Message::new(Direction::In, MessageRole::Customer, text), now);
    commit
}

/// An object from the customer.
pub(crate) fn received(object: &str, message_id: &str) -> Received {
    let outcome = InboundOutcome { at: NOW, outcome: "recorded".to_owned(), number: None, class: "reply".to_owned() };
    Received {
        object_key: format!("inbound/{object}"),
        sender: "user@customer.example".to_owned(),
        message_id: message_id.to_owned(),
        outcome,
    }
}

/// A mail of the dispute, whatever it says.
pub(crate) fn notification(dispute: &Dispute) -> Notification {
    let opener = PerformedBy { actor: Actor::Opener, name: "iimm_prod_demo".to_owned() };
    dispute.notifications(&dispute.opened(opener), None).remove(0)
}

impl Bench {
    /// A dispute with its case, as they are in the tables.
    pub(crate) async fn case(&self, trxid: &str) -> DisputeNumber {
        self.case_opened(trxid, NOW).await
    }

    /// A dispute with its case that begins at `now`.
    pub(crate) async fn case_opened(&self, trxid: &str, now: UnixMillis) -> DisputeNumber {
        let paid = transaction(trxid, Status::Succesful);
        self.upsert(&paid).await;
        let mut opening = opening(&paid);
        opening.support = Some(begun(opening.dispute.number, now));
        assert!(matches!(self.store.open(&opening, &token(), now).await.unwrap(), OpenOutcome::Opened(_)));
        opening.dispute.number
    }

    pub(crate) async fn snapshot(&self, number: DisputeNumber) -> SupportSnapshot {
        self.store.support_snapshot(number).await.unwrap().unwrap()
    }

    pub(crate) async fn commit(&self, commit: &SupportCommit) -> CommitOutcome {
        self.store.commit_support(commit, &token(), NOW).await.unwrap()
    }

    /// Commits what must be written.
    pub(crate) async fn written(&self, commit: &SupportCommit) -> CaseFile {
        match self.commit(commit).await {
            CommitOutcome::Done(case) => *case,
            other => panic!("{other:?}"),
        }
    }
}
