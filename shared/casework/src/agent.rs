//! What agents do: they reply, leave notes, take a case, give it to somebody, and end it.

use recourse_dispute::notification::{Author, SupportMail};
use recourse_dispute::text::{is_blank, leaves_its_line};
use recourse_store::{MessageRole, SupportSnapshot};
use recourse_support::case::{AgentName, Kind, Language, Owner, State, SupportCase};
use recourse_support::event::InFavourOf;
use recourse_support::guard::{Violation, check_agent_text};
use recourse_support::limits::Setup;
use recourse_support::templates::TemplateId;
use recourse_support::time::UnixSeconds;
use recourse_support::{Event, draft};

use crate::input::AgentAction;
use crate::mails::paragraphs;
use crate::step::{CommitBuilder, Record, action};
use crate::{CaseError, Casework};

/// The longest reply, in characters.
const MAX_REPLY: usize = 10_000;

fn refused(sentence: impl Into<String>) -> CaseError {
    CaseError::Refused(sentence.into())
}

impl CommitBuilder<'_> {
    pub(crate) fn agent(&mut self, name: &str, action: AgentAction<'_>) -> Result<(), CaseError> {
        let name = AgentName::parse(name).map_err(|rule| refused(format!("{rule}.")))?;
        self.commit.after.last_agent = Some(name.clone());
        match action {
            AgentAction::Reply(text) => self.reply(&name, text),
            AgentAction::Note(text) => self.note(&name, text),
            AgentAction::Take { force } => self.take(name, force),
            AgentAction::Assign(to) => {
                let to = AgentName::parse(to).map_err(|rule| refused(format!("{rule}.")))?;
                self.live()?;
                self.commit.after.last_agent = Some(to.clone());
                self.advance(&Event::AgentAssigned { by: name, to: Some(to) });
                Ok(())
            }
            AgentAction::Release { force } => {
                match &self.live()?.owner {
                    Owner::Agent(other) if *other != name && !force => return Err(CaseError::HeldBy(other.clone())),
                    Owner::Automation | Owner::Nobody if !force => return Err(refused("You do not have the case.")),
                    Owner::Agent(_) | Owner::Automation | Owner::Nobody => {}
                }
                self.advance(&Event::AgentAssigned { by: name, to: None });
                Ok(())
            }
            AgentAction::Resolve { side, why } => self.resolve(name, side, why),
        }
    }

    fn reply(&mut self, name: &AgentName, text: &str) -> Result<(), CaseError> {
        let text = text.replace("\r\n", "\n");
        check(self.casework, self.snapshot, &text)?;
        let dispute = &self.snapshot.dispute;
        if dispute.recipients.is_none() || !dispute.facts.environment.sends_mail() {
            return Err(refused("Nobody gets mail about this dispute: it is a staging account's, or names nobody."));
        }
        self.advance(&Event::AgentReplied(name.clone()));
        self.commit.after.announced_at = None;
        let language = self.case().map_or_else(|| self.language(), |case| case.language.clone());
        let templates = &self.casework.templates;
        let language = if templates.has(&language) { language } else { Language::english() };
        let subject = templates.phrases(&language).map(|phrases| phrases.agent_reply.clone());
        let shows_name = self.snapshot.configuration.support.shows_agent_name;
        let words = SupportMail {
            language: language.as_str().to_owned(),
            author: Author::Agent,
            agent: shows_name.then(|| name.as_str().to_owned()),
            ..SupportMail::plain("agent_reply", &subject.unwrap_or_default(), paragraphs(&text))
        };
        self.send_to_case(words, MessageRole::Agent, text.trim_end());
        Ok(())
    }

    /// A note is a part of the history. No mail quotes it, and no model reads it.
    fn note(&mut self, name: &AgentName, text: &str) -> Result<(), CaseError> {
        let text = text.replace("\r\n", "\n");
        legible(&text)?;
        let secrets = check_violations(self.casework, self.snapshot, &text);
        refuse(secrets.into_iter().filter(|violation| matches!(violation, Violation::Secret(_))))?;
        self.note = Some(text.trim_end().to_owned());
        self.advance(&Event::AgentNoted(name.clone()));
        Ok(())
    }

    fn take(&mut self, name: AgentName, force: bool) -> Result<(), CaseError> {
        match &self.live()?.owner {
            Owner::Agent(other) if *other != name && !force => {
                return Err(CaseError::HeldBy(other.clone()));
            }
            Owner::Agent(_) | Owner::Automation | Owner::Nobody => {}
        }
        self.advance(&Event::AgentTook(name));
        Ok(())
    }

    /// Ends the case. The dispute is closed with it where it is open, also where it has no support
    /// process. Where a mail waits that nobody answered, it waits no more.
    fn resolve(&mut self, name: AgentName, side: InFavourOf, why: &str) -> Result<(), CaseError> {
        let dispute = &self.snapshot.dispute;
        let is_over = self.case().is_none_or(|case| case.state == State::Resolved);
        if !dispute.state.is_open() && is_over && self.commit.after.announced_at.is_none() {
            return Err(refused("The dispute is closed, and nothing waits for an agent."));
        }
        if why.trim().is_empty() {
            return Err(refused("Why the case is resolved has to be said."));
        }
        // The mail about the decision quotes it.
        check(self.casework, self.snapshot, why)?;
        if dispute.state.is_open() {
            let change = dispute.decided(action(side), name.as_str().to_owned(), why.to_owned(), self.now);
            self.commit.change = Some(change.ok_or_else(|| refused("The dispute is a draft, which nobody decides."))?);
        }
        // Whoever ends a case needs no answer from it any more.
        self.commit.after.announced_at = None;
        self.advance(&Event::AgentResolved { by: name, in_favour_of: side });
        Ok(())
    }

    /// The support process, where there is one that is not over.
    fn live(&self) -> Result<&SupportCase, CaseError> {
        let without = "The dispute has no support process: it was not reported in production, or before there was one.";
        let case = self.case().ok_or_else(|| refused(without))?;
        if case.state == State::Resolved { Err(refused("The case is resolved.")) } else { Ok(case) }
    }
}

/// The mails of the process as drafts, of a case that has the process.
pub(crate) fn drafts(casework: &Casework, snapshot: &SupportSnapshot) -> Vec<(TemplateId, String)> {
    let Some(case) = snapshot.case.as_ref().and_then(|case| case.support.as_ref()) else { return Vec::new() };
    let record = Record::of(casework, snapshot);
    let on_record = record.before(case, &[]);
    let text = |template| Some((template, draft(template, &case.language, &on_record, &casework.templates)?.text));
    TemplateId::ALL.into_iter().filter_map(text).collect()
}

/// Checks an agent's text.
pub(crate) fn check(casework: &Casework, snapshot: &SupportSnapshot, text: &str) -> Result<Vec<Violation>, CaseError> {
    legible(text)?;
    let found = check_violations(casework, snapshot, text);
    let (refusing, warnings): (Vec<_>, Vec<_>) = found.into_iter().partition(|violation| violation.refuses_agent());
    refuse(refusing.into_iter())?;
    Ok(warnings)
}

/// Whether a text can be read as it is written.
fn legible(text: &str) -> Result<(), CaseError> {
    let is_hidden = |letter: char| letter != '\n' && leaves_its_line(letter);
    if is_blank(text) || text.chars().count() > MAX_REPLY {
        return Err(refused(format!("The text must be 1 to {MAX_REPLY} characters long.")));
    }
    if text.replace("\r\n", "\n").chars().any(is_hidden) {
        return Err(refused("The text must not have control characters or marks that turn its direction."));
    }
    Ok(())
}

/// The rules that an agent's text breaks.
fn check_violations(casework: &Casework, snapshot: &SupportSnapshot, text: &str) -> Vec<Violation> {
    let stand_in = || {
        let setup = Setup { limits: casework.settings.limits, max_model_calls: 0, has_provider: false };
        SupportCase::new(Kind::Other, Language::english(), UnixSeconds(0), &setup)
    };
    let case = snapshot.case.as_ref().and_then(|case| case.support.clone()).unwrap_or_else(stand_in);
    let record = Record::of(casework, snapshot);
    let hosts: Vec<&str> = record.hosts.iter().map(String::as_str).collect();
    let mut found = check_agent_text(text, &record.before(&case, &hosts), &casework.templates);
    if names_plus_address(casework, text) && !found.contains(&Violation::OtherCase) {
        found.push(Violation::OtherCase);
    }
    found
}

/// Refuses a text that breaks these rules.
fn refuse(rules: impl Iterator<Item = Violation>) -> Result<(), CaseError> {
    let rules = rules.map(|violation| format!("{} ({})", violation.sentence(), violation.code()));
    let rules = rules.collect::<Vec<_>>();
    if rules.is_empty() { Ok(()) } else { Err(refused(rules.join(" "))) }
}

/// Whether a text names a plus-address of ours: whoever has one can write to its case.
fn names_plus_address(casework: &Casework, text: &str) -> bool {
    let local = casework.settings.mail_from.as_ref().and_then(|from| from.as_str().rsplit_once('@'));
    local.is_some_and(|(local, _)| text.to_lowercase().contains(&format!("{}+", local.to_lowercase())))
}
