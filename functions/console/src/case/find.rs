//! Finding a text within a case.

use super::item::{ThreadItem, TimelineItem};

/// How many places are shown.
const MAX_PLACES: usize = 50;
/// How much of the text around a hit is shown, in characters.
const AROUND: usize = 60;
/// The longest text that is looked for, in characters.
const MAX_WANTED: usize = 200;

/// A place where a text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The id of its element on the page.
    pub(super) id: String,
    /// Whose words they are.
    pub(super) who: String,
    pub(super) before: String,
    pub(super) hit: String,
    pub(super) after: String,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) wanted: String,
    pub(super) places: Vec<Place>,
    /// Whether there are more.
    pub(super) is_cut: bool,
}

/// Finds a text in what the page shows, whatever the case of its letters.
pub(super) fn find(wanted: &str, thread: &[ThreadItem], timeline: &[TimelineItem]) -> Found {
    let wanted: String = wanted.chars().take(MAX_WANTED).collect();
    let mut places = Vec::new();
    for item in thread {
        let facts = item.facts.iter().map(|(_, fact)| fact.as_str());
        let files = item.files.iter().map(|file| file.name.as_str());
        for text in std::iter::once(item.text.as_str()).chain(facts).chain(files) {
            places.extend(hits(text, &wanted).map(|hit| hit.at(&item.id, &item.who)));
        }
    }
    for item in timeline {
        for text in std::iter::once(item.what.as_str()).chain(item.more.iter().map(String::as_str)) {
            places.extend(hits(text, &wanted).map(|hit| hit.at(&item.id, &item.who)));
        }
    }
    let is_cut = places.len() > MAX_PLACES;
    places.truncate(MAX_PLACES);
    Found { wanted, places, is_cut }
}

struct Hit {
    before: String,
    hit: String,
    after: String,
}

impl Hit {
    fn at(self, id: &str, who: &str) -> Place {
        let Self { before, hit, after } = self;
        Place { id: id.to_owned(), who: who.to_owned(), before, hit, after }
    }
}

/// One letter for one letter, so that places in the folded text are places in the text.
fn folded(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

fn hits(text: &str, wanted: &str) -> impl Iterator<Item = Hit> {
    let text: Vec<char> = text.chars().collect();
    let wanted: Vec<char> = wanted.chars().map(folded).collect();
    let length = wanted.len();
    let last = if length == 0 { 0 } else { (text.len() + 1).saturating_sub(length) };
    let mut next = 0;
    (0..last).filter_map(move |start| {
        let window = text.get(start..start + length)?;
        let is_hit = start >= next && window.iter().copied().map(folded).eq(wanted.iter().copied());
        if !is_hit {
            return None;
        }
        next = start + length;
        let part = |from: usize, to: usize| text.get(from..to.min(text.len())).unwrap_or_default().iter().collect();
        Some(Hit {
            before: part(start.saturating_sub(AROUND), start),
            hit: part(start, next),
            after: part(next, next.saturating_add(AROUND)),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, wanted: &str) -> Vec<(String, String, String)> {
        hits(text, wanted).map(|hit| (hit.before, hit.hit, hit.after)).collect()
    }

    #[test]
    fn letters_are_found_in_any_case_and_once() {
        let text = |parts: [&str; 3]| parts.map(str::to_owned).into();
        assert_eq!(all("Die STRASSE", "strasse"), [text(["Die ", "STRASSE", ""])]);
        assert_eq!(all("aaa", "aa"), [text(["", "aa", "a"])]);
        assert_eq!(all("\u{130}stanbul", "stan"), [text(["\u{130}", "stan", "bul"])]);
        assert_eq!(all("a", ""), []);
        assert_eq!(all("", "a"), []);
        assert_eq!(all("<b>x</b>", "<B>"), [text(["", "<b>", "x</b>"])]);
    }

    #[test]
    fn the_words_around_are_few() {
        let long = format!("{}needle{}", "x".repeat(500), "y".repeat(500));
        let (before, hit, after) = all(&long, "NEEDLE").remove(0);
        assert_eq!((before.len(), hit.as_str(), after.len()), (AROUND, "needle", AROUND));
    }
}
