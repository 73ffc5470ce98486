//! A request as a curl command that any POSIX shell can run.

use std::fmt;

use recourse_dispute::shell::quoted;

use super::upload::Upload;

/// A request as curl makes it. `Display` is the command: one line, unless the body has line breaks.
pub(super) struct Curl<'a> {
    pub(super) method: &'static str,
    pub(super) url: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) data: Option<Data<'a>>,
}

/// Where a body is.
pub(super) enum Data<'a> {
    /// In the command itself.
    Text(&'a str),
    /// In a file, which curl reads.
    File(&'a str),
    /// In a file that curl uploads as a part of a form.
    Upload(&'a Upload),
}

impl fmt::Display for Curl<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Data::Upload(upload)) = self.data {
            write!(out, "{upload} | ")?;
        }
        write!(out, "curl -sS -X {}", self.method)?;
        // Without these options, curl would rewrite the path, and the signature would not match.
        if self.url.contains(['[', ']', '{', '}']) {
            write!(out, " --globoff")?;
        }
        if self.url.contains("/.") {
            write!(out, " --path-as-is")?;
        }
        write!(out, " {}", quoted(&self.url))?;
        for (name, value) in &self.headers {
            write!(out, " -H {}", quoted(&format!("{name}: {value}")))?;
        }
        match self.data {
            // Not --data, which reads a file when the text begins with an @.
            Some(Data::Text(text)) => write!(out, " --data-raw {}", quoted(text)),
            // Not --data, which leaves line breaks out.
            Some(Data::File(file)) => write!(out, " --data-binary {}", quoted(&format!("@{file}"))),
            Some(Data::Upload(_)) => write!(out, " --data-binary @-"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// The arguments that a shell passes to `curl` when it runs the line.
    fn words(line: &str) -> Vec<String> {
        let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{line}");
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{line}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    fn line(url: &str, data: Option<Data<'_>>) -> String {
        Curl { method: "POST", url: url.to_owned(), headers: vec![("X-A", "b'c".to_owned())], data }.to_string()
    }

    #[test]
    fn a_shell_passes_every_argument_to_curl_unchanged() {
        let url = "http://127.0.0.1:3000/x?a=b&c=$d";
        let body = "{\"refid\": \"it's $HOME `id` \\ \\n !\"}\n\n";
        let expected = ["-sS", "-X", "POST", url, "-H", "X-A: b'c", "--data-raw", body];
        assert_eq!(words(&line(url, Some(Data::Text(body)))), expected);
        let expected = ["-sS", "-X", "POST", url, "-H", "X-A: b'c", "--data-binary", "@a b/it's.json"];
        assert_eq!(words(&line(url, Some(Data::File("a b/it's.json")))), expected);
        assert_eq!(words(&line(url, None)).len(), 6);
    }

    #[test]
    fn curl_sends_the_signed_path() {
        assert!(line("http://x/a?b[]={c}", None).contains(" --globoff "));
        assert!(line("http://x/a/../b", None).contains(" --path-as-is "));
        assert_eq!(line("http://x/a", None), "curl -sS -X POST 'http://x/a' -H 'X-A: b'\\''c'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_shell_passes_any_body_to_curl_unchanged(body in "[^\0]{0,60}", tricky in "['\"\\\\$`!\n@ ]{0,12}") {
            for body in [body, tricky] {
                let words = words(&line("http://x/a", Some(Data::Text(&body))));
                prop_assert_eq!(words.last(), Some(&body));
            }
        }
    }
}
