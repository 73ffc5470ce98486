//! `docs/cost.md` has the tables that the counted figures, the prices and the template make.

#[cfg(test)]
use std::path::{Path, PathBuf};

#[cfg(test)]
use recourse_capacity::costs::{self, RECORD, Row};
#[cfg(test)]
use recourse_capacity::page::{Sources, with_tables};
#[cfg(test)]
use recourse_capacity::prices::Prices;
#[cfg(test)]
use recourse_capacity::settings::Settings;

#[cfg(test)]
const PAGE: &str = "docs/cost.md";

#[cfg(test)]
fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join(file)
}

#[cfg(test)]
fn read(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[cfg(test)]
fn settings() -> Settings {
    Settings::read(&read("template.yaml")).unwrap_or_else(|error| panic!("{error}"))
}

#[cfg(test)]
fn rows() -> Vec<Row> {
    costs::parse(&read("tests/costs.tsv")).unwrap_or_else(|error| panic!("tests/costs.tsv: {error}"))
}

#[test]
fn every_function_of_the_template_has_a_row() {
    let (rows, functions) = (rows(), settings().functions());
    let without: Vec<_> = functions.iter().filter(|id| !rows.iter().any(|row| row.function == **id)).collect();
    assert!(without.is_empty(), "{without:?}: call them in tests/e2e/costs, and `{RECORD}` writes their rows");
}

#[test]
fn the_page_has_the_tables_of_the_counted_figures() {
    let (rows, settings) = (rows(), settings());
    let prices = Prices::read(&read("docs/prices.json")).unwrap_or_else(|error| panic!("{error}"));
    let tables = Sources { rows: &rows, prices: &prices, settings: &settings }.tables();
    let tables = tables.unwrap_or_else(|error| panic!("{error}; `{RECORD}` counts anew"));
    let (was, is) = (read(PAGE), with_tables(&read(PAGE), &tables).unwrap());
    if std::env::var_os("RECORD").is_some() {
        std::fs::write(path(PAGE), is).unwrap();
        return;
    }
    let other = was.lines().zip(is.lines()).find(|(was, is)| was != is);
    assert!(
        was == is,
        "{PAGE} has {:?}, and it must have {:?}; `{RECORD}` writes it",
        other.map(|o| o.0),
        other.map(|o| o.1)
    );
}
