//! The parts of a mail (RFC 2046), in their order.
//!
//! One pass over the lines finds all parts: a stack holds the boundaries of the multiparts that are
//! open, and a line that is one of them ends everything inside. So the time grows with the mail's
//! length, whatever its parts say. A message inside the mail is one part, never opened.

mod boundary;

use crate::fields::Fields;
use crate::limits::{MAX_DEPTH, MAX_PARTS};
use crate::lines::Lines;
use crate::media::{Media, MediaReader};
use boundary::{Boundary, Multipart, boundary, used_boundary};

/// A part that holds no others.
pub(crate) struct Part<'a> {
    pub(crate) media: Media,
    pub(crate) body: &'a [u8],
    /// The outermost `multipart/alternative` around it, counted in the order they begin.
    pub(crate) alternative: Option<usize>,
}

/// A mail's header and its parts.
pub(crate) struct Structure<'a> {
    pub(crate) fields: Fields<'a>,
    pub(crate) media: Media,
    pub(crate) parts: Vec<Part<'a>>,
    /// Whether the mail has more parts than are read.
    pub(crate) is_cut: bool,
}

impl<'a> Structure<'a> {
    /// Reads a mail. Where the boundary that its header names never comes, the one that its body
    /// uses counts; where there is none either, the whole body is a text.
    pub(crate) fn read(raw: &'a [u8]) -> Self {
        let mut lines = Lines::new(raw);
        let fields = Fields::read(&mut lines, |_| false);
        let mut reader = MediaReader::new();
        let mut media = reader.read(&fields);
        let start = lines.clone();
        if media.is_multipart() && media.boundary.is_none() {
            media.boundary = used_boundary(raw.get(start.offset()..).unwrap_or_default());
        }
        let mut parser =
            MimeParser { raw, lines, reader, stack: Vec::new(), parts: Vec::new(), alternatives: 0, is_cut: false };
        parser.body(media.clone());
        if parser.parts.is_empty() && media.is_multipart() {
            let body = raw.get(start.offset()..).unwrap_or_default();
            parser.lines = start;
            let mut plain = Media { boundary: used_boundary(body), ..media.clone() };
            if plain.boundary.is_none() {
                plain.kind = String::new();
            }
            parser.body(plain);
        }
        Self { fields, media, parts: parser.parts, is_cut: parser.is_cut }
    }
}

struct MimeParser<'a> {
    raw: &'a [u8],
    lines: Lines<'a>,
    reader: MediaReader,
    stack: Vec<Multipart>,
    parts: Vec<Part<'a>>,
    alternatives: usize,
    is_cut: bool,
}

impl<'a> MimeParser<'a> {
    /// Reads from the first line of the mail's body to its end.
    fn body(&mut self, media: Media) {
        self.stack.clear();
        let mut next = Some(media);
        while let Some(media) = next.take() {
            let mut found = if self.opens(&media) { self.first_part(media) } else { self.leaf(media) };
            // Text after the end of a multipart belongs to nothing.
            while let Some(Boundary::End(depth)) = found {
                self.stack.truncate(depth);
                found = if self.stack.is_empty() { None } else { self.find().0 };
            }
            if let Some(Boundary::Next(depth)) = found {
                self.stack.truncate(depth + 1);
                if self.parts.len() >= MAX_PARTS {
                    self.is_cut = true;
                    return;
                }
                let stack = &self.stack;
                let fields = Fields::read(&mut self.lines, |line| boundary(stack, line).is_some());
                next = Some(self.reader.read(&fields));
            }
        }
    }

    /// Puts a multipart on the stack. One that is too deep, or names no boundary, is a part like
    /// others.
    fn opens(&mut self, media: &Media) -> bool {
        let Some(named) = media.boundary.as_ref().filter(|_| media.is_multipart()) else { return false };
        if self.stack.len() >= MAX_DEPTH {
            return false;
        }
        let outer = self.stack.last().and_then(|multipart| multipart.alternative);
        let alternative = outer.or_else(|| {
            (media.kind == "multipart/alternative").then(|| {
                self.alternatives += 1;
                self.alternatives
            })
        });
        self.stack.push(Multipart { boundary: named.trim_end().as_bytes().to_vec(), alternative });
        true
    }

    /// Goes to the first part of the multipart that was opened last. When its boundary never comes,
    /// the part is a text instead.
    fn first_part(&mut self, mut media: Media) -> Option<Boundary> {
        let own = self.stack.len().saturating_sub(1);
        let start = self.lines.offset();
        let (found, end) = self.find();
        match found {
            Some(Boundary::Next(depth) | Boundary::End(depth)) if depth == own => found,
            // Of the mail itself, another boundary may be in use.
            None if own == 0 => None,
            _ => {
                self.stack.truncate(own);
                media.kind = String::new();
                self.push(media, start, end, found.is_some());
                found
            }
        }
    }

    fn leaf(&mut self, mut media: Media) -> Option<Boundary> {
        let start = self.lines.offset();
        let (found, end) = self.find();
        if media.is_multipart() && media.boundary.is_none() {
            media.kind = String::new();
        }
        self.push(media, start, end, found.is_some());
        found
    }

    fn push(&mut self, media: Media, start: usize, end: usize, is_ended: bool) {
        let mut body = self.raw.get(start..end).unwrap_or_default();
        // The line's end before a boundary belongs to the boundary.
        if is_ended {
            body = body.strip_suffix(b"\n").unwrap_or(body);
            body = body.strip_suffix(b"\r").unwrap_or(body);
        }
        let alternative = self.stack.last().and_then(|multipart| multipart.alternative);
        self.parts.push(Part { media, body, alternative });
    }

    /// Goes on behind the next boundary of an open multipart, or to the end; also where that
    /// begins.
    fn find(&mut self) -> (Option<Boundary>, usize) {
        loop {
            let at = self.lines.offset();
            let Some(line) = self.lines.next() else { return (None, at) };
            if let Some(found) = boundary(&self.stack, line) {
                return (Some(found), at);
            }
        }
    }
}

#[cfg(test)]
mod tests;
