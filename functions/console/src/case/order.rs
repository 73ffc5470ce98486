//! What a form of the page orders.

use recourse_casework::AgentAction;
use recourse_dispute::ids::printable;
use recourse_operations::{Seen, Submission};
use recourse_store::Permission;
use recourse_support::event::InFavourOf;

use super::load::Loaded;
use super::page::Draft;
use crate::action::AuditAction;
use crate::{ConsoleError, Form};

/// The longest reason, in characters.
const MAX_WHY: usize = 500;

/// What each order is called, and what the page says when it is done.
const DONE: [(&str, &str); 7] = [
    ("reply", "The reply is in the outbox."),
    ("note", "The note is stored. Agents alone read it."),
    ("take", "You have the case."),
    ("assign", "The case was given away."),
    ("release", "The case is back in the queue."),
    ("resolve", "The case is resolved."),
    ("unchanged", "Nothing had to be changed."),
];

/// What a form orders.
pub(super) enum CaseOrder<'a> {
    /// The text of a template in the reply.
    Template(&'a str),
    /// The page with what was written, from the preview or from the page of who was slower.
    Edit(Draft),
    /// A step of the case.
    Act(CaseAction<'a>),
}

/// A step that an agent orders.
#[derive(Clone, Copy)]
pub(super) enum CaseAction<'a> {
    /// A mail to the customer. `confirmed` is what the page with its warnings carries.
    Reply { text: &'a str, confirmed: &'a str },
    /// A note for the other agents.
    Note(&'a str),
    /// The case, also from another agent.
    Take,
    /// The case for another agent.
    Assign(&'a str),
    /// The case back in the queue.
    Release,
    /// The end.
    Resolve { side: InFavourOf, why: &'a str },
}

impl<'a> CaseOrder<'a> {
    pub(super) fn read(form: &'a Form, loaded: &Loaded) -> Result<Self, ConsoleError> {
        let text = || Ok::<_, ConsoleError>(form.opt("text")?.unwrap_or_default().trim());
        Ok(Self::Act(match form.one("do")? {
            "template" => return Ok(Self::Template(form.one("template")?)),
            "edit" => return Ok(Self::Edit(edited(form)?)),
            "reply" => CaseAction::Reply { text: text()?, confirmed: form.opt("confirmed")?.unwrap_or_default() },
            "note" => CaseAction::Note(text()?),
            "take" => CaseAction::Take,
            "assign" => {
                let to = form.one("to")?;
                let is_known = loaded.agents.iter().any(|agent| agent.as_str() == to);
                // Whoever may not give cases sees no agents, and is refused by role.
                if !is_known && !loaded.agents.is_empty() {
                    return Err(ConsoleError::BadForm("There is no such agent."));
                }
                CaseAction::Assign(to)
            }
            "release" => CaseAction::Release,
            "resolve" => {
                let side = side(form.one("side")?);
                let side = side.ok_or(ConsoleError::BadForm("The side must be the customer's or the merchant's."))?;
                let why = form.one("text")?.trim();
                if !printable(why, MAX_WHY) {
                    return Err(ConsoleError::BadForm("The reason must be 1 to 500 printable characters on one line."));
                }
                CaseAction::Resolve { side, why }
            }
            _ => return Err(ConsoleError::BadForm("The form orders something that there is not.")),
        }))
    }

    /// What it takes besides working on cases.
    pub(super) fn permission(&self) -> Option<Permission> {
        matches!(self, Self::Act(CaseAction::Assign(_))).then_some(Permission::Assign)
    }
}

/// What was written in a form whose page leads back to the case. Its field `of` says for what.
fn edited(form: &Form) -> Result<Draft, ConsoleError> {
    let text = form.opt("text")?.unwrap_or_default().to_owned();
    Ok(match form.opt("of")? {
        Some("note") => Draft { note: text, ..Draft::default() },
        Some("resolve") => {
            Draft { why: text, side: form.opt("side")?.and_then(side).map(side_name), ..Draft::default() }
        }
        _ => Draft { reply: text, ..Draft::default() },
    })
}

fn side(name: &str) -> Option<InFavourOf> {
    [InFavourOf::Customer, InFavourOf::Merchant].into_iter().find(|side| side_name(*side) == name)
}

/// A side, as a form names it.
pub(super) fn side_name(side: InFavourOf) -> &'static str {
    match side {
        InFavourOf::Customer => "customer",
        InFavourOf::Merchant => "merchant",
    }
}

impl<'a> CaseAction<'a> {
    /// The name, as forms and the page that follows have it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Reply { .. } => "reply",
            Self::Note(_) => "note",
            Self::Take => "take",
            Self::Assign(_) => "assign",
            Self::Release => "release",
            Self::Resolve { .. } => "resolve",
        }
    }

    /// What the audit log calls it.
    pub(super) fn audited(self) -> AuditAction {
        match self {
            Self::Reply { .. } => AuditAction::Reply,
            Self::Note(_) => AuditAction::Note,
            Self::Take => AuditAction::Take,
            Self::Assign(_) => AuditAction::Assign,
            Self::Release => AuditAction::Release,
            Self::Resolve { .. } => AuditAction::Resolve,
        }
    }

    /// What the agent does by it. Who may give cases to others also gives back those of others.
    pub(super) fn of_agent(self, gives_others: bool) -> AgentAction<'a> {
        match self {
            Self::Reply { text, .. } => AgentAction::Reply(text),
            Self::Note(text) => AgentAction::Note(text),
            Self::Take => AgentAction::Take { force: true },
            Self::Assign(to) => AgentAction::Assign(to),
            Self::Release => AgentAction::Release { force: gives_others },
            Self::Resolve { side, why } => AgentAction::Resolve { side, why },
        }
    }

    /// What was written, for the page that shows it again.
    pub(super) fn draft(self) -> Draft {
        let mut draft = Draft::default();
        match self {
            Self::Reply { text, .. } => draft.reply = text.to_owned(),
            Self::Note(text) => draft.note = text.to_owned(),
            Self::Resolve { side, why } => {
                draft.why = why.to_owned();
                draft.side = Some(side_name(side));
            }
            Self::Take | Self::Assign(_) | Self::Release => {}
        }
        draft
    }
}

/// What the page of a form showed, and how the form is known when it comes twice.
pub(super) fn seen(form: &Form) -> Result<(Seen, Submission), ConsoleError> {
    let old = |_| ConsoleError::BadForm("The form is not that of a case's page. Open the case again.");
    Ok((form.one("seen")?.parse().map_err(old)?, Submission::parse(form.one("submission")?).map_err(old)?))
}

/// What the page says of the order that led to it.
pub(super) fn done(query: &str) -> Option<&'static str> {
    let sent = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "done")?.1;
    DONE.iter().find(|(code, _)| *code == sent).map(|(_, sentence)| *sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_was_done_and_nothing_that_an_address_makes_up() {
        assert_eq!(done("done=reply"), Some("The reply is in the outbox."));
        assert_eq!(done("a=b&done=take&done=x"), Some("You have the case."));
        for other in ["", "done=", "done=The+case+is+yours", "undone=reply"] {
            assert_eq!(done(other), None, "{other}");
        }
    }
}
