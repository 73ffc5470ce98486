//! What a mail says of its dispute depends on who gets it.

use super::*;
use crate::addresses::MailAddress;
use crate::dispute::{PerformedBy, EventKind};
use crate::environment::Environment;
use crate::ids::{AccountId, Refid, Trxid};
use crate::lifecycle::{Action, Actor, Category, Closing, Channel, Side};
use crate::money::{Currency, Money};
use crate::number::DisputeNumber;
use crate::policy::notifications::{every_mail, readers, shows_comment};
use crate::policy::visibility::{Field, may_see};
use crate::time::UnixMillis;
use crate::transaction::{TransactionDetails, Facts};

const NOW: UnixMillis = UnixMillis(1_768_528_800_000);

fn money(minor: u64) -> Money {
    Money::from_minor(minor, Currency::parse("NGN").unwrap())
}

fn registered(address: &str) -> Recipients {
    Recipients::registered([MailAddress::parse(address).unwrap()]).unwrap()
}

/// A dispute of NGN 10.00 of NGN 1,550.00 that came through a door; FBN and GTB are the transaction's banks.
fn dispute(door: Channel) -> Dispute {
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
        logged: (door == Channel::Arbiter).then_some(logged),
        ..Dispute::begin(number, door, opener, facts, Category::Chargeback, NOW)
    }
}

fn log_code(notice: &Notification) -> Option<&str> {
    notice.status.as_ref().and_then(|stand| stand.log_code.as_deref())
}

/// The mails that tell of a decision of an operator, the case's first.
fn decided(dispute: &Dispute, parties: Option<&Recipients>) -> Vec<Notification> {
    let change = dispute.decided(Action::CloseForCustomer, "bob".to_owned(), "why".to_owned(), NOW).unwrap();
    change.dispute.notifications(&change.event, parties)
}

#[test]
fn a_mail_says_how_much_was_paid_and_how_much_of_it_is_disputed() {
    for door in Channel::ALL {
        for notice in decided(&dispute(door), Some(&registered("disputes@gtb.example"))) {
            assert_eq!((notice.amount, notice.disputed), (money(155_000), Some(money(1_000))), "{door:?}");
        }
    }
}

#[test]
fn the_case_and_the_parties_get_a_mail_each_and_only_parties_know_the_log_code() {
    for (door, code) in [
        (Channel::Arbiter, "GTB00II551"),
        // Who did not log it has the customer's bank in its code.
        (Channel::Tutelar, "FBN00II551"),
        (Channel::Connect, "FBN00II551"),
        (Channel::Iimmpact, "FBN00II551"),
    ] {
        let banks = registered("disputes@gtb.example");
        let notices = decided(&dispute(door), Some(&banks));
        let of = |audience| notices.iter().find(|notice| notice.audience == audience).unwrap();
        let (case, parties) = (of(Audience::Case), of(Audience::Parties));
        assert_eq!(notices.len(), 2, "{door:?}");
        assert_eq!((case.recipients.to().as_str(), log_code(case)), ("own@client.example", None), "{door:?}");
        assert_eq!((&parties.recipients, log_code(parties)), (&banks, Some(code)), "{door:?}");
        assert_eq!(
            case.cause,
            Cause { channel: door, actor: Actor::Operator, kind: EventKind::Did(Action::CloseForCustomer) }
        );
        assert_eq!(case.template.is_for_parties(), case_reads_as_party(door), "{door:?}");
    }
}

#[test]
fn no_mailbox_gets_two_mails_of_one_event() {
    let both = Recipients::registered(
        ["disputes@gtb.example", "OWN@client.example"].map(|address| MailAddress::parse(address).unwrap()),
    );
    for door in Channel::ALL {
        let notices = decided(&dispute(door), both.as_ref());
        let all: Vec<_> = notices.iter().flat_map(|notice| notice.recipients.all()).collect();
        assert_eq!(all.len(), 2, "{door:?}: {notices:?}");
        let case = notices.iter().any(|notice| notice.audience == Audience::Case);
        assert_eq!(case, !case_reads_as_party(door), "{door:?}");
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
    for door in Channel::ALL {
        let change = dispute(door).reminded(Some(registered("disputes@gtb.example")), NOW);
        let notices = change.dispute.notifications(&change.event, change.parties.as_ref());
        let letters: Vec<_> = notices.iter().map(|notice| (notice.audience, notice.template)).collect();
        let parties = (Audience::Parties, EmailTemplate::Reminder);
        match door {
            Channel::Tutelar | Channel::Connect => assert_eq!(letters, [(Audience::Case, EmailTemplate::Reminder), parties]),
            Channel::Iimmpact | Channel::Arbiter => assert_eq!(letters, [parties]),
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
        let named = if case_reads_as_party(cause.channel) { &[][..] } else { &named[..] };
        dispute.recipients = Some(Recipients::parse(named, &address("own@client.example")).unwrap());
        for parties in [banks.clone(), banks.without(|bank| bank.as_str().contains("fbn")).unwrap()] {
            let notices = dispute.notifications(&event, Some(&parties));
            for notice in &notices {
                let shown = |text: &str| notice.recipients.reaches(&address(text));
                let about = format!("{:?} {:?} {cause:?}", notice.template, notice.audience);
                match notice.audience {
                    Audience::Case => {
                        of_the_case += 1;
                        let meets = parties.all().any(|bank| notice.recipients.reaches(bank));
                        assert!(shown("own@client.example") && !meets, "{about}");
                    }
                    Audience::Parties => {
                        of_the_parties += 1;
                        assert!(!shown("own@client.example") && !shown("user@customer.example"), "{about}");
                        assert_eq!(notice.recipients, parties, "a bank gets its own mail, whoever names it: {about}");
                    }
                }
                // Nor does what the mail says, or who did it by name.
                let said = Notification { recipients: registered("nobody@nowhere.example"), ..notice.clone() };
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
        for notice in dispute.notifications(&event, Some(&registered("disputes@gtb.example"))) {
            let may =
                readers(cause.channel, notice.audience).iter().all(|role| may_see(*role, Field::NoteBy(cause.actor)));
            let is_shown = notice.details.comment.is_some();
            assert_eq!(is_shown, shows_comment(cause.channel, notice.audience, cause.actor), "{cause:?}");
            assert!(may || !is_shown, "{cause:?} {:?}", notice.audience);
            // No words of a caller go to addresses that a caller named.
            assert!(!is_shown || notice.audience == Audience::Parties || cause.actor == Actor::Operator, "{cause:?}");
            let banks = [&notice.details.issuer, &notice.details.acquirer].map(Option::is_some);
            assert_eq!(banks, [notice.template.is_for_parties(); 2], "{cause:?}");
            assert_eq!(notice.details.merchant.as_deref(), Some("Airtel Nigeria"));
            assert_eq!(notice.details.paid_at, Some(NOW));
        }
    }
    let why = |door| decided(&dispute(door), None).first().map(|notice| notice.details.comment.clone());
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
    let deadline = |lapse| Some(crate::deadlines::Deadline { ends_at: NOW, remind_at: None, lapse });
    for (lapse, ends) in [
        (OnExpiry::Turn, Some((NOW, Closing::Customer))),
        (OnExpiry::Customer, Some((NOW, Closing::Customer))),
        (OnExpiry::Merchant, Some((NOW, Closing::Merchant))),
        (OnExpiry::Stay, None),
    ] {
        let dispute = Dispute { deadline: deadline(lapse), ..dispute(Channel::Arbiter) };
        let notice = dispute.notifications(&dispute.opened(by_fbn()), None).remove(0);
        let stand = notice.status.unwrap();
        assert_eq!(stand.ends_at.zip(stand.ends_for), ends, "{lapse:?}");
        assert_eq!((stand.party_due, stand.respondent), (Some(Side::Respondent), Some(Actor::Acquirer)));
    }
}

fn by_fbn() -> PerformedBy {
    PerformedBy { actor: Actor::Issuer, name: "Jideobi.Onuora@FBN".to_owned() }
}
