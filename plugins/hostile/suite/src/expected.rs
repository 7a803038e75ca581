//! What has to come of each attack.

use serde::Serialize;

use crate::Folder;

/// Which part of a plugin attacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Part {
    /// The definition.
    Definition,
    /// The reward rules.
    RewardRules,
    /// The metric.
    Metric,
    /// None: the file itself.
    File,
}

/// What a host is doing when it stops an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum When {
    /// Reading the file, or making an instance.
    Load,
    /// Asking it to describe itself.
    Describe,
    /// Fitting its definition.
    Fit,
    /// Asking for scores.
    Score,
    /// Asking for placements.
    Place,
    /// Asking for explanations.
    Explain,
    /// Opening its rules.
    Open,
    /// Asking for awards.
    Decide,
    /// Asking which networks it looks at.
    Networks,
    /// Asking for values.
    Measure,
}

/// What a host stops an attacker by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum By {
    /// It uses more than it may, or comes to more than a file may.
    Limit,
    /// It trapped, or ended itself.
    Trap,
    /// Its answer breaks the contract.
    Answer,
    /// Its answer, or a call that it makes, is not of the contract's types.
    Unreadable,
    /// It asks for what it did not declare, or before it may.
    Undeclared,
    /// Its answers depend on more than the question.
    Impure,
    /// It says itself that it cannot go on.
    Problem,
    /// The file is no component.
    NoComponent,
    /// The file is damaged.
    Damaged,
    /// Its stamp is missing or wrong.
    Stamp,
    /// It was built for another contract.
    Contract,
    /// Its imports or exports are not the contract's.
    Mismatch,
    /// It is not valid, or uses of WebAssembly what a host refuses.
    Invalid,
}

/// What has to come of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", tag = "outcome")]
#[non_exhaustive]
pub enum Expected {
    /// An error that names the attacker.
    Stopped {
        /// In any of these moments.
        when: &'static [When],
        /// By any of these. With other limits than the suite's own tests have, another may come first.
        by: &'static [By],
    },
    /// Nothing: it answers what the honest plugin answers, because its attack has nothing to hold on to.
    Same,
    /// Either, depending on the limits.
    StoppedOrSame {
        /// By any of these, whenever.
        by: &'static [By],
    },
    /// Nothing that anybody looks for in this mode, which is why it is for trusted plugins.
    NotLookedFor,
}

/// What is said of an attack beside its sentence.
pub(crate) struct Expectation {
    pub(crate) part: Part,
    pub(crate) strict: Expected,
    pub(crate) fast: Expected,
    pub(crate) batches: usize,
}

/// The same in both modes.
const fn both(part: Part, expected: Expected) -> Expectation {
    Expectation { part, strict: expected, fast: expected, batches: 1 }
}

const fn stopped(when: &'static [When], by: &'static [By]) -> Expectation {
    let part = match when {
        [When::Open | When::Decide, ..] => Part::RewardRules,
        [When::Networks | When::Measure, ..] => Part::Metric,
        [When::Load, ..] => Part::File,
        _ => Part::Definition,
    };
    both(part, Expected::Stopped { when, by })
}

/// Different things in strict and in fast mode.
const fn modes(strict: Expected, fast: Expected) -> Expectation {
    Expectation { part: Part::Definition, strict, fast, batches: 1 }
}

const fn of_metric(expectation: Expectation) -> Expectation {
    Expectation { part: Part::Metric, ..expectation }
}

const fn of_rules(expectation: Expectation) -> Expectation {
    Expectation { part: Part::RewardRules, ..expectation }
}

/// The moment that a variant is named after.
fn moment(variant: &str) -> &'static [When] {
    match variant {
        "fit" => &[When::Fit],
        "score" => &[When::Score],
        "place" => &[When::Place],
        "explain" => &[When::Explain],
        "open" => &[When::Open],
        "decide" => &[When::Decide],
        _ => &[When::Describe],
    }
}

/// Whether a door of this name may be open, as long as there is nothing behind it: a host may offer WASI without a world.
fn may_be_open(door: &str) -> bool {
    let packages =
        ["wasi:cli/", "wasi:clocks/", "wasi:filesystem/", "wasi:io/", "wasi:random/", "wasi:sockets/"];
    // One is for guests to export, the other a proposal.
    let locked = ["wasi:cli/run@", "wasi:clocks/timezone@"];
    packages.iter().any(|package| door.starts_with(package))
        && !locked.iter().any(|name| door.starts_with(name))
}

/// What has to come of the attack in a folder. A folder that is missing here does not compile.
pub(crate) fn expected(folder: Folder, variant: &str) -> Expectation {
    use By::{
        Answer, Contract, Damaged, Impure, Invalid, Limit, Mismatch, NoComponent, Problem, Stamp, Trap,
        Undeclared, Unreadable,
    };
    use When::{Decide, Describe, Explain, Fit, Load, Measure, Networks, Place, Score};

    const IMPURE: Expected = Expected::Stopped { when: &[Score], by: &[Impure] };
    let rules = variant == "describe-rewards"
        || variant.starts_with("award")
        || matches!(variant, "rewards-summary" | "open" | "decide");
    let expectation = match folder {
        Folder::Good => both(Part::Definition, Expected::Same),

        // Time, memory, stack.
        Folder::SpinIn => stopped(moment(variant), &[Limit]),
        Folder::SpinInStart | Folder::GrowInStart => stopped(&[Load], &[Limit]),
        // What it imports is not joined to it before its `start` has run.
        Folder::LogInStart => stopped(&[Load], &[Trap, Limit]),
        Folder::TrapInStart => stopped(&[Load], &[Trap]),
        Folder::SpinInDestructor => both(Part::Definition, Expected::Same),
        Folder::SpinInOwnDestructor
        | Folder::AllocateForever
        | Folder::RecurseForever
        | Folder::GrowTables
        | Folder::FillForever => stopped(&[Score], &[Limit]),
        Folder::LogABillion => stopped(&[Score], &[Unreadable, Limit]),
        Folder::SpinInRealloc => stopped(&[Fit], &[Limit]),
        Folder::SpinInPostReturn => stopped(&[Score], &[Limit]),
        Folder::TrapInPostReturn => stopped(&[Score], &[Trap]),
        Folder::GrowALittle | Folder::FloodLog => {
            both(Part::Definition, Expected::StoppedOrSame { by: &[Limit] })
        }
        Folder::HugeSummary => stopped(&[Describe], &[Limit, Answer]),
        Folder::HugeProblem => stopped(&[Score], &[Limit, Problem]),
        Folder::EchoOneText => stopped(&[Describe], &[Limit, Answer]),
        Folder::Enormous => match variant {
            "problem" => stopped(&[Score], &[Problem]),
            _ => stopped(&[Describe], &[Answer, Limit]),
        },

        // Traps, and what comes after.
        Folder::TrapIn | Folder::PanicIn => stopped(moment(variant), &[Trap]),
        Folder::TrapThenAnswer | Folder::EscapesInAPanic => stopped(&[Score], &[Trap]),
        // Where there is no WASI they are refused for importing it.
        Folder::EndTheProcess | Folder::TalkOverLastWords => stopped(&[Score, Load], &[Trap, Mismatch]),

        // What is said.
        Folder::EscapesIn => match variant {
            "problem" => stopped(&[Score], &[Problem]),
            _ => stopped(&[Describe], &[Answer]),
        },
        Folder::EscapesInTheLog => both(Part::Definition, Expected::Same),
        Folder::PoliteProblem => stopped(&[Fit], &[Problem]),
        Folder::WrongName
        | Folder::WrongVersion
        | Folder::Twice
        | Folder::BadSetting
        | Folder::BracesInAReason => stopped(&[Describe], &[Answer]),
        Folder::DescribeTooMany => match variant {
            // A setting has as many choices as it likes.
            "choices" => both(Part::Definition, Expected::Same),
            _ => stopped(&[Describe], &[Answer, Limit]),
        },
        Folder::BillionInputs => stopped(&[Describe], &[Limit, Unreadable]),
        Folder::BadUtf8 | Folder::BadEnum => stopped(&[Describe], &[Unreadable]),

        // Answers.
        Folder::TooFewScores | Folder::TooManyScores | Folder::NanScores | Folder::InfiniteScores => {
            stopped(&[Score], &[Answer])
        }
        Folder::BillionScores | Folder::ListAroundTheEnd | Folder::AsManyScoresAsFit => {
            stopped(&[Score], &[Limit, Unreadable, Answer])
        }
        Folder::BadCase | Folder::AnswerOutsideMemory | Folder::AnswerUnaligned => {
            stopped(&[Score], &[Unreadable])
        }
        Folder::UnbalancedContributions
        | Folder::WrongBase
        | Folder::NanContributions
        | Folder::MissingContributions
        | Folder::ShortContributions
        | Folder::AllInTheBase
        | Folder::NothingExplained
        | Folder::ExplainOthers => stopped(&[Explain], &[Answer]),
        Folder::UnknownTier
        | Folder::TooFewPlacements
        | Folder::UnknownReason
        | Folder::ReasonWithoutValue
        | Folder::ReasonAboutNothing
        | Folder::TooManyReasons => stopped(&[Place], &[Answer]),
        Folder::AwardUnknownRow
        | Folder::UnknownAward
        | Folder::AwardTwice
        | Folder::TenBadges
        | Folder::NoPoints
        | Folder::AwardWithoutReason
        | Folder::AwardsOutOfOrder => stopped(&[Decide], &[Answer]),

        // What answers may depend on.
        Folder::RememberCalls => modes(Expected::Same, IMPURE),
        Folder::RightThenWrong => Expectation { batches: 120, ..modes(Expected::Same, IMPURE) },
        Folder::CountRows | Folder::LookAtNeighbours | Folder::CompareWithCompany => modes(IMPURE, IMPURE),
        Folder::PlaceByRow => stopped(&[Place], &[Impure]),
        Folder::RewardTheFirst => stopped(&[Decide], &[Impure]),
        Folder::ReadNanBits => modes(Expected::Same, Expected::NotLookedFor),

        // Memory that is handed over, and handles.
        Folder::ReallocOutsideMemory | Folder::ReallocUnaligned => stopped(&[Fit], &[Unreadable, Trap]),
        Folder::LogInRealloc => stopped(&[Fit], &[Trap, Unreadable]),
        Folder::LogOutsideMemory | Folder::LogAtNoLevel | Folder::LogNoText => {
            stopped(&[Score], &[Unreadable, Trap])
        }
        Folder::ForgeAModel | Folder::NoModel | Folder::DropAndAnswer => stopped(&[Fit], &[Unreadable, Trap]),
        Folder::DropTwice | Folder::UseAfterDrop => stopped(&[Score], &[Unreadable, Trap]),
        Folder::LeakHandles => stopped(&[Score], &[Unreadable, Limit]),
        Folder::LeakPollables => stopped(&[Score, Load], &[Limit, Mismatch]),

        // Doors: the one place that says what a host answers to whoever imports more than `log`.
        Folder::Door if may_be_open(variant) => both(Part::File, Expected::StoppedOrSame { by: &[Mismatch] }),
        Folder::Door | Folder::ForeignImport => stopped(&[Load], &[Mismatch]),

        // Other shapes than the contract's.
        Folder::OtherTypes
        | Folder::NothingInside
        | Folder::OneExportMore
        | Folder::NewerInterface
        | Folder::ImportAModule
        | Folder::OtherLog
        | Folder::OtherScale => stopped(&[Load], &[Mismatch]),
        Folder::SameExportTwice | Folder::SameImportTwice | Folder::NamesThatLookAlike => {
            stopped(&[Load], &[Invalid, Mismatch])
        }

        // Metrics.
        Folder::GoodMetric | Folder::OddNans | Folder::AskBeyondTheEnd => both(Part::Metric, Expected::Same),
        Folder::TooFewValues | Folder::TooManyValues | Folder::InfiniteValues => {
            stopped(&[Measure], &[Answer])
        }
        Folder::StrikeWhileMeasuring => {
            let by: &[By] = if variant.starts_with("spin") { &[Limit] } else { &[Trap] };
            let when: &[When] = match variant.rsplit('-').next() {
                Some("describe") => &[Describe],
                Some("networks") => &[Networks],
                _ => &[Measure],
            };
            of_metric(stopped(when, by))
        }
        Folder::BadNetwork => stopped(&[Networks], &[Answer]),
        Folder::BadMetric => of_metric(stopped(&[Describe], &[Answer])),
        Folder::AskForMore => stopped(&[Measure], &[Undeclared]),
        Folder::AskTooEarly => stopped(&[Networks], &[Undeclared]),
        Folder::AskForever | Folder::GrowWhileMeasuring => stopped(&[Measure], &[Limit]),
        Folder::CountPieces => stopped(&[Measure], &[Impure]),
        Folder::RefuseToMeasure => stopped(&[Measure], &[Problem]),
        Folder::NetworkForADefinition | Folder::MetricBesideADefinition => stopped(&[Load], &[Mismatch]),

        // Files.
        Folder::Script | Folder::CoreModule => stopped(&[Load], &[NoComponent]),
        Folder::CutOff => stopped(&[Load], &[Damaged]),
        Folder::NoStamp | Folder::TwoStamps | Folder::EnormousStamp | Folder::StampThatLies => {
            stopped(&[Load], &[Stamp])
        }
        Folder::OtherContract => stopped(&[Load], &[Contract]),
        Folder::Multiply | Folder::Nest | Folder::Crowd | Folder::StartLarge | Folder::SlowToCompile => {
            stopped(&[Load], &[Limit])
        }
    };
    if rules { of_rules(expectation) } else { expectation }
}
