//! What agents may do, and what is refused.

use recourse_dispute::lifecycle::Closing;
use recourse_dispute::notification::Author;
use recourse_store::MessageRole;
use recourse_support::case::Owner;
use recourse_support::event::InFavourOf;

use super::story::asked;
use super::*;

fn agent<'a>(name: &'a str, action: AgentAction<'a>) -> CaseInput<'a> {
    CaseInput::Agent { name, action }
}

fn refused(run: &Run, input: &CaseInput<'_>) -> String {
    match run.decided(input) {
        Err(CaseError::Refused(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_agent_takes_a_case_from_the_process_and_another_one_by_force() {
    let mut run = asked(&[]);
    run.after(1_000, &agent("alice", AgentAction::Take { force: false }));
    assert_eq!((run.state(), run.file().work), (State::WaitingForAgent, None), "nobody asks the provider any more");
    let held = run.decided(&agent("bob", AgentAction::Take { force: false })).unwrap_err();
    assert_eq!(held.to_string(), "alice has the case.");
    assert!(run.decided(&agent("alice", AgentAction::Take { force: false })).unwrap().is_none(), "she has it");
    run.after(1_000, &agent("bob", AgentAction::Take { force: true }));
    let owner = |run: &Run| match &run.case().owner {
        Owner::Agent(name) => name.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(owner(&run), "bob");
    run.after(1_000, &agent("bob", AgentAction::Assign("carol")));
    assert_eq!(owner(&run), "carol");
    assert!(refused(&run, &agent("bob", AgentAction::Assign(" "))).contains("an agent's name must be"));
    assert!(refused(&run, &agent("", AgentAction::Take { force: true })).contains("an agent's name must be"));
}

#[test]
fn a_reply_goes_to_the_case_in_its_language_under_the_agents_name_where_it_is_shown() {
    let mut run = asked(&[]);
    run.after(1_000, &agent("Aisyah R.", AgentAction::Reply("Hello,\r\n\r\nplease try it\r\nagain.\r\n")));
    let words = run.mails()[0];
    assert_eq!(
        (words.subject.as_str(), words.author, words.agent.clone()),
        ("A message about your report", Author::Agent, None)
    );
    assert_eq!(words.paragraphs, ["Hello,", "please try it\nagain."]);
    assert_eq!((words.works_now.as_deref(), words.while_open), (None, false));
    let commit = run.last.as_ref().unwrap();
    let message = commit.messages.last().unwrap();
    assert_eq!((message.role, message.text.as_str()), (MessageRole::Agent, "Hello,\n\nplease try it\nagain."));
    assert_eq!(run.state(), State::WaitingForCustomer);
    run.snapshot.configuration.support.shows_agent_name = true;
    run.snapshot.configuration.support.language = Some("ms".to_owned());
    run.after(1_000, &agent("Aisyah R.", AgentAction::Reply("Sila cuba lagi.")));
    assert_eq!(
        (run.mails()[0].agent.as_deref(), run.mails()[0].language.as_str()),
        (Some("Aisyah R."), "en"),
        "the case has its language"
    );
}

#[test]
fn a_note_is_recorded_and_moves_and_mails_nothing() {
    let mut run = asked(&[]);
    let before = run.case().clone();
    run.after(1_000, &agent("alice", AgentAction::Note("The biller\r\nconfirmed it. As in case RC-0000008t. \n")));
    let commit = run.last.as_ref().unwrap();
    let event = commit.event.as_ref().unwrap();
    assert_eq!((commit.messages.len(), commit.mails.len(), run.case()), (0, 0, &before));
    assert_eq!(event.note.as_deref(), Some("The biller\nconfirmed it. As in case RC-0000008t."));
    assert_eq!((event.by.name.as_str(), event.entries[0].reason), ("alice", Reason::AgentNoted));
    for text in ["", "\u{200b}", "a\u{202e}b", "the card is 4111 1111 1111 1111"] {
        refused(&run, &agent("alice", AgentAction::Note(text)));
    }
    run.snapshot.case = None;
    run.snapshot.dispute = dispute(Channel::Arbiter);
    run.step(&agent("bob", AgentAction::Note("Called the bank.")));
    let event = run.last.as_ref().unwrap().event.as_ref().unwrap();
    assert_eq!((event.note.as_deref(), event.entries.len()), (Some("Called the bank."), 0));
}

#[test]
fn a_case_goes_back_to_the_queue() {
    let mut run = asked(&[]);
    run.after(1_000, &agent("alice", AgentAction::Take { force: false }));
    let held = run.decided(&agent("bob", AgentAction::Release { force: false })).unwrap_err();
    assert_eq!(held.to_string(), "alice has the case.");
    run.after(1_000, &agent("alice", AgentAction::Release { force: false }));
    assert_eq!(
        (run.state(), &run.case().owner, run.case().reason),
        (State::WaitingForAgent, &Owner::Nobody, Reason::AgentReleased)
    );
    assert!(run.decided(&agent("bob", AgentAction::Release { force: true })).unwrap().is_none(), "it is there already");
    assert!(refused(&run, &agent("bob", AgentAction::Release { force: false })).contains("You do not have the case"));
    // A supervisor gives back what another agent has.
    run.after(1_000, &agent("alice", AgentAction::Take { force: false }));
    run.after(1_000, &agent("carol", AgentAction::Release { force: true }));
    assert_eq!(run.case().owner, Owner::Nobody);
    let untouched = asked(&[]);
    let refused = refused(&untouched, &agent("bob", AgentAction::Release { force: false }));
    assert!(refused.contains("You do not have the case"), "the automation has it: {refused}");
}

#[test]
fn drafts_are_the_mails_that_the_record_bears_out() {
    let run = asked(&[]);
    let names = |run: &Run| -> Vec<_> {
        run.casework.drafts(&run.snapshot).into_iter().map(|(template, _)| template.name()).collect()
    };
    let of_asked = names(&run);
    assert!(of_asked.contains(&"ask_details"), "{of_asked:?}");
    assert!(!of_asked.contains(&"delivered") && !of_asked.contains(&"supervisors"), "{of_asked:?}");
    for (template, text) in run.casework.drafts(&run.snapshot) {
        assert!(text.contains("123456"), "{template:?}: {text}");
        assert!(run.casework.check_reply(&run.snapshot, &text).is_ok(), "{template:?}");
    }
    let mut other = Run::reported(&[]);
    other.snapshot.case = None;
    assert_eq!(names(&other), Vec::<&str>::new());
}

#[test]
fn what_an_agent_may_not_send_is_refused_by_its_rule() {
    let run = asked(&[]);
    for (text, rule) in [
        ("", "1 to 10000 characters"),
        ("  \n ", "1 to 10000 characters"),
        ("\u{200b} \u{ad}\n\u{3164}", "1 to 10000 characters"),
        (&*"x".repeat(10_001), "1 to 10000 characters"),
        ("a\u{1b}[31m", "control characters"),
        ("abc\u{202e}def", "turn its direction"),
        ("The card is 4111 1111 1111 1111", "(card_number)"),
        ("Your PIN is 12345", "(pin)"),
        ("See https://evil.example/x", "(link)"),
        ("As in case RC-0000008t", "(other_case)"),
        ("Write to cases+aaaaaaace4dj23mgjhakdaae7u@mail.recourse.example", "(other_case)"),
    ] {
        let sentence = refused(&run, &agent("alice", AgentAction::Reply(text)));
        assert!(sentence.contains(rule), "{text}: {sentence}");
    }
    let warnings = run.casework.check_reply(&run.snapshot, "You will get a refund tomorrow.").unwrap();
    let codes: Vec<_> = warnings.iter().map(|violation| violation.code()).collect();
    assert!(codes.contains(&"money") && codes.contains(&"date"), "{codes:?}");
    let fine = "Case RC-4fQ9zLk2: write to support@recourse.example about 123456.";
    assert_eq!(run.casework.check_reply(&run.snapshot, fine).unwrap(), []);
}

#[test]
fn an_agent_decides_any_open_dispute_once() {
    let mut run = Run::reported(&[]);
    run.snapshot.case = None;
    run.snapshot.dispute = dispute(Channel::Connect);
    let resolve = AgentAction::Resolve { side: InFavourOf::Merchant, why: "redeemed" };
    assert!(refused(&run, &agent("alice", AgentAction::Take { force: true })).contains("no support process"));
    assert!(
        refused(&run, &agent("alice", AgentAction::Resolve { side: InFavourOf::Merchant, why: " " })).contains("Why")
    );
    let names_another = AgentAction::Resolve { side: InFavourOf::Customer, why: "as in case RC-0000008t" };
    assert!(refused(&run, &agent("alice", names_another)).contains("(other_case)"));
    run.step(&agent("alice", resolve));
    assert_eq!(run.snapshot.dispute.state.closing(), Some(Closing::Merchant));
    let commit = run.last.as_ref().unwrap();
    let event = commit.event.as_ref().unwrap();
    assert_eq!((event.by.name.as_str(), event.entries.len(), &commit.after.support), ("alice", 0, &None));
    assert!(refused(&run, &agent("alice", resolve)).contains("closed"));
    let mut open = asked(&[]);
    open.after(1_000, &agent("alice", resolve));
    assert_eq!((open.state(), open.file().work, open.file().due()), (State::Resolved, None, None));
    assert!(refused(&open, &agent("bob", AgentAction::Take { force: true })).contains("resolved"));
}

/// A mail that nobody answered waits in the queue of agents. It waits no more once an agent replies
/// or ends the case, also where the dispute was closed before.
#[test]
fn a_mail_that_nothing_moves_waits_until_an_agent_replies_or_ends_the_case() {
    let resolve = AgentAction::Resolve { side: InFavourOf::Merchant, why: "answered by phone" };
    for (action, is_closed) in [(AgentAction::Reply("We look into it."), false), (resolve, false), (resolve, true)] {
        let mut run = Run::reported(&[]);
        run.snapshot.case = None;
        run.snapshot.dispute = dispute(Channel::Arbiter);
        if is_closed {
            run.step(&agent("bob", resolve));
        }
        run.after(1_000, &CaseInput::Mail(&mail("I object")));
        assert_eq!(run.file().announced_at, Some(run.now));
        run.after(1_000, &agent("alice", action));
        assert_eq!(run.file().announced_at, None, "{action:?}");
        assert!(run.snapshot.dispute.state.is_open() == matches!(action, AgentAction::Reply(_)));
    }
}

#[test]
fn an_agent_replies_to_cases_of_every_api_but_not_in_staging() {
    let mut run = Run::reported(&[]);
    run.snapshot.case = None;
    run.snapshot.dispute = dispute(Channel::Arbiter);
    run.step(&agent("alice", AgentAction::Reply("We look into it.")));
    assert_eq!((run.mail_names(), run.last.as_ref().unwrap().messages.len()), (vec!["agent_reply"], 1));
    run.snapshot.dispute.facts.environment = Environment::Staging;
    assert!(refused(&run, &agent("alice", AgentAction::Reply("x"))).contains("staging"));
}
