//! What each letter says, in English. Nothing here is a caller's.

use recourse_dispute::lifecycle::Door;
use recourse_dispute::notice::{Letter, Notice};

/// The words of one letter.
pub(super) struct Words {
    /// The subject and the heading.
    pub(super) title: &'static str,
    /// The heading over what follows.
    pub(super) then: &'static str,
    /// What follows, one sentence or two each. The last one says what a reply does.
    pub(super) steps: &'static [&'static str],
}

/// What a party does, for every letter about a dispute that goes on.
const ACT: &str = "The status, and whose turn it is, are above. The dispute itself shows what its parties may do now.";
const TIME: &str = "If nobody acts before the end that is given above, the status ends by itself.";
const OWED: &str = "The disputed amount is owed to the customer.";
const NOBODY_ACTS: &str = "Nobody has to act on the dispute.";
const REPLY: &str = "If something about this is wrong, reply to this mail. Our support reads it.";

/// The words of a mail but for its [`lead`].
pub(super) fn words(notice: &Notice) -> Words {
    of(notice.letter, notice.cause.channel)
}

/// The subject and the heading of a letter, which are the same whatever it tells of.
pub(super) fn title(letter: Letter) -> &'static str {
    of(letter, Door::Iimmpact).title
}

fn of(letter: Letter, channel: Door) -> Words {
    match letter {
        Letter::Received => Words {
            title: "We received your report",
            then: "What happens next",
            steps: &[
                "We check the payment with the service provider.",
                "We keep you informed by email, in this conversation.",
                "To add information, such as a screenshot or what the provider told you, reply to this mail. Our support reads it.",
            ],
        },
        Letter::Refunded => Words {
            title: "Your payment was refunded",
            then: "What this means",
            steps: &[
                "The money goes back the way it was paid. When it arrives depends on the bank or wallet it goes to.",
                "You need not do anything.",
                "If something is still wrong, reply to this mail.",
            ],
        },
        Letter::TransactionFailed => Words {
            title: "Your payment did not go through",
            then: "What this means",
            steps: &[
                "Nothing was bought with this payment.",
                "If money was taken for it and does not come back, reply to this mail.",
            ],
        },
        Letter::DecidedForCustomer => Words {
            title: "Your case was decided in the customer's favour",
            then: "What this means",
            steps: &[
                "What is owed to the customer goes back the way it was paid. When it arrives depends on the bank or wallet it goes to.",
                "You need not do anything.",
                "If it does not arrive, reply to this mail.",
            ],
        },
        Letter::DecidedForMerchant => Words {
            title: "Your case was decided in the merchant's favour",
            then: "What this means",
            steps: &[
                "The payment stays as it is.",
                "If you have something that we have not seen, such as a receipt or a screenshot, reply to this mail with it.",
            ],
        },
        Letter::CaseEndedForCustomer => Words {
            title: "Your case ended in the customer's favour",
            then: "What this means",
            steps: &[
                "What is owed to the customer goes back the way it was paid. When it arrives depends on the bank or wallet it goes to.",
                "You need not do anything.",
                "If it does not arrive, reply to this mail.",
            ],
        },
        Letter::CaseEndedForMerchant => Words {
            title: "Your case ended in the merchant's favour",
            then: "What this means",
            steps: &[
                "The payment stays as it is.",
                "If you have something that nobody has seen yet, such as a receipt or a screenshot, reply to this mail with it.",
            ],
        },
        Letter::CaseAdvanced => Words {
            title: "There is news of your case",
            then: "What happens next",
            steps: &[
                "We keep you informed by email, in this conversation.",
                "If something about this is wrong, reply to this mail. Our support reads it.",
            ],
        },
        Letter::Withdrawn => Words {
            title: "Your case was withdrawn",
            then: "What this means",
            steps: &[
                "We do nothing more about the payment in this case.",
                "If you did not expect this, or something is still wrong, reply to this mail. Our support reads it.",
            ],
        },
        Letter::Logged => {
            Words { title: "A dispute was opened", then: "What happens next", steps: &[ACT, TIME, REPLY] }
        }
        Letter::LoggedAccepted => Words {
            title: "A dispute was opened and is closed",
            then: "What this means",
            steps: match channel {
                Door::Arbiter => &[OWED, REPLY],
                Door::Iimmpact | Door::Tutelar | Door::Connect => &[NOBODY_ACTS, REPLY],
            },
        },
        Letter::Reopened => {
            Words { title: "The dispute was reopened", then: "What happens next", steps: &[ACT, TIME, REPLY] }
        }
        Letter::Advanced => {
            Words { title: "The dispute has a new status", then: "What happens next", steps: &[ACT, TIME, REPLY] }
        }
        Letter::Accepted => {
            Words { title: "The dispute ended for the customer", then: "What this means", steps: &[OWED, REPLY] }
        }
        Letter::Declined => Words {
            title: "The dispute ended for the merchant",
            then: "What this means",
            steps: &["The payment stays as it is.", REPLY],
        },
        Letter::Reminder => {
            Words { title: "Your time to act on the dispute ends soon", then: "What to do", steps: &[ACT, TIME, REPLY] }
        }
        Letter::LapsedForCustomer => Words {
            title: "Time ran out: the dispute ended for the customer",
            then: "What this means",
            steps: &[OWED, REPLY],
        },
        Letter::LapsedForMerchant => Words {
            title: "Time ran out: the dispute ended for the merchant",
            then: "What this means",
            steps: &["The payment stays as it is.", REPLY],
        },
        Letter::PaymentRefunded => Words {
            title: "The payment was refunded: the dispute is closed",
            then: "What this means",
            steps: &[
                "The whole payment goes back the way it was made. Nobody has to act on the dispute any more.",
                REPLY,
            ],
        },
        Letter::PaymentFailed => Words {
            title: "The payment did not go through: the dispute is closed",
            then: "What this means",
            steps: &["Nothing was bought with the payment. Nobody has to act on the dispute any more.", REPLY],
        },
        Letter::DeskForCustomer => {
            Words { title: "Our dispute team decided for the customer", then: "What this means", steps: &[OWED, REPLY] }
        }
        Letter::DeskForMerchant => Words {
            title: "Our dispute team decided for the merchant",
            then: "What this means",
            steps: &["The payment stays as it is.", REPLY],
        },
        Letter::DisputeWithdrawn => Words {
            title: "The dispute was withdrawn",
            then: "What this means",
            steps: &["The payment stays as it is. Nobody has to act on the dispute any more.", REPLY],
        },
        Letter::Undeliverable => Words {
            title: "An address of your case takes no mail",
            then: "What this means",
            steps: &[
                "The address gets no more mail from us, in this case and in others. The case itself goes on.",
                "If you know whose address it is, please tell them how the case stands, or ask for another address.",
                "If the address is right and takes mail again, reply to this mail. Our support reads it and can free the address.",
            ],
        },
    }
}
