//! The plugins of a run: found, checked against the community's settings and grants, and kept.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use groundswell_runtime::{
    FaultKind, Input, Plugin, ProblemKind, Runtime, Scale, Setting, Value, resolve_settings, shown,
};

use crate::fresh::{FreshFile, digest};
use crate::metrics::{Metric, MetricKind};
use crate::nearest::{listed, nearest};
use crate::receipt::Part;
use crate::run::PluginInfo;
use crate::{Config, ConfigError, DefinitionConfig, Error, Host, MetricConfig, ProgrammeConfig};

/// What a plugin is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    Definition,
    RewardRules,
    Metric,
}

impl Duty {
    const ALL: [Self; 3] = [Self::Definition, Self::RewardRules, Self::Metric];

    fn title(self) -> &'static str {
        match self {
            Self::Definition => "definition",
            Self::RewardRules => "reward rules",
            Self::Metric => "metric",
        }
    }

    /// What a plugin has that can do it, and where `community.toml` names it.
    fn place(self) -> &'static str {
        match self {
            Self::Definition => "a definition, which [definitions.NAME] names",
            Self::RewardRules => "reward rules, which [programme] names",
            Self::Metric => "a metric, which [metrics.NAME] names",
        }
    }

    /// The inputs and settings that a plugin declares for it; `None` where it cannot do it.
    fn declared(self, plugin: &Plugin) -> Option<(&[Input], &[Setting])> {
        match self {
            Self::Definition => plugin.scoring().map(|it| (&*it.inputs, &*it.settings)),
            Self::RewardRules => plugin.rewards().map(|it| (&*it.inputs, &*it.settings)),
            Self::Metric => plugin.measuring().map(|it| (&*it.inputs, &*it.settings)),
        }
    }
}

/// A plugin in one of its roles, with what the community tells it.
#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) plugin: Plugin,
    duty: Duty,
    /// The definition's name.
    pub(crate) name: String,
    /// In declared order.
    pub(crate) settings: Vec<Value>,
    /// Sorted, each once.
    grants: Vec<String>,
    /// Where `community.toml` speaks of it.
    keys: Vec<String>,
}

/// What `community.toml` says of a plugin, and where.
pub(crate) struct Said<'a> {
    pub(crate) duty: Duty,
    pub(crate) keys: Vec<&'a str>,
    name: &'a str,
    plugin: &'a str,
    settings: &'a BTreeMap<String, Value>,
    pub(crate) grants: &'a [String],
}

impl<'a> Said<'a> {
    /// Of every plugin that a community names.
    pub(crate) fn all(config: &'a Config) -> impl Iterator<Item = Self> {
        let definitions = config.definitions.iter().map(|(name, said)| Self::of_definition(name, said));
        let metrics = config.metrics.iter().filter_map(|(name, said)| match said {
            MetricConfig::Plugin(said) => Some(Self::of_metric(name, said)),
            MetricConfig::Sql(_) => None,
        });
        definitions.chain(metrics).chain(config.programme.iter().map(Self::of_programme))
    }

    /// Of `[definitions.NAME]`.
    pub(crate) fn of_definition(name: &'a str, said: &'a DefinitionConfig) -> Self {
        Self::of(Duty::Definition, "definitions", name, said)
    }

    /// Of `[metrics.NAME]`.
    pub(crate) fn of_metric(name: &'a str, said: &'a DefinitionConfig) -> Self {
        Self::of(Duty::Metric, "metrics", name, said)
    }

    fn of(duty: Duty, section: &'a str, name: &'a str, said: &'a DefinitionConfig) -> Self {
        let DefinitionConfig { plugin, settings, grants } = said;
        Self { duty, keys: vec![section, name], name, plugin, settings, grants }
    }

    /// Of `[programme]`.
    pub(crate) fn of_programme(said: &'a ProgrammeConfig) -> Self {
        let ProgrammeConfig { plugin, definition, settings, grants, .. } = said;
        Self { duty: Duty::RewardRules, keys: vec!["programme"], name: definition, plugin, settings, grants }
    }
}

impl Role {
    /// Finds the plugin and fills in its settings.
    pub(crate) fn find(
        host: &Host,
        runtime: &Runtime,
        config: &Config,
        said: &Said<'_>,
    ) -> Result<Self, Error> {
        let plugin = load(host, runtime, config, said)?;
        let Some((_, settings)) = said.duty.declared(&plugin) else {
            let has = Duty::ALL.into_iter().filter(|duty| duty.declared(&plugin).is_some());
            let has: Vec<&str> = has.map(Duty::place).collect();
            return Err(located(
                config,
                &said.keys,
                "plugin",
                format!("plugin {} has no {}", plugin.id(), said.duty.title()),
                Some(format!("it has {}", has.join(", and "))),
            ));
        };
        let settings = resolve_settings(settings, said.settings).map_err(|error| {
            let keys: Vec<&str> = said.keys.iter().copied().chain(["settings"]).collect();
            located(config, &keys, error.setting(), format!("plugin {}: {error}", plugin.id()), None)
        })?;
        let mut grants = said.grants.to_vec();
        grants.sort_unstable();
        grants.dedup();
        let keys = said.keys.iter().map(|&key| key.to_owned()).collect();
        Ok(Self { plugin, duty: said.duty, name: said.name.to_owned(), settings, grants, keys })
    }

    /// The metrics of the inputs, in declared order.
    ///
    /// # Errors
    ///
    /// Where this host does not know a metric, a scale does not fit one, or an attribute is not granted.
    pub(crate) fn metrics(&self, config: &Config) -> Result<Vec<Metric>, Error> {
        self.inputs().iter().map(|input| self.metric(input, config)).collect()
    }

    fn metric(&self, input: &Input, config: &Config) -> Result<Metric, Error> {
        let wrong = |problem: String| Error::Input { plugin: self.plugin.id().to_string(), problem };
        let metric =
            Metric::parse_in(&input.metric, &config.metrics).map_err(|problem| wrong(problem.to_string()))?;
        if (metric.kind() == MetricKind::Category) != (input.scale == Scale::Category) {
            return Err(wrong(match metric.kind() {
                MetricKind::Category => {
                    format!("`{}`: a category has the scale `category` alone", input.id())
                }
                MetricKind::Number => format!("`{}`: a number has no scale `category`", input.id()),
            }));
        }
        match metric.attribute() {
            Some(attribute) if !self.grants.iter().any(|grant| grant == attribute) => {
                let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
                Err(ungranted(config, &keys, &self.plugin.id().to_string(), &self.grants, attribute))
            }
            _ => Ok(metric),
        }
    }

    /// Why the plugin could not do what it was asked. What it says of its settings is the community's to mend.
    pub(crate) fn failed(&self, config: &Config, error: groundswell_runtime::Error) -> Error {
        let groundswell_runtime::Error::Fault(fault) = &error else { return error.into() };
        let FaultKind::Refused { problem: ProblemKind::InvalidSetting, words, .. } = &fault.kind else {
            return error.into();
        };
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        let message = format!("plugin {} refuses its settings: {words}", fault.plugin);
        let help = format!("change them in [{}.settings]", keys.join("."));
        located(config, &keys, "settings", message, Some(help))
    }

    /// What it is asked for.
    pub(crate) fn duty(&self) -> Duty {
        self.duty
    }

    /// Where `community.toml` names it: `definitions.regulars`.
    pub(crate) fn place(&self) -> String {
        self.keys.join(".")
    }

    pub(crate) fn info(&self) -> PluginInfo {
        PluginInfo {
            name: self.plugin.name().to_owned(),
            version: self.plugin.version().to_owned(),
            hash: self.plugin.hash().to_owned(),
        }
    }

    /// The inputs and settings that the plugin declares in this role.
    fn declared(&self) -> (&[Input], &[Setting]) {
        self.duty.declared(&self.plugin).unwrap_or_default()
    }

    /// What the plugin looks at.
    pub(crate) fn inputs(&self) -> &[Input] {
        self.declared().0
    }

    /// What a receipt says of it.
    pub(crate) fn part(&self) -> Part {
        let settings = self.declared().1.iter().zip(&self.settings);
        let settings = settings
            .map(|(setting, value)| (setting.name.clone(), serde_json::to_value(value).unwrap_or_default()))
            .collect();
        Part {
            name: self.name.clone(),
            plugin: self.plugin.name().to_owned(),
            version: self.plugin.version().to_owned(),
            hash: self.plugin.hash().to_owned(),
            settings: serde_json::Value::Object(settings),
            grants: self.grants.clone(),
        }
    }

    /// Keeps the component's bytes by their hash, so that a run can be repeated with them.
    pub(crate) fn keep(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(format!("{}.wasm", self.plugin.hash()));
        // Damaged, it would be of no use to whoever repeats the run.
        if digest(&path).is_ok_and(|found| found == self.plugin.hash()) {
            return Ok(());
        }
        std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        let write = || {
            let mut file = FreshFile::create(&path)?;
            file.write_all(self.plugin.bytes())?;
            file.keep()
        };
        write().map_err(Error::file("write", &path))
    }
}

/// That a plugin asks for an attribute that it may not see, and how to let it.
fn ungranted(config: &Config, keys: &[&str], plugin: &str, grants: &[String], attribute: &str) -> Error {
    let all = grants.iter().map(String::as_str).chain([attribute]);
    let all: Vec<String> = all.map(|grant| toml::Value::from(grant).to_string()).collect();
    let message = format!(
        "plugin {plugin} asks for the attribute `{}`, which it has not been granted",
        shown(attribute, 80)
    );
    let help = format!("to let it see that, write `grants = [{}]` in [{}]", all.join(", "), keys.join("."));
    located(config, keys, "grants", message, Some(help))
}

/// A bundled plugin by its name, or the file at a path that is relative to `community.toml`.
fn load(host: &Host, runtime: &Runtime, config: &Config, said: &Said<'_>) -> Result<Plugin, Error> {
    if let Some(bytes) = host.bundled_bytes(said.plugin) {
        return host.plugin(runtime, said.plugin, bytes);
    }
    let path = config.resolve(said.plugin);
    if !path.is_file() {
        let near = nearest(said.plugin, host.bundled());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("bundled are {}; anything else is the path of a component", listed(host.bundled()))
            }
        };
        let message = format!("there is no bundled plugin `{}` and no file {}", said.plugin, path.display());
        return Err(located(config, &said.keys, "plugin", message, Some(help)));
    }
    host.plugin_at(runtime, &path).map_err(|error| match error {
        // Another file is meant; what is wrong with a component is its author's to mend.
        Error::Plugin(groundswell_runtime::Error::Load(problem)) if problem.is_no_component() => {
            located(config, &said.keys, "plugin", problem.to_string(), None)
        }
        other => other,
    })
}

/// An error that points to a key of `community.toml`.
pub(crate) fn located(
    config: &Config,
    keys: &[&str],
    key: &str,
    message: String,
    help: Option<String>,
) -> Error {
    let keys: Vec<&str> = keys.iter().copied().chain([key]).collect();
    let mut location = config.locate(&keys);
    location.help = help;
    ConfigError { message, location }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_that_is_not_granted_is_refused_with_the_line_to_write() {
        let text = "[community]\nname = \"c\"\n[sources.tables]\nmembers = \"m.csv\"\n[definitions.ours]\n\
                    plugin = \"p.wasm\"\ngrants = [\"team\"]\n[definitions.bare]\nplugin = \"p.wasm\"\n";
        let config = Config::parse("community.toml", text).unwrap();
        let told = |name: &str, grants: &[&str]| {
            let grants: Vec<String> = grants.iter().map(|&grant| grant.to_owned()).collect();
            let error = ungranted(&config, &["definitions", name], "curious 1.0.0", &grants, "home town");
            assert!(!error.is_plugin_fault());
            error.to_string()
        };
        insta::assert_snapshot!(told("ours", &["team"]), @r#"community.toml:7:10: plugin curious 1.0.0 asks for the attribute `home town`, which it has not been granted; to let it see that, write `grants = ["team", "home town"]` in [definitions.ours]"#);
        insta::assert_snapshot!(told("bare", &[]), @r#"community.toml:8:14: plugin curious 1.0.0 asks for the attribute `home town`, which it has not been granted; to let it see that, write `grants = ["home town"]` in [definitions.bare]"#);
    }
}
