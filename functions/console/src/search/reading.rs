//! What a text in the box can be.
//!
//! A text whose form says what it is, such as a day, is read as that alone, and the page offers the
//! other readings. Every other text is looked up as every name that it can be.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{Refid, Trxid};
use recourse_dispute::money::{BadMoney, Currency, Money};
use recourse_dispute::text::visible;
use recourse_dispute::time::{Day, UnixMillis};
use recourse_store::SearchKey;

/// The longest text: as long as a mail address may be.
pub(super) const MAX_TEXT: usize = 254;
/// The longest id that is looked up as one that no pointer leads from, in characters.
const MAX_ID: usize = 128;
/// What the ids begin with that end in eight characters, in lower case.
const CASE_PREFIXES: [&str; 2] = ["rc-", "dispute_"];
const DAY_MS: i64 = 86_400_000;

/// One thing that a text can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A case id, or another form of a dispute's number; the id of a file or of a mail.
    Case(String),
    Email(MailAddress),
    Day(Day),
    Amount(Money),
    Trxid(Trxid),
    Refid(Refid),
    /// A capture, or a reference of the transaction or of the merchant.
    Id(String),
}

/// The names of the readings that can be chosen.
pub(super) const CHOICES: [(&str, &str); 4] =
    [("case", "a case number"), ("trxid", "a transaction id"), ("refid", "a refid"), ("id", "another id")];

impl Reading {
    /// The name in addresses.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Case(_) => "case",
            Self::Email(_) => "email",
            Self::Day(_) => "day",
            Self::Amount(_) => "amount",
            Self::Trxid(_) => "trxid",
            Self::Refid(_) => "refid",
            Self::Id(_) => "id",
        }
    }

    /// What the page says that the text is.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Case(_) => "a case number".to_owned(),
            Self::Email(_) => "a mail address".to_owned(),
            Self::Day(day) => format!("the day {day} (UTC) on which it was opened"),
            Self::Amount(amount) => format!("the amount {}, disputed or paid", amount.grouped()),
            Self::Trxid(_) => "a transaction id".to_owned(),
            Self::Refid(_) => "a refid".to_owned(),
            Self::Id(_) => "a capture or a reference".to_owned(),
        }
    }

    /// What a result was found by.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Case(_) => "case number",
            Self::Email(_) => "mail address",
            Self::Day(_) => "day",
            Self::Amount(_) => "amount",
            Self::Trxid(_) => "transaction id",
            Self::Refid(_) => "refid",
            Self::Id(_) => "capture or reference",
        }
    }

    /// The entries that it is found by; `None` where other keys lead to it.
    pub(super) fn key(&self, environment: Environment) -> Option<SearchKey> {
        Some(match self {
            Self::Case(_) | Self::Trxid(_) => return None,
            Self::Email(address) => SearchKey::Email(environment, address.clone()),
            Self::Day(day) => SearchKey::Day(environment, *day),
            Self::Amount(amount) => SearchKey::Amount(environment, *amount),
            Self::Refid(refid) => SearchKey::Refid(environment, refid.clone()),
            Self::Id(id) => SearchKey::Id(environment, id.clone()),
        })
    }

    /// The text as this kind of name, where it can be one.
    fn of(name: &str, text: &str) -> Option<Self> {
        match name {
            "case" => Some(Self::Case(text.to_owned())),
            "trxid" => Trxid::parse(text).ok().map(Self::Trxid),
            "refid" => Refid::parse(text).ok().map(Self::Refid),
            "id" => (text.chars().count() <= MAX_ID).then(|| Self::Id(text.to_owned())),
            _ => None,
        }
    }
}

/// What a text is read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Readings {
    /// The box is empty.
    Nothing,
    /// As these.
    As(Vec<Reading>),
    /// It cannot be searched for, for this reason.
    Wrong(String),
}

/// Reads a text, as `chosen` where that is named.
pub(super) fn read(text: &str, chosen: Option<&str>, now: UnixMillis) -> Readings {
    let text = text.trim();
    if text.is_empty() {
        return Readings::Nothing;
    }
    if text.len() > MAX_TEXT {
        return Readings::Wrong(format!("A search has at most {MAX_TEXT} letters."));
    }
    if let Some((name, words)) = CHOICES.into_iter().find(|(name, _)| Some(*name) == chosen) {
        let wrong = || Readings::Wrong(format!("“{}” cannot be {words}.", visible(text)));
        return Reading::of(name, text).map_or_else(wrong, |reading| Readings::As(vec![reading]));
    }
    if let Ok(address) = MailAddress::parse(text) {
        return Readings::As(vec![Reading::Email(address)]);
    }
    let lower = text.to_ascii_lowercase();
    let day = match lower.as_str() {
        "today" => Some(Day::of(now)),
        "yesterday" => Some(Day::of(now.plus(-DAY_MS))),
        _ => Day::parse(text).ok(),
    };
    if let Some(day) = day {
        return Readings::As(vec![Reading::Day(day)]);
    }
    match amount(text) {
        Some(Ok(amount)) => return Readings::As(vec![Reading::Amount(amount)]),
        Some(Err(rule)) => return Readings::Wrong(rule),
        None => {}
    }
    if CASE_PREFIXES.into_iter().any(|prefix| lower.starts_with(prefix)) {
        return Readings::As(vec![Reading::Case(text.to_owned())]);
    }
    let readings: Vec<_> = CHOICES.into_iter().filter_map(|(name, _)| Reading::of(name, text)).collect();
    if readings.is_empty() {
        Readings::Wrong("Nothing has a name as long as this.".to_owned())
    } else {
        Readings::As(readings)
    }
}

/// A text that is a number with a currency before or after it: the amount, or why it is none. A
/// number without a currency is a name.
fn amount(text: &str) -> Option<Result<Money, String>> {
    let is_letter = |letter: char| letter.is_ascii_alphabetic();
    let before = text.split_at_checked(3).filter(|(code, _)| code.chars().all(is_letter));
    let after = text.len().checked_sub(3).and_then(|at| text.split_at_checked(at));
    let after = after.filter(|(_, code)| code.chars().all(is_letter)).map(|(number, code)| (code, number));
    let (code, number) = before.or(after)?;
    let number = number.trim();
    if !number.starts_with(|first: char| first.is_ascii_digit()) || number.chars().any(is_letter) {
        return None;
    }
    let currency = Currency::parse(&code.to_ascii_uppercase()).ok()?;
    let plain = ungrouped(number)?;
    let example = "An amount is written as MYR 1,550.00.";
    Some(Money::parse(&plain, currency).map_err(|rule| match rule {
        BadMoney::Form | BadMoney::Currency => example.to_owned(),
        BadMoney::Decimals => format!("{} has {} decimals. {example}", currency.code(), currency.decimals()),
        BadMoney::TooLarge => "No amount is as large as this.".to_owned(),
    }))
}

/// A number without the commas between its thousands; `None` where they are somewhere else.
fn ungrouped(number: &str) -> Option<String> {
    let (whole, rest) = number.find('.').map_or((number, ""), |at| number.split_at(at));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let is_grouped = !whole.contains(',') || (1..=3).contains(&first.len());
    if is_grouped && groups.all(|group| group.len() == 3) { Some(whole.replace(',', "") + rest) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_768_528_800_000);

    fn names(text: &str) -> Vec<&'static str> {
        match read(text, None, NOW) {
            Readings::As(readings) => readings.iter().map(Reading::name).collect(),
            Readings::Nothing => vec!["nothing"],
            Readings::Wrong(_) => vec!["wrong"],
        }
    }

    #[test]
    fn a_form_that_says_what_it_is_is_read_as_that_alone() {
        for (text, expected) in [
            ("  ", "nothing"),
            ("user@example.com", "email"),
            (" USER@example.com ", "email"),
            ("2026-01-16", "day"),
            ("today", "day"),
            ("Yesterday", "day"),
            ("RC-0000008t", "case"),
            ("dispute_0000008t", "case"),
            ("MYR 50.00", "amount"),
            ("myr50", "amount"),
            ("1,550.00 NGN", "amount"),
            ("NGN 1550", "amount"),
            ("JPY 705.5", "wrong"),
            ("MYR 50.001", "wrong"),
            (&"1".repeat(300), "wrong"),
        ] {
            assert_eq!(names(text), [expected], "{text}");
        }
        let Readings::As(read) = read("MYR 1,234.5", None, NOW) else { panic!() };
        assert_eq!(read[0].words(), "the amount MYR 1,234.50, disputed or paid");
    }

    #[test]
    fn every_other_text_is_every_name_that_it_can_be() {
        for text in ["551", "FBN00II551", "order-7", "2026-02-30", "order@7", "1,55 NGN", "XXX 5", "50.00"] {
            assert!(names(text).contains(&"refid") && names(text).contains(&"id"), "{text}: {:?}", names(text));
        }
        assert_eq!(names("order-7"), ["case", "trxid", "refid", "id"]);
        assert_eq!(names("請求書 1"), ["case", "refid", "id"]);
        assert_eq!(names("abc 123"), ["case", "refid", "id"], "ABC is no currency");
        assert_eq!(names(&"x".repeat(100)), ["case", "id"]);
    }

    #[test]
    fn a_reading_can_be_chosen() {
        let chosen = |text, chosen| read(text, Some(chosen), NOW);
        assert_eq!(
            chosen("2026-01-16", "refid"),
            Readings::As(vec![Reading::Refid(Refid::parse("2026-01-16").unwrap())])
        );
        assert_eq!(chosen("user@example.com", "id"), Readings::As(vec![Reading::Id("user@example.com".to_owned())]));
        assert!(matches!(chosen("a b", "trxid"), Readings::Wrong(_)));
        assert!(matches!(chosen("2026-01-16", "nonsense"), Readings::As(read) if read[0].name() == "day"));
    }
}
