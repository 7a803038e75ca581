//! Scoring, beside native Rust and other ways to run somebody else's code.

use groundswell_bench_guests::{Logs, WEIGHTS, Weighted};
use groundswell_plugin::Definition;
use groundswell_runtime::{Column, Input, Mode, Population, RunOptions};

use crate::guests;
use crate::native::Native;
use crate::others::others;
use crate::people::{members, scaled};
use crate::sandbox::{Sandboxed, place_and_explain, score};
use crate::times::{ROUNDS, Times, each, timed};

/// The size of batches where nobody says otherwise.
pub(crate) const BATCH: usize = 8_192;
const SIZES: [usize; 7] = [1_000, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536];
/// Six batches of the largest size.
pub(crate) const ROWS: usize = 6 * 65_536;

pub(crate) fn compare() {
    let components = guests::components();
    let weighted = Sandboxed::load("weighted", guests::named(&components, "weighted"));
    sizes(&weighted);
    println!("\nother definitions, batches of {BATCH}, ns a member:");
    println!("  {:32} {:>8} {:>18} {:>18}", "", "native", "strict", "fast");
    of_one_size::<Weighted>("weighted sum, no gaps", &weighted, false);
    of_one_size::<Weighted>("weighted sum, a tenth missing", &weighted, true);
    let regulars = Sandboxed::load("regulars", groundswell_plugins::REGULARS);
    of_one_size::<regulars::Regulars>("regulars, a tenth missing", &regulars, true);
    let logs = Sandboxed::load("logs", guests::named(&components, "logs"));
    of_one_size::<Logs>("logarithms of its own, no gaps", &logs, false);
    let people = members(ROWS, inputs(&regulars), true);
    let [mut placed, mut explained] = [Times::default(), Times::default()];
    for _ in 0..3 {
        let [place, explain] = place_and_explain(&regulars.strict, &people, BATCH);
        placed.add(place / BATCH as f64);
        explained.add(explain / BATCH as f64);
    }
    println!("  regulars, strict: place {:.2}, explain {:.2}", placed.median(), explained.median());
}

fn inputs(plugin: &Sandboxed) -> &[Input] {
    &plugin.strict.scoring().unwrap().inputs
}

/// Refuses to compare what does not compute the same.
fn assert_same(name: &str, scores: &[f64], native: &[f64]) {
    assert!(!native.is_empty() && scores.len() >= native.len(), "{name}: {} scores", scores.len());
    for (row, (score, native)) in scores.iter().zip(native).enumerate() {
        let most = 1e-12 * native.abs();
        assert!((score - native).abs() <= most, "{name} scores row {row} {score}, native Rust {native}");
    }
}

fn assert_same_in_both_modes(plugin: &Sandboxed, people: &Population, native: &[f64]) {
    for mode in [Mode::Strict, Mode::Fast] {
        let options = RunOptions::new().threads(1).batch_rows(BATCH);
        let scored = plugin.in_mode(mode).score(people, &options).unwrap();
        assert_same(&mode.to_string(), &scored.scores, native);
    }
}

/// The weighted sum, in batches of every size, in every way.
fn sizes(weighted: &Sandboxed) {
    let inputs = inputs(weighted);
    let people = members(ROWS, inputs, false);
    let columns = scaled(&people, inputs);
    let numbers: Vec<&[f64]> = columns
        .iter()
        .map(|column| match column {
            Column::Number(values) => &values[..],
            Column::Category { .. } => unreachable!("the inputs are numbers"),
        })
        .collect();
    let mut others = others(WEIGHTS, guests::extism());
    let expected = Native::<Weighted>::new(&people, inputs, BATCH).scores();
    assert_same_in_both_modes(weighted, &people, &expected);

    println!("weighted sum of {} inputs, ns a member (× native), by size of batch:", inputs.len());
    let names = ["native", "strict", "fast"].into_iter().chain(others.iter().map(|other| other.name()));
    println!("  {:>6} {}", "batch", names.map(|name| format!("{name:>20}")).collect::<String>());
    let mut widest: f64 = 0.0;
    for size in SIZES {
        let native = Native::<Weighted>::new(&people, inputs, size);
        let batch: Vec<&[f64]> = numbers.iter().map(|column| &column[..size]).collect();
        for other in &mut others {
            assert_same(other.name(), &other.score(&batch), &expected[..size]);
        }
        let mut times = vec![Times::default(); 3 + others.len()];
        for _ in 0..ROUNDS {
            times[0].add(native.time());
            times[1].add(score(&weighted.strict, &people, size, 1) / size as f64);
            times[2].add(score(&weighted.fast, &people, size, 1) / size as f64);
            for (other, times) in others.iter_mut().zip(&mut times[3..]) {
                times.add(each(timed(|| std::hint::black_box(other.score(&batch))).0, size));
            }
        }
        widest = times.iter().map(Times::spread).fold(widest, f64::max);
        let base = times[0].median();
        let cell = |times: &Times| {
            let ratio = format!("({:.2})", times.median() / base);
            format!("{:>10.2} {ratio:>9}", times.median())
        };
        println!("  {size:>6} {}", times.iter().map(cell).collect::<String>());
    }
    println!(
        "  the middle half of {ROUNDS} rounds lies within {:.0} % of the median or less",
        100.0 * widest
    );
}

/// One definition, natively and in both modes.
fn of_one_size<D: Definition + Clone>(title: &str, plugin: &Sandboxed, gaps: bool) {
    let inputs = inputs(plugin);
    let people = members(ROWS, inputs, gaps);
    let native = Native::<D>::new(&people, inputs, BATCH);
    assert_same_in_both_modes(plugin, &people, &native.scores());
    let mut times = <[Times; 3]>::default();
    for _ in 0..ROUNDS {
        times[0].add(native.time());
        times[1].add(score(&plugin.strict, &people, BATCH, 1) / BATCH as f64);
        times[2].add(score(&plugin.fast, &people, BATCH, 1) / BATCH as f64);
    }
    let base = times[0].median();
    let cell = |times: &Times| format!("{:8.2} = {:5.2} ×", times.median(), times.median() / base);
    let values = |times: &Times| inputs.len() as f64 * 1e3 / times.median();
    println!(
        "  {title:32} {base:8.2} {:>18} {:>18}   {:4.0} and {:4.0} M input values a second",
        cell(&times[1]),
        cell(&times[2]),
        values(&times[1]),
        values(&times[2]),
    );
}
