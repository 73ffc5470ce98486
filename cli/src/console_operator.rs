//! `recourse operator`: the people who may use the console. Settings of the console does the same.

mod identity;

use clap::{Args, Subcommand};
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_store::{
    CreateOperatorOutcome, EndSessionsOutcome, NewOperator, Operator, OperatorEntry, OperatorEvent, OperatorRecord,
    OperatorRole, OperatorStatus, RemoveOperatorOutcome, SetRoleOutcome, Store,
};
use recourse_support::case::AgentName;
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::operator::{self, Audited};
use crate::output::{Format, note, utc, visible};
use crate::settings::{Settings, TABLES};
use crate::system;
use recourse_operations::labels::who;

/// Say who may use the console, and as what
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum ConsoleOperator {
    Create(Create),
    List(List),
    Show(Show),
    Set(Set),
    Remove(Remove),
    EndSessions(EndSessions),
    ResetIdentity(identity::ResetIdentity),
    IdentitySecret(identity::IdentitySecret),
}

const ROLES: &str = "\
Roles:
  agent       works on cases
  supervisor  works on cases, gives them to others, changes settings, reads the audit log
  auditor     reads everything, the audit log too, and changes nothing
  admin       does all of that, and creates and removes operators";
const CREATE_EXAMPLES: &str = "\
Examples:
  recourse operator create aisyah@demo.recourse.example --name Aisyah --role agent
  recourse operator create dev@demo.recourse.example --name Dev --role auditor --why 'audit of 2026'

The name is the one by which cases name their agent. No two operators have the same. Whoever has a
new address is removed under the old one and created with --reuse-name.";
const LIST_EXAMPLES: &str = "\
Examples:
  recourse operator list
  recourse operator list --removed --json";
const SHOW_EXAMPLES: &str = "\
Examples:
  recourse operator show aisyah@demo.recourse.example";
const SET_EXAMPLES: &str = "\
Examples:
  recourse operator set aisyah@demo.recourse.example --role supervisor --why 'leads the team'

The role holds from the operator's next request on.";
const REMOVE_EXAMPLES: &str = "\
Examples:
  recourse operator remove aisyah@demo.recourse.example --why 'left the company'

All sessions end at once. Cases that the operator has stay the operator's; `recourse case assign`
gives them to somebody else.";
const END_EXAMPLES: &str = "\
Examples:
  recourse operator end-sessions aisyah@demo.recourse.example --why 'a laptop was stolen'

Every browser is signed out at once, and links that were mailed before work no more. The operator
may sign in again.";

/// Let somebody use the console
#[derive(Args)]
#[command(after_help = format!("{CREATE_EXAMPLES}\n\n{ROLES}"))]
pub(crate) struct Create {
    /// The address that sign-in links go to
    #[arg(value_parser = MailAddress::parse_typed)]
    address: MailAddress,
    /// The name, such as Aisyah
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: AgentName,
    /// The role: agent, supervisor, auditor or admin
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: OperatorRole,
    /// Take a name that somebody had who was removed
    #[arg(long)]
    reuse_name: bool,
    #[command(flatten)]
    audited: Audited,
}

/// List who may use the console
#[derive(Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    /// Those who were removed, too
    #[arg(long)]
    removed: bool,
    #[command(flatten)]
    format: Format,
}

/// Show an operator and who changed what
#[derive(Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct Show {
    /// The operator's address
    #[arg(value_parser = MailAddress::parse_typed)]
    address: MailAddress,
    #[command(flatten)]
    format: Format,
}

/// Give an operator another role
#[derive(Args)]
#[command(after_help = format!("{SET_EXAMPLES}\n\n{ROLES}"))]
pub(crate) struct Set {
    /// The operator's address
    #[arg(value_parser = MailAddress::parse_typed)]
    address: MailAddress,
    /// The role: agent, supervisor, auditor or admin
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: OperatorRole,
    #[command(flatten)]
    audited: Audited,
}

/// Remove an operator, who may then not sign in any more
#[derive(Args)]
#[command(after_help = REMOVE_EXAMPLES)]
pub(crate) struct Remove {
    /// The operator's address
    #[arg(value_parser = MailAddress::parse_typed)]
    address: MailAddress,
    #[command(flatten)]
    audited: Audited,
}

/// Sign an operator out everywhere
#[derive(Args)]
#[command(after_help = END_EXAMPLES)]
pub(crate) struct EndSessions {
    /// The operator's address
    #[arg(value_parser = MailAddress::parse_typed)]
    address: MailAddress,
    #[command(flatten)]
    audited: Audited,
}

/// An operator for a program.
#[derive(Serialize)]
struct OperatorJson<'a> {
    email: &'a str,
    name: &'a str,
    role: OperatorRole,
    status: OperatorStatus,
    version: u64,
    /// The identity provider at which the operator has signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_issuer: Option<&'a str>,
}

/// An operator with all changes, for a program. Times are ISO 8601.
#[derive(Serialize)]
struct OperatorRecordJson<'a> {
    #[serde(flatten)]
    operator: OperatorJson<'a>,
    audit: Vec<EntryJson<'a>>,
}

#[derive(Serialize)]
struct EntryJson<'a> {
    at: String,
    version: u64,
    event: &'a OperatorEvent,
    by: &'a PerformedBy,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

/// The outcome of a change, for a program.
#[derive(Serialize)]
struct OutcomeJson<'a> {
    email: &'a str,
    outcome: &'static str,
}

fn name(text: &str) -> Result<AgentName, String> {
    AgentName::parse(&operator::name(text)?).map_err(|rule| rule.to_string())
}

fn role(text: &str) -> Result<OperatorRole, String> {
    text.parse().map_err(|error: recourse_store::UnknownRole| error.to_string())
}

fn unknown(address: &MailAddress) -> Failure {
    Failure::refused(format!(
        "there is no operator with the address {}. `recourse operator list` lists them.",
        address.as_str()
    ))
}

/// Prints what became of a change.
fn changed(audited: &Audited, address: &MailAddress, outcome: &'static str, text: &str) -> Result<Ending, Failure> {
    let email = address.as_str();
    audited.format.print(&OutcomeJson { email, outcome }, || format!("{email}: {text}"))?;
    Ok(Ending::Done)
}

impl ConsoleOperator {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        match self {
            Self::Create(create) => stored(settings, async |store| create.run(store).await),
            Self::List(list) => stored(settings, async |store| list.run(store).await),
            Self::Show(show) => stored(settings, async |store| show.run(store).await),
            Self::Set(set) => stored(settings, async |store| set.run(store).await),
            Self::Remove(remove) => stored(settings, async |store| remove.run(store).await),
            Self::EndSessions(end) => stored(settings, async |store| end.run(store).await),
            Self::ResetIdentity(reset) => stored(settings, async |store| reset.run(store).await),
            Self::IdentitySecret(set) => {
                let secret = identity::IdentitySecret::read()?;
                let (store, sealer) = settings.store_and_sealer()?;
                system::wait(set.run(&secret, &store, &sealer))
            }
        }
    }
}

/// Runs a command on the tables.
fn stored(settings: Settings, run: impl AsyncFnOnce(&Store) -> Result<Ending, Failure>) -> Result<Ending, Failure> {
    let store = settings.store()?;
    system::wait(run(&store))
}

impl Create {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let Self { address, name, role, reuse_name, audited } = self;
        let new = NewOperator { email: address.clone(), name: name.clone(), role: *role, reuse_name: *reuse_name };
        let outcome = store.create_operator(&new, &audited.context()?, system::write_tokens()?).await?;
        match outcome {
            CreateOperatorOutcome::Created => {
                changed(audited, address, "created", &format!("created as {name}, {role}"))
            }
            CreateOperatorOutcome::Taken => Err(Failure::refused(format!(
                "{0} is an operator already; `recourse operator set {0} --role {role}` changes the role.",
                address.as_str()
            ))),
            CreateOperatorOutcome::NameTaken => Err(Failure::refused(format!(
                "another operator has the name {name}. Cases name their agent by it, so choose another one."
            ))),
            CreateOperatorOutcome::NameRetired => Err(Failure::refused(format!(
                "somebody who was removed had the name {name}, and may have cases under it. Choose another one, or \
                 pass --reuse-name if it is the same person."
            ))),
        }
    }
}

impl List {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let mut operators = store.operators().await?;
        operators.retain(|operator| self.removed || operator.is_active());
        if operators.is_empty() {
            note("there is no operator; `recourse operator create` makes one");
        }
        if self.format.is_json() || !operators.is_empty() {
            let output: Vec<_> = operators.iter().map(to_json).collect();
            self.format.print(&output, || operators.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
        Ok(Ending::Done)
    }
}

impl Show {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let record = store.operator_record(&self.address).await?.ok_or_else(|| unknown(&self.address))?;
        self.format.print(&record_to_json(&record), || text(&record))?;
        Ok(Ending::Done)
    }
}

impl Set {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let Self { address, role, audited } = self;
        match store.set_operator_role(address, *role, None, &audited.context()?, system::write_tokens()?).await? {
            SetRoleOutcome::Changed => changed(audited, address, "changed", &format!("{role} from now on")),
            SetRoleOutcome::Already => {
                changed(audited, address, "unchanged", &format!("{role} already; nothing changed"))
            }
            // Nobody is named who has to be an admin.
            SetRoleOutcome::NoOperator | SetRoleOutcome::NoAdmin => Err(unknown(address)),
        }
    }
}

impl Remove {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let Self { address, audited } = self;
        match store.remove_operator(address, None, &audited.context()?, system::write_tokens()?).await? {
            RemoveOperatorOutcome::Removed => {
                changed(audited, address, "removed", "removed. All sessions ended; cases stay as they are.")
            }
            RemoveOperatorOutcome::NoOperator | RemoveOperatorOutcome::NoAdmin => Err(unknown(address)),
        }
    }
}

impl EndSessions {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let Self { address, audited } = self;
        match store.end_operator_sessions(address, &audited.context()?, system::write_tokens()?).await? {
            EndSessionsOutcome::Ended => changed(audited, address, "ended", "signed out everywhere"),
            EndSessionsOutcome::NoOperator => Err(unknown(address)),
        }
    }
}

fn to_json(operator: &Operator) -> OperatorJson<'_> {
    let Operator { email, name, role, status, version, session_epoch: _, identity } = operator;
    OperatorJson {
        email: email.as_str(),
        name: name.as_str(),
        role: *role,
        status: *status,
        version: *version,
        identity_issuer: identity.as_ref().map(|identity| identity.issuer.as_str()),
    }
}

fn line(operator: &Operator) -> String {
    let removed = if operator.is_active() { "" } else { "  removed" };
    let (role, name) = (operator.role.name(), visible(operator.name.as_str()));
    format!("{:<36}  {role:<10}  {name}{removed}", operator.email.as_str())
}

fn record_to_json(record: &OperatorRecord) -> OperatorRecordJson<'_> {
    OperatorRecordJson { operator: to_json(&record.operator), audit: record.audit.iter().map(entry_to_json).collect() }
}

fn entry_to_json(entry: &OperatorEntry) -> EntryJson<'_> {
    let OperatorEntry { version, at, by, event, why } = entry;
    EntryJson { at: at.iso8601(), version: *version, event, by, why: why.as_deref() }
}

fn text(record: &OperatorRecord) -> String {
    let mut lines = vec![line(&record.operator), String::new()];
    for OperatorEntry { at, by, event, why, .. } in &record.audit {
        let what = match event {
            OperatorEvent::Created { name, role } => format!("created {} as {role}", visible(name.as_str())),
            OperatorEvent::RoleSet(role) => format!("made it {role}"),
            OperatorEvent::SessionsEnded => "ended all sessions".to_owned(),
            OperatorEvent::Removed => "removed the operator".to_owned(),
            OperatorEvent::IdentityLinked(identity) => {
                format!("signed in first as {} at {}", visible(&identity.subject), visible(&identity.issuer))
            }
            OperatorEvent::IdentityReset => "reset who it is at the identity provider".to_owned(),
        };
        lines.push(format!("{}  {:<28}  {what}", utc(*at), visible(&who(by))));
        lines.extend(why.as_deref().map(|why| format!("{:<22}{}", "", visible(why))));
    }
    lines.join("\n")
}
