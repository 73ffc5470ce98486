//! Who and what a case is about, in rows.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::environment::Environment;
use recourse_dispute::money::Money;
use recourse_dispute::text::{Private, visible};
use recourse_operations::{Decisive, labels, millis};
use recourse_support::case::Owner;

use super::load::Loaded;
use crate::text::lines;

/// What a fact is called, and the fact.
pub(super) type Row = (&'static str, String);

fn amount(money: Money) -> String {
    money.grouped()
}

fn count(number: u32, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// The customer, as the report and the details name them.
pub(super) fn customer(loaded: &Loaded) -> Vec<Row> {
    let dispute = &loaded.record.record.dispute;
    let claim = &dispute.claim;
    let mut rows = Vec::new();
    rows.extend(claim.contact_person.as_deref().map(|name| ("contact", visible(name).into_owned())));
    match &dispute.recipients {
        Some(recipients) => {
            rows.push(("mail goes to", visible(recipients.to().as_str()).into_owned()));
            let cc: Vec<_> = recipients.cc().iter().map(|address| visible(address.as_str()).into_owned()).collect();
            rows.extend((!cc.is_empty()).then(|| ("in Cc", cc.join(", "))));
        }
        None => rows.push(("mail goes to", "nobody".to_owned())),
    }
    rows.extend(claim.email.as_ref().map(|email| ("address", visible(email.as_str()).into_owned())));
    rows.extend(claim.reply_to.as_ref().map(|email| ("answers to", visible(email.as_str()).into_owned())));
    let customer = &dispute.details.customer;
    let private = |name: &'static str, text: &Option<Private>| {
        text.as_ref().map(|text| (name, visible(text.expose()).into_owned()))
    };
    rows.extend(private("name", &customer.name));
    rows.extend(private("e-mail", &customer.email));
    rows.extend(private("mobile", &customer.mobile));
    rows.extend(private("comments", &dispute.details.comments));
    rows.extend(claim.message.as_deref().map(|message| ("says", lines(message))));
    rows
}

/// Who gets a reply, where it is not the customer with the account in Cc.
pub(super) fn only_reader(loaded: &Loaded) -> Option<String> {
    let recipients = loaded.record.record.dispute.recipients.as_ref()?;
    recipients.cc().is_empty().then(|| visible(recipients.to().as_str()).into_owned())
}

/// The address whose disputes can be looked for: the contact's, or the customer's. Mail about a
/// dispute without either goes to the account alone, whose disputes are too many to look through.
pub(super) fn customer_address(loaded: &Loaded) -> Option<MailAddress> {
    let dispute = &loaded.record.record.dispute;
    let customer = dispute.details.customer.email.as_ref();
    let customer = customer.and_then(|email| MailAddress::parse(email.expose()).ok());
    let mailed = dispute.recipients.as_ref().filter(|recipients| !recipients.cc().is_empty());
    let address = dispute.claim.email.clone().or(customer).or_else(|| mailed.map(|mailed| mailed.to().clone()));
    address.filter(|address| !address.is_erased())
}

/// The transaction and the dispute about it.
pub(super) fn transaction(loaded: &Loaded) -> Vec<Row> {
    let dispute = &loaded.record.record.dispute;
    let facts = &dispute.facts;
    let status = loaded.snapshot.transaction.as_ref().map(|known| known.status);
    let environment = match facts.environment {
        Environment::Production => "production",
        Environment::Staging => "staging: no workflow, no mail",
    };
    let mut rows = vec![("trxid", facts.trxid.to_string()), ("refid", visible(facts.refid.as_str()).into_owned())];
    rows.extend(facts.product.as_deref().map(|product| ("product", visible(product).into_owned())));
    rows.push(("paid", format!("{}, {}", amount(facts.amount), facts.occurred_at.to_the_minute())));
    if dispute.amount != facts.amount {
        rows.push(("disputed", amount(dispute.amount)));
    }
    rows.push(("status", status.map_or("missing", |status| status.name()).to_owned()));
    rows.push(("account", format!("{} ({environment})", facts.account)));
    rows.push((
        "opened",
        format!(
            "{} through the {} API by {}",
            dispute.opened_at.to_the_minute(),
            labels::channel(dispute.channel),
            dispute.opener
        ),
    ));
    let shown = arbiter_status(dispute.state, dispute.category).map(|status| format!(", status {status}"));
    rows.push(("category", format!("{}{}", dispute.category, shown.unwrap_or_default())));
    rows.push(("dispute", labels::state(dispute.state)));
    let active = loaded.transaction.as_ref().and_then(|record| record.live.as_ref()).map(|live| live.number);
    let decisive = Decisive::of(dispute, active, loaded.now).rows(dispute);
    // The claim's own words are the customer's.
    rows.extend(decisive.into_iter().filter(|(name, _)| !["lock", "reason"].contains(name)));
    rows.extend(dispute.logged.as_ref().map(|logged| ("reason", visible(logged.reason.as_str()).into_owned())));
    rows
}

/// What the support process knows of a case.
pub(super) fn process(loaded: &Loaded) -> Vec<Row> {
    let Some(case) = loaded.record.case.as_ref().and_then(|case| case.support.as_ref()) else { return Vec::new() };
    let mut rows = vec![("kind", labels::kind(case.kind).to_owned()), ("language", case.language.as_str().to_owned())];
    rows.extend(case.position.as_ref().map(|position| {
        ("playbook", format!("{}, waiting at step {}", visible(&position.playbook), visible(&position.step)))
    }));
    rows.extend(case.facts.provider.as_ref().map(|answer| {
        let reference = answer.reference.as_deref().map(|text| format!("; reference {}", visible(text)));
        let evidence = answer.evidence.as_deref().map(|text| format!("; \"{}\"", visible(text)));
        let said = labels::provider_state(answer.state);
        ("provider said", format!("{said}{}{}", reference.unwrap_or_default(), evidence.unwrap_or_default()))
    }));
    let provided: Vec<_> = case.facts.provided.iter().map(|fact| labels::fact(*fact)).collect();
    rows.extend((!provided.is_empty()).then(|| ("customer sent", provided.join(", "))));
    rows.extend(case.held.as_ref().map(|held| {
        (
            "held mail",
            format!("{}, until {}", labels::template(held.template), millis(held.not_before.0).to_the_minute()),
        )
    }));
    let counters = case.counters;
    rows.push((
        "so far",
        format!(
            "{}, {} to the provider, {} to the model",
            count(counters.automatic_mails, "automatic mail"),
            count(counters.provider_attempts, "question"),
            counters.model_calls
        ),
    ));
    if case.facts.third_party_wrote {
        rows.push(("third party", "somebody wrote who is no recipient of the case".to_owned()));
    }
    rows
}

/// Which agent has the case.
pub(super) fn owner(loaded: &Loaded) -> Option<String> {
    match &loaded.record.case.as_ref()?.support.as_ref()?.owner {
        Owner::Agent(name) => Some(name.as_str().to_owned()),
        Owner::Automation | Owner::Nobody => None,
    }
}
