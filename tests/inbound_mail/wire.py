"""How mails look on the wire: headers, encodings, the headers that SES puts on top."""

import base64
import quopri

REPLY = "cases@example.com"
TOKENS = ["aaaaaaace4dj23mgjhakdaae7u", "aaaaaaad7m2xk5hq4w3nbp6ry2", "aaaaaaaezq7tv3l5cb2gndwm4i", "aaaaaaaf2p6yxr4ka3shmt7qou"]
OURS = "0100019a4b1c2d3e-1f2e3d4c-5b6a-7988-0a1b-2c3d4e5f6071-000000@email.amazonses.com"


def word(text, charset="UTF-8", kind="B"):
    """An RFC 2047 encoded word, or the text itself when it is ASCII."""
    if text.isascii():
        return text
    raw = text.encode(charset)
    if kind == "B":
        return f"=?{charset}?B?{base64.b64encode(raw).decode()}?="
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    body = "".join(chr(b) if b in plain else "_" if b == 32 else f"={b:02X}" for b in raw)
    return f"=?{charset}?{kind}?{body}?="


def crlf(text):
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def encode(text, charset="utf-8", transfer="quoted-printable"):
    """A body in a charset and a transfer encoding, as bytes."""
    raw = crlf(text).encode(charset)
    if transfer == "base64":
        return base64.encodebytes(raw).replace(b"\n", b"\r\n")
    if transfer == "quoted-printable":
        lines = [quopri.encodestring(line).replace(b"=\n", b"=\r\n") for line in raw.split(b"\r\n")]
        # The module leaves white space at a line's end as it is; mail servers may cut it off.
        return b"\r\n".join(line[:-1] + b"=20" if line.endswith(b" ") else line for line in lines)
    return raw


def part(content_type, body, charset="utf-8", transfer="quoted-printable", extra=()):
    """A MIME part; `body` is text to encode, or bytes that go out as base64."""
    if isinstance(body, bytes):
        head = [f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64", *extra]
        return crlf("\n".join(head)).encode() + b"\r\n\r\n" + base64.encodebytes(body).replace(b"\n", b"\r\n")
    head = [f"Content-Type: {content_type}; charset=\"{charset}\"" if charset else f"Content-Type: {content_type}"]
    head += [f"Content-Transfer-Encoding: {transfer}", *extra]
    return crlf("\n".join(head)).encode() + b"\r\n\r\n" + encode(body, charset or "utf-8", transfer)


def multipart(kind, parts, boundary, extra=""):
    """A multipart with its own header, ready to be a mail's body or a part of another."""
    out = crlf(f"Content-Type: multipart/{kind}; boundary=\"{boundary}\"{extra}\n\n").encode()
    for each in parts:
        out += f"--{boundary}\r\n".encode() + each + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


def alternative(plain, html, boundary, **more):
    return multipart("alternative", [part("text/plain", plain, **more), part("text/html", html, **more)], boundary)


def ses(sender, to, spam="PASS", virus="PASS", spf="pass", dkim="pass", dmarc="pass", return_path=None):
    """The headers that SES puts on top of a mail that it received."""
    domain = sender.rsplit("@", 1)[-1]
    path = sender if return_path is None else return_path
    return f"""Return-Path: <{path}>
Received: from mx.{domain} (mx.{domain} [192.0.2.17])
 by inbound-smtp.us-east-1.amazonaws.com with SMTP id 5k2j3h4g5f6d7s8a
 for {to};
 Mon, 03 Nov 2025 02:15:09 +0000 (UTC)
X-SES-Spam-Verdict: {spam}
X-SES-Virus-Verdict: {virus}
Received-SPF: {spf} (spfCheck: domain of {domain} designates 192.0.2.17 as permitted sender) client-ip=192.0.2.17; envelope-from={path}; helo=mx.{domain};
Authentication-Results: amazonses.com;
 spf={spf} (spfCheck: domain of {domain} designates 192.0.2.17 as permitted sender) client-ip=192.0.2.17; envelope-from={path}; helo=mx.{domain};
 dkim={dkim} header.i=@{domain};
 dmarc={dmarc} header.from={domain};
X-SES-RECEIPT: AEFBQUFBQUFBQUFHQkRFMjNtR0poQUtEYUFFN3U=
X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=q1w2e3r4t5y6==; c=relaxed/simple; s=224i4yxa5dv7c2xz3womw6peuasteono; d=amazonses.com; t=1762136110; v=1;
"""


def mail(sender, to, subject, body, name="", headers=(), message_id="m1@example.org", thread=True, top=None, charset="UTF-8", kind="B"):
    """A whole mail: SES's headers, the sender's, and a body that begins with its own Content-Type."""
    shown = f"{word(name, charset, kind)} <{sender}>" if name else sender
    head = (ses(sender, to) if top is None else top)
    head += f"Received: by mx.example.org with SMTP id ab12; Mon, 03 Nov 2025 02:15:08 +0000\nFrom: {shown}\nTo: Recourse <{to}>\nSubject: {word(subject, charset, kind)}\n"
    head += f"Date: Mon, 3 Nov 2025 10:15:07 +0800\nMessage-ID: <{message_id}>\n"
    if thread:
        head += f"In-Reply-To: <{OURS}>\nReferences: <first@email.amazonses.com>\n <{OURS}>\n"
    head += "MIME-Version: 1.0\n" + "".join(f"{line}\n" for line in headers)
    return crlf(head).encode() + body
