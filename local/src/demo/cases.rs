//! Cases to look at in the console, each in another state, with the days behind it that it needs.
//!
//! Each case is made as it is made in earnest: clients report by signed requests, customers write
//! mails that come in at SES, the provider answers, the automation does what is due, and agents act
//! by the code of the console and the command line. All of that happens at times of the last days,
//! by functions whose clock is behind ([`Past`]). A case whose transaction is there is left as it
//! is, so a data folder gets its cases once.

use std::path::Path;
use std::time::Duration;

use recourse_casework::{AgentAction, Casework, PlaybookSet, Settings};
use recourse_dispute::environment::Environment;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::without_bom;
use recourse_operations::{ActOutcome, AgentOrder, act};
use recourse_store::{Role, Store};
use recourse_support::case::AgentName;
use recourse_support::event::InFavourOf;
use serde::Deserialize;
use serde_json::{Value, json};

use super::calls::{Call, Gateway, upload};
use super::past::Past;
use super::{DEMO, DemoAccount, DemoError, DemoKey, DemoTransaction, Operator, audit, aws, dated, random, upsert};
use crate::Cloud;
use crate::pages::{CasesState, File, Reply, duration};
use crate::ses::AcceptedMail;

/// How long a mail to a customer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether it is there.
const LOOK: Duration = Duration::from_millis(20);
/// In which the last mails are sent.
const TAIL: Duration = Duration::from_secs(2);

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// The domains of the people in them.
    mail_domains: Vec<String>,
    /// Accounts besides those of the demo.
    accounts: Vec<DemoAccount>,
    cases: Vec<DemoCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoCase {
    transaction: DemoTransaction,
    /// What the provider says of the transaction.
    provider: Option<Value>,
    steps: Vec<Step>,
    /// The state of the support process at the end; none of a dispute without it.
    ends: Option<String>,
}

#[derive(Deserialize)]
struct Step {
    /// How long ago, as in `2d3h`. Without it, now.
    ago: Option<String>,
    #[serde(flatten)]
    what: What,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum What {
    /// A client reports it at the IIMMPACT API.
    Report {
        email: String,
    },
    /// The same, and the automation has not looked yet.
    ReportOnly {
        email: String,
    },
    /// A bank logs a dispute at the Arbiter API.
    Log {
        bank: String,
        body: Value,
    },
    /// A merchant opens a dispute at the Tutelar API.
    Create {
        body: Value,
    },
    /// A merchant submits a dispute with its evidence at the Connect API.
    Submit {
        merchant: String,
        body: Value,
        files: Vec<String>,
    },
    /// The customer replies to a mail, counted from 1.
    Customer {
        mail: usize,
        text: String,
        #[serde(default)]
        files: Vec<String>,
    },
    /// Time goes by, and what is due is done.
    Wait {},
    Take {
        by: String,
    },
    Reply {
        by: String,
        text: String,
    },
    Note {
        by: String,
        text: String,
    },
    Resolve {
        by: String,
        side: InFavourOf,
        why: String,
    },
}

/// What making the cases takes.
struct Maker<'a> {
    cloud: &'a Cloud,
    past: &'a Past<'a>,
    operator: &'a Operator,
    casework: Casework,
    /// All accounts, with their keys.
    accounts: Vec<DemoAccount>,
    /// The folder with the files.
    files: std::path::PathBuf,
}

/// Makes the cases of a file in a cloud whose demo data is loaded, and returns how many were made;
/// `None` where none are to be made, because all are there or the functions do not follow a clock.
/// A case that cannot be made is a line of the log.
///
/// # Errors
/// [`DemoError`], before any case is made.
pub async fn make_cases(cloud: &Cloud, demo: &Path, path: &Path) -> Result<Option<usize>, DemoError> {
    let bad = |error: &dyn std::fmt::Display| DemoError::File(format!("{}: {error}", path.display()));
    let json = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
    let Cases { mail_domains, accounts, cases } =
        serde_json::from_str(without_bom(&json)).map_err(|error| bad(&error))?;
    let operator = Operator::of(cloud)?;
    let mut missing = Vec::new();
    for case in cases {
        let known = operator.store.transaction(Environment::Production, &case.transaction.trxid).await?;
        missing.extend(known.is_none().then_some(case));
    }
    if missing.is_empty() {
        return Ok(None);
    }
    for account in &accounts {
        operator.fill(account, &audit(cloud)).await?;
    }
    let mut all = super::read(demo, &cloud.url)?.accounts;
    all.extend(accounts);
    // Read before the functions of the past start, which nothing would end if it failed.
    let casework = casework(cloud)?;
    let Some(past) = Past::start(cloud).await? else { return Ok(None) };
    let files = path.parent().unwrap_or(path).join("demo-files");
    let maker = Maker { cloud, past: &past, operator: &operator, casework, accounts: all, files };
    cloud.demo_cases.set(CasesState::Making);
    cloud.ses.mark_demo(&mail_domains);
    // Whoever looks at what is due would find cases of the past that are not finished.
    let held = cloud.hold_schedules().await;
    let (mut made, mut failed) = (0, 0);
    for case in missing {
        let trxid = case.transaction.trxid.clone();
        match Box::pin(maker.make(case)).await {
            Ok(()) => made += 1,
            Err(error) => {
                failed += 1;
                cloud.lambda.log().line(DEMO, &format!("the case of {trxid} is not as it should be: {error}"));
            }
        }
    }
    drop((maker, held));
    past.stop().await;
    tokio::time::sleep(TAIL).await;
    cloud.ses.mark_demo(&[]);
    cloud.demo_cases.set(CasesState::Made { made, failed });
    Ok(Some(made))
}

/// The rules by which agents act. Playbooks are the automation's alone.
fn casework(cloud: &Cloud) -> Result<Casework, DemoError> {
    let playbooks = PlaybookSet::Unreadable("the demo reads no playbooks".to_owned());
    Casework::new(Settings::from_environment(&aws(cloud)?)?, playbooks)
        .map_err(|problems| DemoError::File(problems.first().map(ToString::to_string).unwrap_or_default()))
}

impl Maker<'_> {
    async fn make(&self, case: DemoCase) -> Result<(), DemoError> {
        let DemoCase { mut transaction, provider, steps, ends } = case;
        let (trxid, account) = (transaction.trxid.clone(), transaction.account.clone());
        let today = self.cloud.clock.now().date();
        for time in [&mut transaction.occurred_at, &mut transaction.updated_at].into_iter().flatten() {
            *time = dated(time, today).unwrap_or_else(|| time.clone());
        }
        if let Some(answer) = &provider {
            self.cloud.provider.set(trxid.as_str(), answer).map_err(DemoError::Refused)?;
        }
        let is_production = |known: &DemoAccount| known.account.environment == Environment::Production;
        let of_platform = |key: &&DemoKey| key.role == Role::Platform;
        let platform = self.key(|known| known.keys.iter().find(of_platform).filter(|_| is_production(known)))?;
        upsert(self.cloud, platform, std::slice::from_ref(&transaction)).await?;
        let client = self.key(|known| known.keys.first().filter(|_| known.account.id == account))?;
        let (mut customer, mut number) = (String::new(), None);
        for Step { ago, what } in steps {
            let ago = ago.as_deref().map_or(Some(Duration::ZERO), duration);
            self.past.set_back(ago.ok_or_else(|| DemoError::File("a time is none".to_owned()))?)?;
            let is_looked_at = !matches!(what, What::ReportOnly { .. });
            match &what {
                What::Report { email } | What::ReportOnly { email } => {
                    customer.clone_from(email);
                    let body = json!({ "trxid": trxid.as_str(), "user_email": [email] });
                    let call = Call::json("POST", "/v2/transactions/check", &body);
                    self.gateway().v1(client, call).await?;
                }
                What::Log { bank, body } => self.log(bank, body).await?,
                What::Create { body } => {
                    let call = Call::json("POST", "/api/v1/dispute/create", body);
                    self.gateway().basic(client, call).await?;
                }
                What::Submit { merchant, body, files } => {
                    let path = format!("/v1/{merchant}/payments/{trxid}/dispute");
                    self.submit(client, (merchant, &path), body, files).await?;
                }
                What::Customer { mail, text, files } => {
                    let mail = self.mail(&customer, *mail).await?;
                    let files = files.iter().map(|name| self.file(name)).collect::<Result<_, _>>()?;
                    let reply = Reply { from: customer.clone(), text: text.clone(), files };
                    self.past.receive(&reply.to(&mail, self.past.date())).await?;
                }
                What::Wait {} => {}
                What::Take { by } => self.act(number, by, AgentAction::Take { force: true }).await?,
                What::Reply { by, text } => self.act(number, by, AgentAction::Reply(text)).await?,
                What::Note { by, text } => self.act(number, by, AgentAction::Note(text)).await?,
                What::Resolve { by, side, why } => {
                    self.act(number, by, AgentAction::Resolve { side: *side, why }).await?;
                }
            }
            if number.is_none() {
                let known = self.store().transaction_record(Environment::Production, &trxid).await?;
                number = known.and_then(|known| known.disputes.first().copied());
            }
            if is_looked_at {
                self.past.sweep().await?;
            }
        }
        self.check(number, ends.as_deref()).await
    }

    fn store(&self) -> &Store {
        &self.operator.store
    }

    fn gateway(&self) -> Gateway<'_> {
        Gateway { url: &self.past.url, pass: None, now: self.past.now().seconds() }
    }

    fn key<'k>(&'k self, of: impl Fn(&'k DemoAccount) -> Option<&'k DemoKey>) -> Result<&'k DemoKey, DemoError> {
        self.accounts.iter().find_map(of).ok_or_else(|| DemoError::File("no account has the key".to_owned()))
    }

    fn file(&self, name: &str) -> Result<File, DemoError> {
        let path = self.files.join(name);
        let bytes = std::fs::read(&path).map_err(|error| DemoError::File(format!("{}: {error}", path.display())))?;
        let media = if name.ends_with(".pdf") { "application/pdf" } else { "image/png" };
        Ok(File { name: name.to_owned(), media: media.to_owned(), bytes })
    }

    /// The mail of this place that a customer got.
    async fn mail(&self, customer: &str, place: usize) -> Result<AcceptedMail, DemoError> {
        let found = async {
            loop {
                let mails = self.cloud.ses.mails();
                let mut own = mails.into_iter().filter(|mail| mail.to.iter().any(|to| to == customer));
                if let Some(mail) = own.nth(place.saturating_sub(1)) {
                    return mail;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let late = |_| DemoError::Refused(format!("mail {place} to the customer was not sent"));
        tokio::time::timeout(PATIENCE, found).await.map_err(late)
    }

    /// A user of a bank gets a token, and logs a dispute with it.
    async fn log(&self, bank: &str, body: &Value) -> Result<(), DemoError> {
        let is_bank = |account: &&DemoAccount| account.account.id.as_str() == bank;
        let account = self.accounts.iter().find(is_bank);
        let pair = account.and_then(|account| Some((account.keys.first()?, account.users.first()?)));
        let (key, user) = pair.ok_or_else(|| DemoError::File(format!("{bank} has no key or no user")))?;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "password").append_pair("username", user.username.as_str());
        form.append_pair("password", &user.password);
        let media = "application/x-www-form-urlencoded";
        let call = Call { method: "POST", path: "/passport/oauth/token", media, body: form.finish().into_bytes() };
        let answer = self.gateway().basic(key, call).await?;
        let token = answer.get("access_token").and_then(Value::as_str).unwrap_or_default();
        self.gateway().bearer(token, Call::json("POST", "/arbiter/api/v1/disputes", body)).await.map(drop)
    }

    /// A draft, its files, and the submission.
    async fn submit(
        &self,
        key: &DemoKey,
        (merchant, path): (&str, &str),
        body: &Value,
        files: &[String],
    ) -> Result<(), DemoError> {
        let draft = self.gateway().gcs(key, Call::json("POST", path, body)).await?;
        let id = draft.get("id").and_then(Value::as_str).unwrap_or_default();
        for name in files {
            let File { name, media, bytes } = self.file(name)?;
            let path = format!("/files/v1/{merchant}/disputes/{id}");
            let (media, body) = upload(&name, &media, &bytes);
            self.gateway().gcs(key, Call { method: "POST", path: &path, media: &media, body }).await?;
        }
        let path = format!("/v1/{merchant}/disputes/{id}/submit");
        let call = Call { method: "POST", path: &path, media: "", body: Vec::new() };
        self.gateway().gcs(key, call).await.map(drop)
    }

    /// An agent acts, as at the command line.
    async fn act(&self, number: Option<DisputeNumber>, by: &str, action: AgentAction<'_>) -> Result<(), DemoError> {
        let number = number.ok_or_else(|| DemoError::File("an agent acts before there is a case".to_owned()))?;
        let agent = AgentName::parse(by).map_err(|error| DemoError::File(error.to_string()))?;
        let order = AgentOrder { number, agent: &agent, action, seen: None };
        let mut next = u128::from_be_bytes(random()?);
        let draws = || {
            next = next.wrapping_add(1);
            next.to_be_bytes()
        };
        match Box::pin(act(self.store(), &self.casework, order, || self.past.now(), draws)).await {
            Ok(ActOutcome::Written(_)) => Ok(()),
            Ok(other) => Err(DemoError::Refused(format!("{by}: {other:?}"))),
            Err(error) => Err(DemoError::Refused(format!("{by}: {error}"))),
        }
    }

    /// Whether the case is where it should be.
    async fn check(&self, number: Option<DisputeNumber>, ends: Option<&str>) -> Result<(), DemoError> {
        let number = number.ok_or_else(|| DemoError::Refused("there is no dispute".to_owned()))?;
        let snapshot = self.store().support_snapshot(number).await?;
        let support = snapshot.and_then(|snapshot| snapshot.case).and_then(|case| case.support);
        let state = support.as_ref().map(|support| support.state.name());
        if state == ends {
            return Ok(());
        }
        Err(DemoError::Refused(format!("{} is {state:?} and not {ends:?}", number.case_id())))
    }
}
