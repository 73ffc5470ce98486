//! What refuses first: load that rises, second by second, against the limits of AWS and of the
//! template.
//!
//! The load rises evenly for an hour and stays for another one. A limit with stored capacity begins
//! with all of it, as an idle partition does. A limit refuses in the first second in which the load
//! takes more than it has. The limits' sources are AWS's pages of quotas; what an account has by
//! default is assumed where AWS raises it on request.
//!
//! A partition is one value of a partition key. It takes 1,000 write units and 3,000 read units a
//! second, whatever its table may do. So it matters which share of the load goes to the fullest
//! one of each kind: [`spread`] says it, from how `shared/store/src/keys.rs` makes the keys.

use crate::costs::Row;
use crate::flows::{self, Step};
use crate::prices::{Assumptions, is_worker};
use crate::settings::Settings;

/// Seconds in which the load rises.
const RISE: u64 = 3_600;
/// Seconds that are simulated.
const LENGTH: u64 = 7_200;
/// Seconds after which a table on demand takes double its earlier peak.
const GROWTH: usize = 1_800;
/// Thousandths, in which units are counted.
const UNIT: u128 = 1_000;

/// Accounts among which an even load is spread, and merchants of a bank.
pub const ACCOUNTS: u64 = 100;
/// Amounts that occur equally often in an even load.
pub const AMOUNTS: u64 = 50;

/// A load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What it is called on the page.
    pub name: &'static str,
    /// The calls of an endpoint, and the work behind them.
    pub steps: &'static [Step],
    /// What all of it is about.
    pub hot: Hot,
}

/// What all calls of a load are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hot {
    /// Nothing: they are spread over [`ACCOUNTS`].
    Nothing,
    /// One account.
    Account,
    /// One transaction, and so one account.
    Transaction,
    /// One bank.
    Bank,
}

/// The loads, by the names that the page has.
pub const SCENARIOS: [Scenario; 5] = [
    Scenario {
        name: "reports of a hundred accounts",
        steps: &[("IimmpactReport", "a report"), ("WorkerOutbox", "a mail"), ("WorkerCounters", "a report")],
        hot: Hot::Nothing,
    },
    Scenario {
        name: "reports of one account",
        steps: &[("IimmpactReport", "a report"), ("WorkerOutbox", "a mail"), ("WorkerCounters", "a report")],
        hot: Hot::Account,
    },
    // All but the first are refused. DynamoDB charges a cancelled transaction, and no worker has
    // anything to do.
    Scenario { name: "reports of one transaction", steps: &[("IimmpactReport", "a report")], hot: Hot::Transaction },
    // A list of a bank is read by page and an index by shard, so what the bank has already costs
    // nothing here: the tests of the pages compare few with many.
    Scenario {
        name: "one bank with a million disputes logs more",
        steps: &[("ArbiterLog", "a chargeback"), ("WorkerOutbox", "a mail"), ("WorkerCounters", "a report")],
        hot: Hot::Bank,
    },
    Scenario {
        name: "reports of a hundred accounts, with the event bus",
        steps: &[
            ("IimmpactReport", "a report"),
            ("WorkerOutbox", "a mail"),
            ("WorkerCounters", "a report, with the bus"),
            ("WorkerBus", "an event"),
        ],
        hot: Hot::Nothing,
    },
];

/// The rates at which each is simulated, in calls a second.
pub const RATES: [u64; 3] = [1_000, 10_000, 100_000];

/// The share of a load that goes to the fullest partition of a kind: one in so many, or nothing
/// that could fill it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// One of so many parts.
    OneIn(u64),
    /// Each call has a partition of its own.
    None,
}

/// How a kind of partition is spread, by the first parts of its key or by its index.
///
/// # Errors
/// The kind is not known here: whoever adds one says how it is spread.
pub fn spread(kind: &str, hot: Hot) -> Result<Share, String> {
    let by_account = match hot {
        Hot::Nothing | Hot::Bank => Share::OneIn(ACCOUNTS),
        Hot::Account | Hot::Transaction => Share::OneIn(1),
    };
    let by_bank = if hot == Hot::Bank { 1 } else { ACCOUNTS };
    match kind {
        "PTY#account" | "CAP#mails-of-account" | "ACC" | "KEY" | "CFG" | "MID" | "USER" | "CLOCK" | "CHAOS" => {
            Ok(by_account)
        }
        "PTY#domain" | "DOM" => Ok(Share::OneIn(by_bank)),
        // Eight shards of each bank.
        "CNT" => Ok(Share::OneIn(by_bank * 8)),
        // One transaction.
        "TXN" | "REF" | "TREF" | "CAPT" if hot == Hot::Transaction => Ok(Share::OneIn(1)),
        // One for each currency and amount; one for each day.
        "FIND#amount" => Ok(Share::OneIn(AMOUNTS)),
        "FIND#day" | "AUDIT" | "LIST" => Ok(Share::OneIn(1)),
        // Four shards of each dimension.
        "NUM" | "index:queue" => Ok(Share::OneIn(4)),
        "index:outbox" | "index:unsent" | "index:deadlines" => Ok(Share::OneIn(8)),
        // Those of an endpoint, and so of an account.
        "index:owners" | "index:deliveries" | "HOOK" => Ok(by_account),
        // One for all events of an environment.
        "index:deliveries#bus" | "HOOK#bus" => Ok(Share::OneIn(1)),
        "TXN" | "REF" | "TREF" | "CAPT" | "DSP" | "INB" | "OUT" | "ADDR" | "OPR" | "OPN" | "OPI" | "ERASE"
        | "NONCE" | "REPLAY" | "IDEM" | "LINK" | "OIDC" | "SESS" => Ok(Share::None),
        _ if kind.starts_with("FIND#") || kind.starts_with("CAP#") => Ok(Share::None),
        _ => Err(format!("simulation.rs does not know how {kind} is spread: add it to spread()")),
    }
}

/// What a limit does to a load that is over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Requests are refused.
    Refuses,
    /// Mails, counters and the search lag behind; nothing is lost.
    Delays,
}

/// A limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it is called on the page.
    pub name: String,
    /// What to do about it.
    pub remedy: &'static str,
    /// What it does.
    pub effect: Effect,
    /// How much it allows a second, in thousandths.
    pub per_second: u128,
    /// How many seconds' worth it stores.
    pub stored_seconds: u128,
    /// What one call takes, in thousandths.
    pub use_per_call: u128,
    /// The part of the calls that it counts: one in so many.
    pub one_in: u128,
    /// To how much it grows, in thousandths: a table on demand takes double its peak of half an
    /// hour ago. The same as `per_second` if it does not grow.
    pub grows_to: u128,
}

/// A limit that a load reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The limit.
    pub limit: Limit,
    /// The second in which it refused first.
    pub second: u64,
}

impl Limit {
    /// The calls a second that it allows for good.
    #[must_use]
    pub fn allows(&self) -> u128 {
        self.grows_to.max(self.per_second) * self.one_in / self.use_per_call.max(1)
    }

    /// The second in which it first refuses a load that rises to `rate` calls a second.
    #[must_use]
    pub fn refuses_at(&self, rate: u64) -> Option<u64> {
        let mut left = self.per_second * self.stored_seconds;
        let mut used: Vec<u128> = Vec::new();
        let mut peak = 0;
        for second in 0..LENGTH {
            let calls = u128::from(rate) * UNIT * u128::from(second.min(RISE)) / u128::from(RISE);
            let taken = calls * self.use_per_call / UNIT / self.one_in;
            let earlier = used.len().checked_sub(GROWTH).and_then(|at| used.get(at)).copied().unwrap_or_default();
            peak = earlier.max(peak);
            let allowed = self.per_second.max((peak * 2).min(self.grows_to));
            let has = allowed + left;
            if taken > has {
                return Some(second);
            }
            left = (has - taken).min(allowed * self.stored_seconds);
            used.push(taken);
        }
        None
    }
}

/// The limits of a scenario.
///
/// # Errors
/// A row is missing, or a kind of partition is not known.
pub fn limits(
    scenario: &Scenario,
    rows: &[Row],
    assumed: &Assumptions,
    settings: &Settings,
) -> Result<Vec<Limit>, String> {
    let rows = scenario.steps.iter().map(|step| flows::row(rows, *step)).collect::<Result<Vec<_>, String>>()?;
    let plain = |name: &str, remedy, effect, per_second: u64, use_per_call: u128| Limit {
        name: name.to_owned(),
        remedy,
        effect,
        per_second: u128::from(per_second) * UNIT,
        stored_seconds: 0,
        use_per_call,
        one_in: 1,
        grows_to: u128::from(per_second) * UNIT,
    };
    let sum = |of: fn(&Row) -> u64| rows.iter().map(|row| u128::from(of(row))).sum::<u128>();
    let mut limits = vec![
        plain(
            "RequestsPerSecond of the route",
            "Raise the parameters `RequestsPerSecond` and `RequestBurst`.",
            Effect::Refuses,
            settings.requests_per_second,
            UNIT,
        ),
        plain(
            "requests a second of the account's HTTP APIs",
            "Ask AWS for more than 10,000 a second in the region, or deploy in several accounts.",
            Effect::Refuses,
            10_000,
            UNIT,
        ),
        plain(
            "concurrency of the account's functions",
            "Ask AWS for more than 1,000; `WorkerConcurrency` reserves some for the workers.",
            Effect::Refuses,
            1_000,
            u128::from(assumed.billed_ms_endpoint),
        ),
        // An idle sandbox is kept, so sandboxes start while the load rises, and each unwraps the
        // data key once.
        plain(
            "KMS requests a second",
            "Ask AWS for more than 5,500 a second in the region.",
            Effect::Refuses,
            5_500,
            sum(|row: &Row| row.kms) * UNIT,
        ),
        plain(
            "mails a second of SES",
            "Ask AWS for the rate that you need; mails wait in the outbox, and old ones raise an alarm.",
            Effect::Delays,
            14,
            sum(|row: &Row| row.ses) * UNIT,
        ),
    ];
    let table_remedy = "Set the table's warm throughput, and ask AWS for more than 40,000 units of a table.";
    for (name, write, of) in [
        ("write units of the tables", true, (|row: &Row| row.write) as fn(&Row) -> u64),
        ("write units of the indexes", true, (|row: &Row| row.write_indexes) as fn(&Row) -> u64),
        ("read units of tables and indexes", false, (|row: &Row| row.read + row.read_indexes) as fn(&Row) -> u64),
    ] {
        let first = if write { 4_000 } else { 12_000 };
        let limit = plain(name, table_remedy, Effect::Refuses, first, sum(of));
        limits.push(Limit { grows_to: 40_000 * UNIT, ..limit });
    }
    for row in &rows {
        for (what, partitions, per_second) in
            [("1,000 write", &row.partitions, 1_000), ("3,000 read", &row.read_partitions, 3_000)]
        {
            for (kind, units) in partitions {
                let Share::OneIn(one_in) = spread(kind, scenario.hot)? else { continue };
                let (remedy, effect) = partition(kind, is_worker(&row.function));
                let name = format!("{what} units of one partition {kind}, by {}", row.function);
                let limit = plain(&name, remedy, effect, per_second, u128::from(*units));
                limits.push(Limit { stored_seconds: 300, one_in: u128::from(one_in), ..limit });
            }
        }
    }
    limits.retain(|limit| limit.use_per_call > 0);
    Ok(limits)
}

/// What to do about a full partition, and what it does meanwhile.
fn partition(kind: &str, by_worker: bool) -> (&'static str, Effect) {
    let effect = if by_worker { Effect::Delays } else { Effect::Refuses };
    let remedy = match kind {
        "PTY#account" | "PTY#domain" => {
            "Spread the lists of an account or a bank over shards in `keys.rs`, and read them merged."
        }
        "TXN" | "REF" | "TREF" | "CAPT" => {
            "Nothing: one transaction has one dispute, and its client is answered that there is one."
        }
        "LIST" => "Nothing: the worker reads it once for each batch, and a batch has up to a hundred records.",
        "FIND#day" | "FIND#amount" | "AUDIT" => {
            "Spread the entries of a day over shards in `keys.rs`, and have the search read all of them."
        }
        "HOOK#bus" | "index:deliveries#bus" => {
            "Spread the deliveries of the bus over shards in `keys.rs`; those of one dispute stay together."
        }
        "NUM" | "CNT" => "Raise the number of shards of the counters (`SHARDS`); readers add them up.",
        "index:outbox" | "index:unsent" | "index:deadlines" | "index:queue" => {
            "Raise the number of the index's shards (`SHARDS`); sweeps read each shard."
        }
        _ => "Spread the partition over shards in `keys.rs`.",
    };
    (remedy, effect)
}

/// The limits that a load reaches, the first one first.
#[must_use]
pub fn reached(limits: &[Limit], rate: u64) -> Vec<Reached> {
    let reached =
        limits.iter().filter_map(|limit| limit.refuses_at(rate).map(|second| Reached { limit: limit.clone(), second }));
    let mut reached: Vec<Reached> = reached.collect();
    reached.sort_by_key(|reached| (reached.second, reached.limit.allows()));
    reached
}

/// The limit that stays the lowest of those with this effect, when everything that grows has grown
/// and everything stored is used up; `None` if the load is within all of them.
#[must_use]
pub fn lowest(limits: &[Limit], rate: u64, effect: Effect) -> Option<&Limit> {
    let over = limits.iter().filter(|limit| limit.effect == effect && limit.allows() < u128::from(rate));
    over.min_by_key(|limit| limit.allows())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prices::tests::prices;

    fn settings() -> Settings {
        Settings { memory_mb: [].into(), requests_per_second: 1_000, request_burst: 400 }
    }

    fn rows() -> Vec<Row> {
        let row = |function: &str, call: &str, partitions: &[(&str, u64)]| Row {
            function: function.to_owned(),
            call: call.to_owned(),
            write: partitions.iter().map(|(_, units)| units).sum(),
            ses: u64::from(function == "WorkerOutbox"),
            partitions: partitions.iter().map(|(kind, units)| ((*kind).to_owned(), *units)).collect(),
            ..Row::default()
        };
        vec![
            row("IimmpactReport", "a report", &[("DSP", 8_000), ("PTY#account", 2_000), ("TXN", 6_000)]),
            row("ArbiterLog", "a chargeback", &[("DSP", 8_000), ("PTY#domain", 2_000)]),
            row("WorkerOutbox", "a mail", &[("DSP", 4_000)]),
            row("WorkerCounters", "a report", &[("FIND#day", 1_000), ("NUM", 2_000)]),
            row("WorkerCounters", "a report, with the bus", &[("HOOK#bus", 2_000), ("NUM", 2_000)]),
            row("WorkerBus", "an event", &[("HOOK#bus", 4_000)]),
        ]
    }

    /// The limit that a load reaches first, and the one that stays the lowest, each with the calls
    /// that it allows.
    fn simulated(hot: Hot, rate: u64, effect: Effect) -> [Option<(String, u128)>; 2] {
        let scenario = SCENARIOS.into_iter().find(|scenario| scenario.hot == hot).unwrap();
        let settings = Settings { requests_per_second: 1_000_000, ..settings() };
        let limits = limits(&scenario, &rows(), &prices().assumptions, &settings).unwrap();
        let first = reached(&limits, rate).into_iter().find(|reached| reached.limit.effect == effect);
        let shown = |limit: &Limit| (limit.name.clone(), limit.allows());
        [first.map(|first| shown(&first.limit)), lowest(&limits, rate, effect).map(shown)]
    }

    #[test]
    fn a_limit_refuses_in_the_second_in_which_the_load_is_over_it() {
        let limit = Limit {
            name: "a limit".to_owned(),
            remedy: "",
            effect: Effect::Refuses,
            per_second: 1_000_000,
            stored_seconds: 0,
            use_per_call: 2_000,
            one_in: 1,
            grows_to: 1_000_000,
        };
        // 3,600 calls a second after an hour: one more each second, and each takes two of thousand.
        assert_eq!((limit.refuses_at(3_600), limit.allows()), (Some(501), 500));
        assert_eq!(limit.refuses_at(500), None);
        let shared = Limit { one_in: 4, ..limit.clone() };
        assert_eq!((shared.refuses_at(3_600), shared.allows()), (Some(2_001), 2_000));
        // What it has stored lasts until the load has taken all of it, for a while.
        let stored = Limit { stored_seconds: 300, ..limit.clone() };
        assert!(stored.refuses_at(3_600).is_some_and(|second| (1_000..1_100).contains(&second)));
        // It doubles within half an hour, so a load that comes from nothing in an hour is faster.
        let growing = Limit { grows_to: 4_000_000, ..limit };
        assert_eq!((growing.refuses_at(900), growing.allows()), (Some(2_001), 2_000));
        assert_eq!(growing.refuses_at(3_600), Some(501));
    }

    #[test]
    fn a_new_table_is_the_first_to_refuse_until_it_has_grown() {
        let [first, lowest] = simulated(Hot::Nothing, 1_000, Effect::Refuses);
        assert_eq!((first, lowest), (Some(("write units of the tables".to_owned(), 1_739)), None));
    }

    #[test]
    fn one_account_one_transaction_and_one_bank_each_fill_a_partition() {
        for (hot, partition, allowed) in [
            (Hot::Account, "PTY#account, by IimmpactReport", 500),
            (Hot::Transaction, "TXN, by IimmpactReport", 166),
            (Hot::Bank, "PTY#domain, by ArbiterLog", 500),
        ] {
            let [_, lowest] = simulated(hot, 1_000, Effect::Refuses);
            let name = format!("1,000 write units of one partition {partition}");
            assert_eq!(lowest, Some((name, allowed)), "{hot:?}");
        }
    }

    #[test]
    fn mails_are_the_first_to_wait_and_a_small_load_reaches_nothing() {
        let mails = Some(("mails a second of SES".to_owned(), 14));
        assert_eq!(simulated(Hot::Nothing, 1_000, Effect::Delays), [mails.clone(), mails]);
        for effect in [Effect::Delays, Effect::Refuses] {
            assert_eq!(simulated(Hot::Nothing, 10, effect), [None, None]);
        }
    }

    #[test]
    fn all_events_of_the_bus_fill_one_partition_and_wait() {
        let scenario = SCENARIOS.into_iter().find(|scenario| scenario.name.contains("the event bus")).unwrap();
        let limits = limits(&scenario, &rows(), &prices().assumptions, &settings()).unwrap();
        let name = "1,000 write units of one partition HOOK#bus, by WorkerBus";
        let bus = limits.iter().find(|limit| limit.name == name).unwrap();
        assert_eq!((bus.allows(), bus.effect), (250, Effect::Delays));
    }

    /// The kinds of the table of keys at the top of `keys.rs`.
    #[test]
    fn the_spread_of_every_kind_of_key_is_known() {
        let keys = include_str!("../../../shared/store/src/keys.rs");
        let rows = keys.lines().filter_map(|line| line.strip_prefix("//! | "));
        let partitions = rows.filter_map(|row| row.split(" | ").nth(1)?.split('`').nth(1));
        // `DSP..` is the partition of an earlier line.
        let kinds: Vec<String> = partitions
            .filter(|key| !key.contains(".."))
            .map(|key| {
                let parts: Vec<&str> = key.split('#').collect();
                let is_of_two = ["PTY", "FIND", "CAP"].contains(&parts[0]);
                if is_of_two { parts[..2].join("#") } else { parts[0].to_owned() }
            })
            .collect();
        assert!(["TXN", "PTY#domain", "CHAOS", "OPI", "HOOK"].iter().all(|kind| kinds.iter().any(|it| it == kind)));
        for kind in kinds {
            assert!(spread(&kind, Hot::Nothing).is_ok(), "{kind}");
        }
    }

    #[test]
    fn the_parameter_of_the_template_is_a_limit() {
        let limits = limits(&SCENARIOS[0], &rows(), &prices().assumptions, &settings()).unwrap();
        let route = limits.iter().find(|limit| limit.name.contains("RequestsPerSecond")).unwrap();
        assert_eq!((route.allows(), route.refuses_at(1_000)), (1_000, None));
        assert_eq!(route.refuses_at(1_001), Some(3_597));
    }

    #[test]
    fn a_kind_of_partition_that_is_not_known_is_an_error() {
        assert!(spread("NEW", Hot::Nothing).unwrap_err().contains("NEW"));
        assert_eq!(spread("FIND#refid", Hot::Account), Ok(Share::None));
        assert_eq!(spread("CNT", Hot::Bank), Ok(Share::OneIn(8)));
        assert_eq!(spread("HOOK", Hot::Nothing), Ok(Share::OneIn(ACCOUNTS)));
        assert_eq!(spread("HOOK#bus", Hot::Nothing), Ok(Share::OneIn(1)));
    }
}
