//! `recourse case reply`: an agent writes to the customer of a case. The mail goes through the same
//! outbox as every other, in the case's thread, with the account in Cc.

use std::path::PathBuf;

use clap::Args;
use recourse_casework::AgentAction;
use recourse_dispute::text::is_blank;
use recourse_operations::SupportView;
use serde::Serialize;

use super::agent::{Agents, failure, me};
use crate::dispute::find::find;
use crate::dispute::{WHICH, Which};
use crate::ending::{Ending, Failure};
use crate::input;
use crate::operator::Operator;
use crate::output::{Format, note};
use crate::system;

/// The most characters of a reply.
const MAX_TEXT: usize = 10_000;
/// What a file of that many characters has at most, in bytes.
const MAX_BYTES: usize = 4 * MAX_TEXT;

const EXAMPLES: &str = "\
Examples:
  recourse case reply rc-0000008t --text 'We have sent you a new code.'
  recourse case reply 50001 --text-file reply.txt --by alice

The recipients of the case get the text as a mail, with the account in Cc, and you have the case
from then on. A text with a card number, a PIN, a key, a link that is not on the allow-list, or
another case is refused. A text that speaks of money, a result, a promise or a day that is not on
record is sent, and stderr says so.";

/// What a command takes that writes a text to a case.
#[derive(Args)]
#[group(skip)]
pub(super) struct CaseText {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    pub(super) operator: Operator,
    #[command(flatten)]
    pub(super) format: Format,
}

/// The text of a command.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Words {
    /// The text: 1 to 10,000 characters
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// The file that has the text; - is standard input
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
}

/// Reply to the customer of a case
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{WHICH}"))]
pub(crate) struct Reply {
    #[command(flatten)]
    pub(super) input: CaseText,
}

/// A reply for a program. Times are ISO 8601.
#[derive(Serialize)]
struct ReplyJson {
    case: String,
    state: &'static str,
    message: MessageJson,
}

#[derive(Serialize)]
struct MessageJson {
    at: String,
    seq: u64,
}

impl Reply {
    pub(super) async fn run(&self, agents: &Agents, text: &str) -> Result<Ending, Failure> {
        let CaseText { which, operator, format, .. } = &self.input;
        let name = me(operator)?;
        let number = find(&agents.store, which).await?.dispute.number;
        if let Some(snapshot) = agents.store.support_snapshot(number).await? {
            for warning in agents.casework.check_reply(&snapshot, text).map_err(failure)? {
                note(&format!("{} It is sent all the same. [{}]", warning.sentence(), warning.code()));
            }
        }
        let written = agents.act(number, &name, AgentAction::Reply(text)).await?;
        let case = number.case_id();
        let nothing = || Failure::refused(format!("{case} takes no reply: nobody gets mail about it."));
        let written = written.ok_or_else(nothing)?;
        let message = written.commit.messages.last().ok_or_else(nothing)?;
        let view = written.view(system::now());
        let state = view.as_ref().map_or("none", |view| view.state);
        let json = ReplyJson {
            case: case.clone(),
            state,
            message: MessageJson { at: message.at.iso8601(), seq: message.seq },
        };
        format.print(&json, || {
            let line = view.as_ref().map_or("no support process".to_owned(), SupportView::line);
            format!("{case}  message {} is in the outbox; {line}", message.seq)
        })?;
        Ok(Ending::Done)
    }
}

impl CaseText {
    /// What an agent wrote: in the option, or in the file.
    pub(super) fn read(&self) -> Result<String, Failure> {
        let Some(file) = &self.words.text_file else {
            let text = self.words.text.as_deref().unwrap_or_default();
            return checked(text).map_err(|rule| Failure::refused(format!("the text {rule}.")));
        };
        checked(&input::read_text(file, MAX_BYTES)?).map_err(|rule| input::refused(file, &rule))
    }
}

/// A text as it is sent: line breaks as line feeds, without white space around it.
fn checked(text: &str) -> Result<String, String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.starts_with("--") && !text.contains(char::is_whitespace) {
        // Somebody forgot the text, and the next flag must not be mailed in its place.
        return Err("must be a text, and this is a flag".to_owned());
    }
    if is_blank(text) || text.chars().count() > MAX_TEXT {
        return Err(format!("must have 1 to {MAX_TEXT} characters that can be seen"));
    }
    match text.chars().find(|letter| *letter != '\n' && letter.is_control()) {
        Some(letter) => {
            Err(format!("must have no control character but line breaks, and has {}", letter.escape_unicode()))
        }
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_visible_characters_and_line_breaks() {
        assert_eq!(
            checked(" Dear customer,\r\n\r\nit is on its way. \n").unwrap(),
            "Dear customer,\n\nit is on its way."
        );
        assert!(checked(&"é".repeat(MAX_TEXT)).is_ok());
        for text in ["", " \n ", "\u{200b}", "--json", "a\u{1b}[2J", "a\tb", "a\rb", &"x".repeat(MAX_TEXT + 1)] {
            assert!(checked(text).is_err(), "{text:?}");
        }
    }
}
