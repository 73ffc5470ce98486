//! One stage of a report by itself, so many times, without DynamoDB and without the SDK:
//! `recourse-stages STAGE COUNT EVENT SECRET`. `make bench` runs it under callgrind, and so does
//! `make instructions`, of the development build.
//!
//! `parse` reads API Gateway's event, `authenticate` checks headers, clock and signature, `decide`
//! reads the body and makes the dispute that is to be opened, `serialise` makes the transaction
//! that opens it, and `answer` makes the response. The transaction is the one that the store sends:
//! the dispute with its history, its mails, its lock and its places in lists, and the nonce, all as
//! DynamoDB's attributes. `none` does nothing.

use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;

use recourse_aws::Aws;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, KeyId, Refid, Trxid};
use recourse_dispute::lifecycle::{Actor, Category};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Parties, TransactionDetails};
use recourse_edge::Request;
use recourse_iimmpact::{Outcome, Report};
use recourse_signing::Secret;
use recourse_signing::clock::Window;
use recourse_signing::v1::{self, SignedHeaders};
use recourse_store::{Nonce, Opening, Store, WriteToken};

const USAGE: &str = "recourse-stages STAGE COUNT EVENT SECRET";
const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("recourse-stages: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().ok_or(USAGE);
    let (stage, count, event, secret) = (argument()?, argument()?.parse::<u32>()?, argument()?, argument()?);
    let prepared = Prepared::new(std::fs::read(event)?, secret)?;
    for _ in 0..count {
        match stage.as_str() {
            "none" => {}
            "parse" => drop(black_box(prepared.parse()?)),
            "authenticate" => prepared.authenticate()?,
            "decide" => drop(black_box(prepared.decide()?)),
            "serialise" => prepared.serialise()?,
            "answer" => prepared.answer(),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(())
}

/// What the stages before a stage have made.
struct Prepared {
    event: Vec<u8>,
    secret: String,
    request: Request,
    facts: Facts,
    address: MailAddress,
    number: DisputeNumber,
    nonce: Nonce,
    store: Store,
    token: WriteToken,
    decided: Option<Opening<Nonce>>,
}

impl Prepared {
    fn new(event: Vec<u8>, secret: String) -> Result<Self> {
        let facts = Facts {
            environment: Environment::Production,
            trxid: Trxid::parse("bench-trx-000000000")?,
            account: AccountId::parse("acct_demo")?,
            refid: Refid::parse("bench-ref-000000000")?,
            product: Some("Steam Wallet 50".to_owned()),
            amount: Money::from_minor(155_000, Currency::parse("MYR")?),
            occurred_at: UnixMillis(1_764_547_140_000),
            parties: Parties::default(),
            details: TransactionDetails::default(),
        };
        let request: Request = serde_json::from_slice(&event)?;
        let address = MailAddress::parse("disputes@demo-wallet.example")?;
        let number = DisputeNumber::try_from(1_000_000_u64)?;
        let nonce = request.header(v1::NONCE).ok_or("the event has no nonce")?.to_owned();
        let nonce = Nonce { key: KeyId::parse("iimm_prod_demo")?, nonce, expires_at: 1_764_548_160 };
        let (store, token) = (Store::from_environment(&Aws::with(variable)?)?, WriteToken::new([7; 16]));
        let mut prepared = Self { event, secret, request, facts, address, number, nonce, store, token, decided: None };
        prepared.decided = Some(prepared.decide()?);
        Ok(prepared)
    }

    fn parse(&self) -> Result<Request> {
        Ok(serde_json::from_slice(black_box(&self.event))?)
    }

    fn authenticate(&self) -> Result<()> {
        let request = black_box(&self.request);
        let headers = SignedHeaders::parse(|name| request.header(name).map(str::as_bytes))?;
        Window::default().check(headers.sent_at(), headers.sent_at())?;
        let parts = headers.parts(&request.method, &request.query, &request.body);
        let secret = Secret::from_base64(&self.secret).map_err(|_| "the secret is not base64")?;
        Ok(v1::verify(&secret, &parts, &headers.signature).map_err(|_| "the signature is wrong")?)
    }

    fn decide(&self) -> Result<Opening<Nonce>> {
        let report = Report::read(black_box(&self.request.body), &self.address);
        let report = report.map_err(|_| "the body is refused")?;
        let (account, facts) = (self.facts.account.clone(), self.facts.clone());
        let begun = Dispute::begin(self.number, Channel::Iimmpact, account, facts, Category::Inquiry, NOW);
        let dispute = Dispute { recipients: Some(report.recipients), ..begun };
        let by = PerformedBy { actor: Actor::Opener, name: self.nonce.key.to_string() };
        Ok(Opening::new(dispute, by, self.nonce.clone()))
    }

    fn serialise(&self) -> Result<()> {
        let opening = black_box(self.decided.as_ref()).ok_or("nothing is decided")?;
        drop(black_box(self.store.opening_writes(opening, &self.token, NOW)?));
        Ok(())
    }

    fn answer(&self) {
        let answer = Outcome::Created.answer(black_box(&self.facts.refid), "support@recourse.example");
        drop(black_box(answer.with_header("recourse-case-id", self.number.case_id())));
    }
}

/// What the environment of the function has.
fn variable(name: &'static str) -> Option<String> {
    let value = match name {
        "AWS_REGION" => "us-east-1",
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "bench",
        "DISPUTES_TABLE" => "recourse-disputes",
        "EPHEMERAL_TABLE" => "recourse-ephemeral",
        _ => return None,
    };
    Some(value.to_owned())
}
