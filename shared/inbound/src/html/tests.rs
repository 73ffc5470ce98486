use super::*;

#[test]
fn blocks_and_breaks_are_lines() {
    for (document, expected) in [
        ("a<br>b", "a\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc\n"),
        ("  a \n\n b <b>c</b>d ", "a b cd"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
        ("a<script>b</script><style>c</style><!-- d -->e", "ae"),
        ("<div style='display: none'>a<div>b</div></div>c", "c"),
        ("<span style='DISPLAY:NONE !important'>a</span>b", "b"),
        ("&lt;b&gt; &amp;amp; &#128512;", "<b> &amp; 😀"),
        ("x<br>\u{202e}y&#x202e;z&#8203;", "x\nyz"),
        ("<blockquote type=cite>a<br>b</blockquote>c", "> a\n> b\n\nc"),
        ("On 3 Nov, a@b.test wrote:<blockquote>a</blockquote>b", "On 3 Nov, a@b.test wrote:\n> a\n\nb"),
        ("<blockquote>mine</blockquote>", "mine\n"),
        ("a</div></p></blockquote>b", "a\nb"),
        ("<div id=divRplyFwdMsg>a</div>b", "\0\na\nb"),
        ("<div>a<div class=gmail_signature>me</div>b", "a\nb"),
    ] {
        assert_eq!(lines(document).join("\n"), expected, "{document}");
    }
}
