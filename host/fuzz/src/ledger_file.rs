//! Bytes as a community's ledger, or as what stands beside one.

use std::path::Path;
use std::sync::OnceLock;

use groundswell::ledger::{
    AwardTerms, Calendar, Chapter, Kind, Ledger, Period, Programme, Proposal, Proposals, Round, ScoredBy,
    Selection, Standing,
};
use jiff::tz::TimeZone;
use rusqlite::Connection;

use crate::message::assert_plain;
use crate::scratch::{folder, write};

/// What every database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// What is edited in one go, in bytes.
const STEP: usize = 4;
const FILE: &str = "ledger.sqlite";

/// An honest ledger: its file and its heads.
struct Honest {
    ledger: Vec<u8>,
    heads: Vec<u8>,
}

static HONEST: OnceLock<Honest> = OnceLock::new();

fn honest() -> &'static Honest {
    HONEST.get_or_init(made)
}

pub(crate) fn prepare() {
    honest();
}

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let scratch = folder();
    let folder = scratch.path();
    let honest = honest();
    let mut ledger = honest.ledger.clone();
    let mut untouched = true;
    match way % 6 {
        0 if rest.starts_with(MAGIC) || way / 6 % 2 == 0 => ledger = rest.to_vec(),
        0 => ledger = [MAGIC, rest].concat(),
        1 => edit(&mut ledger, rest),
        2 => {
            let (cut, rest) = rest.split_at(rest.len().min(STEP));
            ledger.truncate(place(cut, ledger.len()));
            edit(&mut ledger, rest);
        }
        3 => write(folder, "ledger.heads", rest),
        // A journal is rolled back by whoever looks.
        4 => {
            write(folder, "ledger.sqlite-journal", rest);
            untouched = false;
        }
        _ => {
            write(folder, FILE, &ledger);
            if !asked(&folder.join(FILE), rest) {
                return;
            }
            ledger = std::fs::read(folder.join(FILE)).unwrap_or_default();
        }
    }
    write(folder, FILE, &ledger);
    if way / 6 % 3 == 2 && way % 6 != 3 {
        write(folder, "ledger.heads", &honest.heads);
    }
    let path = folder.join(FILE);
    look(&path);
    verify(&path);
    if untouched {
        let now = std::fs::read(&path).unwrap_or_default();
        assert!(now == ledger, "who looked at it changed it");
    }
    change(&path);
}

/// Where four bytes point to, the last of which is none of a place.
fn place(step: &[u8], length: usize) -> usize {
    let at = step.iter().take(3).rev().fold(0, |at, byte| at << 8 | usize::from(*byte));
    at % length.max(1)
}

/// Puts bytes in the place of others: each four of them are a place, in little endian, and a byte.
fn edit(ledger: &mut [u8], steps: &[u8]) {
    let length = ledger.len();
    for step in steps.chunks_exact(STEP) {
        if let (Some(byte), Some(last)) = (ledger.get_mut(place(step, length)), step.last()) {
            *byte = *last;
        }
    }
}

/// Has SQLite carry out whatever the bytes say, as somebody does who edits a ledger; not where that takes long.
fn asked(path: &Path, text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    // What it attaches or writes elsewhere is no matter of ledgers.
    let words = text.to_ascii_lowercase();
    if ["attach", "vacuum", "load_extension", "randomblob", "zeroblob", "printf", "format"]
        .iter()
        .any(|word| words.contains(word))
    {
        return false;
    }
    let Ok(connection) = Connection::open(path) else { return false };
    let mut steps = 0_u32;
    let ends = move || {
        steps += 1;
        steps > 200
    };
    _ = connection.progress_handler(1_000, Some(ends));
    _ = connection.execute_batch(text);
    connection.close().is_ok()
}

fn tell(error: &groundswell::ledger::Error) {
    let said = error.to_string();
    assert_plain(&said);
    assert!(!error.is_busy(), "nobody else has it: {said}");
}

fn heard<T>(result: Result<T, groundswell::ledger::Error>) -> Option<T> {
    result.inspect_err(tell).ok()
}

fn look(path: &Path) {
    let Some(ledger) = heard(Ledger::look(path)) else { return };
    heard(ledger.holdings(&Selection::default()));
    let mut selection = Selection::default();
    (selection.member, selection.award) = (Some("ada".to_owned()), Some("badge".to_owned()));
    heard(ledger.holdings(&selection));
    heard(ledger.balances(None, None));
    heard(ledger.balances(Some("bob"), None));
    heard(ledger.story("ada"));
    heard(ledger.tiers("bob"));
    heard(ledger.past("d", None));
    heard(ledger.due("platform", i64::MAX, 100));
    heard(ledger.waiting("platform"));
    heard(ledger.dead_letters());
    heard(ledger.strays(&["log"]));
    let chapter = Chapter { definition: "d", period: "2020-03", start: 4, as_of: 5, runs: 2 };
    heard(ledger.history(&chapter));
}

fn verify(path: &Path) {
    let mut last = 0;
    let verified = Ledger::verify(path, &[], &mut |done, _| {
        assert!(done >= last);
        last = done;
    });
    let Some(verified) = heard(verified) else { return };
    assert!(verified.findings.len() <= 20);
    verified.findings.iter().for_each(|finding| assert_plain(finding));
    let again = Ledger::verify(path, &[], &mut |_, _| ()).ok();
    assert_eq!(again, Some(verified), "the same file, and another answer");
}

/// Whatever is written to it, it ends in an error or in a ledger.
fn change(path: &Path) {
    if let Some(mut ledger) = heard(Ledger::open(path)) {
        heard(ledger.delivered(1));
        heard(ledger.later(2, 7, "away"));
        heard(ledger.dead(2, "gone"));
        heard(ledger.retry(None));
        heard(ledger.withdraw(&["ada".to_owned()]));
        let programme = programme();
        heard(month(&mut ledger, &programme, "2020-03-20", &[("ada", "badge"), ("bob", "stars")]));
    }
    heard(Ledger::forget(path, &["ada".to_owned()]));
    heard(Ledger::held(path, &["bob".to_owned()]));
    verify(path);
}

fn programme() -> Programme {
    let mut terms = [
        AwardTerms::new("badge", Kind::Badge),
        AwardTerms::new("stars", Kind::Points),
        AwardTerms::new("circle", Kind::Circle),
    ];
    for terms in &mut terms {
        terms.deliver = vec!["platform".to_owned()];
        terms.revocable = true;
    }
    Programme::new(terms.to_vec(), Calendar::new(Period::Month, TimeZone::UTC), "terms")
}

type Wish<'a> = (&'a str, &'a str);

/// Records a run at a day.
fn month(
    ledger: &mut Ledger,
    programme: &Programme,
    day: &str,
    wishes: &[Wish<'_>],
) -> Result<(), groundswell::ledger::Error> {
    let moment: jiff::Timestamp = format!("{day}T12:00:00Z").parse().unwrap_or_default();
    let as_of = i64::try_from(moment.as_nanosecond()).unwrap_or_default();
    let Ok(period) = programme.calendar.at(as_of) else { return Ok(()) };
    let chapter = Chapter { definition: "d", period: &period.key, start: period.start, as_of, runs: 2 };
    let digest = ledger.history(&chapter)?.digest();
    let all: Vec<Proposal<'_>> = wishes
        .iter()
        .map(|(member, award)| Proposal { member, award, amount: 3, reason: "helps", score: 1.0 })
        .collect();
    let standing =
        |member| Standing { member, tier: "micro", rung: Some(2), said: "micro", score: 1.0, role: None };
    let standings = ["ada", "bob"].map(standing);
    let round = Round {
        chapter,
        receipt: day,
        by: ScoredBy::default(),
        unknown: &[],
        standings: &standings,
        proposals: Some(Proposals { programme, actor: "rules 1.0.0", decided_by: &digest, all: &all }),
        opted_out: &[],
    };
    ledger.commit(&round).map(drop)
}

#[expect(clippy::expect_used, reason = "without an honest ledger there is nothing to try")]
fn made() -> Honest {
    let folder = folder();
    let path = folder.path().join(FILE);
    let mut ledger = Ledger::open(&path).expect("a ledger");
    let programme = programme();
    let wishes = [("ada", "badge"), ("ada", "stars"), ("bob", "circle")];
    for (day, wishes) in [("2020-01-20", &wishes[..]), ("2020-02-20", wishes.get(..2).unwrap_or_default())] {
        month(&mut ledger, &programme, day, wishes).expect("a run");
    }
    drop(ledger);
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    Honest { ledger: read(FILE), heads: read("ledger.heads") }
}
