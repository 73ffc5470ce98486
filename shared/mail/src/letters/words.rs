//! What each letter says, in English. Nothing here is a caller's.

use recourse_dispute::notice::Letter;

/// The words of one letter.
pub(super) struct Words {
    /// The subject and the heading.
    pub(super) title: &'static str,
    /// What happened; stands before the facts of the case.
    pub(super) lead: &'static str,
    /// The heading over what follows.
    pub(super) then: &'static str,
    /// What follows, one sentence or two each. The last one says what a reply does.
    pub(super) steps: &'static [&'static str],
}

/// What a party does, for every letter about a dispute that goes on.
const ACT: &str = "Whose turn it is, and the status, stand above. The dispute itself says what its parties may do now.";
const TIME: &str = "A status that has an end is closed by it when nobody acts before that time.";
const REPLY: &str = "If something about this is wrong, reply to this mail. Our support reads it.";

/// The words of a letter.
pub(super) fn words(letter: Letter) -> Words {
    match letter {
        Letter::Received => Words {
            title: "We received your report",
            lead: "Thank you for telling us that something is wrong with a payment. We opened a case for it.",
            then: "What happens next",
            steps: &[
                "We check the payment with the service provider.",
                "We keep you informed by email, in this conversation.",
                "To add information, such as a screenshot or what the provider told you, reply to this mail. Our support reads it.",
            ],
        },
        Letter::Refunded => Words {
            title: "Your payment was refunded",
            lead: "The payment in your case was refunded, so we closed the case.",
            then: "What this means",
            steps: &[
                "The money goes back the way it was paid. When it arrives depends on the bank or wallet it goes to.",
                "You need not do anything.",
                "If something is still wrong, reply to this mail.",
            ],
        },
        Letter::TransactionFailed => Words {
            title: "Your payment did not go through",
            lead: "The payment in your case was reported to us as failed, so we closed the case.",
            then: "What this means",
            steps: &[
                "Nothing was bought with this payment.",
                "If money was taken for it and does not come back, reply to this mail.",
            ],
        },
        Letter::DecidedForCustomer => Words {
            title: "Your case was decided in the customer's favour",
            lead: "We looked into the report and decided it in the customer's favour. The case is closed.",
            then: "What this means",
            steps: &[
                "What is owed to the customer goes back the way it was paid. When it arrives depends on the bank or wallet it goes to.",
                "You need not do anything.",
                "If it does not arrive, reply to this mail.",
            ],
        },
        Letter::DecidedForMerchant => Words {
            title: "Your case was decided in the merchant's favour",
            lead: "We looked into the report and decided it in the merchant's favour. The case is closed.",
            then: "What this means",
            steps: &[
                "The payment stays as it is.",
                "If you have something that we have not seen, such as a receipt or a screenshot, reply to this mail with it.",
            ],
        },
        Letter::Withdrawn => Words {
            title: "Your case was withdrawn",
            lead: "Who opened the case withdrew it, so we closed it.",
            then: "What this means",
            steps: &[
                "We do nothing more about the payment in this case.",
                "If you did not expect this, or something is still wrong, reply to this mail. Our support reads it.",
            ],
        },
        Letter::Logged => Words {
            title: "A dispute was logged",
            lead: "A dispute was logged about a payment that your organisation is a party to.",
            then: "What happens next",
            steps: &[ACT, TIME, REPLY],
        },
        Letter::LoggedAccepted => Words {
            title: "A dispute was logged and accepted",
            lead: "A dispute was logged about a payment that your organisation is a party to. Its category is accepted as it is logged, so it is closed.",
            then: "What this means",
            steps: &["The disputed amount is owed to the customer.", REPLY],
        },
        Letter::Advanced => Words {
            title: "The dispute is at another status",
            lead: "A party to the dispute took the next step. What that was stands in the dispute's journal.",
            then: "What happens next",
            steps: &[ACT, TIME, REPLY],
        },
        Letter::Accepted => Words {
            title: "The dispute ended for the customer",
            lead: "A party to the dispute ended it, for the customer. The dispute is closed.",
            then: "What this means",
            steps: &["The disputed amount is owed to the customer.", REPLY],
        },
        Letter::Declined => Words {
            title: "The dispute ended for the merchant",
            lead: "A party to the dispute ended it, for the merchant. The dispute is closed.",
            then: "What this means",
            steps: &["The payment stays as it is.", REPLY],
        },
        Letter::Reminder => Words {
            title: "Your time to act on the dispute ends soon",
            lead: "It is your turn in this dispute, and the time for it ends soon.",
            then: "What to do",
            steps: &[ACT, TIME, REPLY],
        },
        Letter::LapsedForCustomer => Words {
            title: "Time ran out: the dispute ended for the customer",
            lead: "Nobody acted on the dispute in time, so it was closed for the customer.",
            then: "What this means",
            steps: &["The disputed amount is owed to the customer.", REPLY],
        },
        Letter::LapsedForMerchant => Words {
            title: "Time ran out: the dispute ended for the merchant",
            lead: "Nobody acted on the dispute in time, so it was closed for the merchant.",
            then: "What this means",
            steps: &["The payment stays as it is.", REPLY],
        },
        Letter::PaymentRefunded => Words {
            title: "The payment was refunded: the dispute is closed",
            lead: "The payment was reported to us as refunded, so the dispute about it is closed.",
            then: "What this means",
            steps: &[
                "The whole payment goes back the way it was made. Nobody has to act on the dispute any more.",
                REPLY,
            ],
        },
        Letter::PaymentFailed => Words {
            title: "The payment did not go through: the dispute is closed",
            lead: "The payment was reported to us as failed, so the dispute about it is closed.",
            then: "What this means",
            steps: &["Nothing was bought with the payment. Nobody has to act on the dispute any more.", REPLY],
        },
        Letter::DeskForCustomer => Words {
            title: "The dispute desk decided for the customer",
            lead: "The dispute desk looked into the dispute and decided it for the customer. The dispute is closed.",
            then: "What this means",
            steps: &["The disputed amount is owed to the customer.", REPLY],
        },
        Letter::DeskForMerchant => Words {
            title: "The dispute desk decided for the merchant",
            lead: "The dispute desk looked into the dispute and decided it for the merchant. The dispute is closed.",
            then: "What this means",
            steps: &["The payment stays as it is.", REPLY],
        },
        Letter::DisputeWithdrawn => Words {
            title: "The dispute was withdrawn",
            lead: "Who opened the dispute withdrew it. The dispute is closed.",
            then: "What this means",
            steps: &["The payment stays as it is. Nobody has to act on the dispute any more.", REPLY],
        },
        Letter::Undeliverable => Words {
            title: "An address of your case takes no mail",
            lead: "A mail about the case below came back from one of the addresses that it was sent to, or was marked as spam there.",
            then: "What this means",
            steps: &[
                "The address gets no more mail from us, in this case and in others. The case itself goes on.",
                "If you know whose address it is, please tell them how the case stands, or ask for another address.",
                "If the address is right and takes mail again, reply to this mail. Our support reads it and can free the address.",
            ],
        },
    }
}
