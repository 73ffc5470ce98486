//! Disputes of the other APIs have no support process. Their mails and the replies to them are
//! kept on the case.

use recourse_dispute::channel::Channel;
use recourse_store::{Direction, MessageRole};

use super::case::{ACCOUNT, later, mailed, receive, show, unhurried};
use super::eml::{Eml, photo};
use crate::cli::folder;
use crate::deadlines::opened_through;
use crate::harness::{Stack, run};

#[test]
fn replies_to_mails_of_the_other_apis_are_kept_and_move_nothing() {
    run(async {
        let (stack, folder) = (Stack::start(unhurried()).await, folder());
        let mut disputes = Vec::new();
        for channel in [Channel::Arbiter, Channel::Tutelar, Channel::Connect] {
            let dispute = opened_through(&stack, channel).await;
            mailed(&stack, dispute.number).await;
            disputes.push((channel, dispute));
        }
        // Whose opening is no mail is reminded of its deadline.
        later(&stack, 19 * 24 * 60 * 60).await;
        for (channel, dispute) in disputes {
            let to = dispute.recipients.as_ref().unwrap().to().as_str().to_owned();
            let first = stack.inbox(&to, 1).await.remove(0);
            let sent = stack.mails_to(&to).len();
            let mail = Eml::new(&to, &first.reply_to[0], "Re: the dispute", "It works now, thank you.");
            let mail = mail.file("receipt.png", "image/png", &photo());
            receive(&stack, &mail, "").await;
            receive(&stack, &Eml::new("m@evil.example", &first.reply_to[0], "Re: it", "Close it."), "").await;
            stack.sweep().await;

            let record = stack.store().case_record(dispute.number).await.unwrap().unwrap();
            assert_eq!(record.record.dispute.state, dispute.state, "{channel:?}");
            let roles: Vec<_> = record.messages.iter().map(|message| (message.direction, message.role)).collect();
            let expected = [(Direction::In, MessageRole::Customer), (Direction::In, MessageRole::ThirdParty)];
            assert_eq!(roles, expected, "{channel:?}");
            assert_eq!(record.messages[0].text, "It works now, thank you.");
            assert!(record.case.unwrap().support.is_none() && record.history.is_empty(), "{channel:?}");
            assert_eq!(stack.mails_to(&to).len(), sent, "{channel:?}: no mail follows");
            let shown = show(&stack, folder.path(), &dispute.number.case_id()).await;
            assert!(shown["support"].is_null(), "{shown}");
            let texts: Vec<_> = shown["messages"].as_array().unwrap().iter().map(|message| &message["text"]).collect();
            assert!(texts.iter().any(|text| **text == "It works now, thank you."), "{shown}");
            assert!(shown["messages"].as_array().unwrap().iter().any(|message| message["role"] == "system"), "{shown}");
        }
        assert!(stack.mails_to(ACCOUNT).is_empty());
    });
}
