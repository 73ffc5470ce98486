//! The mails, as a reader's program shows them.

mod claims;
mod readers;
mod sentences;

use proptest::prelude::*;
use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::event::EventKind;
use recourse_dispute::ids::{AccountId, Refid};
use recourse_dispute::lifecycle::{Action, Actor, Category, Closing, Level, Side};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notification::{Audience, Cause, Choices, NotificationDetails, StatusSnapshot};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use super::*;

fn notification(template: EmailTemplate, refid: &str, product: Option<&str>) -> Notification {
    Notification {
        template,
        audience: Audience::Case,
        cause: cause(template),
        number: DisputeNumber::from_base62("4fQ9zLk2").unwrap(),
        account: AccountId::parse("acct_demo").unwrap(),
        recipients: Recipients::parse(
            &["user@example.com".to_owned()],
            &MailAddress::parse("account@client.example").unwrap(),
        )
        .unwrap(),
        refid: Refid::parse(refid).unwrap(),
        product: product.map(str::to_owned),
        amount: money("1550.00"),
        disputed: Some(money("1550.00")),
        details: NotificationDetails {
            paid_at: Some(UnixMillis(1_768_528_800_000)),
            merchant: Some("Airtel Nigeria".to_owned()),
            ..NotificationDetails::default()
        },
        status: None,
        undelivered: None,
        support: None,
    }
}

fn money(text: &str) -> Money {
    Money::parse(text, Currency::parse("NGN").unwrap()).unwrap()
}

/// A notification as the mail's readers get it.
fn possible(template: EmailTemplate) -> Notification {
    if template.is_for_parties() {
        to_a_party(template, Some("FBN00II551"))
    } else {
        notification(template, "123456", None)
    }
}

/// The mails about what happens to a dispute. The others have words of their own.
fn of_disputes() -> impl Iterator<Item = EmailTemplate> {
    use EmailTemplate::{SignIn, SupportReply, SupportWaiting, UnknownCaseMail, WebhookDisabled};
    EmailTemplate::ALL
        .into_iter()
        .filter(|template| ![SupportReply, SupportWaiting, UnknownCaseMail, SignIn, WebhookDisabled].contains(template))
}

/// What leads to each mail.
fn cause(template: EmailTemplate) -> Cause {
    let (actor, what) = match template {
        EmailTemplate::Received | EmailTemplate::Logged | EmailTemplate::LoggedAccepted => {
            (Actor::Issuer, EventKind::Opened)
        }
        EmailTemplate::Reminder => (Actor::Clock, EventKind::Reminded),
        EmailTemplate::CaseEndedForCustomer | EmailTemplate::Accepted => {
            (Actor::Acquirer, EventKind::Did(Action::Accept))
        }
        EmailTemplate::CaseEndedForMerchant | EmailTemplate::Declined => {
            (Actor::Issuer, EventKind::Did(Action::Withdraw))
        }
        EmailTemplate::Advanced => (Actor::Acquirer, EventKind::Did(Action::Represent)),
        EmailTemplate::Reopened => (Actor::Account, EventKind::Did(Action::Reopen(Level::One))),
        EmailTemplate::Withdrawn | EmailTemplate::DisputeWithdrawn => (Actor::Opener, EventKind::Did(Action::Cancel)),
        EmailTemplate::ExpiredForCustomer | EmailTemplate::ExpiredForMerchant => {
            (Actor::Clock, EventKind::Did(Action::Expire))
        }
        EmailTemplate::Refunded | EmailTemplate::PaymentRefunded => (Actor::Platform, EventKind::Did(Action::Refund)),
        EmailTemplate::TransactionFailed | EmailTemplate::PaymentFailed => {
            (Actor::Platform, EventKind::Did(Action::Fail))
        }
        EmailTemplate::DecidedForCustomer | EmailTemplate::DisputeDecidedForCustomer => {
            (Actor::Operator, EventKind::Did(Action::CloseForCustomer))
        }
        EmailTemplate::DecidedForMerchant | EmailTemplate::DisputeDecidedForMerchant => {
            (Actor::Operator, EventKind::Did(Action::CloseForMerchant))
        }
        EmailTemplate::Undeliverable => (Actor::Opener, EventKind::Opened),
        EmailTemplate::SupportReply
        | EmailTemplate::SupportWaiting
        | EmailTemplate::UnknownCaseMail
        | EmailTemplate::SignIn
        | EmailTemplate::WebhookDisabled => (Actor::Automation, EventKind::Commented),
    };
    Cause { channel: Channel::Arbiter, actor, kind: what }
}

/// What a party reads of a dispute of NGN 10.00.
fn to_a_party(template: EmailTemplate, log_code: Option<&str>) -> Notification {
    let snapshot = StatusSnapshot {
        log_code: log_code.map(str::to_owned),
        transaction: Some("BillPayment 1286176".to_owned()),
        category: Category::Chargeback,
        status: Some("Chargeback".to_owned()),
        party_due: Some(Side::Respondent),
        ends_at: Some(UnixMillis(1_770_256_800_000)),
        ends_for: Some(Closing::Customer),
        respondent: Some(Actor::Acquirer),
        choices: Some(Choices {
            role: Actor::Acquirer,
            actions: vec![Action::Accept, Action::Decline, Action::Represent],
        }),
    };
    let written = notification(template, "private-1", None);
    let details = NotificationDetails {
        issuer: Some("FIRST BANK OF NIGERIA".to_owned()),
        acquirer: Some("GUARANTY TRUST BANK".to_owned()),
        reason: Some("Recurring Payments (AP)".to_owned()),
        comment: Some("The customer ended\nthe subscription.".to_owned()),
        ..written.details.clone()
    };
    let audience = if log_code.is_some() { Audience::Parties } else { Audience::Case };
    Notification { audience, details, disputed: Some(money("10.00")), status: Some(snapshot), ..written }
}

fn write(notification: &Notification) -> EmailBody {
    let support = MailAddress::parse("support@recourse.example").unwrap();
    EmailBody::write(notification, &Branding::new("Recourse", support).unwrap()).unwrap()
}

/// The words of a text, without the marks that only one of the two forms has.
fn words_of(text: &str) -> Vec<String> {
    text.split_whitespace().filter(|word| *word != "-").map(|word| word.trim_end_matches(':').to_owned()).collect()
}

/// What a browser shows of the HTML's body, the hidden preheader left out.
fn shown(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    let (_, body) = body.split_once("</div>").unwrap();
    let mut text = String::new();
    for piece in body.split('<') {
        let (tag, after) = piece.split_once('>').unwrap_or(("", piece));
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        // Only block elements part words.
        text.push_str(if ["a", "span", "bdi"].contains(&name) { "" } else { " " });
        text.push_str(after);
    }
    let entities = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    entities.into_iter().fold(text, |text, (entity, template)| text.replace(entity, template))
}

#[test]
fn the_first_mail_word_for_word() {
    let mut report = notification(EmailTemplate::Received, "123456", Some("Steam Wallet 50"));
    report.cause.channel = Channel::Iimmpact;
    let body = write(&report);
    let expected = "\
Recourse

We received your report

Thank you for telling us about a problem with a payment. We opened a case for it.

What happens next

- We check the payment with the service provider. How long that takes depends on the provider.
- We will write to this address when there is news.
- To add information, such as a screenshot or what the provider told you, reply to this mail. Our support team reads it.

Details

Case: RC-4fQ9zLk2
Merchant: Airtel Nigeria
Product: Steam Wallet 50
Amount: NGN 1,550.00
Payment date: 16 January 2026, 02:00:00 UTC
Reference: 123456

You can also write to support@recourse.example. Please quote case RC-4fQ9zLk2.

You get this mail because a problem with this payment was reported to Recourse and your address was given for the case.";
    assert_eq!(body.text.trim_end(), expected);
}

#[test]
fn a_mail_to_a_bank_word_for_word() {
    let body = write(&to_a_party(EmailTemplate::Logged, Some("FBN00II551")));
    let expected = "\
Recourse

The issuer logged a dispute: the acquirer acts next

The issuer, FIRST BANK OF NIGERIA, logged a dispute about a payment that your organisation is a party to.

What happens next

- The acquirer, GUARANTY TRUST BANK, has to respond by 5 February 2026, 02:00:00 UTC.
- The acquirer can accept the claim, refuse the claim, or answer the claim (representment). It does this in its dispute system (Arbiter) with log code FBN00II551.
- If nobody responds by 5 February 2026, 02:00:00 UTC, the dispute is closed in the customer's favour.
- If something here is wrong, reply to this mail. Our support team reads it.

Details

Case: RC-4fQ9zLk2
Log code: FBN00II551
Merchant: Airtel Nigeria
Paid: NGN 1,550.00
Disputed: NGN 10.00
Payment date: 16 January 2026, 02:00:00 UTC
Transaction: BillPayment 1286176
Issuer: FIRST BANK OF NIGERIA
Acquirer: GUARANTY TRUST BANK
Category: Chargeback
Reason: Recurring Payments (AP)
Status: Chargeback
Next to act: the acquirer
Deadline: 5 February 2026, 02:00:00 UTC
Comment: The customer ended the subscription.

You can also write to support@recourse.example. Please quote case RC-4fQ9zLk2.

You get this mail because your organisation is a party to this payment, and this is the address that Recourse has for it.";
    assert_eq!(body.text.trim_end(), expected);
}

#[test]
fn the_disputed_amount_is_shown_where_it_is_not_the_paid_one() {
    let amounts = |disputed: Option<&str>, party: bool| {
        let disputed = disputed.map(money);
        let notification = if party {
            to_a_party(EmailTemplate::Accepted, None)
        } else {
            notification(EmailTemplate::Refunded, "123456", None)
        };
        let text = write(&Notification { disputed, ..notification }).text;
        let said = text.lines().filter(|line| line.contains(": NGN")).map(str::to_owned);
        said.collect::<Vec<_>>()
    };
    assert_eq!(amounts(Some("10.00"), false), ["Paid: NGN 1,550.00", "Disputed: NGN 10.00"]);
    assert_eq!(amounts(Some("1550.00"), false), ["Amount: NGN 1,550.00"]);
    assert_eq!(amounts(None, false), ["Amount: NGN 1,550.00"], "a mail that an earlier release enqueued");
    assert_eq!(amounts(Some("10.00"), true), ["Paid: NGN 1,550.00", "Disputed: NGN 10.00"]);
    assert_eq!(amounts(Some("1550.00"), true), ["Paid: NGN 1,550.00", "Disputed: NGN 1,550.00"]);
}

#[test]
fn a_bank_reads_the_log_code_and_never_the_accounts_own_reference() {
    for template in EmailTemplate::ALL.into_iter().filter(|template| template.is_for_parties()) {
        let bank = write(&to_a_party(template, Some("FBN00II551")));
        assert!(bank.text.contains("Log code: FBN00II551\n") && bank.html.contains("FBN00II551"), "{template:?}");
        assert!(!bank.text.contains("private-1") && !bank.html.contains("private-1"), "{template:?}");
        assert!(!bank.text.contains("your address was given for the case"), "{template:?}");
        let merchant = write(&to_a_party(template, None));
        assert!(
            merchant.text.contains("Reference: private-1\n") && !merchant.text.contains("Log code"),
            "{template:?}"
        );
    }
}

#[test]
fn a_customer_reads_who_was_paid_when_and_why_it_was_decided_so() {
    let mut decided = to_a_party(EmailTemplate::DecidedForMerchant, None);
    decided.details.comment = Some("The voucher was redeemed on 16 January.".to_owned());
    let text = write(&decided).text;
    for said in [
        "Merchant: Airtel Nigeria\n",
        "Payment date: 16 January 2026, 02:00:00 UTC\n",
        "Reason given: The voucher was redeemed on 16 January.\n",
        "The payment platform's dispute team looked into the case and decided it in the merchant's favour.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    for jargon in ["Category", "Status", "Issuer", "Acquirer", "Turn", "representment"] {
        assert!(!text.contains(jargon), "{jargon}: {text}");
    }
}

#[test]
fn what_somebody_wrote_stays_on_one_line_and_ends() {
    let text = |comment: String| {
        let mut notification = to_a_party(EmailTemplate::Advanced, Some("FBN00II551"));
        notification.details.comment = Some(comment);
        write(&notification).text
    };
    let forged = text("paid\r\n\r\nWhat you can do\u{2028}- Pay again\u{202e}".to_owned());
    assert!(forged.contains("\nComment: paid What you can do - Pay again\n"), "{forged}");
    let long = text("a ".repeat(2_000));
    let line = long.lines().find_map(|line| line.strip_prefix("Comment: ")).unwrap();
    assert!(line.chars().count() == 1_001 && line.ends_with('…'), "{line}");
    assert!(!text(" \t ".to_owned()).contains("Comment"));
}

#[test]
fn a_product_without_a_name_is_not_named() {
    for product in [Some(""), Some("  "), None] {
        let body = write(&notification(EmailTemplate::Received, "123456", product));
        assert!(!body.text.contains("Product") && !body.html.contains("Product"), "{product:?}");
    }
}

#[test]
fn no_mail_says_that_a_reply_reaches_the_case_by_itself() {
    for template in of_disputes() {
        let text = write(&notification(template, "123456", None)).text;
        assert!(!text.contains("straight to") && !text.contains("we free it"), "{template:?}: {text}");
    }
}

#[test]
fn text_and_html_say_the_same() {
    for template in of_disputes() {
        for product in [None, Some("Steam Wallet 50"), Some("<b>50</b> & \"more\" 'too'")] {
            let body = write(&notification(template, "ref <1> & 'two'", product));
            let to_a_party = write(&to_a_party(template, product));
            assert_eq!(words_of(&to_a_party.text), words_of(&shown(&to_a_party.html)), "{template:?} {product:?}");
            assert_eq!(words_of(&body.text), words_of(&shown(&body.html)), "{template:?} {product:?}");
        }
    }
}

#[test]
fn every_mail_names_the_case_and_what_it_is_about() {
    for template in of_disputes() {
        let EmailBody { text, html } = write(&notification(template, "123456", Some("Steam Wallet 50")));
        for said in [
            "RC-4fQ9zLk2",
            "123456",
            "Steam Wallet 50",
            "NGN 1,550.00",
            "support@recourse.example",
            "reply to this mail",
        ] {
            assert!(text.contains(said) && html.contains(said), "{template:?} lacks {said}");
        }
    }
}

#[test]
fn no_two_mails_say_the_same() {
    let all = of_disputes().count();
    let texts: std::collections::HashSet<_> = of_disputes().map(|template| write(&possible(template)).text).collect();
    let subjects: std::collections::HashSet<_> = of_disputes().map(|template| subject(&possible(template))).collect();
    assert_eq!((texts.len(), subjects.len()), (all, all));
}

#[test]
fn the_html_shows_markup_and_does_not_obey_it() {
    let evil = "<script>alert(1)</script><a href=\"https://evil.example\">'&";
    let html = write(&notification(EmailTemplate::Received, "<img src=x onerror=y>", Some(evil))).html;
    for harmful in ["<script", "<img", "<a href=\"https://evil.example\"", "onerror=y>"] {
        assert!(!html.contains(harmful), "{harmful}");
    }
    assert!(html.contains("&#60;script&#62;"));
}

#[test]
fn the_html_loads_nothing_and_says_its_language() {
    for template in of_disputes() {
        let html = write(&notification(template, "123456", None)).html;
        for loading in ["http:", "https:", "//", "src=", "url(", "@import", "<link", "<script", "<table"] {
            assert!(!html.contains(loading), "{template:?} has {loading}");
        }
        assert!(html.contains("<html lang=\"en\""));
        assert!(html.contains("<div style=\"display:none;"), "a preheader");
    }
}

proptest! {
    #[test]
    fn whatever_was_bought_neither_breaks_a_mail_nor_leaks_into_a_tag(refid in "[^\\pC\\p{Zl}\\p{Zp}]{1,50}".prop_filter("a reference", |text| Refid::parse(text).is_ok()), product in "\\PC{0,60}", near in "[<>&'\"/a-z -]{0,30}") {
        for product in [&product, &near] {
            let body = write(&notification(EmailTemplate::Received, &refid, Some(product)));
            prop_assert_eq!(words_of(&body.text), words_of(&shown(&body.html)));
            let plain = Some("x").filter(|_| !product.trim().is_empty());
            let plain = write(&notification(EmailTemplate::Received, "123456", plain)).html;
            prop_assert_eq!(body.html.matches('<').count(), plain.matches('<').count());
        }
    }
}
