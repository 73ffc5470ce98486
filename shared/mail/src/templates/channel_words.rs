//! The words of a mail that depend on the API that its dispute was opened through.

use recourse_dispute::channel::Channel;

/// What mails about the disputes of one API say.
pub(super) struct ChannelWords {
    /// The opener, with its article.
    pub(super) opener: &'static str,
    /// The account whose transaction it is, with its article.
    pub(super) account: &'static str,
    /// The title and the lead of the confirmation, where whoever opened it gets one.
    pub(super) received: Option<(&'static str, &'static str)>,
    /// Who opened it and how; `{}` is the role.
    pub(super) opened: &'static str,
    /// The preposition between that and the payment.
    pub(super) about: &'static str,
    /// How a title and a lead say that a dispute was closed on creation, and whether it was decided
    /// in the customer's favour then; `None` where none is.
    pub(super) closed_on_creation: Option<(&'static str, &'static str, bool)>,
    /// What the opener withdraws.
    pub(super) opening: &'static str,
    /// Why those of the case get the mail: up to the brand's name, and after it.
    pub(super) because: (&'static str, &'static str),
}

/// Why an organisation that the payment names gets a mail.
pub(super) const IS_PARTY: (&str, &str) = (
    "You get this mail because your organisation is a party to this payment, and this is the address that",
    "has for it.",
);

/// Why the account that opened a case gets a mail.
pub(super) const OPENED_IT: (&str, &str) =
    ("You get this mail because your account opened the case, and this is the address that", "has for it.");

const MERCHANT: &str = "the payment platform's merchant";

const IIMMPACT: ChannelWords = ChannelWords {
    opener: "the service that reported the problem",
    account: "the service that handled the payment",
    received: Some((
        "We received your report",
        "Thank you for telling us about a problem with a payment. We opened a case for it.",
    )),
    // The parties need not know which service it was.
    opened: "a problem was reported",
    about: "with",
    closed_on_creation: None,
    opening: "the report",
    because: (
        "You get this mail because a problem with this payment was reported to",
        "and your address was given for the case.",
    ),
};

const ARBITER: ChannelWords = ChannelWords {
    opener: "the party that logged the dispute",
    opened: "{} logged a dispute",
    closed_on_creation: Some((
        "accepted as it was logged",
        "Disputes of this category are accepted as they are logged, so it is closed.",
        true,
    )),
    ..TUTELAR
};

const TUTELAR: ChannelWords = ChannelWords {
    opener: MERCHANT,
    account: MERCHANT,
    received: None,
    opened: "{} raised a dispute",
    about: "about",
    closed_on_creation: Some((
        "closed as it began",
        "The payment had failed or was refunded before. So the dispute is closed.",
        false,
    )),
    opening: "the dispute",
    because: IS_PARTY,
};

const CONNECT: ChannelWords = ChannelWords {
    received: Some((
        "We received the dispute",
        "Your organisation submitted a dispute about a payment. We opened a case for it.",
    )),
    opened: "{} submitted a dispute",
    closed_on_creation: None,
    because: (
        "You get this mail because your organisation submitted a dispute about this payment to",
        "and your address was given for it.",
    ),
    ..TUTELAR
};

/// The words of an API.
pub(super) fn words(channel: Channel) -> &'static ChannelWords {
    match channel {
        Channel::Iimmpact => &IIMMPACT,
        Channel::Arbiter => &ARBITER,
        Channel::Tutelar => &TUTELAR,
        Channel::Connect => &CONNECT,
    }
}
