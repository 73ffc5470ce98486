//! What is accepted, what is refused and how it is named, and how a playbook decides.

use proptest::prelude::*;

use super::*;
use crate::case::{Fact, Facts, Language, State};
use crate::event::ProviderAnswer;

const VOUCHER: &str = include_str!("../../data/playbooks/voucher.json");

fn refused(steps: &str) -> String {
    let json = format!(r#"{{"name":"p","start":"a","steps":{{{steps}}}}}"#);
    let problems = Playbook::parse("p.json", &json).unwrap_err();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_playbooks_are_accepted() {
    let playbooks = Playbooks::shipped().unwrap();
    for kind in Kind::ALL {
        let playbook = playbooks.of(kind).unwrap();
        assert_eq!((playbook.name(), playbook.version().len()), (kind.name(), 12));
    }
    assert_eq!(playbooks.iter().count(), 4);
}

#[test]
fn what_is_wrong_is_named_by_file_step_and_rule() {
    let end = r#""e":{"do":"escalate"}"#;
    for (steps, named) in [
        (r#""a":{"do":"call"}"#.to_owned(), "p.json: steps.a.do: call is unknown; known are ask, ask_provider"),
        (r#""a":{"do":"escalate","then":"a"}"#.to_owned(), "steps.a: then is unknown; known are do"),
        (
            r#""a":{"do":"ask","question":"pin","then":"a"}"#.to_owned(),
            "steps.a.question: pin is no approved question; these are: voucher_photo",
        ),
        (
            r#""a":{"do":"answer","template":"closed_works"}"#.to_owned(),
            "closed_works is no template that may be sent here; these are: delivered",
        ),
        (r#""a":{"do":"close","reason":"no_objection"}"#.to_owned(), "steps.a.reason: must be provider_failed"),
        (
            format!(r#""a":{{"do":"wait","seconds":0,"then":"e"}},{end}"#),
            "steps.a.seconds: must be a whole number from 1 to 604800",
        ),
        (
            format!(r#""a":{{"do":"wait","seconds":9,"then":"x"}},{end}"#),
            "steps.a: leads to x, which is no step; steps are a, e",
        ),
        (format!(r#""a":{{"do":"escalate"}},{end}"#), "steps.e: is never reached"),
        (
            r#""a":{"do":"ask","question":"details","then":"a"}"#.to_owned(),
            "steps.a: comes round to itself without waiting",
        ),
        (
            format!(
                r#""a":{{"do":"ask","question":"details","then":"b"}},"b":{{"do":"ask_provider","delivered":"e","failed":"e","unknown":"e","unavailable":"a"}},{end}"#
            ),
            "steps.a: comes round to itself without waiting",
        ),
        (r#""a":{"do":"wait","seconds":9,"then":"a"}"#.to_owned(), "steps.a: leads to no end"),
        (
            format!(
                r#""a":{{"do":"ask_provider","delivered":"d","failed":"d","unknown":"e","unavailable":"e"}},"d":{{"do":"answer","template":"delivered"}},{end}"#
            ),
            "steps.a.failed: must not answer that it was delivered",
        ),
        (
            format!(
                r#""a":{{"do":"ask_provider","delivered":"c","failed":"c","unknown":"e","unavailable":"e"}},"c":{{"do":"close","reason":"provider_failed"}},{end}"#
            ),
            "steps.a.delivered: must not close as failed",
        ),
        (
            format!(r#""a":{{"do":"wait","seconds":9,"then":"e","notify":"delivered"}},{end}"#),
            "steps.a.notify: delivered is no template that may be sent here",
        ),
        (r#""A b":{"do":"escalate"}"#.to_owned(), "must be named by 1 to 40 characters of a-z"),
        (r#""a":{"do":"escalate"},"a":{"do":"escalate"}"#.to_owned(), "the member a is there twice"),
        (String::new(), "must be 1 to 64 steps"),
        (r#""b":{"do":"escalate"}"#.to_owned(), "p.json: start: leads to a, which is no step"),
    ] {
        let problems = refused(&steps);
        assert!(problems.contains(named), "{steps}: {problems}");
    }
    for (json, named) in [
        ("[]", "an object"),
        (r#"{"name":"p","start":"a"}"#, "steps is missing"),
        (r#"{"name":"p","start":"a","steps":{},"more":1}"#, "more is unknown"),
    ] {
        let problems = Playbook::parse("p.json", json).unwrap_err();
        assert!(problems[0].to_string().contains(named), "{problems:?}");
    }
    assert!(refused(&"x".repeat(70_000)).contains("at most 65536 bytes"));
}

#[test]
fn a_loop_that_waits_is_accepted() {
    let json = r#"{"name":"p","start":"a","steps":{
        "a":{"do":"ask_provider","delivered":"e","failed":"e","unknown":"w","unavailable":"e"},
        "w":{"do":"wait","seconds":60,"then":"a"},"e":{"do":"escalate"}}}"#;
    assert!(Playbook::parse("p.json", json).is_ok());
}

#[test]
fn a_deployment_replaces_the_whole_set() {
    let one = |kind: &str| format!("\"{kind}\":{VOUCHER}");
    let all = Kind::ALL.map(|kind| one(kind.name())).join(",");
    let own = Playbooks::parse("own.json", &format!("{{{all}}}")).unwrap();
    assert_eq!(own.of(Kind::Bill).unwrap().name(), "voucher");
    assert_ne!(own.of(Kind::Bill).unwrap().version(), Playbook::parse("v", VOUCHER).unwrap().version());
    let problems = Playbooks::parse("own.json", &format!("{{{},{}}}", one("bill"), one("topup"))).unwrap_err();
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems, ["own.json: voucher is missing", "own.json: other is missing"]);
    let problem = Playbooks::parse("own.json", &format!("{{{},\"ticket\":{{}}}}", one("bill"))).unwrap_err();
    assert!(problem[0].to_string().contains("ticket is unknown; known are voucher, bill, topup, other"));
}

fn view<'a>(facts: &'a Facts, language: &'a Language, position: Option<&'a Position>) -> CaseView<'a> {
    let kind = Kind::Voucher;
    CaseView { kind, state: State::New, language, facts, position, intent: None, has_provider: true, waited: false }
}

#[test]
fn known_facts_are_not_asked_for_and_answers_are_gone_by() {
    let (playbooks, language) = (Playbooks::shipped().unwrap(), Language::english());
    let mut facts = Facts::default();
    let first = playbooks.decide(&view(&facts, &language, None));
    assert_eq!(first.decision, Decision::Ask(Question::VoucherPhoto));
    let again = playbooks.decide(&view(&facts, &language, first.position.as_ref()));
    assert_eq!(again.decision, Decision::Escalate(Reason::CustomerUnclear), "asked once");
    facts.provided.insert(Fact::Photo);
    let second = playbooks.decide(&view(&facts, &language, first.position.as_ref()));
    assert_eq!(second.decision, Decision::AskProvider { notify: None });
    assert_eq!(second.saw, ["step:photo", "photo", "step:provider"]);
    let without = CaseView { has_provider: false, ..view(&facts, &language, None) };
    assert_eq!(playbooks.decide(&without).decision, Decision::Escalate(Reason::PlaybookEscalated));
    facts.provider = Some(ProviderAnswer::new(ProviderState::Delivered, None, None, None));
    let third = playbooks.decide(&view(&facts, &language, second.position.as_ref()));
    assert_eq!(third.decision, Decision::Answer { template: TemplateId::Delivered, slots: Slots::new() });
    assert_eq!(third.position, None);
    let stale = playbooks.decide(&view(&facts, &language, None));
    assert_eq!(stale.decision, Decision::AskProvider { notify: None }, "an answer from before is not relied on");
}

#[test]
fn a_step_that_a_new_version_does_not_have_goes_to_a_person() {
    let (playbooks, language, facts) = (Playbooks::shipped().unwrap(), Language::english(), Facts::default());
    let at =
        |step: &str, playbook: &str| Position { playbook: playbook.into(), version: "old".into(), step: step.into() };
    let gone = playbooks.decide(&view(&facts, &language, Some(&at("gone", "voucher"))));
    assert_eq!(gone.decision, Decision::Escalate(Reason::PlaybookChanged));
    let other = playbooks.decide(&view(&facts, &language, Some(&at("gone", "other"))));
    assert_eq!(other.decision, Decision::Ask(Question::VoucherPhoto), "another playbook begins anew");
}

proptest! {
    #[test]
    fn no_document_panics(text in any::<String>(), like in r#"\{"name":"p","start":"[ab]","steps":\{"a":\{"do":"(ask|wait|answer)","then":"[ab]","seconds":[0-9]{1,3}\}\}\}"#) {
        let _ = (Playbook::parse("p", &text), Playbook::parse("p", &like), Playbooks::parse("p", &text));
    }
}
