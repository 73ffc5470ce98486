//! `recourse outbox redrive`.

use clap::{Args, ValueEnum};
use recourse_store::{Mail, MailId, MailState, Redriving, Store};

use super::{Unsent, list};
use crate::dispute::words;
use crate::ending::{Ending, Failure};
use crate::operator::{Operator, why};
use crate::output::say;

/// Have mails that were given up or held back tried again; the next sweep takes them.
#[derive(Args)]
pub(crate) struct Redrive {
    #[command(flatten)]
    which: Which,
    /// Of those, the ones whose reason has this text in it
    #[arg(long, value_name = "TEXT", requires = "state")]
    reason: Option<String>,
    /// Why, for the record: 1 to 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: Option<String>,
    #[command(flatten)]
    operator: Operator,
}

/// Which mails.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// One mail, by the id that `outbox list` and the log have
    #[arg(value_name = "OUTBOX_ID", value_parser = id)]
    id: Option<MailId>,
    /// All that are so
    #[arg(long)]
    state: Option<Ended>,
}

/// How a mail came to an end without going out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ended {
    /// Held back
    Held,
    /// Given up
    Dead,
}

fn id(text: &str) -> Result<MailId, &'static str> {
    text.parse().map_err(|()| "must be NUMBER-VERSION, such as 55646425641463-1")
}

impl Redrive {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let (mails, unread) = match (self.which.id, self.which.state) {
            (Some(id), _) => (vec![one(store, id).await?], 0),
            (None, Some(Ended::Held)) => list::found(store, Unsent::Held).await?,
            (None, Some(Ended::Dead)) => list::found(store, Unsent::Dead).await?,
            (None, None) => return Err(Failure::refused("which mail? Name it, or pass --state.")),
        };
        let fits = |mail: &&Mail| match (&self.reason, &mail.reason) {
            (Some(wanted), Some(reason)) => reason.contains(wanted.as_str()),
            (Some(_), None) => false,
            (None, _) => true,
        };
        let (mut waits, mut overtaken) = (0_u32, 0_u32);
        for mail in mails.iter().filter(fits) {
            let order = self.operator.order(self.why.as_ref())?;
            let (id, case) = (mail.id, mail.id.number.case_id());
            match store.redrive(mail, &order).await? {
                Redriving::Waits => {
                    waits += 1;
                    say(&format!("{id}  of {case}: waits to be sent; it was {}", words::mail_state(mail.mail_state)))?;
                }
                Redriving::Overtaken => {
                    overtaken += 1;
                    say(&format!("{id}  of {case}: is no more as it was; nothing changed"))?;
                }
            }
        }
        if waits + overtaken + unread == 0 {
            say("no mail is so; nothing changed")?;
        }
        Ok(if overtaken + unread == 0 { Ending::Done } else { Ending::No })
    }
}

/// A mail that can be tried again.
async fn one(store: &Store, id: MailId) -> Result<Mail, Failure> {
    let mail = store.mail(id).await?.ok_or_else(|| Failure::refused(format!("there is no mail {id}.")))?;
    match mail.mail_state {
        MailState::Held | MailState::Dead => Ok(mail),
        state => {
            let state = words::mail_state(state);
            Err(Failure::refused(format!("the mail {id} is {state}; only one that is HELD or DEAD is tried again.")))
        }
    }
}
