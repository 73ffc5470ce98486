//! What identifies a person in the texts of a case, and replacing it.
//!
//! An address is replaced where it stands by itself: `ada@customer.example` is not in
//! `nada@customer.example`. A name is replaced as whole words, a part of a name in its own
//! spelling. A sentence that somebody quotes is found however its lines were broken.
//!
//! **Invariant:** what was replaced once is not found again, so replacing twice changes nothing.

use std::collections::BTreeSet;
use std::ops::Range;

use recourse_dispute::addresses::MailAddress;

/// What stands for an erased text.
pub(super) const ERASED: &str = "[erased]";
/// The shortest sentence that is searched for in other texts, in characters. A shorter one, such as
/// "Thank you.", is everybody's.
const SENTENCE: usize = 20;
/// The shortest name.
const NAME: usize = 3;
/// How many sentences of a person are searched for in other texts.
const MAX_SENTENCES: usize = 5_000;

/// What identifies a person.
#[derive(Clone)]
pub(super) struct Words {
    /// The address that is erased.
    address: MailAddress,
    /// What stands for it.
    alias: MailAddress,
    /// Names, each as it is found in a [`Loose`] text.
    names: BTreeSet<String>,
    /// Parts of names, in their own spelling.
    parts: BTreeSet<String>,
    /// Sentences, as they are found in a [`Loose`] text.
    sentences: BTreeSet<String>,
}

impl Words {
    pub(super) fn of(address: MailAddress, alias: MailAddress) -> Self {
        let (names, parts, sentences) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { address, alias, names, parts, sentences }
    }

    /// Whether an address is the person's, also after it was erased.
    pub(super) fn is_person(&self, address: &MailAddress) -> bool {
        *address == self.alias || address.is_same_mailbox(&self.address)
    }

    /// Adds a name of the person. Its parts count too, but for those that others of the case have.
    pub(super) fn add_name(&mut self, name: &str, others: &BTreeSet<String>) {
        let loose = Loose::of(name).text.trim().to_owned();
        if loose.chars().count() < NAME || name.contains(ERASED) || others.contains(&loose) {
            return;
        }
        let words = name.split(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '-');
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let others: BTreeSet<&str> = others.iter().flat_map(|other| other.split_whitespace()).collect();
        let is_name = |word: &&&str| {
            word.chars().count() >= NAME
                && word.chars().next().is_some_and(|first| !first.is_lowercase() && first.is_alphabetic())
                && !others.contains(word.to_lowercase().as_str())
        };
        self.parts.extend(words.iter().filter(is_name).map(|word| (*word).to_owned()));
        // A name of one word can be any word, so it counts in its own spelling alone.
        if words.len() > 1 {
            self.names.insert(loose);
        }
    }

    /// Adds the name of a file.
    pub(super) fn add_file(&mut self, name: &str) {
        let loose = Loose::of(name).text.trim().to_owned();
        if loose.contains('.') && loose.chars().count() > 2 * NAME {
            self.names.insert(loose);
        }
    }

    /// Adds the sentences and the lines of a text of the person.
    pub(super) fn add_text(&mut self, text: &str) {
        let ends = |letter: char| matches!(letter, '.' | '!' | '?' | '…' | '。' | '！' | '？');
        let paragraphs = text.split("\n\n").flat_map(|paragraph| paragraph.split_inclusive(ends));
        for sentence in paragraphs.chain(text.lines()) {
            let loose = Loose::of(sentence).text.trim().to_owned();
            if self.sentences.len() < MAX_SENTENCES && loose.chars().count() >= SENTENCE {
                self.sentences.insert(loose);
            }
        }
    }

    /// Whether a text has the address, a name or a sentence.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.has_address(text) || !self.found(text).is_empty()
    }

    /// Whether a text has the address.
    pub(super) fn has_address(&self, text: &str) -> bool {
        !self.addresses(text).is_empty()
    }

    /// The text without the address, where it has it.
    pub(super) fn without_address(&self, text: &str) -> Option<String> {
        replaced(text, self.addresses(text), self.alias.as_str())
    }

    /// The text without address, names and sentences, where it has any.
    pub(super) fn without(&self, text: &str) -> Option<String> {
        let first = self.without_address(text);
        let text = first.as_deref().unwrap_or(text);
        replaced(text, self.found(text), ERASED).or(first)
    }

    /// Where the address stands by itself.
    fn addresses(&self, text: &str) -> Vec<Range<usize>> {
        let (lower, address) = (text.to_ascii_lowercase(), self.address.as_str().to_ascii_lowercase());
        let found = lower.match_indices(&address).map(|(start, found)| start..start + found.len());
        found.filter(|place| begins(text, place.start) && ends(text, place.end)).collect()
    }

    /// Where names and sentences stand.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let loose = Loose::of(text);
        let all = |words: &BTreeSet<String>| -> Vec<Range<usize>> {
            words
                .iter()
                .flat_map(|word| loose.text.match_indices(word.as_str()))
                .map(|(at, of)| at..at + of.len())
                .collect()
        };
        let names = all(&self.names).into_iter().filter(|place| is_word(&loose.text, place));
        let places = names.chain(all(&self.sentences)).filter_map(|place| loose.place(&place));
        let parts = self.parts.iter().flat_map(|part| text.match_indices(part.as_str()));
        let parts = parts.map(|(at, of)| at..at + of.len()).filter(|place| is_word(text, place));
        places.chain(parts).collect()
    }
}

/// Whether an address that begins here is not the end of a longer one.
fn begins(text: &str, at: usize) -> bool {
    let mut before = text.get(..at).unwrap_or_default().chars().rev();
    match before.next() {
        Some(letter) if letter.is_alphanumeric() => false,
        Some('.' | '-' | '_' | '+' | '%' | '\'') => !before.next().is_some_and(char::is_alphanumeric),
        _ => true,
    }
}

/// Whether an address that ends here is not the beginning of a longer one. A full stop may follow
/// it, and a sentence that begins with a capital letter.
fn ends(text: &str, at: usize) -> bool {
    let mut after = text.get(at..).unwrap_or_default().chars();
    match after.next() {
        Some(letter) if letter.is_alphanumeric() => false,
        Some('.') => !after.next().is_some_and(|letter| letter.is_alphanumeric() && !letter.is_uppercase()),
        Some('-') => !after.next().is_some_and(char::is_alphanumeric),
        _ => true,
    }
}

/// Whether no letter stands beside a place.
fn is_word(text: &str, place: &Range<usize>) -> bool {
    let before = text.get(..place.start).unwrap_or_default().chars().next_back();
    let after = text.get(place.end..).unwrap_or_default().chars().next();
    ![before, after].into_iter().flatten().any(char::is_alphanumeric)
}

/// The text with `with` in these places; `None` where there are none.
fn replaced(text: &str, mut places: Vec<Range<usize>>, with: &str) -> Option<String> {
    if places.is_empty() {
        return None;
    }
    places.sort_by_key(|place| (place.start, place.end));
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for place in places {
        // Of places that overlap, one replacement stands for all.
        if place.start >= at {
            out.push_str(text.get(at..place.start).unwrap_or_default());
            out.push_str(with);
        }
        at = at.max(place.end);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Some(out)
}

/// A text in lower case with one blank for all white space and marks of quotes beside each other,
/// and where in the text each of its bytes comes from.
struct Loose {
    text: String,
    places: Vec<Range<usize>>,
}

impl Loose {
    fn of(text: &str) -> Self {
        let mut loose = Self { text: String::with_capacity(text.len()), places: Vec::with_capacity(text.len()) };
        for (at, letter) in text.char_indices() {
            let place = at..at + letter.len_utf8();
            if letter.is_whitespace() || letter == '>' {
                match loose.places.last_mut() {
                    Some(last) if loose.text.ends_with(' ') => last.end = place.end,
                    _ => loose.push(' ', &place),
                }
            } else {
                letter.to_lowercase().for_each(|lower| loose.push(lower, &place));
            }
        }
        loose
    }

    fn push(&mut self, letter: char, place: &Range<usize>) {
        self.text.push(letter);
        self.places.resize(self.text.len(), place.clone());
    }

    /// Where a range of it is in the text.
    fn place(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let first = self.places.get(range.start)?;
        let last = self.places.get(range.end.checked_sub(1)?)?;
        Some(first.start..last.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        let mut words = Words::of(MailAddress::parse("Ada@customer.example").unwrap(), MailAddress::erased(7));
        words.add_name("Ada Lovelace", &BTreeSet::new());
        words.add_text("The voucher never\ncame to my phone. Thank you!\n\nCall +60 12 345 6789 please");
        words
    }

    #[test]
    fn an_address_is_replaced_where_it_stands_by_itself() {
        let words = words();
        for text in [
            "ada@customer.example",
            "ADA@CUSTOMER.EXAMPLE",
            "Ada <ada@customer.example>, hello",
            "mailto:ada@customer.example?subject=x",
            "email=ada@customer.example&x=1",
            "'ada@customer.example'",
            "write to ada@customer.example.",
            "write to ada@customer.example.Then wait",
            "(ada@customer.example)-",
        ] {
            let without = words.without_address(text).unwrap();
            assert!(without.contains("erased-0000000000000007@erased.invalid"), "{without}");
            assert!(!without.to_lowercase().contains("ada@customer"), "{without}");
            assert_eq!(words.without_address(&without), None);
        }
        for other in [
            "nada@customer.example",
            "o'ada@customer.example",
            "x.ada@customer.example",
            "x+ada@customer.example",
            "ada@customer.example.org",
            "ada@customer.example-shop.test",
            "ada@customer.examples",
            "ada+shop@customer.example",
        ] {
            assert_eq!(words.without_address(other), None, "{other}");
        }
    }

    #[test]
    fn names_and_sentences_are_replaced_however_they_are_quoted() {
        let words = words();
        for (text, expected) in [
            ("ADA  LOVELACE called", "[erased] called"),
            ("Dear Ada, thanks", "Dear [erased], thanks"),
            ("Mrs Lovelace's case", "Mrs [erased]'s case"),
            ("> The voucher\n> never came to my\n> phone. And then", "> [erased] And then"),
            ("she said: call +60 12 345 6789 please!", "she said: [erased]!"),
            ("\u{e9} Ada \u{e9}", "\u{e9} [erased] \u{e9}"),
        ] {
            assert_eq!(words.without(text).as_deref(), Some(expected), "{text}");
            assert_eq!(words.without(expected), None);
            assert!(words.are_in(text) && !words.are_in(expected));
        }
        for other in ["Adams and Adaptation", "Thank you!", "the voucher never came", "lovelace@other.example ada"] {
            assert_eq!(words.without(other), None, "{other}");
        }
    }

    #[test]
    fn what_two_people_share_stays() {
        let mut words = Words::of(MailAddress::parse("ada@customer.example").unwrap(), MailAddress::erased(7));
        words.add_name("Ada Lovelace", &BTreeSet::from(["bob lovelace".to_owned()]));
        assert_eq!(words.without("Bob Lovelace and Ada").as_deref(), Some("Bob Lovelace and [erased]"));
        let mut same = Words::of(MailAddress::parse("ada@customer.example").unwrap(), MailAddress::erased(7));
        same.add_name("Bob Lovelace", &BTreeSet::from(["bob lovelace".to_owned()]));
        assert_eq!(same.without("Bob Lovelace"), None);
    }

    #[test]
    fn a_name_that_is_any_word_replaces_no_other_word() {
        let mut words = Words::of(MailAddress::parse("ada@customer.example").unwrap(), MailAddress::erased(7));
        for name in ["true", "in", "null", "[erased]", "", "customer"] {
            words.add_name(name, &BTreeSet::new());
        }
        assert_eq!(words.without("{\"in\":true,\"customer\":null}"), None);
    }
}
