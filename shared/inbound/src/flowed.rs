//! Flowed text (RFC 3676): a line that ends with a blank goes on in the next.

/// The lines as they were written. Quoted lines keep their marks, and are not joined: what they say
/// is not read.
pub(crate) fn lines(text: &str, deletes_space: bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let is_quoted = line.starts_with('>');
        // A blank that was put before a line to keep it apart from quotes.
        let line = if is_quoted { line } else { line.strip_prefix(' ').unwrap_or(line) };
        let is_flowed = !is_quoted && line.ends_with(' ') && line != "-- ";
        let content = if is_flowed && deletes_space { line.get(..line.len() - 1).unwrap_or(line) } else { line };
        match out.last_mut().filter(|_| goes_on && !is_quoted && line != "-- ") {
            Some(last) => last.push_str(content),
            None => out.push(content.to_owned()),
        }
        goes_on = is_flowed;
    }
    out
}

#[cfg(test)]
mod tests;
