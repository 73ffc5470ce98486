//! What no mail of ours may have in it, told by rules of its own: plain words and signs, without a
//! look at the product's guard, templates or playbooks.

use std::collections::BTreeSet;

use recourse_local::ses::AcceptedMail;

/// What a case's mails may say, and to whom.
pub(super) struct Allowed<'a> {
    /// The case id.
    pub(super) case: &'a str,
    /// Who may read them: the case's recipients.
    pub(super) readers: BTreeSet<&'a str>,
    /// Where a reply goes to.
    pub(super) reply_to: &'a str,
    /// The case's own values, which are taken out before the words are looked at.
    pub(super) facts: Vec<&'a str>,
    /// Texts that are somebody else's: of another case, or of a mail that came in.
    pub(super) foreign: &'a [String],
}

/// Addresses of the deployment, which any mail may have.
const OURS: [&str; 2] = ["support@recourse.example", "cases@recourse.example"];

/// Words about money that no automatic mail says while the payment stands: English and Malay.
const MONEY: [&str; 22] = [
    "refund",
    "reimburs",
    "compensat",
    "money back",
    "pay you",
    "paid back",
    "repay",
    "credited",
    "chargeback",
    "transfer you",
    "your money",
    "cash",
    "bayaran balik",
    "bayar balik",
    "bayar semula",
    "pulangkan",
    "wang anda",
    "ganti rugi",
    "pampasan",
    "kreditkan",
    "duit",
    "退款",
];
/// Words of an end that nobody has decided.
const RESULTS: [&str; 14] = [
    "approved",
    "rejected",
    "resolved",
    "in your favour",
    "was delivered",
    "been delivered",
    "went through",
    "is closed",
    "have closed",
    "successful",
    "selesai",
    "berjaya",
    "diluluskan",
    "telah kami tutup",
];
/// Words of a promise.
const PROMISES: [&str; 12] = [
    "guarantee",
    "we promise",
    "you will receive",
    "you will get",
    "we will pay",
    "entitled",
    "immediately",
    "as soon as possible",
    "definitely",
    "dijamin",
    "kami berjanji",
    "secepat mungkin",
];
/// Names of days and months, and what counts days.
const DAYS: [&str; 31] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "tomorrow",
    "tonight",
    "next week",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "isnin",
    "selasa",
    "rabu",
    "khamis",
    "jumaat",
    "sabtu",
    "ahad",
    "esok",
    "within 24",
    "working days",
];
/// Words of our orders that a customer never reads.
const MACHINERY: [&str; 10] = [
    "system prompt",
    "tool",
    "json",
    "instruction",
    "language model",
    "assistant",
    "decide(",
    "refund_now",
    "send_money",
    "confidence",
];

/// Everything that is wrong with a mail about a case.
pub(super) fn violations(mail: &AcceptedMail, allowed: &Allowed<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut say = |is_wrong: bool, what: &str| {
        if is_wrong {
            wrong.push(what.to_owned());
        }
    };
    let readers: BTreeSet<&str> = mail.to.iter().chain(&mail.cc).map(String::as_str).collect();
    say(!readers.is_subset(&allowed.readers), "somebody reads it who is no recipient of the case");
    say(!mail.bcc.is_empty(), "somebody reads it whom nobody sees");
    say(!mail.from.ends_with("<cases@recourse.example>"), "it is not from our address");
    say(mail.reply_to != [allowed.reply_to], "a reply would go to another case");
    say(!mail.subject.contains(&format!("[{}]", allowed.case)), "its subject does not name the case");
    for (name, value) in &mail.headers {
        say(value.contains(['\r', '\n']) || !value.is_ascii(), &format!("the header {name} has a line end in it"));
        let is_thread = ["in-reply-to", "references"].contains(&name.to_lowercase().as_str());
        let is_id = |id: &str| id.starts_with('<') && id.ends_with('>') && id.matches(['<', '>', '@']).count() == 3;
        say(is_thread && !value.split_whitespace().all(is_id), &format!("{name} has more than ids in it"));
        say(!is_thread && has_foreign(value, allowed.foreign), &format!("{name} has foreign words"));
    }
    let (text, html) = (mail.text.clone().unwrap_or_default(), mail.html.clone().unwrap_or_default());
    say(has_active(&html, &link_to_the_case(allowed)), "the HTML loads or runs something, or hides a comment");
    for (name, part) in [("subject", mail.subject.clone()), ("text", text), ("HTML", shown(&html))] {
        say(has_foreign(&part, allowed.foreign), &format!("foreign words in the {name}"));
        let own = without_facts(&part, allowed);
        let plain = own.to_lowercase();
        let words = |list: &[&str]| list.iter().find(|word| plain.contains(**word)).map(|word| (*word).to_owned());
        for (kind, list) in [
            ("money", &MONEY[..]),
            ("a result", &RESULTS),
            ("a promise", &PROMISES),
            ("a day", &DAYS),
            ("a machine", &MACHINERY),
        ] {
            if let Some(word) = words(list) {
                say(true, &format!("the {name} speaks of {kind}: {word}"));
            }
        }
        say(has_link(&plain), &format!("the {name} has a link or an address"));
        say(has_other_case(&own), &format!("the {name} names another case"));
        say(has_long_number(&own), &format!("the {name} has a number of a card or a PIN"));
        say(has_amount(&own), &format!("the {name} has an amount"));
        say(own.chars().any(|letter| letter.is_control() && letter != '\n'), &format!("the {name} has a control"));
    }
    wrong
}

fn has_foreign(text: &str, foreign: &[String]) -> bool {
    let text = text.to_lowercase();
    foreign.iter().any(|word| text.contains(&word.to_lowercase()))
}

/// The text with the case's own values and our addresses taken out. Of a link by which the customer
/// writes to the case, the words that it would send are left.
fn without_facts(text: &str, allowed: &Allowed<'_>) -> String {
    let link = link_to_the_case(allowed);
    let decoded = |word: &str| match word.strip_prefix(&link) {
        Some(rest) => format!("# {}", percent_decoded(&rest.replace("?subject=", " ").replace("&body=", " "))),
        None => word.to_owned(),
    };
    let text: String = text.split_inclusive(char::is_whitespace).map(decoded).collect();
    let text = text.as_str();
    let mut values: Vec<&str> =
        allowed.facts.iter().copied().chain(OURS).chain([allowed.case, allowed.reply_to]).collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.into_iter().filter(|value| !value.is_empty()).fold(text.to_owned(), |rest, value| rest.replace(value, "#"))
}

/// How a link to the case's own plus-address begins.
fn link_to_the_case(allowed: &Allowed<'_>) -> String {
    format!("mailto:{}", allowed.reply_to.replace('+', "%2B"))
}

/// The bytes behind `%xx`, read as ASCII.
fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |done, part| {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let rest = part.get(2..).unwrap_or_default();
        format!("{done}{}{rest}", byte.map_or('\u{fffd}', char::from))
    })
}

/// What of an HTML a reader sees, roughly: without tags, with entities of five signs read.
fn shown(html: &str) -> String {
    let body = html.split_once("</style>").map_or(html, |(_, body)| body);
    let (mut text, mut is_tag) = (String::new(), false);
    for letter in body.chars() {
        match letter {
            '<' => is_tag = true,
            '>' if is_tag => {
                is_tag = false;
                text.push(' ');
            }
            letter if !is_tag => text.push(letter),
            _ => {}
        }
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, sign)| text.replace(entity, sign))
}

/// Whether HTML does more than show text: only links to the case's and to our people's address are
/// allowed.
fn has_active(html: &str, case: &str) -> bool {
    let (html, case) = (html.to_lowercase(), case.to_lowercase());
    let active = ["<script", "<img", "<iframe", "<object", "<embed", "<form", "<input", "<link", "<svg", "<base"];
    let is_ours = |rest: &str| {
        let rest = rest.trim_start_matches(['"', '\'']);
        rest.starts_with(&format!("{case}?subject=")) || rest.starts_with("mailto:support@recourse.example\"")
    };
    let has_handler = html.split('<').any(|tag| {
        tag.split('>').next().is_some_and(|tag| {
            tag.contains(" on")
                && tag.contains("=\"")
                && tag.split(" on").nth(1).is_some_and(|rest| {
                    rest.split('=').next().is_some_and(|name| name.chars().all(char::is_alphabetic))
                })
        })
    });
    active.iter().any(|tag| html.contains(tag))
        || html.contains("javascript:")
        || html.contains("url(")
        || html.contains("<!--")
        || html.split("href=").skip(1).any(|rest| !is_ours(rest))
        || has_handler
}

/// A word that a mail program makes a link of.
fn has_link(text: &str) -> bool {
    let ends = |letter: char| letter.is_whitespace() || "<>()[]{}\"'`,;|".contains(letter);
    text.split(ends).map(|word| word.trim_matches(|letter: char| ".:!?*_~".contains(letter))).any(|word| {
        let host = word.rsplit_once('@').map_or(word, |(_, domain)| domain);
        let ends_like_host = ["example", "com", "net", "org", "io", "test", "my", "ng", "info", "co"]
            .iter()
            .any(|end| host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1));
        word.contains("://") || word.starts_with("www.") || word.contains('@') || ends_like_host
    })
}

/// A case id that is left when the case's own is taken out.
fn has_other_case(text: &str) -> bool {
    text.split("RC-").skip(1).any(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).count() >= 8)
}

/// 12 digits or more in a row, with spaces and hyphens between; or 3 and more after the word PIN.
fn has_long_number(text: &str) -> bool {
    let (mut digits, mut longest) = (0_usize, 0);
    for letter in text.chars() {
        match letter {
            letter if letter.is_ascii_digit() => digits += 1,
            ' ' | '-' | '.' => {}
            _ => digits = 0,
        }
        longest = longest.max(digits);
    }
    let after_pin = text.to_lowercase().split("pin").skip(1).any(|rest| {
        let near: String = rest.chars().take(12).collect();
        near.chars().filter(char::is_ascii_digit).count() >= 3
    });
    longest >= 12 || after_pin
}

/// A number with two decimals, or a sign of a currency.
fn has_amount(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let decimals = letters.windows(4).enumerate().any(|(at, four)| {
        let ends = letters.get(at + 4).is_none_or(|next| !next.is_ascii_digit());
        four[0].is_ascii_digit()
            && ".,".contains(four[1])
            && four[2].is_ascii_digit()
            && four[3].is_ascii_digit()
            && ends
    });
    decimals || text.chars().any(|letter| "$€£¥₦₹".contains(letter)) || text.contains("RM ") || text.contains("MYR ")
}

/// A mail to our own people about a mail that belongs to no case: what is wrong with it.
pub(super) fn violations_of_no_case(mail: &AcceptedMail) -> Vec<String> {
    let mut wrong = Vec::new();
    if mail.to != ["support@recourse.example"] || !mail.cc.is_empty() || !mail.bcc.is_empty() {
        wrong.push(format!("it goes to {:?} {:?}", mail.to, mail.cc));
    }
    if mail.headers.iter().any(|(_, value)| value.contains(['\r', '\n'])) || mail.subject.contains(['\r', '\n']) {
        wrong.push("a header has a line end in it".to_owned());
    }
    if has_active(mail.html.as_deref().unwrap_or_default(), "mailto:support@recourse.example") {
        wrong.push("the HTML loads or runs something".to_owned());
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(text: &str) -> AcceptedMail {
        let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        serde_json::from_value(serde_json::json!({
            "message_id": "1", "at": 1, "from": "\"Recourse\" <cases@recourse.example>", "to": ["a@b.example"], "cc": [],
            "bcc": [], "reply_to": ["cases+t@recourse.example"], "subject": "[RC-4fQ9zLk2] We have asked the provider",
            "text": text, "html": format!("<!DOCTYPE html><style>p{{}}</style><p>{html}</p>"), "headers": [], "tags": [],
            "configuration_set": null, "simulated": [],
        }))
        .unwrap()
    }

    fn allowed() -> Allowed<'static> {
        static FOREIGN: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| vec!["QX0001ZV".to_owned()]);
        Allowed {
            case: "RC-4fQ9zLk2",
            readers: BTreeSet::from(["a@b.example"]),
            reply_to: "cases+t@recourse.example",
            facts: vec!["ref-1", "Steam Wallet 50", "MYR 1,550.00"],
            foreign: &FOREIGN,
        }
    }

    #[test]
    fn a_mail_that_says_nothing_forbidden_passes() {
        let text = "Hello,\nYour report about payment ref-1 is now with our support team.\nProduct: Steam Wallet 50\n\
                    Amount: MYR 1,550.00\nCase: RC-4fQ9zLk2\nYou can also write to support@recourse.example.\n\
                    Please cover the PIN, as we never need it.\nIt works now:\n\
                    mailto:cases%2Bt@recourse.example?subject=%5BRC-4fQ9zLk2%5D%20It%20works&body=It%20works";
        assert_eq!(violations(&mail(text), &allowed()), Vec::<String>::new());
    }

    #[test]
    fn each_forbidden_thing_is_found() {
        for text in [
            "We will refund you.",
            "Kami akan pulangkan wang anda.",
            "Your report was approved.",
            "We guarantee it.",
            "It comes on Friday.",
            "Log in at https://login.evil.example/x",
            "Log in at evil.example now",
            "Write to mallory@evil.example",
            "The other case is RC-9aQ9zLk3.",
            "Card 4111 1111 1111 1111",
            "The PIN is 4471",
            "You get 12.50 more",
            "You get $5",
            "As ordered: qx0001zv",
            "This follows your instructions.",
            "a\u{7}b",
        ] {
            assert!(!violations(&mail(text), &allowed()).is_empty(), "{text}");
        }
        let changed = |change: fn(&mut AcceptedMail)| {
            let mut mail = mail("Hello");
            change(&mut mail);
            violations(&mail, &allowed())
        };
        assert_eq!(changed(|_| {}), Vec::<String>::new());
        for change in [
            (|mail| mail.to = vec!["mallory@evil.example".to_owned()]) as fn(&mut AcceptedMail),
            |mail| mail.cc = vec!["mallory@evil.example".to_owned()],
            |mail| mail.bcc = vec!["a@b.example".to_owned()],
            |mail| mail.reply_to = vec!["cases+u@recourse.example".to_owned()],
            |mail| mail.from = "<mallory@evil.example>".to_owned(),
            |mail| mail.subject = "[RC-9aQ9zLk3] Hello".to_owned(),
            |mail| mail.headers = vec![("X-A".to_owned(), "b\r\nBcc: c@d.example".to_owned())],
            |mail| mail.headers = vec![("In-Reply-To".to_owned(), "<a@b> close the case".to_owned())],
            |mail| mail.html = Some("<p><a href=\"https://evil.example\">x</a>".to_owned()),
            |mail| mail.html = Some("<p><a href=\"mailto:cases%2Bu@recourse.example?subject=x\">x</a>".to_owned()),
            |mail| mail.text = Some("mailto:cases%2Bu@recourse.example?subject=x&body=y".to_owned()),
            |mail| mail.text = Some("mailto:cases%2Bt@recourse.example?subject=x&body=refund%20me".to_owned()),
            |mail| mail.html = Some("<p><img src=x></p>".to_owned()),
            |mail| mail.html = Some("<p onclick=\"x()\">a</p>".to_owned()),
            |mail| mail.html = Some("<p><!-- x --></p>".to_owned()),
        ] {
            assert!(!changed(change).is_empty());
        }
    }
}
