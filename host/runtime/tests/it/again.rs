//! Members of a batch, asked about a second time in other company.

use std::sync::OnceLock;

use groundswell_runtime::{Column, Error, FaultKind, Limits, Plugin, Population, RunOptions, Scored};

use crate::guests::{homemade, runtime, tight};

/// Three members whose answers ascend from so many: asked again, the last one comes before the second.
const ROWS: usize = 3;

/// A plugin that does, in a batch whose rows do not ascend, what their numbers say.
fn fickle() -> &'static [u8] {
    static BUILT: OnceLock<&[u8]> = OnceLock::new();
    BUILT.get_or_init(|| {
        homemade(
            "fickle",
            r#"fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
                let answers = members.number("answers");
                let turned = answers.len() > 1 && answers[0] > answers[1];
                let spins = || (0..2_000_000_u64).for_each(|turn| _ = std::hint::black_box(turn));
                match answers[0] as u64 / 100 {
                    1 if turned => panic!("everything is upside down"),
                    2 if turned => loop { std::hint::black_box(()) },
                    3 if turned => return Err(Problem::Other("this is no order for me".to_owned())),
                    4 if turned => return Ok(Vec::new()),
                    5 if answers.len() > 1 => spins(),
                    _ => {}
                }
                Ok(answers.to_vec())
            }"#,
        )
    })
}

fn run(plugin: &Plugin, from: usize) -> Result<Scored, Error> {
    let answers = (0..ROWS).map(|row| (from + row) as f64).collect();
    let members = Population::new(ROWS).with("answers", Column::Number(answers)).unwrap();
    plugin.score(&members, &RunOptions::new().threads(1))
}

#[test]
fn whatever_goes_wrong_when_it_is_asked_again_is_said_to_have_gone_wrong_then() {
    let plugin = runtime().load_bytes("fickle.wasm", fickle()).unwrap();
    run(&plugin, 0).unwrap();
    let told = [100, 200, 300, 400].map(|from| {
        let error = run(&plugin, from).unwrap_err();
        let Error::Fault(fault) = &error else { panic!("no fault: {error}") };
        assert!(fault.asked_again && fault.rows == Some(0..ROWS), "{fault:?}");
        error.to_string()
    });
    insta::assert_snapshot!(told.join("\n"));
}

/// What a plugin uses need not have to do with how many members it is asked about.
#[test]
fn what_was_enough_the_first_time_is_enough_for_one_member_less() {
    let roomy = Limits { fuel_per_call: 1, fuel_per_row: 40_000_000, ..tight() };
    let plugin = runtime().load_bytes("fickle.wasm", fickle()).unwrap().with_limits(roomy).unwrap();
    let used = run(&plugin, 500).unwrap().usage.fuel_permille.unwrap();
    let per_row = |permille: u64| 40_000_000 * permille / 1_000;
    // For three rows it is enough, and for two it would not be.
    let enough = Limits { fuel_per_row: per_row(used + 1), ..plugin.runtime().limits().clone() };
    run(&plugin.with_limits(enough.clone()).unwrap(), 500).unwrap();
    let too_little = Limits { fuel_per_row: enough.fuel_per_row * 2 / 3, ..enough };
    let error = run(&plugin.with_limits(too_little).unwrap(), 500).unwrap_err();
    let Error::Fault(fault) = &error else { panic!("no fault: {error}") };
    assert!(matches!(fault.kind, FaultKind::Fuel { .. }) && !fault.asked_again, "{error}");
}
