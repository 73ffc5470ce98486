"""How mail programs write an answer: where the new text stands, how the old text is introduced and quoted.

Each function takes the new text, the language and the address that the quoted mail came from, and gives
the mail's body (with its Content-Type) as bytes, and further headers.
"""

from html import escape

from bodies import QUOTED
from wire import alternative, part


def arrows(lines):
    return "\n".join(f"> {line}" if line else ">" for line in lines)


def divs(text):
    """Gmail's and Outlook's web form: a line is a div, an empty line a div with a break."""
    return "".join(f"<div>{escape(line)}</div>" if line else "<div><br></div>" for line in text.split("\n"))


def paragraphs(text, attributes=""):
    blocks = text.split("\n\n")
    return "".join(f"<p{attributes}>" + "<br>\n".join(escape(line) for line in block.split("\n")) + "</p>\n" for block in blocks)


OLD_HTML = "<p>" + "</p><p>".join(escape(line) for line in QUOTED if line) + "</p>"

GMAIL = {
    "en": "On Mon, 3 Nov 2025 at 10:02, Recourse <{to}> wrote:",
    "en-US": "On Mon, Nov 3, 2025 at 10:02 AM Recourse <{to}> wrote:",
    "ms": "Pada Isn, 3 Nov 2025 pada 10:02 PG Recourse <{to}> menulis:",
    "zh": "Recourse <{to}> 于2025年11月3日周一 10:02写道：",
    "zh-TW": "Recourse <{to}> 於 2025年11月3日 週一 上午10:02寫道：",
    "yo": "On Mon, 3 Nov 2025 at 03:02, Recourse <{to}> wrote:",
    "id": "Pada Sen, 3 Nov 2025 pukul 10.02 Recourse <{to}> menulis:",
    "fr": "Le lun. 3 nov. 2025 à 10:02, Recourse <{to}> a écrit :",
}


def gmail(text, lang, to, locale=None, kind="quoted-printable"):
    intro = GMAIL[locale or lang].format(to=to)
    # Gmail breaks the line of a long introduction in its plain text.
    plain_intro = intro.replace("> wrote:", ">\nwrote:").replace("> menulis:", ">\nmenulis:") if len(intro) > 75 else intro
    plain = f"{text}\n\n{plain_intro}\n\n{arrows(QUOTED)}\n"
    html = (
        f'<div dir="ltr">{divs(text)}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f'{escape(intro).replace(to, f"<a href=&quot;mailto:{to}&quot;>{to}</a>")}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">{OLD_HTML}</blockquote></div>'
    )
    return alternative(plain, html, "000000000000a1b2c306428f1b2d", transfer=kind), ["X-Gm-Message-State: AOJu0Yx"]


def gmail_html_only(text, lang, to):
    intro = GMAIL[lang].format(to=to)
    html = (
        f'<div dir="auto">{divs(text)}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{escape(intro)}<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{OLD_HTML}</blockquote></div>'
    )
    return part("text/html", html), []


def gmail_signature(text, lang, to):
    intro = GMAIL[lang].format(to=to)
    plain = f"{text}\n\n{intro}\n\n{arrows(QUOTED)}\n\n\n-- \nAdaeze Obi\nLagos Retail Ltd | +234 1 555 0100\n"
    html = (
        f'<div dir="ltr">{divs(text)}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{escape(intro)}<br></div><blockquote class="gmail_quote">{OLD_HTML}</blockquote></div>'
        '<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr"><b>Adaeze Obi</b><div>Lagos Retail Ltd</div></div></div>'
    )
    return alternative(plain, html, "00000000000071b2c306428f1b2d"), []


OUTLOOK = {
    "en": ("From: Recourse <{to}>", "Sent: Monday, November 3, 2025 10:02 AM", "To: Adaeze Obi <adaeze.obi@example.org>", "Subject: [RC-4fQ9zLk2] We received your report"),
    "ms": ("Daripada: Recourse <{to}>", "Dihantar: Isnin, 3 November 2025 10:02 PG", "Kepada: Nurul Aisyah <nurul.aisyah@example.org>", "Subjek: [RC-4fQ9zLk2] We received your report"),
    "zh": ("发件人: Recourse <{to}>", "发送时间: 2025年11月3日 10:02", "收件人: 陈美玲 <chen.meiling@example.org>", "主题: [RC-4fQ9zLk2] We received your report"),
    "zh-full": ("发件人： Recourse <{to}>", "发送时间： 2025年11月3日星期一 10:02", "收件人： 陈美玲 <chen.meiling@example.org>", "抄送： 林先生 <lin@example.org>", "主题： [RC-4fQ9zLk2] We received your report"),
    "yo": ("From: Recourse <{to}>", "Sent: 03 November 2025 03:02", "To: folasade@mail.test", "Cc: ops@mail.test", "Subject: [RC-4fQ9zLk2] We received your report"),
}


def outlook_head(lang, to):
    return [line.format(to=to) for line in OUTLOOK[lang]]


def bold_head(lines):
    pairs = [line.split(":", 1) if ":" in line else line.split("：", 1) for line in lines]
    return "<br>\n".join(f"<b>{escape(name)}:</b>{escape(value)}" for name, value in pairs)


def outlook_desktop(text, lang, to, form=None):
    head = outlook_head(form or lang, to)
    plain = f"{text}\n\n" + "\n".join(head) + "\n\n" + "\n\n".join(line for line in QUOTED if line) + "\n"
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0cm;} --></style></head><body lang="EN-GB"><div class="WordSection1">'
        + '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'.join(paragraphs(block, ' class="MsoNormal"') for block in text.split("\n\n"))
        + f'<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{bold_head(head)}<o:p></o:p></p></div></div>{OLD_HTML}</div></body></html>'
    )
    return alternative(plain, html, "_000_SG2PR01MB1234ABCDEF_"), ["X-MS-Has-Attach:", "Thread-Topic: [RC-4fQ9zLk2] We received your report", "X-MS-Exchange-MessageSentRepresentingType: 1"]


def outlook_desktop_html(text, lang, to):
    body, headers = outlook_desktop(text, lang, to)
    start = body.index(b"Content-Type: text/html")
    return body[start : body.rindex(b"\r\n--_000_")], headers


def outlook_original(text, lang, to):
    """Outlook set to plain text."""
    head = outlook_head(lang, to)
    plain = f"{text}\n\n-----Original Message-----\n" + "\n".join(head) + "\n\n" + "\n".join(QUOTED) + "\n"
    return part("text/plain", plain, charset="utf-8"), ["X-Mailer: Microsoft Outlook 16.0"]


def outlook_web(text, lang, to):
    head = outlook_head(lang, to)
    plain = f"{text}\n________________________________\n" + "\n".join(head) + "\n\n" + "\n".join(QUOTED) + "\n"
    html = (
        f'<html><head><style type="text/css" style="display:none;">P {{margin-top:0;margin-bottom:0;}}</style></head><body dir="ltr"><div class="elementToProof" style="font-family: Aptos">{divs(text)}</div>'
        f'<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{bold_head(head)}</font><div>&nbsp;</div></div><div>{OLD_HTML}</div></body></html>'
    )
    return alternative(plain, html, "_000_PSAPR02MB5678_", transfer="base64"), []


def outlook_web_html(text, lang, to):
    body, headers = outlook_web(text, lang, to)
    return body[body.index(b"Content-Type: text/html") : body.rindex(b"\r\n--_000_")], headers


def outlook_mobile(text, lang, to):
    head = outlook_head(lang, to)
    app = {"ms": "Dapatkan Outlook untuk Android<https://aka.ms/AAb9ysg>", "zh": "获取 Outlook for iOS<https://aka.ms/o0ukef>"}.get(lang, "Get Outlook for iOS<https://aka.ms/o0ukef>")
    plain = f"{text}\n\n{app}\n________________________________\n" + "\n".join(head) + "\n\n" + "\n".join(QUOTED) + "\n"
    html = (
        f'<html><body><div dir="auto">{divs(text)}</div><div id="ms-outlook-mobile-signature" dir="auto"><div>Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div></div>'
        f'<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr">{bold_head(head)}</div>{OLD_HTML}</body></html>'
    )
    return alternative(plain, html, "_000_TYZPR03MB9012_"), []


APPLE = {
    "en": "On 3 Nov 2025, at 10:02\u202fAM, Recourse <{to}> wrote:",
    "ms": "Pada 3 Nov 2025, pada 10:02 PG, Recourse <{to}> menulis:",
    "zh": "在 2025年11月3日，10:02，Recourse <{to}> 写道：",
    "yo": "On 3 Nov 2025, at 03:02, Recourse <{to}> wrote:",
}


def apple_mail(text, lang, to):
    intro = APPLE[lang].format(to=to)
    # Older versions quote the introduction too.
    start = f"> {intro}\n> " if lang in ("ms", "zh") else f"{intro}\n"
    plain = f"{text}\n\n{start}\n{arrows(QUOTED)}\n"
    html = (
        f'<html><head></head><body style="overflow-wrap: break-word;">{divs(text)}<div><br><blockquote type="cite"><div>{escape(intro)}</div><br class="Apple-interchange-newline"><div>{OLD_HTML}</div></blockquote></div><br></body></html>'
    )
    return alternative(plain, html, "Apple-Mail=_5E6F7A8B-1C2D-4E3F-9A0B-1C2D3E4F5A6B"), ["X-Mailer: Apple Mail (2.3826.200.121)"]


PHONE = {"en": "Sent from my iPhone", "ms": "Dihantar daripada iPhone saya", "zh": "发自我的 iPhone", "yo": "Sent from my iPhone"}


def ios_mail(text, lang, to):
    intro = APPLE[lang].format(to=to)
    plain = f"{text}\n\n{PHONE[lang]}\n\n> {intro}\n> \n> {QUOTED[0]}\n{arrows(QUOTED[1:])}\n"
    html = (
        f'<html><body dir="auto">{divs(text)}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{PHONE[lang]}</div><div dir="ltr"><br><blockquote type="cite">{escape(intro)}<br><br></blockquote></div>'
        f'<blockquote type="cite"><div dir="ltr">\ufeff{OLD_HTML}</div></blockquote></body></html>'
    )
    return alternative(plain, html, "Apple-Mail-0C1D2E3F-4A5B-6C7D"), ["X-Mailer: iPhone Mail (22G86)"]


def ios_html(text, lang, to):
    body, headers = ios_mail(text, lang, to)
    return body[body.index(b"Content-Type: text/html") : body.rindex(b"\r\n--Apple")], headers
