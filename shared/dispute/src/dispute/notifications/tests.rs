//! What a mail says of its dispute depends on who gets it.

use super::*;
use crate::addresses::MailAddress;
use crate::channel::Channel;
use crate::environment::Environment;
use crate::event::{EventKind, PerformedBy};
use crate::ids::{AccountId, DomainCode, Refid, Trxid};
use crate::lifecycle::{Action, Actor, Category, Closing, Side};
use crate::money::{Currency, Money};
use crate::number::DisputeNumber;
use crate::policy::notifications::{every_mail, readers, shows_comment};
use crate::policy::visibility::{Field, may_see};
use crate::time::UnixMillis;
use crate::transaction::{Facts, TransactionDetails};

const NOW: UnixMillis = UnixMillis(1_768_528_800_000);

fn money(minor: u64) -> Money {
    Money::from_minor(minor, Currency::parse("NGN").unwrap())
}

fn registered(address: &str) -> Recipients {
    Recipients::registered([MailAddress::parse(address).unwrap()]).unwrap()
}

/// A dispute of NGN 10.00 of NGN 1,550.00 that came through an API; FBN and GTB are the
/// transaction's banks.
fn dispute(channel: Channel) -> Dispute {
    let account = AccountId::parse("acct_demo").unwrap();
    let bank = |code: &str| Party {
        code: DomainCode::parse(code).unwrap(),
        name: code.to_owned(),
        reference: None,
        category: None,
    };
    let facts = Facts {
        environment: Environment::Production,
        trxid: Trxid::parse("50001").unwrap(),
        account: account.clone(),
        refid: Refid::parse("123456").unwrap(),
        product: None,
        amount: money(155_000),
        occurred_at: NOW,
        parties: Parties { issuer: Some(bank("FBN")), acquirer: Some(bank("GTB")), merchant: None },
        details: TransactionDetails::default(),
    };
    let (number, opener) = (DisputeNumber::try_from(551).unwrap(), account);
    let logged = Logged {
        domain: DomainCode::parse("GTB").unwrap(),
        by: "Amaka.Bello@GTB".to_owned(),
        reason: "AP".to_owned(),
        reason_name: Some("Recurring Payments".to_owned()),
        partial: true,
        comment: None,
    };
    Dispute {
        amount: money(1_000),
        recipients: Some(registered("own@client.example")),
        logged: (channel == Channel::Arbiter).then_some(logged),
        ..Dispute::begin(number, channel, opener, facts, Category::Chargeback, NOW)
    }
}

fn log_code(notification: &Notification) -> Option<&str> {
    notification.status.as_ref().and_then(|snapshot| snapshot.log_code.as_deref())
}

/// The mails that tell of a decision of an operator, the case's first.
fn decided(dispute: &Dispute, parties: Option<&Recipients>) -> Vec<Notification> {
    let change = dispute.decided(Action::CloseForCustomer, "bob".to_owned(), "why".to_owned(), NOW).unwrap();
    change.dispute.notifications(&change.event, parties)
}

#[test]
fn a_mail_says_how_much_was_paid_and_how_much_of_it_is_disputed() {
    for channel in Channel::ALL {
        for notification in decided(&dispute(channel), Some(&registered("disputes@gtb.example"))) {
            assert_eq!(
                (notification.amount, notification.disputed),
                (money(155_000), Some(money(1_000))),
                "{channel:?}"
            );
        }
    }
}

#[test]
fn the_case_and_the_parties_get_a_mail_each_and_only_parties_know_the_log_code() {
    for (channel, code) in [
        (Channel::Arbiter, "GTB00II551"),
        // Who did not log it has the customer's bank in its code.
        (Channel::Tutelar, "FBN00II551"),
        (Channel::Connect, "FBN00II551"),
        (Channel::Iimmpact, "FBN00II551"),
    ] {
        let banks = registered("disputes@gtb.example");
        let notifications = decided(&dispute(channel), Some(&banks));
        let of = |audience| notifications.iter().find(|notification| notification.audience == audience).unwrap();
        let (case, parties) = (of(Audience::Case), of(Audience::Parties));
        assert_eq!(notifications.len(), 2, "{channel:?}");
        assert_eq!((case.recipients.to().as_str(), log_code(case)), ("own@client.example", None), "{channel:?}");
        assert_eq!((&parties.recipients, log_code(parties)), (&banks, Some(code)), "{channel:?}");
        assert_eq!(
            case.cause,
            Cause { channel, actor: Actor::Operator, kind: EventKind::Did(Action::CloseForCustomer) }
        );
        assert_eq!(case.template.is_for_parties(), channel != Channel::Iimmpact, "{channel:?}");
    }
}

#[test]
fn no_mailbox_gets_two_mails_of_one_event() {
    let both = Recipients::registered(
        ["disputes@gtb.example", "OWN@client.example"].map(|address| MailAddress::parse(address).unwrap()),
    );
    for channel in Channel::ALL {
        let notifications = decided(&dispute(channel), both.as_ref());
        let all: Vec<_> = notifications.iter().flat_map(|notification| notification.recipients.all()).collect();
        assert_eq!(all.len(), 2, "{channel:?}: {notifications:?}");
        let case = notifications.iter().any(|notification| notification.audience == Audience::Case);
        assert_eq!(case, !channel.policy().case_is_account, "{channel:?}");
    }
}

#[test]
fn nobody_gets_mail_of_a_staging_accounts_dispute() {
    let mut staging = dispute(Channel::Connect);
    staging.facts.environment = Environment::Staging;
    assert_eq!(decided(&staging, Some(&registered("disputes@gtb.example"))), []);
}

#[test]
fn a_reminder_goes_to_the_case_where_its_account_has_to_answer() {
    for channel in Channel::ALL {
        let change = dispute(channel).reminded(Some(registered("disputes@gtb.example")), NOW);
        let notifications = change.dispute.notifications(&change.event, change.parties.as_ref());
        let templates: Vec<_> =
            notifications.iter().map(|notification| (notification.audience, notification.template)).collect();
        let parties = (Audience::Parties, EmailTemplate::Reminder);
        match channel {
            Channel::Tutelar | Channel::Connect => {
                assert_eq!(templates, [(Audience::Case, EmailTemplate::Reminder), parties])
            }
            Channel::Iimmpact | Channel::Arbiter => assert_eq!(templates, [parties]),
        }
    }
}

/// An event of a dispute that came through a channel, with the dispute as it then is.
fn after(cause: Cause, state: State) -> (Dispute, HistoryEntry) {
    let mut dispute = Dispute { state, ..dispute(cause.channel) };
    dispute.facts.parties.merchant = Some(Party {
        code: DomainCode::parse("AIRTEL").unwrap(),
        name: "Airtel Nigeria".to_owned(),
        reference: None,
        category: None,
    });
    let by = PerformedBy { actor: cause.actor, name: "secret-name".to_owned() };
    let event = HistoryEntry { version: 2, at: NOW, by, kind: cause.kind, state, note: Some("said so".to_owned()) };
    (dispute, event)
}

#[test]
fn no_mail_shows_an_address_of_the_other_audience() {
    let address = |text: &str| MailAddress::parse(text).unwrap();
    let banks = Recipients::registered(["disputes@fbn.example", "Disputes@gtb.example"].map(address)).unwrap();
    let (mut of_the_case, mut of_the_parties) = (0, 0);
    for (_, _, cause, state) in every_mail() {
        let (mut dispute, event) = after(cause, state);
        // Whoever opens it names the banks' own addresses, too.
        let named = ["user@customer.example", "disputes@gtb.example", "disputes@FBN.example"].map(str::to_owned);
        let named = if cause.channel.policy().case_is_account { &[][..] } else { &named[..] };
        dispute.recipients = Some(Recipients::parse(named, &address("own@client.example")).unwrap());
        for parties in [banks.clone(), banks.without(|bank| bank.as_str().contains("fbn")).unwrap()] {
            let notifications = dispute.notifications(&event, Some(&parties));
            for notification in &notifications {
                let shown = |text: &str| notification.recipients.reaches(&address(text));
                let about = format!("{:?} {:?} {cause:?}", notification.template, notification.audience);
                match notification.audience {
                    Audience::Case => {
                        of_the_case += 1;
                        let meets = parties.all().any(|bank| notification.recipients.reaches(bank));
                        assert!(shown("own@client.example") && !meets, "{about}");
                    }
                    Audience::Parties => {
                        of_the_parties += 1;
                        assert!(!shown("own@client.example") && !shown("user@customer.example"), "{about}");
                        assert_eq!(
                            notification.recipients, parties,
                            "a bank gets its own mail, whoever names it: {about}"
                        );
                    }
                }
                // Nor does what the mail says, or who did it by name.
                let said = Notification { recipients: registered("nobody@nowhere.example"), ..notification.clone() };
                let said = serde_json::to_string(&said).unwrap().replace("nobody@nowhere.example", "");
                assert!(!said.contains('@') && !said.contains("secret-name"), "{about}: {said}");
            }
        }
    }
    assert!(of_the_case > 100 && of_the_parties > 100, "{of_the_case} {of_the_parties}");
}

#[test]
fn a_mail_shows_what_all_its_readers_may_read() {
    for (_, _, cause, state) in every_mail() {
        let (dispute, event) = after(cause, state);
        for notification in dispute.notifications(&event, Some(&registered("disputes@gtb.example"))) {
            let may = readers(cause.channel, notification.audience)
                .iter()
                .all(|role| may_see(*role, Field::NoteBy(cause.actor)));
            let is_shown = notification.details.comment.is_some();
            assert_eq!(is_shown, shows_comment(cause.channel, notification.audience, cause.actor), "{cause:?}");
            assert!(may || !is_shown, "{cause:?} {:?}", notification.audience);
            // No words of a caller go to addresses that a caller named.
            assert!(
                !is_shown || notification.audience == Audience::Parties || cause.actor == Actor::Operator,
                "{cause:?}"
            );
            let banks = [&notification.details.issuer, &notification.details.acquirer].map(Option::is_some);
            assert_eq!(banks, [notification.template.is_for_parties(); 2], "{cause:?}");
            assert_eq!(notification.details.merchant.as_deref(), Some("Airtel Nigeria"));
            assert_eq!(notification.details.paid_at, Some(NOW));
        }
    }
    let why =
        |channel| decided(&dispute(channel), None).first().map(|notification| notification.details.comment.clone());
    assert_eq!(why(Channel::Iimmpact), Some(Some("why".to_owned())), "whom a decision binds reads why");
}

#[test]
fn the_reason_of_the_claim_is_the_banks_or_the_merchants_own_record() {
    let reason = |dispute: &Dispute| decided(dispute, None).remove(0).details.reason;
    assert_eq!(reason(&dispute(Channel::Arbiter)).as_deref(), Some("Recurring Payments (AP)"));
    assert_eq!(reason(&dispute(Channel::Connect)), None);
    let mut raised = dispute(Channel::Tutelar);
    raised.details.dispute_type = Some("fraud".to_owned());
    raised.details.reason_code = Some("10.1".to_owned());
    assert_eq!(reason(&raised).as_deref(), Some("fraud, 10.1"));
}

#[test]
fn a_mail_says_who_acts_next_until_when_and_what_happens_otherwise() {
    let deadline = |on_expiry| Some(crate::deadlines::Deadline { ends_at: NOW, remind_at: None, on_expiry });
    for (on_expiry, ends) in [
        (OnExpiry::AgainstPartyDue, Some((NOW, Closing::Customer))),
        (OnExpiry::Customer, Some((NOW, Closing::Customer))),
        (OnExpiry::Merchant, Some((NOW, Closing::Merchant))),
        (OnExpiry::Stay, None),
    ] {
        let dispute = Dispute { deadline: deadline(on_expiry), ..dispute(Channel::Arbiter) };
        let notification = dispute.notifications(&dispute.opened(by_fbn()), None).remove(0);
        let snapshot = notification.status.unwrap();
        assert_eq!(snapshot.ends_at.zip(snapshot.ends_for), ends, "{on_expiry:?}");
        assert_eq!((snapshot.party_due, snapshot.respondent), (Some(Side::Respondent), Some(Actor::Acquirer)));
    }
}

fn by_fbn() -> PerformedBy {
    PerformedBy { actor: Actor::Issuer, name: "Jideobi.Onuora@FBN".to_owned() }
}

#[test]
fn a_mail_of_the_support_process_has_the_words_alone_and_none_in_staging() {
    let words = |author| SupportMail {
        name: "delivered".to_owned(),
        language: "en".to_owned(),
        subject: "x".to_owned(),
        paragraphs: vec!["y".to_owned()],
        works_now: None,
        author,
        agent: None,
        while_open: true,
        link: None,
    };
    let mut report = dispute(Channel::Iimmpact);
    let to = registered("own@client.example");
    let mail = report.support_notification(EmailTemplate::SupportReply, to.clone(), words(Author::Agent)).unwrap();
    assert_eq!((mail.cause.actor, mail.cause.kind), (Actor::Operator, EventKind::Commented));
    assert_eq!(
        (mail.number, mail.recipients, mail.support.unwrap().paragraphs),
        (report.number, to.clone(), vec!["y".to_owned()])
    );
    report.facts.environment = Environment::Staging;
    assert_eq!(report.support_notification(EmailTemplate::SupportReply, to, words(Author::Automation)), None);
}
