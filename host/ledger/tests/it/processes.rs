//! Processes of their own: killed at any moment, several at once, without room or rights.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use groundswell_ledger::{
    Act, AwardTerms, Calendar, Decision, Error, Kind, Ledger, Period, Programme, Selection, Share, State,
};
use jiff::tz::TimeZone;
use rusqlite::Connection;

use crate::town::{Who, Wish, record, run, terms};

/// Names the ledger that a process of this test writes.
const LEDGER: &str = "GROUNDSWELL_TEST_LEDGER";
/// Names how large a file it may make, in bytes.
const LARGEST: &str = "GROUNDSWELL_TEST_LARGEST";
/// Says that it records beside others, and the how many-th of them it is.
const BESIDE: &str = "GROUNDSWELL_TEST_BESIDE";
const OWN_NAME: &str = "processes::a_process_of_its_own_records_half_a_year";

fn awards() -> Vec<AwardTerms> {
    vec![
        terms("badge", Kind::Badge, |it| {
            it.revocable = true;
            it.deliver = vec!["platform".to_owned()];
        }),
        terms("cheer", Kind::Shoutout, |it| {
            it.each_period = true;
            it.budget = Some(5);
        }),
        terms("course", Kind::Training, |it| it.approval = true),
        terms("stars", Kind::Points, |it| it.each_period = true),
    ]
}

fn programme() -> Programme {
    let mut programme = Programme::new(awards(), Calendar::new(Period::Month, TimeZone::UTC), "terms");
    programme.max_revoked = Share::ALL;
    programme
}

fn members() -> Vec<String> {
    (0..40).map(|id| format!("m{id:02}")).collect()
}

/// Whom a month's run proposes what.
fn wishes(members: &[String], month: usize) -> Vec<Wish<'_>> {
    let mut wishes: Vec<Wish<'_>> = Vec::new();
    for (id, member) in members.iter().enumerate() {
        if !(id + month).is_multiple_of(5) {
            wishes.push((member, "badge", 1, id as f64));
            wishes.push((member, "cheer", 1, id as f64));
        }
        wishes.push((member, "stars", 3, id as f64));
        if id % 10 == month {
            wishes.push((member, "course", 1, id as f64));
        }
    }
    wishes
}

/// Half a year of runs, approvals and spending. Begun anew after it was killed, it does what is left to do.
fn half_a_year(path: &Path) {
    let programme = programme();
    let members = members();
    // Months that were finished are left alone, as whoever looks at the ledger would.
    let begun = Ledger::look(path).unwrap().tiers("m00").unwrap().len();
    for month in begun.max(1)..=6 {
        let wishes = wishes(&members, month);
        let day = format!("2020-{month:02}-20");
        run(path, &programme, Who::default(), &day, &wishes, &[], &day).unwrap();
        for member in &members {
            decide(path, &programme, member, month);
        }
    }
}

/// What a person decides after a month's run: whoever began it looks whether it is done.
fn decide(path: &Path, programme: &Programme, member: &str, month: usize) {
    let mut ledger = Ledger::open(path).unwrap();
    let mut about = Selection::default();
    about.member = Some(member.to_owned());
    let holdings = ledger.holdings(&about).unwrap();
    let pending = |award: &str| holdings.iter().any(|one| one.award == award && one.state == State::Pending);
    let spent = holdings.iter().filter(|one| one.state == State::Spent).count();
    let decision = |award, act| Decision::new(member, award, act, "mo", "because");
    if pending("course") {
        ledger.act(programme, &decision("course", Act::Approve), false).unwrap();
    }
    if member.ends_with('7') && spent < month {
        ledger.act(programme, &decision("stars", Act::Spend(2)), false).unwrap();
    }
}

#[test]
fn a_process_of_its_own_records_half_a_year() {
    let Some(path) = std::env::var_os(LEDGER) else {
        let (folder, expected) = undisturbed();
        let path = folder.path().join("other.sqlite");
        assert!(process(&path, None).wait().unwrap().success());
        same(&rows(&path), &expected);
        return;
    };
    if let Some(largest) = std::env::var_os(LARGEST) {
        bound(largest.to_string_lossy().parse().unwrap());
    }
    let path = Path::new(&path);
    let Some(number) = std::env::var_os(BESIDE) else { return half_a_year(path) };
    std::fs::write(path.with_extension(number), "").unwrap();
    while !path.with_extension("go").exists() {
        std::thread::sleep(Duration::from_micros(50));
    }
    beside_others(path);
}

fn process(path: &Path, largest: Option<u64>) -> Child {
    let largest = largest.map(|largest| (LARGEST, largest.to_string()));
    spawn(path, largest.as_slice())
}

fn spawn(path: &Path, told: &[(&str, String)]) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([OWN_NAME, "--exact", "--nocapture"]).env(LEDGER, path);
    command.envs(told.iter().map(|(name, value)| (name, value)));
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn undisturbed() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    half_a_year(&path);
    let rows = rows(&path);
    assert!(rows.len() > 400);
    (folder, rows)
}

/// Every entry and message, but for clocks, salts and hashes; and nothing is wrong with them.
fn rows(path: &Path) -> Vec<String> {
    let verified = Ledger::verify(path, &[], &mut |_, _| ()).unwrap();
    assert_eq!(verified.findings, [""; 0]);
    let connection = Connection::open(path).unwrap();
    let mut all = Vec::new();
    for query in [
        "SELECT e.number || ' ' || e.state || ' ' || e.award || ' ' || e.period || ' ' || e.occurrence || ' ' || e.amount || ' ' || e.at
             || ' ' || e.actor || ' ' || coalesce(m.member, '') || ' ' || coalesce(s.reason, '')
         FROM entries e LEFT JOIN claims c ON c.id = e.claim LEFT JOIN members m ON m.id = c.member
         LEFT JOIN secrets s ON s.entry = e.number ORDER BY e.number",
        "SELECT 'message ' || o.id || ' ' || o.entry || ' ' || m.member || ' ' || o.target || ' ' || o.state
         FROM outbox o JOIN members m ON m.id = o.member ORDER BY o.id",
    ] {
        let mut query = connection.prepare(query).unwrap();
        all.extend(query.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap));
    }
    all
}

/// Whether two lists are the same; where not, the first line that differs is told.
fn same(left: &[String], right: &[String]) {
    let differs = left.iter().zip(right).find(|(left, right)| left != right);
    assert_eq!(differs, None);
    assert_eq!(left.len(), right.len());
}

#[test]
fn killed_at_any_moment_two_hundred_times_nothing_is_lost_or_done_twice() {
    const KILLS: u32 = 200;
    let begun = Instant::now();
    let (folder, expected) = undisturbed();
    let whole = begun.elapsed();
    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    eprintln!("seed {seed}");
    let mut below = |bound: u128| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u128::from(seed >> 16) % bound.max(1)
    };
    let path = folder.path().join("disturbed.sqlite");
    let (mut kills, mut finished) = (0, 0);
    while kills < KILLS {
        let mut process = process(&path, None);
        let moment = Instant::now() + Duration::from_nanos(below(whole.as_nanos() / 4) as u64);
        while Instant::now() < moment {
            std::thread::sleep(Duration::from_micros(200));
        }
        process.kill().unwrap();
        let ended = process.wait().unwrap();
        if !ended.success() {
            kills += 1;
            continue;
        }
        // It was faster: nothing is left to be done. From the beginning.
        same(&rows(&path), &expected);
        finished += 1;
        std::fs::remove_file(&path).unwrap();
        std::fs::remove_file(path.with_extension("heads")).unwrap();
    }
    half_a_year(&path);
    same(&rows(&path), &expected);
    eprintln!("killed {kills} times, came to the end {} times", finished + 1);
}

/// The same runs and approvals beside others who do the same, in whatever order they come; spending is not among them, as each
/// time is another one.
fn beside_others(path: &Path) {
    let programme = programme();
    let members = members();
    for month in 1..=6 {
        let day = format!("2020-{month:02}-20");
        record(path, &programme, &day, &wishes(&members, month));
        for member in members.iter().enumerate().filter(|(id, _)| id % 10 == month).map(|(_, member)| member)
        {
            let approve = Decision::new(member, "course", Act::Approve, "mo", "because");
            // Another one was faster, or it waits for room.
            match Ledger::open(path).unwrap().act(&programme, &approve, false) {
                Ok(_) | Err(Error::Nothing { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn three_processes_at_once_record_what_one_does() {
    const PROCESSES: usize = 3;
    let folder = tempfile::tempdir().unwrap();
    let once = folder.path().join("once.sqlite");
    beside_others(&once);
    let expected = rows(&once);
    let of = |what: &str| expected.iter().filter(|row| row.contains(what)).count();
    assert!(of(" granted badge ") > 30 && of(" held cheer ") > 100 && of(" invited course ") > 15);
    for round in 0..3 {
        let path = folder.path().join(format!("{round}.sqlite"));
        let others: Vec<Child> =
            (0..PROCESSES).map(|number| spawn(&path, &[(BESIDE, number.to_string())])).collect();
        // None of them begins before all are there.
        while (0..PROCESSES).any(|number| !path.with_extension(number.to_string()).exists()) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::fs::write(path.with_extension("go"), "").unwrap();
        for other in others {
            let ended = other.wait_with_output().unwrap();
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        }
        same(&rows(&path), &expected);
    }
}

#[test]
fn another_process_that_has_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    drop(Ledger::open(&path).unwrap());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = Ledger::open_within(&path, Duration::ZERO).unwrap_err();
    insta::assert_snapshot!(error.to_string().replace(&path.display().to_string(), "[path]"), @"cannot write the ledger [path]: another process has it, and nothing was written: wait for it, or end it, and try again (database is locked)");
    other.execute_batch("ROLLBACK").unwrap();
    Ledger::open_within(&path, Duration::ZERO).unwrap();
}

/// From here on no file of this process grows beyond so many bytes, as on a disk that is full.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the system's own calls")]
fn bound(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: both calls only read their arguments; the signal would end the process before it could say anything.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit), 0);
    }
}

#[cfg(not(unix))]
fn bound(_: u64) {}

#[cfg(unix)]
#[test]
fn without_room_it_says_so_and_what_was_recorded_stays() {
    let (folder, expected) = undisturbed();
    let path = folder.path().join("short.sqlite");
    let mut told = Vec::new();
    for largest in [180_000, 240_000, 300_000] {
        let process = process(&path, Some(largest)).wait_with_output().unwrap();
        assert!(!process.status.success());
        let said = String::from_utf8_lossy(&process.stderr);
        told.extend(said.contains("nothing was written").then_some(largest));
        let kept = rows(&path);
        let entries: Vec<_> = kept.iter().filter(|row| !row.starts_with("message")).collect();
        assert!(expected.iter().filter(|row| !row.starts_with("message")).take(entries.len()).eq(entries));
    }
    assert_eq!(told, [180_000, 240_000, 300_000]);
    half_a_year(&path);
    same(&rows(&path), &expected);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_named_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    half_a_year(&path);
    let (bytes, before) = (std::fs::read(&path).unwrap(), rows(&path));
    // Rights do not hold root back; a database that is opened for reading only holds everybody back.
    let read_only = format!("file:{}?mode=ro", path.display());
    let error =
        run(Path::new(&read_only), &programme(), Who::default(), "2020-07-20", &[], &[], "r").unwrap_err();
    let error = error.to_string().replace(&folder.path().display().to_string(), "[folder]");
    insta::assert_snapshot!(error, @"cannot write the ledger file:[folder]/ledger.sqlite?mode=ro: it may not be written to, and nothing was: let whoever runs this write to the file and its folder (attempt to write a readonly database)");
    assert!(bytes == std::fs::read(&path).unwrap());
    same(&rows(&path), &before);
}
