"""Further mail programs; see clients.py."""

from html import escape

from bodies import INLINE, QUOTED
from clients import GMAIL, OLD_HTML, arrows, divs
from wire import alternative, part

YAHOO = {
    "en": "On Monday, November 3, 2025 at 10:02:11 AM GMT+8, Recourse <{to}> wrote: ",
    "ms": "Pada Isnin, 3 November 2025 10:02:11 PG MYT, Recourse <{to}> menulis: ",
    "zh": "2025年11月3日星期一 10:02:11 [GMT+8]，Recourse <{to}> 写道： ",
    "yo": "On Monday 3 November 2025 at 03:02:11 WAT, Recourse <{to}> wrote: ",
}


def yahoo(text, lang, to):
    intro = YAHOO[lang].format(to=to)
    # Yahoo quotes by a blank before each line, which nothing tells from new text but the introduction.
    plain = f" {text}\n\n    {intro} \n \n" + "\n".join(f" {line}" for line in QUOTED) + "  "
    html = (
        f'<html><body><div class="ydp1a2b3cyahoo-style-wrap" style="font-size:13px;">{divs(text)}</div><div id="yahoo_quoted_8123456789" class="yahoo_quoted"><div><div>{escape(intro)}</div><div><br></div><div>{OLD_HTML}</div></div></div></body></html>'
    )
    return alternative(plain, html, "----=_Part_1234_567.1762136107000"), ["X-Mailer: WebService/1.1.24652 YMailNorrin"]


def yahoo_html(text, lang, to):
    body, headers = yahoo(text, lang, to)
    return body[body.index(b"Content-Type: text/html") : body.rindex(b"\r\n------=")], headers


def yahoo_mobile(text, lang, to):
    intro = YAHOO[lang].format(to=to).replace(" at 10:02:11 AM GMT+8", " at 10:02 AM")
    app = {"zh": "从 Yahoo Mail Android 版发送", "ms": "Dihantar daripada Yahoo Mail pada Android"}.get(lang, "Sent from Yahoo Mail on Android")
    plain = f"{text}\n\n{app} \n \n  {intro}  {' '.join(line for line in QUOTED if line)}\n"
    html = f'{divs(text)}<br><div id="ymail_android_signature"><a href="https://mail.onelink.me/107872968">{app}</a></div><br> <blockquote style="margin: 0 0 20px 0;" class="yahoo_quoted"><div>{escape(intro)}</div>{OLD_HTML}</blockquote>'
    return alternative(plain, html, "----=_Part_98_76.1762136107001"), []


def flowed(lines, width=66):
    """RFC 3676: a line that goes on ends with a blank."""
    out = []
    for line in lines:
        while len(line) > width and " " in line[:width]:
            cut = line.rindex(" ", 0, width) + 1
            out.append(line[:cut])
            line = line[cut:]
        out.append(line)
    return "\n".join(out)


def thunderbird(text, lang, to, bottom=False):
    intro = {"zh": "在 2025/11/3 10:02, Recourse 写道:", "ms": "Pada 3/11/2025 10:02 PG, Recourse menulis:"}.get(lang, "On 03/11/2025 10:02, Recourse wrote:")
    new = flowed(text.split("\n"))
    plain = f"{intro}\n{arrows(QUOTED)}\n\n{new}\n" if bottom else f"{new}\n\n{intro}\n{arrows(QUOTED)}\n"
    plain += "\n-- \nsent from the office\n" if bottom else ""
    return part("text/plain", plain, transfer="8bit").replace(b'charset="utf-8"', b"charset=UTF-8; format=flowed"), ["User-Agent: Mozilla Thunderbird", "Content-Language: en-US"]


def thunderbird_html(text, lang, to):
    body = "<br>\n".join(escape(line) for line in text.split("\n"))
    html = (
        f'<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body><p>{body}</p><pre class="moz-signature" cols="72">-- \nNobody, nowhere</pre><div class="moz-cite-prefix">On 03/11/2025 10:02, Recourse wrote:<br></div>'
        f'<blockquote type="cite" cite="mid:first@email.amazonses.com">{OLD_HTML}</blockquote></body></html>'
    )
    return part("text/html", html, transfer="8bit"), ["User-Agent: Mozilla Thunderbird"]


def proton(text, lang, to):
    intro = f"On Monday, November 3rd, 2025 at 10:02 AM, Recourse <{to}> wrote:"
    plain = f"{text}\n\nSent with [Proton Mail](https://proton.me/mail/home) secure email.\n\n{intro}\n\n{arrows(QUOTED)}\n"
    html = (
        f'<div style="font-family: Arial, sans-serif; font-size: 14px;">{divs(text)}</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a href="https://proton.me/mail/home">Proton Mail</a> secure email.</div></div>'
        f'<div style="font-family: Arial"><br></div><div class="protonmail_quote">{escape(intro)}<br><br><blockquote class="protonmail_quote" type="cite">{OLD_HTML}</blockquote><br></div>'
    )
    return alternative(plain, html, "b1=_abcDEF123", transfer="base64"), []


def proton_html(text, lang, to):
    body, headers = proton(text, lang, to)
    return body[body.index(b"Content-Type: text/html") : body.rindex(b"\r\n--b1=")], headers


def samsung(text, lang, to):
    app = {"zh": "从我的三星 Galaxy 智能手机发送。", "ms": "Dihantar daripada telefon pintar Samsung Galaxy saya."}.get(lang, "Sent from my Galaxy")
    bar = {"zh": "-------- 原始信息 --------", "ms": "-------- Mesej asal --------"}.get(lang, "-------- Original message --------")
    head = {"zh": f"由： Recourse <{to}>\n日期： 2025/11/3 10:02 (GMT+08:00)\n收件人： chen.meiling@example.org\n主题： We received your report", "ms": f"Daripada: Recourse <{to}>\nTarikh: 3/11/2025 10:02 PG (GMT+08:00)\nKepada: nurul.aisyah@example.org\nPerkara: We received your report"}.get(lang, f"From: Recourse <{to}> \nDate: 03/11/2025  10:02  (GMT+08:00) \nTo: adaeze.obi@example.org \nSubject: We received your report ")
    plain = f"{text}\n\n\n{app}\n\n{bar}\n{head}\n\n" + "\n".join(QUOTED) + "\n"
    html = (
        f'<html><body dir="auto">{divs(text)}<div dir="auto"><br></div><div dir="auto"><div id="composer_signature" dir="auto">{app}</div></div><div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>{bar}</div>'
        + "".join(f"<div>{escape(line)}</div>" for line in head.split("\n")) + f"<div><br></div></div>{OLD_HTML}</body></html>"
    )
    return alternative(plain, html, "--_com.samsung.android.email_1762136107", transfer="base64"), []


def samsung_html(text, lang, to):
    body, headers = samsung(text, lang, to)
    return body[body.index(b"Content-Type: text/html") : body.rindex(b"\r\n----_com")], headers


def qq(text, lang, to):
    head = f'发件人:                                                                                                                        "Recourse"                                                                                    <{to}>;\n发送时间: 2025年11月3日(星期一) 上午10:02\n收件人: "陈美玲"<chen.meiling@example.org>;\n主题: We received your report'
    plain = f"{text}\n\n\n\n\n------------------ 原始邮件 ------------------\n{head}\n\n\n\n" + "\n".join(QUOTED)
    html = (
        f'{divs(text)}<div><includetail><!--<![endif]--></includetail></div><div><br></div><div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;">------------------&nbsp;原始邮件&nbsp;------------------</div>'
        f'<div style="font-size: 12px;background:#efefef;padding:8px;"><div><b>发件人:</b>&nbsp;"Recourse"&lt;{to}&gt;;</div><div><b>发送时间:</b>&nbsp;2025年11月3日(星期一) 上午10:02</div><div><b>收件人:</b>&nbsp;"陈美玲"&lt;chen.meiling@example.org&gt;;</div><div><b>主题:</b>&nbsp;We received your report</div></div><div><br></div>{OLD_HTML}'
    )
    return alternative(plain, html, "----=_NextPart_69081F2B_ABCD", charset="gb18030", transfer="base64"), ["X-QQ-mid: webmail812t1762136107t1234567", "X-Mailer: QQMail 2.x"]


def netease(text, lang, to):
    plain = f"{text}\n\n\n\n\n\n\n\n\n\n在 2025-11-03 10:02:11，\"Recourse\" <{to}> 写道：\n" + arrows(QUOTED) + "\n"
    html = (
        f'<div style="line-height:1.7;color:#000000;font-size:14px;font-family:Arial">{divs(text)}</div><br><br><br><div style="position:relative;zoom:1"></div><div id="divNeteaseMailCard"></div><p>在 2025-11-03 10:02:11，"Recourse" &lt;{to}&gt; 写道：</p>'
        f'<blockquote id="isReplyContent" style="PADDING-LEFT: 1ex; MARGIN: 0px 0px 0px 0.8ex; BORDER-LEFT: #ccc 1px solid">{OLD_HTML}</blockquote>'
    )
    return alternative(plain, html, "----=_Part_141_99.1762136107", charset="gbk", transfer="base64"), ["X-CM-HeaderCharset: UTF-8"]


def inline_plain(lang, to, introduced=True):
    pairs = INLINE[lang]
    plain = GMAIL[lang].format(to=to) + "\n\n" if introduced else ""
    plain += "".join(f"> {question}\n\n{answer}\n\n" for question, answer in pairs) + "> The payment platform's dispute team\n"
    return part("text/plain", plain), [], "\n\n".join(answer for _, answer in pairs)


def inline_gmail_html(lang, to):
    pairs = INLINE[lang]
    quote = '<blockquote class="gmail_quote" style="margin:0">'
    html = f'<div dir="ltr"><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{escape(GMAIL[lang].format(to=to))}<br></div>'
    html += "".join(f"{quote}{escape(question)}</blockquote><div><br></div>{divs(answer)}<div><br></div>" for question, answer in pairs)
    return part("text/html", html + f"{quote}The payment platform's dispute team</blockquote></div></div>"), [], "\n\n".join(answer for _, answer in pairs)


def inline_apple_html(lang, to):
    pairs = INLINE[lang]
    html = "<html><body>" + "".join(f'<blockquote type="cite"><div>{escape(question)}</div></blockquote><div><br></div>{divs(answer)}<br>' for question, answer in pairs)
    return part("text/html", html + '<blockquote type="cite"><div>Regards</div></blockquote></body></html>'), [], "\n\n".join(answer for _, answer in pairs)
