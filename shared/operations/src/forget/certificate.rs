//! What an erasure did, in words and for a program.

use std::collections::BTreeMap;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::number::DisputeNumber;
use recourse_store::{ErasedCase, ErasedKind, Erasure, address_digest};
use serde::Serialize;

use super::ForgetOrder;
use crate::utc;

/// What always stays, and why.
const STAYS: [&str; 5] = [
    "ids, amounts, days, states and who took which step: they are the record of the dispute",
    "digests of the address in keys: they keep a mail from being counted twice, and say here whom this is about",
    "files that others sent: nobody looked into them",
    "nonces, idempotence keys with their answers, and counts of mails: they expire by themselves within days",
    "the backups of the tables: point-in-time recovery has the items for up to 35 days",
];
/// What could not be found.
const NOT_KNOWN: [&str; 3] = [
    "cases that do not name the address, such as one in whose thread the person only wrote: --case adds one",
    "mails to no case after the first of a day, and mails that came twice: the lifecycle of inbound/ ends them",
    "what is outside of Recourse: delivered mails, logs of mail servers, copies that somebody made",
];
const MARK: &str = "the mark of the address, under its digest: it takes no mail, so nobody is to mail it again";
const ID: &str = "an id of a transaction that is the address itself: the platform made it, and keys contain it";

/// A certificate of an erasure. It has no address but the one that stands for the erased one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Its id; none of what was only planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The SHA-256 of the address in lower case.
    pub address_sha256: String,
    /// What stands for the address now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_address: Option<String>,
    /// When it began.
    pub begun_at: String,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// The name of the operator who ordered it.
    pub by: String,
    /// The names of the operators who carried it on after it broke off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried_on_by: Vec<String>,
    /// Why.
    pub why: String,
    /// Whether cases that go on were included.
    pub live: bool,
    /// The cases that still go on, of what was only planned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub live_cases: Vec<String>,
    /// What was found and erased, by case.
    pub cases: Vec<CertificateCase>,
    /// What stays, and why.
    pub stays: Vec<&'static str>,
    /// What could not be found.
    pub not_known: Vec<&'static str>,
}

/// What was found and erased in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateCase {
    /// Which case; none for the mails that belong to no case.
    pub dispute: Option<String>,
    /// How many things, by kind.
    pub erased: BTreeMap<&'static str, u64>,
}

impl Certificate {
    /// The certificate of an erasure that is over.
    #[must_use]
    pub fn of(erasure: &Erasure, cases: Vec<ErasedCase>) -> Self {
        let has_id = cases.iter().any(|case| case.id_stays);
        Self {
            id: Some(erasure.id.clone()),
            address_sha256: erasure.digest.clone(),
            erased_address: Some(erasure.alias.as_str().to_owned()),
            begun_at: utc(erasure.begun_at),
            finished_at: erasure.finished_at.map(utc),
            by: erasure.by.clone(),
            carried_on_by: erasure.carried_on_by.clone(),
            why: erasure.why.clone(),
            live: erasure.live,
            live_cases: Vec::new(),
            cases: cases.into_iter().map(CertificateCase::of).collect(),
            stays: stays(erasure.mark_stays, has_id),
            not_known: NOT_KNOWN.to_vec(),
        }
    }

    pub(super) fn planned(
        email: &MailAddress,
        order: &ForgetOrder<'_>,
        cases: Vec<ErasedCase>,
        live: &[DisputeNumber],
    ) -> Self {
        let has_id = cases.iter().any(|case| case.id_stays);
        Self {
            id: None,
            address_sha256: address_digest(email),
            erased_address: None,
            begun_at: utc(order.audit.at),
            finished_at: None,
            by: order.audit.by.name.clone(),
            carried_on_by: Vec::new(),
            why: order.audit.why.clone().unwrap_or_default(),
            live: order.live,
            live_cases: live.iter().map(|number| number.case_id()).collect(),
            cases: cases.into_iter().map(CertificateCase::of).collect(),
            stays: stays(false, has_id),
            not_known: NOT_KNOWN.to_vec(),
        }
    }

    /// The certificate for a person, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = match (&self.id, &self.finished_at) {
            (Some(id), Some(at)) => vec![format!("Certificate {id}: erased at {at}")],
            _ => vec!["Nothing is changed. This would be erased:".to_owned()],
        };
        lines.push(format!("Address (SHA-256): {}", self.address_sha256));
        if let Some(erased) = &self.erased_address {
            lines.push(format!("In its place:      {erased}"));
        }
        lines.push(format!("Ordered by {} at {}: {}", self.by, self.begun_at, self.why));
        if !self.carried_on_by.is_empty() {
            lines.push(format!("Carried on by {}", self.carried_on_by.join(", ")));
        }
        for case in &self.cases {
            let what: Vec<_> = case.erased.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            let name = case.dispute.as_deref().unwrap_or("no case");
            lines.push(format!("  {name:<12}  {}", what.join(", ")));
        }
        if !self.live_cases.is_empty() {
            lines.push(format!("Still going on, so --live is needed: {}", self.live_cases.join(", ")));
        }
        lines.push("What stays:".to_owned());
        lines.extend(self.stays.iter().map(|what| format!("- {what}")));
        lines.push("What was not searched:".to_owned());
        lines.extend(self.not_known.iter().map(|what| format!("- {what}")));
        lines
    }
}

impl CertificateCase {
    fn of(case: ErasedCase) -> Self {
        let number = (case.number != DisputeNumber::NO_CASE).then(|| case.number.case_id());
        let erased = case.found.into_iter().map(|(kind, count): (ErasedKind, u64)| (kind.name(), count));
        Self { dispute: number, erased: erased.collect() }
    }
}

fn stays(mark: bool, id: bool) -> Vec<&'static str> {
    let some = [(mark, MARK), (id, ID)].into_iter().filter(|(is, _)| *is).map(|(_, what)| what);
    STAYS.into_iter().chain(some).collect()
}
