//! Plus-addresses that somebody made up, took from another case, or put where they do not count.

use crate::support::case::{CASES, Case, wire_id};
use crate::support::eml::{Eml, encoded_word};

/// What becomes of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// It belongs to no case.
    NoCase,
    /// It is the customer's, about the own case.
    Own,
    /// It is a third party's, about the own case.
    OwnByStranger,
    /// It is a third party's, about the other case.
    OtherByStranger,
}

/// A mail about a plus-address.
pub(super) struct Token {
    pub(super) what: &'static str,
    pub(super) raw: Vec<u8>,
    /// With the envelope's recipient, as our address is not always in To.
    pub(super) query: String,
    pub(super) expected: Expected,
}

/// The token with another character at a place.
fn flipped(token: &str, at: usize) -> String {
    let other = |letter: char| if letter == 'a' { 'b' } else { 'a' };
    token.chars().enumerate().map(|(place, letter)| if place == at { other(letter) } else { letter }).collect()
}

fn plus(token: &str) -> String {
    CASES.replace('@', &format!("+{token}@"))
}

/// The mails, written by the customer of `own` unless a stranger writes. `other` is somebody
/// else's case.
pub(super) fn all(own: &Case, other: &Case) -> Vec<Token> {
    let (token, foreign) = (own.token(), other.token());
    let mut all = Vec::new();
    let mut n = 0;
    let mut add = |what: &'static str, expected: Expected, to: &str, change: &dyn Fn(Eml) -> Eml| {
        n += 1;
        // Each sender is somebody else, so that each mail of no case has a mail of ours.
        let stranger = format!("guest-{n}-{}@evil.example", own.number);
        let from =
            if expected == Expected::Own || expected == Expected::OtherByStranger { &own.user } else { &stranger };
        let mail = change(Eml::new(from, to, "About my payment", "It works now, thank you."));
        let query = format!("dmarc=pass&to={CASES}");
        all.push(Token { what, raw: mail.bytes(), query, expected });
    };
    let same = |mail: Eml| mail;
    for (what, at) in [
        ("first character", 0),
        ("number", 4),
        ("end of the number", 9),
        ("begin of the signature", 10),
        ("signature", 15),
        ("signature again", 20),
        ("last but one", 24),
        ("last character", 25),
    ] {
        add(what, Expected::NoCase, &plus(&flipped(token, at)), &same);
    }
    let part = |token: &str, at: std::ops::Range<usize>| token.get(at).unwrap().to_owned();
    let spliced = part(foreign, 0..10) + &part(token, 10..26);
    let first = part(token, 0..1);
    for (what, made) in [
        ("too short", part(token, 0..25)),
        ("too long", format!("{token}a")),
        ("another case's number under our signature", spliced),
        ("nothing but a", "a".repeat(26)),
        ("the case id itself", own.id.to_lowercase().replace("rc-", "")),
        ("digits", own.number.to_string()),
        ("two labels", format!("x+{token}")),
        ("percent encoding", token.replacen(&first, &format!("%{:02x}", first.as_bytes()[0]), 1)),
    ] {
        add(what, Expected::NoCase, &plus(&made), &same);
    }
    let own_address = plus(token);
    add("in a name alone", Expected::NoCase, &format!("\"{own_address}\" <{CASES}>"), &same);
    add("in an encoded word", Expected::NoCase, &format!("{} <{CASES}>", encoded_word(&own_address)), &same);
    add("at another domain", Expected::NoCase, &format!("cases+{token}@evil.example"), &same);
    add("in Reply-To", Expected::NoCase, CASES, &|mail| mail.with("Reply-To", &own_address));
    add("in the subject", Expected::NoCase, CASES, &|mail| mail.with("Subject", &own_address));
    let body = format!("My case is {} and I write to {own_address}.\n\n> To: {own_address}\n", own.id);
    add("in the body", Expected::NoCase, CASES, &|mail: Eml| {
        Eml::new(mail.header("From"), CASES, "About my payment", &body)
    });
    add("the case id in a stranger's subject", Expected::NoCase, CASES, &|mail| {
        mail.with("Subject", &format!("[{}] about it", own.id))
    });
    add("a Message-ID that we never sent", Expected::NoCase, CASES, &|mail| {
        mail.with("In-Reply-To", "<0100019a4b1c2d3e-made-up@email.amazonses.com>")
    });
    add("of another case", Expected::OtherByStranger, &plus(foreign), &same);
    add("a stranger with our thread", Expected::OwnByStranger, &plus(&flipped(token, 12)), &|mail| {
        mail.with("In-Reply-To", &wire_id(&own.first))
    });
    add("a stranger with our token", Expected::OwnByStranger, &own_address, &same);
    // Mails that are what they say, or the above would prove nothing.
    add("in capitals", Expected::Own, &plus(&token.to_uppercase()), &still_open);
    add("made up, but in the thread", Expected::Own, &plus(&flipped(token, 3)), &|mail| {
        still_open(mail).with("In-Reply-To", &wire_id(&own.first))
    });
    add("the case id in the customer's subject", Expected::Own, CASES, &|mail| {
        still_open(mail).with("Subject", &format!("[{}] about it", own.id))
    });
    all
}

/// The same with a text that closes nothing, so that the case stays as the other mails found it.
fn still_open(mail: Eml) -> Eml {
    Eml::new(mail.header("From"), mail.header("To"), mail.header("Subject"), "Is there any news?")
}
