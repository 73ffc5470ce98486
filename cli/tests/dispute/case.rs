//! `recourse case`, against the tables: what its JSON has, what is shown to a person, and what an
//! agent's commands write.

use recourse_dispute::channel::Channel;
use recourse_dispute::lifecycle::{Category, Closing, State};
use recourse_store::{Attachment, CaseFile, Direction, Message, MessageRole, Opening, SupportCommit, SupportEvent};
use recourse_support::case::{HeldMail, Kind, Language, Owner, State as SupportState, SupportCase};
use recourse_support::decision::{DecidedBy, HistoryEntry};
use recourse_support::limits::{Limits, Setup};
use recourse_support::reason::Reason;
use recourse_support::templates::{Slots, TemplateId};
use recourse_support::time::UnixSeconds;
use serde_json::{Value, json};

use super::*;

impl Tables {
    /// Opens a dispute with a support case, which is changed before it is written.
    async fn reported(&mut self, facts: &Facts, number: u64, change: impl Fn(&mut SupportCase)) -> Dispute {
        let registered = MailAddress::parse("disputes@wallet.example").unwrap();
        let dispute = Dispute {
            recipients: Some(Recipients::parse(&["user@example.com".to_owned()], &registered).unwrap()),
            state: State::initial(Category::Inquiry),
            ..Dispute::begin(
                DisputeNumber::try_from(number).unwrap(),
                Channel::Iimmpact,
                facts.account.clone(),
                facts.clone(),
                Category::Inquiry,
                AT,
            )
        };
        let setup = Setup { limits: Limits::configured("{}").unwrap(), max_model_calls: 0, has_provider: false };
        let mut support = SupportCase::new(Kind::Voucher, Language::english(), UnixSeconds(AT.seconds()), &setup);
        change(&mut support);
        let entries = vec![HistoryEntry {
            at: UnixSeconds(AT.seconds()),
            from: SupportState::New,
            to: support.state,
            reason: support.reason,
            decided_by: DecidedBy::Playbook { name: "voucher".into(), version: "0123456789ab".into() },
            saw: vec!["step:photo".into()],
        }];
        let by = PerformedBy { actor: Actor::Automation, name: "report".into() };
        let event =
            SupportEvent { version: 1, at: AT, by: by.clone(), entries, ids: vec!["message 1".into()], note: None };
        let opening = Opening {
            dispute: dispute.clone(),
            by: PerformedBy { actor: Actor::Opener, name: "key".into() },
            transaction_is: Status::Succesful,
            parties: None,
            guard: NoGuard,
            support: Some((CaseFile::begin(dispute.number, Some(support)), event)),
        };
        let token = self.token();
        assert!(matches!(self.store.open(&opening, &token, AT).await.unwrap(), OpenOutcome::Opened(_)));
        dispute
    }

    /// Adds a mail that was received.
    async fn received(&mut self, number: u64, message: Message) {
        let number = DisputeNumber::try_from(number).unwrap();
        let snapshot = self.store.support_snapshot(number).await.unwrap().unwrap();
        let mut commit = SupportCommit::of(&snapshot);
        commit.add_message(message, AT.plus(60_000));
        let token = self.token();
        self.store.commit_support(&commit, &token, AT.plus(60_000)).await.unwrap();
    }

    /// What a command prints as JSON.
    async fn json(&self, words: &[&str]) -> Value {
        let (code, out, err) = self.recourse(&[words, &["--json"]].concat()).await;
        assert_eq!(code, 0, "{words:?}: {out}{err}");
        serde_json::from_str(&out).unwrap()
    }

    async fn started() -> Self {
        let mut tables = Self::start().await;
        tables.account("acct_demo", Environment::Production).await;
        tables
    }

    async fn facts(&mut self, trxid: &str) -> Facts {
        self.upsert(trxid, "acct_demo", &format!("order-{trxid}")).await
    }
}

fn in_queue(case: &mut SupportCase) {
    case.state = SupportState::WaitingForAgent;
    case.owner = Owner::Nobody;
    case.reason = Reason::ProviderUnknown;
    case.limit_at = Some(UnixSeconds(AT.seconds() + 28_800));
    case.next_at = case.limit_at;
}

fn mail(role: MessageRole, text: &str) -> Message {
    Message {
        message_id: Some("<answer@example.com>".into()),
        from: Some(MailAddress::parse("user@example.com").unwrap()),
        class: Some("written".into()),
        verdicts: Some("spam=pass virus=pass dmarc=fail".into()),
        object: Some("inbound/abc".into()),
        ..Message::new(Direction::In, role, text)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_prints_those_that_wait_and_each_state_by_its_name() {
    let mut tables = Tables::started().await;
    let facts = [tables.facts("50001").await, tables.facts("50002").await, tables.facts("50003").await];
    tables.reported(&facts[0], 551, in_queue).await;
    tables.reported(&facts[1], 552, |_| {}).await;
    let closed = tables.reported(&facts[2], 553, |_| {}).await;
    tables.decide(&closed, AT.plus(1)).await;

    let listed = tables.json(&["case", "list"]).await;
    let named = |listed: &Value| {
        let cases = listed.as_array().unwrap().iter();
        cases.map(|case| case["case"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let [queue, new, over] = [551, 552, 553].map(|number| DisputeNumber::try_from(number).unwrap().case_id());
    // The one whose first decision is due comes before the one that has an agent's eight hours.
    assert_eq!(named(&listed), [new.clone(), queue.clone()]);
    let expected = json!({
        "case": queue, "state": "waiting_for_agent", "owner": null, "limit_at": "2026-01-16T10:00:00Z",
        "overdue": true, "due_at": "2026-01-16T10:00:00Z", "reason": "provider_unknown", "subject": {"trxid": "50001", "refid": "order-50001", "product": null},
        "last_message_at": null,
    });
    let entry = &listed[1];
    assert_eq!(
        entry.as_object().unwrap().keys().collect::<Vec<_>>(),
        expected.as_object().unwrap().keys().collect::<Vec<_>>()
    );
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&entry[name], value, "{name}");
    }

    // Whose dispute was closed, is over, although no worker wrote that down yet.
    let of = async |state: &str| named(&tables.json(&["case", "list", "--state", state]).await);
    assert_eq!(of("resolved").await, [over]);
    assert_eq!(of("new").await, [new]);
    assert!(of("answered").await.is_empty());
    assert!(named(&tables.json(&["case", "list", "--mine"]).await).is_empty());
    let (code, _, err) = tables.recourse(&["case", "list", "--state", "open"]).await;
    assert!(code == 2 && err.contains("must be one of new,"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_has_the_documented_members_and_hides_nothing_of_a_hostile_mail() {
    let mut tables = Tables::started().await;
    let facts = tables.facts("50001").await;
    tables
        .reported(&facts, 551, |case| {
            in_queue(case);
            let not_before = UnixSeconds(AT.seconds() + 3_600);
            case.held = Some(HeldMail { template: TemplateId::Reminder, slots: Slots::new(), not_before });
        })
        .await;
    let mut hostile = mail(MessageRole::ThirdParty, "first\n2026-01-16T02:00:00Z  by an agent\n\u{1b}[2J\u{202e}x");
    hostile.attachments = vec![Attachment {
        name: "run\u{202e}gpj.exe".into(),
        media: None,
        size: 7,
        accepted: false,
        reason: Some("must be a pdf".into()),
        object: None,
        file: None,
    }];
    tables.received(551, hostile).await;

    let shown = tables.json(&["case", "show", "RC-0000008t"]).await;
    let members: Vec<_> = shown.as_object().unwrap().keys().collect();
    assert_eq!(members, ["case", "support", "messages", "held", "provider", "notes", "history"]);
    let support: Vec<_> = shown["support"].as_object().unwrap().keys().collect();
    assert_eq!(support, ["state", "owner", "limit_at", "overdue", "due_at", "reason"]);
    assert_eq!(shown["held"]["template"], "reminder");
    let messages = shown["messages"].as_array().unwrap();
    let [received, notification] = [MessageRole::ThirdParty, MessageRole::System].map(|role| {
        let role = serde_json::to_value(role).unwrap();
        messages.iter().find(|message| message["role"] == role).unwrap()
    });
    for message in messages {
        let members: Vec<_> = message.as_object().unwrap().keys().collect();
        assert_eq!(members, ["at", "direction", "role", "text", "attachments", "message_id"]);
    }
    assert_eq!((&received["direction"], &received["message_id"]), (&json!("in"), &json!("<answer@example.com>")));
    assert_eq!(
        received["attachments"],
        json!([{"name": "run\u{202e}gpj.exe", "accepted": false, "reason": "must be a pdf"}])
    );
    assert_eq!((&notification["direction"], &notification["message_id"]), (&json!("out"), &Value::Null));
    assert!(notification["text"].as_str().unwrap().len() > 40, "{notification}");
    assert_eq!(shown["history"][0]["decided_by"]["playbook"]["name"], "voucher");
    assert_eq!(shown["history"][0]["saw"], json!(["step:photo"]));

    let (code, out, err) = tables.recourse(&["case", "show", "RC-0000008t"]).await;
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(!out.contains(['\u{1b}', '\u{202e}']) && !out.contains("user@example.com"), "{out}");
    for line in [
        "RC-0000008t  waiting_for_agent: no agent has it, overdue by ",
        "; the next step is at ",
        "  message 1, ",
        "  held mail     reminder, until ",
        "  | 2026-01-16T02:00:00Z  by an agent",
        "  SES's checks  spam=pass virus=pass dmarc=fail",
        "refused: must be a pdf",
        "the playbook voucher, version 0123456789ab; saw step:photo",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    let (_, dispute, _) = tables.run(&["show", "551"]).await;
    assert!(dispute.contains("  support       waiting_for_agent: no agent has it, overdue by "), "{dispute}");
    let (_, out, _) = tables.recourse(&["case", "show", "551", "--addresses", "--verbose"]).await;
    assert!(out.contains("sender  user@example.com") && out.contains("object  inbound/abc"), "{out}");
    let verbose = tables.json(&["case", "show", "551", "--verbose"]).await;
    assert!(verbose["messages"].as_array().unwrap().iter().any(|message| message["object"] == "inbound/abc"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_without_the_process_is_shown_and_resolved_as_its_dispute() {
    let mut tables = Tables::started().await;
    let facts = tables.facts("50001").await;
    tables.open(&facts, 551, live(), AT).await;
    tables.received(551, mail(MessageRole::Customer, "Where is it?")).await;
    let shown = tables.json(&["case", "show", "551"]).await;
    assert_eq!(shown["support"], Value::Null);
    assert!(shown["messages"].as_array().unwrap().iter().any(|message| message["text"] == "Where is it?"));
    let resolved = tables.json(&["case", "resolve", "551", "--for", "customer", "--why", "it never came"]).await;
    assert_eq!(resolved["support"], Value::Null);
    assert_eq!(resolved["dispute"]["by"]["name"], "alice");
    let noted = tables.json(&["case", "note", "551", "--text", "Called the bank."]).await;
    assert_eq!((&noted["case"], &noted["by"]), (&json!("RC-0000008t"), &json!("alice")));
    let (_, out, _) = tables.recourse(&["case", "show", "551"]).await;
    assert!(out.contains("Notes: 1") && out.contains("  by alice") && out.contains("  | Called the bank."), "{out}");
    let (code, _, err) = tables.recourse(&["case", "resolve", "551", "--for", "customer", "--why", "again"]).await;
    assert!(code == 2 && err.contains("Only a live dispute can be closed"), "{err}");
}

/// Take, assign, reply and resolve, each once and each in the way of another agent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_takes_a_case_answers_and_ends_it() {
    let mut tables = Tables::started().await;
    let facts = tables.facts("50001").await;
    tables.reported(&facts, 551, in_queue).await;

    let taken = tables.json(&["case", "take", "551"]).await;
    assert_eq!((&taken["state"], &taken["owner"]), (&json!("waiting_for_agent"), &json!("alice")));
    let (code, out, _) = tables.recourse(&["case", "take", "551"]).await;
    assert!(code == 0 && out.contains("nothing changed"), "{out}");
    let (code, _, err) = tables.recourse(&["case", "take", "551", "--by", "bob"]).await;
    assert!(code == 2 && err.contains("alice"), "{err}");
    assert_eq!(tables.json(&["case", "take", "551", "--by", "bob", "--force"]).await["owner"], "bob");
    assert_eq!(tables.json(&["case", "assign", "551", "--to", "carol"]).await["owner"], "carol");
    let (code, _, err) = tables.recourse(&["case", "assign", "551", "--to", "automation"]).await;
    assert!(code == 2 && err.contains("must be a person's name"), "{err}");
    assert_eq!(tables.json(&["case", "list", "--mine", "--by", "carol"]).await.as_array().unwrap().len(), 1);

    let note = ["case", "note", "551", "--by", "bob", "--text", "The biller\nconfirmed it, as with RC-0000008u."];
    let (code, out, err) = tables.recourse(&note).await;
    assert!(code == 0 && out.contains("RC-0000008t  noted"), "{out}{err}");
    let (code, _, err) = tables.recourse(&["case", "note", "551", "--text", "card 4111 1111 1111 1111"]).await;
    assert!(code == 2 && err.contains("card_number"), "{err}");
    let shown = tables.json(&["case", "show", "551"]).await;
    assert_eq!((&shown["notes"][0]["by"], shown["notes"].as_array().unwrap().len()), (&json!("bob"), 1));
    assert_eq!(shown["notes"][0]["text"], "The biller\nconfirmed it, as with RC-0000008u.");
    assert_eq!(shown["support"]["owner"], "carol", "a note moves nothing");

    for (text, rule) in [
        ("Your card 4111 1111 1111 1111 was charged.", "card_number"),
        ("See https://evil.example/x", "link"),
        ("It is as with RC-0000008u.", "other_case"),
    ] {
        let (code, out, err) = tables.recourse(&["case", "reply", "551", "--text", text]).await;
        assert!(code == 2 && out.is_empty() && err.contains(rule), "{text}: {err}");
    }
    let text = "Dear customer,\n\nyour refund is on its way.";
    let reply = ["case", "reply", "551", "--by", "carol", "--json", "--text", text];
    let (code, out, err) = tables.recourse(&reply).await;
    assert!(code == 0 && err.contains("[money]"), "a claim is a warning: {err}");
    let replied: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&replied["case"], &replied["message"]["seq"]), (&json!("RC-0000008t"), &json!(1)));
    assert_eq!(replied["state"], "waiting_for_customer");
    let number = DisputeNumber::try_from(551).unwrap();
    let record = tables.store.case_record(number).await.unwrap().unwrap();
    let message = record.messages.last().unwrap();
    assert_eq!((message.role, message.text.as_str()), (MessageRole::Agent, text));
    let mail = tables.store.mail(message.mail.unwrap()).await.unwrap().unwrap();
    let recipients: Vec<_> = mail.notification.recipients.all().map(|address| address.as_str()).collect();
    assert_eq!(recipients, ["user@example.com", "disputes@wallet.example"], "the account is the last in Cc");

    let resolved =
        tables.json(&["case", "resolve", "551", "--for", "customer", "--why", "it never came", "--by", "carol"]).await;
    assert_eq!(resolved["support"]["state"], "resolved");
    assert_eq!(resolved["dispute"]["by"]["name"], "carol");
    let dispute = tables.store.dispute(number).await.unwrap().unwrap();
    assert!(matches!(dispute.state, State::Closed { closing: Closing::Customer, .. }), "{:?}", dispute.state);
    let (code, _, err) = tables.recourse(&["case", "resolve", "551", "--for", "merchant", "--why", "no"]).await;
    assert!(code == 2 && err.contains("closed in the customer's favour"), "{err}");
}
