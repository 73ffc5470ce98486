//! What a step of a support case rests on, in words. The history stores stable codes, such as
//! `intent:objection` and `provider: late`; people read what stands here instead.

use recourse_dispute::text::visible;
use recourse_store::SupportEvent;
use recourse_support::decision::HistoryEntry;
use recourse_support::event::{Intent, ProviderState};
use recourse_support::reason::Reason;
use recourse_support::templates::TemplateId;

use crate::labels;

const INTENTS: [Intent; 5] = [Intent::WorksNow, Intent::Objection, Intent::Thanks, Intent::Nothing, Intent::Unclear];
const PROVIDER_STATES: [ProviderState; 4] =
    [ProviderState::Delivered, ProviderState::Pending, ProviderState::Failed, ProviderState::Unknown];

/// Codes that stand alone, behind `model_reason:`, `provider: `, `model: ` or `refused mail: `.
const CODES: [(&str, &str); 56] = [
    // What was seen.
    ("photo", "a photo is there"),
    ("account_number", "the number of an account is there"),
    ("topup_number", "the number to top up is there"),
    ("details", "a description is there"),
    ("not_verified", "the sender is not verified"),
    ("replies_are_not_read", "answers to our mail are not read"),
    // Why a model hands a case to a person.
    ("wants_a_person", "the customer wants a person"),
    ("unclear", "it is unclear what the customer wants"),
    ("complaint", "the customer complains"),
    ("not_in_templates", "no approved mail answers it"),
    ("possible_fraud", "it may be fraud"),
    ("other", "another reason"),
    // Why a model's answer was not used.
    ("too_long", "the answer was too long"),
    ("malformed", "the answer had another form than agreed"),
    ("malformed_answer", "the answer had another form than agreed"),
    ("unknown_member", "the answer had something that was not asked for"),
    ("missing", "something was missing from the answer"),
    ("misplaced", "the answer mixed two actions"),
    ("not_offered", "the answer was none of those offered"),
    ("slot_not_on_record", "the answer named something that is not on record"),
    ("summary_too_long", "the summary was too long"),
    ("below_threshold", "the model was not sure enough"),
    ("cut_off", "the answer was cut off"),
    ("no_tool", "the answer chose nothing"),
    // Why no model answered.
    ("no_model", "there is no model"),
    ("no_question", "there was nothing to ask"),
    ("unreadable_message", "a message of the case cannot be read"),
    ("throttled", "too many questions at once"),
    ("rejected", "the question was rejected"),
    ("blocked", "the question was blocked"),
    // Why no provider answered.
    ("not_configured", "no provider is configured"),
    ("bad_secret", "the secret for the provider cannot be used"),
    ("bad_url", "the provider's address cannot be used"),
    ("unsendable", "the question cannot be sent"),
    ("no_such_host", "the provider's host name has no address"),
    ("private_address", "the provider's host name leads to an address that is not public"),
    ("unreachable", "no connection"),
    ("untrusted", "the certificate is not accepted"),
    ("broken", "the connection ended too early"),
    ("late", "no answer in time"),
    ("too_large", "the answer was too large"),
    ("no_http", "the answer was no HTTP"),
    // Why a mail was not sent.
    ("card_number", "it had a full card number"),
    ("pin", "it had a PIN or a number that looks like one"),
    ("key", "it had a password or a key"),
    ("link", "it had a link or an address that is not on the allow-list"),
    ("other_case", "it named another case"),
    ("money", "it said that money comes back, which is not on record"),
    ("amount", "it named an amount that is not the payment's"),
    ("result", "it said how the case ended, which is not on record"),
    ("promise", "it promised something"),
    ("date", "it named a day or a time that is not on record"),
    ("no_basis", "what its template says is not on record"),
    ("not_on_record", "one of its values differs from the record"),
    ("too_soon", "the last automatic mail is less than an hour old"),
    ("too_many", "the case has had as many automatic mails as it may have"),
];

/// What a step rests on and what it is about, in words, in the order of the history. What others
/// wrote has its invisible characters as escapes.
#[must_use]
pub fn step_facts(event: &SupportEvent, entry: &HistoryEntry) -> Vec<String> {
    entry.saw.iter().map(|code| saw(code)).chain(event.ids.iter().map(|id| about(id))).collect()
}

/// What a step saw, in words.
#[must_use]
pub fn saw(code: &str) -> String {
    let (name, value) = code.split_once(':').unwrap_or((code, ""));
    let known = match name {
        "intent" => INTENTS.into_iter().find(|known| known.name() == value).map(|known| intent(known).to_owned()),
        "provider" => {
            let state = PROVIDER_STATES.into_iter().find(|known| known.name() == value);
            state.map(|state| format!("the provider says: {}", labels::provider_state(state)))
        }
        "attachments" => Some(files(value, "accepted")),
        "refused_attachments" => Some(files(value, "refused")),
        "step" => Some(format!("step {} of the playbook", visible(value))),
        "confidence" => Some(format!("the model is {} % sure", visible(value))),
        "language" => Some(format!("written in the language {}", visible(value))),
        "model_reason" => Some(format!("the model says: {}", in_words(value))),
        _ => None,
    };
    let reason = || Reason::ALL.iter().find(|reason| reason.code() == code);
    let template = || TemplateId::parse(code);
    known
        .or_else(|| CODES.iter().find(|(known, _)| *known == code).map(|(_, words)| (*words).to_owned()))
        .or_else(|| template().map(|template| format!("the mail \"{}\"", labels::template(template))))
        .or_else(|| reason().map(|reason| reason.sentence().trim_end_matches('.').to_owned()))
        .unwrap_or_else(|| in_words(code))
}

/// What a step is about, in words.
fn about(id: &str) -> String {
    let after = |prefix: &str| id.strip_prefix(prefix);
    if let Some(count) = after("provider attempt ") {
        format!("question {} to the provider", visible(count))
    } else if let Some(code) = after("provider: ") {
        format!("the provider: {}", in_words(code))
    } else if let Some(count) = after("model call ") {
        format!("question {} to the model", visible(count))
    } else if let Some(code) = after("model: ") {
        format!("the model: {}", in_words(code))
    } else if let Some(code) = after("refused mail: ") {
        format!("a mail was not sent: {}", in_words(code))
    } else {
        visible(id).into_owned()
    }
}

/// A code in words; one that is not known without its underscores.
fn in_words(code: &str) -> String {
    let known = CODES.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| visible(&code.replace('_', " ")).into_owned(), |(_, words)| (*words).to_owned())
}

fn intent(intent: Intent) -> &'static str {
    match intent {
        Intent::WorksNow => "the mail says that it works now",
        Intent::Objection => "the mail objects",
        Intent::Thanks => "the mail says thanks",
        Intent::Nothing => "the mail has no text",
        Intent::Unclear => "the mail says something else",
    }
}

fn files(count: &str, outcome: &str) -> String {
    match count {
        "1" => format!("1 file was {outcome}"),
        count => format!("{} files were {outcome}", visible(count)),
    }
}

#[cfg(test)]
mod tests {
    use recourse_support::case::Fact;
    use recourse_support::guard::Violation;
    use recourse_support::model::{ESCALATIONS, ModelRefusal};
    use recourse_support::redact::Secret;
    use recourse_support::templates::Slot;

    use super::*;

    /// Whether people can read it: no code has become no words.
    #[track_caller]
    fn is_plain(words: &str, code: &str) {
        assert!(words.contains(' ') && !words.contains('_'), "{code}: {words}");
    }

    #[test]
    fn every_code_of_a_history_has_words() {
        for intent in INTENTS {
            is_plain(&saw(&format!("intent:{}", intent.name())), intent.name());
        }
        for state in PROVIDER_STATES {
            let words = saw(&format!("provider:{}", state.name()));
            assert!(words.starts_with("the provider says: "), "{words}");
        }
        for reason in Reason::ALL {
            // Their codes are those of templates or of sentences, which both have words.
            is_plain(&saw(reason.code()), reason.code());
        }
        for template in TemplateId::ALL {
            is_plain(&saw(template.name()), template.name());
        }
        let facts = [Fact::Photo, Fact::AccountNumber, Fact::TopupNumber, Fact::Details].map(Fact::name);
        for code in facts.into_iter().chain(["not_verified", "replies_are_not_read"]) {
            is_plain(&saw(code), code);
        }
        for code in ["attachments:2", "refused_attachments:1", "step:photo", "confidence:87", "language:ms"] {
            let words = saw(code);
            is_plain(&words, code);
            assert!(!words.contains(':'), "{words}");
        }
        for code in ESCALATIONS {
            is_plain(&saw(&format!("model_reason:{code}")), code);
            assert!(CODES.iter().any(|(known, _)| *known == code), "{code}");
        }
    }

    #[test]
    fn every_cause_has_words() {
        let refusals = [
            ModelRefusal::TooLong,
            ModelRefusal::Malformed,
            ModelRefusal::UnknownMember,
            ModelRefusal::Missing("a"),
            ModelRefusal::Misplaced("a"),
            ModelRefusal::NotOffered("a"),
            ModelRefusal::SlotNotOnRecord,
            ModelRefusal::SummaryTooLong,
            ModelRefusal::BelowThreshold,
        ];
        let violations = [
            Violation::Secret(Secret::CardNumber),
            Violation::Secret(Secret::Pin),
            Violation::Secret(Secret::Key),
            Violation::Link,
            Violation::OtherCase,
            Violation::Money,
            Violation::Amount,
            Violation::Result,
            Violation::Promise,
            Violation::Date,
            Violation::NoBasis(TemplateId::Reminder),
            Violation::NotOnRecord(Slot::Refid),
            Violation::TooSoon,
            Violation::TooMany,
            Violation::Malformed,
        ];
        for code in refusals.map(ModelRefusal::code).into_iter().chain(violations.map(Violation::code)) {
            assert!(CODES.iter().any(|(known, _)| *known == code), "{code}");
        }
        for (at, (code, words)) in CODES.iter().enumerate() {
            is_plain(words, code);
            assert_eq!(CODES.iter().position(|(other, _)| other == code), Some(at), "{code} is there once");
        }
    }

    #[test]
    fn what_a_step_is_about_is_said_in_words() {
        for (id, words) in [
            ("message 3", "message 3"),
            ("mail 551-500000007", "mail 551-500000007"),
            ("provider attempt 2", "question 2 to the provider"),
            ("provider: late", "the provider: no answer in time"),
            ("provider: status 503", "the provider: status 503"),
            ("model call 1", "question 1 to the model"),
            ("812 tokens", "812 tokens"),
            ("model: throttled", "the model: too many questions at once"),
            ("refused mail: promise", "a mail was not sent: it promised something"),
            ("model: a_new_code", "the model: a new code"),
            ("a\u{202e}b", "a\\u{202e}b"),
        ] {
            assert_eq!(about(id), words);
        }
        assert_eq!(saw("attachments:1"), "1 file was accepted");
        assert_eq!(saw("a_new_code:7"), "a new code:7");
        assert_eq!(saw("step:<b>\u{202e}"), "step <b>\\u{202e} of the playbook");
    }
}
