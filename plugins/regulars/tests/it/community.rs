//! A small community by hand, scaled and ranked as a host would.

use groundswell_plugin::{Contributions, Value};
use groundswell_plugin_test::{Person, Trial};
use regulars::Regulars;

/// One member's raw values. NaN: unknown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) answers: f64,
    pub(crate) helped: f64,
    pub(crate) weeks: f64,
    pub(crate) thanks: f64,
    pub(crate) endorsements: f64,
    pub(crate) likes: f64,
    pub(crate) acceptance: f64,
    pub(crate) audience: f64,
    pub(crate) role: Option<&'static str>,
}

/// Somebody who said hello once and was liked for it.
pub(crate) const MEMBER: Member = Member {
    answers: 0.0,
    helped: 0.0,
    weeks: 0.01,
    thanks: 0.0,
    endorsements: 0.0,
    likes: 1.0,
    acceptance: f64::NAN,
    audience: 2.0,
    role: None,
};

/// Somebody who helps.
pub(crate) const HELPER: Member = Member {
    answers: 40.0,
    helped: 25.0,
    weeks: 0.5,
    thanks: 30.0,
    endorsements: 4.0,
    likes: 80.0,
    acceptance: 0.6,
    audience: 40.0,
    role: None,
};

/// 96 members of no note, and after them `notable`.
pub(crate) fn with(notable: &[Member]) -> Community {
    let crowd = (0..96).map(|i| Member { likes: f64::from(i % 3), ..MEMBER });
    Community::new(crowd.chain(notable.iter().copied()).collect())
}

pub(crate) struct Community {
    pub(crate) members: Vec<Member>,
    pub(crate) settings: Vec<(String, Value)>,
}

impl Community {
    pub(crate) fn new(members: Vec<Member>) -> Self {
        Self { members, settings: Vec::new() }
    }

    pub(crate) fn set(&mut self, setting: impl Into<String>, value: impl Into<Value>) {
        self.settings.push((setting.into(), value.into()));
    }

    pub(crate) fn trial(&self) -> Trial<Regulars> {
        let trial = Trial::new(self.members.iter().map(person));
        self.settings.iter().fold(trial, |trial, (setting, value)| trial.with(setting, value.clone()))
    }

    pub(crate) fn scores(&self) -> Vec<f64> {
        self.trial().scores()
    }

    pub(crate) fn explain(&self) -> Contributions {
        self.trial().explained()
    }

    /// The tier of every member from `first` on, by id.
    pub(crate) fn tiers(&self, first: usize) -> Vec<String> {
        self.trial().tiers().split_off(first)
    }

    /// The reasons of one member: id, and the metric that it speaks of.
    pub(crate) fn reasons(&self, row: usize) -> Vec<String> {
        self.trial().reasons(row)
    }
}

fn person(member: &Member) -> Person {
    let person = Person::of(&[
        ("answers", member.answers),
        ("members-helped", member.helped),
        ("weeks-active-share", member.weeks),
        ("received(verb=thank)", member.thanks),
        ("received(verb=endorse)", member.endorsements),
        ("likes-received", member.likes),
        ("acceptance-rate", member.acceptance),
        ("audience", member.audience),
    ]);
    match member.role {
        Some(role) => person.word("role", role),
        None => person,
    }
}
