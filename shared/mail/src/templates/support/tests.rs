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
