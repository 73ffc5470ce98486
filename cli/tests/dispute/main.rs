//! The command line on disputes, against the tables.
#![expect(clippy::unwrap_used, reason = "a step that fails here fails the test")]

mod case;
mod search;
#[path = "../tables/mod.rs"]
mod tables;

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, DomainCode, Refid, Trxid};
use recourse_dispute::lifecycle::{Action, Actor, Category, State};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notification::EmailTemplate;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Kind, Parties, Party, Status, Transaction, TransactionDetails};
use recourse_local::dynamodb::DynamoDb;
use recourse_store::{
    Account, AuditContext, ChangeOutcome, NoGuard, OpenOutcome, Opening, RegisterOutcome, Store, WriteToken,
};

/// A deployment's tables, and a folder with the `.recourse.env` that leads to them.
struct Tables {
    _dynamodb: DynamoDb,
    folder: tempfile::TempDir,
    store: Store,
    attempts: u8,
}

const AT: UnixMillis = UnixMillis(1_768_528_800_000);

impl Tables {
    async fn start() -> Self {
        let (dynamodb, folder, aws) = tables::tables(&[]).await;
        Self { _dynamodb: dynamodb, folder, store: Store::from_environment(&aws).unwrap(), attempts: 0 }
    }

    fn token(&mut self) -> WriteToken {
        self.attempts += 1;
        WriteToken::new([self.attempts; 16])
    }

    /// Registers an account.
    async fn account(&mut self, id: &str, environment: Environment) {
        let account = Account {
            id: AccountId::parse(id).unwrap(),
            name: id.to_owned(),
            environment,
            email: MailAddress::parse("disputes@wallet.example").unwrap(),
            merchant_id: None,
            domain_code: None,
        };
        let audit =
            AuditContext { by: PerformedBy { actor: Actor::Operator, name: "alice".into() }, at: AT, why: None };
        let token = self.token();
        assert_eq!(self.store.create_account(&account, &audit, &token).await.unwrap(), RegisterOutcome::Created);
    }

    async fn upsert(&mut self, trxid: &str, account: &str, refid: &str) -> Facts {
        self.upsert_in(Environment::Production, trxid, account, refid).await
    }

    async fn upsert_in(&mut self, environment: Environment, trxid: &str, account: &str, refid: &str) -> Facts {
        let facts = Facts {
            environment,
            trxid: Trxid::parse(trxid).unwrap(),
            account: AccountId::parse(account).unwrap(),
            refid: Refid::parse(refid).unwrap(),
            product: None,
            amount: Money::from_minor(5_000, Currency::parse("MYR").unwrap()),
            occurred_at: AT,
            parties: Parties::default(),
            details: TransactionDetails::default(),
        };
        self.upsert_facts(facts).await
    }

    async fn upsert_facts(&mut self, facts: Facts) -> Facts {
        let update =
            Transaction { facts: facts.clone(), status: Status::Succesful, kind: Kind::Other, updated_at: AT.into() };
        let by = PerformedBy { actor: Actor::Platform, name: "platform".into() };
        let token = self.token();
        self.store.upsert_transaction(&update, &by, AT, || token.clone()).await.unwrap();
        facts
    }

    async fn open(&mut self, facts: &Facts, number: u64, state: State, at: UnixMillis) -> Dispute {
        let registered = MailAddress::parse("disputes@wallet.example").unwrap();
        let opener = facts.account.clone();
        let number = DisputeNumber::try_from(number).unwrap();
        let dispute = Dispute {
            state,
            recipients: Some(Recipients::parse(&["user@example.com".to_owned()], &registered).unwrap()),
            ..Dispute::begin(number, Channel::Connect, opener, facts.clone(), Category::Chargeback, at)
        };
        let opening = Opening {
            dispute: dispute.clone(),
            by: PerformedBy { actor: Actor::Opener, name: "key".into() },
            transaction_is: Status::Succesful,
            parties: None,
            guard: NoGuard,
            support: None,
        };
        let token = self.token();
        assert!(matches!(self.store.open(&opening, &token, at).await.unwrap(), OpenOutcome::Opened(_)));
        dispute
    }

    async fn decide(&mut self, dispute: &Dispute, at: UnixMillis) {
        let change = dispute.decided(Action::CloseForMerchant, "bob".into(), "why".into(), at).unwrap();
        let token = self.token();
        assert!(matches!(
            self.store.change(dispute, &change, &NoGuard, &token, at).await.unwrap(),
            ChangeOutcome::Changed(_)
        ));
    }

    /// Exit code, stdout and stderr of `recourse dispute` and these words.
    async fn run(&self, words: &[&str]) -> (i32, String, String) {
        self.recourse(&[&["dispute"], words].concat()).await
    }

    /// Exit code, stdout and stderr of `recourse` and these words.
    async fn recourse(&self, words: &[&str]) -> (i32, String, String) {
        tables::recourse(&self.folder, "alice", words).await
    }

    /// The case id that `show` begins with.
    async fn shown(&self, words: &[&str]) -> String {
        let (code, out, err) = self.run(&[&["show"], words].concat()).await;
        assert_eq!((code, err.as_str()), (0, ""), "{words:?}");
        out.split("  ").next().unwrap().to_owned()
    }

    /// The error of `show` when it shows nothing.
    async fn refused(&self, words: &[&str]) -> String {
        let (code, out, err) = self.run(&[&["show"], words].concat()).await;
        assert_eq!((code, out.as_str()), (2, ""), "{words:?}: {err}");
        err
    }
}

fn live() -> State {
    State::initial(Category::Chargeback)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_name_leads_to_the_dispute() {
    let mut tables = Tables::start().await;
    tables.account("acct_demo", Environment::Production).await;
    let facts = tables.upsert("50001", "acct_demo", "order 7#a").await;
    tables.open(&facts, 551, live(), AT).await;
    let names: [&[&str]; 16] = [
        &["RC-0000008t"],
        &["rc-0000008t"],
        &["RC-0000008T"],
        &["Dispute_0000008t"],
        &["fbn00ii551"],
        &["551-1"],
        &[" 551 "],
        &[" 50001 "],
        &["dispute_0000008t"],
        &["FBN00II551"],
        &["551"],
        &["50001"],
        &["--trxid", "50001"],
        &["order 7#a", "--account", "acct_demo"],
        &["551", "--account", "acct_demo"],
        &["--refid", "order 7#a", "--account", "acct_demo"],
    ];
    for name in names {
        assert_eq!(tables.shown(name).await, "RC-0000008t", "{name:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_name_is_refused_with_what_to_try() {
    let mut tables = Tables::start().await;
    tables.account("acct_demo", Environment::Production).await;
    tables.upsert("50001", "acct_demo", "1").await;
    assert!(tables.refused(&["50001"]).await.contains("the transaction 50001 (refid 1 of acct_demo) has no dispute"));
    assert!(tables.refused(&["order 7"]).await.contains("If it is a refid, pass its account with --account."));
    assert!(!tables.refused(&["order 7", "--account", "acct_demo"]).await.contains("pass its account"));
    assert!(tables.refused(&["--trxid", "9"]).await.contains("transaction of production has the trxid 9."));
    let unknown = tables.refused(&["--refid", "2", "--account", "acct_demo"]).await;
    assert!(unknown.contains("transaction of production has the refid 2 of the account acct_demo."), "{unknown}");
    assert!(tables.refused(&["--refid", "1", "--account", "other"]).await.contains("there is no account other."));
    assert!(tables.refused(&["a\u{1b}[2J"]).await.contains("a\\u{1b}[2J"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ambiguous_name_is_never_guessed() {
    let mut tables = Tables::start().await;
    tables.account("acct_b", Environment::Production).await;
    let first = tables.upsert("551", "acct_a", "1").await;
    let second = tables.upsert("50002", "acct_b", "551").await;
    tables.open(&first, 7, live(), AT).await;
    tables.open(&second, 551, live(), AT).await;
    let text = tables.refused(&["551"]).await;
    assert!(text.contains("RC-0000008t (a dispute of 50002), --trxid 551 (a transaction of acct_a)"), "{text}");
    assert_eq!(tables.shown(&["--trxid", "551"]).await, "RC-00000007");
    // The refid leads to the dispute with this number, so there are two things and not three.
    assert_eq!(tables.refused(&["551", "--account", "acct_b"]).await, text);
    let (code, _, _) = tables.run(&["close", "551", "--for", "customer", "--why", "x"]).await;
    assert_eq!(code, 2);
}

/// One trxid and one refid, each in both environments.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_is_found_in_one_environment() {
    let mut tables = Tables::start().await;
    for (environment, account, number) in
        [(Environment::Staging, "acct_s", 7), (Environment::Production, "acct_p", 551)]
    {
        tables.account(account, environment).await;
        let facts = tables.upsert_in(environment, "50001", account, "1").await;
        tables.open(&facts, number, live(), AT).await;
    }
    tables.upsert_in(Environment::Staging, "50002", "acct_s", "2").await;
    let names: [(&[&str], &[&str]); 4] = [
        (&["50001"], &["50001", "--environment", "staging"]),
        (&["50001", "--account", "acct_p"], &["50001", "--account", "acct_s"]),
        (&["--trxid", "50001", "--environment", "production"], &["--trxid", "50001", "--environment", "staging"]),
        (&["--refid", "1", "--account", "acct_p"], &["--refid", "1", "--account", "acct_s"]),
    ];
    for (production, staging) in names {
        assert_eq!(tables.shown(production).await, "RC-0000008t", "{production:?}");
        assert_eq!(tables.shown(staging).await, "RC-00000007", "{staging:?}");
    }
    assert!(tables.refused(&["50002"]).await.contains("If it is in staging, pass --environment staging."));
    let unknown = tables.refused(&["50003", "--environment", "staging"]).await;
    assert!(unknown.contains("no dispute and no transaction of staging has the name 50003."), "{unknown}");
    // Of two things that a text names, the staging one is shown with its environment.
    tables.upsert_in(Environment::Staging, "551", "acct_s", "3").await;
    let text = tables.refused(&["551", "--environment", "staging"]).await;
    assert!(text.contains("--trxid 551 --environment staging (a transaction of acct_s)"), "{text}");
    let close = ["close", "--trxid", "50001", "--environment", "staging", "--for", "customer", "--why", "x"];
    let (code, out, _) = tables.run(&close).await;
    assert!(code == 0 && out.starts_with("RC-00000007  closed in the customer's favour"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_leads_to_its_open_dispute_or_else_to_the_last_one() {
    let mut tables = Tables::start().await;
    let facts = tables.upsert("50001", "acct_demo", "1").await;
    for (number, at) in [(900, AT), (30, AT.plus(5_000))] {
        let dispute = tables.open(&facts, number, live(), at).await;
        tables.decide(&dispute, at.plus(1_000)).await;
    }
    assert_eq!(tables.shown(&["50001"]).await, "RC-0000000U");
    tables.open(&facts, 7, live(), AT.plus(1)).await;
    let (_, out, _) = tables.run(&["show", "50001"]).await;
    assert!(
        out.starts_with("RC-00000007  live, first stage") && out.contains("also about it RC-000000EW, RC-0000000U"),
        "{out}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_is_recorded_once_with_who_and_why() {
    let mut tables = Tables::start().await;
    let facts = tables.upsert("50001", "acct_demo", "1").await;
    let dispute = tables.open(&facts, 551, live(), AT).await;
    let close = ["close", "50001", "--for", "merchant", "--why", "redeemed twice"];
    let (code, out, err) = tables.run(&close).await;
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("RC-0000008t  closed in the merchant's favour\n  before  live, first stage"), "{out}");
    let record = tables.store.record_of(dispute.number).await.unwrap().unwrap();
    let [_, decided] = record.events.try_into().unwrap();
    assert_eq!(decided.by, PerformedBy { actor: Actor::Operator, name: "alice".into() });
    assert_eq!(decided.note.as_deref(), Some("redeemed twice"));
    assert_eq!(
        record.mails.iter().map(|mail| mail.notification.template).collect::<Vec<_>>(),
        [EmailTemplate::Received, EmailTemplate::DisputeDecidedForMerchant]
    );

    let (code, out, err) = tables.run(&close).await;
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("RC-0000008t is closed in the merchant's favour since"), "{err}");
    let (_, out, _) = tables.run(&["show", "551", "--json"]).await;
    assert!(out.contains("\"redeemed twice\"") && !out.contains('@'), "{out}");
    let (_, out, _) = tables.run(&["show", "551", "--addresses"]).await;
    assert!(out.contains("user@example.com, disputes@wallet.example"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_who_decide_at_once_decide_once() {
    let mut tables = Tables::start().await;
    for round in 0..4 {
        let facts = tables.upsert(&format!("5000{round}"), "acct_demo", &format!("order-{round}")).await;
        let dispute = tables.open(&facts, 551 + round, live(), AT).await;
        let case = dispute.number.case_id();
        let close = |side| ["close", case.as_str(), "--for", side, "--why", "x"];
        let (for_customer, for_merchant) = (close("customer"), close("merchant"));
        let ended = tokio::join!(
            tables.run(&for_customer),
            tables.run(&for_merchant),
            tables.run(&for_customer),
            tables.run(&for_merchant),
        );
        let mut ended = [ended.0, ended.1, ended.2, ended.3];
        ended.sort();
        assert_eq!(ended.each_ref().map(|(code, _, _)| *code), [0, 2, 2, 2], "{ended:?}");
        assert!(ended.iter().skip(1).all(|(_, _, err)| err.contains("Only a live dispute")), "{ended:?}");
        let record = tables.store.record_of(dispute.number).await.unwrap().unwrap();
        assert_eq!((record.events.len(), record.mails.len()), (2, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_cannot_be_decided_and_unreachable_tables_are_no_answer() {
    let mut tables = Tables::start().await;
    let facts = tables.upsert("50001", "acct_demo", "1").await;
    tables.open(&facts, 551, State::Draft, AT).await;
    let (code, _, err) = tables.run(&["close", "551", "--for", "customer", "--why", "x"]).await;
    assert!(code == 2 && err.contains("can be closed once acct_demo has submitted it"), "{err}");

    let file = tables.folder.path().join(".recourse.env");
    let text = std::fs::read_to_string(&file).unwrap();
    let dead = text.lines().map(|line| match line.split_once("DYNAMODB=") {
        Some((before, _)) => format!("{before}DYNAMODB=http://127.0.0.1:1\n"),
        None => format!("{line}\n"),
    });
    std::fs::write(&file, dead.collect::<String>()).unwrap();
    let (code, out, err) = tables.run(&["show", "551"]).await;
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains("DynamoDB does not answer"), "{err}");
    std::fs::remove_file(&file).unwrap();
    let (code, _, err) = tables.run(&["show", "551"]).await;
    assert!(code == 2 && err.contains("AWS_ACCESS_KEY_ID is not set"), "{err}");
}

/// No worker reads the stream of these tables, so only the command counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disputes_that_no_worker_counted_are_counted_once() {
    let mut tables = Tables::start().await;
    let bank = DomainCode::parse("FBN").unwrap();
    let mut last = None;
    for number in 1..=12_u64 {
        let mut facts = tables.upsert(&format!("5000{number}"), "acct_demo", &format!("order-{number}")).await;
        let name = "First Bank".to_owned();
        facts.parties.issuer = Some(Party { code: bank.clone(), name, reference: None, category: None });
        last = Some(tables.open(&facts, number, live(), AT.plus(i64::try_from(number).unwrap())).await);
    }
    let counted =
        async |tables: &Tables| tables.store.counted(Environment::Production, &bank, None, None).await.unwrap();
    assert_eq!(counted(&tables).await, 0);
    for (party, said) in [
        (["--domain", "FBN"], "12 disputes: 12 counted, 0 counted before, 0 cannot be read\n"),
        (["--account", "acct_demo"], "12 disputes: 0 counted, 12 counted before, 0 cannot be read\n"),
    ] {
        let (code, out, err) = tables.run(&["recount", party[0], party[1]]).await;
        assert_eq!((code, out.as_str(), err.as_str()), (0, said, ""));
        assert_eq!(counted(&tables).await, 12);
    }
    let dispute = last.unwrap();
    tables.decide(&dispute, AT.plus(1_000)).await;
    let (_, out, _) = tables.run(&["recount", "--domain", "FBN"]).await;
    assert_eq!(out, "12 disputes: 1 counted, 11 counted before, 0 cannot be read\n");
    assert_eq!(counted(&tables).await, 12, "at another status");
    // No account is registered here.
    let (code, out, _) = tables.run(&["recount", "--all"]).await;
    assert_eq!((code, out.as_str()), (0, "0 disputes: 0 counted, 0 counted before, 0 cannot be read\n"));
}
