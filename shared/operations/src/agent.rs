//! What an agent does about a case: decided on what is stored, and written once.
//!
//! A command of the command line decides on whatever is stored. A form of the console was filled in
//! on what its page showed, so it names that as [`Seen`]. When the case moved since, nothing is
//! written and the agent is told. A form that is sent twice is recognised by its [`Submission`].

use std::fmt;
use std::str::FromStr;

use recourse_casework::{AgentAction, CaseError, CaseInput, Casework};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_store::{CaseFile, ReviseSupportOutcome, Store, StoreError, SupportCommit, SupportSnapshot, WriteToken};
use recourse_support::case::AgentName;
use recourse_support::event::InFavourOf;
use sha2::{Digest, Sha256};

use crate::support_view::SupportView;

/// How often a case that only workers claimed meanwhile is tried again.
const MAX_ROUNDS: usize = 4;

/// How far a case was when somebody looked at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The version of the case; 0 where nothing was written of it yet.
    pub case: u64,
    /// The version of the dispute.
    pub dispute: u64,
    /// How many messages it had.
    pub messages: u64,
}

impl Seen {
    /// How far a case is.
    #[must_use]
    pub fn of(dispute: &Dispute, case: Option<&CaseFile>) -> Self {
        Self {
            case: case.map_or(0, |case| case.version),
            dispute: dispute.version,
            messages: case.map_or(0, |case| case.messages),
        }
    }

    fn of_snapshot(snapshot: &SupportSnapshot) -> Self {
        Self::of(&snapshot.dispute, snapshot.case.as_ref())
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}-{}", self.case, self.dispute, self.messages)
    }
}

impl FromStr for Seen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Option<Vec<u64>> = text.splitn(4, '-').map(|part| part.parse().ok()).collect();
        match numbers.as_deref() {
            Some([case, dispute, messages]) => Ok(Self { case: *case, dispute: *dispute, messages: *messages }),
            _ => Err("must be three numbers, as the page has them"),
        }
    }
}

/// The random text by which a form is known when it is sent twice.
#[derive(Clone, PartialEq, Eq)]
pub struct Submission(String);

impl Submission {
    /// A new one, out of 16 random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(random)))
    }

    /// Reads what a form has.
    ///
    /// # Errors
    /// A rule for the person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_right = text.len() == 32 && text.bytes().all(is_digit);
        if is_right { Ok(Self(text.to_owned())) } else { Err("must be 32 hexadecimal digits, as the page has them") }
    }

    /// The text, for the form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Twelve bytes that this form and these words give, and no other form: the name of what the
    /// form makes, so that it makes it once.
    #[must_use]
    pub fn name_of(&self, words: &[&str]) -> [u8; 12] {
        self.digest(words)
    }

    /// The first bytes of the digest of these parts after the form's own. Each part has its length
    /// before it, so that no two lists of parts are read the same.
    fn digest<const BYTES: usize>(&self, parts: &[&str]) -> [u8; BYTES] {
        let mut digest = Sha256::new();
        for part in std::iter::once(self.as_str()).chain(parts.iter().copied()) {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        let mut name = [0; BYTES];
        name.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        name
    }

    /// The token of the write. The same form with other words in it is another write.
    fn token(&self, order: &AgentOrder<'_>, random: [u8; 16]) -> WriteToken {
        let (action, words, side) = match order.action {
            AgentAction::Reply(text) => ("reply", text, ""),
            AgentAction::Note(text) => ("note", text, ""),
            AgentAction::Take { force } => ("take", "", if force { "force" } else { "" }),
            AgentAction::Assign(to) => ("assign", to, ""),
            AgentAction::Release { force } => ("release", "", if force { "force" } else { "" }),
            AgentAction::Resolve { side: InFavourOf::Customer, why } => ("resolve", why, "customer"),
            AgentAction::Resolve { side: InFavourOf::Merchant, why } => ("resolve", why, "merchant"),
        };
        let number = order.number.case_id();
        WriteToken::of_submission(self.digest(&[&number, order.agent.as_str(), action, side, words]), random)
    }
}

impl fmt::Debug for Submission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What an agent wants.
#[derive(Clone, Copy, Debug)]
pub struct AgentOrder<'a> {
    /// Of which case.
    pub number: DisputeNumber,
    /// Who.
    pub agent: &'a AgentName,
    /// What.
    pub action: AgentAction<'a>,
    /// What the agent looked at. `None` is whatever is stored.
    pub seen: Option<(Seen, &'a Submission)>,
}

/// A step that was written.
#[derive(Debug)]
pub struct Written {
    /// What it was decided on.
    pub before: SupportSnapshot,
    /// All that was written.
    pub commit: SupportCommit,
}

impl Written {
    /// How the case is at `now`.
    #[must_use]
    pub fn view(&self, now: UnixMillis) -> Option<SupportView> {
        let dispute = self.commit.change.as_ref().map_or(&self.before.dispute, |change| &change.dispute);
        SupportView::of(&self.commit.after, dispute, now)
    }
}

/// What became of an agent's order.
#[derive(Debug)]
pub enum ActOutcome {
    /// It is written.
    Written(Box<Written>),
    /// It changes nothing.
    Unchanged,
    /// The same form was sent before, and that was written.
    Repeated,
    /// Something happened since the agent looked. Nothing is written.
    Moved,
}

/// Why an agent's order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The case takes no such step, another agent has it, or the store failed. Where the store's
    /// failure is temporary, the step may have been written.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// There is no such dispute.
    #[error("there is no such dispute")]
    NoDispute,
}

impl From<StoreError> for ActError {
    fn from(error: StoreError) -> Self {
        Self::Case(error.into())
    }
}

/// Why a round ended without a write.
enum Stop {
    Moved,
    Failed(ActError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Does what an agent asks for. `random` gives bytes for the write, new ones for each attempt.
///
/// # Errors
/// [`ActError`].
pub async fn act(
    store: &Store,
    casework: &Casework,
    order: AgentOrder<'_>,
    clock: impl Fn() -> UnixMillis,
    mut random: impl FnMut() -> [u8; 16],
) -> Result<ActOutcome, ActError> {
    let mut expected = order.seen.map(|(seen, _)| seen);
    for _ in 0..MAX_ROUNDS {
        let mut written = None;
        let decide = async |snapshot: &SupportSnapshot, now| {
            if expected.is_some_and(|expected| expected != Seen::of_snapshot(snapshot)) {
                return Err(Stop::Moved);
            }
            let input = CaseInput::Agent { name: order.agent.as_str(), action: order.action };
            let commit = casework.decide(snapshot, &input, now).map_err(|error| Stop::Failed(error.into()))?;
            let commit = store.with_parties(commit).await?;
            written = commit.clone().map(|commit| Written { before: snapshot.clone(), commit });
            Ok(commit)
        };
        let tokens = || match order.seen {
            Some((_, submission)) => submission.token(&order, random()),
            None => WriteToken::new(random()),
        };
        // Boxed: what writes it is nested deeply enough for the compiler.
        let revised = Box::pin(store.revise_support(order.number, decide, &clock, tokens)).await;
        match revised {
            Ok(ReviseSupportOutcome::Written(_)) => {
                return Ok(written.map_or(ActOutcome::Unchanged, |written| ActOutcome::Written(Box::new(written))));
            }
            Ok(ReviseSupportOutcome::Unchanged) => return Ok(ActOutcome::Unchanged),
            Ok(ReviseSupportOutcome::AlreadyReceived | ReviseSupportOutcome::NoDispute) => {
                return Err(ActError::NoDispute);
            }
            Err(Stop::Failed(error)) => return Err(error),
            Err(Stop::Moved) => match moved(store, &order, &mut random).await? {
                Moved::Nothing(now) => expected = Some(now),
                Moved::Repeated => return Ok(ActOutcome::Repeated),
                Moved::News => return Ok(ActOutcome::Moved),
            },
        }
    }
    Ok(ActOutcome::Moved)
}

/// What happened to a case since an agent looked.
enum Moved {
    /// Nothing but that a worker claimed its work; how far it is now.
    Nothing(Seen),
    /// This very form was written.
    Repeated,
    /// Something that the agent has to know.
    News,
}

async fn moved(
    store: &Store,
    order: &AgentOrder<'_>,
    random: &mut impl FnMut() -> [u8; 16],
) -> Result<Moved, ActError> {
    let Some((seen, submission)) = order.seen else { return Ok(Moved::News) };
    let snapshot = Box::pin(store.support_snapshot(order.number)).await?.ok_or(ActError::NoDispute)?;
    let since = Box::pin(store.steps_since(order.number, seen.case, &submission.token(order, random()))).await?;
    let now = Seen::of_snapshot(&snapshot);
    let is_news = since.steps > 0 || (now.dispute, now.messages) != (seen.dispute, seen.messages);
    Ok(match (since.wrote, is_news) {
        (true, _) => Moved::Repeated,
        (false, true) => Moved::News,
        (false, false) => Moved::Nothing(now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_three_numbers() {
        let seen = Seen { case: 3, dispute: 1, messages: 12 };
        assert_eq!(seen.to_string(), "3-1-12");
        assert_eq!("3-1-12".parse(), Ok(seen));
        for text in ["", "3", "3-1", "3-1-12-4", "3-1-x", "-1-1-1", "99999999999999999999-1-1", "3 -1-2"] {
            assert!(text.parse::<Seen>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_form_names_what_it_makes() {
        let (one, two) = (Submission::new([1; 16]), Submission::new([2; 16]));
        assert_eq!(one.name_of(&["a", "b"]), one.name_of(&["a", "b"]));
        let names =
            [one.name_of(&["a", "b"]), one.name_of(&["ab"]), one.name_of(&["ab", ""]), two.name_of(&["a", "b"])];
        let differing: std::collections::BTreeSet<_> = names.into_iter().collect();
        assert_eq!(differing.len(), 4);
    }

    #[test]
    fn a_form_with_other_words_is_another_write() {
        let (alice, bob) = (AgentName::parse("alice").unwrap(), AgentName::parse("bob").unwrap());
        let submission = Submission::new([7; 16]);
        assert_eq!(Submission::parse(submission.as_str()), Ok(submission.clone()));
        for text in ["", "07", &"0".repeat(33), &"G".repeat(32), &"é".repeat(16)] {
            assert!(Submission::parse(text).is_err(), "{text:?}");
        }
        let number = DisputeNumber::try_from(551).unwrap();
        let order = |agent, action| AgentOrder { number, agent, action, seen: None };
        let token = |agent, action| submission.token(&order(agent, action), [0; 16]);
        let first = token(&alice, AgentAction::Reply("a text"));
        assert_eq!(first, token(&alice, AgentAction::Reply("a text")));
        assert_ne!(first, token(&bob, AgentAction::Reply("a text")));
        assert_ne!(first, token(&alice, AgentAction::Reply("a text ")));
        assert_ne!(first, token(&alice, AgentAction::Note("a text")));
        let other = Submission::new([8; 16]);
        assert_ne!(first, other.token(&order(&alice, AgentAction::Reply("a text")), [0; 16]));
    }
}
