//! A step of a case in the making: events of the support process, and what they write.

use recourse_dispute::dispute::Change;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_store::{StoreError, SupportCommit, SupportEvent, SupportSnapshot, Work, WorkKind};
use recourse_support::case::{Kind, Language, State, SupportCase};
use recourse_support::decision::HistoryEntry;
use recourse_support::event::{InFavourOf, ProviderAnswer};
use recourse_support::guard::{OnRecord, TransactionStatus};
use recourse_support::limits::Setup;
use recourse_support::reason::Reason;
use recourse_support::templates::TemplateId;
use recourse_support::time::UnixSeconds;
use recourse_support::{ComposedMail, Effect, Event, advance, compose};

use crate::input::{CaseInput, ModelOutcome};
use crate::playbooks::PlaybookEngine;
use crate::{CaseError, Casework};

/// A step in the making.
pub(crate) struct CommitBuilder<'a> {
    pub(crate) casework: &'a Casework,
    pub(crate) snapshot: &'a SupportSnapshot,
    pub(crate) now: UnixMillis,
    pub(crate) commit: SupportCommit,
    /// Who brings it about, for the history.
    pub(crate) by: PerformedBy,
    /// What it is about, for the history.
    pub(crate) ids: Vec<String>,
    /// What a model says for the agent.
    pub(crate) note: Option<String>,
    entries: Vec<HistoryEntry>,
    /// For whom the process closes the dispute, and why.
    pub(crate) closing: Option<(InFavourOf, Reason)>,
    /// The mail to the customer.
    pub(crate) mail: Option<ComposedMail>,
    /// The mail to the supervisors.
    pub(crate) supervisors: Option<ComposedMail>,
}

impl<'a> CommitBuilder<'a> {
    pub(crate) fn new(
        casework: &'a Casework,
        snapshot: &'a SupportSnapshot,
        input: &CaseInput<'_>,
        now: UnixMillis,
    ) -> Self {
        let (actor, name) = match *input {
            CaseInput::Opened => (Actor::Automation, "playbook"),
            CaseInput::Mail(_) => (Actor::Automation, "mail"),
            CaseInput::Due => (Actor::Clock, "time limit"),
            CaseInput::DisputeClosed => (Actor::Platform, "dispute"),
            CaseInput::Unreachable => (Actor::Automation, "bounce"),
            CaseInput::Provider { .. } => (Actor::Automation, "provider"),
            CaseInput::Model { .. } => (Actor::Automation, "model"),
            CaseInput::Agent { name, .. } => (Actor::Operator, name),
        };
        Self {
            casework,
            snapshot,
            now,
            commit: SupportCommit::of(snapshot),
            by: PerformedBy { actor, name: name.to_owned() },
            ids: Vec::new(),
            note: None,
            entries: Vec::new(),
            closing: None,
            mail: None,
            supervisors: None,
        }
    }

    /// The support process as it is by now.
    pub(crate) fn case(&self) -> Option<&SupportCase> {
        self.commit.after.support.as_ref()
    }

    pub(crate) fn seconds(&self) -> UnixSeconds {
        UnixSeconds(self.now.seconds())
    }

    /// A dispute that was closed since the last step ends its case first, whatever comes.
    pub(crate) fn catch_up(&mut self) {
        let dispute = &self.snapshot.dispute;
        let is_news = self.case().is_some_and(|case| case.dispute_open) && !dispute.state.is_open();
        if is_news {
            self.advance(&match dispute.closed_by {
                Some(Action::Refund) => Event::TransactionRefunded,
                Some(Action::Fail) => Event::TransactionFailed,
                _ => Event::DisputeEnded,
            });
        }
    }

    /// The process begins. What the report did not know is known here.
    pub(crate) fn opened(&mut self) {
        if self.commit.after.work.is_none_or(|work| work.kind != WorkKind::Opened) {
            return;
        }
        let (kind, language) = (self.kind(), self.language());
        if let Some(case) = &mut self.commit.after.support {
            (case.kind, case.language) = (kind, language);
        }
        self.commit.after.set_work(None);
        self.advance(&Event::Opened);
    }

    pub(crate) fn due(&mut self) {
        self.advance(&Event::TimeReached);
    }

    pub(crate) fn unreachable(&mut self) {
        if self.commit.after.waits_in_vain().is_some() {
            self.commit.after.unreachable_since = None;
            self.advance(&Event::CustomerUnreachable);
        }
    }

    pub(crate) fn provider(&mut self, work: u32, result: Result<&ProviderAnswer, &str>) {
        if !self.takes(WorkKind::Provider, work) {
            return;
        }
        self.ids.push(format!("provider attempt {work}"));
        match result {
            Ok(answer) => self.advance(&Event::ProviderAnswered(answer.clone())),
            Err(reason) => {
                self.ids.push(format!("provider: {reason}"));
                self.advance(&Event::ProviderUnreachable);
            }
        }
    }

    pub(crate) fn model(&mut self, work: u32, tokens: u64, outcome: ModelOutcome<'_>) {
        if !self.takes(WorkKind::Model, work) {
            return;
        }
        self.ids.extend([format!("model call {work}"), format!("{tokens} tokens")]);
        let guesses_language = self.snapshot.configuration.support.language.is_none();
        let id = self.casework.settings.model.as_ref().map_or("unknown", |model| &model.id);
        let event = match outcome {
            ModelOutcome::Decided(decision) => {
                self.note = Some(decision.summary.clone());
                decision.event(work, id, guesses_language)
            }
            ModelOutcome::Refused { code, is_unsure } => Event::ModelRefused { call: work, code, is_unsure },
            ModelOutcome::Failed(code) => {
                self.ids.push(format!("model: {code}"));
                Event::ModelFailed { call: work }
            }
        };
        self.advance(&event);
    }

    /// Takes the order whose result comes; whether the case still waits for it.
    fn takes(&mut self, kind: WorkKind, id: u32) -> bool {
        let waits = self.commit.after.waits_for(Work { id, kind, due: self.now });
        if waits {
            self.commit.after.set_work(None);
        }
        waits
    }

    /// What an event makes of the process. A case without the process stays as it is.
    pub(crate) fn advance(&mut self, event: &Event) {
        let Some(before) = self.commit.after.support.clone() else { return };
        let (setup, now, templates) = (self.setup(), self.seconds(), &self.casework.templates);
        let asked =
            PlaybookEngine { playbooks: &self.casework.playbooks, reads_replies: self.casework.settings.reads_replies };
        let mut done = advance(&before, event, now, &setup, &asked);
        // The dispute's own mail has told these two.
        let is_told = |template| matches!(template, TemplateId::TransactionRefunded | TemplateId::TransactionFailed);
        let orders = done.effects.len();
        done.effects.retain(|effect| !matches!(effect, Effect::SendMail(order) if is_told(order.template)));
        if done.effects.len() < orders {
            done.case.counters.automatic_mails = before.counters.automatic_mails;
            done.case.counters.last_automatic_mail_at = before.counters.last_automatic_mail_at;
        }
        done.case.held.take_if(|held| is_told(held.template));
        let record = Record::of(self.casework, self.snapshot);
        let hosts: Vec<&str> = record.hosts.iter().map(String::as_str).collect();
        let composed = compose(done, &record.before(&before, &hosts), templates, &setup, now);
        self.ids.extend(composed.violations.iter().map(|violation| format!("refused mail: {}", violation.code())));
        self.mail = composed.customer.or(self.mail.take());
        self.supervisors = composed.supervisors.or(self.supervisors.take());
        self.commit.after.support = Some(composed.step.case);
        for effect in composed.step.effects {
            match effect {
                Effect::Record(entry) => self.entries.push(entry),
                Effect::AskProvider { attempt } => self.order(WorkKind::Provider, attempt),
                Effect::AskModel { call } => self.order(WorkKind::Model, call),
                Effect::CloseDispute { in_favour_of, reason } => self.closing = Some((in_favour_of, reason)),
                // The first two are in the composed mails, and no decision is left open.
                Effect::SendMail(_) | Effect::MailSupervisors { .. } | Effect::Decide(_) => {}
            }
        }
    }

    fn order(&mut self, kind: WorkKind, id: u32) {
        self.commit.after.set_work(Some(Work { id, kind, due: self.now }));
    }

    fn setup(&self) -> Setup {
        let settings = &self.casework.settings;
        Setup {
            limits: settings.limits,
            max_model_calls: settings.model.as_ref().map_or(0, |model| model.max_calls),
            has_provider: has_provider(self.snapshot),
        }
    }

    fn kind(&self) -> Kind {
        kind_of(self.snapshot)
    }

    /// The language of the account's setting, where it has templates.
    pub(crate) fn language(&self) -> Language {
        let setting = self.snapshot.configuration.support.language.as_deref();
        let setting = setting.and_then(|tag| Language::parse(tag).ok());
        self.casework.templates.choose(setting.as_ref(), None)
    }

    /// The commit, where there is something to write.
    pub(crate) fn finish(mut self) -> Result<Option<SupportCommit>, CaseError> {
        if self.commit.change.is_none() {
            self.commit.change = self.closing.map(|(side, reason)| self.closed(side, reason)).transpose()?;
        }
        self.send();
        if let Some(case) = self.case() {
            let stands = |work: &Work| match work.kind {
                WorkKind::Opened => case.state == State::New && case.counters.decisions == 0,
                WorkKind::Provider => case.state == State::WaitingForProvider,
                WorkKind::Model => case.model_pending && case.counters.model_calls == work.id,
            };
            if !self.commit.after.work.as_ref().is_none_or(stands) {
                self.commit.after.set_work(None);
            }
        }
        let Self { snapshot, now, mut commit, by, ids, note, entries, .. } = self;
        let is_same = snapshot.case.as_ref().is_some_and(|case| {
            (&case.support, &case.work, &case.claimed_until, &case.announced_at)
                == (&commit.after.support, &commit.after.work, &commit.after.claimed_until, &commit.after.announced_at)
        });
        let is_written = commit.received.is_some()
            || commit.change.is_some()
            || !(commit.messages.is_empty() && commit.mails.is_empty() && entries.is_empty())
            || note.is_some()
            || (snapshot.case.is_some() && !is_same);
        if !is_written {
            return Ok(None);
        }
        let version = commit.after.version;
        // What a person does is in the history, also of a case without the process.
        let is_recorded = commit.after.support.is_some() || by.actor == Actor::Operator;
        commit.event = is_recorded.then_some(SupportEvent { version, at: now, by, entries, ids, note });
        Ok(Some(commit))
    }

    /// The end of the dispute that the process brings about.
    fn closed(&self, side: InFavourOf, reason: Reason) -> Result<Change, StoreError> {
        let name = match reason {
            Reason::CustomerSaysWorks => "customer",
            Reason::ProviderFailed => "provider",
            _ => "support",
        };
        let dispute = &self.snapshot.dispute;
        let change = dispute.closed_by_automation(action(side), name, reason.sentence(), self.now);
        let what = "the support process closes a dispute that it may not close";
        change.ok_or_else(|| StoreError::invariant(what, dispute.number.case_id()))
    }
}

/// How a dispute is closed for a side.
pub(crate) fn action(side: InFavourOf) -> Action {
    match side {
        InFavourOf::Customer => Action::CloseForCustomer,
        InFavourOf::Merchant => Action::CloseForMerchant,
    }
}

/// What was bought.
pub(crate) fn kind_of(snapshot: &SupportSnapshot) -> Kind {
    snapshot.transaction.as_ref().map(|transaction| transaction.kind).unwrap_or_default()
}

/// Whether there is somebody to ask about the transaction.
pub(crate) fn has_provider(snapshot: &SupportSnapshot) -> bool {
    let kind = kind_of(snapshot);
    let provider = snapshot.configuration.support.provider(snapshot.dispute.facts.product.as_deref(), kind);
    provider.is_some() && snapshot.provider_secret.is_some()
}

/// What is on record of a case, as the rules for mails compare it.
pub(crate) struct Record<'a> {
    snapshot: &'a SupportSnapshot,
    case_id: String,
    amount: String,
    /// The hosts that a mail may name: those of the deployment's own addresses.
    pub(crate) hosts: Vec<String>,
}

impl<'a> Record<'a> {
    pub(crate) fn of(casework: &Casework, snapshot: &'a SupportSnapshot) -> Self {
        let own = [&casework.settings.support_address, &casework.settings.mail_from];
        let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
        Self {
            snapshot,
            case_id: snapshot.dispute.number.case_id(),
            amount: snapshot.dispute.facts.amount.grouped(),
            hosts: own.into_iter().flatten().filter_map(|address| domain(address.as_str())).collect(),
        }
    }

    /// The record of the case as it was `before` a mail is ordered.
    pub(crate) fn before<'b>(&'b self, before: &'b SupportCase, hosts: &'b [&'b str]) -> OnRecord<'b> {
        let facts = &self.snapshot.dispute.facts;
        let status = self.snapshot.transaction.as_ref().map(|transaction| transaction.status);
        OnRecord {
            case: before,
            case_id: &self.case_id,
            refid: facts.refid.as_str(),
            trxid: facts.trxid.as_str(),
            product: facts.product.as_deref(),
            amount: Some(&self.amount),
            transaction: match status {
                Some(Status::Refund) => TransactionStatus::Refund,
                Some(Status::Failed) => TransactionStatus::Failed,
                Some(Status::Succesful) => TransactionStatus::Succesful,
                Some(Status::Accepted | Status::Processing) | None => TransactionStatus::Open,
            },
            allowed_hosts: hosts,
            others: &[],
            last_mail_at: before.counters.last_automatic_mail_at,
            mails_before: before.counters.automatic_mails,
        }
    }
}
