//! All attacks, one after the other, on one host.

use std::time::Instant;

use groundswell_attackers::{Attacker, all, good, good_metric};
use groundswell_runtime::{Limits, Mode, Runtime};

use crate::report::{Report, Trial};
use crate::trial::{Honest, judge};

/// Attacks on a host with a mode and limits.
#[derive(Clone, Debug)]
pub struct Siege {
    mode: Mode,
    limits: Limits,
    attackers: Vec<Attacker>,
}

/// Why no siege could be held.
#[derive(Debug)]
#[non_exhaustive]
pub enum SiegeError {
    /// No attacker has this name, nor has a family.
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// The runtime cannot be made with these limits, or the honest plugin does not work within them.
    Runtime(groundswell_runtime::Error),
}

impl std::fmt::Display for SiegeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { name } => {
                let name = groundswell_runtime::shown(name, 80);
                write!(f, "there is no attacker `{name}`; `groundswell attack --list` names them all")
            }
            Self::Runtime(error) => {
                write!(f, "the honest plugin, with which attackers are compared, does not work here: {error}")
            }
        }
    }
}

impl std::error::Error for SiegeError {}

impl From<groundswell_runtime::Error> for SiegeError {
    fn from(error: groundswell_runtime::Error) -> Self {
        Self::Runtime(error)
    }
}

impl Siege {
    /// By every attacker.
    pub fn new(mode: Mode, limits: Limits) -> Self {
        Self { mode, limits, attackers: all() }
    }

    /// By these alone: names of attackers, or of their families.
    ///
    /// # Errors
    ///
    /// [`SiegeError::Unknown`] for a name that nobody has.
    pub fn only(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, SiegeError> {
        let mut chosen = Vec::new();
        for name in names {
            let name = name.as_ref();
            let is = |attacker: &&Attacker| attacker.name == name || attacker.family == name;
            let before = chosen.len();
            chosen.extend(self.attackers.iter().filter(is).map(|attacker| attacker.name));
            if chosen.len() == before {
                return Err(SiegeError::Unknown { name: name.to_owned() });
            }
        }
        self.attackers.retain(|attacker| chosen.contains(&attacker.name));
        Ok(self)
    }

    /// Who will attack.
    pub fn attackers(&self) -> &[Attacker] {
        &self.attackers
    }

    /// Lets them all attack. `progress` hears how many have, and who is next.
    ///
    /// # Errors
    ///
    /// [`SiegeError::Runtime`] where the runtime cannot be made, or the honest plugin does not work before the first
    /// attack: there would be nothing to compare with.
    pub fn run(&self, progress: impl FnMut(usize, &str)) -> Result<Report, SiegeError> {
        self.run_and_tell(progress, |_, _| ())
    }

    /// The same; `tell` hears what came of each attack as soon as it is over, and how many are.
    ///
    /// # Errors
    ///
    /// As [`Siege::run`].
    pub fn run_and_tell(
        &self,
        mut progress: impl FnMut(usize, &str),
        mut tell: impl FnMut(usize, &Trial),
    ) -> Result<Report, SiegeError> {
        let runtime = Runtime::builder().mode(self.mode).limits(self.limits.clone()).build()?;
        let plugin = runtime.load_bytes("good.wasm", &good())?;
        let honest = Honest::new(plugin, runtime.load_bytes("good-metric.wasm", &good_metric())?)?;
        let mut trials = Vec::with_capacity(self.attackers.len());
        for (done, attacker) in self.attackers.iter().enumerate() {
            progress(done, attacker.name);
            let bytes = attacker.bytes();
            let begun = Instant::now();
            let (verdict, as_expected) = judge(&runtime, &honest, attacker, &bytes);
            let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let &Attacker { name, tries, part, .. } = attacker;
            let trial = Trial { name, tries, part, verdict, as_expected, millis };
            tell(done + 1, &trial);
            trials.push(trial);
        }
        progress(self.attackers.len(), "");
        Ok(Report { mode: self.mode, limits: self.limits.clone(), trials })
    }
}
