//! The descriptions of openapi.yaml, from Markdown to HTML.
//!
//! A description cannot bring tags of its own: raw HTML is shown as text. Links lead to the web
//! only, and images are replaced by their text.

use std::fmt;

use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd, html};

/// HTML that a page shows as it is.
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
    to_html(safe(text))
}

/// Renders `text` as one line, without a paragraph around it.
pub(super) fn render_line(text: &str) -> Html {
    let is_paragraph =
        |event: &Event<'_>| matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph));
    to_html(safe(text).filter(|event| !is_paragraph(event)))
}

fn to_html<'a>(events: impl Iterator<Item = Event<'a>>) -> Html {
    let mut rendered = String::new();
    html::push_html(&mut rendered, events);
    Html(rendered.trim_end().to_owned())
}

/// The events of `text`: without those that a description must not have, and with code blocks that
/// the keyboard can scroll.
fn safe(text: &str) -> impl Iterator<Item = Event<'_>> {
    let mut is_web_link = false;
    Parser::new(text).filter_map(move |event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::CodeBlock(_)) => Some(Event::Html(CowStr::Borrowed("<pre tabindex=\"0\"><code>"))),
        Event::End(TagEnd::CodeBlock) => Some(Event::Html(CowStr::Borrowed("</code></pre>\n"))),
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            is_web_link = dest_url.starts_with("https://") || dest_url.starts_with("http://");
            is_web_link.then_some(event)
        }
        // A link has no link within it.
        Event::End(TagEnd::Link) => is_web_link.then_some(event),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        other => Some(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html() {
        for (text, html) in [
            ("one\nline\n\ntwo", "<p>one\nline</p>\n<p>two</p>"),
            ("- `a`\n- **b** c", "<ul>\n<li><code>a</code></li>\n<li><strong>b</strong> c</li>\n</ul>"),
            (
                "see [it](https://a.example/?x=1&y=2), now",
                "<p>see <a href=\"https://a.example/?x=1&amp;y=2\">it</a>, now</p>",
            ),
            (
                "a\n```json\n{\"b\": \"`**\"}\n```\nc",
                "<p>a</p>\n<pre tabindex=\"0\"><code>{\"b\": \"`**\"}\n</code></pre>\n<p>c</p>",
            ),
            ("", ""),
        ] {
            assert_eq!(render(text).to_string(), html);
        }
        assert_eq!(render_line("a `b`").to_string(), "a <code>b</code>");
    }

    #[test]
    fn nothing_of_the_text_becomes_a_tag() {
        for text in [
            "<img src=x onerror=alert(1)> `<b>` **<i>** [<u>](https://x.example/\"onclick=\"a)",
            "[x](javascript:alert(1)) [y]( JavaScript:alert(1)) <javascript:alert(1)>",
            "![z](https://x.example/z.png) ![w](javascript:alert(1))",
            "```\n</pre><img>\n```",
            "```\"><img>\ncode\n```",
            "<script>\nalert(1)\n</script>",
            "[a]\n\n[a]: javascript:alert(1) \"<img>\"",
        ] {
            let html = render(text).to_string();
            for tag in ["<img", "<i>", "<u>", "<script", "onclick=\"", "href=\"javascript", "href=\" ", "</pre><"] {
                assert!(!html.to_lowercase().contains(tag), "{tag}: {html}");
            }
        }
    }
}
