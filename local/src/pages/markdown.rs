//! The little of Markdown that descriptions in openapi.yaml use: paragraphs, lists, code, bold, and links to the web.
//!
//! Everything is escaped first, so what comes out holds no tags but the ones made here.

use std::fmt;

/// HTML that may stand in a page as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// askama escapes everything else.
impl askama::filters::HtmlSafe for Html {}

/// Renders `text`.
pub(super) fn render(text: &str) -> Html {
    let mut html = String::new();
    let mut blocks = text.trim().split("```");
    // Every second block stands between two fences.
    while let Some(prose) = blocks.next() {
        for paragraph in prose.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
            html.push_str(&block(paragraph));
        }
        if let Some(code) = blocks.next() {
            let code = code.split_once('\n').map_or(code, |(_, lines)| lines);
            html.push_str(&format!("<pre tabindex=\"0\"><code>{}</code></pre>", escaped(code.trim_end())));
        }
    }
    Html(html)
}

/// Renders `text` as one line, without a paragraph around it.
pub(super) fn render_line(text: &str) -> Html {
    Html(inline(text))
}

/// A list when every item starts with `- `, else a paragraph.
fn block(text: &str) -> String {
    let Some(items) = text.strip_prefix("- ") else { return format!("<p>{}</p>", inline(text)) };
    let items: String = items.split("\n- ").map(|item| format!("<li>{}</li>", inline(item))).collect();
    format!("<ul>{items}</ul>")
}

/// Code, bold and links within a line.
fn inline(text: &str) -> String {
    let mut html = String::new();
    let mut parts = text.split('`');
    while let Some(prose) = parts.next() {
        let mut bold = false;
        for (index, piece) in prose.split("**").enumerate() {
            if index > 0 {
                html.push_str(if bold { "</b>" } else { "<b>" });
                bold = !bold;
            }
            html.push_str(&links(piece));
        }
        if bold {
            html.push_str("</b>");
        }
        if let Some(code) = parts.next() {
            html.push_str(&format!("<code>{}</code>", escaped(code)));
        }
    }
    html
}

/// `[text](https://..)`; any other target stays text.
fn links(text: &str) -> String {
    let link = text.split_once('[').and_then(|(before, rest)| {
        let (label, rest) = rest.split_once("](")?;
        let (target, after) = rest.split_once(')')?;
        let web = target.starts_with("https://") || target.starts_with("http://");
        web.then(|| {
            format!("{}<a href=\"{}\">{}</a>{}", escaped(before), escaped(target), escaped(label), links(after))
        })
    });
    link.unwrap_or_else(|| escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_code_bold_and_links() {
        for (text, html) in [
            ("one\nline\n\ntwo", "<p>one\nline</p><p>two</p>"),
            ("- `a`\n- **b** c", "<ul><li><code>a</code></li><li><b>b</b> c</li></ul>"),
            (
                "see [it](https://a.example/?x=1&y=2), now",
                "<p>see <a href=\"https://a.example/?x=1&amp;y=2\">it</a>, now</p>",
            ),
            (
                "a\n```json\n{\"b\": \"`**\"}\n```\nc",
                "<p>a</p><pre tabindex=\"0\"><code>{&quot;b&quot;: &quot;`**&quot;}</code></pre><p>c</p>",
            ),
            ("open `code", "<p>open <code>code</code></p>"),
            ("**open", "<p><b>open</b></p>"),
            ("", ""),
        ] {
            assert_eq!(render(text).to_string(), html);
        }
    }

    #[test]
    fn nothing_of_the_text_becomes_a_tag() {
        let text = "<img src=x onerror=alert(1)> `<b>` **<i>** [<u>](https://x.example/\"onclick=\"a) [x](javascript:alert(1))\n```\n</pre>\n```";
        let html = render(text).to_string();
        for tag in ["<img", "<i>", "<u>", "onclick=\"", "href=\"javascript", "</pre>\n"] {
            assert!(!html.contains(tag), "{tag}: {html}");
        }
    }
}
