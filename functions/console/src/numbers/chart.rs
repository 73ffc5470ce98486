//! Charts, drawn by `plotters` as SVG in the page.
//!
//! A chart has a title, a text that says the same, and the table beside it. The SVG has no style of
//! its own: its colours are attributes, and the style sheet gives each of them its colour in the
//! light and in the dark. Texts are escaped by `plotters`.

use std::io::Error;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordi32;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use recourse_dispute::time::Day;
use recourse_store::{AtMost, Histogram, NumbersRow};

use super::words::duration;

/// The colours, as the style sheet names them: those of the light page.
const FIRST: RGBColor = RGBColor(0x4f, 0x46, 0xe5);
const SECOND: RGBColor = RGBColor(0x0d, 0x94, 0x88);
const TEXT: RGBColor = RGBColor(0x51, 0x60, 0x7a);
const GRID: RGBColor = RGBColor(0xe2, 0xe8, 0xf0);

const WIDTH: u32 = 500;
const HEIGHT: u32 = 230;
/// The units of a chart's axis that one day has: room for two bars.
const UNITS: i32 = 10;
/// The height of a value's two bars, and of what is above and below all of them.
const VALUE_HEIGHT: u32 = 40;
/// The room on the left for the names of values.
const NAMES: i32 = 196;
/// How many letters of a name fit there.
const NAME_LETTERS: usize = 27;

/// A chart in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chart {
    pub(super) title: String,
    /// What the two series are.
    pub(super) series: [&'static str; 2],
    /// The SVG, with its text alternative.
    pub(super) svg: String,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordi32, RangedCoordi32>>;
type Drawn = Result<(), DrawingAreaErrorKind<Error>>;

/// The lines of the axis of lengths of time, in seconds: a scale on which a minute and a week are
/// both to be seen.
const TIMES: [u64; 11] = [0, 60, 300, 900, 3_600, 4 * 3_600, 86_400, 3 * 86_400, 7 * 86_400, 30 * 86_400, 92 * 86_400];
/// The units of that axis from one line to the next.
const TIME_UNITS: u64 = 10;

/// Draws, and adds the text that says the same. `None` where it cannot be drawn.
fn drawn(
    height: u32,
    title: &str,
    series: [&'static str; 2],
    words: &str,
    draw: impl for<'a> FnOnce(&Area<'a>) -> Drawn,
) -> Option<Chart> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        draw(&area).ok()?;
        area.present().ok()?;
    }
    // The words are numbers, days and our own.
    let svg = svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{title}. {words}\" "), 1);
    Some(Chart { title: title.to_owned(), series, svg })
}

fn small() -> TextStyle<'static> {
    ("sans-serif", 15).into_font().color(&TEXT)
}

/// The day and the month of a day, such as `01-16`.
fn short(day: &Day) -> String {
    day.to_string().chars().skip(5).collect()
}

/// The label of the axis of days.
fn label(days: &[Day], at: i32) -> String {
    let day = usize::try_from(at / UNITS).ok().and_then(|day| days.get(day));
    day.map(short).unwrap_or_default()
}

fn width(days: &[Day]) -> i32 {
    i32::try_from(days.len()).unwrap_or(1).saturating_mul(UNITS)
}

/// Draws the axis of days, and the other one with at most so many lines and these labels.
fn axes(chart: &mut Plot<'_, '_>, days: &[Day], lines: usize, labels: &dyn Fn(&i32) -> String) -> Drawn {
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .label_style(small())
        .x_labels(9)
        .y_labels(lines)
        .x_label_formatter(&|at| label(days, *at))
        .y_label_formatter(labels)
        .draw()
}

fn int(count: u64) -> i32 {
    // Room for a tenth more.
    i32::try_from(count).unwrap_or(i32::MAX).min(i32::MAX / 2)
}

/// The charts of the days: how many were opened and resolved, and how long the first answers and
/// the resolutions took.
pub(super) fn of_days(days: &[Day], rows: &[NumbersRow]) -> Option<Vec<Chart>> {
    let times = |times: fn(&NumbersRow) -> &Histogram| {
        [50, 90].map(|share| rows.iter().map(|row| times(row).percentile(share)).collect::<Vec<_>>())
    };
    Some(vec![
        counts(days, rows)?,
        lengths(days, "Time to the first answer, by the day of the answer", &times(|row| &row.to_answer))?,
        lengths(days, "Time to the resolution, by its day", &times(|row| &row.to_resolution))?,
    ])
}

fn counts(days: &[Day], rows: &[NumbersRow]) -> Option<Chart> {
    let most = rows.iter().map(|row| row.opened.max(row.resolved)).max().unwrap_or(0);
    let top = int(most).max(4);
    let sum = |count: fn(&NumbersRow) -> u64| -> u64 { rows.iter().map(count).sum() };
    let (opened, resolved) = (sum(|row| row.opened), sum(|row| row.resolved));
    let words =
        format!("{opened} opened and {resolved} resolved in all, at most {most} on a day. The table says the same.");
    drawn(HEIGHT, "Opened and resolved, by day", ["opened", "resolved"], &words, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .x_label_area_size(26)
            .y_label_area_size(52)
            .build_cartesian_2d(0..width(days), 0..top + top / 10)?;
        axes(&mut chart, days, 5, &ToString::to_string)?;
        let bars = rows.iter().zip(0_i32..).flat_map(|(row, day)| {
            [(row.opened, 1, FIRST), (row.resolved, 5, SECOND)].map(|(count, from, color)| {
                let left = day * UNITS + from;
                Rectangle::new([(left, 0), (left + 4, int(count))], color.filled())
            })
        });
        chart.draw_series(bars)?;
        Ok(())
    })
}

/// The place of a time on its axis.
fn place(time: AtMost) -> i32 {
    let seconds = match time {
        AtMost::Seconds(seconds) | AtMost::MoreThan(seconds) => seconds,
    };
    let mut below = 0;
    for pair in TIMES.windows(2) {
        let [from, to] = *pair else { continue };
        if seconds < to {
            return int(below + (seconds.saturating_sub(from)) * TIME_UNITS / (to - from));
        }
        below += TIME_UNITS;
    }
    int(below)
}

fn time_label(at: i32) -> String {
    let line = u64::try_from(at).ok().filter(|at| at % TIME_UNITS == 0).map(|at| at / TIME_UNITS);
    let seconds = line.and_then(|line| TIMES.get(usize::try_from(line).ok()?));
    seconds.filter(|seconds| **seconds > 0).map(|seconds| duration(AtMost::Seconds(*seconds))).unwrap_or_default()
}

fn lengths(days: &[Day], title: &str, times: &[Vec<Option<AtMost>>; 2]) -> Option<Chart> {
    let places = || times.iter().flatten().flatten().map(|time| u32::try_from(place(*time)).unwrap_or(0));
    // The next lines of the axis, with room between them.
    let top = places().max().unwrap_or(0).div_ceil(10).max(4);
    let bottom = (places().min().unwrap_or(0) / 10).min(top.saturating_sub(4));
    let at_line = |line: u32| i32::try_from(line * 10).unwrap_or(0);
    let [medians, _] = times;
    let count = medians.iter().flatten().count();
    let words = format!("Median and 90th percentile for each of {count} days with any. The table says the same.");
    drawn(HEIGHT, title, ["median", "90th percentile"], &words, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .x_label_area_size(26)
            .y_label_area_size(64)
            .build_cartesian_2d(0..width(days), at_line(bottom)..at_line(top) + 2)?;
        let lines = usize::try_from(top.saturating_sub(bottom)).unwrap_or(10) + 1;
        axes(&mut chart, days, lines, &|at| time_label(*at))?;
        for (times, color) in times.iter().zip([FIRST, SECOND]) {
            let points: Vec<_> = times
                .iter()
                .zip(0_i32..)
                .map(|(time, day)| time.map(|time| (day * UNITS + UNITS / 2, place(time))))
                .collect();
            // A day without any interrupts the line.
            for run in points.split(Option::is_none) {
                let line: Vec<_> = run.iter().flatten().copied().collect();
                chart.draw_series([PathElement::new(line.clone(), color.stroke_width(2))])?;
                chart.draw_series(line.into_iter().map(|point| Circle::new(point, 3, color.filled())))?;
            }
        }
        Ok(())
    })
}

/// The chart of the values of a dimension, which are called so.
pub(super) fn of_values(dimension: &str, names: &[String], rows: &[NumbersRow]) -> Option<Chart> {
    let count = u32::try_from(rows.len()).unwrap_or(0);
    let most = rows.iter().map(|row| row.opened.max(row.resolved)).max().unwrap_or(0).max(1);
    let room = u64::from(WIDTH).saturating_sub(u64::from(NAMES.unsigned_abs()) + 60);
    let bar = |count: u64| int(count * room / most);
    let title = format!("Opened and resolved, by {dimension}");
    let words = format!("Two bars for each of {count}, the longest one for {most}. The table says the same.");
    drawn(count * VALUE_HEIGHT + 8, &title, ["opened", "resolved"], &words, |area| {
        let (left, right) = (Pos::new(HPos::Left, VPos::Center), Pos::new(HPos::Right, VPos::Center));
        for ((name, row), top) in names.iter().zip(rows).zip((4_i32..).step_by(VALUE_HEIGHT as usize)) {
            let name = if name.chars().count() > NAME_LETTERS {
                name.chars().take(NAME_LETTERS - 1).chain(['…']).collect()
            } else {
                name.clone()
            };
            area.draw(&Text::new(name, (NAMES - 10, top + 18), small().pos(right)))?;
            for (count, from, color) in [(row.opened, 4, FIRST), (row.resolved, 18, SECOND)] {
                let (from, to) = (top + from, NAMES + bar(count));
                area.draw(&Rectangle::new([(NAMES, from), (to, from + 12)], color.filled()))?;
                area.draw(&Text::new(count.to_string(), (to + 6, from + 6), small().pos(left)))?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_place_rises_with_its_time_and_lines_are_where_their_times_are() {
        let places: Vec<_> = TIMES.iter().map(|seconds| place(AtMost::Seconds(*seconds))).collect();
        assert_eq!(places, (0..11).map(|line| line * 10).collect::<Vec<_>>());
        assert_eq!(place(AtMost::Seconds(180)), 15);
        assert_eq!(place(AtMost::MoreThan(u64::MAX)), 100);
        assert_eq!(
            (time_label(40), time_label(45), time_label(0), time_label(110)),
            ("1 h".into(), String::new(), String::new(), String::new())
        );
    }

    #[test]
    fn a_chart_has_no_style_and_escapes_what_others_wrote() {
        let mut row = NumbersRow::empty(day("2026-01-16"), "x".to_owned());
        (row.opened, row.resolved) = (7, 3);
        let days = [day("2026-01-15"), day("2026-01-16")];
        let rows = [NumbersRow::empty(days[0], String::new()), row.clone()];
        let charts = of_days(&days, &rows).unwrap();
        assert_eq!(charts.len(), 3);
        let hostile = "<script>alert(1)</script>\" onload=\"x".to_owned();
        let named = of_values("agent", &[hostile], &[row]).unwrap();
        assert!(named.svg.contains("&lt;script") && !named.svg.contains("<script"), "{}", named.svg);
        for Chart { svg, title, .. } in charts.iter().chain([&named]) {
            assert!(!svg.contains("style=") && !svg.contains("href"), "{svg}");
            assert!(
                svg.starts_with(&format!("<svg role=\"img\" aria-label=\"{title}"))
                    && svg.trim_end().ends_with("</svg>")
            );
        }
        assert!(charts[0].svg.contains("01-16") && charts[0].svg.contains("#4F46E5"), "{}", charts[0].svg);
        // Numbers that no axis has.
        let mut huge = NumbersRow::empty(days[0], String::new());
        (huge.opened, huge.resolved) = (u64::MAX / 1000, 1);
        assert!(
            of_days(&days[..1], &[huge.clone()]).is_some() && of_values("agent", &[String::new()], &[huge]).is_some()
        );
    }
}
