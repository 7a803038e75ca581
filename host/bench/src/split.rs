//! Where the time of a batch goes, by what is left when a part is left out.

use groundswell_bench_guests::Weighted;
use groundswell_runtime::{Input, Mode, Population};

use crate::compare::{BATCH, ROWS};
use crate::guests;
use crate::native::Native;
use crate::people::members;
use crate::sandbox::{Sandboxed, score};
use crate::times::{ROUNDS, Times, each, timed};

/// Members of the probes that are asked one by one.
const FEW: usize = 2_000;

/// The plugins that are asked, and the members that they are asked about.
struct Probes {
    weighted: Sandboxed,
    nothing: Sandboxed,
    nothing_of_one: Sandboxed,
    people: Population,
    few: Population,
}

/// What a batch takes in one mode, in nanoseconds a member of a whole batch.
#[derive(Default)]
struct Whole {
    weighted: Times,
    /// All columns handed over, nothing computed.
    nothing: Times,
    /// The same with one column.
    nothing_of_one: Times,
    /// Batches of one row: what does not depend on rows.
    fixed: Times,
}

pub(crate) fn split() {
    let components = guests::components();
    let load = |name: &str| Sandboxed::load(name, guests::named(&components, name));
    let weighted = load("weighted");
    let inputs: Vec<Input> = weighted.strict.scoring().unwrap().inputs.clone();
    let probes = Probes {
        weighted,
        nothing: load("nothing"),
        nothing_of_one: load("nothing-of-one"),
        people: members(ROWS, &inputs, false),
        few: members(FEW, &inputs, false),
    };
    let native = Native::<Weighted>::new(&probes.people, &inputs, BATCH);
    let [mut plain, mut lift, mut check] = <[Times; 3]>::default();
    let (mut strict, mut fast) = (Whole::default(), Whole::default());
    let mut kept = vec![0.0; ROWS];
    let answers: Vec<Vec<f64>> = native.scores().chunks(BATCH).map(<[f64]>::to_vec).collect();
    for _ in 0..ROUNDS {
        plain.add(native.time());
        lift.add(lifting(&answers, &mut kept));
        check.add(checks(&answers));
        strict.measure(&probes, Mode::Strict);
        fast.measure(&probes, Mode::Fast);
    }
    let (plain, lift, check) = (plain.median(), lift.median(), check.median());
    let shares = inputs.len() as f64 / (inputs.len() as f64 - 1.0);
    println!(
        "\nweighted sum of {} inputs, batches of {BATCH}: where a member's nanoseconds go",
        inputs.len()
    );
    println!("  {:58} {:>8} {:>8}", "", "strict", "fast");
    let row = |title: &str, strict: f64, fast: f64| println!("  {title:58} {strict:8.2} {fast:8.2}");
    let computing = |whole: &Whole| whole.weighted.median() - whole.nothing.median();
    // A warm instance's memory is there already: only in fast mode is this lowering and nothing else.
    let lowering = (fast.nothing.median() - fast.nothing_of_one.median()) * shares;
    let moved = |whole: &Whole| whole.nothing.median() - whole.fixed.median();
    let fresh = moved(&strict) - moved(&fast);
    let metering = computing(&strict) - computing(&fast);
    let rows = [
        ("computing, as native Rust does it", plain, plain),
        ("computing: WebAssembly instead of native code", computing(&fast) - plain, computing(&fast) - plain),
        ("computing: fuel and canonical NaNs", metering, 0.0),
        ("lowering: columns into the guest's memory", lowering, lowering),
        ("lifting: scores out of it, and into the result", lift, lift),
        ("checks: every score is finite", check, check),
        ("the call; in strict mode with instance and fit", strict.fixed.median(), fast.fixed.median()),
        ("memory of a fresh instance: growing it, resetting it", fresh, 0.0),
    ];
    let (mut of_strict, mut of_fast) = (strict.weighted.median(), fast.weighted.median());
    for (title, in_strict, in_fast) in rows {
        row(title, in_strict, in_fast);
        of_strict -= in_strict;
        of_fast -= in_fast;
    }
    row("unaccounted", of_strict, of_fast);
    row("the whole, as measured", strict.weighted.median(), fast.weighted.median());
    row("× native", strict.weighted.median() / plain, fast.weighted.median() / plain);
}

impl Whole {
    fn measure(&mut self, probes: &Probes, mode: Mode) {
        let time = |plugin: &Sandboxed, people: &Population, size: usize| {
            score(plugin.in_mode(mode), people, size, 1) / BATCH as f64
        };
        self.weighted.add(time(&probes.weighted, &probes.people, BATCH));
        self.nothing.add(time(&probes.nothing, &probes.people, BATCH));
        self.nothing_of_one.add(time(&probes.nothing_of_one, &probes.people, BATCH));
        self.fixed.add(time(&probes.nothing, &probes.few, 1));
    }
}

/// What the host does with an answer: a copy of it, and one into the result.
fn lifting(answers: &[Vec<f64>], kept: &mut [f64]) -> f64 {
    let (time, ()) = timed(|| {
        for (answer, kept) in answers.iter().zip(kept.chunks_mut(BATCH)) {
            let told = std::hint::black_box(answer.clone());
            kept.copy_from_slice(&told);
        }
    });
    each(time, ROWS)
}

/// What the host looks at in an answer, as it does: chunks without a way out in their middle.
fn checks(answers: &[Vec<f64>]) -> f64 {
    let finite = |chunk: &[f64]| chunk.iter().fold(true, |all, score| all & score.is_finite());
    let (time, all) = timed(|| answers.iter().all(|answer| answer.chunks(512).all(finite)));
    assert!(all);
    each(time, ROWS)
}
