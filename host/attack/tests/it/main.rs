//! The whole suite against this project's own runtime, in both modes.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write;

use groundswell_attack::{Attacker, By, Expected, Limits, Mode, Report, Siege, Verdict, When, all};

/// Limits that a loop reaches in a moment.
fn tight() -> Limits {
    Limits {
        fuel_per_call: 20_000_000,
        fuel_per_row: 10_000,
        memory_bytes: 8 << 20,
        fast_wall_millis: 1_000,
        instances: 2,
        ..Limits::new()
    }
}

/// What a host says of every attacker, whole, but for places in bytes that every build puts elsewhere.
fn told(report: &Report) -> String {
    let mut told = String::new();
    for trial in &report.trials {
        let verdict = trial.verdict.to_string();
        let (before, after) = match verdict.split_once("(at offset ") {
            Some((before, place)) => {
                (before.trim_end(), place.split_once(')').map_or("", |(_, after)| after))
            }
            None => (verdict.as_str(), ""),
        };
        writeln!(told, "{}: {before}{after}", trial.name).unwrap();
    }
    told
}

fn every_attacker_is_stopped(siege: &Siege) -> String {
    let report = siege.run(|_, _| ()).unwrap();
    let told = told(&report);
    let away: Vec<_> = report.got_away().map(|trial| format!("{}: {}", trial.name, trial.verdict)).collect();
    assert!(report.held(), "{}", away.join("\n"));
    let odd = report.trials.iter().filter(|trial| !trial.as_expected);
    let odd: Vec<_> = odd.map(|trial| format!("{}: {:?}", trial.name, trial.verdict)).collect();
    assert!(odd.is_empty(), "otherwise than expected:\n{}", odd.join("\n"));
    told
}

#[test]
fn every_attacker_is_stopped_in_strict_mode_and_changes_nothing() {
    insta::assert_snapshot!(every_attacker_is_stopped(&Siege::new(Mode::Strict, tight())));
}

/// What is wrong with a file or a description is found by the same code in both modes, and not tried twice.
#[test]
fn every_attacker_whose_code_has_time_to_run_is_stopped_in_fast_mode_and_changes_nothing() {
    let runs = |attacker: &&Attacker| match attacker.fast {
        Expected::Stopped { when, by } => {
            when != [When::Load] && (when != [When::Describe] || by.first() != Some(&By::Answer))
        }
        _ => true,
    };
    let attackers = all();
    let starts = |attacker: &&Attacker| attacker.name.ends_with("-in-start");
    let chosen = attackers.iter().filter(|attacker| runs(attacker) || starts(attacker));
    let names: Vec<_> = chosen.map(|attacker| attacker.name).collect();
    assert!(names.len() > 80, "{}", names.len());
    let siege = Siege::new(Mode::Fast, tight()).only(names).unwrap();
    insta::assert_snapshot!(every_attacker_is_stopped(&siege));
}

#[test]
fn families_and_attackers_can_be_chosen_by_name() {
    let names = |only: &[&str]| {
        let siege = Siege::new(Mode::Strict, tight()).only(only).unwrap();
        siege.attackers().iter().map(|attacker| attacker.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&["trap-in-score", "trap-in-fit"]), ["trap-in-fit", "trap-in-score"]);
    assert_eq!(names(&["trap-in"]).len(), 8);
    let error = Siege::new(Mode::Strict, tight()).only(["trap"]).unwrap_err();
    insta::assert_snapshot!(error, @"there is no attacker `trap`; `groundswell attack --list` names them all");
}

#[test]
fn limits_under_which_nobody_works_are_no_siege() {
    let starving = Limits { fuel_per_call: 1, fuel_per_row: 0, ..tight() };
    let error = Siege::new(Mode::Strict, starving).run(|_, _| ()).unwrap_err();
    insta::assert_snapshot!(error);
}

#[test]
fn a_report_is_json_for_programs() {
    let siege = Siege::new(Mode::Strict, tight()).only(["too-few-scores"]).unwrap();
    let mut heard = Vec::new();
    let report = siege.run(|done, next| heard.push((done, next.to_owned()))).unwrap();
    assert_eq!(heard, [(0, "too-few-scores".to_owned()), (1, String::new())]);
    assert!(matches!(report.trials.first().unwrap().verdict, Verdict::Stopped { .. }));
    let mut json = serde_json::to_value(&report).unwrap();
    json["trials"][0]["millis"] = 0.into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json["trials"]).unwrap());
}
