//! HTML becomes lines of text. Nothing is loaded, nothing is run.
//!
//! Elements that a mail program marks as a quote come out as lines that begin with `>`, so the same
//! rules find what is new in HTML and in plain text. What a reader does not see, and what is marked
//! as a signature, is left out.

mod element;

use html5gum::{StartTag, Token, Tokenizer};

use crate::quote::{CUT, is_separator, says_wrote};
use crate::text::clean;
use element::Role;

/// Elements inside each other that are kept track of. Deeper ones are read as if they were not
/// there.
const MAX_OPEN: usize = 200;
/// Bytes of a line that can introduce a quote.
const MAX_INTRODUCTION: usize = 2_000;

/// The lines of a document.
pub(crate) fn lines(document: &str) -> Vec<String> {
    let mut reader = Reader::default();
    for token in Tokenizer::new(document) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => reader.start(&tag),
            Token::EndTag(tag) => reader.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    reader.finish()
}

/// An open element.
struct Open {
    name: String,
    role: Role,
}

#[derive(Default)]
struct Reader {
    lines: Vec<String>,
    line: String,
    open: Vec<Open>,
    /// How many of the open elements are quotes, are left out, keep their white space.
    quotes: usize,
    hidden: usize,
    verbatim: usize,
}

impl Reader {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        match name.as_str() {
            "br" => return self.break_line(),
            "hr" => return self.end_block(),
            _ if element::is_void(&name) => return,
            _ => {}
        }
        let mut role = element::role(&name, tag);
        if name == "blockquote" && role == Role::Plain {
            // Without a mark it is a quote where something introduces it, and somebody's own
            // otherwise.
            self.end_block();
            let last = self.lines.iter().rev().take(4).find(|line| !line.is_empty());
            if last.is_some_and(|line| line.len() <= MAX_INTRODUCTION && says_wrote(line)) {
                role = Role::Quote;
            }
        }
        if element::is_block(&name) || role == Role::Quote {
            self.end_block();
        }
        if element::is_paragraph(&name) && role != Role::Quote {
            self.blank();
        }
        if role == Role::QuotedFromHere && self.hidden == 0 {
            self.end_block();
            self.lines.push(CUT.to_owned());
        }
        if self.open.len() < MAX_OPEN {
            self.count(role, true);
            self.open.push(Open { name, role });
        }
    }

    fn end(&mut self, name: &str) {
        // An end without its beginning, however deep, is passed over.
        let Some(from) = self.open.iter().rposition(|open| open.name == name) else {
            if name == "p" {
                self.end_block();
            }
            return;
        };
        // What was left open inside ends here too.
        if self.open.iter().skip(from).any(|open| element::is_block(&open.name) || open.role == Role::Quote) {
            self.end_block();
        }
        for open in self.open.split_off(from) {
            self.count(open.role, false);
        }
        if element::is_paragraph(name) {
            self.blank();
        }
    }

    fn count(&mut self, role: Role, is_start: bool) {
        let counter = match role {
            Role::Quote => &mut self.quotes,
            Role::Hidden => &mut self.hidden,
            Role::Verbatim => &mut self.verbatim,
            Role::Plain | Role::QuotedFromHere => return,
        };
        *counter = if is_start { *counter + 1 } else { counter.saturating_sub(1) };
    }

    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        let text = clean(text);
        if self.verbatim > 0 {
            for (index, piece) in text.split('\n').enumerate() {
                if index > 0 {
                    self.break_line();
                }
                self.line.push_str(piece);
            }
            return;
        }
        for letter in text.chars() {
            // U+00A0 is a blank that holds words together; it is one in text as well.
            let is_blank = letter.is_whitespace();
            if !is_blank {
                self.line.push(letter);
            } else if !self.line.is_empty() && !self.line.ends_with(' ') {
                self.line.push(' ');
            }
        }
    }

    fn break_line(&mut self) {
        if self.hidden > 0 {
            return;
        }
        let line = std::mem::take(&mut self.line);
        if self.quotes > 0
            && is_separator(&line)
            && self.open.iter().rfind(|open| open.role == Role::Quote).is_some_and(|open| open.name == "div")
        {
            // Gmail marks the introduction of a mail that is forwarded, and nothing of the mail.
            self.lines.push(CUT.to_owned());
            return;
        }
        let mark = if self.quotes > 0 { "> " } else { "" };
        self.lines.push(format!("{mark}{}", line.trim_end()));
    }

    /// Ends the line, if there is anything on it.
    fn end_block(&mut self) {
        if !self.line.trim().is_empty() {
            self.break_line();
        }
        self.line.clear();
    }

    /// Puts an empty line between two paragraphs.
    fn blank(&mut self) {
        if self.hidden == 0 && self.quotes == 0 && self.lines.last().is_some_and(|last| !last.is_empty()) {
            self.lines.push(String::new());
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.end_block();
        self.lines
    }
}

#[cfg(test)]
mod tests;
