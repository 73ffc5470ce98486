//! Taking a text apart into clauses and words.

use super::lists::{List, NOT_SHORT, SHORT, in_full};

/// A clause of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    /// Its words, in small letters and without accents.
    pub(super) words: Vec<String>,
    /// The same as one text, for scripts that put no spaces between words.
    pub(super) text: String,
    /// Whether it ends in a question mark.
    pub(super) is_question: bool,
}

/// Words that begin a clause of their own.
const JOINTS: [&str; 11] =
    ["but", "however", "although", "though", "except", "tapi", "tetapi", "namun", "cuma", "cuman", "walaupun"];
/// The same in Chinese.
const JOINTS_CJK: [&str; 4] = ["但是", "但", "可是", "不过"];

pub(super) fn clauses(text: &str) -> Vec<Clause> {
    let mut plain = folded(text);
    for joint in JOINTS_CJK {
        plain = plain.replace(joint, "。");
    }
    let mut clauses = Vec::new();
    let mut current = String::new();
    for letter in plain.chars().chain(['\n']) {
        match letter {
            '.' | '!' | '?' | ';' | ',' | '\n' | ':' | '。' | '！' | '？' | '；' | '，' | '、' | '…' => {
                push(&mut clauses, &current, matches!(letter, '?' | '？'));
                current.clear();
            }
            letter => current.push(letter),
        }
    }
    clauses
}

fn push(clauses: &mut Vec<Clause>, text: &str, is_question: bool) {
    let mut words: Vec<String> = Vec::new();
    let mut parts: Vec<Vec<String>> = Vec::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if JOINTS.contains(&word) && !words.is_empty() {
            parts.push(std::mem::take(&mut words));
        }
        words.push(word.to_owned());
    }
    parts.push(words);
    for words in parts.into_iter().filter(|words| !words.is_empty()) {
        let text = words.join(" ");
        clauses.push(Clause { words, text, is_question });
    }
}

/// Whether a phrase is in a clause: word by word, or anywhere where its script has no spaces.
pub(super) fn phrase(clause: &Clause, wanted: &str) -> bool {
    if wanted.chars().any(|letter| ('\u{3400}'..='\u{9fff}').contains(&letter)) {
        return clause.text.replace(' ', "").contains(wanted);
    }
    let wanted: Vec<&str> = wanted.split(' ').collect();
    clause.words.windows(wanted.len()).any(|words| words.iter().zip(&wanted).all(|(word, wanted)| word == wanted))
}

/// The words of a clause that belong to none of the phrases. Of a word in a script without spaces,
/// what is left of it.
pub(super) fn uncovered(clause: &Clause, phrases: List) -> Vec<String> {
    let mut covered = vec![false; clause.words.len()];
    for wanted in phrases.iter() {
        let wanted: Vec<&str> = wanted.split(' ').collect();
        for (at, words) in clause.words.windows(wanted.len()).enumerate() {
            if words.iter().zip(&wanted).all(|(word, wanted)| word == wanted) {
                covered.iter_mut().skip(at).take(wanted.len()).for_each(|word| *word = true);
            }
        }
    }
    let left = clause.words.iter().zip(covered).filter(|(_, covered)| !covered).map(|(word, _)| {
        let is_cjk = |phrase: &&str| phrase.chars().any(|letter| ('\u{3400}'..='\u{9fff}').contains(&letter));
        phrases.iter().filter(is_cjk).fold(word.clone(), |word, phrase| word.replace(phrase, ""))
    });
    left.filter(|word| !word.is_empty()).collect()
}

/// Small letters without accents; short forms of "not" in full.
fn folded(text: &str) -> String {
    let lower: String = text.to_lowercase().chars().filter_map(plain).collect();
    let mut words = String::with_capacity(lower.len() + 16);
    for (at, word) in lower.split(' ').enumerate() {
        if at > 0 {
            words.push(' ');
        }
        words.push_str(&spelt_out(word));
    }
    words
}

fn spelt_out(word: &str) -> String {
    let bare = word.replace('\'', "");
    let end = bare.trim_end_matches(|letter: char| !letter.is_alphanumeric()).len();
    let (stem, rest) = bare.split_at_checked(end).unwrap_or((&bare, ""));
    if let Some(full) = in_full(NOT_SHORT, stem) {
        return format!("{full} not{rest}");
    }
    if let Some(full) = in_full(SHORT, stem) {
        return format!("{full}{rest}");
    }
    // A possessive or an unknown short form stays two words.
    word.replace('\'', " ")
}

/// A letter without its accents; none where it is only an accent or cannot be seen.
fn plain(letter: char) -> Option<char> {
    Some(match letter {
        '\n' | '\r' => '\n',
        '\t' | '\u{a0}' => ' ',
        '\u{300}'..='\u{36f}' => return None,
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{60}' | '\u{b4}' | '\u{ff07}' => '\'',
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'ā' | 'ă' | 'å' => 'a',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ẹ' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ị' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ō' | 'ọ' => 'o',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ụ' => 'u',
        'ṣ' | 'ş' => 's',
        'ń' | 'ǹ' | 'ñ' => 'n',
        'ḿ' => 'm',
        letter if crate::redact::is_invisible(letter) => return None,
        letter => letter,
    })
}
