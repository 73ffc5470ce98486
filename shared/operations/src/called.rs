//! The disputes that a name leads to, in any form of id of Recourse and of the vendors' APIs.
//!
//! People read ids aloud and type them. Disputes may have ids that differ only in the case of their
//! eight characters. An id is first looked up as it is typed, and then in all of its spellings,
//! which are 256 at most. When several disputes are found, none is guessed.

use recourse_dispute::claim::FileId;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::{DisputeNumber, InvalidDisputeNumber};
use recourse_store::{MailId, Store, StoreError};

/// The beginnings of ids that end in eight characters: the case id, and the Tutelar API's id.
const PREFIXES: [&str; 2] = ["rc-", "dispute_"];
/// How many disputes one read gets.
pub(crate) const BATCH: usize = 100;

/// The disputes with this name: none, one, or several whose ids differ in the case of letters.
///
/// # Errors
/// [`StoreError`].
pub async fn disputes_called(store: &Store, name: &str) -> Result<Vec<Dispute>, StoreError> {
    if let Some(number) = number(name)
        && let Some(dispute) = store.dispute(number).await?
    {
        return Ok(vec![dispute]);
    }
    let mut found = Vec::new();
    for numbers in spellings(name).chunks(BATCH) {
        found.extend(store.disputes(numbers).await?);
    }
    Ok(found)
}

/// A case by any form of its id, as a person types it. The letters before the hyphen may be in any
/// case; the eight characters after it are as the id has them.
///
/// # Errors
/// [`InvalidDisputeNumber`].
pub fn typed_case(text: &str) -> Result<DisputeNumber, InvalidDisputeNumber> {
    number(text.trim()).ok_or(InvalidDisputeNumber)
}

/// The number of a dispute in a name, with the case of letters as it is.
fn number(name: &str) -> Option<DisputeNumber> {
    if let Some(characters) = characters(name) {
        return DisputeNumber::from_base62(characters).ok();
    }
    // A log code begins with a domain code, which may be in any case, too.
    let of_dispute = DisputeNumber::from_any_view(&name.to_ascii_uppercase()).ok();
    let of_file = || name.to_ascii_lowercase().parse::<FileId>().ok().map(|file| file.number());
    let of_mail = || name.parse::<MailId>().ok().map(|mail| mail.number);
    of_dispute.or_else(of_file).or_else(of_mail)
}

/// The eight characters at the end of an id.
fn characters(name: &str) -> Option<&str> {
    PREFIXES.into_iter().find_map(|prefix| {
        let (begin, characters) = name.split_at_checked(prefix.len())?;
        begin.eq_ignore_ascii_case(prefix).then_some(characters)
    })
}

/// The numbers of all other spellings of an id, each once.
fn spellings(name: &str) -> Vec<DisputeNumber> {
    let Some(characters) = characters(name).filter(|characters| DisputeNumber::from_base62(characters).is_ok()) else {
        return Vec::new();
    };
    let mut all = vec![String::new()];
    for character in characters.chars() {
        let cases = [character.to_ascii_lowercase(), character.to_ascii_uppercase()];
        let cases = if character.is_ascii_alphabetic() { &cases[..] } else { &cases[..1] };
        all = all.iter().flat_map(|prefix| cases.iter().map(move |case| format!("{prefix}{case}"))).collect();
    }
    all.iter().filter(|text| *text != characters).filter_map(|text| DisputeNumber::from_base62(text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_in_any_case() {
        for name in [
            "551",
            "RC-0000008t",
            "rc-0000008t",
            "Dispute_0000008t",
            "dispute_0000008t",
            "FBN00II551",
            "fbn00ii551",
            "551-1",
            "551-2p",
            "551-abababababababababababababababab",
            "551-ABABABABABABABABABABABABABABABAB",
        ] {
            assert_eq!(number(name).map(DisputeNumber::get), Some(551), "{name}");
        }
        for name in ["", "rc-", "RC-00000000", "order-7", "r", "日本-0000008t", "-5"] {
            assert_eq!(number(name), None, "{name}");
        }
    }

    #[test]
    fn a_case_is_typed_in_any_form_of_its_id() {
        let number = DisputeNumber::try_from(551).unwrap();
        for text in ["RC-0000008t", "rc-0000008t", " 551 ", "dispute_0000008t"] {
            assert_eq!(typed_case(text), Ok(number), "{text}");
        }
        for text in ["", "RC-", "rc", "é", "RC-0000008", "0"] {
            assert!(typed_case(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_other_spelling_of_an_id_is_tried_once() {
        let numbers = spellings("rc-0000008T");
        assert_eq!(numbers.iter().map(|number| number.case_id()).collect::<Vec<_>>(), ["RC-0000008t"]);
        let numbers = spellings("RC-AbCdEfGh");
        let different: std::collections::BTreeSet<_> = numbers.iter().collect();
        assert_eq!((numbers.len(), different.len()), (255, 255));
        assert!(spellings("551").is_empty() && spellings("RC-12345678").is_empty() && spellings("RC-!").is_empty());
    }
}
