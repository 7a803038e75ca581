//! The same bits whatever the processor can do: the C library's mathematics, which goes by it, is not asked.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write;
use std::process::Command;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use groundswell::{MetricKind, ParameterKind, RunOptions, metrics};

use crate::community::Community;
use crate::planted::open;

/// Set in a process of this test's own, which then says what it found.
const ASKED: &str = "GROUNDSWELL_TEST_SAYS_BITS";
/// Makes the C library believe that the processor can do little.
const MASKED: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-AVX512CD,-AVX512DQ,-FMA,-FMA4,-BMI2,-SSE4_1,-SSE4_2",
);

/// An id of every family: what has to be said is said.
fn ids() -> Vec<String> {
    let value = |kind: ParameterKind| match kind {
        ParameterKind::Verb => "thank",
        ParameterKind::Word => "team",
        ParameterKind::Days => "30d",
        ParameterKind::Share => "0.5",
        ParameterKind::Number => "9",
        ParameterKind::Choice(choices) => choices.first().copied().unwrap_or_default(),
        _ => "activity",
    };
    let id = |family: &groundswell::MetricFamily| {
        let needed = family.parameters.iter().filter(|parameter| parameter.required);
        let said: Vec<String> =
            needed.map(|parameter| format!("{}={}", parameter.name, value(parameter.kind))).collect();
        if said.is_empty() { family.name.to_owned() } else { format!("{}({})", family.name, said.join(", ")) }
    };
    let mut ids: Vec<String> =
        metrics().iter().filter(|family| family.kind == MetricKind::Number).map(id).collect();
    ids.extend(["decayed-activity(half-life=17d)", "conversion-value(model=time-decay)"].map(str::to_owned));
    ids.extend(["trust", "own"].map(str::to_owned));
    ids
}

/// A metric of the community's own, by functions that the C library has too; what comes behind the point shows the last bits.
const OWN: &str = "[metrics.own]
sql = \"\"\"
select actor as member, sum(v - floor(v)) as value from (
    select actor, power(2.1, weight * 7) + power(t, 0.37) + exp(t / 1.5e8) + ln(t) + sin(t / 1e7) as v
    from (select actor, weight, date_part('epoch', at) as t from activities where actor is not null) as times
) as grown group by actor
\"\"\"
";

/// Every metric of every member of a community, and every score, bit for bit.
fn bits(options: &RunOptions) -> String {
    let community = Community::new(groundswell_planted::FILES);
    let toml = std::fs::read_to_string(community.path("community.toml")).unwrap();
    let more = "\n[metrics.trust]\nplugin = \"fading-trust\"\nsettings = { verb = \"thank\" }\n";
    community.write("community.toml", format!("{toml}{more}{OWN}").as_bytes());
    let opened = open(&community);
    let ids = ids();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let measured = opened.measure(&ids, options).unwrap();
    let mut out = String::new();
    for id in ids {
        write!(out, "\n{id}").unwrap();
        for value in measured.column_by_name(id).unwrap().as_primitive::<Float64Type>() {
            write!(out, " {:x}", value.map_or(0, f64::to_bits)).unwrap();
        }
    }
    for definition in ["regulars", "orbit", "thought-leader", "trust-levels", "trust-rank", "word-of-mouth"] {
        let options = options.clone().dry_run(true).definition(definition);
        for member in opened.run(&options).unwrap().members() {
            write!(out, "\n{} {:x}", member.member, member.score.to_bits()).unwrap();
        }
    }
    out
}

/// What the C library, by way of std, makes of some numbers.
fn of_the_library() -> u64 {
    (1..5_000_u32).map(f64::from).fold(0, |all, number| {
        let some =
            (number / 137.0).exp().to_bits() ^ number.powf(0.37).to_bits() ^ (number / 7.0).ln().to_bits();
        all.rotate_left(7) ^ some
    })
}

#[test]
fn bits_of_metrics_and_scores() {
    let bits = bits(&RunOptions::default().threads(1).partitions(1));
    assert!(
        bits.lines().count() > 500 && bits == self::bits(&RunOptions::default().threads(2).partitions(16))
    );
    if std::env::var_os(ASKED).is_some() {
        println!("library {:x}", of_the_library());
        println!("digest {}", blake3::hash(bits.as_bytes()));
    }
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
fn a_processor_that_can_do_less_gives_the_same_bits() {
    let said = |masked: bool| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "processors::bits_of_metrics_and_scores", "--nocapture"]).env(ASKED, "1");
        if masked {
            child.env(MASKED.0, MASKED.1);
        }
        let output = child.output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
        ["library ", "digest "].map(|title| {
            let line = out.lines().find_map(|line| line.split_once(title)).map(|(_, said)| said.to_owned());
            line.unwrap_or_else(|| panic!("no {title}in {out}"))
        })
    };
    let ([library, plain], [masked_library, masked]) = (said(false), said(true));
    if library == masked_library {
        println!("skipped: this processor, or this C library, computes the same under a mask");
        return;
    }
    assert_eq!(plain, masked);
}
