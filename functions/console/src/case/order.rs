//! What a form of the page orders.

use recourse_casework::AgentAction;
use recourse_dispute::ids::printable;
use recourse_operations::{Seen, Submission};
use recourse_store::Permission;
use recourse_support::event::InFavourOf;

use super::load::Loaded;
use super::page::Draft;
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

/// What an agent wants.
#[derive(Clone, Copy)]
pub(super) enum Wish<'a> {
    /// The text of a template in the reply.
    Template(&'a str),
    /// Back from the preview.
    Edit(&'a str),
    /// A mail to the customer.
    Reply { text: &'a str, is_confirmed: bool },
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

impl<'a> Wish<'a> {
    pub(super) fn read(form: &'a Form, loaded: &Loaded) -> Result<Self, ConsoleError> {
        let text = || Ok::<_, ConsoleError>(form.opt("text")?.unwrap_or_default().trim());
        Ok(match form.one("do")? {
            "template" => Self::Template(form.one("template")?),
            "edit" => Self::Edit(text()?),
            "reply" => Self::Reply { text: text()?, is_confirmed: form.opt("confirmed")?.is_some() },
            "note" => Self::Note(text()?),
            "take" => Self::Take,
            "assign" => {
                let to = form.one("to")?;
                let is_known = loaded.agents.iter().any(|agent| agent.as_str() == to);
                // Whoever may not give cases sees no agents, and is refused by role.
                if !is_known && !loaded.agents.is_empty() {
                    return Err(ConsoleError::BadForm("There is no such agent."));
                }
                Self::Assign(to)
            }
            "release" => Self::Release,
            "resolve" => {
                let side = match form.one("side")? {
                    "customer" => InFavourOf::Customer,
                    "merchant" => InFavourOf::Merchant,
                    _ => return Err(ConsoleError::BadForm("The side must be the customer's or the merchant's.")),
                };
                let why = form.one("text")?.trim();
                if !printable(why, MAX_WHY) {
                    return Err(ConsoleError::BadForm("The reason must be 1 to 500 printable characters on one line."));
                }
                Self::Resolve { side, why }
            }
            _ => return Err(ConsoleError::BadForm("The form orders something that there is not.")),
        })
    }

    /// What it takes besides working on cases.
    pub(super) fn permission(self) -> Option<Permission> {
        matches!(self, Self::Assign(_)).then_some(Permission::Assign)
    }

    /// The name, for the audit log and the page that follows.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Template(_) | Self::Edit(_) => "case",
            Self::Reply { .. } => "reply",
            Self::Note(_) => "note",
            Self::Take => "take",
            Self::Assign(_) => "assign",
            Self::Release => "release",
            Self::Resolve { .. } => "resolve",
        }
    }

    /// What the agent does by it.
    pub(super) fn action(self) -> Option<AgentAction<'a>> {
        Some(match self {
            Self::Template(_) | Self::Edit(_) => return None,
            Self::Reply { text, .. } => AgentAction::Reply(text),
            Self::Note(text) => AgentAction::Note(text),
            Self::Take => AgentAction::Take { force: true },
            Self::Assign(to) => AgentAction::Assign(to),
            Self::Release => AgentAction::Release,
            Self::Resolve { side, why } => AgentAction::Resolve { side, why },
        })
    }

    /// What was written, for the page that shows it again.
    pub(super) fn draft(self) -> Draft {
        let mut draft = Draft::default();
        match self {
            Self::Reply { text, .. } | Self::Edit(text) => draft.reply = text.to_owned(),
            Self::Note(text) => draft.note = text.to_owned(),
            Self::Resolve { why, .. } => draft.why = why.to_owned(),
            Self::Template(_) | Self::Take | Self::Assign(_) | Self::Release => {}
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
