"""Mails that are odd: broken charsets and encodings, attachments, forwards, signatures, senders that are none.

Each row is a dictionary: id, lang, body (bytes with its own Content-Type), and what differs from an ordinary answer.
"""

from clients import GMAIL, arrows, divs, outlook_head
from bodies import QUOTED
from wire import crlf, multipart, part

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(80))


def raw(content_type, body, transfer="8bit"):
    return crlf(f"Content-Type: {content_type}\nContent-Transfer-Encoding: {transfer}\n\n").encode() + body


def charsets():
    chinese = "您好，退款还没有到账，请再查一下。谢谢。"
    latin = "Le café n’a pas été livré – je n’ai rien reçu."
    west = "Señor Muñoz no recibió el reembolso. Gracias."
    malay = "Saya belum terima bayaran balik, RM30."
    yoruba = "Mo ti rí owó mi gbà. Ẹ ṣé."
    rows = [
        ("gb2312", "zh", raw("text/plain; charset=gb2312", chinese.encode("gb2312")), chinese),
        ("gbk", "zh", raw("text/plain; charset=GBK", chinese.encode("gbk")), chinese),
        ("gb18030", "zh", raw("text/plain; charset=\"gb18030\"", chinese.encode("gb18030")), chinese),
        ("big5", "zh", raw("text/plain; charset=big5", "您好，退款還沒有到帳。".encode("big5")), "您好，退款還沒有到帳。"),
        ("utf8-as-gb2312", "zh", raw("text/plain; charset=gb2312", chinese.encode()), chinese),
        ("utf8-as-gb18030", "zh", raw("text/plain; charset=gb18030", chinese.encode()), chinese),
        ("gb18030-as-utf8", "zh", raw("text/plain; charset=utf-8", chinese.encode("gb18030")), chinese),
        ("gbk-unlabelled", "zh", raw("text/plain", chinese.encode("gbk")), chinese),
        ("utf8-unlabelled", "zh", raw("text/plain", chinese.encode()), chinese),
        ("utf8-as-ascii", "zh", raw("text/plain; charset=us-ascii", chinese.encode()), chinese),
        ("utf8-as-latin1", "yo", raw("text/plain; charset=iso-8859-1", yoruba.encode()), yoruba),
        ("utf8-as-1252", "yo", raw("text/plain; charset=windows-1252", yoruba.encode()), yoruba),
        ("utf8-unknown-name", "yo", raw("text/plain; charset=x-unknown", yoruba.encode()), yoruba),
        ("utf8-empty-name", "yo", raw("text/plain; charset=\"\"", yoruba.encode()), yoruba),
        ("utf8-quoted-name", "yo", raw("text/plain; charset='utf-8'", yoruba.encode()), yoruba),
        ("utf8-misspelt", "yo", raw("text/plain; charset=utf8mb4", yoruba.encode()), yoruba),
        ("1252", "en", raw("text/plain; charset=windows-1252", latin.encode("cp1252")), latin),
        ("1252-as-latin1", "en", raw("text/plain; charset=iso-8859-1", latin.encode("cp1252")), latin),
        ("1252-as-utf8", "en", raw("text/plain; charset=utf-8", latin.encode("cp1252")), latin),
        ("1252-unlabelled", "en", raw("text/plain", west.encode("cp1252")), west),
        ("latin1-as-ascii", "en", raw("text/plain; charset=us-ascii", west.encode("latin-1")), west),
        ("utf7", "en", raw("text/plain; charset=utf-7", "I paid +IKw-30.".encode(), "7bit"), "I paid €30."),
        ("utf16", "ms", part("text/plain", malay, charset="utf-16", transfer="base64"), malay),
        ("bom", "ms", raw("text/plain; charset=utf-8", b"\xef\xbb\xbf" + malay.encode()), malay),
        ("html-meta", "zh", raw("text/html; charset=gb2312", f'<html><head><meta charset="gb2312"></head><body><p>{chinese}</p></body></html>'.encode("gb2312")), chinese),
        ("html-entities", "en", raw("text/html; charset=us-ascii", b"<p>10&nbsp;000 &#8358; &amp; nothing else &mdash; &#x63;orrect.</p>", "7bit"), "10 000 ₦ & nothing else — correct."),
        ("binary-transfer", "zh", raw("text/plain; charset=utf-8", chinese.encode(), "binary"), chinese),
        ("unknown-transfer", "ms", raw("text/plain; charset=utf-8", malay.encode(), "x-none"), malay),
        ("base64-one-line", "zh", raw("text/plain; charset=utf-8", "5oKo5aW977yM6YCA6L+Y5rKh5pyJ5Yiw6LSm44CC".encode(), "base64"), "您好，退还没有到账。"),
        ("base64-no-padding", "ms", raw("text/plain; charset=utf-8", b"U2F5YSBiZWx1bSB0ZXJpbWEgYmF5YXJhbiBiYWxpaw", "base64"), "Saya belum terima bayaran balik"),
        ("base64-stray", "ms", raw("text/plain; charset=utf-8", b"U2F5YSBiZWx1bSB0ZXJp*bWEgYmF5YXJhbiBiYWxpaw==\r\n", "base64"), "Saya belum terima bayaran balik"),
        ("base64-not", "en", raw("text/plain; charset=utf-8", b"This was never base64, it only says so.\r\nThe refund is missing.", "base64"), "This was never base64, it only says so.\nThe refund is missing."),
        ("qp-broken", "en", raw("text/plain; charset=utf-8", b"The sum = 10,000 and 50=25 of it is=\r\n missing =XY.", "quoted-printable"), "The sum = 10,000 and 50% of it is missing =XY."),
        ("qp-lower", "zh", raw("text/plain; charset=utf-8", b"=e8=b0=a2=e8=b0=a2", "quoted-printable"), "谢谢"),
        ("qp-cut", "zh", raw("text/plain; charset=utf-8", b"=E8=B0=A2=E8=B0=A2 OK=", "quoted-printable"), "谢谢 OK"),
        ("nul-bytes", "en", raw("text/plain; charset=utf-8", b"No\x00thing a\x07rrived.\x1b[31m"), "Nothing arrived.[31m"),
        ("invisible", "en", raw("text/plain; charset=utf-8", "Pay\u200b 10\u202e naira\u2066 now\u2069\ufeff.".encode()), "Pay 10 naira now."),
        ("bare-cr", "en", raw("text/plain; charset=utf-8", b"One line\rand another"), "One line\nand another"),
        ("bare-lf", "en", b"Content-Type: text/plain\n\nOne line\nand another\n", "One line\nand another"),
    ]
    return [{"id": f"charset-{name}", "lang": lang, "body": body, "text": text} for name, lang, body, text in rows]


def attachment(name, kind, content, how="attachment", extra=()):
    return part(kind, content, extra=[f"Content-Disposition: {how}; {name}", *extra])


def attachments():
    text = "Please see the receipt."
    rows = [
        ("pdf", 'filename="receipt.pdf"', "application/pdf", PDF, "receipt.pdf"),
        ("rfc2231", "filename*=UTF-8''%E6%94%B6%E6%8D%AE.pdf", "application/pdf", PDF, "收据.pdf"),
        ("rfc2231-parts", "filename*0*=UTF-8''resit%20; filename*1*=bayaran; filename*2=\".pdf\"", "application/pdf", PDF, "resit bayaran.pdf"),
        ("rfc2047", 'filename="=?UTF-8?B?5pS25o2uLmpwZw==?="', "image/jpeg", JPEG, "收据.jpg"),
        ("gbk-word", 'filename="=?GBK?B?ytW+3S5qcGc=?="', "image/jpeg", JPEG, "收据.jpg"),
        ("path", 'filename="C:\\\\Users\\\\Ade\\\\receipt.pdf"', "application/pdf", PDF, "receipt.pdf"),
        ("traversal", 'filename="../../etc/passwd"', "application/octet-stream", b"x", "passwd"),
        ("bidi", "filename*=UTF-8''receipt%E2%80%AEfdp.exe", "application/pdf", PDF, "receiptfdp.exe"),
        ("unquoted", "filename=my receipt.pdf", "application/pdf", PDF, None),
        ("yoruba", "filename*=UTF-8''%C3%8Cw%C3%A9%20%E1%BA%B9%CC%80r%C3%AD.png", "image/png", PNG, "Ìwé ẹ̀rí.png"),
    ]
    out = []
    for name, parameter, kind, content, shown in rows:
        body = multipart("mixed", [part("text/plain", text), attachment(parameter, kind, content)], "b-attach")
        listed = [{"name": shown, "bytes": len(content), "kind": "file", "inline": False}] if shown else None
        out.append({"id": f"attachment-{name}", "lang": "en", "body": body, "text": text, "attachments": listed})
    photo = multipart("related", [part("text/html", "<p>See my photo:</p><img src=\"cid:p1\">"), attachment('filename="image001.png"', "image/png", PNG, "inline", ["Content-ID: <p1>"])], "b-rel")
    out.append({"id": "attachment-inline", "lang": "en", "body": photo, "text": "See my photo:", "attachments": [{"name": "image001.png", "bytes": len(PNG), "kind": "file", "inline": True}]})
    apple = multipart("mixed", [part("text/plain", "The front:\n"), attachment("filename=front.jpeg", "image/jpeg; name=front.jpeg", JPEG, "inline"), part("text/plain", "\nThe back:\n"), attachment("filename=back.jpeg", "image/jpeg; name=back.jpeg", JPEG, "inline"), part("text/plain", "\nThat is all.")], "Apple-Mail-9")
    out.append({"id": "attachment-between-texts", "lang": "en", "body": apple, "text": "The front:\n\nThe back:\n\nThat is all.", "attachments": [{"name": f"{side}.jpeg", "bytes": len(JPEG), "kind": "file", "inline": True} for side in ("front", "back")]})
    nested = crlf("Content-Type: message/rfc822\nContent-Disposition: attachment; filename=\"old mail.eml\"\n\nFrom: a@example.org\nTo: cases+aaaaaaaqqqqqqqqqqqqqqqqqqq@example.com\nSubject: old\n\nOld words.\n").encode()
    out.append({"id": "attachment-message", "lang": "en", "body": multipart("mixed", [part("text/plain", text), nested], "b-msg"), "text": text, "attachments": [{"name": "old mail.eml", "bytes": None, "kind": "message", "inline": False}]})
    tnef = attachment('filename="winmail.dat"', "application/ms-tnef", b"\x78\x9f\x3e\x22" + bytes(40))
    out.append({"id": "attachment-tnef", "lang": "en", "body": multipart("mixed", [part("text/plain", text), tnef], "b-tnef"), "text": text, "attachments": [{"name": "winmail.dat", "bytes": 44, "kind": "tnef", "inline": False}]})
    many = multipart("mixed", [part("text/plain", text)] + [attachment(f"filename={n}.txt", "text/plain", b"x") for n in range(25)], "b-many")
    out.append({"id": "attachment-many", "lang": "en", "body": many, "text": text, "attachments": [{"name": f"{n}.txt", "bytes": 1, "kind": "file", "inline": False} for n in range(20)], "more": 5})
    csv = multipart("mixed", [part("text/plain", text), part("text/csv; name=rows.csv", "a,b\n1,2\n")], "b-csv")
    out.append({"id": "attachment-csv", "lang": "en", "body": csv, "text": text, "attachments": [{"name": "rows.csv", "bytes": 10, "kind": "file", "inline": False}]})
    for name, micalg in (("smime", "application/pkcs7-signature; name=smime.p7s"), ("pgp", "application/pgp-signature; name=signature.asc")):
        shown = micalg.rsplit("=", 1)[1]
        signed = multipart("signed", [part("text/plain", text), attachment(f'filename="{shown}"', micalg, b"0\x82" + bytes(50))], "b-sig", f"; protocol=\"{micalg.split(';')[0]}\"; micalg=sha-256")
        out.append({"id": f"signed-{name}", "lang": "en", "body": signed, "text": text, "attachments": [{"name": shown, "bytes": 52, "kind": "signature", "inline": False}]})
    return out


def forwards(to):
    head = f"From: Shop <shop@shop.test>\nDate: Mon, 3 Nov 2025 at 09:00\nSubject: Your order\nTo: Adaeze Obi <adaeze.obi@example.org>\n\n\nWe cannot help you with this.\n"
    rows = [
        ("gmail", "en", "The shop answered me, see below.", "---------- Forwarded message ---------\n" + head),
        ("gmail-ms", "ms", "Lihat jawapan kedai di bawah.", "---------- Mesej yang dimajukan ---------\nDaripada: Kedai <kedai@kedai.test>\nTarikh: Isn, 3 Nov 2025\nPerkara: Pesanan\nKepada: <nurul.aisyah@example.org>\n\nKami tidak dapat membantu.\n"),
        ("gmail-zh", "zh", "请看商店的回复。", "---------- Forwarded message ---------\n发件人： Shop <shop@shop.test>\nDate: 2025年11月3日周一 09:00\nSubject: 订单\nTo: <chen.meiling@example.org>\n\n我们无法处理。\n"),
        ("apple", "en", "See what they wrote.", "Begin forwarded message:\n\n> From: Shop <shop@shop.test>\n> Subject: Your order\n> Date: 3 November 2025 at 09:00:00\n> To: adaeze.obi@example.org\n> \n> We cannot help.\n"),
        ("apple-zh", "zh", "见下。", "开始转发的邮件：\n\n> 发件人: Shop <shop@shop.test>\n> 主题: 订单\n> 日期: 2025年11月3日\n> 收件人: chen.meiling@example.org\n> \n> 我们无法处理。\n"),
        ("outlook", "en", "FYI", "\n".join(["________________________________", *outlook_head("en", to)]) + "\n\nWe cannot help.\n"),
        ("thunderbird", "en", "Their answer:", "-------- Forwarded Message --------\nSubject: \tYour order\nDate: \tMon, 3 Nov 2025 09:00:00 +0800\nFrom: \tShop <shop@shop.test>\nTo: \tadaeze.obi@example.org\n\n\n\nWe cannot help.\n"),
        ("nothing-new", "en", "", "---------- Forwarded message ---------\n" + head),
    ]
    return [{"id": f"forward-{name}", "lang": lang, "body": part("text/plain", f"{new}\n\n{old}" if new else old), "text": new, "subject": "Fwd: Your order"} for name, lang, new, old in rows]


def writing(to):
    """Texts that look like quotes and are none, quotes that nothing introduces, and answers without a new word."""
    intro = GMAIL["en"].format(to=to)
    quote = arrows(QUOTED)
    rows = [
        ("only-quote", "", f"{intro}\n\n{quote}\n"),
        ("only-phone-line", "", f"Sent from my iPhone\n\n> {intro}\n{quote}\n"),
        ("only-blank", "", "\n\n  \n"),
        ("bare-quote", "I agree.", f"> {QUOTED[0]}\n\nI agree.\n"),
        ("bottom", "Here is what happened.\n\nI paid twice.", f"{intro}\n\n{quote}\n\nHere is what happened.\n\nI paid twice.\n"),
        ("bottom-signature", "Here is what happened.", f"{intro}\n{quote}\n\nHere is what happened.\n\n-- \nAdaeze\nLagos\n"),
        ("signature", "Please call me.", "Please call me.\n\n-- \nAdaeze Obi\n+234 1 555 0100\n"),
        ("signature-trimmed", "Please call me.", "Please call me.\n\n--\nAdaeze Obi\n"),
        ("wrote-in-words", "On Monday the shop wrote:\n\nWe cannot help you.\n\nThat is what they said on the phone too.", "On Monday the shop wrote:\n\nWe cannot help you.\n\nThat is what they said on the phone too.\n"),
        ("from-in-words", "From: Lagos\nI travelled to Abuja.", "From: Lagos\nI travelled to Abuja.\n"),
        ("dashes", "First\n---\nSecond", "First\n---\nSecond\n"),
        ("rule", "First\n________________________________\nSecond", "First\n________________________________\nSecond\n"),
        ("subject-word", "Subject: is there any news?", "Subject: is there any news?\n"),
        ("sent-from-words", "Sent from my bank account on Monday, it never arrived.\n\nPlease help.", "Sent from my bank account on Monday, it never arrived.\n\nPlease help.\n"),
        ("nested-quotes", "Third answer.", f"Third answer.\n\n{intro}\n\n> Second answer.\n>\n> On Sun, 2 Nov 2025 at 09:00, Adaeze Obi <adaeze.obi@example.org> wrote:\n>\n>> First question.\n>> >> deeper\n"),
        ("spaced-arrows", "New.", "New.\n\n" + intro + "\n >old one\n > old two\n"),
        ("three-lines", "New.", f"New.\n\nOn Mon, 3 Nov 2025 at 10:02, Recourse The Payment Platform Dispute Team\n<{to}>\nwrote:\n\n{quote}\n"),
        ("lazy-quote", "New.", f"New.\n\n{intro}\n\n" + "\n".join(QUOTED) + "\n"),
        ("german", "Neu.", f"Neu.\n\nAm Mo., 3. Nov. 2025 um 10:02 Uhr schrieb Recourse <{to}>:\n\n{quote}\n"),
        ("french", "Nouveau.", f"Nouveau.\n\nLe lun. 3 nov. 2025 à 10:02, Recourse <{to}> a écrit :\n\n{quote}\n"),
        ("spanish", "Nuevo.", f"Nuevo.\n\nEl lun, 3 nov 2025 a las 10:02, Recourse (<{to}>) escribió:\n\n{quote}\n"),
        ("portuguese", "Novo.", f"Novo.\n\nEm seg., 3 de nov. de 2025 às 10:02, Recourse <{to}> escreveu:\n\n{quote}\n"),
        ("indonesian", "Baru.", f"Baru.\n\nPada Sen, 3 Nov 2025 pukul 10.02 Recourse <{to}> menulis:\n\n{quote}\n"),
        ("huawei", "Here it is.", f"Here it is.\n\nSent from my HUAWEI phone\n\n-------- Original message --------\nFrom: Recourse <{to}>\nDate: 3 Nov 2025, 10:02\nTo: adaeze.obi@example.org\nSubject: report\n\nOld.\n"),
        ("windows-mail", "Yes please.", "Yes please.\n\nSent from Mail for Windows\n\n" + "\n".join(outlook_head("en", to)) + "\n\nOld.\n"),
    ]
    return [{"id": f"writing-{name}", "lang": "en", "body": part("text/plain", body), "text": text} for name, text, body in rows]


def other_programs(to):
    """Programs that are rarer, and forms that other programs make of an answer on its way."""
    old = "\n".join(QUOTED)
    old_html = "<p>" + "</p><p>".join(line for line in QUOTED if line) + "</p>"
    plain = [
        ("roundcube", "en", "It never arrived.", f"On 2025-11-03 10:02, Recourse wrote:\n{arrows(QUOTED)}\n\nIt never arrived.\n"),
        ("outlook-mac", "en", "It never arrived.\n\nAda", f"It never arrived.\n\nAda\n\nFrom: Recourse <{to}>\nDate: Monday, 3 November 2025 at 10:02\nTo: Ada <ada@example.org>\nSubject: [RC-4fQ9zLk2] We received your report\n\n{old}\n"),
        ("qq-english", "zh", "没有收到。", f"没有收到。\n\n\n------------------ Original ------------------\nFrom: \"Recourse\"<{to}>;\nDate: Mon, Nov 3, 2025 10:02 AM\nTo: \"Lin\"<lin@example.org>;\nSubject: report\n\n\n{old}\n"),
        ("alibaba", "zh", "没有收到。", f"没有收到。\n------------------------------------------------------------------\n发件人：Recourse <{to}>\n发送时间：2025年11月3日(星期一) 10:02\n收件人：林 <lin@example.org>\n主\u3000题：report\n\n{old}\n"),
        ("foxmail", "zh", "没有收到。", f"没有收到。\n\n\n\nlin@example.org\n \n发件人： Recourse\n发送时间： 2025-11-03 10:02\n收件人： lin\n主题： report\n{old}\n"),
        ("sina", "zh", "没有收到。", f"没有收到。\n\n----- 原始邮件 -----\n发件人：Recourse <{to}>\n收件人：lin@example.org\n主题：report\n日期：2025年11月03日 10点02分\n\n{old}\n"),
        ("zoho", "en", "It never arrived.", f"It never arrived.\n\n\nSent using Zoho Mail\n\n\n---- On Mon, 03 Nov 2025 10:02:11 +0800 Recourse <{to}> wrote ---\n\n{old}\n"),
        ("starred", "en", "It never arrived.", f"It never arrived.\n\n*From:* Recourse <{to}>\n*Sent:* Monday, November 3, 2025 10:02 AM\n*To:* ada@example.org\n*Subject:* report\n\n{old}\n"),
        ("close-above", "en", "On Monday I paid 10 naira.", f"On Monday I paid 10 naira.\nOn Mon, 3 Nov 2025 at 10:02, Recourse <{to}>\nwrote:\n\n{arrows(QUOTED)}\n"),
        ("infinix", "yo", "Mi ò tíì rí i gbà.", f"Mi ò tíì rí i gbà.\n\nSent from my Infinix HOT 30\n\nOn Mon, Nov 3, 2025, 03:02 Recourse <{to}> wrote:\n\n{arrows(QUOTED)}\n"),
        ("tecno", "yo", "Ẹ dá owó mi padà.", f"Ẹ dá owó mi padà.\n\nSent from my TECNO phone\n\n-------- Original message --------\nFrom: Recourse <{to}>\nDate: Mon, Nov 3, 2025, 3:02 AM\nTo: folasade@mail.test\nSubject: report\n\n{old}\n"),
        ("redmi-ms", "ms", "Duit belum masuk.", f"Duit belum masuk.\n\nDihantar daripada telefon Redmi saya\n\nPada Isn, 3 Nov 2025, 10:02 PG Recourse <{to}> menulis:\n\n{arrows(QUOTED)}\n"),
        ("windows-zh", "zh", "没有收到。", f"没有收到。\n\n发送自 Windows 10 版邮件应用\n\n发件人: Recourse\n发送时间: 2025年11月3日 10:02\n收件人: lin@example.org\n主题: report\n\n{old}\n"),
        ("bank-details", "en", "From: 0123456789\nTo: 9876543210\nDate: 3 November 2025\nAmount: 10,000\n\nThis is what my bank shows.", f"From: 0123456789\nTo: 9876543210\nDate: 3 November 2025\nAmount: 10,000\n\nThis is what my bank shows.\n\nOn Mon, 3 Nov 2025 at 10:02, Recourse <{to}> wrote:\n\n{arrows(QUOTED)}\n"),
    ]
    html = [
        ("outlook-new-html", "en", "It never arrived.", f'<html><body><div class="elementToProof">It never arrived.</div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><div style="border-top:1px solid #b5c4df"><b>From: </b>Recourse &lt;{to}&gt;<br><b>Date: </b>Monday, 3 November 2025<br><b>Subject: </b>report</div>{old_html}</div></body></html>'),
        ("apple-signature-html", "en", "It never arrived.", f'<html><body>It never arrived.<br id="lineBreakAtBeginningOfMessage"><div><meta charset="UTF-8"><div id="AppleMailSignature">Ada Obi<br>Lagos</div></div><div><br><blockquote type="cite"><div>On 3 Nov 2025, at 10:02, Recourse &lt;{to}&gt; wrote:</div>{old_html}</blockquote></div></body></html>'),
        ("gmail-forward-html", "en", "See this.", f'<div dir="ltr">See this.<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>From: <strong>Shop</strong> &lt;shop@shop.test&gt;<br>Date: Mon, 3 Nov 2025<br>Subject: Order<br>To: &lt;ada@example.org&gt;<br></div><br><br><div>We cannot help.</div></div></div>'),
        ("zoho-html", "en", "It never arrived.", f'<div style="font-family: Verdana"><div>It never arrived.</div><div><br></div><div class="zmail_extra_hr" style="border-top: 1px solid"></div><div class="zmail_extra" data-zbluepencil-ignore="true"><div id="Zm-_Id_-Sgn1">---- On Mon, 03 Nov 2025 Recourse &lt;{to}&gt; wrote ----</div><div><blockquote>{old_html}</blockquote></div></div></div>'),
        ("foxmail-html", "zh", "没有收到。", f'<div><span></span>没有收到。</div><div><br></div><hr style="WIDTH: 210px; HEIGHT: 1px" align="left"><div><span>lin@example.org</span></div><blockquote style="margin-top: 0px;"><div>&nbsp;</div><div style="border:none;border-top:solid #B5C4DF 1.0pt"><div><b>发件人：</b>&nbsp;Recourse</div><div><b>发送时间：</b>&nbsp;2025-11-03 10:02</div><div><b>收件人：</b>&nbsp;lin</div><div><b>主题：</b>&nbsp;report</div></div>{old_html}</blockquote>'),
        ("list-html", "en", "What I did:\n\nI paid\nI waited", f'<p>What I did:</p><ol><li>I paid</li><li>I waited</li></ol>'),
    ]
    rows = [{"id": f"other-{name}", "lang": lang, "body": part("text/plain", body), "text": text} for name, lang, text, body in plain]
    # Foxmail puts the writer's address above the quote, with nothing that marks it.
    rows += [{"id": f"other-{name}", "lang": lang, "body": part("text/html", body, transfer="base64"), "text": text} for name, lang, text, body in html]
    for row in rows:
        if "foxmail" in row["id"]:
            row["text"] += "\n\nlin@example.org"
    named = crlf("Content-Type: text/plain; name=\"body.txt\"; charset=utf-8\n\nThe text has a name.\n").encode()
    rows.append({"id": "other-named-text", "lang": "en", "body": named, "text": "The text has a name.", "attachments": []})
    return rows


def structures():
    """Broken MIME; the text is never lost."""
    text = "The refund is missing."
    plain = part("text/plain", text)
    good = multipart("mixed", [plain], "b1")
    rows = [
        ("no-end", good[: good.rindex(b"--b1--")]),
        ("no-boundary-parameter", crlf(f"Content-Type: multipart/mixed\n\n--b1\nContent-Type: text/plain\n\n{text}\n--b1--\n").encode()),
        ("wrong-boundary", good.replace(b'boundary="b1"', b'boundary="other"')),
        ("no-content-type", crlf(f"X-Nothing: 1\n\n{text}\n").encode()),
        ("strange-type", crlf(f"Content-Type: text\n\n{text}\n").encode()),
        ("empty-plain", multipart("alternative", [part("text/plain", "\n \n"), part("text/html", f"<p>{text}</p>")], "b2")),
        ("deep", multipart("mixed", [multipart("mixed", [multipart("related", [multipart("alternative", [plain, part("text/html", f"<div>{text}</div>")], "l4")], "l3")], "l2")], "l1")),
        ("similar-boundaries", multipart("mixed", [multipart("alternative", [plain], "b1-inner")], "b1")),
        ("preamble", good.replace(b"--b1\r\n", b"This is a multi-part message in MIME format.\r\n--b1\r\n", 1)),
        ("epilogue", good + b"Trailing words that belong to nobody.\r\n"),
        ("hidden", part("text/html", f'<div style="display:none">Preview words</div><p>{text}</p><script>x()</script><style>p{{}}</style>')),
        ("table", part("text/html", "<table><tr><td>The refund</td></tr><tr><td>is missing.</td></tr></table>")),
    ]
    out = [{"id": f"structure-{name}", "lang": "en", "body": body, "text": text} for name, body in rows]
    out[-1]["text"] = "The refund\nis missing."
    return out
