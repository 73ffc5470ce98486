//! Mails with sign-in links.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::notification::Notification;
use recourse_store::{
    AuditContext, ConsoleToken, LINK_MS, MailId, MailState, NewOperator, OperatorRole, OutboxMail, SignInLink,
};
use recourse_support::case::AgentName;

use super::*;
use crate::outbox::Limits;
use crate::outbox::testing::{Reply, now, pass};
use crate::testing::token;

const PAGE: &str = "https://recourse.example/console/link?token=secret&x=1";

/// Mails a link to the deployment's operator.
async fn mailed(bench: &Bench, secret: u8) -> MailId {
    let store = &bench.outbox.store;
    let email = MailAddress::parse("aisyah@demo.example").unwrap();
    let (name, role) = (AgentName::parse("Aisyah").unwrap(), OperatorRole::Agent);
    let new = NewOperator { email: email.clone(), name, role, reuse_name: false };
    let by = PerformedBy { actor: Actor::Operator, name: "eve".to_owned() };
    store.create_operator(&new, &AuditContext { by, at: now(), why: None }, token).await.unwrap();
    let operator = store.operator(&email).await.unwrap().unwrap();
    let link = SignInLink { token: ConsoleToken::new([secret; 32]), browser: ConsoleToken::new([secret; 32]) };
    let mail = Notification::sign_in(&email, "Aisyah", PAGE, now(), now().plus(LINK_MS)).unwrap();
    store.enqueue_sign_in(&operator, &link, &mail, &token(), now()).await.unwrap()
}

async fn stored(bench: &Bench, id: MailId) -> OutboxMail {
    bench.outbox.store.mail(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_sign_in_link_goes_out_under_no_cap_of_a_case_and_no_line_has_it() {
    let bench = Bench::with(Limits { of_account: 1, to_address: 1 }).await;
    for secret in 1..4 {
        let id = mailed(&bench, secret).await;
        bench.stream(&[id]).await;
        assert_eq!(stored(&bench, id).await.mail_state, MailState::Sent);
    }
    let mail = &bench.mails()[2];
    assert_eq!(subject(mail), "Your sign-in link");
    assert_eq!(mail["Destination"]["ToAddresses"][0], "aisyah@demo.example");
    assert_eq!(header(mail, "Auto-Submitted"), Some("auto-generated"));
    let body = |part: &str| mail.pointer(&format!("/Content/Simple/Body/{part}/Data")).unwrap().as_str().unwrap();
    assert!(body("Text").contains(&format!("Sign in:\n{PAGE}\n")), "{}", body("Text"));
    assert!(body("Html").contains(&format!("href=\"{}\"", PAGE.replace('&', "&#38;"))), "{}", body("Html"));
    for secret in ["secret", "aisyah@"] {
        assert_eq!(bench.lines(secret), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_link_that_works_no_more_is_not_mailed() {
    let bench = Bench::new().await;
    let id = mailed(&bench, 1).await;
    bench.ses(Reply::Refuses { status: 503, code: "ServiceUnavailable" });
    bench.stream(&[id]).await;
    bench.ses(Reply::Takes);
    pass(LINK_MS);
    bench.sweep().await;
    let mail = stored(&bench, id).await;
    assert_eq!(
        (mail.mail_state, mail.reason.as_deref()),
        (MailState::Dead, Some("the sign-in link in it works no more"))
    );
    assert_eq!((bench.mails().len(), bench.lines("alarm").len()), (1, 0), "nobody need look at it");
}
