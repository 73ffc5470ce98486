//! Erasing a person: nothing of the person is left, nothing of anybody else is touched, and a run
//! that breaks off at any place ends in the same place the next time.

use std::collections::BTreeMap;
use std::sync::Arc;

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::claim::{EvidenceFile, FileId, ObjectId};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::notification::{Author, EmailTemplate, SupportMail};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::Private;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_files::Files;
use recourse_local::dynamodb::Fault;
use recourse_operations::{ForgetError, ForgetOrder, ForgetProgress, forget};
use recourse_store::{
    AddressChange, Attachment, AuditContext, CasePlan, ClaimOutcome, DeliveryFeedback, Direction, ErasedCase,
    ErasedKind, Erasure, Erasures, FinishOutcome, MailId, MailState, Message, MessageRole, NoGuard, NotedCase,
    ScrubOutcome, SearchKey, SupportCommit, SupportEvent, Undelivered,
};
use recourse_test_harness::raw::Items;
use recourse_test_harness::{run, run_alone};

use crate::bench::{Bench, aws};
use crate::cases::begun;
use crate::things::{NOW, audit, decision, opening, token, transaction};

pub(crate) const ADA: &str = "Ada@customer.example";
const BOB: &str = "nada@customer.example";
const SENTENCE: &str = "The voucher never came to my phone.";
/// What must not be left of Ada, in lower case.
const HERS: [&str; 6] =
    ["\"ada@customer", "<ada@customer", " ada@customer", "lovelace", "never came to my phone", "receipt-of-ada.pdf"];
const LATER: UnixMillis = UnixMillis(NOW.0 + 3_600_000);

fn address(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

fn alias() -> MailAddress {
    MailAddress::erased(7)
}

/// A case of these people, with a thread, mails and notes about Ada, counted and closed.
pub(crate) async fn case(bench: &Bench, trxid: &str, people: &[&str]) -> DisputeNumber {
    let mut paid = transaction(trxid, Status::Succesful);
    paid.facts.details.customer_reference = Some("Ada Lovelace 0123".to_owned());
    bench.upsert(&paid).await;
    let mut opening = opening(&paid);
    let named: Vec<_> = people.iter().map(|one| (*one).to_owned()).collect();
    opening.dispute.recipients = Some(Recipients::parse(&named, &address("disputes@demo-wallet.example")).unwrap());
    opening.dispute.claim.email = Some(address(people[0]));
    opening.dispute.claim.contact_person = Some(if people[0] == ADA { "Ada Lovelace" } else { "Bob Other" }.to_owned());
    opening.dispute.claim.message =
        Some(if people[0] == ADA { SENTENCE } else { "It was paid twice already." }.to_owned());
    opening.dispute.details.customer.email = Some(Private::new("ADA@customer.example"));
    opening.dispute.details.customer.name = Some(Private::new("Ada Lovelace"));
    opening.dispute.details.comments = Some(Private::new("Mrs Lovelace called"));
    let number = opening.dispute.number;
    let file = EvidenceFile {
        id: FileId::new(number, [1; 16]),
        object: ObjectId::new(number, [2; 16]),
        name: "receipt-of-ada.pdf".to_owned(),
        media: "application/pdf".to_owned(),
        size: 3,
        sha256: "0".repeat(64),
        at: NOW,
    };
    let bobs = EvidenceFile { id: FileId::new(number, [3; 16]), name: "other.pdf".to_owned(), ..file.clone() };
    opening.dispute.claim.evidence = vec![file.clone(), bobs];
    opening.support = Some(begun(number, NOW));
    bench.open(&opening).await;

    let snapshot = bench.snapshot(number).await;
    let mut commit = SupportCommit::of(&snapshot);
    let from = |who: &str, name: &str, text: &str, role| Message {
        class: Some(Message::WRITTEN.to_owned()),
        from: Some(address(who)),
        from_name: Some(name.to_owned()),
        message_id: Some(format!("<{name}@mail.example>")),
        object: Some(format!("inbound/{}-{number}", name.get(..3).unwrap())),
        ..Message::new(Direction::In, role, text)
    };
    let attachment = Attachment {
        name: file.name.clone(),
        media: Some(file.media.clone()),
        size: 3,
        accepted: true,
        reason: None,
        object: Some(file.object.clone()),
        file: Some(file.id.clone()),
    };
    let mut hers = from(ADA, "Ada Lovelace", &format!("Hello.\n{SENTENCE}\nAda"), MessageRole::Customer);
    hers.attachments.push(attachment);
    commit.add_message(hers, NOW);
    let quoting = format!("I am Bob. You wrote: {SENTENCE} {ADA}");
    commit.add_message(from(BOB, "Bob Other", &quoting, MessageRole::ThirdParty), NOW);
    let id = MailId::support(number, commit.after.messages + 1);
    let words = SupportMail {
        author: Author::Agent,
        ..SupportMail::plain("agent_reply", "About Ada", vec!["Dear Mrs Lovelace,".to_owned(), "we look.".to_owned()])
    };
    let readers = snapshot.dispute.recipients.clone().unwrap();
    let mail = snapshot.dispute.support_notification(EmailTemplate::SupportReply, readers, words).unwrap();
    let sent =
        Message { mail: Some(id), ..Message::new(Direction::Out, MessageRole::Agent, "Dear Mrs Lovelace, we look.") };
    commit.add_message(sent, NOW);
    commit.mails.push((id, mail));
    let by = PerformedBy { actor: Actor::Operator, name: "aisyah".to_owned() };
    let note = Some(format!("Ada Lovelace <{ADA}> called"));
    let version = commit.after.version;
    commit.event = Some(SupportEvent { version, at: NOW, by, entries: Vec::new(), ids: Vec::new(), note });
    bench.written(&commit).await;
    let feedback = DeliveryFeedback {
        mail: id,
        address: address(ADA),
        kind: Undelivered::Bounce,
        at: NOW,
        detail: Some("General 5.1.1".to_owned()),
    };
    bench.store.undelivered(&feedback, None, NOW, token).await.unwrap();
    bench.store.recount(number, token).await.unwrap();
    number
}

/// Closes a case, with a reason that names Ada.
pub(crate) async fn close(bench: &Bench, number: DisputeNumber) {
    let dispute = bench.store.dispute(number).await.unwrap().unwrap();
    let mut change = decision(&dispute);
    change.event.note = Some("Ada Lovelace was right".to_owned());
    bench.store.change(&dispute, &change, &NoGuard, &token(), NOW).await.unwrap();
    bench.store.recount(number, token).await.unwrap();
}

async fn plan(bench: &Bench, number: DisputeNumber) -> CasePlan {
    bench.store.plan_erasure(number, &address(ADA), &alias()).await.unwrap()
}

/// Erases what a case has of Ada, until it has nothing.
async fn erase(bench: &Bench, number: DisputeNumber) {
    for _ in 0..5 {
        let plan = plan(bench, number).await;
        if bench.store.scrub_case(&plan, &[], LATER).await.unwrap().is_clean() {
            bench.store.recount(number, token).await.unwrap();
            return;
        }
    }
    panic!("{} was not erased in five rounds", number.case_id());
}

/// The items of both tables that have something of Ada.
async fn left(bench: &Bench) -> Vec<String> {
    let everything = bench.everything().await;
    let texts = everything.into_iter().map(|(key, item)| format!("{key:?} {item:?}"));
    texts.filter(|text| HERS.iter().any(|hers| text.to_lowercase().contains(hers))).collect()
}

/// All that is stored of a case.
async fn partition(bench: &Bench, number: DisputeNumber) -> Items {
    let partition = format!("DSP#{number}");
    bench.disputes().await.into_iter().filter(|(key, _)| key.0 == partition).collect()
}

#[test]
fn nothing_of_the_person_is_left_and_the_facts_stay() {
    run(async {
        let bench = Bench::start().await;
        let (alone, shared) = (case(&bench, "50001", &[ADA]).await, case(&bench, "50002", &[BOB, ADA]).await);
        close(&bench, alone).await;
        close(&bench, shared).await;
        let other = case_of_bob(&bench, "50003").await;
        assert_eq!(bench.store.disputes_of_address(&address(ADA)).await.unwrap(), [alone, shared]);
        let before = [dispute(&bench, alone).await, dispute(&bench, shared).await];
        let of_others = partition(&bench, other).await;
        assert!(of_others.len() > 2, "{of_others:?}");
        assert!(!left(&bench).await.is_empty());

        for number in [alone, shared] {
            assert!(!plan(&bench, number).await.found(LATER).unwrap().is_empty());
            erase(&bench, number).await;
            assert!(plan(&bench, number).await.found(LATER).unwrap().is_empty());
        }
        assert_eq!(left(&bench).await, Vec::<String>::new());
        assert!(bench.store.disputes_of_address(&address(ADA)).await.unwrap().is_empty());

        for before in before {
            let after = dispute(&bench, before.number).await;
            let facts = |dispute: &Dispute| (dispute.amount, dispute.facts.amount, dispute.state, dispute.closed_by);
            assert_eq!(facts(&after), facts(&before));
            assert_eq!((&after.facts.refid, &after.facts.trxid), (&before.facts.refid, &before.facts.trxid));
            assert_eq!(after.version, before.version + 1);
            assert!(after.recipients.unwrap().reaches(&alias()));
        }
        let record = bench.store.case_record(shared).await.unwrap().unwrap();
        let [hers, his, ours] = record.messages.as_slice() else { panic!("{:?}", record.messages) };
        assert_eq!((hers.text.as_str(), &hers.from, &hers.from_name), ("[erased]", &Some(alias()), &None));
        assert_eq!((&hers.message_id, &hers.object, &hers.attachments[0].object), (&None, &None, &None));
        assert!(his.text.starts_with("I am Bob. You wrote: [erased] erased-"), "{}", his.text);
        assert_eq!((his.from_name.as_deref(), &his.from), (Some("Bob Other"), &Some(address(BOB))));
        assert_eq!(ours.text, "Dear Mrs [erased], we look.", "Bob reads this mail too");
        let claim = &record.record.dispute.claim;
        assert_eq!((claim.contact_person.as_deref(), claim.evidence.len()), (Some("Bob Other"), 1));
        assert_eq!(claim.message.as_deref(), Some("It was paid twice already."));

        let record = bench.store.case_record(alone).await.unwrap().unwrap();
        assert_eq!(record.messages[2].text, "[erased]", "nobody else reads this mail");
        assert_eq!(record.record.dispute.claim.message.as_deref(), Some("[erased]"));
        assert!(record.record.dispute.claim.evidence.is_empty());
        assert!(record.record.unread.is_empty());
        assert_eq!(record.record.events.last().unwrap().note.as_deref(), Some("[erased] was right"));

        assert_eq!(partition(&bench, other).await, of_others);
        let mark = bench.store.address_record(&address(ADA)).await.unwrap().unwrap();
        assert!(mark.mark.is_some(), "the mark protects the address");
    });
}

/// A case of somebody whose address ends as Ada's does.
async fn case_of_bob(bench: &Bench, trxid: &str) -> DisputeNumber {
    let paid = transaction(trxid, Status::Succesful);
    bench.upsert(&paid).await;
    let mut opening = opening(&paid);
    opening.dispute.recipients =
        Some(Recipients::parse(&[BOB.to_owned()], &address("disputes@demo-wallet.example")).unwrap());
    bench.open(&opening).await;
    bench.store.recount(opening.dispute.number, token).await.unwrap();
    opening.dispute.number
}

async fn dispute(bench: &Bench, number: DisputeNumber) -> Dispute {
    bench.store.dispute(number).await.unwrap().unwrap()
}

#[test]
fn a_run_that_breaks_off_at_any_write_ends_in_the_same_place() {
    run_alone(async {
        let mut ends = Vec::new();
        for breaks_at in 0..40 {
            let bench = Bench::alone().await;
            let number = case(&bench, "50001", &[BOB, ADA]).await;
            close(&bench, number).await;
            bench.db.set_fault(Fault::StopAfter { updates: breaks_at });
            let plan = plan(&bench, number).await;
            let broken = bench.store.scrub_case(&plan, &[], LATER).await;
            bench.db.set_fault(Fault::None);
            erase(&bench, number).await;
            assert_eq!(left(&bench).await, Vec::<String>::new(), "after {breaks_at} writes");
            ends.push(texts(&bench, number).await);
            if broken.is_ok() {
                break;
            }
        }
        assert!(ends.len() > 5 && ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
    });
}

/// What a case says in its texts, without numbers that differ between runs.
async fn texts(bench: &Bench, number: DisputeNumber) -> Vec<String> {
    let record = bench.store.case_record(number).await.unwrap().unwrap();
    let claim = &record.record.dispute.claim;
    let mut texts: Vec<_> = record.messages.iter().map(|message| message.text.clone()).collect();
    texts.extend(record.history.iter().filter_map(|event| event.note.clone()));
    texts.extend(record.record.events.iter().filter_map(|event| event.note.clone()));
    texts.extend(claim.message.clone());
    texts.push(format!("{:?} {}", record.record.dispute.facts.details.customer_reference, claim.evidence.len()));
    for mail in record.record.mails {
        let support = mail.notification.support.map(|support| (support.subject, support.paragraphs));
        texts.push(format!("{:?} {support:?}", mail.mail_state));
    }
    texts
}

#[test]
fn a_mail_that_waits_does_not_go_out_to_the_person_and_one_that_is_being_sent_is_waited_for() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        let first = MailId { number, version: 1, audience: recourse_dispute::notification::Audience::Case };
        let claimed = bench.store.claim(first, &token(), LATER, 60_000).await.unwrap();
        let ClaimOutcome::Claimed(claimed) = claimed else { panic!("{claimed:?}") };
        let outcome = bench.store.scrub_case(&plan(&bench, number).await, &[], LATER).await.unwrap();
        assert_eq!((outcome.busy, outcome.conflicts), (1, 0));
        assert!(dispute(&bench, number).await.recipients.unwrap().reaches(&address(ADA)), "the dispute waits for it");
        bench.store.sent(&claimed, "0100-1", LATER).await.unwrap();
        erase(&bench, number).await;
        let record = bench.store.record_of(number).await.unwrap().unwrap();
        let reply = record.mails.iter().find(|mail| mail.id.is_support()).unwrap();
        assert_eq!((reply.mail_state, reply.recipients().is_some()), (MailState::Dead, true));
        assert_eq!(reply.notification.support.as_ref().unwrap().paragraphs, ["[erased]"]);
        assert!(
            !bench.store.due(UnixMillis(i64::MAX), 100).await.unwrap().iter().any(|waiting| waiting.id == reply.id)
        );
        let first = record.mails.iter().find(|mail| mail.id == first).unwrap();
        assert_eq!(first.recipients().unwrap().all().count(), 1, "the account alone");
    });
}

#[test]
fn a_worker_whose_lease_is_over_writes_nothing_back() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        let first = MailId { number, version: 1, audience: recourse_dispute::notification::Audience::Case };
        let claimed = bench.store.claim(first, &token(), NOW, 60_000).await.unwrap();
        let ClaimOutcome::Claimed(mut claimed) = claimed else { panic!("{claimed:?}") };
        claimed.mail.left_out = vec![address(ADA)];
        erase(&bench, number).await;
        bench.store.sent(&claimed, "0100-1", LATER).await.unwrap();
        assert_eq!(left(&bench).await, Vec::<String>::new());
    });
}

#[test]
fn somebody_elses_change_meanwhile_is_kept() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        let (old, decided_on) = (plan(&bench, number).await, dispute(&bench, number).await);
        close(&bench, number).await;
        let outcome = bench.store.scrub_case(&old, &[], LATER).await.unwrap();
        assert!(outcome.conflicts > 0, "{outcome:?}");
        assert!(!dispute(&bench, number).await.state.is_open());
        erase(&bench, number).await;
        assert!(!dispute(&bench, number).await.state.is_open());
        // Who decided on the dispute as it was before cannot write the address back.
        let late = bench.store.change(&decided_on, &decision(&decided_on), &NoGuard, &token(), NOW).await.unwrap();
        assert!(matches!(late, recourse_store::ChangeOutcome::VersionConflict), "{late:?}");
        assert_eq!(left(&bench).await, Vec::<String>::new());
        assert_eq!(
            bench.store.scrub_case(&plan(&bench, number).await, &[], LATER).await.unwrap(),
            ScrubOutcome::default()
        );
    });
}

#[test]
fn an_erasure_is_carried_on_and_ends_in_one_certificate_without_the_address() {
    run(async {
        let bench = Bench::start().await;
        let mut order = audit("carol");
        order.why = Some("her request".to_owned());
        let none = Erasures::default();
        let begun = begin(&bench, &none, (&order, false), &alias()).await.unwrap();
        assert_eq!(begin(&bench, &none, (&audit("eve"), true), &alias()).await, None, "less than she ordered");
        let read = erasures(&bench).await;
        let again = begin(&bench, &read, (&audit("eve"), true), &MailAddress::erased(8)).await.unwrap();
        let begun = Erasure { carried_on_by: vec!["eve".to_owned()], ..begun };
        assert_eq!(again, begun, "who carries it on is written down, and nothing else changes");
        for name in ["carol", "eve"] {
            let again = begin(&bench, &read, (&audit(name), true), &alias()).await.unwrap();
            assert_eq!(again, begun, "{name} is known");
        }
        let number = DisputeNumber::try_from(7).unwrap();
        let found = BTreeMap::from([(ErasedKind::Message, 3)]);
        let case = ErasedCase { number, found, id_stays: false, done: false };
        assert!(note(&bench, &begun, &case).await);
        let less = ErasedCase { found: BTreeMap::new(), ..case.clone() };
        assert!(note(&bench, &begun, &less).await);
        let running = erasures(&bench).await.running.unwrap();
        assert_eq!(running, (begun.clone(), vec![case.clone()]));
        let over = Erasure { finished_at: Some(LATER), ..begun };
        // Whoever ends it may not know who else carried it on.
        let known = Erasure { carried_on_by: Vec::new(), ..over.clone() };
        let finish = async || bench.store.finish_erasure(&known, token).await.unwrap();
        assert_eq!(finish().await, FinishOutcome::Undone, "a case that is not erased is not certified");
        assert!(done(&bench, &known, number).await);
        assert_eq!(finish().await, FinishOutcome::Certified);
        assert_eq!(finish().await, FinishOutcome::Already);
        let ended = erasures(&bench).await;
        assert_eq!(ended.running, None);
        assert_eq!(ended.certificates, [(over, vec![ErasedCase { done: true, ..case }])]);
        assert!(!format!("{:?}", bench.disputes().await).to_lowercase().contains("ada@"));
        let next = begin(&bench, &ended, (&order, false), &alias()).await.unwrap();
        assert_eq!(erasures(&bench).await.running.unwrap().0, next);
    });
}

async fn begin(bench: &Bench, read: &Erasures, order: (&AuditContext, bool), alias: &MailAddress) -> Option<Erasure> {
    bench.store.begin_erasure(&address(ADA), read, order, alias, token).await.unwrap()
}

async fn note(bench: &Bench, erasure: &Erasure, case: &ErasedCase) -> bool {
    bench.store.note_erased_case(erasure, case, token).await.unwrap()
}

async fn noted(bench: &Bench, erasure: &Erasure, number: DisputeNumber) -> NotedCase {
    bench.store.noted_case(erasure, number).await.unwrap().unwrap()
}

async fn done(bench: &Bench, erasure: &Erasure, number: DisputeNumber) -> bool {
    let noted = noted(bench, erasure, number).await;
    bench.store.note_case_done(erasure, &noted, &token()).await.unwrap()
}

async fn erasures(bench: &Bench) -> Erasures {
    bench.store.erasures(&address("ADA@customer.example")).await.unwrap()
}

async fn finish(bench: &Bench, erasure: &Erasure) -> FinishOutcome {
    let erasure = Erasure { finished_at: Some(LATER), ..erasure.clone() };
    bench.store.finish_erasure(&erasure, token).await.unwrap()
}

#[test]
fn an_erasure_that_was_planned_before_another_one_ended_is_not_begun() {
    run(async {
        let bench = Bench::start().await;
        let (carol, eve) = (audit("carol"), audit("eve"));
        let read = erasures(&bench).await;
        let first = begin(&bench, &read, (&carol, false), &alias()).await.unwrap();
        let while_it_ran = erasures(&bench).await;
        let number = DisputeNumber::try_from(7).unwrap();
        assert!(bench.store.noted_case(&first, number).await.unwrap().is_none());
        let case = ErasedCase { number, found: BTreeMap::new(), id_stays: false, done: false };
        assert!(note(&bench, &first, &case).await && done(&bench, &first, number).await);
        assert_eq!(finish(&bench, &first).await, FinishOutcome::Certified);
        let before = bench.disputes().await;
        for read in [&read, &while_it_ran] {
            assert_eq!(begin(&bench, read, (&eve, false), &alias()).await, None);
        }
        // Nor is a case added to one that is over, or said to be done.
        assert!(!note(&bench, &first, &case).await);
        assert!(!done(&bench, &first, number).await);
        assert_eq!(bench.disputes().await, before);
        // Nor is a later one carried on by who has not seen the first one end.
        let ended = erasures(&bench).await;
        let next = begin(&bench, &ended, (&eve, false), &alias()).await.unwrap();
        assert_eq!(begin(&bench, &read, (&carol, false), &alias()).await, None);
        assert_eq!(finish(&bench, &next).await, FinishOutcome::Certified);
        assert_eq!(begin(&bench, &ended, (&carol, false), &alias()).await, None);
        assert_eq!(erasures(&bench).await.certificates.len(), 2);
    });
}

#[test]
fn what_came_after_a_case_was_done_takes_the_mark_back() {
    run(async {
        let bench = Bench::start().await;
        let carol = audit("carol");
        let erasure = begin(&bench, &Erasures::default(), (&carol, false), &alias()).await.unwrap();
        let number = DisputeNumber::try_from(7).unwrap();
        let found = BTreeMap::from([(ErasedKind::Message, 3)]);
        let case = ErasedCase { number, found, id_stays: false, done: false };
        let is_done = async || erasures(&bench).await.running.unwrap().1[0].done;
        for _ in 0..2 {
            assert!(note(&bench, &erasure, &case).await);
            assert!(!is_done().await);
            assert_eq!(finish(&bench, &erasure).await, FinishOutcome::Undone);
            for _ in 0..2 {
                assert!(done(&bench, &erasure, number).await);
                assert!(is_done().await);
            }
        }
        assert_eq!(finish(&bench, &erasure).await, FinishOutcome::Certified);
    });
}

/// One erases the case, and another one finds what came after that.
#[test]
fn a_case_that_is_written_down_anew_while_it_is_erased_is_not_done() {
    run(async {
        let bench = Bench::start().await;
        let carol = audit("carol");
        let erasure = begin(&bench, &Erasures::default(), (&carol, false), &alias()).await.unwrap();
        let number = DisputeNumber::try_from(7).unwrap();
        let case = ErasedCase { number, found: BTreeMap::new(), id_stays: false, done: false };
        assert!(note(&bench, &erasure, &case).await);
        let read = noted(&bench, &erasure, number).await;
        assert!(note(&bench, &erasure, &case).await);
        let before = bench.disputes().await;
        assert!(!bench.store.note_case_done(&erasure, &read, &token()).await.unwrap());
        assert_eq!(bench.disputes().await, before);
        assert_eq!(finish(&bench, &erasure).await, FinishOutcome::Undone);
        assert!(done(&bench, &erasure, number).await);
        assert_eq!(finish(&bench, &erasure).await, FinishOutcome::Certified);
    });
}

/// Between the look and the beginning of an order, somebody else begins without cases that go on.
#[test]
fn cases_that_go_on_are_not_erased_by_an_erasure_that_began_without_them() {
    run(async {
        let bench = Bench::start().await;
        let (_, dispute) = bench.disputed("50001").await;
        let email = address("user@customer.example");
        // The case has no object, so nobody asks S3.
        let files = Files::of(&aws(&[
            ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9".to_owned()),
            ("EVIDENCE_BUCKET", "none".to_owned()),
            ("MALWARE_SCAN", "off".to_owned()),
        ]));
        let files = files.unwrap();
        let (carol, eve, none, alias) = (audit("carol"), audit("eve"), Erasures::default(), alias());
        let mut other = Some(bench.store.begin_erasure(&email, &none, (&eve, false), &alias, token));
        let begins = |_: ForgetProgress| {
            if let Some(other) = other.take() {
                let begun = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(other));
                assert!(begun.unwrap().is_some());
            }
        };
        let order = ForgetOrder {
            email: &email,
            audit: &carol,
            cases: &[dispute.number],
            live: true,
            dry_run: false,
            random: 8,
            batch: None,
        };
        let outcome = Box::pin(forget(&bench.store, &files, &order, || LATER, token, begins)).await;
        assert!(matches!(&outcome, Err(ForgetError::Live(numbers)) if *numbers == [dispute.number]), "{outcome:?}");
        assert!(bench.stored(dispute.number).await.recipients.unwrap().reaches(&email));
        let (running, cases) = bench.store.erasures(&email).await.unwrap().running.unwrap();
        assert!(!running.live && running.carried_on_by.is_empty() && cases.is_empty(), "{running:?} {cases:?}");
    });
}

#[test]
fn of_many_who_order_one_erasure_at_once_all_carry_on_one() {
    run(async {
        let bench = Arc::new(Bench::start().await);
        let number = DisputeNumber::try_from(7).unwrap();
        let case = ErasedCase { number, found: BTreeMap::new(), id_stays: false, done: false };
        let ordering: Vec<_> = (0..4)
            .map(|_| {
                let (bench, case) = (Arc::clone(&bench), case.clone());
                tokio::spawn(async move {
                    let begun = begin(&bench, &Erasures::default(), (&audit("carol"), false), &alias()).await?;
                    // The others may have ended it.
                    if note(&bench, &begun, &case).await {
                        done(&bench, &begun, number).await;
                        finish(&bench, &begun).await;
                    }
                    Some(begun.id)
                })
            })
            .collect();
        let mut ids = Vec::new();
        for one in ordering {
            ids.extend(one.await.unwrap());
        }
        let ended = erasures(&bench).await;
        let [(certificate, cases)] = ended.certificates.as_slice() else { panic!("{ended:?}") };
        assert!(ended.running.is_none() && cases.len() == 1 && cases[0].done, "{ended:?}");
        assert!(ids.iter().all(|id| *id == certificate.id), "{ids:?}");
    });
}

#[test]
fn an_operators_reason_for_clearing_a_mark_loses_the_address_and_the_mark_stays() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        let mut order = audit("carol");
        order.why = Some(format!("{ADA} is back"));
        bench.store.clear_address(&address(ADA), &order, token).await.unwrap();
        erase(&bench, number).await;
        erase(&bench, DisputeNumber::NO_CASE).await;
        assert_eq!(left(&bench).await, Vec::<String>::new());
        let record = bench.store.address_record(&address(ADA)).await.unwrap().unwrap();
        let AddressChange::Cleared { why, .. } = &record.history[1].change else { panic!("{record:?}") };
        assert_eq!(why.as_deref(), Some("erased-0000000000000007@erased.invalid is back"));
        let entries = bench.store.find(&SearchKey::Email(Environment::Production, alias()), None, 5).await.unwrap();
        assert!(entries.numbers.is_empty(), "nothing is found by what stands for the address");
    });
}
