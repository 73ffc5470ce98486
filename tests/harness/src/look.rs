//! A look behind the APIs: the tables, the calls of DynamoDB and the log.

use std::collections::BTreeMap;

use recourse_aws::Aws;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::Trxid;
use recourse_local::Cloud;
use recourse_store::{DisputeRecord, Store};
use serde_json::Value;

use super::raw::{self, Items};
use super::{Stack, until};

/// The tables of `cloud`, with the access key of the tests.
pub fn store(cloud: &Cloud) -> Store {
    let mut environment: BTreeMap<_, _> = cloud.environment().into_iter().collect();
    environment.insert("AWS_ACCESS_KEY_ID", "LOCALtests".to_owned());
    let aws = Aws::with(move |name| environment.get(name).cloned()).unwrap();
    Store::from_environment(&aws).unwrap()
}

impl Stack {
    /// The records of all disputes of the transactions with this trxid, in both environments.
    pub async fn disputes(&self, trxid: &str) -> Vec<DisputeRecord> {
        let mut disputes = self.disputes_in(Environment::Production, trxid).await;
        disputes.extend(self.disputes_in(Environment::Staging, trxid).await);
        disputes
    }

    /// The records of all disputes of one environment's transaction.
    pub async fn disputes_in(&self, environment: Environment, trxid: &str) -> Vec<DisputeRecord> {
        let known = self.store().transaction_record(environment, &Trxid::parse(trxid).unwrap()).await.unwrap();
        let mut disputes = Vec::new();
        for number in known.map(|known| known.disputes).unwrap_or_default() {
            disputes.push(self.store().record_of(number).await.unwrap().unwrap());
        }
        disputes
    }

    /// The only dispute of a transaction.
    pub async fn dispute(&self, trxid: &str) -> DisputeRecord {
        let mut disputes = self.disputes(trxid).await;
        assert_eq!(disputes.len(), 1, "{disputes:?}");
        disputes.remove(0)
    }

    /// The DynamoDB operations that a function has called since the calls were last cleared.
    pub fn dynamodb_calls(&self, function: &str) -> Vec<String> {
        let key = format!("LOCAL{function}");
        let calls = self.cloud().dynamodb.calls().into_iter().filter(|call| call.access_key == key);
        calls.map(|call| call.operation).collect()
    }

    /// A function's log lines of requests, oldest first, once there are `count`.
    pub async fn request_lines(&self, function: &str, count: usize) -> Vec<Value> {
        until(&format!("{count} requests in the log of {function}"), async || {
            let lines = self.log().into_iter().filter(|line| line.from == function);
            let lines = lines.filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
            let requests: Vec<_> = lines.filter(|line| line["message"] == "request").collect();
            (requests.len() >= count).then_some(requests)
        })
        .await
    }

    /// All items of the table whose name functions read from `variable`, without the counters and
    /// the entries of the search: a worker writes those a while later.
    pub async fn items(&self, variable: &str) -> Items {
        let table = self.cloud().environment().into_iter().find(|(name, _)| *name == variable).unwrap().1;
        let mut items = raw::items(&self.cloud().dynamodb.endpoint(), &table).await;
        let is_later = |pk: &str, sk: &str| {
            ["CNT#", "NUM#", "FIND#"].iter().any(|prefix| pk.starts_with(prefix)) || ["CNT", "NUM", "FND"].contains(&sk)
        };
        items.retain(|(pk, sk), _| !is_later(pk, sk));
        items
    }
}
