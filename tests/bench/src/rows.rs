//! The lines of the table, out of what was measured.

use std::collections::BTreeMap;

use crate::figure::{Figure, Target, number};
use crate::instructions::Instructions;
use crate::measure::{Round, Samples, Warm};
use crate::sides::Side;
use crate::stats::{Spread, quantile, ratio, spread};

/// The bytes of a megabyte.
const MB: f64 = 1_000_000.0;
/// The largest zip of a function, in megabytes.
const MAX_ZIP_MB: f64 = 2.5;

/// What a figure should be against a side; none where the line is there to compare.
fn target(side: Side, python: f64, node: f64) -> Option<Target> {
    match side {
        Side::Python => Some(Target::AtMost(python)),
        Side::Node => Some(Target::AtMost(node)),
        Side::Ours | Side::Shared | Side::Base | Side::Hello | Side::Loop | Side::PythonPlain | Side::NodePlain => None,
    }
}

/// A ratio of two sides' times, in seconds.
fn of_times(figure: String, ours: &[f64], theirs: &[f64], target: Option<Target>) -> Figure {
    let detail = match (quantile(ours, 0.5), quantile(theirs, 0.5)) {
        (Some(ours), Some(theirs)) => format!("{} / {}", milliseconds(ours), milliseconds(theirs)),
        _ => String::new(),
    };
    Figure::ratio(figure, ratio(ours, theirs), target, detail)
}

fn milliseconds(seconds: f64) -> String {
    format!("{} ms", number(seconds * 1_000.0))
}

/// From the start to the first poll.
#[must_use]
pub fn first_polls(samples: &Samples) -> Vec<Figure> {
    let of = |side| samples.get(&side).map(Vec::as_slice);
    let ours = of(Side::Ours).unwrap_or_default();
    let against = [(Side::Hello, Some(Target::AtMost(1.5))), (Side::Base, None)];
    let row = |(side, target): (Side, Option<Target>)| {
        Some(of_times(format!("start to first poll / {}", side.name()), ours, of(side)?, target))
    };
    against.into_iter().filter_map(row).collect()
}

/// From the start to the first answered report.
#[must_use]
pub fn first_answers(samples: &Samples) -> Vec<Figure> {
    against_others(samples.get(&Side::Ours), "start and first answered report", |side| {
        Some((samples.get(&side)?.as_slice(), target(side, 1.0 / 40.0, 1.0 / 20.0)))
    })
}

/// The time, the processor time and the memory of warm reports by one client.
#[must_use]
pub fn one_client(found: &BTreeMap<Side, Warm>) -> Vec<Figure> {
    let Some(ours) = found.get(&Side::Ours) else { return Vec::new() };
    let mut figures = Vec::new();
    for (side, theirs) in found.iter().filter(|(side, _)| **side != Side::Ours) {
        let target = (*side == Side::Loop).then_some(Target::AtMost(1.15));
        let name = format!("warm report, 1 client / {}", side.name());
        figures.push(of_times(name, &ours.times, &theirs.times, target));
    }
    figures.extend(against_others(Some(&ours.cpu), "processor time of a report", |side| {
        Some((found.get(&side)?.cpu.as_slice(), target(side, 1.0 / 12.0, 1.0 / 6.0)))
    }));
    let others = found.iter().filter(|(side, _)| **side != Side::Ours);
    let others: Vec<String> =
        others.map(|(side, warm)| format!("{} {} MB", side.name(), number(warm.memory / MB))).collect();
    figures.push(Figure {
        figure: "peak memory after 1,000 reports".to_owned(),
        unit: "MB".to_owned(),
        value: Some(Spread::exact(ours.memory / MB)),
        target: Some(Target::AtMost(12.0)),
        detail: others.join(", "),
    });
    figures
}

/// One line for each of the other sides that a report can be compared with.
fn against_others<'a>(
    ours: Option<&Vec<f64>>,
    what: &str,
    theirs: impl Fn(Side) -> Option<(&'a [f64], Option<Target>)>,
) -> Vec<Figure> {
    let ours = ours.map(Vec::as_slice).unwrap_or_default();
    let others = [Side::Loop, Side::Python, Side::Node, Side::PythonPlain, Side::NodePlain, Side::Base];
    let row = |side: Side| {
        let (theirs, target) = theirs(side)?;
        Some(of_times(format!("{what} / {}", side.name()), ours, theirs, target))
    };
    others.into_iter().filter_map(row).collect()
}

/// The 99th percentile with many clients.
#[must_use]
pub fn many_clients(found: &BTreeMap<Side, Vec<Round>>, clients: usize) -> Figure {
    let figure = format!("warm report, 99th percentile, {clients} clients / {}", Side::Loop.name());
    let [ours, theirs] = [Side::Ours, Side::Loop].map(|side| percentiles(found, side, 0.99));
    of_times(figure, &ours, &theirs, Some(Target::AtMost(1.3)))
}

/// A quantile of each round's times.
fn percentiles(found: &BTreeMap<Side, Vec<Round>>, side: Side, share: f64) -> Vec<f64> {
    found.get(&side).into_iter().flatten().filter_map(|round| quantile(&round.times, share)).collect()
}

/// So many reports at once in one process, beside a process for each.
#[must_use]
pub fn in_one_process(found: &BTreeMap<Side, Vec<Round>>, clients: usize) -> Vec<Figure> {
    let speeds = |side| -> Vec<f64> {
        let rounds = found.get(&side).into_iter().flatten().filter(|round| round.took > 0.0);
        rounds.map(|round| round.times.len() as f64 / round.took).collect()
    };
    let (shared, alone) = (speeds(Side::Shared), speeds(Side::Ours));
    let detail = match (spread(&shared), spread(&alone)) {
        (Some(shared), Some(alone)) => format!("{} / {} a second", number(shared.median), number(alone.median)),
        _ => String::new(),
    };
    let against = format!("{clients} at once in one process / a process each");
    let mut figures = vec![Figure::ratio(format!("reports a second, {against}"), ratio(&shared, &alone), None, detail)];
    for (name, share) in [("median", 0.5), ("99th percentile", 0.99)] {
        let [shared, alone] = [Side::Shared, Side::Ours].map(|side| percentiles(found, side, share));
        figures.push(of_times(format!("warm report, {name}, {against}"), &shared, &alone, None));
    }
    figures
}

/// The instructions of a start and of a report, and against the base commit where it was measured.
#[must_use]
pub fn instructions(ours: Option<Instructions>, base: Option<Instructions>) -> Vec<Figure> {
    let mut figures = Vec::new();
    let start: fn(Instructions) -> f64 = |found| found.start;
    let report: fn(Instructions) -> f64 = |found| found.report;
    for (what, of) in [("a start", start), ("a report, with the SDK", report)] {
        figures.push(Figure {
            figure: format!("instructions of {what}"),
            unit: "millions".to_owned(),
            value: ours.map(|ours| Spread::exact(of(ours) / 1e6)),
            target: None,
            detail: if ours.is_none() { "needs valgrind".to_owned() } else { String::new() },
        });
        if let (Some(ours), Some(base)) = (ours, base) {
            let detail = format!("{} / {} millions", number(of(ours) / 1e6), number(of(base) / 1e6));
            let ratio = Some(Spread::exact(of(ours) / of(base)));
            figures.push(Figure::ratio(format!("instructions of {what} / base"), ratio, None, detail));
        }
    }
    figures
}

/// The instructions of the stages of a report without the SDK, and their sum.
#[must_use]
pub fn stages(found: &[(&str, f64)]) -> Vec<Figure> {
    let sum = found.iter().map(|(_, count)| count).sum::<f64>();
    let row = |name: &str, count: f64| Figure {
        figure: format!("own instructions of a report: {name}"),
        unit: "thousands".to_owned(),
        value: Some(Spread::exact(count / 1e3)),
        target: None,
        detail: String::new(),
    };
    let all = (!found.is_empty()).then(|| row("all stages", sum));
    found.iter().map(|(name, count)| row(name, *count)).chain(all).collect()
}

/// The zipped sizes of functions, of which a deployment has `all`, and the same at the base commit.
#[must_use]
pub fn sizes((now, all): (&[(String, u64)], usize), (base, base_all): (&[(String, u64)], usize)) -> Vec<Figure> {
    let megabytes = |bytes: u64| bytes as f64 / MB;
    let largest = now.iter().max_by_key(|(_, size)| *size);
    let each: Vec<String> = now.iter().map(|(name, size)| format!("{name} {}", number(megabytes(*size)))).collect();
    let name_of_largest = || largest.map(|(name, _)| name.clone()).unwrap_or_default();
    let of_all = |sizes: &[(String, u64)]| sizes.iter().map(|(_, size)| megabytes(*size)).sum::<f64>();
    let is_whole = now.len() == all && base.len() == base_all && base_all > 0;
    let sums = format!("{} MB / {} MB", number(of_all(now)), number(of_all(base)));
    let whole = is_whole.then(|| Spread::exact(of_all(now) / of_all(base)));
    let whole_detail = if is_whole { sums } else { "FULL=1 BASE=commit measures it".to_owned() };
    let some = || format!("{}; FULL=1 zips all", each.join(", "));
    vec![
        Figure {
            figure: format!("largest zip of {} of {all} functions", now.len()),
            unit: "MB".to_owned(),
            value: largest.map(|(_, size)| Spread::exact(megabytes(*size))),
            target: Some(Target::AtMost(MAX_ZIP_MB)),
            detail: if now.len() < all { some() } else { name_of_largest() },
        },
        Figure::ratio("whole of the functions, zipped / base", whole, Some(Target::AtMost(0.6)), whole_detail),
    ]
}

/// Reports a second at the local cloud, now and at the base commit.
#[must_use]
pub fn local_speed(now: &[f64], base: &[f64], clients: usize) -> Figure {
    let figure = format!("local cloud: reports a second, {clients} clients / base");
    let detail = match (spread(now), spread(base)) {
        (Some(now), Some(base)) => format!("{} / {} a second", number(now.median), number(base.median)),
        (Some(now), None) => format!("{} a second; BASE=commit compares them", number(now.median)),
        _ => "LOCAL=1 BASE=commit measures it".to_owned(),
    };
    Figure::ratio(figure, ratio(now, base), Some(Target::AtLeast(3.0)), detail)
}

/// The local cloud's memory with many disputes, in bytes.
#[must_use]
pub fn local_memory(memory: Option<u64>) -> Figure {
    Figure {
        figure: "local cloud: memory with 100,000 disputes".to_owned(),
        unit: "MB".to_owned(),
        value: memory.map(|memory| Spread::exact(memory as f64 / MB)),
        target: Some(Target::AtMost(300.0)),
        detail: if memory.is_none() { "MEMORY=1 measures it".to_owned() } else { String::new() },
    }
}

/// What a developer waits for, beside the base commit: by the name of each row, the seconds of this
/// commit and those of the base, as scripts/bench_builds.py measures them.
#[must_use]
pub fn builds(seconds: &BTreeMap<String, [Vec<f64>; 2]>) -> Vec<Figure> {
    let row = |name: &str, at_most: f64| {
        let [now, base] = seconds.get(name).cloned().unwrap_or_default();
        let detail = match (quantile(&now, 0.5), quantile(&base, 0.5)) {
            (Some(now), Some(base)) => format!("{} s / {} s", number(now), number(base)),
            _ => "BUILDS=1 BASE=commit measures it".to_owned(),
        };
        Figure::ratio(format!("{name} / base"), ratio(&now, &base), Some(Target::AtMost(at_most)), detail)
    };
    let ci = ".ci/run prints the minutes of each step".to_owned();
    vec![
        row("clean clone to make run ready: processor seconds", 0.5),
        row("edit one endpoint, run one of its e2e tests", 0.3),
        Figure::ratio("CI, whole / base", None, Some(Target::AtMost(0.6)), ci),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(figures: &[Figure]) -> Vec<(&str, Option<bool>)> {
        figures.iter().map(|figure| (figure.figure.as_str(), figure.met())).collect()
    }

    #[test]
    fn starts_are_compared_with_the_sides_that_were_measured() {
        let samples = Samples::from([(Side::Ours, vec![0.004]), (Side::Hello, vec![0.002])]);
        assert_eq!(names(&first_polls(&samples)), [("start to first poll / bare hello", Some(false))]);
        assert_eq!(first_polls(&samples)[0].detail, "4.00 ms / 2.00 ms");
        let samples =
            Samples::from([(Side::Ours, vec![0.01]), (Side::Python, vec![0.5]), (Side::PythonPlain, vec![0.4])]);
        assert_eq!(
            names(&first_answers(&samples)),
            [
                ("start and first answered report / Python", Some(true)),
                ("start and first answered report / Python without Powertools", None),
            ]
        );
    }

    #[test]
    fn warm_reports_have_their_time_their_processor_time_and_their_memory() {
        let warm = |time, cpu| Warm { times: vec![time], cpu: vec![cpu], memory: 9e6 };
        let found = BTreeMap::from([
            (Side::Ours, warm(0.0011, 0.001)),
            (Side::Loop, warm(0.001, 0.001)),
            (Side::Node, warm(0.01, 0.004)),
        ]);
        let figures = one_client(&found);
        assert_eq!(
            names(&figures),
            [
                ("warm report, 1 client / bare loop", Some(true)),
                ("warm report, 1 client / Node.js", None),
                ("processor time of a report / bare loop", None),
                ("processor time of a report / Node.js", Some(false)),
                ("peak memory after 1,000 reports", Some(true)),
            ]
        );
    }

    #[test]
    fn the_percentile_is_that_of_each_round() {
        let round = |slow: f64| Round { times: [vec![0.001; 98], vec![slow, slow]].concat(), took: 1.0 };
        let found = BTreeMap::from([(Side::Ours, vec![round(0.02); 3]), (Side::Loop, vec![round(0.01); 3])]);
        let figure = many_clients(&found, 16);
        assert_eq!((figure.value.unwrap().median, figure.met()), (2.0, Some(false)));
    }

    #[test]
    fn one_process_is_compared_with_a_process_each() {
        let round = |time: f64, took: f64| Round { times: vec![time; 8], took };
        let found =
            BTreeMap::from([(Side::Shared, vec![round(0.02, 2.0); 3]), (Side::Ours, vec![round(0.01, 1.0); 3])]);
        let figures = in_one_process(&found, 8);
        let values: Vec<f64> = figures.iter().map(|figure| figure.value.unwrap().median).collect();
        assert_eq!(
            (values.as_slice(), figures[0].detail.as_str()),
            ([0.5, 2.0, 2.0].as_slice(), "4.00 / 8.00 a second")
        );
        assert_eq!(names(&figures)[0], ("reports a second, 8 at once in one process / a process each", None));
    }

    #[test]
    fn instructions_are_compared_where_there_is_a_base() {
        let (ours, base) = (Instructions { start: 2e6, report: 1e6 }, Instructions { start: 4e6, report: 4e6 });
        let figures = instructions(Some(ours), Some(base));
        let values: Vec<f64> = figures.iter().map(|figure| figure.value.unwrap().median).collect();
        assert_eq!(values, [2.0, 0.5, 1.0, 0.25]);
        assert_eq!(instructions(None, None)[0].detail, "needs valgrind");
    }

    #[test]
    fn stages_have_a_sum() {
        let figures = stages(&[("parse", 2e3), ("answer", 1e3)]);
        let values: Vec<f64> = figures.iter().map(|figure| figure.value.unwrap().median).collect();
        assert_eq!(values, [2.0, 1.0, 3.0]);
        assert!(stages(&[]).is_empty());
    }

    #[test]
    fn sizes_of_a_part_of_the_functions_have_no_sum() {
        let of =
            |sizes: &[u64]| -> Vec<(String, u64)> { sizes.iter().map(|size| (format!("f{size}"), *size)).collect() };
        let part = sizes((&of(&[1_000_000, 3_000_000]), 3), (&[], 0));
        assert_eq!((part[0].met(), part[1].met()), (Some(false), None));
        assert_eq!(part[0].detail, "f1000000 1.00, f3000000 3.00; FULL=1 zips all");
        let whole = sizes((&of(&[1_000_000, 2_000_000]), 2), (&of(&[3_000_000, 3_000_000]), 2));
        assert_eq!((whole[0].met(), whole[1].met()), (Some(true), Some(true)));
        assert_eq!(whole[0].detail, "f2000000");
    }

    #[test]
    fn what_was_not_measured_says_how_to() {
        assert_eq!((local_memory(None).met(), local_memory(Some(400_000_000)).met()), (None, Some(false)));
        assert!(local_speed(&[], &[], 16).detail.contains("LOCAL=1"));
        assert_eq!(local_speed(&[30.0], &[], 16).met(), None);
        assert_eq!(local_speed(&[30.0], &[10.0], 16).met(), Some(true));
        let figures = builds(&BTreeMap::new());
        assert_eq!(
            names(&figures),
            [
                ("clean clone to make run ready: processor seconds / base", None),
                ("edit one endpoint, run one of its e2e tests / base", None),
                ("CI, whole / base", None),
            ]
        );
        assert_eq!(figures[1].detail, "BUILDS=1 BASE=commit measures it");
    }

    #[test]
    fn builds_are_compared_by_their_medians() {
        let text = r#"{
            "clean clone to make run ready: processor seconds": [[900.0], [450.0]],
            "edit one endpoint, run one of its e2e tests": [[9.0, 10.0, 30.0], [50.0, 40.0, 60.0]]
        }"#;
        let figures = builds(&serde_json::from_str(text).unwrap());
        let found: Vec<_> =
            figures.iter().map(|figure| (figure.value.map(|value| value.median), figure.met())).collect();
        assert_eq!(found, [(Some(2.0), Some(false)), (Some(0.2), Some(true)), (None, None)]);
        assert_eq!([&figures[0].detail, &figures[1].detail], ["900 s / 450 s", "10.0 s / 50.0 s"]);
    }

    #[test]
    fn the_script_that_measures_builds_has_the_names_of_their_rows() {
        let script = include_str!("../../../scripts/bench_builds.py");
        for figure in builds(&BTreeMap::new()).iter().filter(|figure| figure.detail.contains("BUILDS=1")) {
            let name = figure.figure.trim_end_matches(" / base");
            assert_eq!(script.matches(&format!(" = \"{name}\"\n")).count(), 1, "{name}");
        }
    }
}
