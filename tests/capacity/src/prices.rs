//! `docs/prices.json`: what AWS charges, by region, and what is assumed of an invocation.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::costs::Row;
use crate::decimal::scaled;

/// Digits of a dollar after its point: picodollars.
const PICO: usize = 12;
/// Figures are for this many calls.
const MILLION: u128 = 1_000_000;
/// Bytes of a gigabyte of logs.
const GIGABYTE: u128 = 1 << 30;
/// Workers, whose events AWS charges because they are not published by default: those of S3's
/// objects and of SES's mails.
const PAID_EVENTS: [&str; 2] = ["WorkerFeedback", "WorkerInbound"];
/// The worker whose work comes by a queue of SQS.
const QUEUED: &str = "WorkerIngest";
/// Requests of SQS for a message that comes alone: it is sent, received and deleted. A request is
/// billed for each 64 KB that it has begun, and the messages that are counted are smaller.
const QUEUE_REQUESTS: u64 = 3;

/// The file.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// What holds for all prices.
    pub note: String,
    /// What each price is for.
    pub units: BTreeMap<String, String>,
    /// What is assumed of an invocation.
    pub assumptions: Assumptions,
    /// By region, the prices by their names.
    pub regions: BTreeMap<String, BTreeMap<String, Price>>,
}

/// What is assumed of an invocation until it is measured.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    /// Why.
    pub note: String,
    /// Milliseconds that Lambda bills for one warm call of an endpoint.
    pub billed_ms_endpoint: u64,
    /// Milliseconds that Lambda bills for one item of work of a worker.
    pub billed_ms_worker: u64,
    /// Bytes of log that one invocation leaves.
    pub log_bytes: u64,
}

/// One price.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// US dollars, as a decimal.
    pub usd: String,
    /// Where it is from.
    pub source: String,
    /// The month from which it is known, `yyyy-mm`.
    pub known_from: String,
    /// How sure it is.
    pub sureness: Sureness,
}

/// How sure a price is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Sureness {
    /// Well known, and the same in public copies of AWS's pages.
    Sure,
    /// Known, and not looked up again.
    Likely,
    /// Derived from neighbouring regions.
    Guess,
}

/// What a million calls cost, in picodollars, by what is paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// DynamoDB's write units.
    pub writes: u128,
    /// DynamoDB's read units.
    pub reads: u128,
    /// Lambda: requests and time.
    pub lambda: u128,
    /// The HTTP API.
    pub gateway: u128,
    /// Logs.
    pub logs: u128,
    /// Mails.
    pub mails: u128,
    /// KMS, S3, EventBridge and SQS.
    pub others: u128,
}

impl Bill {
    /// The sum.
    #[must_use]
    pub fn total(&self) -> u128 {
        self.parts().iter().map(|(_, pico)| pico).sum()
    }

    /// The parts by their names.
    #[must_use]
    pub fn parts(&self) -> [(&'static str, u128); 7] {
        [
            ("DynamoDB, writes", self.writes),
            ("DynamoDB, reads", self.reads),
            ("Lambda", self.lambda),
            ("HTTP API", self.gateway),
            ("logs", self.logs),
            ("mails", self.mails),
            ("KMS, S3, EventBridge, SQS", self.others),
        ]
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            writes: self.writes + other.writes,
            reads: self.reads + other.reads,
            lambda: self.lambda + other.lambda,
            gateway: self.gateway + other.gateway,
            logs: self.logs + other.logs,
            mails: self.mails + other.mails,
            others: self.others + other.others,
        }
    }
}

impl Prices {
    /// Reads the file's text.
    ///
    /// # Errors
    /// It is not of this form; a region lacks a price, or has one without a unit.
    pub fn read(text: &str) -> Result<Self, String> {
        let prices: Self = serde_json::from_str(text).map_err(|error| format!("docs/prices.json: {error}"))?;
        for (region, own) in &prices.regions {
            if !own.keys().eq(prices.units.keys()) {
                return Err(format!("docs/prices.json: {region} must have a price for each unit, and no other one"));
            }
            for (name, price) in own {
                if scaled(&price.usd, PICO).is_none() {
                    return Err(format!("docs/prices.json: {name} of {region} is {}; it must be a decimal", price.usd));
                }
            }
        }
        Ok(prices)
    }

    /// What a million calls like this one cost in a region. `memory_mb` is the function's.
    ///
    /// # Errors
    /// There is no such region or price.
    pub fn bill(&self, region: &str, row: &Row, memory_mb: u64) -> Result<Bill, String> {
        let price = |name: &str| {
            let price = self.regions.get(region).and_then(|prices| prices.get(name));
            let pico = price.and_then(|price| scaled(&price.usd, PICO));
            pico.ok_or_else(|| format!("docs/prices.json has no {name} of {region}"))
        };
        // `count` of what costs `name` for each `per` of them.
        let cost =
            |name: &str, count: u64, per: u128| Ok::<_, String>(u128::from(count) * MILLION * price(name)? / per);
        let is_worker = is_worker(&row.function);
        let assumed = &self.assumptions;
        let billed_ms = if is_worker { assumed.billed_ms_worker } else { assumed.billed_ms_endpoint };
        let events = row.events + u64::from(PAID_EVENTS.contains(&row.function.as_str()));
        let queued = if row.function == QUEUED { QUEUE_REQUESTS } else { 0 };
        Ok(Bill {
            writes: cost("dynamodb_write", row.write + row.write_indexes, 1_000 * MILLION)?,
            reads: cost("dynamodb_read", row.read + row.read_indexes, 1_000 * MILLION)?,
            lambda: cost("lambda_request", 1, MILLION)?
                + cost("lambda_gb_second", memory_mb * billed_ms, 1_024 * 1_000)?,
            gateway: cost("http_api_request", u64::from(!is_worker), MILLION)?,
            logs: cost("logs_gb", assumed.log_bytes, GIGABYTE)?,
            mails: cost("ses_mail", row.ses, 1_000)?,
            others: cost("kms_request", row.kms, 10_000)?
                + cost("s3_write", row.s3_write, 1_000)?
                + cost("s3_read", row.s3_read, 1_000)?
                + cost("eventbridge_event", events, MILLION)?
                + cost("sqs_request", queued, MILLION)?,
        })
    }
}

/// Whether a function is called by events and not over HTTP.
#[must_use]
pub fn is_worker(function: &str) -> bool {
    function.starts_with("Worker")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::decimal::dollars;

    /// Prices that are easy to reckon with.
    pub(crate) fn prices() -> Prices {
        let names = [
            ("dynamodb_write", "0.5"),
            ("dynamodb_read", "0.25"),
            ("lambda_request", "0.2"),
            ("lambda_gb_second", "0.00001"),
            ("http_api_request", "1"),
            ("ses_mail", "0.1"),
            ("kms_request", "0.03"),
            ("s3_write", "0.005"),
            ("s3_read", "0.0004"),
            ("logs_gb", "0.5"),
            ("sqs_request", "0.4"),
            ("eventbridge_event", "1"),
        ];
        let price = |usd: &str| Price {
            usd: usd.to_owned(),
            source: "AWS public price list".to_owned(),
            known_from: "2025-10".to_owned(),
            sureness: Sureness::Sure,
        };
        Prices {
            note: String::new(),
            units: names.map(|(name, _)| (name.to_owned(), "a million".to_owned())).into(),
            assumptions: Assumptions {
                note: String::new(),
                billed_ms_endpoint: 20,
                billed_ms_worker: 100,
                log_bytes: 1 << 10,
            },
            regions: [("us-east-1".to_owned(), names.map(|(name, usd)| (name.to_owned(), price(usd))).into())].into(),
        }
    }

    #[test]
    fn a_million_calls_are_billed_by_what_they_use() {
        let row = Row {
            function: "IimmpactReport".to_owned(),
            read: 500,
            read_indexes: 500,
            write: 20_000,
            write_indexes: 4_000,
            ..Row::default()
        };
        let bill = prices().bill("us-east-1", &row, 256).unwrap();
        let shown = bill.parts().map(|(_, pico)| dollars(pico));
        // 24 units at 0.5; one at 0.25; 0.2 and 5,000 GB-seconds; 0.95 GB of logs.
        assert_eq!(shown, ["12.00", "0.25", "0.25", "1.00", "0.48", "0.00", "0.00"]);
        assert_eq!(dollars(bill.total()), "13.98");
    }

    #[test]
    fn a_worker_has_no_gateway_and_pays_for_mails_objects_and_events() {
        let row =
            Row { function: "WorkerInbound".to_owned(), ses: 1, kms: 1, s3_write: 2, s3_read: 1, ..Row::default() };
        let bill = prices().bill("us-east-1", &row, 1_024).unwrap();
        let shown = bill.parts().map(|(_, pico)| dollars(pico));
        assert_eq!(shown, ["0.00", "0.00", "1.20", "0.00", "0.48", "100.00", "14.40"]);
        assert!(prices().bill("mars-1", &row, 256).unwrap_err().contains("of mars-1"));
    }

    #[test]
    fn the_bus_pays_for_what_is_put_on_it_and_the_queue_for_its_requests() {
        let others = |function: &str, events: u64| {
            let row = Row { function: function.to_owned(), events, ..Row::default() };
            dollars(prices().bill("us-east-1", &row, 256).unwrap().others)
        };
        assert_eq!((others("WorkerBus", 2), others("WorkerBus", 0)), ("2.00".to_owned(), "0.00".to_owned()));
        assert_eq!(others("WorkerIngest", 0), "1.20");
    }

    #[test]
    fn the_shipped_prices_are_whole() {
        let shipped = include_str!("../../../docs/prices.json");
        let prices = Prices::read(shipped).unwrap();
        assert_eq!(prices.regions.len(), 4);
        let wrong = [
            ("\"usd\": \"0.625\"", "\"usd\": \"cheap\"", "it must be a decimal"),
            ("\"logs_gb\": \"", "\"logs\": \"", "must have a price for each unit"),
            ("\"sureness\": \"sure\"", "\"sureness\": \"maybe\"", "unknown variant"),
        ];
        for (from, to, message) in wrong {
            let error = Prices::read(&shipped.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
