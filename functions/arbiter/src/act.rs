//! What a caller may do to a dispute, and doing it (Arbiter contract, `statusActions` and `PUT /disputes/{logCode}`; the actions but `COMMENT` are ours).

use recourse_dispute::dispute::{Change, Dispute, Event, What};
use recourse_dispute::lifecycle::{Action, Actor, State, step};
use recourse_dispute::time::UnixMillis;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::log::{comment, object, required};
use crate::{Caller, Errors, Refusal};

/// What a caller can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Take the dispute to another status.
    Step(Action),
    /// Say something.
    Comment,
}

/// Everything there is to do, each under its name: that of the status which it leads to.
const ALL: [(&str, Doing); 7] = [
    ("ACCEPT", Doing::Step(Action::Accept)),
    ("DECLINE", Doing::Step(Action::Decline)),
    ("REPRESENTMENT", Doing::Step(Action::Represent)),
    ("PRE_ARBITRATION", Doing::Step(Action::PreArbitrate)),
    ("PRE_ARBITRATION_II", Doing::Step(Action::PreArbitrateAgain)),
    ("ARBITRATION", Doing::Step(Action::Arbitrate)),
    ("COMMENT", Doing::Comment),
];

/// Something that a caller may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it is.
    pub doing: Doing,
    /// In which quality the caller does it.
    pub actor: Actor,
}

impl Act {
    /// The fields that it cannot do without: all but giving in have to be explained.
    #[must_use]
    pub fn required(&self) -> &'static [&'static str] {
        match self.doing {
            Doing::Step(Action::Accept) => &[],
            Doing::Step(_) | Doing::Comment => &["comment"],
        }
    }

    /// The dispute after it; the mail is another matter. `None` when the dispute does not stand so that it can be done.
    #[must_use]
    pub fn done(&self, before: &Dispute, caller: &Caller, note: Option<String>, now: UnixMillis) -> Option<Change> {
        let by = caller.by(self.actor);
        match self.doing {
            Doing::Step(action) => {
                let state = step(before.state, before.category, self.actor, action).ok()?;
                Some(before.moved(action, state, by, note, now))
            }
            Doing::Comment => {
                let mut dispute = before.clone();
                dispute.version += 1;
                let (version, state) = (dispute.version, dispute.state);
                let event = Event { version, at: now, by, what: What::Commented, state, note };
                Some(Change { dispute, event, notice: None })
            }
        }
    }
}

/// What a caller may do to a dispute now, in one of its qualities; nothing once the dispute is closed.
#[must_use]
pub fn acts(dispute: &Dispute, caller: &Caller) -> Vec<Act> {
    let State::Live(_) = dispute.state else { return Vec::new() };
    let roles = caller.roles(&dispute.facts);
    let may = |(name, doing): (&'static str, Doing)| {
        let fits = |actor: &&Actor| match doing {
            Doing::Step(action) => step(dispute.state, dispute.category, **actor, action).is_ok(),
            Doing::Comment => true,
        };
        roles.iter().find(fits).map(|actor| Act { name, doing, actor: *actor })
    };
    ALL.into_iter().filter_map(may).collect()
}

/// The body of a `PUT`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    action: Option<&'a RawValue>,
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
}

/// Reads what a caller wants to do, and finds it among what it may do now.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn find(body: &[u8], dispute: &Dispute, caller: &Caller) -> Result<(Act, Option<String>), Refusal> {
    let fields: Fields<'_> = object(body)?;
    let mut errors = Errors::default();
    let name = required("action", fields.action, &mut errors);
    let note = comment(fields.comment, &mut errors);
    let name = name.map(|name| name.to_ascii_uppercase().replace(' ', "_"));
    let act = name.and_then(|name| {
        let act = acts(dispute, caller).into_iter().find(|act| act.name == name);
        if act.is_none() {
            let known = ALL.iter().any(|(known, _)| *known == name);
            let rule = if known { "is not one of the dispute's statusActions now." } else { "is not an action." };
            errors.add("action", rule);
        }
        act
    });
    if act.is_some_and(|act| act.required().contains(&"comment")) && note.is_none() && errors.is_empty() {
        errors.add("comment", "is required for this action.");
    }
    match act {
        Some(act) if errors.is_empty() => Ok((act, note)),
        _ => Err(Refusal::Invalid(errors)),
    }
}
