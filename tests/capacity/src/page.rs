//! The tables of `docs/cost.md`.

use std::fmt::Write;

use crate::costs::Row;
use crate::decimal::{dollars, grouped, thousandths};
use crate::flows::{self, FLOWS, Flow};
use crate::prices::{Bill, Prices, Sureness};
use crate::settings::Settings;
use crate::simulation::{self, Effect, Limit, RATES, Reached, SCENARIOS};

/// The line before the tables.
pub const BEGIN: &str = "<!-- The tables from here on are written by `make costs`. -->";
/// The line after the tables.
pub const END: &str = "<!-- The tables end here. -->";

/// What the tables are made of.
#[derive(Debug)]
pub struct Sources<'a> {
    /// `tests/costs.tsv`.
    pub rows: &'a [Row],
    /// `docs/prices.json`.
    pub prices: &'a Prices,
    /// template.yaml.
    pub settings: &'a Settings,
}

impl Sources<'_> {
    /// What a million of a flow cost in a region.
    ///
    /// # Errors
    /// A row, a region or a price is missing.
    pub fn bill(&self, flow: &Flow, region: &str) -> Result<Bill, String> {
        let mut sum = Bill::default();
        for row in flows::rows(self.rows, flow)? {
            let memory = self.settings.memory_mb.get(&row.function).copied();
            let memory = memory.ok_or_else(|| format!("template.yaml has no function {}", row.function))?;
            sum = sum.and(self.prices.bill(region, row, memory)?);
        }
        Ok(sum)
    }

    /// All tables.
    ///
    /// # Errors
    /// A row, a region, a price or a kind of partition is missing.
    pub fn tables(&self) -> Result<String, String> {
        let tables = [self.by_flow()?, self.by_part()?, self.assumptions(), self.throttles()?, self.units()];
        Ok(tables.join("\n"))
    }

    fn regions(&self) -> Vec<&str> {
        self.prices.regions.keys().map(String::as_str).collect()
    }

    fn by_flow(&self) -> Result<String, String> {
        let mut text = "## Dollars for a million\n\n".to_owned();
        let regions = self.regions();
        text += &heading("what", &regions);
        for flow in FLOWS {
            let cells = regions.iter().map(|region| Ok::<_, String>(dollars(self.bill(&flow, region)?.total())));
            text += &line(flow.name, &cells.collect::<Result<Vec<_>, String>>()?);
        }
        Ok(text)
    }

    fn by_part(&self) -> Result<String, String> {
        let mut text = "## Dollars for a million reports, by what is paid for\n\n".to_owned();
        let regions = self.regions();
        text += &heading("what", &regions);
        let [report, ..] = FLOWS;
        let bills = regions.iter().map(|region| self.bill(&report, region)).collect::<Result<Vec<_>, _>>()?;
        for (at, (name, _)) in Bill::default().parts().into_iter().enumerate() {
            let cells = bills.iter().map(|bill| bill.parts().get(at).map_or(0, |(_, pico)| *pico));
            text += &line(name, &cells.map(dollars).collect::<Vec<_>>());
        }
        text += &line("**all**", &bills.iter().map(|bill| dollars(bill.total())).collect::<Vec<_>>());
        Ok(text)
    }

    fn assumptions(&self) -> String {
        let assumed = &self.prices.assumptions;
        let mut text = format!(
            "Assumed, not measured: Lambda bills {} ms for a warm call of an endpoint and {} ms for an item\n\
             of work of a worker, and each leaves {} bytes of log.\n",
            assumed.billed_ms_endpoint, assumed.billed_ms_worker, assumed.log_bytes
        );
        let prices = self.prices.regions.iter().flat_map(|(region, prices)| {
            prices.iter().filter(|(_, price)| price.sureness > Sureness::Sure).map(move |(name, price)| {
                let sureness = if price.sureness == Sureness::Likely { "likely" } else { "guess" };
                (region.as_str(), name.as_str(), price.usd.as_str(), sureness)
            })
        });
        text += "\nPrices that are not sure, in US dollars:\n\n";
        text += "| region | price | dollars | sureness |\n|---|---|---:|---|\n";
        for (region, name, usd, sureness) in prices {
            // Writing to a text does not fail.
            let _ = writeln!(text, "| {region} | `{name}` | {usd} | {sureness} |");
        }
        text
    }

    fn throttles(&self) -> Result<String, String> {
        let mut text = "## What throttles first\n\n\
            | load | calls a second | refuses first, while the load rises | lowest for good | delays first |\n\
            |---|---:|---|---|---|\n"
            .to_owned();
        let mut remedies: Vec<(String, &str)> = Vec::new();
        let mut note = |limit: &Limit| {
            if !remedies.iter().any(|(name, _)| *name == limit.name) {
                remedies.push((limit.name.clone(), limit.remedy));
            }
        };
        for scenario in SCENARIOS {
            let limits = simulation::limits(&scenario, self.rows, &self.prices.assumptions, self.settings)?;
            for rate in RATES {
                let reached = simulation::reached(&limits, rate);
                let first = |effect: Effect| reached.iter().find(|reached| reached.limit.effect == effect);
                let (refused, delayed) = (first(Effect::Refuses), first(Effect::Delays));
                let lowest = simulation::lowest(&limits, rate, Effect::Refuses);
                let shown = |limit: &Limit| format!("{}: {} a second", limit.name, grouped(limit.allows()));
                let nothing = || "nothing".to_owned();
                let minutes =
                    |reached: &Reached| format!("{}, after {} minutes", reached.limit.name, reached.second / 60);
                let cells = [
                    refused.map_or_else(nothing, minutes),
                    lowest.map_or_else(nothing, shown),
                    delayed.map_or_else(nothing, |reached| shown(&reached.limit)),
                ];
                let named = [refused, delayed].into_iter().flatten().map(|reached| &reached.limit);
                named.chain(lowest).for_each(&mut note);
                let _ = writeln!(text, "| {} | {} | {} |", scenario.name, grouped(u128::from(rate)), cells.join(" | "));
            }
        }
        text += "\n| limit | remedy |\n|---|---|\n";
        for (name, remedy) in remedies {
            let _ = writeln!(text, "| {name} | {remedy} |");
        }
        Ok(text)
    }

    fn units(&self) -> String {
        let mut text = "## What each call uses\n\n\
            | function | call | calls of DynamoDB | read units | write units | bytes | KMS | S3 | SES | events |\n\
            |---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
            .to_owned();
        for row in self.rows {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                row.function,
                row.call,
                row.calls(),
                thousandths(row.read + row.read_indexes),
                thousandths(row.write + row.write_indexes),
                grouped(u128::from(row.sent + row.received)),
                row.kms,
                row.s3_read + row.s3_write,
                row.ses,
                row.events,
            );
        }
        text
    }
}

fn heading(first: &str, columns: &[&str]) -> String {
    format!("| {first} | {} |\n|---|{}\n", columns.join(" | "), "---:|".repeat(columns.len()))
}

fn line(first: &str, cells: &[String]) -> String {
    format!("| {first} | {} |\n", cells.join(" | "))
}

/// The page with other tables between its two lines.
///
/// # Errors
/// The page does not have the two lines, in this order.
pub fn with_tables(page: &str, tables: &str) -> Result<String, String> {
    let lines = || format!("docs/cost.md must have the line {BEGIN} and after it the line {END}");
    let (before, rest) = page.split_once(BEGIN).ok_or_else(lines)?;
    let (_, after) = rest.split_once(END).ok_or_else(lines)?;
    Ok(format!("{before}{BEGIN}\n\n{tables}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prices::tests::prices;

    #[test]
    fn a_flow_costs_what_its_calls_cost_together() {
        let row = |(function, call): flows::Step| Row {
            function: function.to_owned(),
            call: call.to_owned(),
            write: 2_000,
            ..Row::default()
        };
        let rows: Vec<Row> = FLOWS.iter().flat_map(|flow| flow.steps.iter().copied().map(row)).collect();
        let memory_mb = rows.iter().map(|row| (row.function.clone(), 256)).collect();
        let settings = Settings { memory_mb, requests_per_second: 1_000, request_burst: 400 };
        let prices = prices();
        let sources = Sources { rows: &rows, prices: &prices, settings: &settings };
        let [report, put, ..] = FLOWS;
        assert_eq!(dollars(sources.bill(&report, "us-east-1").unwrap().writes), "3.00");
        assert_eq!(dollars(sources.bill(&put, "us-east-1").unwrap().writes), "1.00");
        let tables = sources.tables().unwrap();
        assert!(tables.contains("| what | us-east-1 |\n|---|---:|\n"), "{tables}");
        assert!(tables.contains("| DynamoDB, writes | 3.00 |\n"), "{tables}");
        assert!(tables.contains("| `PlatformPut` | a transaction | 0 | 0 | 2 | 0 | 0 | 0 | 0 | 0 |\n"), "{tables}");
        let none = Sources { rows: &[], ..sources };
        assert!(none.tables().unwrap_err().contains("has no row of IimmpactReport"));
    }

    #[test]
    fn the_text_around_the_tables_stays() {
        let page = format!("# Cost\n\n{BEGIN}\nold\n{END}\n\nend\n");
        let new = with_tables(&page, "new\n").unwrap();
        assert_eq!(new, format!("# Cost\n\n{BEGIN}\n\nnew\n\n{END}\n\nend\n"));
        assert_eq!(with_tables(&new, "new\n"), Ok(new.clone()));
        assert!(with_tables("# Cost\n", "new\n").is_err());
    }
}
