//! The phrases, from `data/words`: one a line, in small letters, without accents, and with "not" in
//! full. Lines that begin with `#` are comments.

/// A file of phrases.
#[derive(Clone, Copy, Debug)]
pub(super) struct List(&'static str);

impl List {
    pub(super) fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    }

    pub(super) fn has(self, word: &str) -> bool {
        self.iter().any(|known| known == word)
    }
}

/// Words that turn a sentence into its opposite.
pub(super) const NEGATIONS: List = List(include_str!("../../data/words/negations.txt"));
/// The same in Chinese, anywhere in a clause.
pub(super) const NEGATIONS_CJK: List = List(include_str!("../../data/words/negations_cjk.txt"));
/// Words that leave open whether something is so.
pub(super) const CONDITIONS: List = List(include_str!("../../data/words/conditions.txt"));
/// Words of doubt, which make a good report a bad one.
pub(super) const DOUBTS: List = List(include_str!("../../data/words/doubts.txt"));
/// Words that turn an objection round.
pub(super) const TURNS: List = List(include_str!("../../data/words/turns.txt"));
/// It works now.
pub(super) const WORKS: List = List(include_str!("../../data/words/works.txt"));
/// It still does not work, or has still not come.
pub(super) const OBJECTIONS: List = List(include_str!("../../data/words/objections.txt"));
/// Thanks.
pub(super) const THANKS: List = List(include_str!("../../data/words/thanks.txt"));
/// Other words of a clause of thanks.
pub(super) const THANKS_WORDS: List = List(include_str!("../../data/words/thanks_words.txt"));
/// Words without weight.
pub(super) const FILLERS: List = List(include_str!("../../data/words/fillers.txt"));
/// Words beside good news that do not change it.
pub(super) const WORKS_WORDS: List = List(include_str!("../../data/words/works_words.txt"));
/// Chinese beside good news that does not change it.
pub(super) const WORKS_CJK: List = List(include_str!("../../data/words/works_cjk.txt"));
/// Short forms with a "not" in them, each with what comes before it.
pub(super) const NOT_SHORT: List = List(include_str!("../../data/words/not_short.txt"));
/// Other short forms, each with what it means.
pub(super) const SHORT: List = List(include_str!("../../data/words/short.txt"));
/// Words that begin a salutation.
pub(super) const GREETINGS: List = List(include_str!("../../data/words/greetings.txt"));
/// Words above a name.
pub(super) const CLOSINGS: List = List(include_str!("../../data/words/closings.txt"));
/// What phones and mail programs write below a mail.
pub(super) const FOOTERS: List = List(include_str!("../../data/words/footers.txt"));

/// What a short form means.
pub(super) fn in_full(list: List, short: &str) -> Option<&'static str> {
    list.iter().filter_map(|line| line.split_once('=')).find(|(known, _)| *known == short).map(|(_, full)| full)
}

/// Whether a word is made of harmless Chinese alone.
pub(super) fn harmless_cjk(word: &str) -> bool {
    WORKS_CJK.iter().fold(word.to_owned(), |rest, part| rest.replace(part, "")).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_written_as_texts_are_read() {
        for list in
            [NEGATIONS, CONDITIONS, DOUBTS, TURNS, WORKS, OBJECTIONS, THANKS, THANKS_WORDS, FILLERS, WORKS_WORDS]
        {
            assert!(list.iter().count() > 3);
            for phrase in list.iter() {
                let read = super::super::text::clauses(phrase);
                assert_eq!(read.len(), 1, "{phrase}");
                assert_eq!(read[0].text, phrase, "a phrase that no text can have");
            }
        }
    }
}
