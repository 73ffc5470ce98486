//! Behind the APIs: the tables, and who called DynamoDB.

use std::collections::BTreeMap;

use recourse_aws::Aws;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::Trxid;
use recourse_local::Cloud;
use recourse_store::{DisputeRecord, Store};
use serde_json::Value;

use super::{Stack, until};
use crate::raw::{self, Items};

/// The tables of `cloud`, called under a name of the tests' own.
pub(super) fn store(cloud: &Cloud) -> Store {
    let mut environment: BTreeMap<_, _> = cloud.environment().into_iter().collect();
    environment.insert("AWS_ACCESS_KEY_ID", "LOCALtests".to_owned());
    let aws = Aws::with(move |name| environment.get(name).cloned()).unwrap();
    Store::from_environment(&aws).unwrap()
}

impl Stack {
    /// All that is on record of the disputes of the transactions with this trxid, in both
    /// environments.
    pub(crate) async fn disputes(&self, trxid: &str) -> Vec<DisputeRecord> {
        let mut disputes = self.disputes_in(Environment::Production, trxid).await;
        disputes.extend(self.disputes_in(Environment::Staging, trxid).await);
        disputes
    }

    /// All that is on record of the disputes of one environment's transaction.
    pub(crate) async fn disputes_in(&self, environment: Environment, trxid: &str) -> Vec<DisputeRecord> {
        let known = self.store().transaction_record(environment, &Trxid::parse(trxid).unwrap()).await.unwrap();
        let mut disputes = Vec::new();
        for number in known.map(|known| known.disputes).unwrap_or_default() {
            disputes.push(self.store().record_of(number).await.unwrap().unwrap());
        }
        disputes
    }

    /// The only dispute of a transaction.
    pub(crate) async fn dispute(&self, trxid: &str) -> DisputeRecord {
        let mut disputes = self.disputes(trxid).await;
        assert_eq!(disputes.len(), 1, "{disputes:?}");
        disputes.remove(0)
    }

    /// The operations that one function has asked of DynamoDB since the calls were last cleared.
    pub(crate) fn dynamodb_calls(&self, function: &str) -> Vec<String> {
        let key = format!("LOCAL{function}");
        let calls = self.cloud().dynamodb.calls().into_iter().filter(|call| call.access_key == key);
        calls.map(|call| call.operation).collect()
    }

    /// What a function has logged of its requests, once these are `count`: each line, oldest first.
    pub(crate) async fn request_lines(&self, function: &str, count: usize) -> Vec<Value> {
        until(&format!("{count} requests in the log of {function}"), async || {
            let lines = self.log().into_iter().filter(|line| line.from == function);
            let lines = lines.filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
            let requests: Vec<_> = lines.filter(|line| line["message"] == "request").collect();
            (requests.len() >= count).then_some(requests)
        })
        .await
    }

    /// Every item of the table that `variable` names to the functions, but the counters: those come by themselves, a while after what they count.
    pub(crate) async fn items(&self, variable: &str) -> Items {
        let table = self.cloud().environment().into_iter().find(|(name, _)| *name == variable).unwrap().1;
        let mut items = raw::items(&self.cloud().dynamodb.endpoint(), &table).await;
        items.retain(|(pk, sk), _| !pk.starts_with("CNT#") && sk != "CNT");
        items
    }
}
