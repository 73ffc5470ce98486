//! Erasing a person by a mail address.
//!
//! First everything is read: the cases, what each has of the person, and the received mails of
//! others that mention the person. Then the cases are written down, and only then is anything
//! erased. So a run that breaks off knows its cases the next time, although no search finds them
//! any more. Two who give the same order at once carry on one run, and what was read before another
//! run ended is read anew. So there is one certificate, of all that was erased.
//!
//! Of each case the objects go first and the items that name them after that. So no object is left
//! that nothing names.

mod certificate;

use std::collections::{BTreeMap, BTreeSet};

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::ids::AccountId;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_files::{Files, FilesError, ObjectPrefix};
use recourse_inbound::{limits, mentions};
use recourse_store::{
    AuditContext, CasePlan, ErasedCase, ErasedKind, Erasure, FinishOutcome, RecountOutcome, ScrubOutcome, Store,
    StoreError, WriteToken,
};

pub use certificate::{Certificate, CertificateCase};

/// How often a case is read and changed at most, and how often all cases are read. Each time,
/// somebody else has to have changed something meanwhile.
const MAX_ROUNDS: usize = 10;

/// How much one call does, where it must end in time. The same order goes on with the next call.
#[derive(Clone, Copy, Debug)]
pub struct ForgetBatch {
    /// How many cases it erases at most.
    pub cases: usize,
    /// After this time it begins with no further case.
    pub until: UnixMillis,
    /// As many cases the call before it has written down; 0 where there was none. They are not
    /// searched for again.
    pub noted: usize,
}

/// Whom to erase.
#[derive(Clone, Debug)]
pub struct ForgetOrder<'a> {
    /// The address.
    pub email: &'a MailAddress,
    /// Who orders it, when and why.
    pub audit: &'a AuditContext,
    /// Cases to look at besides those that a search finds by the address.
    pub cases: &'a [DisputeNumber],
    /// Whether cases that still go on are included. An erasure that is carried on keeps what was
    /// said first.
    pub live: bool,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
    /// What makes the address that stands for the erased one.
    pub random: u64,
    /// How much of it is done now; all of it without one.
    pub batch: Option<ForgetBatch>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgetProgress {
    /// Reading a case.
    Reading {
        /// Which one, from 1.
        place: usize,
        /// Of how many.
        all: usize,
        /// The case.
        number: DisputeNumber,
    },
    /// Erasing what a case has.
    Erasing {
        /// Which one, from 1.
        place: usize,
        /// Of how many.
        all: usize,
        /// The case.
        number: DisputeNumber,
    },
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum ForgetOutcome {
    /// Nothing is stored of the person. The certificates of earlier erasures, oldest first.
    Nothing(Vec<Certificate>),
    /// What would be erased.
    Planned(Certificate),
    /// Some of it is erased, and the same order goes on.
    Unfinished {
        /// How many cases are erased.
        done: usize,
        /// How many cases are written down.
        noted: usize,
    },
    /// All of it is erased.
    Erased(Certificate),
}

/// Why nothing, or not all, was erased.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    /// The store failed. The same order goes on where it was.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// S3 failed. The same order goes on where it was.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The address is that of an account, or of a party of a dispute.
    #[error("the address is the registered one of an account")]
    Registered(DisputeNumber),
    /// The address is that of an operator.
    #[error("the address is that of an operator")]
    Operator,
    /// The reason has the address in it, and the certificate has the reason.
    #[error("the reason must not have the address in it")]
    NamedInReason,
    /// These cases still go on.
    #[error("{} cases of the person still go on", .0.len())]
    Live(Vec<DisputeNumber>),
    /// There are so many cases that one call cannot look at all of them, which comes first.
    #[error("the address is in {0} cases, which are more than can be looked at at once")]
    TooMany(usize),
    /// There is no such case.
    #[error("there is no case {}", .0.case_id())]
    NoCase(DisputeNumber),
    /// So many mails of this case are being sent at this moment. The same order goes on.
    #[error("{mails} mails of case {} are being sent at this moment", .number.case_id())]
    Busy {
        /// Which case.
        number: DisputeNumber,
        /// How many mails.
        mails: u64,
    },
    /// Others changed the case in every round. The same order goes on.
    #[error("case {} was changed by others in each of {MAX_ROUNDS} rounds", .0.case_id())]
    Contention(DisputeNumber),
    /// Others ended an erasure of the address, or wrote down a case of it, as often as there was
    /// time to read it anew. The same order goes on.
    #[error("others erase the same address at the same time")]
    Overtaken,
}

/// The received mails of others in one case: which were looked at, which mention the person, and
/// which are not there any more. A run that broke off may have deleted those.
#[derive(Debug, Default)]
struct OfOthers {
    seen: BTreeSet<String>,
    mentioning: BTreeSet<String>,
    gone: BTreeSet<String>,
}

/// What an order works with.
struct Run<'a> {
    store: &'a Store,
    files: &'a Files,
    email: &'a MailAddress,
    alias: MailAddress,
}

/// Erases a person, or says what would be erased. An order that broke off is carried on by the same
/// order, whoever gives it.
///
/// # Errors
/// [`ForgetError`].
pub async fn forget(
    store: &Store,
    files: &Files,
    order: &ForgetOrder<'_>,
    clock: impl Fn() -> UnixMillis,
    mut token: impl FnMut() -> WriteToken,
    mut progress: impl FnMut(ForgetProgress),
) -> Result<ForgetOutcome, ForgetError> {
    for round in 0..MAX_ROUNDS {
        match Box::pin(attempt(store, files, order, &clock, &mut token, &mut progress)).await {
            Ok(Some(outcome)) => return Ok(outcome),
            Ok(None) => {}
            // The first round took the time, and may have erased something.
            Err(ForgetError::TooMany(_)) if round > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Err(ForgetError::Overtaken)
}

/// `None` where somebody else ended an erasure of the address, or added to it, since this one read
/// what there is.
async fn attempt(
    store: &Store,
    files: &Files,
    order: &ForgetOrder<'_>,
    clock: &impl Fn() -> UnixMillis,
    token: &mut impl FnMut() -> WriteToken,
    progress: &mut impl FnMut(ForgetProgress),
) -> Result<Option<ForgetOutcome>, ForgetError> {
    let ForgetOrder { email, audit, .. } = *order;
    if audit.why.as_ref().is_some_and(|why| why.to_lowercase().contains(&email.as_str().to_lowercase())) {
        return Err(ForgetError::NamedInReason);
    }
    if store.operator(email).await?.is_some_and(|operator| operator.is_active()) {
        return Err(ForgetError::Operator);
    }
    let earlier = store.erasures(email).await?;
    let alias =
        earlier.running.as_ref().map_or_else(|| MailAddress::erased(order.random), |(run, _)| run.alias.clone());
    let mut run = Run { store, files, email, alias };
    if let (Some(batch), Some((erasure, cases))) = (order.batch, &earlier.running)
        && batch.noted > 0
        && cases.len() >= batch.noted
    {
        let work = Work {
            erasure: erasure.clone(),
            cases: cases.iter().filter(|case| !case.done).cloned().collect(),
            of_others: BTreeMap::new(),
            noted: cases.iter().map(|case| case.number).collect(),
            done: cases.iter().filter(|case| case.done).map(|case| case.number).collect(),
        };
        return Box::pin(run.carry_out(work, order, clock, token, progress)).await;
    }
    let known = earlier.running.iter().flat_map(|(_, cases)| cases).map(|case| case.number);
    let found = store.disputes_of_address(email).await?;
    let numbers: BTreeSet<_> =
        found.into_iter().chain(known).chain(order.cases.iter().copied()).chain([DisputeNumber::NO_CASE]).collect();

    let (mut cases, mut of_others, mut live) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (place, number) in (1..).zip(&numbers) {
        if order.batch.is_some_and(|batch| clock() >= batch.until) {
            return Err(ForgetError::TooMany(numbers.len()));
        }
        progress(ForgetProgress::Reading { place, all: numbers.len(), number: *number });
        let plan = Box::pin(run.plan(*number)).await?;
        if let Some(dispute) = plan.dispute() {
            run.check_registered(dispute).await?;
        } else if order.cases.contains(number) {
            return Err(ForgetError::NoCase(*number));
        }
        let mut others = OfOthers::default();
        run.read_others(&plan, &mut others).await?;
        let mut found = plan.found(clock())?;
        if !others.mentioning.is_empty() {
            let some = u64::try_from(others.mentioning.len()).unwrap_or(u64::MAX);
            *found.entry(ErasedKind::ReceivedMail).or_default() += some;
        }
        if plan.is_live() && !found.is_empty() {
            live.push(*number);
        }
        of_others.insert(*number, others);
        cases.push(ErasedCase { number: *number, found, id_stays: plan.ids_have_the_address(), done: false });
    }
    // An erasure that is carried on does what was ordered first, as its certificate says.
    let with_live = earlier.running.as_ref().map_or(order.live, |(run, _)| run.live);
    if !live.is_empty() && !with_live && !order.dry_run {
        return Err(ForgetError::Live(live));
    }
    if cases.iter().all(|case| case.found.is_empty()) && earlier.running.is_none() {
        let certificates = earlier.certificates.into_iter();
        let certificates = certificates.map(|(run, cases)| Certificate::of(&run, cases));
        return Ok(Some(ForgetOutcome::Nothing(certificates.collect())));
    }
    if order.dry_run {
        cases.retain(|case| !case.found.is_empty());
        return Ok(Some(ForgetOutcome::Planned(Certificate::planned(email, order, cases, &live))));
    }

    let begun = store.begin_erasure(email, &earlier, (audit, order.live), &run.alias, &mut *token).await?;
    let Some(erasure) = begun else { return Ok(None) };
    run.alias = erasure.alias.clone();
    for case in cases.iter().filter(|case| !case.found.is_empty()) {
        if !store.note_erased_case(&erasure, case, &mut *token).await? {
            return Ok(None);
        }
    }
    let before = earlier.running.map(|(_, cases)| cases).unwrap_or_default();
    let to_erase: BTreeSet<_> = cases.iter().filter(|case| !case.found.is_empty()).map(|case| case.number).collect();
    let done = before.iter().filter(|case| case.done).map(|case| case.number);
    let done = done.filter(|number| !to_erase.contains(number)).collect();
    let noted = before.iter().map(|case| case.number).chain(to_erase).collect();
    Box::pin(run.carry_out(Work { erasure, cases, of_others, noted, done }, order, clock, token, progress)).await
}

/// What is left to do once the cases are written down.
struct Work {
    erasure: Erasure,
    cases: Vec<ErasedCase>,
    of_others: BTreeMap<DisputeNumber, OfOthers>,
    /// The cases that are written down.
    noted: BTreeSet<DisputeNumber>,
    /// Those of them that are erased.
    done: BTreeSet<DisputeNumber>,
}

impl Run<'_> {
    async fn plan(&self, number: DisputeNumber) -> Result<CasePlan, StoreError> {
        self.store.plan_erasure(number, self.email, &self.alias).await
    }

    /// Refuses the address of an account and of a party: they are clients, and get the mail of
    /// their disputes.
    async fn check_registered(&self, dispute: &Dispute) -> Result<(), ForgetError> {
        let mut is_registered = false;
        let accounts: BTreeSet<&AccountId> = [&dispute.opener, &dispute.facts.account].into();
        for account in accounts {
            let account = self.store.account(account).await?;
            is_registered |= account.is_some_and(|account| account.email.is_same_mailbox(self.email));
        }
        let parties = self.store.parties_of(dispute).await?;
        is_registered |= parties.is_some_and(|parties| parties.reaches(self.email));
        if is_registered { Err(ForgetError::Registered(dispute.number)) } else { Ok(()) }
    }

    /// Looks at the received mails of others that were not looked at yet.
    async fn read_others(&self, plan: &CasePlan, others: &mut OfOthers) -> Result<(), FilesError> {
        let most = u64::try_from(limits::MAX_MAIL).unwrap_or(u64::MAX).saturating_add(1);
        for object in plan.received_of_others() {
            if !others.seen.insert(object.to_owned()) {
                continue;
            }
            let Some(mail) = self.files.read_head(ObjectPrefix::Inbound, object, most).await? else {
                if self.files.is_gone(ObjectPrefix::Inbound, object).await? {
                    others.gone.insert(object.to_owned());
                }
                continue;
            };
            if mentions(&mail.bytes, &|text| plan.mentions(text)) {
                others.mentioning.insert(object.to_owned());
            }
        }
        Ok(())
    }

    /// Erases what a case has, until it has nothing.
    async fn erase(
        &self,
        number: DisputeNumber,
        others: &mut OfOthers,
        clock: &impl Fn() -> UnixMillis,
    ) -> Result<(), ForgetError> {
        for _ in 0..MAX_ROUNDS {
            let plan = self.plan(number).await?;
            self.read_others(&plan, others).await?;
            for object in plan.evidence() {
                self.files.erase(ObjectPrefix::Evidence, object).await?;
            }
            for object in plan.received().chain(others.mentioning.iter().map(String::as_str)) {
                self.files.erase(ObjectPrefix::Inbound, object).await?;
            }
            let gone = others.mentioning.iter().chain(&others.gone).map(|object| ObjectPrefix::Inbound.key(object));
            let gone: Vec<_> = gone.collect();
            let outcome = self.store.scrub_case(&plan, &gone, clock()).await?;
            if outcome.is_clean() {
                return Ok(());
            }
            if let ScrubOutcome { written: 0, conflicts: 0, busy: mails } = outcome {
                return Err(ForgetError::Busy { number, mails });
            }
        }
        Err(ForgetError::Contention(number))
    }

    /// Erases the cases, as many as the order does at once, and certifies it when that was all.
    async fn carry_out(
        &self,
        mut work: Work,
        order: &ForgetOrder<'_>,
        clock: &impl Fn() -> UnixMillis,
        token: &mut impl FnMut() -> WriteToken,
        progress: &mut impl FnMut(ForgetProgress),
    ) -> Result<Option<ForgetOutcome>, ForgetError> {
        for (place, case) in (1..).zip(&work.cases) {
            // Each call gets on by one case at least.
            let is_enough = |batch: ForgetBatch| place > batch.cases || (place > 1 && clock() >= batch.until);
            if order.batch.is_some_and(is_enough) {
                return Ok(Some(ForgetOutcome::Unfinished { done: work.done.len(), noted: work.noted.len() }));
            }
            let number = case.number;
            progress(ForgetProgress::Erasing { place, all: work.cases.len(), number });
            let noted = if work.noted.contains(&number) {
                // Read first: what somebody else finds in the case from now on may stay in it.
                self.store.noted_case(&work.erasure, number).await?
            } else {
                None
            };
            let others = work.of_others.entry(number).or_default();
            Box::pin(self.erase(number, others, clock)).await?;
            if number != DisputeNumber::NO_CASE
                && let RecountOutcome::Unreadable(reason) =
                    Box::pin(self.store.enter_again(number, &mut *token)).await?
            {
                // Its entries for searches may still have the address.
                return Err(
                    StoreError::invariant("a case that was erased cannot be entered for searches", reason).into()
                );
            }
            if let Some(noted) = noted
                && self.store.note_case_done(&work.erasure, &noted, &token()).await?
            {
                work.done.insert(number);
            }
        }
        Box::pin(self.certify(work.erasure, clock(), token)).await
    }

    /// `None` where somebody else wrote down a case that is not erased.
    async fn certify(
        &self,
        erasure: Erasure,
        now: UnixMillis,
        token: &mut impl FnMut() -> WriteToken,
    ) -> Result<Option<ForgetOutcome>, ForgetError> {
        let mark = self.store.address_record(self.email).await?.and_then(|record| record.mark);
        let erasure = Erasure { finished_at: Some(now), mark_stays: mark.is_some(), ..erasure };
        if self.store.finish_erasure(&erasure, token).await? == FinishOutcome::Undone {
            return Ok(None);
        }
        // As it is stored: somebody else may have run the same, and ended it first.
        let stored = self.store.erasures(self.email).await?.certificates;
        let stored = stored.into_iter().find(|(certified, _)| certified.id == erasure.id);
        let missing = || StoreError::invariant("an erasure that was certified has no certificate", &erasure.id);
        let (erasure, cases) = stored.ok_or_else(missing)?;
        Ok(Some(ForgetOutcome::Erased(Certificate::of(&erasure, cases))))
    }
}
