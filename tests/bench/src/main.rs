//! `make bench`: measures, prints one table, and writes it to `docs/performance.md` and
//! `target/bench.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use recourse_bench::bed::Bed;
use recourse_bench::counts::Counts;
use recourse_bench::figure::{self, Figure};
use recourse_bench::machine::Machine;
use recourse_bench::sides::Side;
use recourse_bench::{Result, chart, conformity, counts, instructions, local, measure, page, rows, sizes};

/// How many clients report at once.
const CLIENTS: usize = 16;
/// How many report at once in one process, and to a process each.
const AT_ONCE: [usize; 3] = [1, 8, 64];
/// How many reports a round of those has, and how many rounds there are.
const AT_ONCE_REPORTS: usize = 256;
const AT_ONCE_ROUNDS: usize = 5;
/// How often a process is started to its first poll, and to its first answer.
const POLLS: usize = 31;
const ANSWERS: usize = 21;
/// How many parts one client's reports have, and how many reports a part has: 1,000 together.
const PARTS: usize = 10;
const PART: usize = 100;
/// How many rounds many clients have, and how many reports each client sends in a round.
const ROUNDS: usize = 9;
const EACH: usize = 25;
/// How often the local cloud is started, and how many reports each client sends it.
const CLOUDS: usize = 3;
const LOCAL_EACH: usize = 40;
/// Why nothing can be counted.
const NO_VALGRIND: &str = "valgrind is not on the PATH: it counts the instructions";
/// With how many disputes the local cloud's memory is looked at.
const DISPUTES: usize = 100_000;

/// Measures the report function beside its peers.
#[derive(Parser)]
#[command(name = "recourse-bench", version)]
struct Arguments {
    /// The folder with template.yaml and docs.
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// The folder with the binaries that were built for release.
    #[arg(long, default_value = "target/release", value_name = "DIR")]
    binaries: PathBuf,
    /// A function there that was built now, so that its size is a figure; may be given repeatedly.
    #[arg(long, value_name = "NAME")]
    built: Vec<String>,
    /// The folder with the peers, where scripts/peers.sh put them.
    #[arg(long, default_value = "target/bench/functions", value_name = "DIR")]
    functions: PathBuf,
    /// The folder with the binaries of the base commit, built for release.
    #[arg(long, value_name = "DIR", requires = "base_root")]
    base: Option<PathBuf>,
    /// Only check that all sides answer reports alike.
    #[arg(long)]
    check: bool,
    /// Only count instructions and bytes, and fail where they are above those of this file.
    #[arg(long, value_name = "FILE", requires = "compiler")]
    counts: Option<PathBuf>,
    /// Only count the instructions of our own stages, for which any build will do.
    #[arg(long, requires = "counts")]
    stages: bool,
    /// What the binaries are built by, and for which processor: the file has to be of the same.
    #[arg(long, value_name = "TEXT")]
    compiler: Option<String>,
    /// Write that file instead.
    #[arg(long, requires = "counts")]
    accept: bool,
    /// Measure the local cloud's speed too, of this folder's recourse-local.
    #[arg(long, value_name = "DIR")]
    local: Option<PathBuf>,
    /// The same of the base commit.
    #[arg(long, value_name = "DIR", requires = "base_root")]
    base_local: Option<PathBuf>,
    /// The work tree of the base commit.
    #[arg(long, value_name = "DIR")]
    base_root: Option<PathBuf>,
    /// Measure the local cloud's memory too, of this folder's recourse-local.
    #[arg(long, value_name = "DIR")]
    memory: Option<PathBuf>,
    /// A file with the seconds that builds took, as scripts/bench_builds.py writes it.
    #[arg(long, value_name = "FILE")]
    builds: Option<PathBuf>,
    /// A file with figures of other measurements, one a line in JSON.
    #[arg(long, value_name = "FILE")]
    more: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("recourse-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    if let Some(path) = &arguments.counts {
        let counts = if arguments.stages { count_stages(arguments).await? } else { count(arguments).await? };
        return check_counts(&counts, path, arguments);
    }
    let mut sides = Side::REPORTS.to_vec();
    sides.extend([Side::Hello, Side::Loop, Side::Shared]);
    if arguments.base.is_some() {
        sides.push(Side::Base);
    }
    let bed = start(arguments, &sides).await?;
    for side in Side::REPORTS {
        conformity::check(&bed, side).await?;
        eprintln!("{} passes the test of a report", side.name());
    }
    if arguments.base.is_some() {
        // An earlier commit may store things otherwise, and is then not compared.
        if let Err(error) = conformity::check(&bed, Side::Base).await {
            eprintln!("The base commit is not compared: {error}");
            sides.retain(|side| *side != Side::Base);
        }
    }
    if arguments.check {
        return stop(bed).await;
    }
    let mut figures = of_functions(&bed, &sides).await?;
    stop(bed).await?;
    let stages = instructions::stages(&arguments.binaries, &arguments.functions).await?;
    figures.extend(rows::stages(&stages.unwrap_or_default()));
    figures.extend(of_sizes(arguments)?);
    figures.extend(of_local(arguments).await?);
    figures.extend(of_builds(arguments)?);
    figures.extend(of_others(arguments)?);
    publish(&arguments.root, &figures)
}

/// Puts the binaries beside the peers, each as the `bootstrap` of a folder, and starts a bed.
async fn start(arguments: &Arguments, sides: &[Side]) -> Result<Arc<Bed>> {
    for side in sides {
        let binary = match (side, &arguments.base) {
            (Side::Ours | Side::Shared | Side::Hello | Side::Loop, _) => arguments.binaries.join(side.folder()),
            (Side::Base, Some(base)) => base.join(Side::Ours.folder()),
            // scripts/peers.sh has put it there.
            _ => continue,
        };
        let folder = arguments.functions.join(side.folder());
        std::fs::create_dir_all(&folder)?;
        let copied = std::fs::copy(&binary, folder.join("bootstrap"));
        copied.map_err(|error| format!("{}: {error}; make bench builds it", binary.display()))?;
    }
    Ok(Arc::new(Bed::start(&arguments.root, &arguments.functions, sides).await?))
}

async fn stop(bed: Arc<Bed>) -> Result<()> {
    // Nobody else has it: what reported has ended.
    if let Some(bed) = Arc::into_inner(bed) {
        bed.stop().await;
    }
    Ok(())
}

/// What is measured of the functions.
async fn of_functions(bed: &Arc<Bed>, sides: &[Side]) -> Result<Vec<Figure>> {
    let of =
        |wanted: &dyn Fn(Side) -> bool| -> Vec<Side> { sides.iter().copied().filter(|side| wanted(*side)).collect() };
    let starts = of(&|side| matches!(side, Side::Ours | Side::Hello | Side::Base));
    let mut figures = rows::first_polls(&measure::first_polls(bed, &starts, POLLS).await?);
    let reports = of(&|side| !matches!(side, Side::Hello | Side::Loop | Side::Shared));
    figures.extend(rows::first_answers(&measure::first_answers(bed, &reports, ANSWERS).await?));
    let warm = of(&|side| !matches!(side, Side::Hello | Side::Shared));
    figures.extend(rows::one_client(&measure::one_client(bed, &warm, PARTS, PART).await?));
    let many = [Side::Ours, Side::Loop];
    let found = measure::many_clients(bed, &many, CLIENTS, ROUNDS, EACH).await?;
    figures.push(rows::many_clients(&found, CLIENTS));
    let shared = [Side::Shared, Side::Ours];
    for clients in AT_ONCE {
        let each = AT_ONCE_REPORTS / clients;
        let found = measure::many_clients(bed, &shared, clients, AT_ONCE_ROUNDS, each).await?;
        figures.extend(rows::in_one_process(&found, clients));
    }
    for side in shared {
        bed.end(side).await;
    }
    let ours = instructions::of(bed, Side::Ours).await?;
    let base = if sides.contains(&Side::Base) { instructions::of(bed, Side::Base).await? } else { None };
    figures.extend(rows::instructions(ours, base));
    Ok(figures)
}

/// The sizes of the functions that are built.
fn of_sizes(arguments: &Arguments) -> Result<Vec<Figure>> {
    eprintln!("Sizes ...");
    let names = |root: &Path| -> Result<Vec<String>> {
        Ok(sizes::functions(&std::fs::read_to_string(root.join("template.yaml"))?))
    };
    let now = sizes::zipped(&arguments.binaries, &arguments.built)?;
    let of_base = match &arguments.base_root {
        Some(root) => names(root)?,
        None => Vec::new(),
    };
    let base = match &arguments.base {
        Some(binaries) => sizes::zipped(binaries, &of_base)?,
        None => Vec::new(),
    };
    Ok(rows::sizes((&now, names(&arguments.root)?.len()), (&base, of_base.len())))
}

/// What can be counted: instructions, and the bytes of the functions that are built.
async fn count(arguments: &Arguments) -> Result<Counts> {
    let bed = start(arguments, &[Side::Ours]).await?;
    let of_ours = instructions::of(&bed, Side::Ours).await?.ok_or(NO_VALGRIND)?;
    stop(bed).await?;
    let mut counts = count_stages(arguments).await?;
    counts.insert("instructions of a start".to_owned(), of_ours.start);
    counts.insert("instructions of a report, with the SDK".to_owned(), of_ours.report);
    let zips = sizes::zipped(&arguments.binaries, &arguments.built)?;
    counts.extend(zips.iter().map(|(name, size)| (format!("zipped bytes of {name}"), *size as f64)));
    Ok(counts)
}

/// What our own code executes for a report.
async fn count_stages(arguments: &Arguments) -> Result<Counts> {
    let stages = instructions::stages(&arguments.binaries, &arguments.functions).await?.ok_or(NO_VALGRIND)?;
    Ok(stages.iter().map(|(name, count)| (format!("own instructions of a report: {name}"), *count)).collect())
}

/// Compares counts with the accepted ones, or accepts them.
fn check_counts(counts: &Counts, path: &Path, arguments: &Arguments) -> Result<()> {
    let compiler = arguments.compiler.as_deref().unwrap_or_default();
    let text = counts::text(counts, compiler);
    println!("{text}");
    if arguments.accept {
        return Ok(std::fs::write(path, text)?);
    }
    let shown = path.display();
    let accepted = std::fs::read_to_string(path);
    let accepted = accepted.map_err(|error| format!("{shown}: {error}; the same command with ACCEPT=1 writes it"))?;
    let worse = counts::worse(counts, compiler, &accepted)?;
    if worse.is_empty() {
        return Ok(());
    }
    let worse = worse.join("\n");
    Err(format!("{shown}:\n{worse}\nThe same command with ACCEPT=1 accepts that; say in the commit why").into())
}

/// What was asked for of the local cloud.
async fn of_local(arguments: &Arguments) -> Result<Vec<Figure>> {
    let (mut now, mut base) = (Vec::new(), Vec::new());
    if let Some(binaries) = &arguments.local {
        for round in 1..=CLOUDS {
            eprintln!("The local cloud: {round} of {CLOUDS}");
            now.push(local::reports_a_second(binaries, &arguments.root, CLIENTS, LOCAL_EACH).await?);
            if let (Some(binaries), Some(root)) = (&arguments.base_local, &arguments.base_root) {
                base.push(local::reports_a_second(binaries, root, CLIENTS, LOCAL_EACH).await?);
            }
        }
    }
    let memory = match &arguments.memory {
        Some(binaries) => Some(local::memory_with(binaries, &arguments.root, DISPUTES).await?),
        None => None,
    };
    Ok(vec![rows::local_speed(&now, &base, CLIENTS), rows::local_memory(memory)])
}

/// What builds took, where that was asked for.
fn of_builds(arguments: &Arguments) -> Result<Vec<Figure>> {
    let seconds = match &arguments.builds {
        Some(path) => serde_json::from_str(&std::fs::read_to_string(path)?)?,
        None => BTreeMap::new(),
    };
    Ok(rows::builds(&seconds))
}

/// The figures of other measurements.
fn of_others(arguments: &Arguments) -> Result<Vec<Figure>> {
    let Some(path) = arguments.more.as_ref().filter(|path| path.is_file()) else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path)?;
    let figure = |line: &str| figure::parse(line).ok_or_else(|| format!("{}: no figure: {line}", path.display()));
    Ok(text.lines().map(figure).collect::<std::result::Result<_, _>>()?)
}

/// Prints the table, and writes it where it is read.
fn publish(root: &Path, figures: &[Figure]) -> Result<()> {
    let machine = Machine::this();
    let commit = std::env::var("RECOURSE_COMMIT").unwrap_or_default();
    println!("{machine}\n\n{}", figure::table(figures));
    let path = root.join("docs/performance.md");
    let text = page::with_figures(&std::fs::read_to_string(&path)?, figures, &machine, &commit)?;
    std::fs::write(&path, text)?;
    if let Some(svg) = chart::svg(figures) {
        std::fs::write(root.join("docs/performance.svg"), svg)?;
    }
    std::fs::create_dir_all(root.join("target"))?;
    std::fs::write(root.join("target/bench.json"), format!("{:#}\n", figure::json(figures)))?;
    eprintln!("Written: docs/performance.md, docs/performance.svg, target/bench.json");
    Ok(())
}
