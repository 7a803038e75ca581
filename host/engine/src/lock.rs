//! The lock file: which plugins a community runs by, pinned by the hash of their bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use groundswell_ledger::{BudgetUse, Move};
use serde::{Deserialize, Serialize};

use crate::fresh::FreshFile;
use crate::pipeline::Pipeline;
use crate::plugins::{Role, Said, located};
use crate::{Community, Config, Error, RunOptions};

/// What stands above the pins.
const HEADER: &str = "# Which plugins this community runs by. Written by `groundswell plugin lock` and `groundswell plugin upgrade --accept`.\n\n";

/// A plugin, pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Pin {
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// BLAKE3 of its bytes, 64 hexadecimal digits.
    pub hash: String,
}

/// A lock file: pins by where `community.toml` names the plugin, `definitions.regulars`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Lock(BTreeMap<String, Pin>);

impl Lock {
    /// The file: beside `community.toml`, `community.lock`.
    fn path(config: &Config) -> PathBuf {
        config.path().with_extension("lock")
    }

    /// The lock of a community; `None` where there is none, and nothing is pinned.
    pub(crate) fn read(config: &Config) -> Result<Option<Self>, Error> {
        let path = Self::path(config);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(Error::file("read", path)(error)),
        };
        toml::from_str(&text).map(Some).map_err(|error| {
            let said = error.message().to_owned();
            let words = format!(
                "it is no lock file ({said}): restore it, or write it anew with `groundswell plugin lock`"
            );
            Error::file("read", path)(std::io::Error::new(ErrorKind::InvalidData, words))
        })
    }

    fn write(&self, config: &Config) -> Result<PathBuf, Error> {
        let path = Self::path(config);
        let text = toml::to_string(self)
            .map_err(|error| Error::file("write", &path)(std::io::Error::other(error.to_string())))?;
        let write = || {
            let mut file = FreshFile::create(&path)?;
            file.write_all(HEADER.as_bytes())?;
            file.write_all(text.as_bytes())?;
            file.keep()
        };
        write().map_err(Error::file("write", &path))?;
        Ok(path)
    }

    /// Refuses a plugin that is not the one that is pinned.
    pub(crate) fn check(&self, config: &Config, role: &Role) -> Result<(), Error> {
        let place = role.place();
        let plugin = &role.plugin;
        let message = match self.0.get(&place) {
            Some(pin) if pin.hash == plugin.hash() => return Ok(()),
            Some(pin) => format!(
                "plugin {} is not the one that is pinned, {} {} ({}…)",
                plugin.id(),
                pin.name,
                pin.version,
                pin.hash.get(..12).unwrap_or_default()
            ),
            None => format!("plugin {} is not pinned, and others are", plugin.id()),
        };
        let keys: Vec<&str> = place.split('.').collect();
        let help = "`groundswell plugin upgrade` shows what would change, and lets it count with --accept";
        Err(located(config, &keys, "plugin", message, Some(help.to_owned())))
    }
}

/// What other plugins than those that are pinned would change.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Upgrade {
    /// The plugins that are others, by where `community.toml` names them: what is pinned, and what there is now.
    pub plugins: BTreeMap<String, (Option<Pin>, Pin)>,
    /// By definition, who would be in another tier, in the order of ids; what the pinned one cannot be asked any more stands in
    /// [`notes`](Self::notes).
    pub tiers: BTreeMap<String, Vec<TierMove>>,
    /// What the next run would change in the ledger.
    pub changes: Vec<Move>,
    /// How much of each budget it would use.
    pub budgets: Vec<BudgetUse>,
    /// What else should be said.
    pub notes: Vec<String>,
}

/// A member who would be in another tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TierMove {
    /// The member's id.
    pub member: String,
    /// The tier by the plugin that is pinned; `None` for whoever it does not score.
    pub from: Option<String>,
    /// The tier by the one that there is now.
    pub to: Option<String>,
}

impl Community {
    /// Pins the plugins that `community.toml` names now, each by the hash of its bytes, in `community.lock` beside it. From then on
    /// runs that record something refuse others.
    ///
    /// # Errors
    ///
    /// Where a plugin cannot be loaded, or the file cannot be written.
    pub fn lock_plugins(&self) -> Result<PathBuf, Error> {
        let options = RunOptions::default();
        self.pipeline(&options).pins()?.write(self.config())
    }

    /// What the plugins that `community.toml` names now would change, against those that are pinned. Nothing is written but the
    /// snapshot; [`Community::lock_plugins`] lets it count.
    ///
    /// # Errors
    ///
    /// Where nothing is pinned, a plugin cannot be loaded, or a run fails.
    pub fn upgrade(&self, options: &RunOptions) -> Result<Upgrade, Error> {
        let config = self.config();
        let Some(pinned) = Lock::read(config)? else {
            let help = "`groundswell plugin lock` pins the plugins that it names".to_owned();
            let message = "nothing is pinned: there is no lock file".to_owned();
            return Err(located(config, &[], "definitions", message, Some(help)));
        };
        let options = options.clone().dry_run(true);
        let now = self.pipeline(&options).pins()?;
        let mut upgrade = Upgrade::default();
        for (place, pin) in &now.0 {
            let before = pinned.0.get(place);
            if before != Some(pin) {
                upgrade.plugins.insert(place.clone(), (before.cloned(), pin.clone()));
            }
        }
        if upgrade.plugins.is_empty() {
            return Ok(upgrade);
        }
        let mut old = self.clone();
        let plugins = config.community.state.join("plugins");
        for (place, (before, _)) in &upgrade.plugins {
            let stored = before.as_ref().map(|pin| (pin, plugins.join(format!("{}.wasm", pin.hash))));
            match stored {
                Some((_, path)) if path.is_file() => old.replace_plugin(place, &path),
                Some((pin, _)) => upgrade.notes.push(format!(
                    "{place}: {} {} is not kept any more, as no run here was by it: it stands for itself",
                    pin.name, pin.version
                )),
                None => {}
            }
        }
        let programme = config.programme.as_ref().map(|programme| programme.definition.as_str());
        for name in config.definitions.keys() {
            let options = options.clone().definition(name);
            let after = self.run(&options)?;
            match old.run(&options) {
                Ok(before) => {
                    let moved = moved(&before, &after);
                    upgrade.tiers.insert(name.clone(), moved);
                }
                Err(error) => {
                    upgrade.notes.push(format!("{name} cannot be run by what is pinned any more: {error}"));
                }
            }
            if programme == Some(name) {
                upgrade.changes = after.changes().to_vec();
                upgrade.budgets = after.budgets().to_vec();
                upgrade.notes.extend(after.info().notes.iter().cloned());
            }
        }
        Ok(upgrade)
    }

    /// Names another file for the plugin of that place.
    fn replace_plugin(&mut self, place: &str, path: &std::path::Path) {
        let config = self.config_mut();
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
        match place.split_once('.') {
            Some(("definitions", name)) => {
                config.definitions.entry(name.to_owned()).and_modify(|said| said.plugin = path);
            }
            Some(("metrics", name)) => {
                if let Some(crate::MetricConfig::Plugin(said)) = config.metrics.get_mut(name) {
                    said.plugin = path;
                }
            }
            _ => {
                if let Some(said) = &mut config.programme {
                    said.plugin = path;
                }
            }
        }
    }
}

fn moved(before: &crate::Run, after: &crate::Run) -> Vec<TierMove> {
    let all: BTreeSet<&str> =
        before.members().map(|one| one.member).chain(after.members().map(|one| one.member)).collect();
    let tier = |run: &crate::Run, member: &str| run.member(member).map(|one| one.tier.to_owned());
    all.into_iter()
        .map(|member| TierMove {
            member: member.to_owned(),
            from: tier(before, member),
            to: tier(after, member),
        })
        .filter(|moved| moved.from != moved.to)
        .collect()
}

impl Pipeline<'_> {
    /// Pins of every plugin that the community names.
    fn pins(&self) -> Result<Lock, Error> {
        let mut lock = Lock::default();
        let runtime = self.host.runtime_of(self.config)?;
        for said in Said::all(self.config) {
            let role = Role::find(self.host, &runtime, self.config, &said)?;
            let info = role.info();
            lock.0.insert(role.place(), Pin { name: info.name, version: info.version, hash: info.hash });
        }
        Ok(lock)
    }
}
