//! What passes is what the record bears out, and nothing else.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::case::{AgentName, Kind, Language, SupportCase};
use crate::event::ProviderAnswer;
use crate::limits::Setup;
use crate::reason::Reason;
use crate::redact::Secret;

const NOW: UnixSeconds = UnixSeconds(1_780_000_000);
const UNTIL: UnixSeconds = UnixSeconds(1_780_604_800);

static SET: LazyLock<TemplateSet> = LazyLock::new(|| TemplateSet::shipped().unwrap());

fn limits() -> Limits {
    Limits::shipped().unwrap()
}

/// A case in the state that a mail needs.
fn case_for(template: TemplateId) -> (SupportCase, TransactionStatus) {
    let setup = Setup { limits: limits(), max_model_calls: 0, has_provider: true };
    let mut case = SupportCase::new(Kind::Voucher, Language::english(), NOW, &setup);
    case.facts.answer_by = Some(UNTIL);
    let mut status = TransactionStatus::Succesful;
    let mut said = None;
    (case.state, case.reason) = match template.basis() {
        Basis::Nothing => (State::WaitingForCustomer, Reason::QuestionAsked),
        Basis::ProviderPending => (State::WaitingForProvider, Reason::ProviderAsked),
        Basis::ProviderDelivered => {
            said = Some(ProviderState::Delivered);
            (State::Answered, Reason::ProviderDelivered)
        }
        Basis::ProviderFailed => {
            said = Some(ProviderState::Failed);
            (State::Resolved, Reason::ProviderFailed)
        }
        Basis::Refund => {
            status = TransactionStatus::Refund;
            (State::Resolved, Reason::TransactionRefunded)
        }
        Basis::Failed => {
            status = TransactionStatus::Failed;
            (State::Resolved, Reason::TransactionFailed)
        }
        Basis::Resolved(reasons) => (State::Resolved, reasons[0]),
        Basis::WithAgent => (State::WaitingForAgent, Reason::ProviderFailed),
    };
    case.owner = Owner::Agent(AgentName::parse("Aisyah").unwrap());
    case.facts.provider =
        said.map(|state| ProviderAnswer::new(state, Some("REF-1"), Some("Used on the console"), None));
    (case, status)
}

fn record(case: &SupportCase, transaction: TransactionStatus) -> OnRecord<'_> {
    OnRecord {
        case,
        case_id: "RC-4fQ9zLk2",
        refid: "order-7",
        trxid: "trx_900",
        product: Some("Game voucher 50.00"),
        amount: Some("50.00 MYR"),
        transaction,
        allowed_hosts: &["help.recourse.example"],
        others: &["order-8", "trx_901"],
        last_mail_at: None,
        mails_before: 0,
    }
}

fn slots_for(template: TemplateId, record: &OnRecord<'_>) -> Slots {
    let allowed = |slot: Slot| template.required().contains(&slot) || template.optional().contains(&slot);
    let provider = record.case.facts.provider.as_ref();
    let all = [
        (Slot::CaseId, Some(record.case_id)),
        (Slot::Refid, Some(record.refid)),
        (Slot::Product, record.product),
        (Slot::Amount, record.amount),
        (Slot::ProviderReference, provider.and_then(|answer| answer.reference.as_deref())),
        (Slot::Evidence, provider.and_then(|answer| answer.evidence.as_deref())),
        (Slot::Reason, Some(record.case.reason.sentence())),
        (Slot::State, Some(record.case.state.name())),
        (Slot::Agent, Some("Aisyah")),
    ];
    let slots = all.into_iter().filter(|(slot, _)| allowed(*slot));
    let slots = slots.fold(Slots::new(), |slots, (slot, value)| slots.with_some(slot, value));
    if allowed(Slot::Date) { slots.on(UNTIL) } else { slots }
}

fn check(
    template: TemplateId,
    mail: &RenderedMail,
    slots: &Slots,
    record: &OnRecord<'_>,
    set: &TemplateSet,
) -> Vec<Violation> {
    let outgoing = OutgoingMail { template, mail, slots, recipients_of: "RC-4fQ9zLk2" };
    check_automatic(&outgoing, record, set, &limits(), NOW).err().unwrap_or_default()
}

#[test]
fn every_template_passes_where_its_basis_is_on_record_and_nowhere_else() {
    let set = &*SET;
    for language in set.languages() {
        for template in TemplateId::ALL {
            let (case, status) = case_for(template);
            let on_record = record(&case, status);
            let slots = slots_for(template, &on_record);
            let mail = set.render(template, language, &slots).unwrap();
            assert_eq!(check(template, &mail, &slots, &on_record, set), [], "{template:?} {language:?}");
            for other in TemplateId::ALL.into_iter().filter(|other| other.basis() != template.basis()) {
                let (case, status) = case_for(other);
                let found = check(template, &mail, &slots, &record(&case, status), set);
                assert!(found.contains(&Violation::NoBasis(template)), "{template:?} as {other:?}: {found:?}");
            }
        }
    }
}

#[test]
fn a_template_that_claims_more_than_its_basis_is_refused() {
    let set = &*SET;
    for (claim, violation) in [
        ("You will get a refund.", Violation::Money),
        ("We refunded the payment.", Violation::Money),
        ("Your money is on its way.", Violation::Money),
        ("Bayaran balik akan dibuat.", Violation::Money),
        ("The payment was successful.", Violation::Result),
        ("Pembayaran anda berjaya.", Violation::Result),
        ("We promise to look into it.", Violation::Promise),
        ("You will receive it.", Violation::Promise),
        ("Kami jamin.", Violation::Promise),
        ("We answer within 24 hours.", Violation::Date),
        ("It takes three days.", Violation::Date),
        ("Dalam masa 3 hari.", Violation::Date),
        ("Expect it tomorrow.", Violation::Date),
        ("By 3 December 2026.", Violation::Date),
        ("On 2026-12-03.", Violation::Date),
        ("On 3/12.", Violation::Date),
        ("At 5 pm.", Violation::Date),
        ("At 14:30.", Violation::Date),
        ("Pada 3 Disember.", Violation::Date),
        ("You get RM 20.", Violation::Amount),
        ("You get $20.", Violation::Amount),
        ("You get 20.00.", Violation::Amount),
        ("Sejumlah 1,000 ringgit.", Violation::Amount),
        ("See https://evil.example.", Violation::Link),
        ("Write to a@evil.example.", Violation::Link),
        ("Like case RC-AAAAAAAA.", Violation::OtherCase),
        ("Like dispute_AAAAAAAA.", Violation::OtherCase),
        ("Like order-8.", Violation::OtherCase),
        ("Like trx_901.", Violation::OtherCase),
        ("Card 4111 1111 1111 1111.", Violation::Secret(Secret::CardNumber)),
        ("Your PIN is 1234.", Violation::Secret(Secret::Pin)),
        ("The voucher is 1234-5678-9012.", Violation::Secret(Secret::Pin)),
        ("Your password is x.", Violation::Secret(Secret::Key)),
    ] {
        let template = TemplateId::StillWaiting;
        let (case, status) = case_for(template);
        let on_record = record(&case, status);
        let slots = slots_for(template, &on_record);
        let mut mail = set.render(template, &Language::english(), &slots).unwrap();
        mail.text = format!("{}\n\n{claim}", mail.text);
        let found = check(template, &mail, &slots, &on_record, set);
        assert!(found.contains(&violation), "{claim}: {found:?}");
        let in_subject = RenderedMail { subject: format!("[RC-4fQ9zLk2] {claim}"), text: "Hello".into() };
        assert!(check(template, &in_subject, &slots, &on_record, set).contains(&violation), "{claim}");
    }
}

#[test]
fn a_providers_words_cannot_bring_a_claim_into_a_mail() {
    let set = &*SET;
    for (evidence, refused) in [
        ("Used on the console, delivered to the meter", false),
        ("The operator confirms the top-up of this number", false),
        ("Topped up at once", false),
        ("Credited at once", true),
        ("The customer was refunded", true),
        ("You will get RM50 back", true),
        ("Case RC-BBBBBBBB", true),
        ("See evil.com", true),
        ("PIN 4455", false),
        ("Redeemed on 2026-11-29 at 10:02", false),
        ("Redeemed 29 November 2026", false),
        ("It takes 24 hours", true),
        ("It comes tomorrow", true),
    ] {
        let (mut case, status) = case_for(TemplateId::Delivered);
        case.facts.provider = Some(ProviderAnswer::new(ProviderState::Delivered, Some("R1"), Some(evidence), None));
        let on_record = record(&case, status);
        let slots = slots_for(TemplateId::Delivered, &on_record);
        let mail = set.render(TemplateId::Delivered, &Language::english(), &slots).unwrap();
        let found = check(TemplateId::Delivered, &mail, &slots, &on_record, set);
        assert_eq!(!found.is_empty(), refused, "{evidence}: {found:?}");
        assert!(!mail.text.contains("4455"));
    }
}

#[test]
fn values_that_differ_from_the_record_are_refused() {
    let set = &*SET;
    let (case, status) = case_for(TemplateId::Delivered);
    let on_record = record(&case, status);
    let right = slots_for(TemplateId::Delivered, &on_record);
    for (slot, wrong) in [
        (Slot::CaseId, Slots::new().with(Slot::CaseId, "RC-AAAAAAAA")),
        (Slot::Refid, Slots::new().with(Slot::Refid, "order-8")),
        (Slot::Product, Slots::new().with(Slot::Product, "Another")),
        (Slot::Amount, Slots::new().with(Slot::Amount, "51.00 MYR")),
        (Slot::ProviderReference, Slots::new().with(Slot::ProviderReference, "REF-2")),
        (Slot::Evidence, Slots::new().with(Slot::Evidence, "Something else")),
        (Slot::Date, Slots::new().on(UNTIL.plus(86_400))),
    ] {
        let slots = wrong.or(&right);
        let mail = set.render(TemplateId::Delivered, &Language::english(), &slots).unwrap();
        let found = check(TemplateId::Delivered, &mail, &slots, &on_record, set);
        assert!(found.contains(&Violation::NotOnRecord(slot)), "{slot:?}: {found:?}");
    }
}

#[test]
fn one_mail_an_hour_twenty_a_case_and_only_to_its_own_recipients() {
    let set = &*SET;
    let template = TemplateId::StillWaiting;
    let (case, status) = case_for(template);
    let on_record = record(&case, status);
    let slots = slots_for(template, &on_record);
    let mail = set.render(template, &Language::english(), &slots).unwrap();
    for (last_mail_at, mails_before, found) in [
        (Some(UnixSeconds(NOW.0 - 3_600)), 19, vec![]),
        (Some(UnixSeconds(NOW.0 - 3_599)), 0, vec![Violation::TooSoon]),
        (Some(NOW.plus(60)), 0, vec![Violation::TooSoon]),
        (None, 20, vec![Violation::TooMany]),
    ] {
        let on_record = OnRecord { last_mail_at, mails_before, ..on_record };
        assert_eq!(check(template, &mail, &slots, &on_record, set), found);
    }
    let outgoing = OutgoingMail { template, mail: &mail, slots: &slots, recipients_of: "RC-AAAAAAAA" };
    assert_eq!(check_automatic(&outgoing, &on_record, set, &limits(), NOW), Err(vec![Violation::OtherCase]));
    let broken = RenderedMail { subject: "a\r\nBcc: x".into(), text: "Hello".into() };
    assert!(check(template, &broken, &slots, &on_record, set).contains(&Violation::Malformed));
    let long = RenderedMail { subject: "a".into(), text: "x".repeat(20_001) };
    assert!(check(template, &long, &slots, &on_record, set).contains(&Violation::Malformed));
}

#[test]
fn references_may_be_long_numbers_but_no_cards() {
    let set = &*SET;
    let template = TemplateId::StillWaiting;
    for (refid, found) in [
        ("20261130134711000012345", vec![]),
        ("123456789012", vec![]),
        ("2026-12-03", vec![]),
        ("1", vec![]),
        ("4111111111111111", vec![Violation::Secret(Secret::CardNumber), Violation::Secret(Secret::Pin)]),
    ] {
        let (case, status) = case_for(template);
        let on_record = OnRecord { refid, ..record(&case, status) };
        let slots = slots_for(template, &on_record);
        let mail = set.render(template, &Language::english(), &slots).unwrap();
        assert_eq!(check(template, &mail, &slots, &on_record, set), found, "{refid}");
        let hidden = RenderedMail { text: format!("{} 4111 1111 1111 1111", mail.text), ..mail.clone() };
        let found = check(template, &hidden, &slots, &OnRecord { refid: "1111", ..on_record }, set);
        assert!(found.contains(&Violation::Secret(Secret::CardNumber)), "{refid} hides no card");
    }
}

#[test]
fn an_agent_is_refused_some_things_and_warned_of_others() {
    let set = &*SET;
    let (case, _) = case_for(TemplateId::HandedToAgent);
    for (text, found, refused) in [
        ("Hello, we looked into it.", vec![], false),
        ("We will refund you.", vec![Violation::Money], false),
        ("Expect it tomorrow.", vec![Violation::Date], false),
        ("Card 4111111111111111", vec![Violation::Secret(Secret::CardNumber), Violation::Secret(Secret::Pin)], true),
        ("See evil.com", vec![Violation::Link], true),
        ("See https://help.recourse.example/x", vec![], false),
        ("As in RC-AAAAAAAA", vec![Violation::OtherCase], true),
        ("  ", vec![Violation::Malformed], true),
    ] {
        let on_record = record(&case, TransactionStatus::Succesful);
        let result = check_agent_text(text, &on_record, set);
        assert_eq!(result, found, "{text}");
        assert_eq!(result.iter().any(|violation| violation.refuses_agent()), refused, "{text}");
    }
    let refunded = record(&case, TransactionStatus::Refund);
    assert_eq!(check_agent_text("The payment was refunded.", &refunded, set), []);
}

/// Every mail to a customer, apart from the one that may speak of money.
fn customers_mails() -> Vec<TemplateId> {
    let others = [TemplateId::Supervisors, TemplateId::TransactionRefunded];
    TemplateId::ALL.into_iter().filter(|template| !others.contains(template)).collect()
}

proptest! {
    #[test]
    fn what_is_bad_stays_bad_wherever_it_stands(
        before in "[A-Za-z ,.]{0,60}",
        after in "[A-Za-z ,.]{0,60}",
        bad in prop::sample::select(vec![
            ("refund", Violation::Money),
            ("4111 1111 1111 1111", Violation::Secret(Secret::CardNumber)),
            ("PIN: 9876", Violation::Secret(Secret::Pin)),
            ("https://evil.example/x", Violation::Link),
            ("evil.com", Violation::Link),
            ("RC-AAAAAAAA", Violation::OtherCase),
            ("24 hours", Violation::Date),
            ("3 December", Violation::Date),
            ("guarantee", Violation::Promise),
            ("RM 20", Violation::Amount),
        ]),
        template in prop::sample::select(customers_mails()),
    ) {
        let set = &*SET;
        let (case, status) = case_for(template);
        let on_record = record(&case, status);
        let slots = slots_for(template, &on_record);
        let mut mail = set.render(template, &Language::english(), &slots).unwrap();
        mail.text = format!("{}\n\n{before} {} {after}", mail.text, bad.0);
        let found = check(template, &mail, &slots, &on_record, set);
        prop_assert!(found.contains(&bad.1), "{found:?}");
    }

    #[test]
    fn no_text_panics(text in any::<String>(), like in "[0-9 :./@a-zRC$,-]{0,80}", refid in "[a-z0-9 .-]{0,20}") {
        let set = &*SET;
        let (case, status) = case_for(TemplateId::HandedToAgent);
        let on_record = OnRecord { refid: &refid, ..record(&case, status) };
        let _ = (check_agent_text(&text, &on_record, set), check_agent_text(&like, &on_record, set));
    }
}
