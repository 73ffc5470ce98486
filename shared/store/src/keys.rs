//! Where every item is stored. `TXN..`, `DSP..` and `ACC..` are partition keys of the first lines.
//!
//! | item | PK | SK |
//! |---|---|---|
//! | transaction | `TXN#<environment>#<trxid>` | `TXN` |
//! | active-dispute lock: one live dispute at a time | `TXN..` | `LIVE` |
//! | draft lock: one draft of an account at a time | `TXN..` | `DRAFT#<account>` |
//! | the transaction's disputes | `TXN..` | `DSP#<number>` |
//! | pointer by refid | `REF#<environment>#<account>#<refid>` | `REF` |
//! | pointer by type and reference | `TREF#<environment>#<type>#<reference>` | `REF` |
//! | pointer by capture | `CAPT#<environment>#<account>#<capture>` | `REF` |
//! | dispute | `DSP#<number>` | `DSP` |
//! | its history | `DSP..` | `EVT#<version>` |
//! | its mails, those to the parties with a `p` | `DSP..` | `MAIL#<version>`, `MAIL#<version>p` |
//! | SES's report about a mail | `DSP..` | `FDBK#<mail's version, with its p>#<address>#<kind>` |
//! | the status that the counters last counted | `DSP..` | `CNT` |
//! | what the numbers last counted of it | `DSP..` | `NUM` |
//! | by which entries a search finds it | `DSP..` | `FND` |
//! | which of its events went to webhook endpoints | `DSP..` | `HOOK` |
//! | its support case: state and number of messages | `DSP..` | `SUP` |
//! | the history of the support case | `DSP..` | `SEV#<version of the support case>` |
//! | its messages, in and out | `DSP..` | `MSG#<place in the thread>` |
//! | which of its objects are to be erased, or were | `DSP..` | `GONE#<write token>` |
//! | that a mail was received, once in a case | `DSP..` | `RCV#<SHA-256 of sender and Message-ID>` |
//! | what became of a received object | `INB#<SHA-256 of the object's key>` | same |
//! | which of our mails has a Message-ID | `OUT#<SHA-256 of the id>` | same |
//! | mark of an address that is not mailed | `ADDR#<address>` | `MARK` |
//! | who set and cleared the mark | `ADDR#<address>` | `AUD#<version>` |
//! | an account's disputes by date | `PTY#account#<id>` | `<created>#<number>` |
//! | a domain's disputes by date | `PTY#domain#<environment>#<code>` | `<created>#<number>` |
//! | account | `ACC#<id>` | same |
//! | its keys for listing | `ACC..` | `KEY#<keyid>` |
//! | its audit | `ACC..` | `AUD#<version>` |
//! | which account has a domain code | `DOM#<code>` | same |
//! | which account has a merchant id | `MID#<merchant id>` | same |
//! | a user of an account | `USER#<account>#<name>` | same |
//! | the list of accounts, for operators | `LIST#accounts` | `<id>` |
//! | webhook endpoint of an account, its secrets sealed | `LIST#webhooks` | `<id>` |
//! | the event bus, as a destination of events | `LIST#webhooks` | `bus_<environment>` |
//! | credential | `KEY#<keyid>` | same |
//! | configuration of an account | `CFG#<account>` | same |
//! | secret for requests to its provider, sealed | `CFG#<account>` | `PROVIDER` |
//! | moves of the test clock of a staging account | `CLOCK#<account>` | same |
//! | data key | `CFG##sealing` | same |
//! | secret for the identity provider, sealed | `CFG##identity` | same |
//! | who set it | `CFG##identity` | `AUD#<version>` |
//! | operator of the console | `OPR#<SHA-256 of the address>` | same |
//! | the operator's audit | `OPR..` | `AUD#<version>` |
//! | an erasure of a person's data that is under way | `ERASE#<address>` | `RUN` |
//! | its certificate | `ERASE#<address>` | `CERT#<begun>#<id>` |
//! | which erasure of the address ended last | `ERASE#<address>` | `LAST` |
//! | what it found in a case | `ERASE#<address>` | `CASE#<id>#<number>` |
//! | which operator has a name | `OPN#<name in lower case>` | same |
//! | which operator a person at the identity provider is | `OPI#<SHA-256 of issuer and subject>` | same |
//! | the list of operators | `LIST#operators` | `<SHA-256 of the address>` |
//! | audit log of the console | `AUDIT#<day>` | `<at>#<random>` |
//! | how many disputes a domain has | `CNT#<environment>#<code>#<shard>` | same |
//! | a dispute by an address of it | `FIND#email#<environment>#<address>` | `<created>#<number>` |
//! | by its transaction's refid | `FIND#refid#<environment>#<refid>` | `<created>#<number>` |
//! | by an amount, in minor units | `FIND#amount#<environment>#<currency>#<amount>` | `<created>#<number>` |
//! | by the day on which it was opened | `FIND#day#<environment>#<yyyy-mm-dd>` | `<created>#<number>` |
//! | by an id that no pointer leads from | `FIND#id#<environment>#<SHA-256 of the id>` | `<created>#<number>` |
//! | how many disputes a day had | `NUM#<environment>#<dimension>#<shard>` | `<yyyy-mm-dd>#<value>` |
//!
//! In the ephemeral table:
//!
//! | item | PK | SK |
//! |---|---|---|
//! | nonce | `NONCE#<key>#<nonce>` | same |
//! | idempotence key | `IDEM#<merchant>#<method>#<SHA-256 of the path>#<key>` | same |
//! | sign-in link | `LINK#<SHA-256 of its token>` | same |
//! | sign-in at the identity provider | `OIDC#<SHA-256 of its state>` | same |
//! | session of the console | `SESS#<SHA-256 of its token>` | same |
//! | cap, login attempts | `CAP#<what>#<subject>#<window>` | same |
//! | delivery of an event to a webhook endpoint, or to the bus | `HOOK#<endpoint>` | `<created>#<event>` |
//! | replay by request | `REPLAY#<digest of the request>` | same |
//! | script of faults of a key in staging | `CHAOS#key#<keyid>` | same |
//! | how often it asked for what fails every second time | `CHAOS#key#<keyid>/<kind>` | same |
//! | script of a webhook endpoint in staging | `CHAOS#webhook#<endpoint>` | same |
//!
//! Pointers are never rewritten. The cap of the mails to an address has `<address>` as its subject.
//!
//! An `<environment>` is `production` or `staging`: that of the transaction's account. Every key of
//! a transaction and every pointer to one holds it, so that a name that staging took is free in
//! production, and no read for one environment finds an item of the other.
//!
//! An `<address>` is the SHA-256 of a mail address in lower case: keys show in places that items do
//! not (CloudTrail, error texts, hot-key reports).
//!
//! What a stranger's mail names, such as its Message-ID, has no longest text either: it goes into a
//! key as its digest. Mails that belong to no case are stored with the number
//! [`DisputeNumber::NO_CASE`].
//!
//! Parts of keys are encoded so that a `#` in one cannot look like another key.
//!
//! DynamoDB takes a PK of at most 2048 bytes and an SK of at most 1024. Every part is of a type
//! that has a longest text, and the longest key of them all keeps that (an encoded character has at
//! most 4 bytes); what has no longest text, the path of a request, goes into a key as its digest.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::HEXLOWER;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{
    AccountId, CaptureId, DomainCode, KeyId, MerchantId, Reference, Refid, TransactionType, Trxid, UserName,
};
use recourse_dispute::notification::Audience;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::{Day, UnixMillis};
use recourse_dispute::webhook::WebhookId;
use sha2::{Digest, Sha256};

use crate::{MailId, WriteToken};

/// The name of the partition key's attribute.
pub(crate) const PK: &str = "PK";
/// The name of the sort key's attribute.
pub(crate) const SK: &str = "SK";

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemKey {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl ItemKey {
    fn of(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    fn same(pk: String) -> Self {
        Self { sk: pk.clone(), pk }
    }

    /// The key as DynamoDB takes it.
    pub(crate) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.pk.clone())),
            (SK.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// For errors: the partition key, and the sort key where that is another one.
impl std::fmt::Display for ItemKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.pk)?;
        if self.sk == self.pk { Ok(()) } else { write!(out, " {}", self.sk) }
    }
}

/// `%` and `#` as `%25` and `%23`; everything else stays readable.
fn part(text: &str) -> Cow<'_, str> {
    let is_plain = !text.bytes().any(|byte| matches!(byte, b'%' | b'#'));
    if is_plain { text.into() } else { text.replace('%', "%25").replace('#', "%23").into() }
}

pub(crate) fn transaction_partition(environment: Environment, trxid: &Trxid) -> String {
    format!("TXN#{}#{}", environment.name(), part(trxid.as_str()))
}

/// The sort key of a transaction's own item.
pub(crate) const TRANSACTION: &str = "TXN";
/// The sort key of a transaction's active-dispute lock.
pub(crate) const LIVE: &str = "LIVE";
/// What the sort keys of a transaction's disputes begin with, and a dispute's partition key.
pub(crate) const DISPUTES: &str = "DSP#";
/// The sort key of a dispute's own item.
pub(crate) const DISPUTE: &str = "DSP";

pub(crate) fn transaction(environment: Environment, trxid: &Trxid) -> ItemKey {
    ItemKey::of(transaction_partition(environment, trxid), TRANSACTION)
}

pub(crate) fn active_dispute_lock(environment: Environment, trxid: &Trxid) -> ItemKey {
    ItemKey::of(transaction_partition(environment, trxid), LIVE)
}

/// What the sort keys of a transaction's draft locks begin with.
const DRAFTS: &str = "DRAFT#";

pub(crate) fn draft_lock(environment: Environment, trxid: &Trxid, opener: &AccountId) -> ItemKey {
    ItemKey::of(transaction_partition(environment, trxid), format!("{DRAFTS}{}", part(opener.as_str())))
}

pub(crate) fn transaction_dispute(environment: Environment, trxid: &Trxid, number: DisputeNumber) -> ItemKey {
    ItemKey::of(transaction_partition(environment, trxid), format!("{DISPUTES}{number}"))
}

/// The sort key of every pointer to a transaction.
pub(crate) const POINTER: &str = "REF";

pub(crate) fn by_refid(environment: Environment, account: &AccountId, refid: &Refid) -> ItemKey {
    pointer("REF", environment, account.as_str(), refid.as_str())
}

pub(crate) fn by_reference(
    environment: Environment,
    transaction_type: &TransactionType,
    reference: &Reference,
) -> ItemKey {
    pointer("TREF", environment, transaction_type.as_str(), reference.as_str())
}

pub(crate) fn by_capture(environment: Environment, account: &AccountId, capture: &CaptureId) -> ItemKey {
    pointer("CAPT", environment, account.as_str(), capture.as_str())
}

fn pointer(kind: &str, environment: Environment, whose: &str, name: &str) -> ItemKey {
    ItemKey::of(format!("{kind}#{}#{}#{}", environment.name(), part(whose), part(name)), POINTER)
}

pub(crate) fn dispute_partition(number: DisputeNumber) -> String {
    format!("{DISPUTES}{number}")
}

pub(crate) fn dispute(number: DisputeNumber) -> ItemKey {
    ItemKey::of(dispute_partition(number), DISPUTE)
}

/// The dispute whose partition this is.
pub(crate) fn number_of(pk: &str) -> Option<DisputeNumber> {
    pk.strip_prefix(DISPUTES)?.parse().ok()
}

/// The dispute whose own item or whose support case has this key, as a record of the stream names
/// it; `None` for every other item.
#[must_use]
pub fn dispute_at(pk: &str, sk: &str) -> Option<DisputeNumber> {
    number_of(pk).filter(|_| sk == DISPUTE || sk == SUPPORT_CASE)
}

pub(crate) fn event(number: DisputeNumber, version: u64) -> ItemKey {
    ItemKey::of(dispute_partition(number), format!("{EVENTS}{version:010}"))
}

pub(crate) fn mail(id: MailId) -> ItemKey {
    let MailId { number, version, audience } = id;
    ItemKey::of(dispute_partition(number), format!("{MAILS}{version:010}{}", suffix(audience)))
}

/// What a mail's key and its id end with.
pub(crate) fn suffix(audience: Audience) -> &'static str {
    match audience {
        Audience::Case => "",
        Audience::Parties => "p",
    }
}

/// What the sort keys of a dispute's history begin with.
pub(crate) const EVENTS: &str = "EVT#";
/// What the sort keys of a dispute's mails begin with.
pub(crate) const MAILS: &str = "MAIL#";

/// What the sort keys of what SES reported of a dispute's mails begin with.
pub(crate) const FEEDBACK: &str = "FDBK#";

pub(crate) fn feedback(id: MailId, address: &str, kind: &str) -> ItemKey {
    let MailId { number, version, audience } = id;
    ItemKey::of(dispute_partition(number), format!("{FEEDBACK}{version:010}{}#{address}#{kind}", suffix(audience)))
}

/// The sort key of a dispute's support case.
pub(crate) const SUPPORT_CASE: &str = "SUP";
/// What the sort keys of a support case's history begin with.
pub(crate) const SUPPORT_EVENTS: &str = "SEV#";
/// What the sort keys of a case's messages begin with. They and what sorts after them are read with
/// the case alone; a dispute's own record ends before them.
pub(crate) const MESSAGES: &str = "MSG#";

pub(crate) fn support_case(number: DisputeNumber) -> ItemKey {
    ItemKey::of(dispute_partition(number), SUPPORT_CASE)
}

pub(crate) fn support_event(number: DisputeNumber, version: u64) -> ItemKey {
    ItemKey::of(dispute_partition(number), format!("{SUPPORT_EVENTS}{version:010}"))
}

pub(crate) fn message(number: DisputeNumber, seq: u64) -> ItemKey {
    ItemKey::of(dispute_partition(number), format!("{MESSAGES}{seq:010}"))
}

/// That a mail was received in a case. The sender is part of it, so that nobody can use up the
/// Message-ID of somebody else's mail.
pub(crate) fn received(number: DisputeNumber, sender: &str, message_id: &str) -> ItemKey {
    let digest = digest(&format!("{}\0{message_id}", sender.to_lowercase()));
    ItemKey::of(dispute_partition(number), format!("RCV#{digest}"))
}

/// Which objects of a closed case are to be erased, or were.
pub(crate) fn objects_to_erase(number: DisputeNumber, token: &WriteToken) -> ItemKey {
    ItemKey::of(dispute_partition(number), format!("GONE#{}", token.as_str()))
}

/// What the keys of received mails in the bucket begin with.
pub(crate) const RECEIVED_MAILS: &str = "inbound/";

pub(crate) fn inbound(object_key: &str) -> ItemKey {
    ItemKey::same(format!("INB#{}", digest(object_key)))
}

/// By a Message-ID, with or without its brackets and in any case.
pub(crate) fn sent_id(message_id: &str) -> ItemKey {
    let id = message_id.trim().trim_start_matches('<').trim_end_matches('>');
    ItemKey::same(format!("OUT#{}", digest(&id.to_lowercase())))
}

/// The SHA-256 of a text, for a part of a key that has no longest text or that keys do not show.
pub(crate) fn digest(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}

pub(crate) fn address_partition(address: &str) -> String {
    format!("ADDR#{address}")
}

pub(crate) fn address_mark(address: &str) -> ItemKey {
    ItemKey::of(address_partition(address), "MARK")
}

pub(crate) fn address_audit(address: &str, version: u64) -> ItemKey {
    ItemKey::of(address_partition(address), format!("{AUDIT}{version:010}"))
}

/// The partition of the erasures of a person's data, by the digest of the address.
pub(crate) fn erasure_partition(address: &str) -> String {
    format!("ERASE#{address}")
}

pub(crate) fn erasure_run(address: &str) -> ItemKey {
    ItemKey::of(erasure_partition(address), ERASURE_RUN)
}

/// The sort key of an erasure that is under way.
pub(crate) const ERASURE_RUN: &str = "RUN";
/// What the sort keys of the cases of erasures begin with, up to their first `#`.
pub(crate) const ERASED_CASE: &str = "CASE";
/// The sort key of what says which erasure ended last.
pub(crate) const LAST_ERASURE: &str = "LAST";
/// What the sort keys of certificates begin with.
pub(crate) const CERTIFICATES: &str = "CERT#";

pub(crate) fn certificate(address: &str, begun: UnixMillis, id: &str) -> ItemKey {
    ItemKey::of(erasure_partition(address), format!("{CERTIFICATES}{}{id}", at_date(begun)))
}

pub(crate) fn last_erasure(address: &str) -> ItemKey {
    ItemKey::of(erasure_partition(address), LAST_ERASURE)
}

/// What the sort keys of the cases of an erasure begin with.
pub(crate) fn erased_cases(id: &str) -> String {
    format!("{ERASED_CASE}#{id}#")
}

pub(crate) fn erased_case(address: &str, id: &str, number: DisputeNumber) -> ItemKey {
    ItemKey::of(erasure_partition(address), format!("{}{:015}", erased_cases(id), number.get()))
}

/// The partition of the list of operators.
pub(crate) const OPERATORS: &str = "LIST#operators";

pub(crate) fn operator(id: &str) -> ItemKey {
    ItemKey::same(format!("OPR#{id}"))
}

pub(crate) fn operator_audit(id: &str, version: u64) -> ItemKey {
    ItemKey::of(operator(id).pk, format!("{AUDIT}{version:010}"))
}

pub(crate) fn operator_name(name: &str) -> ItemKey {
    ItemKey::same(format!("OPN#{}", part(&name.to_lowercase())))
}

/// The key of who a person at the identity provider is: a subject is unique within its issuer, and
/// no issuer has a line break.
pub(crate) fn operator_identity(issuer: &str, subject: &str) -> ItemKey {
    ItemKey::same(format!("OPI#{}", digest(&format!("{issuer}\n{subject}"))))
}

pub(crate) fn operator_entry(id: &str) -> ItemKey {
    ItemKey::of(OPERATORS.to_owned(), id)
}

pub(crate) fn link(digest: &str) -> ItemKey {
    ItemKey::same(format!("LINK#{digest}"))
}

pub(crate) fn identity_attempt(digest: &str) -> ItemKey {
    ItemKey::same(format!("OIDC#{digest}"))
}

pub(crate) fn session(digest: &str) -> ItemKey {
    ItemKey::same(format!("SESS#{digest}"))
}

pub(crate) fn audit_log_partition(day: Day) -> String {
    format!("AUDIT#{day}")
}

pub(crate) fn audit_log(day: Day, at: UnixMillis, token: &WriteToken) -> ItemKey {
    ItemKey::of(audit_log_partition(day), format!("{}{}", at_date(at), token.as_str()))
}

/// The partition of the list of accounts.
pub(crate) const ACCOUNTS: &str = "LIST#accounts";

pub(crate) fn account_entry(account: &AccountId) -> ItemKey {
    ItemKey::of(ACCOUNTS.to_owned(), part(account.as_str()))
}

pub(crate) fn account_list(account: &AccountId, created: UnixMillis, number: DisputeNumber) -> ItemKey {
    ItemKey::of(account_partition(account), by_date(created, number))
}

pub(crate) fn domain_list(
    environment: Environment,
    domain: &DomainCode,
    created: UnixMillis,
    number: DisputeNumber,
) -> ItemKey {
    ItemKey::of(domain_partition(environment, domain), by_date(created, number))
}

fn by_date(created: UnixMillis, number: DisputeNumber) -> String {
    format!("{}{:015}", at_date(created), number.get())
}

/// The dispute of a list's entry, by its sort key.
pub(crate) fn number_of_entry(sk: &str) -> Option<DisputeNumber> {
    let (_, number) = sk.split_once('#')?;
    number.parse::<u64>().ok()?.try_into().ok()
}

/// What the sort keys of a list's entries of this moment begin with.
pub(crate) fn at_date(created: UnixMillis) -> String {
    format!("{:015}#", created.0)
}

pub(crate) fn account(account: &AccountId) -> ItemKey {
    ItemKey::same(format!("ACC#{}", part(account.as_str())))
}

/// What the sort keys of an account's keys begin with.
pub(crate) const ACCOUNT_KEYS: &str = "KEY#";
/// What the sort keys of an account's audit begin with, and of an address's.
pub(crate) const AUDIT: &str = "AUD#";

pub(crate) fn account_key(owner: &AccountId, key: &KeyId) -> ItemKey {
    ItemKey::of(account(owner).pk, format!("{ACCOUNT_KEYS}{}", part(key.as_str())))
}

pub(crate) fn account_audit(owner: &AccountId, version: u64) -> ItemKey {
    ItemKey::of(account(owner).pk, format!("{AUDIT}{version:010}"))
}

pub(crate) fn credential(key: &KeyId) -> ItemKey {
    ItemKey::same(format!("KEY#{}", part(key.as_str())))
}

pub(crate) fn domain(code: &DomainCode) -> ItemKey {
    ItemKey::same(format!("DOM#{}", part(code.as_str())))
}

pub(crate) fn merchant(id: &MerchantId) -> ItemKey {
    ItemKey::same(format!("MID#{}", part(id.as_str())))
}

pub(crate) fn configuration(account: &AccountId) -> ItemKey {
    ItemKey::same(format!("CFG#{}", part(account.as_str())))
}

pub(crate) fn provider_secret(account: &AccountId) -> ItemKey {
    ItemKey::of(configuration(account).pk, "PROVIDER")
}

pub(crate) fn clock(account: &AccountId) -> ItemKey {
    ItemKey::same(format!("CLOCK#{}", part(account.as_str())))
}

pub(crate) fn sealing() -> ItemKey {
    // `#` cannot be part of an account's id, so this is no account's configuration.
    ItemKey::same("CFG##sealing".to_owned())
}

pub(crate) fn identity_secret() -> ItemKey {
    ItemKey::same("CFG##identity".to_owned())
}

pub(crate) fn identity_secret_audit(version: u64) -> ItemKey {
    ItemKey::of(identity_secret().pk, format!("{AUDIT}{version:010}"))
}

pub(crate) fn nonce(key: &KeyId, nonce: &str) -> ItemKey {
    ItemKey::same(format!("NONCE#{}#{}", part(key.as_str()), part(nonce)))
}

pub(crate) fn idempotence(merchant: &str, method: &str, path: &str, key: &str) -> ItemKey {
    // A path is as long as its client makes it, a key of DynamoDB's at most 2,048 bytes.
    let path = digest(path);
    ItemKey::same(format!("IDEM#{}#{}#{path}#{}", part(merchant), part(method), part(key)))
}

pub(crate) fn cap(what: &str, of_whom: &str, window: i64) -> ItemKey {
    ItemKey::same(format!("CAP#{what}#{}#{window}", part(of_whom)))
}

/// How often a key of staging did something. No key's id has a `/` in it.
pub(crate) fn turns(key: &KeyId, kind: &str) -> ItemKey {
    ItemKey::same(format!("CHAOS#key#{}/{kind}", part(key.as_str())))
}

/// The script of faults of a `key` or a `webhook`.
pub(crate) fn faults(kind: &str, id: &str) -> ItemKey {
    ItemKey::same(format!("CHAOS#{kind}#{}", part(id)))
}

pub(crate) fn user(account: &AccountId, name: &UserName) -> ItemKey {
    ItemKey::same(format!("USER#{}#{}", part(account.as_str()), part(name.as_str())))
}

pub(crate) fn counter(environment: Environment, domain: &DomainCode, shard: u64) -> ItemKey {
    ItemKey::same(format!("CNT#{}#{}#{shard}", environment.name(), part(domain.as_str())))
}

pub(crate) fn counted(number: DisputeNumber) -> ItemKey {
    ItemKey::of(dispute_partition(number), "CNT")
}

pub(crate) fn numbered(number: DisputeNumber) -> ItemKey {
    ItemKey::of(dispute_partition(number), "NUM")
}

pub(crate) fn entered(number: DisputeNumber) -> ItemKey {
    ItemKey::of(dispute_partition(number), "FND")
}

/// The partition of the disputes that a search finds by `what`.
pub(crate) fn search_partition(kind: &str, environment: Environment, what: &str) -> String {
    format!("FIND#{kind}#{}#{}", environment.name(), part(what))
}

pub(crate) fn search_amount(environment: Environment, currency: &str, minor: u64) -> String {
    format!("FIND#amount#{}#{currency}#{minor}", environment.name())
}

/// The partition of the disputes that a search finds by this text, which has no longest form.
pub(crate) fn search_digest(kind: &str, environment: Environment, text: &str) -> String {
    search_partition(kind, environment, &digest(text))
}

pub(crate) fn search_entry(partition: &str, created: UnixMillis, number: DisputeNumber) -> ItemKey {
    ItemKey::of(partition.to_owned(), by_date(created, number))
}

/// The partition of the webhook endpoints.
pub(crate) const WEBHOOKS: &str = "LIST#webhooks";
/// What the partitions of an endpoint's deliveries begin with.
pub(crate) const DELIVERIES: &str = "HOOK#";

pub(crate) fn webhook(id: &WebhookId) -> ItemKey {
    ItemKey::of(WEBHOOKS.to_owned(), id.as_str())
}

/// What of a dispute was handed to webhook endpoints.
pub(crate) fn fanned_out(number: DisputeNumber) -> ItemKey {
    ItemKey::of(dispute_partition(number), "HOOK")
}

pub(crate) fn delivery(endpoint: &WebhookId, created: UnixMillis, event: &str) -> ItemKey {
    ItemKey::of(format!("{DELIVERIES}{endpoint}"), format!("{}{event}", at_date(created)))
}

/// The first time that a request for a replay came.
pub(crate) fn replay(request: &str) -> ItemKey {
    ItemKey::same(format!("REPLAY#{}", part(request)))
}

/// The partition of a dimension's numbers.
pub(crate) fn numbers_partition(environment: Environment, dimension: &str, shard: u64) -> String {
    format!("NUM#{}#{dimension}#{shard}", environment.name())
}

/// The numbers of a day, of one value of a dimension.
pub(crate) fn numbers(environment: Environment, dimension: &str, shard: u64, day: Day, value: &str) -> ItemKey {
    ItemKey::of(numbers_partition(environment, dimension, shard), format!("{day}#{}", part(value)))
}

pub(crate) fn domain_partition(environment: Environment, domain: &DomainCode) -> String {
    format!("PTY#domain#{}#{}", environment.name(), part(domain.as_str()))
}

pub(crate) fn account_partition(account: &AccountId) -> String {
    format!("PTY#account#{}", part(account.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_in_a_part_cannot_look_like_another_key() {
        let account = AccountId::parse("acct").unwrap();
        let tricky = by_refid(Environment::Production, &account, &Refid::parse("a#REF%23").unwrap());
        assert_eq!(tricky.pk, "REF#production#acct#a%23REF%2523");
        let referred = |kind, reference| {
            let (kind, reference) = (TransactionType::parse(kind).unwrap(), Reference::parse(reference).unwrap());
            by_reference(Environment::Production, &kind, &reference)
        };
        assert_ne!(referred("a#b", "c"), referred("a", "b#c"));
    }

    #[test]
    fn the_longest_key_of_each_kind_is_one_that_dynamodb_takes() {
        let id = "~".repeat(64);
        let (account, name) = (AccountId::parse(&id).unwrap(), UserName::parse(&id).unwrap());
        let (key, code) = (KeyId::parse(&id).unwrap(), DomainCode::parse(&id).unwrap());
        let (environment, hour) = (Environment::Production, 1_000_000);
        // Of a character's bytes in a key, `#` makes three of one and the largest of Unicode four
        // of four.
        for character in ["#", "\u{10fffd}"] {
            let characters = |count| character.repeat(count);
            let reference = Reference::parse(&characters(128)).unwrap();
            for key in [
                by_refid(environment, &account, &Refid::parse(&characters(50)).unwrap()),
                by_reference(environment, &TransactionType::parse(&characters(128)).unwrap(), &reference),
                by_capture(environment, &account, &CaptureId::parse(&id).unwrap()),
                nonce(&key, &"#".repeat(128)),
                idempotence(&id, "DELETE", &characters(8_000), &"#".repeat(40)),
                cap("mails-to-address", &"#".repeat(254), hour),
                cap("passwords", &format!("{account}/{name}"), hour),
                user(&account, &name),
                domain(&code),
                account_key(&account, &key),
                search_entry(
                    &search_partition("refid", environment, &characters(50)),
                    UnixMillis(0),
                    DisputeNumber::NO_CASE,
                ),
                numbers(environment, "agent", 3, Day::of(UnixMillis(0)), &characters(64)),
                operator_name(&characters(64)),
            ] {
                assert!(key.pk.len() <= 2048 && key.sk.len() <= 1024, "{} {}: {key:?}", key.pk.len(), key.sk.len());
            }
        }
    }

    #[test]
    fn a_dispute_and_its_support_case_are_at_their_own_keys_alone() {
        for sk in ["DSP", "SUP"] {
            assert_eq!(dispute_at("DSP#551", sk).map(DisputeNumber::get), Some(551));
        }
        for (pk, sk) in [
            ("DSP#551", "EVT#1"),
            ("DSP#551", "CNT"),
            ("DSP#551", "NUM"),
            ("TXN#production#551", "DSP"),
            ("DSP#x", "DSP"),
            ("DSP#0", "DSP"),
        ] {
            assert_eq!(dispute_at(pk, sk), None, "{pk} {sk}");
        }
    }

    #[test]
    fn a_received_mail_is_known_by_its_sender_and_its_id_together() {
        let number = DisputeNumber::try_from(551).unwrap();
        let of = |sender, id| received(number, sender, id).sk;
        assert_eq!(of("User@customer.example", "<1@x>"), of("user@customer.example", "<1@x>"));
        assert_ne!(of("user@customer.example", "<1@x>"), of("other@customer.example", "<1@x>"));
        assert_ne!(of("user@customer.example", "<1@x>"), of("user@customer.example", "<1@X>"));
        assert_eq!(sent_id("<0100@Email.amazonses.com>"), sent_id("0100@email.amazonses.com"));
    }

    /// A partition key has at most 2,048 bytes, a sort key 1,024 (DynamoDB's limits).
    #[test]
    fn an_idempotence_key_fits_whatever_the_path() {
        let key = |path: &str| idempotence(&"m".repeat(64), "DELETE", path, &"#".repeat(40)).sk;
        let long = key(&format!("/v1/1001/disputes/{}/submit", "1".repeat(9_000)));
        assert!(long.len() <= 1_024, "{long}");
        assert_ne!(long, key(&format!("/v1/1001/disputes/{}/submit", "1".repeat(9_001))));
    }

    #[test]
    fn lists_sort_by_date() {
        let number = DisputeNumber::try_from(7).unwrap();
        let account = AccountId::parse("acct").unwrap();
        let early = account_list(&account, UnixMillis(999), number);
        let late = account_list(&account, UnixMillis(1_000_000), number);
        assert!(early.sk < late.sk);
    }
}
