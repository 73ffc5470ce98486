//! Mails of single steps, and of any events in any order.

use proptest::prelude::*;

use super::*;
use crate::case::{Kind, State};
use crate::guard::TransactionStatus;
use crate::limits::Limits;
use crate::playbook::Playbooks;
use crate::reason::Reason;
use crate::step::advance;
use crate::step::properties::{event, pause};

static SET: std::sync::LazyLock<TemplateSet> = std::sync::LazyLock::new(|| TemplateSet::shipped().unwrap());

const NOW: UnixSeconds = UnixSeconds(1_780_000_000);

fn record(case: &SupportCase) -> OnRecord<'_> {
    OnRecord {
        case,
        case_id: "RC-4fQ9zLk2",
        refid: "order-7",
        trxid: "trx_900",
        product: Some("Game voucher"),
        amount: Some("50.00 MYR"),
        transaction: TransactionStatus::Succesful,
        allowed_hosts: &[],
        others: &[],
        last_mail_at: None,
        mails_before: 0,
    }
}

fn opened(language: &str) -> (SupportCase, Step, Setup) {
    let setup = Setup { limits: Limits::shipped().unwrap(), max_model_calls: 0, has_provider: true };
    let case = SupportCase::new(Kind::Voucher, Language::parse(language).unwrap(), NOW, &setup);
    let done = advance(&case, &Event::Opened, NOW, &setup, &Playbooks::shipped().unwrap());
    (case, done, setup)
}

#[test]
fn a_step_becomes_a_mail_in_the_cases_language() {
    let set = &*SET;
    for (language, subject) in [
        ("en", "[RC-4fQ9zLk2] Please send us a photo of your voucher"),
        ("ms", "[RC-4fQ9zLk2] Sila hantar gambar baucar anda"),
        ("zh", "[RC-4fQ9zLk2] Please send us a photo of your voucher"),
    ] {
        let (case, done, setup) = opened(language);
        let composed = compose(done, &record(&case), set, &setup, NOW);
        let mail = composed.customer.unwrap();
        assert_eq!((mail.mail.subject.as_str(), composed.violations), (subject, vec![]));
        assert!(mail.mail.text.contains("Game voucher") && !mail.mail.text.contains("50.00"));
        assert!(composed.step.effects.iter().all(|effect| matches!(effect, Effect::Record(_))));
    }
}

#[test]
fn a_mail_that_breaks_a_rule_brings_a_person_instead() {
    let set = &*SET;
    let (case, done, setup) = opened("en");
    for (record, violations) in [
        (OnRecord { product: Some("See evil.com"), ..record(&case) }, vec![Violation::Link]),
        (OnRecord { last_mail_at: Some(NOW), ..record(&case) }, vec![Violation::TooSoon]),
        (OnRecord { refid: "", ..record(&case) }, vec![]),
    ] {
        let composed = compose(done.clone(), &record, set, &setup, NOW);
        assert_eq!((composed.customer, composed.violations), (None, violations));
        assert_eq!(composed.step.case.state, State::WaitingForAgent);
        assert_eq!(composed.step.case.reason, Reason::GuardRefused);
    }
}

#[test]
fn supervisors_learn_what_the_case_waits_for() {
    let set = &*SET;
    let (_, done, setup) = opened("ms");
    let refused = step(&done.case, &Event::MailRefused, NOW, &setup);
    let late = step(&refused.case, &Event::TimeReached, refused.case.due_at().unwrap(), &setup);
    let composed = compose(late.clone(), &record(&refused.case), set, &setup, NOW);
    let text = composed.supervisors.unwrap().mail.text;
    assert!(text.contains("State: waiting_for_agent") && text.contains("refused the mail"), "{text}");
    assert!(!text.contains("Agent:"), "nobody has it");
    let bad = OnRecord { product: Some("See evil.com"), refid: "evil.com", ..record(&refused.case) };
    let text = compose(late, &bad, set, &setup, NOW).supervisors.unwrap().mail.text;
    assert!(text.contains("RC-4fQ9zLk2") && !text.contains("evil"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// What the process orders is always founded: no mail of its own breaks a rule.
    #[test]
    fn every_mail_that_is_ordered_passes_the_guard(
        kind in prop::sample::select(Kind::ALL.to_vec()),
        malay in any::<bool>(),
        max_model_calls in 0_u32..4,
        events in prop::collection::vec((pause(), event()), 1..50),
    ) {
        let (set, playbooks) = (&*SET, Playbooks::shipped().unwrap());
        let setup = Setup { limits: Limits::shipped().unwrap(), max_model_calls, has_provider: true };
        let language = Language::parse(if malay { "ms" } else { "en" }).unwrap();
        let (mut case, mut now) = (SupportCase::new(kind, language, NOW, &setup), NOW);
        let (mut last_mail_at, mut mails_before, mut transaction) = (None, 0, TransactionStatus::Succesful);
        for (pause, event) in [(Some(0), Event::Opened)].iter().chain(&events) {
            now = pause.map_or_else(|| case.due_at().unwrap_or(now).max(now), |seconds| now.plus(seconds));
            transaction = match (event, transaction) {
                (Event::TransactionRefunded, TransactionStatus::Succesful) => TransactionStatus::Refund,
                (Event::TransactionFailed, TransactionStatus::Succesful) => TransactionStatus::Failed,
                // A final status stays.
                (Event::TransactionRefunded | Event::TransactionFailed, _) => continue,
                (_, status) => status,
            };
            let done = advance(&case, event, now, &setup, &playbooks);
            let record = OnRecord { transaction, last_mail_at, mails_before, ..record(&case) };
            let ordered = done.effects.iter().any(|effect| matches!(effect, Effect::SendMail(_)));
            let supervised = done.effects.iter().any(|effect| matches!(effect, Effect::MailSupervisors { .. }));
            let composed = compose(done, &record, set, &setup, now);
            prop_assert_eq!(&composed.violations, &vec![], "{:?}", event);
            prop_assert_eq!((composed.customer.is_some(), composed.supervisors.is_some()), (ordered, supervised));
            if ordered {
                (last_mail_at, mails_before) = (Some(now), mails_before + 1);
            }
            case = composed.step.case;
        }
    }
}
