//! The figures, and the table of them: as text, as Markdown and as JSON.

use serde_json::{Value, json};

use crate::stats::Spread;

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

impl Target {
    /// The number in it.
    #[must_use]
    pub fn number(self) -> f64 {
        match self {
            Self::AtMost(number) | Self::AtLeast(number) => number,
        }
    }

    /// Whether a value is as it should be.
    #[must_use]
    pub fn is_met_by(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What was measured.
    pub figure: String,
    /// `ratio`, or what the value counts.
    pub unit: String,
    /// What was found; none where this run did not measure it.
    pub value: Option<Spread>,
    /// What it should be; none for a line that is there to compare.
    pub target: Option<Target>,
    /// The two sides, or how to measure it.
    pub detail: String,
}

impl Figure {
    /// A ratio of two sides.
    #[must_use]
    pub fn ratio(figure: impl Into<String>, value: Option<Spread>, target: Option<Target>, detail: String) -> Self {
        Self { figure: figure.into(), unit: "ratio".to_owned(), value, target, detail }
    }

    /// Whether the target is met; none without a value or a target.
    #[must_use]
    pub fn met(&self) -> Option<bool> {
        Some(self.target?.is_met_by(self.value?.median))
    }

    /// The cells of its row.
    fn cells(&self) -> [String; 7] {
        let value = self.value.map_or_else(|| "not measured".to_owned(), |value| number(value.median));
        let target = self.target.map_or_else(String::new, |target| match target {
            Target::AtMost(most) => format!("at most {}", number(most)),
            Target::AtLeast(least) => format!("at least {}", number(least)),
        });
        let varies = self.value.filter(|value| value.low < value.high);
        let spread =
            varies.map_or_else(String::new, |value| format!("{} to {}", number(value.low), number(value.high)));
        let met = self.met().map_or("", |met| if met { "yes" } else { "no" });
        [self.figure.clone(), value, self.unit.clone(), target, spread, met.to_owned(), self.detail.clone()]
    }

    fn json(&self) -> Value {
        json!({
            "figure": self.figure,
            "value": self.value.map(|value| value.median),
            "target": self.target.map(Target::number),
            "unit": self.unit,
            "met": self.met(),
        })
    }
}

const HEAD: [&str; 7] = ["figure", "value", "unit", "target", "quartiles", "met", "measured"];

/// A number with three digits or so.
#[must_use]
pub fn number(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0..100.0 => format!("{value:.1}"),
        0.1..10.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// The table for a terminal: columns of equal width.
#[must_use]
pub fn table(figures: &[Figure]) -> String {
    let rows: Vec<[String; 7]> =
        std::iter::once(HEAD.map(str::to_owned)).chain(figures.iter().map(Figure::cells)).collect();
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; 7]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// The table for a page.
#[must_use]
pub fn markdown(figures: &[Figure]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&HEAD.map(str::to_owned));
    text.push_str("|---|---|---|---|---|---|---|\n");
    for figure in figures {
        text.push_str(&line(&figure.cells().map(|cell| cell.replace('|', "\\|"))));
    }
    text
}

/// The table for a program.
#[must_use]
pub fn json(figures: &[Figure]) -> Value {
    figures.iter().map(Figure::json).collect()
}

/// A line that another measurement wrote, with the members of [`json()`] and `detail`. Its target
/// is the most that the value should be.
#[must_use]
pub fn parse(line: &str) -> Option<Figure> {
    let json: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| json.get(name).and_then(Value::as_f64);
    Some(Figure {
        figure: text("figure")?,
        unit: text("unit")?,
        value: Some(Spread::exact(number("value")?)),
        target: number("target").map(Target::AtMost),
        detail: text("detail").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: Option<f64>, target: Option<Target>) -> Figure {
        let value = value.map(|median| Spread { median, low: median - 0.5, high: median + 0.5 });
        Figure::ratio("start / hello", value, target, "2.0 ms / 1.0 ms".to_owned())
    }

    #[test]
    fn a_target_is_met_from_its_own_side() {
        let met = |value, target| figure(value, target).met();
        assert_eq!(met(Some(1.5), Some(Target::AtMost(1.5))), Some(true));
        assert_eq!(met(Some(1.6), Some(Target::AtMost(1.5))), Some(false));
        assert_eq!(met(Some(3.0), Some(Target::AtLeast(3.0))), Some(true));
        assert_eq!(met(Some(2.9), Some(Target::AtLeast(3.0))), Some(false));
        assert_eq!((met(None, Some(Target::AtMost(1.0))), met(Some(1.0), None)), (None, None));
    }

    #[test]
    fn numbers_have_the_digits_that_count() {
        assert_eq!([1234.4, 12.34, 1.234, 0.1, 0.02514].map(number), ["1234", "12.3", "1.23", "0.10", "0.0251"]);
    }

    #[test]
    fn the_table_has_columns_of_equal_width_and_says_what_was_not_measured() {
        let figures = [figure(Some(2.0), Some(Target::AtMost(1.5))), figure(None, None)];
        let text = table(&figures);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        let at = |line: &str, what: &str| line.find(what).unwrap();
        assert_eq!(at(lines[0], "value"), at(lines[1], "2.00"));
        assert_eq!(at(lines[0], "met"), at(lines[1], "no"));
        assert_eq!(at(lines[0], "value"), at(lines[2], "not measured"));
        assert!(lines[1].contains("1.50 to 2.50"), "{text}");
    }

    #[test]
    fn a_page_has_a_row_for_each_figure_and_no_cell_breaks_it() {
        let mut odd = figure(Some(1.0), None);
        odd.detail = "a | b".to_owned();
        let text = markdown(&[odd]);
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains("a \\| b |"), "{text}");
    }

    #[test]
    fn the_json_has_the_five_members() {
        let found = json(&[figure(Some(2.0), Some(Target::AtMost(1.5))), figure(None, None)]);
        assert_eq!(
            found,
            json!([
                { "figure": "start / hello", "value": 2.0, "target": 1.5, "unit": "ratio", "met": false },
                { "figure": "start / hello", "value": null, "target": null, "unit": "ratio", "met": null },
            ])
        );
    }

    #[test]
    fn a_line_of_another_measurement_is_a_figure() {
        let line = r#"{"figure":"page","value":1.05,"target":1.1,"unit":"ratio","detail":"20 ms / 19 ms"}"#;
        let found = parse(line).unwrap();
        assert_eq!((found.met(), found.detail.as_str()), (Some(true), "20 ms / 19 ms"));
        assert_eq!(parse("first page: 20 ms"), None);
    }
}
