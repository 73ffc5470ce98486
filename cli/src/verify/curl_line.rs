//! A request as a curl command.
//!
//! The words are split as a POSIX shell does. Nothing is expanded: what only a shell can know, such
//! as a variable, is refused with its name. So is an option that changes the request in a way that
//! is not reproduced here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::recorded::{Recorded, header_line};
use crate::ending::Failure;

/// The options without a value that change nothing of what is signed.
const FLAGS: &str = "#0146LNSfgijkqsv";
const LONG_FLAGS: [&str; 29] = [
    "compressed",
    "fail",
    "fail-with-body",
    "globoff",
    "http0.9",
    "http1.0",
    "http1.1",
    "http2",
    "http2-prior-knowledge",
    "http3",
    "include",
    "insecure",
    "ipv4",
    "ipv6",
    "location",
    "no-buffer",
    "no-keepalive",
    "no-progress-meter",
    "path-as-is",
    "progress-bar",
    "raw",
    "show-error",
    "show-headers",
    "silent",
    "ssl-reqd",
    "tlsv1.2",
    "tlsv1.3",
    "tr-encoding",
    "verbose",
];
/// The options with a value that change nothing of what is signed.
const VALUES: &str = "AEcemowxbDCz";
const LONG_VALUES: [&str; 21] = [
    "user-agent",
    "cert",
    "cookie-jar",
    "cookie",
    "referer",
    "max-time",
    "output",
    "write-out",
    "proxy",
    "cacert",
    "capath",
    "ciphers",
    "connect-timeout",
    "connect-to",
    "dump-header",
    "key",
    "max-redirs",
    "resolve",
    "retry",
    "retry-delay",
    "retry-max-time",
];

/// What is read of a command.
#[derive(Default)]
struct Parsed {
    urls: Vec<String>,
    method: Option<String>,
    headers: Vec<(String, String)>,
    /// Names of headers that curl is to leave out.
    removed: Vec<String>,
    user: Option<String>,
    body: Option<Vec<u8>>,
    is_get: bool,
    is_head: bool,
    is_json: bool,
}

/// Reads a command; `file` reads a file that it names.
pub(super) fn read(text: &str, file: impl Fn(&str) -> Result<Vec<u8>, Failure>) -> Result<Recorded, Failure> {
    let text = &joined(text.trim());
    if let Some(what) = not_expanded(text) {
        return Err(not_understood(what));
    }
    let words = shlex::split(text).ok_or_else(|| not_understood("a quote that does not end"))?;
    let mut words = words.into_iter();
    let program = words.next().unwrap_or_default();
    if program != "curl" && !program.ends_with("/curl") {
        return Err(Failure::refused("the file must have one curl command and nothing before it."));
    }
    let mut parsed = Parsed::default();
    let mut is_option = true;
    while let Some(word) = words.next() {
        if word == "--" && is_option {
            is_option = false;
        } else if let Some(name) = word.strip_prefix("--").filter(|_| is_option) {
            parsed.long(name, &mut words, &file)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| is_option && !letters.is_empty()) {
            parsed.short(letters, &mut words, &file)?;
        } else {
            parsed.urls.push(word);
        }
    }
    parsed.request()
}

impl Parsed {
    fn long(
        &mut self,
        name: &str,
        words: &mut impl Iterator<Item = String>,
        file: &impl Fn(&str) -> Result<Vec<u8>, Failure>,
    ) -> Result<(), Failure> {
        let mut value = || words.next().ok_or_else(|| not_understood(&format!("--{name} without its value")));
        match name {
            "request" => self.method = Some(value()?),
            "header" => self.header(&value()?)?,
            "data" | "data-ascii" => self.data(&value()?, Data::Text, file)?,
            "data-raw" => self.data(&value()?, Data::Raw, file)?,
            "data-binary" => self.data(&value()?, Data::Binary, file)?,
            "json" => {
                self.is_json = true;
                self.data(&value()?, Data::Binary, file)?;
            }
            "url" => self.urls.push(value()?),
            "user" => self.user = Some(value()?),
            "basic" => {}
            "get" => self.is_get = true,
            "head" => self.is_head = true,
            _ if LONG_FLAGS.contains(&name) => {}
            _ if LONG_VALUES.contains(&name) => drop(value()?),
            _ => return Err(not_understood(&format!("the option --{name}"))),
        }
        Ok(())
    }

    /// One or more options of one letter. The rest of the word is the value of one that has a
    /// value.
    fn short(
        &mut self,
        letters: &str,
        words: &mut impl Iterator<Item = String>,
        file: &impl Fn(&str) -> Result<Vec<u8>, Failure>,
    ) -> Result<(), Failure> {
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let is_flag = match letter {
                'G' => {
                    self.is_get = true;
                    true
                }
                'I' => {
                    self.is_head = true;
                    true
                }
                _ => FLAGS.contains(letter),
            };
            if is_flag {
                continue;
            }
            if !"XHdu".contains(letter) && !VALUES.contains(letter) {
                return Err(not_understood(&format!("the option -{letter}")));
            }
            let glued = rest.as_str();
            let value = if glued.is_empty() { words.next() } else { Some(glued.to_owned()) };
            let value = value.ok_or_else(|| not_understood(&format!("-{letter} without its value")))?;
            match letter {
                'X' => self.method = Some(value),
                'H' => self.header(&value)?,
                'd' => self.data(&value, Data::Text, file)?,
                'u' => self.user = Some(value),
                _ => {}
            }
            return Ok(());
        }
        Ok(())
    }

    fn header(&mut self, text: &str) -> Result<(), Failure> {
        if text.starts_with('@') {
            return Err(not_understood("a file of headers, -H @file"));
        }
        if let Some(name) = text.strip_suffix(';') {
            self.headers.push((name.to_owned(), String::new()));
            return Ok(());
        }
        let (name, value) = header_line(text).ok_or_else(|| not_understood("a header without a colon"))?;
        if value.is_empty() {
            self.removed.push(name);
        } else {
            self.headers.push((name, value));
        }
        Ok(())
    }

    fn data(
        &mut self,
        text: &str,
        kind: Data,
        file: &impl Fn(&str) -> Result<Vec<u8>, Failure>,
    ) -> Result<(), Failure> {
        let path = text.strip_prefix('@').filter(|_| kind != Data::Raw);
        let bytes = match path {
            None => text.as_bytes().to_vec(),
            Some("-") => return Err(not_understood("a body from standard input, @-")),
            Some(path) => {
                let mut bytes = file(path)?;
                if kind == Data::Text {
                    // As curl does with --data.
                    bytes.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
                }
                bytes
            }
        };
        match &mut self.body {
            Some(body) => {
                // --json puts its values one after the other.
                if !self.is_json {
                    body.push(b'&');
                }
                body.extend(bytes);
            }
            None => self.body = Some(bytes),
        }
        Ok(())
    }

    fn request(self) -> Result<Recorded, Failure> {
        let [url] = self.urls.as_slice() else {
            let count = self.urls.len();
            return Err(Failure::refused(format!("the curl command must have one address; it has {count}.")));
        };
        let mut url = url.clone();
        let mut body = self.body;
        if let Some(data) = body.take_if(|_| self.is_get) {
            let data = String::from_utf8(data).map_err(|_| not_understood("a query that is not text"))?;
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&data);
        }
        let by_data = if self.is_head {
            "HEAD"
        } else if body.is_some() {
            "POST"
        } else {
            "GET"
        };
        let mut headers = self.headers;
        let mut default = |name: &str, value: &str| {
            let is_there = headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
            if !is_there && !self.removed.iter().any(|removed| removed.eq_ignore_ascii_case(name)) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        };
        if body.is_some() {
            let form = "application/x-www-form-urlencoded";
            default("Content-Type", if self.is_json { "application/json" } else { form });
        }
        if let Some(user) = &self.user {
            default("Authorization", &format!("Basic {}", STANDARD.encode(user)));
        }
        let method = self.method.unwrap_or_else(|| by_data.to_owned());
        Recorded::new(&method, &url, headers, body.unwrap_or_default())
    }
}

/// How curl reads the value of an option with data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Data {
    /// `--data`: of a file without its line ends.
    Text,
    /// `--data-binary`: of a file as it is.
    Binary,
    /// `--data-raw`: never of a file.
    Raw,
}

/// The command in one line: a backslash at the end of a line joins it with the next one, but within
/// single quotes. `shlex` makes an empty word of it.
fn joined(text: &str) -> String {
    let (mut line, mut is_single, mut is_double) = (String::with_capacity(text.len()), false, false);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' if !is_double => is_single = !is_single,
            '"' if !is_single => is_double = !is_double,
            '\\' if !is_single => match characters.next() {
                Some('\n') => continue,
                Some(next) => {
                    line.extend(['\\', next]);
                    continue;
                }
                None => {}
            },
            _ => {}
        }
        line.push(character);
    }
    line
}

/// What in a command only a shell can know; `None` where there is no such thing.
fn not_expanded(text: &str) -> Option<&'static str> {
    #[derive(PartialEq)]
    enum In {
        Plain,
        Single,
        Double,
    }
    let (mut place, mut characters) = (In::Plain, text.chars().peekable());
    while let Some(character) = characters.next() {
        match (&place, character) {
            (In::Single, '\'') => place = In::Plain,
            (In::Single, _) => {}
            (_, '\\') => drop(characters.next()),
            (In::Double, '"') => place = In::Plain,
            (In::Plain, '"') => place = In::Double,
            (In::Plain, '\'') => place = In::Single,
            (In::Plain, '$') if characters.peek() == Some(&'\'') => return Some("text in $'...'"),
            (_, '$') => return Some("a variable or a command after $, which only your shell can expand"),
            (_, '`') => return Some("a command in backquotes, which only your shell can run"),
            (In::Plain, '|' | ';' | '&' | '<' | '>' | '(' | ')') => {
                return Some("more than one command, or an address with & that is not quoted");
            }
            _ => {}
        }
    }
    None
}

fn not_understood(what: &str) -> Failure {
    Failure::refused(format!("not understood in the curl command: {what}."))
        .then("Write the command out as it runs, or give the request as files: --headers, --body, --method and --url.")
}
