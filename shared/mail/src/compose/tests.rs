//! Mails as they are handed to SES.

use proptest::prelude::*;
use recourse_dispute::addresses::Recipients;
use recourse_dispute::channel::Channel;
use recourse_dispute::event::EventKind;
use recourse_dispute::ids::{AccountId, Refid};
use recourse_dispute::lifecycle::{Action, Actor, Category, Side};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notification::{
    Audience, Cause, EmailTemplate, NotificationDetails, StatusSnapshot, SupportMail,
};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use super::*;
use crate::header::LONGEST_HEADER;

const TOKEN: &str = "aaaaaaace4dj23mgjhakdaae7u";

fn address(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

fn notification(template: EmailTemplate) -> Notification {
    let given = ["user@example.com".to_owned(), "second@example.com".to_owned()];
    Notification {
        template,
        audience: Audience::Case,
        cause: Cause { channel: Channel::Iimmpact, actor: Actor::Opener, kind: EventKind::Opened },
        number: DisputeNumber::from_base62("4fQ9zLk2").unwrap(),
        account: AccountId::parse("acct_demo").unwrap(),
        recipients: Recipients::parse(&given, &address("account@client.example")).unwrap(),
        refid: Refid::parse("REFID-MARK").unwrap(),
        product: Some("PRODUCT-MARK".to_owned()),
        amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
        disputed: None,
        details: NotificationDetails::default(),
        status: None,
        undelivered: None,
        support: None,
    }
}

fn composer(brand: &str, from: &str, region: &str) -> Result<Composer, BadSettings> {
    Composer::new(Branding::new(brand, address("support@recourse.example")).unwrap(), address(from), region)
}

fn recourse() -> Composer {
    composer("Recourse", "cases@recourse.example", "us-east-1").unwrap()
}

fn sent(message_id: impl Into<String>) -> ThreadEntry {
    sent_to(message_id, "user@example.com")
}

fn sent_to(message_id: impl Into<String>, reader: &str) -> ThreadEntry {
    let recipients = Recipients::parse(&[reader.to_owned()], &address("bank@client.example")).unwrap();
    ThreadEntry::Sent { message_id: message_id.into(), recipients }
}

fn header<'a>(mail: &'a ComposedMail, name: &str) -> Option<&'a str> {
    mail.headers.iter().find(|header| header.name() == name).map(Header::value)
}

#[test]
fn the_first_mail_of_a_case() {
    let mail = recourse().compose(&notification(EmailTemplate::Received), &[], TOKEN).unwrap();
    assert_eq!(mail.from.as_str(), "\"Recourse\" <cases@recourse.example>");
    assert_eq!(mail.to.as_str(), "user@example.com");
    let cc: Vec<_> = mail.cc.iter().map(MailAddress::as_str).collect();
    assert_eq!(cc, ["second@example.com", "account@client.example"]);
    assert_eq!(mail.reply_to.as_str(), "cases+aaaaaaace4dj23mgjhakdaae7u@recourse.example");
    assert_eq!(mail.subject.as_str(), "[RC-4fQ9zLk2] We received your report");
    assert_eq!(header(&mail, "Auto-Submitted"), Some("auto-generated"));
    assert_eq!(mail.headers.len(), 1, "nothing to thread on yet");
}

#[test]
fn a_later_mail_answers_the_earlier_ones_and_says_its_own_news() {
    let earlier = [sent("0100-a"), sent("0100-b")];
    let mail = recourse().compose(&notification(EmailTemplate::Refunded), &earlier, TOKEN).unwrap();
    assert_eq!(mail.subject.as_str(), "[RC-4fQ9zLk2] The payment was refunded: the case is closed");
    assert_eq!(header(&mail, "In-Reply-To"), Some("<0100-b@email.amazonses.com>"));
    assert_eq!(header(&mail, "References"), Some("<0100-a@email.amazonses.com> <0100-b@email.amazonses.com>"));
    assert!(mail.body.text.contains("The payment was refunded. So we closed the case."));
}

#[test]
fn nobody_gets_an_answer_to_what_others_got_alone() {
    let compose =
        |earlier: &[ThreadEntry]| recourse().compose(&notification(EmailTemplate::Refunded), earlier, TOKEN).unwrap();
    let others = sent_to("0100-a", "other@example.com");
    let mail = compose(std::slice::from_ref(&others));
    assert_eq!((header(&mail, "References"), header(&mail, "In-Reply-To")), (None, None));
    let own = sent_to("0100-b", "User@EXAMPLE.com");
    let mail = compose(&[others.clone(), own, others]);
    assert_eq!(header(&mail, "References"), Some("<0100-b@email.amazonses.com>"));
}

#[test]
fn other_regions_write_their_own_name_into_message_ids() {
    let composer = composer("Recourse", "cases@recourse.example", "eu-west-1").unwrap();
    let mail = composer.compose(&notification(EmailTemplate::Refunded), &[sent("0102-a")], TOKEN).unwrap();
    assert_eq!(header(&mail, "References"), Some("<0102-a@eu-west-1.amazonses.com>"));
}

#[test]
fn a_long_thread_keeps_the_first_and_the_latest() {
    let earlier: Vec<ThreadEntry> = (0..40).map(|n| sent(format!("0100018f0c1d2e3f-{n:04}"))).collect();
    let mail = recourse().compose(&notification(EmailTemplate::Refunded), &earlier, TOKEN).unwrap();
    let references = header(&mail, "References").unwrap();
    let stored: Vec<usize> = references
        .split(' ')
        .map(|id| {
            id.trim_start_matches("<0100018f0c1d2e3f-").trim_end_matches("@email.amazonses.com>").parse().unwrap()
        })
        .collect();
    assert!("References".len() + references.len() <= LONGEST_HEADER);
    assert!(
        "References".len() + references.len() + " <0100018f0c1d2e3f-0000@email.amazonses.com>".len() > LONGEST_HEADER
    );
    let latest: Vec<usize> = (40 - (stored.len() - 1)..40).collect();
    assert_eq!((stored[0], &stored[1..]), (0, latest.as_slice()));
}

fn support(author: Author, agent: Option<&str>, subject: &str) -> Notification {
    let mail = SupportMail {
        name: "delivered".to_owned(),
        language: "en".to_owned(),
        subject: subject.to_owned(),
        paragraphs: vec!["Hello,".to_owned()],
        works_now: Some("It works now".to_owned()),
        author,
        agent: agent.map(str::to_owned),
        while_open: true,
        link: None,
    };
    Notification { support: Some(Box::new(mail)), ..notification(EmailTemplate::SupportReply) }
}

#[test]
fn a_mail_of_the_support_process_answers_the_customers_own_mail() {
    let received =
        |message_id: &str, from: &str| ThreadEntry::Received { message_id: message_id.to_owned(), from: address(from) };
    let earlier = [
        sent("0100-a"),
        received("<CAF+x=1@mail.customer.example>", "User@example.com"),
        received("<other@mail.customer.example>", "second@example.com"),
    ];
    let mail = recourse().compose(&support(Author::AutomaticReply, None, "The answer"), &earlier, TOKEN).unwrap();
    assert_eq!(header(&mail, "In-Reply-To"), Some("<CAF+x=1@mail.customer.example>"), "the last one that To knows");
    let references = "<0100-a@email.amazonses.com> <CAF+x=1@mail.customer.example>";
    assert_eq!(header(&mail, "References"), Some(references));
    assert_eq!(header(&mail, "Auto-Submitted"), Some("auto-replied"));
    assert_eq!(mail.subject.as_str(), "[RC-4fQ9zLk2] The answer");
    assert_eq!(mail.cc.last().map(MailAddress::as_str), Some("account@client.example"), "the account is in Cc");
    assert!(mail.body.html.contains("mailto:cases%2Baaaaaaace4dj23mgjhakdaae7u@recourse.example?subject="));
    for id in ["no brackets@x.example", "<a b@x.example>", "<a@b@x.example>", "<a>\r\nBcc: x@example.com", "<>", "<@>"]
    {
        let mail =
            recourse().compose(&support(Author::Automation, None, "x"), &[received(id, "user@example.com")], TOKEN);
        assert_eq!(header(&mail.unwrap(), "In-Reply-To"), None, "{id}");
    }
}

#[test]
fn an_agents_mail_has_the_agents_name_and_no_mark_of_a_program() {
    let mail = recourse().compose(&support(Author::Agent, Some("Aisyah \"R\""), "x"), &[], TOKEN).unwrap();
    assert_eq!(mail.from.as_str(), "\"Aisyah \\\"R\\\", Recourse\" <cases@recourse.example>");
    assert_eq!(header(&mail, "Auto-Submitted"), None);
    let long = "x".repeat(64);
    let mail = recourse().compose(&support(Author::Agent, Some(&"é".repeat(64)), &long), &[], TOKEN).unwrap();
    assert!(mail.from.as_str().len() <= 320, "{}", mail.from.as_str());
    let mail = recourse().compose(&support(Author::Agent, None, "x"), &[], TOKEN).unwrap();
    assert_eq!(mail.from.as_str(), "\"Recourse\" <cases@recourse.example>");
}

#[test]
fn a_subject_in_another_script_is_encoded() {
    let mail = recourse().compose(&support(Author::Automation, None, "您的付款"), &[], TOKEN).unwrap();
    let encoded = mail.subject.as_str().strip_prefix("=?UTF-8?B?").and_then(|rest| rest.strip_suffix("?="));
    let decoded = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, encoded.unwrap()).unwrap();
    assert_eq!(String::from_utf8(decoded).unwrap(), "[RC-4fQ9zLk2] 您的付款");
}

#[test]
fn a_mail_of_ours_is_known_by_its_id_and_host() {
    assert_eq!(recourse().wire_id("0100-a").as_deref(), Some("0100-a@email.amazonses.com"));
    assert_eq!(wire_id("ap-southeast-1", "0100-a").as_deref(), Some("0100-a@ap-southeast-1.amazonses.com"));
    assert_eq!((wire_id("us-east-1", ""), wire_id("us east", "a"), wire_id("us-east-1", "a@b")), (None, None, None));
}

#[test]
fn an_id_that_no_header_could_hold_is_left_out() {
    let earlier = [sent("a>\r\nBcc: x@example.com"), sent("")];
    let mail = recourse().compose(&notification(EmailTemplate::Refunded), &earlier, TOKEN).unwrap();
    assert_eq!((header(&mail, "References"), header(&mail, "In-Reply-To")), (None, None));
}

#[test]
fn a_subject_says_who_did_what_who_is_next_and_by_when_to_act() {
    let snapshot = StatusSnapshot {
        log_code: None,
        transaction: None,
        category: Category::Chargeback,
        status: None,
        party_due: Some(Side::Claimant),
        ends_at: Some(UnixMillis(1_768_528_800_000)),
        ends_for: None,
        respondent: None,
        choices: None,
    };
    let subject = |template, actor, what| {
        let cause = Cause { channel: Channel::Arbiter, actor, kind: what };
        // A reminder goes to the bank that has to act.
        let audience = if template == EmailTemplate::Reminder { Audience::Parties } else { Audience::Case };
        let status = Some(snapshot.clone());
        let notification = Notification { cause, audience, status, ..notification(template) };
        recourse().compose(&notification, &[sent("0100-a")], TOKEN).unwrap().subject.as_str().to_owned()
    };
    for (template, actor, what, expected) in [
        (
            EmailTemplate::Advanced,
            Actor::Acquirer,
            EventKind::Did(Action::Represent),
            "[RC-4fQ9zLk2] The acquirer answered the claim (representment): the issuer acts next",
        ),
        (
            EmailTemplate::Reminder,
            Actor::Clock,
            EventKind::Reminded,
            "[RC-4fQ9zLk2] Reminder: act by 16 January 2026, 02:00 UTC",
        ),
        (
            EmailTemplate::CaseEndedForCustomer,
            Actor::Acquirer,
            EventKind::Did(Action::Accept),
            "[RC-4fQ9zLk2] The merchant's bank accepted the claim: decided in the customer's favour",
        ),
    ] {
        assert_eq!(subject(template, actor, what), expected);
    }
}

#[test]
fn no_address_that_reads_as_an_encoded_word_is_in_a_header() {
    let composed = |given: &[&str], account: &str| {
        let given: Vec<_> = given.iter().map(|text| (*text).to_owned()).collect();
        let recipients = Recipients::parse(&given, &address(account)).ok()?;
        Some(recourse().compose(&Notification { recipients, ..notification(EmailTemplate::Received) }, &[], TOKEN))
    };
    let word = "=?utf-8?q?x?=@example.com";
    for (text, is_read_so) in [(word, false), ("a=?x@example.com", false), ("a=b?c@example.com", true)] {
        assert_eq!(reads_as_written(text), is_read_so, "{text}");
    }
    // Where no address of this form can be made at all, there is none to leave out.
    if MailAddress::parse(word).is_err() {
        return;
    }
    let mail = composed(&[word, "user@example.com", "a=?utf-8?b?eA=@example.com"], "account@client.example");
    let mail = mail.unwrap().unwrap();
    let cc: Vec<_> = mail.cc.iter().map(MailAddress::as_str).collect();
    assert_eq!((mail.to.as_str(), cc.as_slice()), ("user@example.com", ["account@client.example"].as_slice()));
    assert!(matches!(composed(&[], word).unwrap(), Err(ComposeError::Recipients)));
    for fine in ["a=b@example.com", "a?b@example.com", "what?=yes@example.com"] {
        assert_eq!(composed(&[fine], "account@client.example").unwrap().unwrap().to.as_str(), fine);
    }
}

#[test]
fn nothing_of_the_callers_is_in_a_header() {
    let mail = recourse().compose(&notification(EmailTemplate::Received), &[], TOKEN).unwrap();
    for value in mail.headers.iter().map(Header::value).chain([mail.subject.as_str(), mail.from.as_str()]) {
        assert!(!value.contains("MARK"), "{value}");
    }
    assert!(mail.body.text.contains("REFID-MARK") && mail.body.html.contains("PRODUCT-MARK"));
}

#[test]
fn a_brand_is_quoted_or_encoded() {
    let from = |brand: &str| named(brand).from_header.as_str().to_owned();
    fn named(brand: &str) -> Composer {
        composer(brand, "cases@recourse.example", "us-east-1").unwrap()
    }
    assert_eq!(from("A \"B\", <x@y.z> \\"), "\"A \\\"B\\\", <x@y.z> \\\\\" <cases@recourse.example>");
    assert_eq!(from("Café"), "=?UTF-8?B?Q2Fmw6k=?= <cases@recourse.example>");
    let long = from(&"支".repeat(40));
    let words: Vec<_> = long.split(' ').filter(|word| word.starts_with("=?")).collect();
    assert!(words.len() == 3 && words.iter().all(|word| word.len() <= 75), "{long}");
    let too_long = composer(&"支".repeat(60), &format!("{}@recourse.example", "c".repeat(37)), "us-east-1");
    assert_eq!(too_long.unwrap_err(), BadSettings::LongName);
}

#[test]
fn an_identity_leaves_room_for_a_plus_address() {
    let from = |length: usize| composer("Recourse", &format!("{}@recourse.example", "c".repeat(length)), "us-east-1");
    assert!(from(37).unwrap().compose(&notification(EmailTemplate::Received), &[], TOKEN).is_ok());
    assert_eq!(from(38).unwrap_err(), BadSettings::LongSender);
}

#[test]
fn a_reply_token_is_letters_and_digits() {
    for token in ["", "a+b", "a.b", "A", "a@b", "a\r\nb", &"a".repeat(60)] {
        let composed = recourse().compose(&notification(EmailTemplate::Received), &[], token);
        assert!(matches!(composed, Err(ComposeError::ReplyToken)), "{token:?}");
    }
}

#[test]
fn debug_shows_the_subject_alone() {
    let mail = recourse().compose(&notification(EmailTemplate::Received), &[], TOKEN).unwrap();
    let shown = format!("{mail:?}");
    assert!(shown.contains("RC-4fQ9zLk2") && !shown.contains('@') && !shown.contains("MARK") && !shown.contains(TOKEN));
}

proptest! {
    #[test]
    fn no_header_is_ever_too_long_or_breaks_its_line(
        ids in prop::collection::vec("[a-z0-9-]{1,256}|\\PC{0,8}|[\r\n]{1,2}", 0..60),
        region in "[a-z0-9-]{1,20}|\\PC{0,8}|[\r\n]",
        brand in "\\PC{1,60}",
    ) {
        let Ok(branding) = Branding::new(brand, address("support@recourse.example")) else { return Ok(()) };
        let Ok(composer) = Composer::new(branding, address("cases@recourse.example"), region) else { return Ok(()) };
        let earlier: Vec<ThreadEntry> = ids.into_iter().map(sent).collect();
        let mail = composer.compose(&notification(EmailTemplate::Refunded), &earlier, TOKEN).unwrap();
        for header in &mail.headers {
            prop_assert!(header.name().len() + header.value().len() <= 996);
        }
        for value in mail.headers.iter().map(Header::value).chain([mail.subject.as_str(), mail.from.as_str()]) {
            prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}
