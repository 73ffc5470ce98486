//! Cases from their beginning to their end.

mod agents;
mod mails;
mod outside;
mod story;

use recourse_aws::Aws;
use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::channels::iimmpact::support::SupportConfiguration;
use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::claim::{FileId, ObjectId};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, Refid, Trxid};
use recourse_dispute::lifecycle::Category;
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notification::SupportMail;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::transaction::{self, Facts, Parties, Status, Transaction, TransactionDetails};
use recourse_inbound::{Class, Verdict, Verdicts};
use recourse_store::{CaseFile, SealedProviderSecret};
use recourse_support::case::{State, SupportCase};

use super::*;

pub(crate) const NOW: UnixMillis = UnixMillis(1_780_000_000_000);
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const CUSTOMER: &str = "aisyah.rahman@customer.example";

pub(crate) fn settings(variables: &[(&'static str, &'static str)]) -> Settings {
    let mut all = vec![
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("SUPPORT_PROCESS", "on"),
        ("INBOUND_MAIL", "on"),
        ("SUPPORT_TIME_LIMITS", r#"{"mail_interval": 1}"#),
        ("SUPERVISOR_ADDRESSES", "boss@recourse.example"),
        ("SUPPORT_ADDRESS", "support@recourse.example"),
        ("MAIL_FROM", "cases@mail.recourse.example"),
    ];
    all.retain(|(name, _)| !variables.iter().any(|(other, _)| other == name));
    all.extend(variables);
    let aws =
        Aws::with(move |wanted| all.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned()));
    Settings::from_environment(&aws.unwrap()).unwrap()
}

pub(crate) fn casework(variables: &[(&'static str, &'static str)]) -> Casework {
    Casework::new(settings(variables), PlaybookSet::shipped().unwrap()).unwrap()
}

pub(crate) fn dispute(channel: Channel) -> Dispute {
    let account = AccountId::parse("acct_demo").unwrap();
    let facts = Facts {
        environment: Environment::Production,
        trxid: Trxid::parse("50001").unwrap(),
        account: account.clone(),
        refid: Refid::parse("123456").unwrap(),
        product: Some("Steam Wallet 50".to_owned()),
        amount: Money::parse("50.00", Currency::parse("MYR").unwrap()).unwrap(),
        occurred_at: NOW.plus(-HOUR),
        parties: Parties::default(),
        details: TransactionDetails::default(),
    };
    let number = DisputeNumber::from_base62("4fQ9zLk2").unwrap();
    let category = if channel == Channel::Iimmpact { Category::Inquiry } else { Category::Chargeback };
    let account_address = MailAddress::parse("account@client.example").unwrap();
    Dispute {
        recipients: Some(Recipients::parse(&[CUSTOMER.to_owned()], &account_address).unwrap()),
        ..Dispute::begin(number, channel, account, facts, category, NOW)
    }
}

/// A dispute with its case, which takes steps.
pub(crate) struct Run {
    pub(crate) casework: Casework,
    pub(crate) snapshot: SupportSnapshot,
    pub(crate) now: UnixMillis,
    /// The last commit.
    pub(crate) last: Option<SupportCommit>,
}

impl Run {
    /// A voucher that was reported just now, with a provider that can be asked.
    pub(crate) fn reported(variables: &[(&'static str, &'static str)]) -> Self {
        let dispute = dispute(Channel::Iimmpact);
        let providers = [("voucher".to_owned(), "https://provider.example/ask".to_owned())].into();
        let support = SupportConfiguration { providers, ..SupportConfiguration::default() };
        let secret = serde_json::from_str::<SealedProviderSecret>(r#"{"sealed": [1, 2, 3], "version": 1}"#).unwrap();
        let start = ProcessStart::read(|name| (name == "SUPPORT_PROCESS").then(|| "on".to_owned())).unwrap();
        let (case, _) = start.begin(&dispute, NOW).unwrap();
        let transaction = Transaction {
            facts: dispute.facts.clone(),
            status: Status::Succesful,
            kind: transaction::Kind::Voucher,
            updated_at: NOW.into(),
        };
        let snapshot = SupportSnapshot {
            dispute,
            case: Some(case),
            transaction: Some(transaction),
            configuration: Configuration { support, ..Configuration::default() },
            provider_secret: Some(secret),
        };
        Self { casework: casework(variables), snapshot, now: NOW, last: None }
    }

    pub(crate) fn decided(&self, input: &CaseInput<'_>) -> Result<Option<SupportCommit>, CaseError> {
        self.casework.decide(&self.snapshot, input, self.now)
    }

    /// Takes a step that writes something, as the store would write it.
    pub(crate) fn step(&mut self, input: &CaseInput<'_>) -> &SupportCommit {
        let commit = self.decided(input).unwrap().expect("something is written");
        let before = self.snapshot.case.as_ref();
        assert_eq!(commit.after.version, before.map_or(1, |case| case.version + 1));
        assert_eq!(commit.after.version, before.map_or(1, |case| case.version + 1));
        assert_eq!(commit.after.messages, before.map_or(0, |case| case.messages) + commit.messages.len() as u64);
        if let Some(event) = &commit.event {
            assert_eq!(event.version, commit.after.version);
        }
        for message in commit.messages.iter().filter(|message| message.mail.is_some()) {
            assert!(commit.mails.iter().any(|(id, _)| Some(*id) == message.mail), "a message has its mail");
        }
        self.snapshot.case = Some(commit.after.clone());
        if let Some(change) = &commit.change {
            self.snapshot.dispute = change.dispute.clone();
        }
        self.last.insert(commit)
    }

    pub(crate) fn after(&mut self, ms: i64, input: &CaseInput<'_>) -> &SupportCommit {
        self.now = self.now.plus(ms);
        self.step(input)
    }

    pub(crate) fn file(&self) -> &CaseFile {
        self.snapshot.case.as_ref().unwrap()
    }

    pub(crate) fn case(&self) -> &SupportCase {
        self.file().support.as_ref().unwrap()
    }

    pub(crate) fn state(&self) -> State {
        self.case().state
    }

    /// The words of the mails of the last commit.
    pub(crate) fn mails(&self) -> Vec<&SupportMail> {
        let last = self.last.as_ref().unwrap();
        last.mails.iter().map(|(_, mail)| mail.support.as_deref().unwrap()).collect()
    }

    pub(crate) fn mail_names(&self) -> Vec<&str> {
        self.mails().into_iter().map(|mail| mail.name.as_str()).collect()
    }
}

/// A mail of the customer that passed every check.
pub(crate) fn mail(text: &str) -> InboundMail {
    InboundMail {
        object_key: "inbound/abc123".to_owned(),
        digest: "d".repeat(64),
        class: Class::Written,
        mark: "no mark of a program",
        from: Some(MailAddress::parse(CUSTOMER).unwrap()),
        from_name: Some("Adaeze N. Okafor".to_owned()),
        matched_by: MatchedBy::Token,
        message_id: Some("1@customer.example".to_owned()),
        subject: "Re: your report".to_owned(),
        text: text.to_owned(),
        truncated: false,
        verdicts: Verdicts { spam: Verdict::Pass, virus: Verdict::Pass, dmarc: Verdict::Pass, ..Verdicts::default() },
        attachments: Vec::new(),
        more_attachments: 0,
        is_unreadable: false,
    }
}

pub(crate) fn photo(random: u8, size: u64) -> MailAttachment {
    let number = DisputeNumber::from_base62("4fQ9zLk2").unwrap();
    MailAttachment {
        name: "photo.png".to_owned(),
        size,
        outcome: AttachmentOutcome::Stored {
            media: "image/png".to_owned(),
            sha256: "a".repeat(64),
            object: ObjectId::new(number, [random; 16]),
            file: FileId::new(number, [random; 16]),
        },
    }
}

#[test]
fn a_report_in_production_begins_a_case_and_nothing_else_does() {
    let start =
        |process: &'static str| ProcessStart::read(|name| (name == "SUPPORT_PROCESS").then(|| process.to_owned()));
    let report = dispute(Channel::Iimmpact);
    let (case, event) = start("on").unwrap().begin(&report, NOW).unwrap();
    assert_eq!((case.version, event.version, case.due()), (1, 1, Some(NOW)), "the worker begins at once");
    assert!(start("off").unwrap().begin(&report, NOW).is_none());
    for channel in [Channel::Arbiter, Channel::Tutelar, Channel::Connect] {
        assert!(start("on").unwrap().begin(&dispute(channel), NOW).is_none(), "{channel:?}");
    }
    let mut staging = report;
    staging.facts.environment = Environment::Staging;
    assert!(start("on").unwrap().begin(&staging, NOW).is_none());
    assert!(start("yes").unwrap_err().to_string().contains("SUPPORT_PROCESS: must be on or off"));
}

#[test]
fn what_the_environment_does_not_say_has_its_default() {
    let nothing: Vec<(&str, &str)> = ["SUPPORT_PROCESS", "INBOUND_MAIL", "SUPPORT_TIME_LIMITS", "SUPERVISOR_ADDRESSES"]
        .into_iter()
        .chain(["SUPPORT_ADDRESS", "MAIL_FROM"])
        .map(|name| (name, ""))
        .collect();
    let default = settings(&nothing);
    assert!(!default.process && !default.reads_replies && default.supervisors.is_none() && default.model.is_none());
    assert_eq!((default.limits.mail_interval, default.playbooks), (3_600, PlaybookSource::Shipped));
    let own = settings(&[
        ("SUPPORT_PLAYBOOKS", "playbooks/2026-01.json"),
        ("SUPERVISOR_ADDRESSES", "a@x.example, b@x.example,"),
        ("SUPPORT_MODEL", "anthropic.claude"),
        ("SUPPORT_MODEL_CALLS", "3"),
    ]);
    assert_eq!(own.playbooks.object_name(), Some("2026-01.json"));
    assert_eq!(own.supervisors.unwrap().all().count(), 2);
    let model = own.model.unwrap();
    assert_eq!((model.id.as_str(), model.max_calls, model.min_confidence), ("anthropic.claude", 3, 80));
    for (name, value, rule) in [
        ("SUPPORT_PLAYBOOKS", "evidence/x", "must be playbooks/"),
        ("SUPPORT_PLAYBOOKS", "playbooks/../x", "must be playbooks/"),
        ("SUPERVISOR_ADDRESSES", "nobody", "SUPERVISOR_ADDRESSES"),
        ("SUPPORT_TIME_LIMITS", "{\"agent\": 0}", "SUPPORT_TIME_LIMITS"),
        ("SUPPORT_MODEL_CALLS", "21", "from 1 to 20"),
        ("SUPPORT_MODEL_CONFIDENCE", "high", "from 0 to 100"),
        ("INBOUND_MAIL", "yes", "on or off"),
    ] {
        let aws = Aws::with(move |wanted| {
            let known = [("AWS_REGION", "x"), ("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x")];
            let all = known.into_iter().chain([("SUPPORT_MODEL", "m"), (name, value)]);
            all.rev().find(|(known, _)| *known == wanted).map(|(_, value)| value.to_owned())
        });
        let error = Settings::from_environment(&aws.unwrap()).unwrap_err().to_string();
        assert!(error.contains(rule), "{name}={value}: {error}");
    }
}
