//! What a mail of the support process looks like.

use recourse_dispute::notification::Author;

use super::*;

fn mail(paragraphs: &[&str]) -> SupportMail {
    SupportMail {
        name: "delivered".to_owned(),
        language: "ms".to_owned(),
        subject: "Jawapan <b>".to_owned(),
        paragraphs: paragraphs.iter().map(|text| (*text).to_owned()).collect(),
        works_now: Some("Sudah boleh & baik".to_owned()),
        author: Author::Automation,
        agent: None,
        while_open: true,
        link: None,
    }
}

fn notification(mail: SupportMail) -> Notification {
    let support = MailAddress::parse("support@recourse.example").unwrap();
    let recipients = recourse_dispute::addresses::Recipients::registered([support]).unwrap();
    let about = Notification::no_case(recipients, mail).unwrap();
    Notification {
        template: EmailTemplate::SupportReply,
        number: DisputeNumber::from_base62("4fQ9zLk2").unwrap(),
        ..about
    }
}

fn branding() -> Branding {
    Branding::new("Recourse", MailAddress::parse("support@recourse.example").unwrap()).unwrap()
}

#[test]
fn a_mail_has_its_words_its_lines_and_its_button() {
    let notification = notification(mail(&["Tuan/Puan,", "satu\ndua <script>"]));
    let reply_to = MailAddress::parse("cases+abc234@recourse.example").unwrap();
    let EmailBody { text, html } = EmailBody::answerable(&notification, &branding(), &reply_to).unwrap();
    let address = "mailto:cases%2Babc234@recourse.example?subject=%5BRC-4fQ9zLk2%5D%20Sudah%20boleh%20%26%20baik&body=Sudah%20boleh%20%26%20baik";
    assert!(text.contains("Tuan/Puan,\n\nsatu\ndua <script>\n"), "{text}");
    assert!(text.contains(&format!("Sudah boleh & baik:\n{address}")), "{text}");
    assert!(text.trim_end().ends_with("Recourse, RC-4fQ9zLk2, support@recourse.example"), "{text}");
    assert!(html.contains("<html lang=\"ms\"") && html.contains("satu<br>"), "{html}");
    assert!(html.contains("dua &#60;script&#62;") && !html.contains("<script"), "{html}");
    assert!(html.contains(&address.replace('&', "&#38;")), "{html}");
    assert!(html.contains("Jawapan &#60;b&#62;") && html.contains("Sudah boleh &#38; baik"), "{html}");
}

#[test]
fn nothing_is_pressed_where_no_answer_would_come() {
    let with_button = notification(mail(&["one"]));
    let written = EmailBody::write(&with_button, &branding()).unwrap();
    assert!(!written.text.contains("mailto:") && !written.html.contains("mailto:cases"));
    let reply_to = MailAddress::parse("cases+abc234@recourse.example").unwrap();
    let other = Notification { template: EmailTemplate::SupportWaiting, ..with_button };
    let written = EmailBody::answerable(&other, &branding(), &reply_to).unwrap();
    assert!(!written.text.contains("mailto:") && !written.html.contains("mailto:cases"));
}

#[test]
fn the_mail_about_no_case_names_none() {
    let support = MailAddress::parse("support@recourse.example").unwrap();
    let recipients = recourse_dispute::addresses::Recipients::registered([support]).unwrap();
    let mut mail = mail(&["one"]);
    mail.language = "en\" onload=\"x".to_owned();
    let notification = Notification::no_case(recipients, mail).unwrap();
    let EmailBody { text, html } = EmailBody::write(&notification, &branding()).unwrap();
    assert!(!text.contains("RC-") && !html.contains("RC-"), "{text}");
    assert!(html.contains("lang=\"und\"") && !html.contains("onload"), "{html}");
}

#[test]
fn a_sign_in_mail_has_its_link_as_a_button_and_in_words() {
    let operator = MailAddress::parse("aisyah@recourse.example").unwrap();
    let (asked, address) =
        (recourse_dispute::time::UnixMillis(1_553_080_523_000), "https://x.example/link?token=a&b=\"<");
    let notification = Notification::sign_in(&operator, "<b>Aisyah", address, asked, asked.plus(600_000)).unwrap();
    let EmailBody { text, html } = EmailBody::write(&notification, &branding()).unwrap();
    assert!(text.contains(&format!("Sign in:\n{address}\n")) && text.contains("Hello <b>Aisyah,"), "{text}");
    assert!(text.contains("works once, for 10 minutes, until 20 March 2019, 11:25:23 UTC"), "{text}");
    assert!(html.contains("href=\"https://x.example/link?token=a&#38;b=&#34;&#60;\"") && html.contains(">Sign in</a>"));
    assert!(html.contains("Hello &#60;b&#62;Aisyah,") && !text.contains("RC-") && !html.contains("RC-"), "{html}");
    // What operators see of a mail has no link, and no other mail has one.
    assert!(!crate::templates::paragraphs(&notification).join(" ").contains("token="));
    let other = Notification { template: EmailTemplate::UnknownCaseMail, ..notification };
    assert!(!EmailBody::write(&other, &branding()).unwrap().text.contains("token="));
}
