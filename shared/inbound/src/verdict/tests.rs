use super::*;
use crate::tests::read_mail;

const SES: &str = "Return-Path: <a@example.org>\r\nReceived: from mx by inbound-smtp.us-east-1.amazonaws.com\r\n";
const REST: &str = "From: a@example.org\r\nTo: cases@example.com\r\n\r\nHello";

fn of(top: &str, below: &str) -> Verdicts {
    let raw = format!("{SES}{top}{below}{REST}");
    read_mail(raw.as_bytes()).verdicts
}

#[test]
fn ses_s_headers_are_read() {
    let found = of(
        "X-SES-Spam-Verdict: GRAY\r\nX-SES-Virus-Verdict: PASS\r\nReceived-SPF: pass\r\nAuthentication-Results: amazonses.com;\r\n spf=softfail (a; dmarc=pass) client-ip=192.0.2.1; envelope-from=a@example.org; helo=mx;\r\n dkim=fail header.i=@x.test;\r\n dkim=pass header.i=@example.org;\r\n dmarc=pass header.from=Example.org;\r\nX-SES-RECEIPT: AEF=\r\n",
        "",
    );
    assert_eq!(
        found,
        Verdicts {
            spam: Verdict::Gray,
            virus: Verdict::Pass,
            dmarc: Verdict::Pass,
            spf: Verdict::Gray,
            dkim: Verdict::Pass
        }
    );
}

#[test]
fn the_topmost_counts_whatever_stands_below() {
    let pass = "X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\nAuthentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass header.from=example.org\r\n";
    let fail = "X-SES-Spam-Verdict: FAIL\r\nX-SES-Virus-Verdict: FAIL\r\nAuthentication-Results: amazonses.com; spf=fail; dkim=fail; dmarc=fail header.from=example.org\r\n";
    let failed = Verdicts {
        spam: Verdict::Fail,
        virus: Verdict::Fail,
        dmarc: Verdict::Fail,
        spf: Verdict::Fail,
        dkim: Verdict::Fail,
    };
    for between in ["", "X-SES-RECEIPT: x\r\n", "X-Other: y\r\n", "Received: by mx\r\n"] {
        assert_eq!(of(&format!("{fail}{between}{pass}"), ""), failed, "{between}");
    }
}

#[test]
fn without_ses_s_headers_a_sender_s_say_nothing() {
    let forged = "X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\nAuthentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass header.from=example.org\r\n";
    for between in ["X-SES-RECEIPT: x\r\n", "Received: by mx\r\n", "DKIM-Signature: x\r\n", "Subject: x\r\n"] {
        assert_eq!(of(between, forged), Verdicts::default(), "{between}");
    }
    assert_eq!(of("", ""), Verdicts::default());
}

#[test]
fn what_a_sender_can_put_into_ses_s_header_is_no_result() {
    for (statement, dmarc) in [
        (
            "spf=fail envelope-from=\"x; dmarc=pass header.from=example.org\"@evil.test; dmarc=fail header.from=example.org",
            Verdict::Fail,
        ),
        ("spf=fail (x; dmarc=pass) helo=x; dmarc=fail header.from=example.org", Verdict::Fail),
        ("spf=fail helo=x;dmarc=pass; dmarc=fail header.from=example.org", Verdict::Unknown),
        ("spf=fail helo=(x; dmarc=fail header.from=example.org", Verdict::Unknown),
        ("spf=fail envelope-from=\"x; dmarc=fail header.from=example.org", Verdict::Unknown),
        ("dmarc=pass header.from=other.test", Verdict::Unknown),
        ("dmarc=none header.from=example.org", Verdict::Gray),
        ("dmarc=temperror header.from=example.org", Verdict::Unknown),
        ("x-dmarc=pass", Verdict::Unknown),
    ] {
        assert_eq!(
            of(&format!("Authentication-Results: amazonses.com; {statement}\r\n"), "").dmarc,
            dmarc,
            "{statement}"
        );
    }
    for server in ["evil.test", "amazonses.com.evil.test", "\"amazonses.com\"x", ""] {
        assert_eq!(
            of(&format!("Authentication-Results: {server}; dmarc=pass header.from=example.org\r\n"), "").dmarc,
            Verdict::Unknown,
            "{server}"
        );
    }
}

#[test]
fn other_values_are_unknown() {
    for value in ["", "pass", "PASSED", "DISABLED", "PROCESSING_FAILED", "PASS FAIL"] {
        assert_eq!(of(&format!("X-SES-Spam-Verdict: {value}\r\n"), "").spam, Verdict::Unknown, "{value}");
    }
}
