//! What each reader reads: who owes whom, who has to respond, and where to act.

use super::*;

/// The steps of a mail, without what it says of replies.
fn means(notification: &Notification) -> Vec<String> {
    steps(notification).into_iter().filter(|step| !step.contains("reply to this mail")).collect()
}

#[test]
fn each_reader_reads_who_owes_whom_from_its_own_place() {
    let customer = Notification {
        disputed: Some(money("10.00")),
        ..notification(EmailTemplate::DecidedForCustomer, "123456", None)
    };
    assert_eq!(
        means(&customer)[0],
        "The merchant's side has to pay you back NGN 10.00. We do not make this payment; it comes through your bank or wallet."
    );
    assert_eq!(
        means(&to_a_party(EmailTemplate::Accepted, Some("FBN00II551")))[0],
        "The merchant's side (the acquirer, GUARANTY TRUST BANK) owes the customer's side (the issuer, FIRST BANK OF NIGERIA) NGN 10.00. This service does not make that payment."
    );
    assert_eq!(
        means(&to_a_party(EmailTemplate::Accepted, None))[0],
        "The outcome is against your organisation: the merchant's side, which it belongs to, owes the customer NGN 10.00. This service does not make that payment."
    );
    assert_eq!(
        means(&to_a_party(EmailTemplate::Declined, None))[0],
        "The outcome is in your organisation's favour. The payment stays as it is."
    );
    assert_eq!(means(&to_a_party(EmailTemplate::Declined, Some("FBN00II551")))[0], "The payment stays as it is.");
}

/// A report without `user_email` goes to the account that made it, at its registered address.
#[test]
fn an_account_that_named_nobody_is_not_addressed_as_the_customer() {
    let account = MailAddress::parse("account@client.example").unwrap();
    let report = |template| {
        let mail = notification(template, "123456", None);
        Notification { cause: Cause { channel: Channel::Iimmpact, ..mail.cause }, ..mail }
    };
    let alone = |template| Notification { recipients: Recipients::parse(&[], &account).unwrap(), ..report(template) };
    for template in [EmailTemplate::Received, EmailTemplate::Refunded, EmailTemplate::DecidedForCustomer] {
        let text = write(&alone(template)).text;
        assert!(text.contains("because your account opened the case"), "{template:?}: {text}");
        assert!(!text.contains(" pay you ") && !text.contains("your bank"), "{template:?}: {text}");
        let named = write(&report(template)).text;
        assert!(named.contains("your address was given for the case"), "{template:?}: {named}");
    }
}

/// A mail in which the acquirer has to respond, with what its reader may do.
fn with_choices(
    template: EmailTemplate,
    channel: Channel,
    log_code: Option<&str>,
    role: Actor,
    actions: &[Action],
) -> Notification {
    let mut mail = to_a_party(template, log_code);
    mail.cause.channel = channel;
    if let Some(snapshot) = &mut mail.status {
        snapshot.choices = Some(Choices { role, actions: actions.to_vec() });
        (snapshot.ends_at, snapshot.ends_for) =
            if channel.policy().has_deadlines { (snapshot.ends_at, snapshot.ends_for) } else { (None, None) };
    }
    mail
}

#[test]
fn a_bank_reads_that_it_need_not_act_on_a_report() {
    let actions = [Action::Accept, Action::Decline];
    let report = with_choices(EmailTemplate::Logged, Channel::Iimmpact, Some("FBN00II551"), Actor::Acquirer, &actions);
    assert_eq!(
        means(&report),
        [
            "The payment platform's dispute team is looking into it. You need not do anything.",
            "The acquirer, GUARANTY TRUST BANK, may accept or refuse the claim meanwhile, if it wishes. It does this in its dispute system (Arbiter) with log code FBN00II551.",
        ]
    );
}

#[test]
fn an_account_reads_that_the_acquirer_responds_and_that_it_may_concede() {
    let logged = with_choices(EmailTemplate::Logged, Channel::Arbiter, None, Actor::Account, &[Action::VerdictLost]);
    assert_eq!(
        means(&logged)[..2],
        [
            "The acquirer, GUARANTY TRUST BANK, has to respond by 5 February 2026, 02:00:00 UTC.",
            "Your organisation may concede (merchant-loss) before that.",
        ]
    );
    let own = [Action::VerdictWon, Action::VerdictLost];
    let raised = with_choices(EmailTemplate::Advanced, Channel::Tutelar, None, Actor::Account, &own);
    assert_eq!(
        means(&raised)[..2],
        [
            "The acquirer, GUARANTY TRUST BANK, or your organisation has to respond by 5 February 2026, 02:00:00 UTC.",
            "Your organisation can record that it won or record that it lost.",
        ]
    );
}

#[test]
fn a_reminder_says_whose_turn_it_is_and_where_to_act() {
    let due = with_choices(
        EmailTemplate::Reminder,
        Channel::Arbiter,
        Some("FBN00II551"),
        Actor::Acquirer,
        &[Action::Accept, Action::Decline],
    );
    assert_eq!(subject(&due), "Reminder: act by 5 February 2026, 02:00 UTC");
    assert_eq!(
        means(&due)[0],
        "You can accept or refuse the claim. Do this in your dispute system (Arbiter) with log code FBN00II551."
    );
    let other = with_choices(EmailTemplate::Reminder, Channel::Connect, None, Actor::Opener, &[Action::Cancel]);
    assert_eq!(subject(&other), "Reminder: the acquirer has to respond by 5 February 2026, 02:00 UTC");
    assert_eq!(
        lead(&other),
        "The acquirer, GUARANTY TRUST BANK, has to respond in this dispute, and the time for it ends soon."
    );
    assert_eq!(means(&other)[0], "You may withdraw the dispute before that.");
}

#[test]
fn a_mail_about_the_end_of_the_time_says_who_did_not_respond() {
    let mut expired = to_a_party(EmailTemplate::ExpiredForCustomer, Some("FBN00II551"));
    assert_eq!(subject(&expired), "Time ran out: decided in the customer's favour");
    assert_eq!(
        lead(&expired),
        "The acquirer, GUARANTY TRUST BANK, did not respond in time. The dispute is closed in the customer's favour."
    );
    expired.cause.kind = EventKind::Did(Action::CloseForCustomer);
    assert_eq!(
        lead(&expired),
        "The time for this step ran out. The dispute is closed in the customer's favour.",
        "a deployment may configure in whose favour a status ends"
    );
    assert_eq!(
        lead(&to_a_party(EmailTemplate::ExpiredForMerchant, Some("FBN00II551"))),
        "The issuer, FIRST BANK OF NIGERIA, did not respond in time. The dispute is closed in the merchant's favour."
    );
}

/// A subject and a heading have no text of anybody else: a bank's name is in the body alone.
#[test]
fn a_banks_name_is_on_one_line_and_not_in_the_subject() {
    let mut mail = to_a_party(EmailTemplate::Logged, Some("FBN00II551"));
    mail.details.issuer = Some("FIRST\r\n\u{202e}BANK".to_owned());
    assert!(!subject(&mail).contains("BANK"), "{}", subject(&mail));
    assert!(lead(&mail).starts_with("The issuer, FIRST BANK, logged a dispute"), "{}", lead(&mail));
    mail.details.issuer = Some(" ".to_owned());
    assert!(lead(&mail).starts_with("The issuer logged a dispute"), "{}", lead(&mail));
}
