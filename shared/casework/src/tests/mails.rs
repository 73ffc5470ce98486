//! What mails do, and what they do not.

use recourse_dispute::notification::EmailTemplate;
use recourse_store::MessageRole;

use super::story::asked;
use super::*;

fn with(change: impl Fn(&mut InboundMail)) -> InboundMail {
    let mut mail = mail("It works now");
    mail.attachments.push(photo(9, 10));
    change(&mut mail);
    mail
}

#[test]
fn a_stranger_moves_nothing_and_adds_nothing_to_the_claim() {
    let stranger = with(|mail| mail.from = Some(MailAddress::parse("mallory@evil.example").unwrap()));
    let nobody = with(|mail| {
        mail.from = None;
        mail.class = Class::Unreadable;
    });
    for mail in [stranger, nobody] {
        let mut run = asked(&[]);
        let before = run.case().clone();
        run.after(HOUR, &CaseInput::Mail(&mail));
        assert_eq!((run.state(), run.mail_names().len()), (before.state, 0));
        assert!(run.case().facts.third_party_wrote && run.snapshot.dispute.state.is_open());
        let commit = run.last.as_ref().unwrap();
        let message = &commit.messages[0];
        assert!(commit.change.is_none());
        assert_eq!(message.role, MessageRole::ThirdParty);
        let file = &message.attachments[0];
        assert!(file.accepted && file.object.is_some() && file.file.is_none(), "it stays with the message");
        assert!(run.file().work.is_some(), "the order stands");
    }
}

#[test]
fn the_account_never_speaks_for_the_customer() {
    let account = with(|mail| {
        mail.from = Some(MailAddress::parse("account@client.example").unwrap());
        mail.text = "It works now, thank you.".to_owned();
    });
    let mut run = asked(&[]);
    run.after(HOUR, &CaseInput::Mail(&account));
    assert_eq!((run.state(), run.mail_names().len()), (State::WaitingForAgent, 0));
    assert_eq!(run.case().reason, Reason::AccountWrote);
    assert!(run.snapshot.dispute.state.is_open());
    let message = &run.last.as_ref().unwrap().messages[0];
    assert_eq!((message.role, message.attachments[0].file.is_none()), (MessageRole::ThirdParty, true));

    let mut alone = asked(&[]);
    let address = MailAddress::parse("account@client.example").unwrap();
    alone.snapshot.dispute.recipients = Some(Recipients::parse(&[], &address).unwrap());
    alone.after(HOUR, &CaseInput::Mail(&account));
    assert_eq!(alone.state(), State::Resolved, "it reported for itself");
}

#[test]
fn what_is_said_in_the_subject_or_in_a_forwarded_text_alone_goes_to_a_person() {
    let mut run = asked(&[]);
    let silent = with(|mail| {
        mail.attachments.clear();
        mail.text = " ".to_owned();
        mail.subject = "It still does not work".to_owned();
    });
    run.after(HOUR, &CaseInput::Mail(&silent));
    assert_eq!((run.state(), run.case().reason), (State::WaitingForAgent, Reason::CustomerUnclear));
    assert_eq!(run.last.as_ref().unwrap().messages[0].text, "It still does not work");
}

#[test]
fn the_support_address_is_told_of_what_no_process_answers() {
    let mut run = asked(&[]);
    run.snapshot.case = None;
    run.snapshot.dispute = dispute(Channel::Connect);
    let spam = with(|mail| mail.verdicts.spam = Verdict::Fail);
    let program = with(|mail| mail.class = Class::AutoReply);
    let support = with(|mail| mail.from = Some(MailAddress::parse("support@recourse.example").unwrap()));
    for mail in [spam, program, support] {
        run.snapshot.case = None;
        run.after(1_000, &CaseInput::Mail(&mail));
        assert_eq!(run.mail_names().len(), 0);
    }
    run.snapshot.case = None;
    run.after(1_000, &CaseInput::Mail(&with(|_| {})));
    let commit = run.last.as_ref().unwrap();
    let [(_, notification)] = commit.mails.as_slice() else { panic!("{:?}", commit.mails) };
    assert_eq!(notification.template, EmailTemplate::SupportWaiting);
    assert_eq!((run.mail_names(), commit.messages.len()), (vec!["reply_received"], 1));
    run.after(1_000, &CaseInput::Mail(&with(|_| {})));
    assert_eq!(run.mail_names().len(), 0, "once an hour");
    run.after(1_000, &CaseInput::Agent { name: "alice", action: AgentAction::Reply("We look into it.") });
    run.after(1_000, &CaseInput::Mail(&with(|_| {})));
    assert_eq!(run.mail_names(), ["reply_received"], "an agent has replied");
    run.after(2 * HOUR, &CaseInput::Mail(&with(|mail| mail.class = Class::Unreadable)));
    assert_eq!(run.mail_names(), ["reply_received"], "a person may have written what cannot be read");
}

#[test]
fn programs_are_noted() {
    for class in [Class::AutoReply, Class::DeliveryReport, Class::Helpdesk, Class::CalendarInvitation, Class::OurOwn] {
        let mut run = asked(&[]);
        let before = run.case().clone();
        run.after(1_000, &CaseInput::Mail(&with(|mail| mail.class = class)));
        assert_eq!((run.case(), run.mail_names().len()), (&before, 0), "{class:?}");
        let message = &run.last.as_ref().unwrap().messages[0];
        assert_eq!(message.class.as_deref(), Some(class_name(class)));
        let system = class == Class::OurOwn;
        assert_eq!(message.role, if system { MessageRole::System } else { MessageRole::Customer });
    }
}

#[test]
fn what_failed_a_check_goes_to_a_person_and_nowhere_else() {
    let failed: [fn(&mut InboundMail); 6] = [
        |mail| mail.verdicts.dmarc = Verdict::Fail,
        |mail| mail.verdicts.spam = Verdict::Fail,
        |mail| mail.verdicts.virus = Verdict::Fail,
        |mail| (mail.matched_by, mail.verdicts.dmarc) = (MatchedBy::Reference, Verdict::Gray),
        |mail| (mail.matched_by, mail.verdicts.dmarc) = (MatchedBy::Subject, Verdict::Unknown),
        |mail| (mail.matched_by, mail.verdicts.dmarc) = (MatchedBy::PartyToken, Verdict::Unknown),
    ];
    for change in failed {
        let mut run = asked(&[]);
        run.after(HOUR, &CaseInput::Mail(&with(change)));
        assert_eq!((run.state(), run.mail_names().len()), (State::WaitingForAgent, 0));
        assert!(run.last.as_ref().unwrap().change.is_none() && run.snapshot.dispute.state.is_open());
    }
    for change in [
        (|mail| mail.verdicts.dmarc = Verdict::Gray) as fn(&mut InboundMail),
        |mail| mail.verdicts = Verdicts::default(),
        |mail| mail.matched_by = MatchedBy::Reference,
    ] {
        let mut run = asked(&[]);
        run.after(HOUR, &CaseInput::Mail(&with(change)));
        assert_eq!(run.state(), State::Resolved, "nothing failed");
    }
    let mut run = asked(&[]);
    run.after(HOUR, &CaseInput::Mail(&with(|mail| mail.verdicts.virus = Verdict::Fail)));
    let file = &run.last.as_ref().unwrap().messages[0].attachments[0];
    assert!(!file.accepted && file.reason.as_deref().unwrap().contains("viruses") && file.object.is_none());
}

#[test]
fn what_cannot_be_read_reaches_a_person() {
    let mut run = asked(&[]);
    let broken = with(|mail| {
        (mail.class, mail.from, mail.text, mail.is_unreadable) = (Class::Unreadable, None, String::new(), true);
    });
    run.after(HOUR, &CaseInput::Mail(&broken));
    assert_eq!(run.state(), State::WaitingForAgent);
    let mut run = asked(&[]);
    run.after(HOUR, &CaseInput::Mail(&with(|mail| mail.is_unreadable = true)));
    assert_eq!(run.state(), State::WaitingForAgent, "whatever its text seems to say");
}

#[test]
fn evidence_has_its_limits_and_refused_files_their_reasons() {
    let mut run = Run::reported(&[]);
    run.step(&CaseInput::Opened);
    let mut reply = mail("Photos");
    reply.attachments = (0..12).map(|random| photo(random, 1)).collect();
    reply.attachments.push(photo(99, 6 * 1024 * 1024));
    let exe = AttachmentOutcome::Refused("must be a pdf".to_owned());
    reply.attachments.push(MailAttachment { name: "a.exe".to_owned(), size: 3, outcome: exe });
    reply.more_attachments = 4;
    run.after(HOUR, &CaseInput::Mail(&reply));
    let commit = run.last.as_ref().unwrap();
    assert_eq!(commit.change.as_ref().unwrap().dispute.claim.evidence.len(), 10);
    let listed = &commit.messages[0].attachments;
    assert_eq!((listed.len(), listed.iter().filter(|file| file.file.is_some()).count()), (15, 10));
    let reasons: Vec<_> = listed.iter().filter_map(|file| file.reason.as_deref()).collect();
    assert_eq!(reasons.len(), 5);
    assert!(reasons[0].contains("more than 10 files") && reasons[2].contains("5242880 bytes"), "{reasons:?}");
    assert_eq!((listed[13].name.as_str(), reasons[3]), ("a.exe", "must be a pdf"));
    assert_eq!(listed[14].name, "4 more");
    assert!(commit.after.support.as_ref().unwrap().facts.provider.is_none());
}

#[test]
fn mails_to_a_case_without_the_process_are_recorded_and_announced() {
    for channel in [Channel::Arbiter, Channel::Tutelar, Channel::Connect, Channel::Iimmpact] {
        let mut run = Run::reported(&[]);
        run.snapshot.case = None;
        run.snapshot.dispute = dispute(channel);
        run.step(&CaseInput::Mail(&with(|mail| mail.text = "I object".to_owned())));
        let commit = run.last.as_ref().unwrap();
        assert_eq!((commit.messages.len(), commit.mails.len(), commit.event.is_none()), (1, 1, true));
        let is_report = channel == Channel::Iimmpact;
        assert_eq!(commit.messages[0].attachments[0].file.is_some(), is_report, "{channel:?}");
        assert_eq!(commit.messages[0].role, MessageRole::Customer);
        assert!(commit.received.is_some() && commit.after.support.is_none());
    }
    let mut off = asked(&[]);
    off.casework = casework(&[("SUPPORT_PROCESS", "off")]);
    let before = off.case().clone();
    off.after(HOUR, &CaseInput::Mail(&with(|_| {})));
    let names = off.mail_names();
    assert_eq!((off.case(), names), (&before, vec!["reply_received"]), "the customer is not answered");
}

#[test]
fn a_mail_without_an_id_is_known_by_its_digest() {
    let mut run = asked(&[]);
    run.after(HOUR, &CaseInput::Mail(&with(|mail| mail.message_id = None)));
    let commit = run.last.as_ref().unwrap();
    assert_eq!(commit.messages[0].message_id, None);
    let received = commit.received.as_ref().unwrap();
    assert_eq!((received.message_id.as_str(), received.sender.as_str()), ("d".repeat(64).as_str(), CUSTOMER));
    assert_eq!((received.outcome.outcome.as_str(), received.outcome.class.as_str()), ("recorded", "written"));
}

#[test]
fn the_support_address_is_told_where_a_mail_lies_and_not_what_it_says() {
    let unknown = with(|mail| mail.text = "click https://evil.example".to_owned());
    let notification = casework(&[]).settings.no_case(&unknown).unwrap();
    assert_eq!(notification.recipients.to().as_str(), "support@recourse.example");
    let words = notification.support.unwrap().paragraphs.join("\n");
    assert!(words.contains("inbound/abc123") && words.contains(CUSTOMER) && words.contains("dmarc=pass"));
    assert!(!words.contains("evil"));
    assert!(casework(&[("SUPPORT_ADDRESS", "")]).settings.no_case(&unknown).is_none());
}

#[test]
fn six_mails_in_a_minute_wait_for_a_person() {
    let mut run = asked(&[]);
    run.now = run.now.plus(HOUR);
    for _ in 0..5 {
        run.after(1_000, &CaseInput::Mail(&mail("Thanks")));
        assert_eq!(run.state(), State::WaitingForProvider);
    }
    run.after(1_000, &CaseInput::Mail(&mail("It works now")));
    assert_eq!((run.state(), run.case().reason.code()), (State::WaitingForAgent, "too_many_mails"));
    assert!(run.snapshot.dispute.state.is_open() && run.mail_names().is_empty());
}
