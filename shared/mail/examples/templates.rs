//! Writes every mail that can come about as text and HTML into a folder, to look at:
//! `cargo run --locked --example templates -- FOLDER`.

use std::error::Error;
use std::path::PathBuf;

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::ids::{AccountId, Refid};
use recourse_dispute::lifecycle::{Action, Actor, Category, Right, State, transition};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notification::{Audience, Notification, NotificationDetails, StatusSnapshot};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::policy::actions::Situation;
use recourse_dispute::policy::notifications::{PossibleMail, choices, every_mail, shows_comment};
use recourse_dispute::time::UnixMillis;
use recourse_mail::{Branding, EmailBody, subject};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let branding = Branding::new("Recourse", MailAddress::parse("support@recourse.example")?)?;
    let mut subjects = String::new();
    for mail in every_mail() {
        let notification = notification(&mail)?;
        let body = EmailBody::write(&notification, &branding)?;
        let (template, audience, cause, _) = mail;
        let name = format!("{template:?}-{audience:?}-{cause:?}")
            .to_lowercase()
            .replace(|at: char| !at.is_alphanumeric(), "-");
        subjects.push_str(&format!("{audience:?}\t{}\n", subject(&notification)));
        std::fs::write(folder.join(format!("{name}.txt")), body.text)?;
        std::fs::write(folder.join(format!("{name}.html")), body.html)?;
    }
    std::fs::write(folder.join("subjects.tsv"), subjects)?;
    Ok(())
}

/// The notification of a mail that can come about, with facts as a payment platform reports them.
fn notification((template, audience, cause, state): &PossibleMail) -> Result<Notification, Box<dyn Error>> {
    let category = cause.channel.policy().categories.first().copied().unwrap_or(Category::Chargeback);
    let is_bank = template.is_for_parties();
    let name = |name: &str| Some(name.to_owned());
    Ok(Notification {
        template: *template,
        audience: *audience,
        cause: *cause,
        number: DisputeNumber::from_base62("4fQ9zLk2")?,
        account: AccountId::parse("acct_demo")?,
        recipients: Recipients::parse(&[], &MailAddress::parse("account@client.example")?)?,
        refid: Refid::parse("123456")?,
        product: name("Airtel airtime 1550"),
        amount: Money::parse("1550.00", Currency::parse("NGN")?)?,
        disputed: Some(Money::parse("1000.00", Currency::parse("NGN")?)?),
        details: NotificationDetails {
            paid_at: Some(UnixMillis(1_768_615_200_000)),
            merchant: name("Airtel Nigeria"),
            issuer: name("FIRST BANK OF NIGERIA").filter(|_| is_bank),
            acquirer: name("GUARANTY TRUST BANK").filter(|_| is_bank),
            reason: name("Non-Receipt of Goods or Services (RG)").filter(|_| is_bank),
            comment: name("The airtime was never credited to the customer's number.")
                .filter(|_| shows_comment(cause.channel, *audience, cause.actor)),
        },
        status: Some(snapshot(*audience, *state, category, cause.channel)),
        undelivered: None,
        support: None,
    })
}

/// The status of the dispute then.
fn snapshot(audience: Audience, state: State, category: Category, channel: Channel) -> StatusSnapshot {
    let situation = Situation {
        channel,
        state,
        category,
        closed_by: None,
        parties_acted: true,
        has_evidence: channel.policy().draft != Right::Never,
        respondent: Some(Actor::Acquirer),
    };
    let end = transition(state, category, Action::Expire).ok().filter(|_| channel.policy().has_deadlines);
    StatusSnapshot {
        log_code: (audience == Audience::Parties).then(|| "FBN00II551".to_owned()),
        transaction: Some("BillPayment 1286176".to_owned()),
        category,
        status: recourse_dispute::channels::arbiter::arbiter_status(state, category).map(str::to_owned),
        party_due: state.party_due(),
        ends_at: end.map(|_| UnixMillis(1_770_256_800_000)),
        ends_for: end.and_then(State::closing),
        respondent: situation.respondent,
        choices: choices(&situation, audience),
    }
}
