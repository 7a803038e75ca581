//! A small town with a ledger: months of thirty days from the year 2020 on, and whoever is proposed in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use groundswell_ledger::{
    Act, AwardTerms, Calendar, Chapter, Committed, Decision, Error, Kind, Ledger, Move, Outcome, Period,
    Programme, Proposal, Proposals, Round, ScoredBy, Selection, Standing,
};
use jiff::tz::TimeZone;

/// A programme's town, and its ledger.
pub(crate) struct Town {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) programme: Programme,
    pub(crate) runs: u32,
    pub(crate) definition: &'static str,
    /// Everybody's.
    pub(crate) role: Option<&'static str>,
    /// What scores.
    pub(crate) by: ScoredBy<'static>,
    /// What runs say of everybody; what counts for rewards is `micro`.
    pub(crate) said: &'static str,
    /// Who opted out by the next run.
    pub(crate) gone: Vec<&'static str>,
}

/// Whom a run proposes what: member, award, amount, score.
pub(crate) type Wish<'a> = (&'a str, &'a str, u64, f64);

impl Town {
    pub(crate) fn with(awards: impl IntoIterator<Item = AwardTerms>) -> Self {
        let calendar = Calendar::new(Period::Month, TimeZone::UTC);
        let programme = Programme::new(awards.into_iter().collect(), calendar, "terms");
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder,
            programme,
            runs: 1,
            definition: "d",
            role: None,
            said: "micro",
            by: ScoredBy::default(),
            gone: Vec::new(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.sqlite")
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::open(&self.path()).unwrap()
    }

    /// A run at noon of a day, `2020-05-31`, that scores everybody in `wishes` and `others`.
    pub(crate) fn run(&self, day: &str, wishes: &[Wish<'_>]) -> Outcome {
        self.run_with(day, wishes, &[], &format!("run of {day}")).unwrap()
    }

    pub(crate) fn run_with(
        &self,
        day: &str,
        wishes: &[Wish<'_>],
        unknown: &[&str],
        receipt: &str,
    ) -> Result<Outcome, Error> {
        let who = Who {
            definition: self.definition,
            runs: self.runs,
            said: self.said,
            role: self.role,
            by: self.by,
            gone: &self.gone,
        };
        run(&self.path(), &self.programme, who, day, wishes, unknown, receipt)
    }

    /// Every occurrence, in short, by member and award.
    pub(crate) fn told(&self) -> String {
        self.told_of(&Selection::default())
    }

    pub(crate) fn told_of(&self, selection: &Selection) -> String {
        let holdings = Ledger::look(&self.path()).unwrap().holdings(selection).unwrap();
        let mut lines: Vec<String> = holdings
            .iter()
            .map(|one| {
                let member = one.member.as_deref().unwrap_or("(forgotten)");
                let detail = if one.detail.is_empty() { String::new() } else { format!(" ({})", one.detail) };
                format!(
                    "{member} {} {} {} {} {}{detail}",
                    one.award, one.period, one.occurrence, one.state, one.amount
                )
            })
            .collect();
        lines.sort_unstable();
        lines.join("\n")
    }

    pub(crate) fn act(&self, member: &str, award: &str, act: Act) -> Result<Vec<Move>, Error> {
        let decision = Decision::new(member, award, act, "mo", "because");
        self.ledger().act(&self.programme, &decision, false)
    }

    /// The ledger has to be sound at any moment.
    pub(crate) fn verify(&self) {
        let verified = Ledger::verify(&self.path(), &[], &mut |_, _| ()).unwrap();
        assert_eq!(verified.findings, [""; 0]);
    }
}

/// What a run is, besides when and what it proposes.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) definition: &'a str,
    pub(crate) runs: u32,
    pub(crate) said: &'a str,
    pub(crate) role: Option<&'a str>,
    pub(crate) by: ScoredBy<'a>,
    pub(crate) gone: &'a [&'a str],
}

impl Default for Who<'_> {
    fn default() -> Self {
        Self { definition: "d", runs: 1, said: "micro", role: None, by: ScoredBy::default(), gone: &[] }
    }
}

pub(crate) fn run(
    path: &Path,
    programme: &Programme,
    Who { definition, runs, said, role, by, gone }: Who<'_>,
    day: &str,
    wishes: &[Wish<'_>],
    unknown: &[&str],
    receipt: &str,
) -> Result<Outcome, Error> {
    let as_of = noon(day);
    let period = programme.calendar.at(as_of).unwrap();
    let chapter = Chapter { definition, period: &period.key, start: period.start, as_of, runs };
    let mut ledger = Ledger::open(path)?;
    let history = ledger.history(&chapter)?;
    let all = proposed(wishes);
    let standings = standings(wishes, said, role);
    let unknown: Vec<String> = unknown.iter().map(|metric| (*metric).to_owned()).collect();
    let digest = history.digest();
    let proposals = Proposals { programme, actor: "rules 1.0.0", decided_by: &digest, all: &all };
    let opted_out: Vec<String> = gone.iter().map(|member| (*member).to_owned()).collect();
    let round = Round {
        chapter,
        receipt,
        by,
        unknown: &unknown,
        standings: &standings,
        proposals: Some(proposals),
        opted_out: &opted_out,
    };
    let planned = ledger.plan(&round)?;
    match ledger.commit(&round)? {
        Committed::Recorded(outcome) => {
            // What is planned is what is done.
            assert_eq!(planned.moves, outcome.moves);
            assert_eq!(planned.verdicts, outcome.verdicts);
            assert_eq!(planned.withdrawn, 0);
            Ok(outcome)
        }
        other => panic!("{other:?}"),
    }
}

/// Where everybody stands who is proposed anything.
fn standings<'w>(wishes: &[Wish<'w>], said: &'w str, role: Option<&'w str>) -> Vec<Standing<'w>> {
    let members: BTreeSet<&str> = wishes.iter().map(|wish| wish.0).collect();
    let stand = |member| Standing { member, tier: "micro", rung: Some(2), said, score: 0.5, role };
    members.into_iter().map(stand).collect()
}

fn proposed<'w>(wishes: &[Wish<'w>]) -> Vec<Proposal<'w>> {
    let propose =
        |&(member, award, amount, score): &Wish<'w>| Proposal { member, award, amount, reason: "so", score };
    wishes.iter().map(propose).collect()
}

pub(crate) fn noon(day: &str) -> i64 {
    let moment: jiff::Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
    i64::try_from(moment.as_nanosecond()).unwrap()
}

pub(crate) fn award(id: &str, kind: Kind) -> AwardTerms {
    AwardTerms::new(id, kind)
}

/// An award with some of its terms changed.
pub(crate) fn terms(id: &str, kind: Kind, change: impl FnOnce(&mut AwardTerms)) -> AwardTerms {
    let mut terms = award(id, kind);
    change(&mut terms);
    terms
}

/// Records a run beside others who do the same, until nobody has changed the history meanwhile.
pub(crate) fn record(path: &Path, programme: &Programme, day: &str, wishes: &[Wish<'_>]) {
    let as_of = noon(day);
    let period = programme.calendar.at(as_of).unwrap();
    let chapter = Chapter { definition: "d", period: &period.key, start: period.start, as_of, runs: 1 };
    let mut ledger = Ledger::open(path).unwrap();
    let (all, standings) = (proposed(wishes), standings(wishes, "micro", None));
    loop {
        let digest = ledger.history(&chapter).unwrap().digest();
        let proposals = Proposals { programme, actor: "rules 1.0.0", decided_by: &digest, all: &all };
        let round = Round {
            chapter,
            receipt: day,
            by: ScoredBy::default(),
            unknown: &[],
            standings: &standings,
            proposals: Some(proposals),
            opted_out: &[],
        };
        if let Committed::Recorded(_) = ledger.commit(&round).unwrap() {
            return;
        }
    }
}
