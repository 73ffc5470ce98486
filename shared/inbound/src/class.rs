//! Whether a person wrote a mail, or what did.

mod marks;

use recourse_dispute::addresses::MailAddress;

use crate::Deployment;
use crate::address::Sender;
use crate::fields::Fields;
use crate::mime::Structure;

/// What kind of mail came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A person wrote it, as far as can be told.
    Written,
    /// A program answered, or sent it to many: out of office, an acknowledgement, a list.
    AutoReply,
    /// It says what became of another mail: a bounce, a delay, a read receipt.
    DeliveryReport,
    /// A helpdesk's program sent it, also when a person of the helpdesk wrote it there. Answering
    /// it automatically can make two programs answer each other for ever.
    Helpdesk,
    /// An invitation to an event, or the answer to one.
    CalendarInvitation,
    /// Recourse sent it.
    OurOwn,
    /// It is not known who sent it: no From that can be read, or more than one.
    Unreadable,
}

/// A class, and the mark of the mail that decided it: a short constant text, for the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classified {
    /// What kind of mail it is.
    pub class: Class,
    /// Why.
    pub mark: &'static str,
}

/// Decides the class. The order matters: a helpdesk's automatic answer is a helpdesk's, and a
/// bounce with the marks of an automatic answer is a bounce.
pub(crate) fn classify(
    mail: &Structure<'_>,
    sender: &Sender,
    message_id: Option<&str>,
    deployment: &Deployment<'_>,
) -> Classified {
    let of = |class: Class| move |mark: &'static str| Classified { class, mark };
    let fields = &mail.fields;
    if *sender == Sender::Several {
        return Classified { class: Class::Unreadable, mark: "several senders in From" };
    }
    our_own(fields, sender, message_id, deployment)
        .map(of(Class::OurOwn))
        .or_else(|| marks::report(mail, sender).map(of(Class::DeliveryReport)))
        .or_else(|| marks::helpdesk(fields, message_id).map(of(Class::Helpdesk)))
        .or_else(|| marks::calendar(mail).map(of(Class::CalendarInvitation)))
        .or_else(|| marks::automatic(fields).map(of(Class::AutoReply)))
        .or_else(|| marks::away(fields, sender).map(of(Class::AutoReply)))
        .or_else(|| marks::has_null_path(fields).then_some("empty Return-Path").map(of(Class::DeliveryReport)))
        .unwrap_or(match sender {
            Sender::One(_) => Classified { class: Class::Written, mark: "no mark of a program" },
            Sender::Missing | Sender::Several | Sender::Local(_) => {
                Classified { class: Class::Unreadable, mark: "no sender in From" }
            }
        })
}

fn our_own(
    fields: &Fields<'_>,
    sender: &Sender,
    message_id: Option<&str>,
    deployment: &Deployment<'_>,
) -> Option<&'static str> {
    if fields.all().iter().any(|field| deployment.own_headers.iter().any(|own| field.is(own))) {
        return Some("a header of Recourse's");
    }
    if message_id.is_some_and(|id| deployment.own_message_ids.contains(&id)) {
        return Some("a Message-ID of Recourse's");
    }
    match sender {
        Sender::One(from) if is_own_address(from, deployment.reply_address) => Some("Recourse's address in From"),
        _ => None,
    }
}

/// Whether an address is Recourse's, with or without a plus and a token.
fn is_own_address(from: &MailAddress, own: &MailAddress) -> bool {
    let Some((local, domain)) = from.as_str().rsplit_once('@') else { return false };
    let Some((own_local, own_domain)) = own.as_str().rsplit_once('@') else { return false };
    let name = local.split_once('+').map_or(local, |(name, _)| name);
    name.eq_ignore_ascii_case(own_local) && domain.eq_ignore_ascii_case(own_domain)
}

#[cfg(test)]
mod tests;
