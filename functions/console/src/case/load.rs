//! What is read for the page of a case.

use std::sync::Arc;

use recourse_casework::Casework;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_edge::App;
use recourse_operations::{CurrentCasework, Seen};
use recourse_store::{CaseRecord, Operator, Permission, SupportSnapshot, TransactionRecord};
use recourse_support::case::AgentName;
use recourse_support::templates::TemplateId;

use crate::{ConsoleError, Visitor};

/// A case with all that its page shows.
pub(super) struct Loaded {
    pub(super) record: CaseRecord,
    pub(super) snapshot: SupportSnapshot,
    /// The disputed transaction with its disputes.
    pub(super) transaction: Option<TransactionRecord>,
    pub(super) casework: Arc<Casework>,
    /// Why the deployment's playbooks cannot be read.
    pub(super) playbooks_problem: Option<String>,
    /// The mails that an agent may send now, as drafts.
    pub(super) drafts: Vec<(TemplateId, String)>,
    /// Whom the case may be given to; nobody where the visitor may not give it.
    pub(super) agents: Vec<AgentName>,
    pub(super) now: UnixMillis,
}

impl Loaded {
    pub(super) async fn read(
        app: &App,
        casework: &CurrentCasework,
        visitor: &Visitor,
        number: DisputeNumber,
    ) -> Result<Self, ConsoleError> {
        let now = app.context.now();
        let record = Box::pin(app.store.case_record(number)).await?.ok_or(ConsoleError::NotFound)?;
        let dispute = record.record.dispute.clone();
        let facts = &dispute.facts;
        let transaction = Box::pin(app.store.transaction_record(facts.environment, &facts.trxid)).await?;
        let snapshot = Box::pin(app.store.snapshot_of(dispute.clone(), record.case.clone())).await?;
        let agents = if visitor.can(Permission::Assign) {
            let all = Box::pin(app.store.operators()).await?;
            all.into_iter().filter(Operator::works).map(|known| known.name).collect()
        } else {
            Vec::new()
        };
        // What an agent does leaves no decision to a playbook.
        let casework = casework.current_or_unreadable(now).await?;
        Ok(Self {
            drafts: casework.drafts(&snapshot),
            playbooks_problem: casework.playbooks().problem().map(str::to_owned),
            record,
            snapshot,
            transaction,
            casework,
            agents,
            now,
        })
    }

    pub(super) fn number(&self) -> DisputeNumber {
        self.record.record.dispute.number
    }

    /// How far the case is.
    pub(super) fn seen(&self) -> Seen {
        Seen::of(&self.record.record.dispute, self.record.case.as_ref())
    }
}
