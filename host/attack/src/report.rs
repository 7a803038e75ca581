//! What came of a siege.

use std::fmt;

use groundswell_attackers::{By, Part, When};
use groundswell_runtime::{Limits, Mode};
use serde::Serialize;

/// What came of every attack on a host with these limits.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// How plugins were bounded.
    pub mode: Mode,
    /// By how much.
    pub limits: Limits,
    /// Every attack, in the order of names.
    pub trials: Vec<Trial>,
}

/// What came of one attack.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Trial {
    /// The attacker.
    pub name: &'static str,
    /// What it tries, in a sentence.
    pub tries: &'static str,
    /// Which part of it attacks.
    pub part: Part,
    /// What came of it.
    pub verdict: Verdict,
    /// Whether it was stopped at the moment, and by the means, that the suite expects. With limits far from the
    /// defaults an attacker may meet another one first, and is stopped all the same.
    pub as_expected: bool,
    /// How long it took, from reading the file to the end, in milliseconds.
    pub millis: u64,
}

/// What came of an attack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", tag = "outcome")]
#[non_exhaustive]
pub enum Verdict {
    /// It ended in an error of its own.
    #[non_exhaustive]
    Stopped {
        /// What the host was doing.
        when: When,
        /// What stopped it.
        by: By,
        /// What the host says.
        message: String,
    },
    /// It had nothing to hold on to: its results are the honest plugin's.
    Harmless,
    /// Nobody looks for it in this mode, which the mode's page says.
    NotLookedFor,
    /// It was not stopped, somebody else was blamed, or it changed what another plugin answers.
    #[non_exhaustive]
    GotAway {
        /// What it achieved.
        what: String,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped { message, .. } => write!(f, "stopped: {message}"),
            Self::Harmless => f.write_str("harmless"),
            Self::NotLookedFor => f.write_str("not looked for in this mode"),
            Self::GotAway { what } => write!(f, "got away: {what}"),
        }
    }
}

impl Report {
    /// Whether nobody got away.
    pub fn held(&self) -> bool {
        self.got_away().next().is_none()
    }

    /// Those who got away.
    pub fn got_away(&self) -> impl Iterator<Item = &Trial> {
        self.trials.iter().filter(|trial| matches!(trial.verdict, Verdict::GotAway { .. }))
    }
}
