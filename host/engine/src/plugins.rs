//! The plugins of a run: found, checked against the community's settings and grants, and kept.

use std::collections::BTreeMap;
use std::path::Path;

use groundswell_runtime::{Input, Plugin, Scale, Setting, Value, resolve_settings};

use crate::metrics::{Metric, MetricKind};
use crate::nearest::{listed, nearest};
use crate::receipt::Part;
use crate::run::PluginInfo;
use crate::{Config, ConfigError, Error, Host, config};

/// A plugin in one of its two roles, with what the community tells it.
#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) plugin: Plugin,
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
    pub(crate) keys: &'a [&'a str],
    pub(crate) name: &'a str,
    pub(crate) plugin: &'a str,
    pub(crate) settings: &'a BTreeMap<String, config::Value>,
    pub(crate) grants: &'a [String],
}

impl Role {
    /// Finds the plugin and fills in its settings. `declared` picks what it declares in this role.
    pub(crate) fn find(
        host: &Host,
        config: &Config,
        said: &Said<'_>,
        what: &str,
        declared: impl Fn(&Plugin) -> Option<&[Setting]>,
    ) -> Result<Self, Error> {
        let plugin = load(host, config, said)?;
        let Some(settings) = declared(&plugin) else {
            return Err(located(config, said.keys, "plugin", format!("plugin {} has no {what}", plugin.id()), None));
        };
        let given = said.settings.iter().map(|(name, value)| (name.clone(), runtime_value(value))).collect();
        let settings = resolve_settings(settings, &given).map_err(|error| {
            let keys: Vec<&str> = said.keys.iter().copied().chain(["settings"]).collect();
            located(config, &keys, error.setting(), format!("plugin {}: {error}", plugin.id()), None)
        })?;
        let mut grants = said.grants.to_vec();
        grants.sort_unstable();
        grants.dedup();
        let keys = said.keys.iter().map(|&key| key.to_owned()).collect();
        Ok(Self { plugin, name: said.name.to_owned(), settings, grants, keys })
    }

    /// The metrics of the inputs, in declared order.
    ///
    /// # Errors
    ///
    /// Where this host does not know a metric, a scale does not fit one, or an attribute is not granted.
    pub(crate) fn metrics(&self, inputs: &[Input], config: &Config) -> Result<Vec<Metric>, Error> {
        inputs.iter().map(|input| self.metric(input, config)).collect()
    }

    fn metric(&self, input: &Input, config: &Config) -> Result<Metric, Error> {
        let wrong = |problem: String| Error::Input { plugin: self.plugin.id().to_string(), problem };
        let (metric, family) = Metric::parse(&input.metric).map_err(|problem| wrong(problem.to_string()))?;
        if (family.kind == MetricKind::Category) != (input.scale == Scale::Category) {
            return Err(wrong(match family.kind {
                MetricKind::Category => format!("`{}`: a category has the scale `category` alone", input.id()),
                MetricKind::Number => format!("`{}`: a number has no scale `category`", input.id()),
            }));
        }
        if let Some(attribute) = metric.attribute()
            && !self.grants.iter().any(|grant| grant == attribute)
        {
            let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
            let grants = self.grants.iter().map(String::as_str).chain([attribute]);
            let grants: Vec<String> = grants.map(|grant| format!("{grant:?}")).collect();
            return Err(located(
                config,
                &keys,
                "grants",
                format!(
                    "plugin {} asks for the attribute `{attribute}`, which it has not been granted",
                    self.plugin.id()
                ),
                Some(format!(
                    "to let it see that, write `grants = [{}]` in [{}]",
                    grants.join(", "),
                    self.keys.join(".")
                )),
            ));
        }
        Ok(metric)
    }

    pub(crate) fn info(&self) -> PluginInfo {
        PluginInfo {
            name: self.plugin.name().to_owned(),
            version: self.plugin.version().to_owned(),
            hash: self.plugin.hash().to_owned(),
        }
    }

    /// What a receipt says of it.
    pub(crate) fn part(&self, declared: &[Setting]) -> Part {
        let settings = declared.iter().zip(&self.settings);
        let settings = settings
            .map(|(setting, value)| {
                (setting.name.clone(), serde_json::to_value(value).unwrap_or_default())
            })
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
        if path.exists() {
            return Ok(());
        }
        std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        let part = tempfile::NamedTempFile::new_in(folder).map_err(Error::file("write", folder))?;
        std::fs::write(part.path(), self.plugin.bytes()).map_err(Error::file("write", part.path()))?;
        part.persist(&path).map_err(|error| Error::file("write", &path)(error.error))?;
        Ok(())
    }
}

/// A bundled plugin by its name, or the file at a path that is relative to `community.toml`.
fn load(host: &Host, config: &Config, said: &Said<'_>) -> Result<Plugin, Error> {
    if let Some(bytes) = host.bundled_bytes(said.plugin) {
        return host.plugin(said.plugin, bytes);
    }
    let path = config.resolve(said.plugin);
    if !path.is_file() {
        let near = nearest(said.plugin, host.bundled());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("bundled are {}; anything else is the path of a component", listed(host.bundled())),
        };
        let message = format!("there is no bundled plugin `{}` and no file {}", said.plugin, path.display());
        return Err(located(config, said.keys, "plugin", message, Some(help)));
    }
    host.plugin_at(&path)
}

fn runtime_value(value: &config::Value) -> Value {
    match value {
        config::Value::Boolean(value) => Value::Boolean(*value),
        config::Value::Integer(value) => Value::Integer(*value),
        config::Value::Number(value) => Value::Number(*value),
        config::Value::Text(value) => Value::Text(value.clone()),
    }
}

/// An error that points to a key of `community.toml`.
pub(crate) fn located(config: &Config, keys: &[&str], key: &str, message: String, help: Option<String>) -> Error {
    let keys: Vec<&str> = keys.iter().copied().chain([key]).collect();
    let mut location = config.locate(&keys);
    location.help = help;
    ConfigError { message, location }.into()
}
