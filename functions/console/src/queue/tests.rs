//! How large a page is, and that what others wrote is text.

use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, Refid, Trxid};
use recourse_dispute::lifecycle::Category;
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Parties, TransactionDetails};
use recourse_store::{CaseFile, OperatorRole, OperatorStatus, QueueCursor, QueuePage, QueueRow};
use recourse_support::case::{AgentName, Kind, Language, Owner, State, SupportCase};
use recourse_support::limits::{Limits, Setup};
use recourse_support::reason::Reason;
use recourse_support::time::UnixSeconds;

use super::orders::CaseResult;
use super::*;
use crate::frame::Person;

/// The most that the HTML of a page may have.
const MAX_BYTES: usize = 60_000;
const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

/// A text that is as long as it gets in HTML: each character of it is written as an entity.
fn hostile(length: usize) -> String {
    "<\"&'>".chars().cycle().take(length).collect()
}

fn name(length: usize) -> AgentName {
    AgentName::parse(&hostile(length)).unwrap()
}

fn me(role: OperatorRole) -> Operator {
    let email = recourse_dispute::addresses::MailAddress::parse("carol@demo.recourse.example").unwrap();
    let status = OperatorStatus::Active;
    Operator { email, name: name(63), role, status, version: 1, session_epoch: 0, identity: None }
}

/// A case with the longest of everything.
fn row(n: u64) -> QueueRow {
    let number = DisputeNumber::try_from(200_000_000_000_000 + n).unwrap();
    let facts = Facts {
        environment: Environment::Staging,
        trxid: Trxid::parse(&"~".repeat(64)).unwrap(),
        account: AccountId::parse(&"~".repeat(64)).unwrap(),
        refid: Refid::parse(&hostile(50)).unwrap(),
        product: Some(format!("<script>alert(1)</script>\u{202e}{}", hostile(5_000))),
        amount: Money::from_minor(u64::MAX, Currency::parse("MYR").unwrap()),
        occurred_at: NOW,
        parties: Parties::default(),
        details: TransactionDetails::default(),
    };
    let opener = facts.account.clone();
    let dispute = Dispute::begin(number, Channel::Connect, opener, facts, Category::Inquiry, NOW);
    let setup = Setup { limits: Limits::shipped().unwrap(), max_model_calls: 0, has_provider: true };
    let mut support = SupportCase::new(Kind::Voucher, Language::english(), UnixSeconds(NOW.seconds()), &setup);
    let longest = Reason::ALL.iter().max_by_key(|reason| reason.sentence().len()).unwrap();
    (support.state, support.reason) = (State::WaitingForAgent, *longest);
    // Some can be taken, and the others have the longest owner.
    support.owner = if n.is_multiple_of(2) { Owner::Nobody } else { Owner::Agent(name(64)) };
    let mut case = CaseFile::begin(number, Some(support));
    (case.version, case.messages, case.last_at) = (999_999, 999_999, NOW.plus(-40 * 60_000));
    QueueRow { dispute, case: Some(case), due: NOW.plus(-10_000_000_000) }
}

fn live(selection: &Selection) -> Live {
    let at = selection.here();
    Live { token: crate::seal::testing::seals("session").look_token(&at, "", NOW), at }
}

fn rendered(role: OperatorRole, query: &str, agents: usize) -> String {
    let selection = Selection::read(query).unwrap();
    let me = me(role);
    let last = QueueCursor { due: NOW, number: row(49).dispute.number };
    let page = QueuePage { rows: (0..50).map(row).collect(), unread: Vec::new(), next: Some(last) };
    let agents: Vec<String> = (0..agents).map(|n| format!("{n:03} Aisyah binti Rahman")).collect();
    let person = Person { name: me.name.as_str().to_owned(), role };
    let page = Page {
        frame: Frame::new(&selection.title(), person, &"x".repeat(43), Nav::Queue),
        live: live(&selection),
        tabs: selection.tabs(),
        choices: selection.choices(&agents),
        list: Listing::new(page, &selection, &me, NOW),
        selection,
        submission: Submission::new([255; 16]).as_str().to_owned(),
        agents,
        outcome: None,
    };
    page.render().unwrap()
}

#[test]
fn a_page_of_the_longest_values_is_small() {
    let owner: String = form_urlencoded::byte_serialize(hostile(64).as_bytes()).collect();
    for query in [
        format!("list=waiting_for_agent&channel=connect&environment=staging&owner={owner}&after=1764547200000.551"),
        "list=mine&channel=connect&environment=staging&kind=voucher&after=1764547200000.551".to_owned(),
        "list=disputes".to_owned(),
        "list=resolved".to_owned(),
    ] {
        let html = rendered(OperatorRole::Admin, &query, 40);
        assert!(html.len() <= MAX_BYTES, "{query}: {} bytes", html.len());
        assert_eq!(html.matches("<tr>").count(), 51, "{query}");
    }
}

#[test]
fn what_others_wrote_is_text() {
    let html = rendered(OperatorRole::Admin, "", 2);
    assert!(!html.contains("<script>alert") && !html.contains('\u{202e}') && !html.contains("<\""), "{html}");
    assert!(html.contains("script") && html.contains(r"\u{202e}"), "it is shown");
}

#[test]
fn who_only_reads_is_offered_nothing() {
    let html = rendered(OperatorRole::Auditor, "", 0);
    assert!(!html.contains("type=\"checkbox\"") && !html.contains(">Take<") && !html.contains("Hand over"));
    let html = rendered(OperatorRole::Agent, "", 0);
    assert!(html.contains(">Take<") && !html.contains("Hand over"));
    assert_eq!(html.matches("name=\"case\"").count(), 50);
    assert_eq!(html.matches("name=\"take\"").count(), 25, "those that no agent has");
    assert_eq!(html.matches("<bdi>no agent</bdi>").count(), 25);
}

#[test]
fn each_case_has_its_result() {
    let result = |text: &str, is_done| CaseResult { case: "RC-0000008t".to_owned(), text: text.to_owned(), is_done };
    let selection = Selection::read("").unwrap();
    let page = Page {
        frame: Frame::anonymous("Queue"),
        tabs: Vec::new(),
        choices: Vec::new(),
        list: Listing::new(QueuePage::default(), &selection, &me(OperatorRole::Agent), NOW),
        live: live(&selection),
        selection,
        submission: String::new(),
        agents: Vec::new(),
        outcome: Some(Outcome {
            results: vec![result("You have it now.", true), result("<b>Ben</b> has it. Nothing was done.", false)],
            others_were_faster: true,
        }),
    };
    let html = page.render().unwrap();
    assert!(html.contains("You have it now.") && html.contains("<b>Not done:</b>"), "{html}");
    assert!(!html.contains("<b>Ben"), "{html}");
    assert!(html.contains("Nothing waits for an agent."));
}
