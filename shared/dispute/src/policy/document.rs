//! Prints the table between the parties as `docs/parties.md`, and checks that the file says what
//! the code does. `UPDATE_DOCS=1 cargo test --workspace --lib page_of_the_parties` writes it.

use std::fmt::Write;
use std::path::Path;

use super::actions::{Situation, decide, right};
use super::notifications::{notify, shows_comment};
use super::visibility::{Field, may_see};
use crate::channel::Channel;
use crate::channels::arbiter::arbiter_status;
use crate::channels::{connect, tutelar};
use crate::event::{EventKind, HistoryEntry, PerformedBy};
use crate::lifecycle::{Action, Actor, Category, Closing, Level, Right, Stage, State};
use crate::notification::{Audience, EmailTemplate};
use crate::time::UnixMillis;

const INTRODUCTION: &str = "\
# Who may do what, who sees what, who is notified

<!-- A test writes this page from shared/dispute/src/policy. Do not edit it by hand. -->

A dispute is about one transaction. These roles have something to do with it:

| role | who that is |
|---|---|
| opener | the account whose key opened the dispute |
| transaction's account | the account whose transaction is disputed; at the Tutelar and Connect APIs it is the merchant |
| issuer | the customer's bank, as the transaction names it |
| acquirer | the merchant's bank, as the transaction names it |
| merchant | the merchant in the bank network, as the transaction names it; mails call it *the merchant*, and the transaction's account *the payment platform's merchant* |
| operator | a person of the company that runs this service |
| automation | the support process, which answers a report, and ends it when the provider says that the payment failed, when the customer says that it works, or when nobody objects to the answer |
| platform | the payment platform, which reports what became of the transaction |
| time | a deadline that passed |

One party may have several roles. The issuer makes the claim. The acquirer answers it, or the merchant where the transaction says so
(`merchant_disputant`); only one of the two answers. The two sides act in turn, and an operator decides at arbitration.

While a dispute is live, nobody can open another one about the same transaction, through any API. While a draft is open, its own opener cannot begin
a second one.

What somebody may do with a dispute does not depend on the API that the dispute was opened through, except where a table says so. It needs the call
that the table names, and a key for that call's API.
";

fn title(channel: Channel) -> &'static str {
    match channel {
        Channel::Iimmpact => "A report through the IIMMPACT API",
        Channel::Arbiter => "A dispute that a bank or merchant logged through the Arbiter API",
        Channel::Tutelar => "A dispute that a merchant raised through the Tutelar API",
        Channel::Connect => "A dispute that a merchant submitted through the Connect API",
    }
}

fn when(right: Right) -> &'static str {
    match right {
        Right::Never => "never",
        Right::Always => "yes",
        Right::InTurn | Right::AsRespondent => "while its side has to act",
        Right::GivesIn | Right::GivesInAsRespondent => "while its side has to act, and at arbitration",
        Right::WithEvidence => "while its side has to act, with evidence on record",
        Right::OwnRecord => "until a bank acts; then while its side has to act",
        Right::UntilOthersAct => "until a bank acts",
        Right::OwnVerdict => "its own verdict, until a bank acts",
    }
}

fn action_name(action: Action) -> Option<&'static str> {
    Some(match action {
        Action::Submit => "submit a draft",
        Action::Cancel => "withdraw it",
        Action::Update => "correct its details",
        Action::UploadEvidence => "add evidence to a draft",
        Action::Accept => "accept the claim: it is decided in the customer's favour",
        Action::Decline => "refuse the claim: it is decided in the merchant's favour",
        Action::Withdraw => "withdraw the claim: it is decided in the merchant's favour",
        Action::Represent => "answer the claim (representment)",
        Action::PreArbitrate => "make the claim again (pre-arbitration)",
        Action::PreArbitrateAgain => "answer it again (pre-arbitration II)",
        Action::Arbitrate => "ask for arbitration",
        Action::VerdictWon => "give the verdict that the merchant won",
        Action::VerdictLost => "give the verdict that the merchant lost",
        Action::MoveLevel => "move it to the next level",
        Action::Reopen(Level::One) => "reopen it",
        Action::Reopen(Level::Two | Level::Three) => return None,
        Action::CloseForCustomer => "decide it in the customer's favour",
        Action::CloseForMerchant => "decide it in the merchant's favour",
        Action::Refund => "end it, as the payment was refunded",
        Action::Fail => "end it, as the payment failed",
        Action::Expire => "end it: the side that had to act loses",
    })
}

/// The call or command by which an action is taken.
fn call(channel: Channel, action: Action) -> &'static str {
    match action {
        Action::Submit => "Connect: submit",
        Action::Cancel if channel == Channel::Connect => "Connect: cancel",
        // Only the Connect API's openers have a merchant id by contract.
        Action::Cancel => "Connect: cancel, which only an account with a merchant id can call",
        Action::Update => "Tutelar: update",
        Action::UploadEvidence => "Connect: upload",
        Action::Accept => "Arbiter: `ACCEPT`",
        Action::Decline => "Arbiter: `DECLINE`",
        Action::Withdraw => "Arbiter: `WITHDRAW`",
        Action::Represent => "Arbiter: `REPRESENTMENT`",
        Action::PreArbitrate => "Arbiter: `PRE_ARBITRATION`",
        Action::PreArbitrateAgain => "Arbiter: `PRE_ARBITRATION_II`",
        Action::Arbitrate => "Arbiter: `ARBITRATION`",
        Action::VerdictWon => "Tutelar: merchant-won",
        Action::VerdictLost => "Tutelar: merchant-loss",
        Action::MoveLevel => "Tutelar: move-level",
        Action::Reopen(_) => "Tutelar: reopen",
        Action::CloseForCustomer | Action::CloseForMerchant if channel.policy().has_support_process => {
            "`recourse dispute close`; `recourse case resolve`; the support process"
        }
        Action::CloseForCustomer | Action::CloseForMerchant => {
            "`recourse dispute close`; `recourse case resolve`; `worker-deadlines`"
        }
        Action::Refund | Action::Fail => "platform: put or import the transaction",
        Action::Expire => "`worker-deadlines`",
    }
}

/// What a role can do without taking an action.
const COMMENT: &str = "| comment on it | issuer; acquirer; merchant: while it is live | Arbiter: `COMMENT` |";

/// Whether there is a situation of a dispute of this API in which the role may take the action.
fn can_happen(channel: Channel, role: Actor, action: Action) -> bool {
    // Only a draft takes evidence.
    let has_evidence = channel.policy().draft != Right::Never;
    let in_state = |category: Category, state: State| {
        let exists = match state {
            State::Draft => channel.policy().draft != Right::Never,
            State::Live(stage) => category.stages().contains(&stage),
            State::Closed { .. } => true,
        };
        let situation = |parties_acted| Situation {
            channel,
            state,
            category,
            closed_by: Some(Action::VerdictLost),
            parties_acted,
            has_evidence,
            respondent: Some(role),
        };
        exists && [false, true].into_iter().any(|acted| decide(&situation(acted), role, action).is_ok())
    };
    channel.policy().categories.iter().any(|category| State::all().any(|state| in_state(*category, state)))
}

/// The actions that there are for disputes of an API, by role.
fn actions(page: &mut String, channel: Channel) {
    page.push_str("\n| may | who, and when | by which call |\n|---|---|---|\n");
    for action in Action::ALL {
        let Some(action_name) = action_name(action) else { continue };
        // Of the two who can answer for the merchant's side, the table says the same.
        let roles = Actor::ALL.into_iter().filter(|role| *role != Actor::Merchant);
        let roles: Vec<_> = roles
            .map(|role| (role, right(channel, role, action)))
            .filter(|(role, _)| can_happen(channel, *role, action))
            .map(|(role, right)| match right {
                Right::Always => role.name().to_owned(),
                Right::AsRespondent | Right::GivesInAsRespondent => {
                    format!("whoever answers for the merchant's side: {}", when(right))
                }
                right => format!("{}: {}", role.name(), when(right)),
            })
            .collect();
        if !roles.is_empty() {
            let call = call(channel, action)
                .split("; ")
                .filter(|call| !call.contains("worker") || channel.policy().has_deadlines);
            let calls: Vec<_> = call.collect();
            writeln!(page, "| {action_name} | {} | {} |", roles.join("; "), calls.join("; ")).unwrap();
        }
    }
    writeln!(page, "{COMMENT}").unwrap();
}

/// What happens: by whom, what, and where it leads.
type Occurrence = (Actor, EventKind, State);

/// What can happen that somebody is notified of, a row each. All that a row covers has the same
/// mails.
fn occasions(channel: Channel) -> Vec<(&'static str, Vec<Occurrence>)> {
    let closed = |closing| State::Closed { closing, stage: Stage::First };
    let did = EventKind::Did;
    let live = |stage| State::Live(stage);
    let (first, opener, opened) = (live(Stage::First), Actor::Opener, EventKind::Opened);
    let begun = match channel {
        Channel::Connect => vec![
            ("a draft is begun", opener, opened, State::Draft),
            ("it is submitted", opener, did(Action::Submit), first),
        ],
        Channel::Arbiter => vec![
            ("it is logged", Actor::Issuer, opened, first),
            ("it is logged in a category that is accepted at once", Actor::Issuer, opened, State::CLOSED_ON_CREATION),
        ],
        Channel::Iimmpact => vec![("it is reported", opener, opened, first)],
        Channel::Tutelar => vec![
            ("it is raised", opener, opened, first),
            ("it is raised of a payment that failed or was refunded", opener, opened, State::CLOSED_ON_CREATION),
        ],
    };
    let mut all: Vec<_> =
        begun.into_iter().map(|(name, actor, kind, state)| (name, vec![(actor, kind, state)])).collect();
    let (acquirer, issuer, account) = (Actor::Acquirer, Actor::Issuer, Actor::Account);
    let (lost, won) = (closed(Closing::Customer), closed(Closing::Merchant));
    all.extend([
        (
            "a bank or merchant takes the next step",
            vec![
                (acquirer, did(Action::Represent), live(Stage::Representment)),
                (issuer, did(Action::PreArbitrate), live(Stage::PreArbitration)),
                (acquirer, did(Action::PreArbitrateAgain), live(Stage::PreArbitrationTwo)),
                (issuer, did(Action::Arbitrate), live(Stage::Arbitration)),
            ],
        ),
        ("the merchant's account moves its level", vec![(account, did(Action::MoveLevel), first)]),
        ("the merchant's account reopens it", vec![(account, did(Action::Reopen(Level::One)), first)]),
        ("the merchant's side accepts the claim", vec![(acquirer, did(Action::Accept), lost)]),
        ("the merchant's side refuses the claim", vec![(acquirer, did(Action::Decline), won)]),
        ("the issuer withdraws its claim", vec![(issuer, did(Action::Withdraw), won)]),
        ("the merchant's account gives the verdict that it lost", vec![(account, did(Action::VerdictLost), lost)]),
        ("the merchant's account gives the verdict that it won", vec![(account, did(Action::VerdictWon), won)]),
        ("its opener withdraws it", vec![(opener, did(Action::Cancel), closed(Closing::Withdrawn))]),
        (
            "an operator decides it",
            vec![
                (Actor::Operator, did(Action::CloseForCustomer), lost),
                (Actor::Operator, did(Action::CloseForMerchant), won),
            ],
        ),
    ]);
    if channel.policy().has_support_process {
        let ended = |action, state| vec![(Actor::Automation, did(action), state)];
        all.extend([
            ("the support process ends it for the customer", ended(Action::CloseForCustomer, lost)),
            ("the support process ends it for the merchant", ended(Action::CloseForMerchant, won)),
        ]);
    }
    if channel.policy().has_deadlines {
        let reminded = |stage| (Actor::Clock, EventKind::Reminded, live(stage));
        all.extend([
            (
                "the deadline is near, and the merchant's side has to act",
                vec![reminded(Stage::First), reminded(Stage::PreArbitration)],
            ),
            (
                "the deadline is near, and the issuer has to act",
                vec![reminded(Stage::Representment), reminded(Stage::PreArbitrationTwo)],
            ),
            (
                "time runs out",
                vec![(Actor::Clock, did(Action::Expire), lost), (Actor::Clock, did(Action::Expire), won)],
            ),
        ]);
    }
    let refunded = closed(Closing::Refunded);
    all.extend([
        ("the payment is refunded", vec![(Actor::Platform, did(Action::Refund), refunded)]),
        ("the payment turns out to have failed", vec![(Actor::Platform, did(Action::Fail), refunded)]),
    ]);
    let happens = |(actor, kind, _): &Occurrence| match kind {
        EventKind::Did(action) => can_happen(channel, *actor, *action),
        EventKind::Opened | EventKind::Commented | EventKind::Reminded | EventKind::Attached => true,
    };
    all.retain(|(_, covered)| covered.iter().any(happens));
    all
}

fn mails(page: &mut String, channel: Channel) {
    let case = if channel.policy().case_is_account {
        "the account whose transaction it is"
    } else {
        "those whom the opener named, with its account in Cc"
    };
    writeln!(page, "\n| when | mail to {case} | mail to the issuer, the acquirer and the merchant |\n|---|---|---|")
        .unwrap();
    for (occasion, covered) in occasions(channel) {
        let mut rows: Vec<_> = covered.into_iter().map(|occurrence| mails_about(channel, occurrence)).collect();
        rows.dedup();
        assert_eq!(rows.len(), 1, "{occasion} ({channel:?}) has several mails: {rows:?}");
        writeln!(page, "| {occasion} | {} | {} |", rows[0][0], rows[0][1]).unwrap();
    }
}

/// The mails to the case and to the parties.
fn mails_about(channel: Channel, (actor, kind, state): Occurrence) -> [&'static str; 2] {
    let by = PerformedBy { actor, name: String::new() };
    let event = HistoryEntry { version: 1, at: UnixMillis(0), by, kind, state, note: None };
    let mails = notify(channel, &event);
    let none = |audience| match (audience, actor) {
        (Audience::Case, Actor::Automation) => "what the process itself says, in the language of the case",
        _ => "none",
    };
    Audience::ALL.map(|audience| {
        mails.iter().find(|(to, _)| *to == audience).map_or(none(audience), |(_, template)| mail(*template))
    })
}

fn mail(template: EmailTemplate) -> &'static str {
    match template {
        EmailTemplate::Received => "we received your report",
        EmailTemplate::Refunded | EmailTemplate::PaymentRefunded => "the payment was refunded",
        EmailTemplate::TransactionFailed | EmailTemplate::PaymentFailed => "the payment did not go through",
        EmailTemplate::DecidedForCustomer
        | EmailTemplate::DisputeDecidedForCustomer
        | EmailTemplate::DecidedForMerchant
        | EmailTemplate::DisputeDecidedForMerchant => "the dispute team decided it, and why",
        EmailTemplate::CaseEndedForCustomer | EmailTemplate::Accepted => {
            "it was decided in the customer's favour, and by whom"
        }
        EmailTemplate::CaseEndedForMerchant | EmailTemplate::Declined => {
            "it was decided in the merchant's favour, and by whom"
        }
        EmailTemplate::Advanced => "who did what, and the new status",
        EmailTemplate::Withdrawn | EmailTemplate::DisputeWithdrawn => "it was withdrawn",
        EmailTemplate::Logged => "a dispute was opened, and by whom",
        EmailTemplate::LoggedAccepted => "a dispute was opened and is closed",
        EmailTemplate::Reopened => "it was reopened, and by whom",
        EmailTemplate::Reminder => "a reminder of who has to act, and by when",
        EmailTemplate::ExpiredForCustomer | EmailTemplate::ExpiredForMerchant => "time ran out",
        EmailTemplate::Undeliverable => "an address takes no mail",
        EmailTemplate::SupportReply | EmailTemplate::SupportWaiting | EmailTemplate::UnknownCaseMail => {
            "what the support process or an agent says"
        }
        EmailTemplate::SignIn => "a link that signs in to the console",
        EmailTemplate::WebhookDisabled => "a webhook endpoint was disabled",
    }
}

/// How each API shows each state.
fn shown(page: &mut String) {
    page.push_str("\n## What each API shows\n\n");
    page.push_str("The Arbiter and Tutelar APIs show a dispute to the parties of its transaction. The Tutelar and Connect APIs show it to its\n");
    page.push_str("opener and the transaction's account. Whoever could see it once still sees it when it has ended. Staging and production are kept apart.\n\n");
    page.push_str("| state | Arbiter status | Tutelar status, verdict | Connect status |\n|---|---|---|---|\n");
    let closed = |closing| State::Closed { closing, stage: Stage::First };
    for (name, state) in [
        ("draft", State::Draft),
        ("live", State::Live(Stage::First)),
        ("decided in the customer's favour", closed(Closing::Customer)),
        ("decided in the merchant's favour", closed(Closing::Merchant)),
        ("a draft that was cancelled", closed(Closing::Cancelled)),
        ("withdrawn", closed(Closing::Withdrawn)),
        ("ended with the payment", closed(Closing::Refunded)),
        ("closed from the start", State::CLOSED_ON_CREATION),
    ] {
        let arbiter = match (state, arbiter_status(state, Category::Chargeback)) {
            (State::Live(_), _) => "the status of its stage",
            (_, status) => status.unwrap_or("not shown"),
        };
        let (tutelar, connect) = (tutelar::view(state), connect::view(state));
        writeln!(page, "| {name} | {arbiter} | {}, {} | {} |", tutelar.status, tutelar.verdict, connect.status)
            .unwrap();
    }
}

/// What not everybody reads, in words.
const FIELDS: [(&str, Field); 21] = [
    ("the customer's name", Field::CustomerName),
    ("the customer's mail address and phone number", Field::CustomerEmail),
    ("the merchant's name and business name", Field::MerchantName),
    ("the merchant's mail address and phone number", Field::MerchantEmail),
    ("the merchant id", Field::MerchantId),
    ("the account that the money went through", Field::NodalAccount),
    ("the card or account that was paid with", Field::PaymentInstrument),
    ("the gateway's order", Field::GatewayOrder),
    ("fee and tax in the disputed amount", Field::Charges),
    ("the day by which the account wants it resolved", Field::InternalDueDate),
    ("the due date of its level", Field::DueDate),
    ("the account's comments", Field::Comments),
    ("the account's own reference of the payment", Field::Refid),
    ("whom to ask about the claim", Field::ClaimContact),
    ("why the opener disputes the payment", Field::ClaimMessage),
    ("the support case of a report", Field::SupportCase),
    ("the list of evidence", Field::EvidenceList),
    ("the files of evidence", Field::EvidenceFile),
    ("what a bank or merchant says with a step, and which person says it", Field::NoteBy(Actor::Issuer)),
    ("why an operator decided", Field::NoteBy(Actor::Operator)),
    ("which operator decided", Field::NameOf(Actor::Operator)),
];

/// Who reads what.
fn readers(page: &mut String) {
    page.push_str("\n## What each role sees\n\n");
    page.push_str("Amounts, states, dates, codes and the payment's own facts are there for every role that sees the dispute. Beside them:\n\n");
    page.push_str("| field | is read by |\n|---|---|\n");
    for (name, field) in FIELDS {
        let readers: Vec<_> = Actor::ALL.into_iter().filter(|role| may_see(*role, field)).map(Actor::name).collect();
        writeln!(page, "| {name} | {} |", readers.join(", ")).unwrap();
    }
}

/// What is in a mail beside its news.
const MAILS: &str = "
## What a mail says

Every mail says in its subject what happened, after the case id. Its body names the merchant, the product, the amounts and the
payment's date. A mail to parties adds the banks, the category, the reason, the status, who acts next until when, what happens
otherwise, what the one who has to act may do, and where. The log code is in mails to the issuer, the acquirer and the merchant alone,
and the account's own reference is in mails of the case alone.

No mail shows an address of the other column. A bank or merchant whose address a caller names gets its own mail, and not the case's.

";

/// Whose words a mail shows.
fn comments(page: &mut String) {
    page.push_str(MAILS);
    page.push_str("| whose words, said with the step | are in the mail of the case | are in the mail to the issuer, the acquirer and the merchant |\n|---|---|---|\n");
    for actor in Actor::ALL {
        let shown = |audience| {
            let everywhere = Channel::ALL.into_iter().all(|channel| shows_comment(channel, audience, actor));
            let anywhere = Channel::ALL.into_iter().any(|channel| shows_comment(channel, audience, actor));
            assert_eq!(everywhere, anywhere, "the page has one line for all APIs");
            if everywhere { "yes" } else { "no" }
        };
        writeln!(page, "| {} | {} | {} |", actor.name(), shown(Audience::Case), shown(Audience::Parties)).unwrap();
    }
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for channel in Channel::ALL {
        writeln!(page, "\n## {}", title(channel)).unwrap();
        actions(&mut page, channel);
        mails(&mut page, channel);
    }
    comments(&mut page);
    readers(&mut page);
    shown(&mut page);
    page.split("\n\n").map(wrapped).collect::<Vec<_>>().join("\n\n")
}

/// A paragraph in lines of at most 100 columns. Tables and headings stay as they are.
fn wrapped(paragraph: &str) -> String {
    if paragraph.starts_with(['|', '#', '<']) || paragraph.contains("\n|") {
        return paragraph.to_owned();
    }
    let (mut page, mut column) = (String::new(), 0);
    for word in paragraph.split_whitespace() {
        let separator = if column == 0 {
            ""
        } else if column + 1 + word.len() > 100 {
            "\n"
        } else {
            " "
        };
        column = if separator == "\n" { 0 } else { column + separator.len() };
        page.extend([separator, word]);
        column += word.len();
    }
    if paragraph.ends_with('\n') { page + "\n" } else { page }
}

#[test]
fn the_page_of_the_parties_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/parties.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written,
        page(),
        "docs/parties.md is stale: UPDATE_DOCS=1 cargo test --workspace --lib page_of_the_parties writes it"
    );
}
