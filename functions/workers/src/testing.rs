//! A cloud in this process, a clock that does not move, and a log: what the workers' tests run in.
//!
//! Everything is real but the wire: the SDKs' own clients speak to a connector that answers in this
//! process.

pub(crate) mod case;
pub(crate) mod cloud;
pub(crate) mod log;

use std::cell::Cell;

use recourse_casework::{PlaybookSource, ProcessStart, Settings};
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::deadlines::Deadlines;
use recourse_dispute::time::UnixMillis;
use recourse_files::Files;
use recourse_store::{Sealer, Store, Tables, WriteToken};
use recourse_support::limits::Limits;

use crate::SystemContext;
use cloud::Cloud;

/// When every test begins.
pub(crate) const START: UnixMillis = UnixMillis(1_764_547_200_000);

thread_local! {
    static NOW: Cell<UnixMillis> = const { Cell::new(START) };
}

/// What time it is, in this test.
pub(crate) fn now() -> UnixMillis {
    NOW.get()
}

/// Moves the clock of this test.
pub(crate) fn pass(millis: i64) {
    NOW.set(now().plus(millis));
}

/// Sets the clock of this test to [`START`].
pub(crate) fn begin() {
    NOW.set(START);
}

/// The clock, the entropy and the log of a test's workers.
pub(crate) fn context() -> SystemContext {
    SystemContext { clock: now, random: getrandom::fill, print: log::print }
}

pub(crate) fn token() -> WriteToken {
    SystemContext::real().write_token().unwrap()
}

/// A store in a cloud.
pub(crate) fn store(cloud: &Cloud) -> Store {
    let tables = Tables { disputes: "disputes".to_owned(), ephemeral: "ephemeral".to_owned() };
    let client = aws_sdk_dynamodb::Client::from_conf(cloud::config!(aws_sdk_dynamodb, cloud).build());
    Store::new(client, tables, Deadlines::shipped().unwrap())
}

/// A sealer in a cloud, which has no data key yet.
pub(crate) fn sealer(cloud: &Cloud) -> Sealer {
    let client = aws_sdk_kms::Client::from_conf(cloud::config!(aws_sdk_kms, cloud).build());
    Sealer::new(client, "key".to_owned())
}

/// Gives a deployment its data key.
pub(crate) async fn make_data_key(sealer: &Sealer, store: &Store) {
    sealer.seal(store, b"secret", "purpose", [0; 12], &token()).await.unwrap();
}

/// The bucket of a cloud.
pub(crate) fn files(cloud: &Cloud) -> Files {
    let config = cloud::config!(aws_sdk_s3, cloud)
        .endpoint_url("http://s3.test")
        .force_path_style(true)
        .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
        .build();
    Files::new(aws_sdk_s3::Client::from_conf(config), "evidence", false)
}

/// A deployment that answers its cases, with the limits that ship and without a model.
pub(crate) fn settings() -> Settings {
    let address = |text| MailAddress::parse(text).unwrap();
    Settings {
        process: true,
        reads_replies: true,
        limits: Limits::shipped().unwrap(),
        playbooks: PlaybookSource::Shipped,
        supervisors: None,
        support_address: Some(address("support@recourse.example")),
        mail_from: Some(address("cases@recourse.example")),
        model: None,
    }
}

/// How reports begin their cases, in a deployment that answers them.
pub(crate) fn start() -> ProcessStart {
    ProcessStart::read(|name| (name == "SUPPORT_PROCESS").then(|| "on".to_owned())).unwrap()
}
