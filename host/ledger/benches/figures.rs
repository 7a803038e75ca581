//! What the ledger takes: a run of a million members with a hundred thousand new awards, entries beside SQLite's own inserts, and
//! verifying many entries. `cargo xtask bench ledger` prints it.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a program for developers")]

use std::path::Path;
use std::time::{Duration, Instant};

use groundswell_ledger::{
    AwardTerms, Calendar, Chapter, Committed, Kind, Ledger, Period, Programme, Proposal, Proposals, Round,
    ScoredBy, Standing,
};
use jiff::tz::TimeZone;
use rusqlite::Connection;

const DAY: i64 = 86_400_000_000_000;
const MEMBERS: usize = 1_000_000;
const KINDS: usize = 20;
const NEW: usize = 100_000;
/// How many entries are verified.
const ENTRIES: usize = 10_000_000;

fn main() {
    let ids: Vec<String> = (0..MEMBERS).map(|id| format!("member-{id:07}")).collect();
    run(&ids);
    append(&ids);
    verify(&ids);
}

fn programme(kinds: usize, each_period: bool) -> Programme {
    let awards = (0..kinds).map(|kind| {
        let mut terms = AwardTerms::new(format!("award-{kind:02}"), Kind::Shoutout);
        terms.each_period = each_period;
        // A budget that is not used up, so that it has to be looked at.
        terms.budget = Some(1 << 40);
        terms
    });
    Programme::new(awards.collect(), Calendar::new(Period::Month, TimeZone::UTC), "terms")
}

/// Records a run on the first of a month, counted from January 2000; every `per_kind` of the members are proposed each award.
fn record(
    ledger: &mut Ledger,
    programme: &Programme,
    month: i64,
    (standing, ids): (&[String], &[String]),
    per_kind: usize,
) -> (Duration, usize) {
    let as_of = 946_684_800_000_000_000 + month * 31 * DAY;
    let period = programme.calendar.at(as_of).unwrap();
    let kinds = &programme.awards;
    let all: Vec<Proposal<'_>> = kinds
        .iter()
        .enumerate()
        .flat_map(|(place, terms)| {
            ids.iter().cycle().skip(place * per_kind).take(per_kind).map(|member| Proposal {
                member,
                award: &terms.award,
                amount: 1,
                reason: "Has helped 27 members, and could help more.",
                score: 1.0,
            })
        })
        .collect();
    let standings: Vec<Standing<'_>> = standing
        .iter()
        .map(|member| Standing {
            member,
            tier: "member",
            rung: Some(1),
            said: "member",
            score: 1.0,
            role: None,
        })
        .collect();
    let receipt = format!("{month:064}");
    let clock = Instant::now();
    let chapter = Chapter { definition: "d", period: &period.key, start: period.start, as_of, runs: 1 };
    let digest = ledger.history(&chapter).unwrap().digest();
    let proposals = Proposals { programme, actor: "rules 1.0.0", decided_by: &digest, all: &all };
    let round = Round {
        chapter,
        receipt: &receipt,
        by: ScoredBy::default(),
        unknown: &[],
        standings: &standings,
        proposals: Some(proposals),
        opted_out: &[],
    };
    let Committed::Recorded(outcome) = ledger.commit(&round).unwrap() else { panic!("nobody else writes") };
    (clock.elapsed(), outcome.moves.len())
}

fn run(ids: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    let programme = programme(KINDS, true);
    record(&mut ledger, &programme, 0, (ids, ids), NEW / KINDS);
    let (took, new) = record(&mut ledger, &programme, 2, (ids, ids), NEW / KINDS);
    println!(
        "a run of {MEMBERS} members and {KINDS} kinds, {new} new awards, from its history to the commit: {took:.2?}"
    );
}

fn append(ids: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let programme = programme(KINDS, true);
    let mut ours = Vec::new();
    let mut plain = Vec::new();
    for round in 0..5 {
        let mut ledger = Ledger::open(&folder.path().join(format!("ours-{round}.sqlite"))).unwrap();
        let (took, _) = record(&mut ledger, &programme, 0, (&[], ids), NEW / KINDS);
        ours.push(took);
        plain.push(inserts(&folder.path().join(format!("plain-{round}.sqlite")), ids));
    }
    ours.sort_unstable();
    plain.sort_unstable();
    let (ours, plain) = (ours[2], plain[2]);
    println!(
        "{NEW} entries, decided, chained and with secrets: {ours:.2?}; the same columns in one table by SQLite's own inserts: {plain:.2?}; \
         {:.2} x",
        ours.as_secs_f64() / plain.as_secs_f64()
    );
}

/// As many rows of the same columns, in one transaction and one table without an index.
fn inserts(path: &Path, ids: &[String]) -> Duration {
    let mut connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection
        .execute_batch(
            "CREATE TABLE plain (number INTEGER PRIMARY KEY, claim, state, award, kind, period, occurrence, counted, amount, at, recorded,
             actor, receipt, detail, commitment, hash, member, salt, reason)",
        )
        .unwrap();
    let clock = Instant::now();
    let transaction = connection.transaction().unwrap();
    let mut insert = transaction
        .prepare("INSERT INTO plain VALUES (?1, ?2, 'granted', ?3, 'shoutout', '2000-01', 1, '2000-01', 1, 5, 6, 'plugin rules 1.0.0', 1, '', ?4, ?4, ?5, ?4, 'Has helped 27 members, and could help more.')")
        .unwrap();
    for (number, id) in (1_i64..).zip(ids.iter().take(NEW)) {
        insert.execute(rusqlite::params![number, number, "award-01", [7_u8; 32], id]).unwrap();
    }
    drop(insert);
    transaction.commit().unwrap();
    clock.elapsed()
}

fn verify(ids: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let programme = programme(1, true);
    let each = 500_000;
    let mut ledger = Ledger::open(&path).unwrap();
    let clock = Instant::now();
    for month in 0..ENTRIES / each {
        record(&mut ledger, &programme, month as i64 * 2, (&[], ids), each);
    }
    let made = clock.elapsed();
    drop(ledger);
    // What was at most in memory before is of no account.
    _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = resident("VmRSS:");
    let clock = Instant::now();
    let verified = Ledger::verify(&path, &[], &mut |_, _| ()).unwrap();
    let took = clock.elapsed();
    assert!(verified.is_sound());
    let more = resident("VmHWM:").saturating_sub(before) >> 20;
    println!(
        "verifying {} entries (made in {made:.0?}, {} MiB): {took:.1?}, {more} MiB of memory more than before",
        verified.entries,
        std::fs::metadata(&path).unwrap().len() >> 20
    );
}

/// What the system says of this process's memory, in bytes; 0 where it does not.
fn resident(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) << 10
}
