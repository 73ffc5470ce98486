"""What machines send: automatic answers, delivery reports, invitations, helpdesks, and our own mails coming back.

A row of each table is an id, the language, the sender, the subject, what tells that it is no person's, and the text.
"""

from wire import alternative, multipart, part, ses

# id, language, sender, subject, headers, text
AUTOMATIC = [
    ("exchange-en", "en", "bolaji.ade@bank.test", "Automatic reply: [RC-4fQ9zLk2] We received your report", ["X-Auto-Response-Suppress: All", "auto-submitted: auto-generated", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "X-MS-Exchange-Parent-Message-Id: <x@bank.test>"], "I am out of the office until 10 November with no access to e-mail.\n\nFor urgent card matters write to cards@bank.test."),
    ("exchange-ms", "ms", "nurul.aisyah@example.org", "Balasan automatik: [RC-4fQ9zLk2] We received your report", ["X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated"], "Saya bercuti sehingga 10 November. Saya akan membalas e-mel anda selepas itu."),
    ("exchange-zh", "zh", "chen.meiling@example.org", "自动答复: [RC-4fQ9zLk2] We received your report", ["X-Auto-Response-Suppress: DR, OOF, AutoReply", "Auto-Submitted: auto-generated"], "您好，我正在休假，11月10日回来后会尽快回复您。"),
    ("gmail-vacation", "en", "adaeze.obi@example.org", "Out of office Re: [RC-4fQ9zLk2] We received your report", ["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes"], "Thanks for your mail. I am on leave and will be back on Monday."),
    ("gmail-vacation-zh", "zh", "lin@example.org", "外出 Re: We received your report", ["Auto-Submitted: auto-replied", "Precedence: bulk"], "我外出了，下周一回来。"),
    ("sieve", "en", "info@shop.test", "Auto: We received your report", ["Auto-Submitted: auto-replied (vacation)"], "We are closed for the holidays."),
    ("rfc3834-owner", "en", "team@shop.test", "Re: your mail", ["Auto-Submitted: auto-replied; owner-email=\"info@shop.test\""], "This mailbox is read once a week."),
    ("cpanel", "en", "sales@shop.test", "Autoreply", ["X-Autorespond: [RC-4fQ9zLk2] We received your report", "Precedence: auto_reply"], "We have your mail and will answer within two days."),
    ("directadmin", "en", "office@shop.test", "Autoreply: We received your report", ["X-Autoreply: yes"], "The office is closed."),
    ("junk", "en", "noreply@shop.test", "Your message", ["Precedence: junk"], "Nobody reads this mailbox."),
    ("list", "en", "members@club.test", "[members] hello", ["Precedence: list", "List-Id: <members.club.test>"], "The meeting is at five."),
    ("bulk", "ms", "berita@kedai.test", "Tawaran minggu ini", ["Precedence: bulk"], "Diskaun untuk semua pelanggan."),
    ("rules-loop", "en", "rules@bank.test", "RE: We received your report", ["X-MS-Exchange-Inbox-Rules-Loop: rules@bank.test"], "Your mail was redirected to the cards team."),
    ("oof-null", "en", "bolaji.ade@bank.test", "Out of office: We received your report", ["Return-Path-Is: empty"], "I am away."),
    ("oof-null-zh", "zh", "chen.meiling@example.org", "自动回复：We received your report", ["Return-Path-Is: empty"], "我不在办公室。"),
    ("oof-null-ms", "ms", "pejabat@kedai.test", "Di luar pejabat: We received your report", ["Return-Path-Is: empty"], "Kami tutup sehingga esok."),
    ("oof-loop", "en", "helpful@shop.test", "Auto-Reply: We received your report", ["X-Loop: helpful@shop.test"], "We will answer soon."),
    ("notify", "en", "alerts@bank.test", "Scheduled report", ["Auto-Submitted: auto-notified"], "The daily report is ready."),
    ("autosubmitted-upper", "en", "x@bank.test", "Report", ["AUTO-SUBMITTED:Auto-Generated"], "Generated at midnight."),
    ("suppress-oof", "en", "y@bank.test", "Acknowledgement", ["X-Auto-Response-Suppress: OOF, AutoReply"], "Acknowledged."),
    ("yoruba-away", "yo", "folasade@mail.test", "Automatic reply: We received your report", ["Auto-Submitted: auto-replied"], "Mi ò sí ní ọ́fíìsì títí di ọjọ́ Ajé."),
    ("generated-source", "en", "z@bank.test", "Automatic reply: hello", ["X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent"], "Back on Thursday."),
]

# id, sender, subject, headers, the report's own words
REPORTS = [
    ("postfix", "MAILER-DAEMON@mx.shop.test", "Undelivered Mail Returned to Sender", ["Auto-Submitted: auto-replied"], "This is the mail system at host mx.shop.test.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<gone@shop.test>: host mx2.shop.test said: 550 5.1.1 User unknown"),
    ("exchange", "postmaster@bank.test", "Undeliverable: [RC-4fQ9zLk2] We received your report", ["X-MS-Exchange-Message-Is-Ndr:"], "Delivery has failed to these recipients or groups:\n\ngone@bank.test\nThe email address you entered couldn't be found."),
    ("gmail", "mailer-daemon@mail.test", "Delivery Status Notification (Failure)", ["X-Failed-Recipients: gone@mail.test", "Auto-Submitted: auto-replied"], "** Address not found **\n\nYour message wasn't delivered to gone@mail.test."),
    ("amazonses", "MAILER-DAEMON@amazonses.test", "Delivery Status Notification (Failure)", [], "An error occurred while trying to deliver the mail to the following recipients:\ngone@shop.test"),
    ("delayed", "MAILER-DAEMON@mx.shop.test", "Delayed Mail (still being retried)", ["Auto-Submitted: auto-replied"], "THIS IS A WARNING ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE."),
    ("zh", "postmaster@qiye.test", "系统退信", [], "抱歉，您的邮件被退回来了。收件人不存在。"),
    ("ms", "postmaster@kedai.test", "Tidak dapat dihantar: We received your report", [], "Penghantaran gagal kepada penerima ini: tiada@kedai.test"),
]


def report(text, recipient, original_headers, kind="delivery-status"):
    fields = f"Reporting-MTA: dns; mx.shop.test\nArrival-Date: Mon, 3 Nov 2025 02:15:00 +0000\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n"
    parts = [part("text/plain", text), part("message/delivery-status", fields, charset=None, transfer="7bit"), part("text/rfc822-headers", original_headers, charset=None, transfer="7bit")]
    return multipart("report", parts, "9B095B5ADSN=_01DC4C", f"; report-type={kind}")


# Reports without the form of RFC 3464: id, sender, subject, headers, text
LOOSE_REPORTS = [
    ("qmail", "MAILER-DAEMON@old.test", "failure notice", [], "Hi. This is the qmail-send program at old.test.\nI'm afraid I wasn't able to deliver your message to the following addresses."),
    ("exim", "Mailer-Daemon@exim.test", "Mail delivery failed: returning message to sender", ["X-Failed-Recipients: gone@exim.test", "Auto-Submitted: auto-replied"], "A message that you sent could not be delivered to one or more of its recipients."),
    ("null-path", "postmaster@odd.test", "Returned mail", ["Return-Path-Is: empty"], "The mailbox is full."),
    ("null-path-zh", "admin@qiye.test", "退信通知", ["Return-Path-Is: empty"], "邮箱已满，邮件无法投递。"),
    ("failed-recipients", "bounces@relay.test", "Warning", ["X-Failed-Recipients: a@relay.test"], "Not delivered."),
]

# id, language, sender, subject, headers, message id, text
HELPDESK = [
    ("zendesk", "en", "support@merchant.test", "[Merchant Support] Re: We received your report", ["X-Zendesk-From-Account-Id: 1a2b3c4", "X-Mailer: Zendesk Mailer", "Auto-Submitted: auto-generated"], "4fQ9@zendesk.test", "Your request (48213) has been received and is being reviewed by our support staff."),
    ("zendesk-agent", "en", "support@merchant.test", "[Merchant Support] Update", ["X-Zendesk-Email-Id: 01K9ABC", "X-Zendesk-Priority-Mail: agent"], "ABC_sprut@zendesk.test", "Hello,\n\nwe will refund the customer today."),
    ("freshdesk", "en", "help@shop.test", "Ticket Received - We received your report", ["X-Freshdesk-Ticket-Id: 9912", "Auto-Submitted: auto-generated"], "fd1@shop.test", "We have received your ticket #9912."),
    ("jira", "en", "jira@bank.test", "(CARD-812) We received your report", ["X-JIRA-FingerPrint: 0a1b2c3d", "Auto-Submitted: auto-generated"], "JIRA.10482.1762136107@Atlassian.JIRA", "Card Operations created an issue from your mail."),
    ("jsm", "en", "servicedesk@bank.test", "CARD-813 We received your report", ["X-Atlassian-Mail-Message-Id: <x@bank.test>", "Precedence: bulk"], "jsm1@bank.test", "Your request is waiting for support."),
    ("servicenow", "en", "itsm@bank.test", "INC0012345 opened", ["X-ServiceNow-Generated: true", "X-ServiceNow-Source: Notification-1"], "sn1@bank.test", "Incident INC0012345 has been opened on your behalf."),
    ("hubspot", "en", "team@crm.test", "Thanks for reaching out", ["X-HubSpot-Tracking: 1"], "hs1@crm.test", "Thanks for getting in touch. We will be with you shortly."),
    ("hubspot-cid", "en", "team@crm.test", "Ticket 5", ["X-HS-Cid: 5"], "hs2@crm.test", "Ticket 5 is open."),
    ("intercom", "en", "hello@app.test", "Re: We received your report", ["X-Intercom-Bin: x"], "ic1@app.test", "The team typically replies in a few hours."),
    ("otrs", "en", "tickets@telco.test", "[Ticket#2025110310000012] We received your report", ["X-OTRS-Loop: yes", "X-Powered-By: OTRS - Open Ticket Request System"], "1762136107.1.2@otrs.telco.test", "Thanks for your mail. It was given the ticket number 2025110310000012."),
    ("rt", "en", "rt@uni.test", "[uni.test #4711] AutoReply: We received your report", ["RT-Ticket: uni.test #4711", "RT-Originator: cases@example.com", "Precedence: bulk", "Auto-Submitted: auto-replied"], "rt-4.4.4-1-1762136107@uni.test", "Your request has been assigned an ID of 4711."),
    ("salesforce", "en", "service@crmbank.test", "Case 00012345 created", ["X-SFDC-LK: 00D000000000001", "X-SFDC-User: 005000000000001"], "sf1@crmbank.test", "Your case 00012345 has been created."),
    ("zendesk-ms", "ms", "bantuan@kedai.test", "Permintaan diterima", ["X-Zendesk-From-Account-Id: 77"], "zd-ms@kedai.test", "Permintaan anda (991) telah diterima dan sedang disemak."),
    ("zendesk-zh", "zh", "kefu@shop.test", "已收到请求", ["X-Zendesk-From-Account-Id: 78"], "zd-zh@shop.test", "您的请求（992）已收到，客服正在处理。"),
    ("freshdesk-ms", "ms", "sokongan@kedai.test", "Tiket diterima", ["X-Freshdesk-Ticket-Id: 14"], "fd-ms@kedai.test", "Tiket #14 telah dibuka."),
    ("otrs-zh", "zh", "piao@telco.test", "[Ticket#3] 已收到", ["X-OTRS-Loop: yes"], "otrs-zh@telco.test", "工单编号为 3。"),
    ("rt-yo", "yo", "rt@ile.test", "[ile.test #8] AutoReply", ["RT-Ticket: ile.test #8"], "rt-yo@ile.test", "A ti gba ìbéèrè yín. Nọ́ńbà rẹ̀ ni 8."),
]

CALENDAR = """BEGIN:VCALENDAR
PRODID:-//Example//Calendar//EN
VERSION:2.0
METHOD:{method}
BEGIN:VEVENT
UID:4fQ9@example.org
DTSTART:20251110T020000Z
DTEND:20251110T030000Z
SUMMARY:Call about the dispute
END:VEVENT
END:VCALENDAR
"""

# id, language, method, where it stands, subject, text
INVITATIONS = [
    ("google", "en", "REQUEST", "alternative", "Invitation: Call about the dispute @ Mon 10 Nov 2025", "You have been invited to the following event.\n\nCall about the dispute"),
    ("outlook", "en", "REQUEST", "alternative", "Call about the dispute", "Shall we talk on Monday?"),
    ("outlook-zh", "zh", "REQUEST", "alternative", "会议：退款", "周一上午谈一下退款。"),
    ("outlook-ms", "ms", "REQUEST", "alternative", "Mesyuarat pertikaian", "Jom berbincang pada hari Isnin."),
    ("accepted", "en", "REPLY", "alternative", "Accepted: Call about the dispute", ""),
    ("declined", "en", "REPLY", "only", "Declined: Call about the dispute", ""),
    ("only", "en", "REQUEST", "only", "Call", ""),
    ("body-method", "en", "REQUEST", "body", "Call", "See the invitation."),
]


def invitation(method, place, text):
    ics = CALENDAR.format(method=method)
    calendar = part("text/calendar" if place == "body" else f"text/calendar; method={method}", ics, extra=["Content-Disposition: attachment; filename=invite.ics"] if place == "body" else [])
    if place == "only":
        return calendar
    return multipart("mixed" if place == "body" else "alternative", [part("text/plain", text), calendar], "000000000000cal")


def top(sender, to, headers):
    """SES's headers, with the null return path where a row asks for it."""
    if "Return-Path-Is: empty" in headers:
        return ses(sender, to, return_path=""), [line for line in headers if not line.startswith("Return-Path-Is")]
    return ses(sender, to), headers
