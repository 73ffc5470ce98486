"""Writes the corpus: mails/*.eml and expected.jsonl. Run it in this folder; it is deterministic.

The expected values are what the mails were made of, never what a program found in them.
"""

import json
import shutil
from pathlib import Path

import clients as c
import clients_more as m
import machines
import odd
from bodies import BODIES, SENDERS
from wire import OURS, TOKENS, alternative, crlf, mail, part, ses

HERE = Path(__file__).parent
ALL = ("en", "ms", "zh", "yo")
# What each client is, in which languages it is common, and how many of the texts it carries.
CLIENTS = [
    ("gmail", c.gmail, ALL, 4), ("gmail-html-only", c.gmail_html_only, ALL, 2), ("gmail-signature", c.gmail_signature, ("en", "ms"), 2),
    ("outlook-desktop", c.outlook_desktop, ALL, 3), ("outlook-desktop-html", c.outlook_desktop_html, ALL, 2), ("outlook-plain", c.outlook_original, ALL, 2),
    ("outlook-web", c.outlook_web, ALL, 3), ("outlook-web-html", c.outlook_web_html, ALL, 2), ("outlook-mobile", c.outlook_mobile, ALL, 3),
    ("apple-mail", c.apple_mail, ALL, 3), ("ios", c.ios_mail, ALL, 3), ("ios-html", c.ios_html, ALL, 2),
    ("yahoo", m.yahoo, ALL, 2), ("yahoo-html", m.yahoo_html, ALL, 2), ("yahoo-mobile", m.yahoo_mobile, ("en", "ms", "yo"), 2),
    ("thunderbird", m.thunderbird, ALL, 2), ("thunderbird-html", m.thunderbird_html, ALL, 2),
    ("proton", m.proton, ("en", "yo"), 3), ("proton-html", m.proton_html, ("en", "yo"), 1), ("samsung", m.samsung, ALL, 2), ("samsung-html", m.samsung_html, ALL, 2),
    ("qq", m.qq, ("zh",), 5), ("netease", m.netease, ("zh",), 5),
]
rows = []


def add(name, client, lang, raw, text, expected):
    (HERE / "mails" / f"{name}.eml").write_bytes(raw)
    base = {"id": name, "client": client, "language": lang, "class": "written", "text": text, "tokens": [], "in_reply_to": OURS, "spam": "pass", "dmarc": "pass"}
    rows.append({**base, **expected})


def answer(name, client, lang, body, text, headers=(), subject=None, **expected):
    """A mail of a person who answers: with a token in most, and with the thread alone in every fifth."""
    shown, sender = SENDERS[lang]
    token = TOKENS[len(rows) % len(TOKENS)]
    plus = len(rows) % 5 != 4
    to = f"cases+{token if len(rows) % 3 else token.upper()}@example.com" if plus else "cases@example.com"
    subject = subject or {"zh": "回复: [RC-4fQ9zLk2] 关于退款"}.get(lang, "Re: [RC-4fQ9zLk2] We received your report")
    kind = "Q" if len(rows) % 2 else "B"
    raw = mail(sender, to, subject, body, shown, headers, f"{name}@mail.test", kind=kind)
    add(name, client, lang, raw, text, {"from": sender, "subject": subject, "tokens": [to[6:32]] if plus else [], **expected})


def machine(name, lang, sender, subject, headers, body, text, kind, client, message_id=None, **expected):
    """A mail that no person wrote."""
    token = TOKENS[len(rows) % len(TOKENS)]
    to = f"cases+{token}@example.com"
    on_top, headers = machines.top(sender, to, headers)
    raw = mail(sender, to, subject, body, "", headers, message_id or f"{name}@mail.test", top=on_top)
    add(name, client, lang, raw, text, {"class": kind, "from": sender, "subject": subject, "tokens": [token], **expected})


def people():
    address = f"cases+{TOKENS[0]}@example.com"
    for client, write, languages, count in CLIENTS:
        for lang in languages:
            for index in range(count):
                texts = BODIES[lang]
                text = texts[(index * 3 + len(client)) % len(texts)]
                body, headers = write(text, lang, address)
                answer(f"{client}-{lang}-{index + 1}", client, lang, body, text, headers)
    for locale in ("en-US", "zh-TW", "id", "fr"):
        lang = {"zh-TW": "zh", "id": "ms"}.get(locale, "en")
        text = BODIES[lang][0]
        body, headers = c.gmail(text, lang, address, locale, kind="base64")
        answer(f"gmail-locale-{locale}", "gmail", lang, body, text, headers)
    body, headers = c.outlook_desktop(BODIES["zh"][4], "zh", address, "zh-full")
    answer("outlook-desktop-zh-wide", "outlook-desktop", "zh", body, BODIES["zh"][4], headers)
    for lang in ALL:
        text = BODIES[lang][1]
        body, headers = m.thunderbird(text, lang, address, bottom=True)
        answer(f"thunderbird-bottom-{lang}", "thunderbird", lang, body, text, headers)
        for form, write in (("gmail-inline", m.inline_plain), ("gmail-inline-html", m.inline_gmail_html), ("apple-inline-html", m.inline_apple_html)):
            body, headers, text = write(lang, address)
            answer(f"{form}-{lang}", form, lang, body, text, headers)
        body, headers, text = m.inline_plain(lang, address, introduced=False)
        answer(f"inline-bare-{lang}", "inline", lang, body, text, headers)


def machines_rows():
    for name, lang, sender, subject, headers, text in machines.AUTOMATIC:
        body = part("text/plain", text) if len(rows) % 2 else alternative(text, f"<p>{'</p><p>'.join(text.split(chr(10) * 2))}</p>", "auto1")
        machine(f"auto-{name}", lang, sender, subject, headers, body, text, "auto_reply", "automatic")
    original = "From: Recourse <cases@example.com>\nTo: gone@shop.test\nSubject: [RC-4fQ9zLk2] We received your report\nMessage-ID: <first@email.amazonses.com>\n"
    for name, sender, subject, headers, text in machines.REPORTS:
        for kind in ("delivery-status", "null"):
            head = headers + (["Return-Path-Is: empty"] if kind == "null" else [])
            machine(f"report-{name}-{kind}", name if name in ("zh", "ms") else "en", sender, subject, head, machines.report(text, "gone@shop.test", original), text, "delivery_report", "bounce")
    for name, sender, subject, headers, text in machines.LOOSE_REPORTS:
        machine(f"report-loose-{name}", "zh" if name.endswith("zh") else "en", sender, subject, headers, part("text/plain", text), text, "delivery_report", "bounce")
    machine("report-read-receipt", "en", "adaeze.obi@example.org", "Read: [RC-4fQ9zLk2]", [], machines.report("Your message was read on 3 November.", "adaeze.obi@example.org", original, "disposition-notification"), "Your message was read on 3 November.", "delivery_report", "bounce")
    for name, lang, sender, subject, headers, message_id, text in machines.HELPDESK:
        machine(f"helpdesk-{name}", lang, sender, subject, headers, part("text/plain", text), text, "helpdesk", "helpdesk", message_id)
    for name, lang, method, place, subject, text in machines.INVITATIONS:
        machine(f"calendar-{name}", lang, SENDERS[lang][1], subject, [], machines.invitation(method, place, text), text, "calendar_invitation", "calendar")


def odd_rows():
    address = f"cases+{TOKENS[0]}@example.com"
    for row in odd.charsets() + odd.attachments() + odd.forwards(address) + odd.writing(address) + odd.other_programs(address) + odd.structures():
        more = {key: row[key] for key in ("attachments", "more") if row.get(key) is not None}
        client = row["id"].split("-")[0]
        answer(row["id"], client, row["lang"], row["body"], row["text"], subject=row.get("subject"), **more)


def senders():
    """Senders that are none, our own mails, and headers that only look like SES's."""
    body, text = part("text/plain", "Hello."), "Hello."
    top = ses("a@example.org", "cases@example.com")

    def raw(name, headers, expected, on_top=top):
        data = crlf(on_top + headers + "Message-ID: <" + name + "@mail.test>\n").encode() + body
        add(name, "sender", "en", data, text, {"from": None, "subject": "Hi", "in_reply_to": None, **expected})

    ours = ses("cases@example.com", "cases@example.com")
    token = TOKENS[1]
    rest = f"To: cases+{token}@example.com\nSubject: Hi\n"
    raw("sender-two-headers", f"From: a@example.org\nFrom: b@example.org\n{rest}", {"class": "unreadable", "tokens": [token]})
    raw("sender-two-addresses", f"From: a@example.org, b@example.org\n{rest}", {"class": "unreadable", "tokens": [token]})
    raw("sender-missing", rest, {"class": "unreadable", "tokens": [token]})
    raw("sender-empty", f"From: \n{rest}", {"class": "unreadable", "tokens": [token]})
    raw("sender-undisclosed", f"From: undisclosed-senders:;\n{rest}", {"class": "unreadable", "tokens": [token]})
    raw("sender-capitals", f"From: \"A, B\" <A.Obi@EXAMPLE.ORG>\n{rest}", {"from": "A.Obi@example.org", "tokens": [token]})
    raw("sender-comment", f"From: a@example.org (Adaeze Obi)\n{rest}", {"from": "a@example.org", "tokens": [token]})
    raw("sender-name-like-address", f"From: \"cases@example.com\" <a@example.org>\n{rest}", {"from": "a@example.org", "tokens": [token]})
    raw("sender-folded", f"From:\n Adaeze\n Obi\n <a@example.org>\n{rest}", {"from": "a@example.org", "tokens": [token]})
    raw("sender-reply-to", f"From: a@example.org\nReply-To: cases+{TOKENS[2]}@example.com\n{rest}", {"from": "a@example.org", "tokens": [token]})
    raw("tokens-several", f"From: a@example.org\nTo: cases+{TOKENS[2]}@EXAMPLE.com, \"x\" <Cases+{token}@example.com>\nCc: b@example.org, cases+{TOKENS[2].upper()}@example.com\nDelivered-To: cases+{TOKENS[3]}@example.com\nSubject: Hi\n", {"from": "a@example.org", "tokens": [TOKENS[2], token, TOKENS[3]]})
    raw("tokens-elsewhere", f"From: a@example.org\nTo: cases+{token}@example.org, other+{token}@example.com, cases@example.com\nSubject: Hi\n", {"from": "a@example.org", "tokens": []})
    raw("own-header", f"From: cases@example.org\nX-Recourse-Outbox: 1\n{rest}", {"class": "our_own", "from": "cases@example.org", "tokens": [token]})
    raw("own-address", f"From: Recourse <cases@example.com>\n{rest}", {"class": "our_own", "from": "cases@example.com", "tokens": [token]}, ours)
    raw("verdict-fail", f"From: a@example.org\n{rest}", {"from": "a@example.org", "tokens": [token], "spam": "fail", "dmarc": "fail"}, ses("a@example.org", "cases@example.com", spam="FAIL", dmarc="fail"))
    forged = "X-SES-Spam-Verdict: PASS\nAuthentication-Results: amazonses.com; dmarc=pass header.from=example.org\n"
    raw("verdict-forged-below", f"{forged}From: a@example.org\n{rest}", {"from": "a@example.org", "tokens": [token], "spam": "gray", "dmarc": "fail"}, ses("a@example.org", "cases@example.com", spam="GRAY", dmarc="fail"))
    raw("verdict-missing", f"From: a@example.org\n{rest}{forged}", {"from": "a@example.org", "tokens": [token], "spam": "unknown", "dmarc": "unknown"}, "Return-Path: <a@example.org>\n")


def main():
    shutil.rmtree(HERE / "mails", ignore_errors=True)
    (HERE / "mails").mkdir()
    people()
    machines_rows()
    odd_rows()
    senders()
    assert len({row["id"] for row in rows}) == len(rows)
    with open(HERE / "expected.jsonl", "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    print(f"{len(rows)} mails")


main()
