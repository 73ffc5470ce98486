//! The support part of the sweep: cases with something to do.
//!
//! Cases are read strongly consistently, some at a time, and each makes one step: a time that was
//! reached, the end of its dispute, or the result of a question to the provider or the model. The
//! step is decided on what was read, and begins again where the case was changed since. A question
//! is claimed first, so that one worker alone asks it, and its result is written only while the
//! case still waits for it. What a step makes due is done by the next pass of the same sweep.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use recourse_casework::{CaseError, CaseInput, Casework};
use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_model::Bedrock;
use recourse_provider::Client;
use recourse_runtime::NoRandomness;
use recourse_store::{Cursor, ReviseSupportOutcome, Sealer, StoreError, SupportSnapshot, WorkKind};
use recourse_support::case::State;
use recourse_support::decision::DecidedBy;

use super::{AT_A_TIME, Expire, PAGE};
use crate::unpanicked::unpanicked;
use crate::{CurrentCasework, NoCasework};

/// How long a question is claimed: more than a provider or the model takes, with the writing of
/// the result.
const LEASE_MS: i64 = 45_000;
/// How many cases are read at once. A case that is read long before its step may have changed.
const READ_AT_ONCE: usize = 20;
/// How often one sweep looks for what its own steps made due.
const MAX_PASSES: u32 = 5;

/// What the support part needs besides the store.
pub struct Support {
    /// Decides what happens to a case.
    pub casework: CurrentCasework,
    /// Decrypts the secrets for requests to providers.
    pub sealer: Sealer,
    /// Asks providers.
    pub provider: Client,
    /// Asks the model, where there is one.
    pub model: Option<Bedrock>,
}

impl std::fmt::Debug for Support {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let has_model = self.model.is_some();
        out.debug_struct("Support").field("has_model", &has_model).finish_non_exhaustive()
    }
}

/// The results of a sweep's support part, and what its questions came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) stepped: u64,
    pub(super) escalated: u64,
    pub(super) failed: u64,
    pub(super) left: u64,
    pub(super) provider_asked: u64,
    pub(super) provider_failed: u64,
    pub(super) model_calls: u64,
    pub(super) model_tokens: u64,
    pub(super) model_refused: u64,
    /// How late the case is that has been due for longest, where the index was asked.
    pub(super) late_ms: Option<u64>,
}

impl Tally {
    fn join(&mut self, other: Self) {
        self.stepped += other.stepped;
        self.escalated += other.escalated;
        self.failed += other.failed;
        self.left += other.left;
        self.provider_asked += other.provider_asked;
        self.provider_failed += other.provider_failed;
        self.model_calls += other.model_calls;
        self.model_tokens += other.model_tokens;
        self.model_refused += other.model_refused;
        self.late_ms = self.late_ms.max(other.late_ms);
    }
}

/// Why a case made no step, or none could.
#[derive(Debug, thiserror::Error)]
pub enum SupportTrouble {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The entropy.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The step was refused.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// What decides about cases.
    #[error(transparent)]
    Casework(#[from] NoCasework),
}

impl Expire {
    /// Does all that is due of support cases, until the time is up or nothing moves any more. A
    /// case that fails is left for the next sweep.
    ///
    /// # Errors
    /// [`SupportTrouble`] where it could not read what is due, or has no playbooks.
    pub(super) async fn sweep_support(&self, until: UnixMillis, all: &mut Tally) -> Result<(), SupportTrouble> {
        let Some(support) = &self.support else { return Ok(()) };
        let mut failed = BTreeSet::new();
        for _ in 0..MAX_PASSES {
            let stepped = all.stepped;
            self.pass(support, until, all, &mut failed).await?;
            if all.stepped == stepped || self.context.now() >= until {
                break;
            }
        }
        Ok(())
    }

    async fn pass(
        &self,
        support: &Support,
        until: UnixMillis,
        all: &mut Tally,
        failed: &mut BTreeSet<DisputeNumber>,
    ) -> Result<(), SupportTrouble> {
        let mut cursor = Cursor::support(self.context.now());
        while !cursor.is_over() && self.context.now() < until {
            let mut due = self.store.overdue(&mut cursor, PAGE).await?;
            let late = due.iter().map(|due| self.context.since(due.since)).max();
            all.late_ms = all.late_ms.max(Some(late.unwrap_or_default()));
            due.retain(|due| !failed.contains(&due.number));
            if due.is_empty() {
                continue;
            }
            let casework = &*support.casework.current(self.context.now()).await?;
            let numbers: Vec<DisputeNumber> = due.iter().map(|due| due.number).collect();
            for numbers in numbers.chunks(READ_AT_ONCE) {
                self.some_cases(support, casework, numbers, until, all, failed).await;
            }
        }
        Ok(())
    }

    /// Reads some cases at once, and does a step of each.
    async fn some_cases(
        &self,
        support: &Support,
        casework: &Casework,
        numbers: &[DisputeNumber],
        until: UnixMillis,
        all: &mut Tally,
        failed: &mut BTreeSet<DisputeNumber>,
    ) {
        if self.context.now() >= until {
            all.left += numbers.len() as u64;
            return;
        }
        let snapshots = match self.store.support_snapshots(numbers).await {
            Ok(snapshots) => snapshots,
            Err(error) => {
                let cases = numbers.len();
                tracing::error!(cases, error = %error, "support cases could not be read");
                all.failed += cases as u64;
                failed.extend(numbers);
                return;
            }
        };
        let one = |(number, read)| async move { (number, self.one_case(support, casework, number, read, until).await) };
        let mut work = stream::iter(snapshots).map(one).buffer_unordered(AT_A_TIME);
        while let Some((number, tally)) = work.next().await {
            if tally.failed > 0 {
                failed.insert(number);
            }
            all.join(tally);
        }
    }

    async fn one_case(
        &self,
        support: &Support,
        casework: &Casework,
        number: DisputeNumber,
        read: Result<SupportSnapshot, StoreError>,
        until: UnixMillis,
    ) -> Tally {
        let mut tally = Tally::default();
        if self.context.now() >= until {
            tally.left = 1;
            return tally;
        }
        let dispute = number.case_id();
        let step = async { self.step_case(support, casework, read?, &mut tally).await };
        match unpanicked(step).await {
            Ok(Ok(())) => {}
            Ok(Err(trouble)) => {
                tracing::error!(dispute, error = %trouble, "a support case could not be processed");
                tally.failed = 1;
            }
            Err(_) => {
                tracing::error!(dispute, "the work on a support case panicked");
                tally.failed = 1;
            }
        }
        tally
    }

    async fn step_case(
        &self,
        support: &Support,
        casework: &Casework,
        snapshot: SupportSnapshot,
        tally: &mut Tally,
    ) -> Result<(), SupportTrouble> {
        let Some(case) = &snapshot.case else { return Ok(()) };
        let Some(process) = &case.support else { return Ok(()) };
        let now = self.context.now();
        if process.dispute_open && !snapshot.dispute.state.is_open() {
            return self.apply(casework, snapshot, &CaseInput::DisputeClosed, tally).await;
        }
        if case.claimed_until.is_none() && case.waits_in_vain().is_some() {
            return self.unreachable(casework, snapshot, tally).await;
        }
        // A question that was claimed in vain does not hold the case back from its time limit.
        let is_over = process.limit_at.is_some_and(|limit| limit.0 <= now.seconds());
        let work = case.claimable(now).filter(|_| case.claimed_until.is_none() || !is_over);
        match work.map(|work| work.kind) {
            Some(WorkKind::Opened) => self.apply(casework, snapshot, &CaseInput::Opened, tally).await,
            Some(WorkKind::Provider | WorkKind::Model) => self.ask(support, casework, snapshot, tally).await,
            None if case.due().is_some_and(|due| due <= now) => {
                self.apply(casework, snapshot, &CaseInput::Due, tally).await
            }
            None => Ok(()),
        }
    }

    /// A case that waits for a customer whom no mail reached goes to a person, unless an operator
    /// has let an address of the customer be mailed again since.
    async fn unreachable(
        &self,
        casework: &Casework,
        snapshot: SupportSnapshot,
        tally: &mut Tally,
    ) -> Result<(), SupportTrouble> {
        let named: Vec<&MailAddress> = snapshot.dispute.recipients.iter().flat_map(Recipients::named).collect();
        if self.store.are_all_marked(&named).await? {
            return self.apply(casework, snapshot, &CaseInput::Unreachable, tally).await;
        }
        let (number, tokens) = (snapshot.dispute.number, self.context.write_tokens()?);
        if self.store.note_reachable(number, self.context.now(), tokens).await? {
            tracing::info!(dispute = number.case_id(), "mail reaches the customer of a case again");
            tally.stepped += 1;
        }
        Ok(())
    }

    /// Claims the question of a case, asks it, and writes what came of it.
    async fn ask(
        &self,
        support: &Support,
        casework: &Casework,
        mut snapshot: SupportSnapshot,
        tally: &mut Tally,
    ) -> Result<(), SupportTrouble> {
        let token = self.context.write_token()?;
        let Some(work) = self.store.claim_work(&mut snapshot, LEASE_MS, &token, self.context.now()).await? else {
            return Ok(());
        };
        match work.kind {
            // A case that begins asks nobody.
            WorkKind::Opened => Ok(()),
            WorkKind::Provider => {
                let order = casework.provider_order(&snapshot, work);
                let answer = self.ask_provider(support, order, &snapshot, tally).await?;
                let result = answer.as_ref().map_err(String::as_str);
                self.apply(casework, snapshot, &CaseInput::Provider { work: work.id, result }, tally).await
            }
            WorkKind::Model => {
                let answer = self.ask_model(support, casework, &snapshot, work, tally).await?;
                let input = CaseInput::Model { work: work.id, tokens: answer.tokens(), outcome: answer.outcome() };
                self.apply(casework, snapshot, &input, tally).await
            }
        }
    }

    /// Writes what an input makes of a case, if it makes anything.
    async fn apply(
        &self,
        casework: &Casework,
        snapshot: SupportSnapshot,
        input: &CaseInput<'_>,
        tally: &mut Tally,
    ) -> Result<(), SupportTrouble> {
        let dispute = snapshot.dispute.number.case_id();
        let (mut from, mut decided_by) = (None, None);
        let tokens = self.context.write_tokens()?;
        let decide = async |snapshot: &SupportSnapshot, now| -> Result<_, SupportTrouble> {
            from = snapshot.case.as_ref().and_then(|case| case.support.as_ref()).map(|support| support.state);
            let commit = casework.decide(snapshot, input, now)?;
            let event = commit.as_ref().and_then(|commit| commit.event.as_ref());
            decided_by = event.and_then(|event| event.entries.last()).map(|entry| name(&entry.decided_by));
            if commit.as_ref().is_some_and(|commit| casework.is_unattended(commit)) {
                tracing::error!(
                    alarm = "support_unattended",
                    dispute,
                    "a case has waited too long for an agent, and no supervisor is configured"
                );
            }
            Ok(self.store.with_parties(commit).await?)
        };
        let revised = Box::pin(self.store.revise_support_from(snapshot, decide, || self.context.now(), tokens)).await?;
        if let ReviseSupportOutcome::Written(case) = revised
            && let Some(support) = &case.support
        {
            let (to, reason) = (support.state, support.reason.code());
            tally.stepped += 1;
            tally.escalated += u64::from(to == State::WaitingForAgent && from != Some(to));
            let (from, to) = (from.map(State::name), to.name());
            tracing::info!(dispute, from, to, reason, decided_by, "support");
        }
        Ok(())
    }
}

/// What the log calls who decided.
fn name(by: &DecidedBy) -> &'static str {
    match by {
        DecidedBy::Playbook { .. } => "playbook",
        DecidedBy::Model(_) => "model",
        DecidedBy::Agent(_) => "agent",
        DecidedBy::Customer => "customer",
        DecidedBy::Provider => "provider",
        DecidedBy::TimeLimit => "time_limit",
        DecidedBy::Platform => "platform",
        DecidedBy::Limits => "limits",
    }
}
