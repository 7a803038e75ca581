//! What a run is, before anything is computed: definition, reward rules, data, as-of, period.

use std::collections::BTreeMap;
use std::sync::Arc;

use groundswell_ledger::{AwardTerms, Calendar, History, PeriodAt, Programme};
use groundswell_runtime::{AwardKind, Input, Mode, ScoringDescription, Tier, shown};
use serde_json::json;

use crate::metrics::{Measuring, Metric, Own};
use crate::nearest::{listed, nearest};
use crate::pipeline::Pipeline;
use crate::plugins::{Role, Said, located};
use crate::programme::{programme, terms};
use crate::receipt::{Part, Receipt, ReceiptPeriod, canonical_json};
use crate::snapshot::Freezing;
use crate::time::rfc3339;
use crate::{Config, DefinitionConfig, Error, MetricConfig, Snapshot};

/// The version of the receipt's record.
const RECEIPT_FORMAT: u32 = 3;

/// What a run is, before anything is computed.
pub(crate) struct Plan {
    pub(crate) definition: Role,
    pub(crate) scoring: ScoringDescription,
    pub(crate) rules: Option<Role>,
    /// The programme as the ledger has to know it; none where no rules are asked.
    pub(crate) programme: Option<Programme>,
    /// The members' role, where it decides on awards.
    pub(crate) role: Option<Metric>,
    /// The period that as-of lies in; none without a programme.
    pub(crate) period: Option<PeriodAt>,
    pub(crate) snapshot: Snapshot,
    pub(crate) as_of: i64,
    /// The metrics of all inputs: those of the definition first, then those of the reward rules.
    pub(crate) inputs: Vec<(Input, Metric)>,
    /// The community's own metrics among them.
    pub(crate) own: BTreeMap<String, Own>,
}

impl Plan {
    /// Every metric that has to be measured.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.inputs.iter().map(|(_, metric)| metric).chain(&self.role)
    }

    /// A hash of all that says who is in which tier, besides the data and the moment.
    pub(crate) fn fingerprint(&self, config: &Config) -> String {
        fingerprint(config, (&self.definition, &self.scoring), &self.own)
    }

    /// Everybody who is asked.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &Role> {
        let measuring = self.own.values().filter_map(|own| match own {
            Own::Plugin(measuring) => Some(&measuring.role),
            Own::Sql(_) => None,
        });
        [Some(&self.definition), self.rules.as_ref()].into_iter().flatten().chain(measuring)
    }
}

/// The plugins of a run and what they ask for, whatever the data is.
pub(crate) struct Cast {
    definition: Role,
    scoring: ScoringDescription,
    rules: Option<Role>,
    terms: Vec<AwardTerms>,
    role: Option<Metric>,
    /// The metrics of all inputs: those of the definition first, then those of the reward rules.
    inputs: Vec<(Input, Metric)>,
    /// The community's own metrics among them.
    own: BTreeMap<String, Own>,
}

/// The data that any number of runs look at, and from when.
pub(crate) struct View {
    pub(crate) snapshot: Snapshot,
    pub(crate) as_of: i64,
    /// The period that as-of lies in; none without a programme.
    pub(crate) period: Option<PeriodAt>,
    /// The folder of the snapshot where the state must not be touched. It lives as long as what is answered.
    _temporary: Option<tempfile::TempDir>,
}

impl Cast {
    /// The definition's tiers, in its own order.
    pub(crate) fn tiers(&self) -> &[Tier] {
        &self.scoring.tiers
    }

    /// A hash of all that says who is in which tier, besides the data and the moment.
    pub(crate) fn fingerprint(&self, config: &Config) -> String {
        fingerprint(config, (&self.definition, &self.scoring), &self.own)
    }

    /// The awards that the reward rules can propose; none where no rules are asked.
    pub(crate) fn awards(&self) -> &[AwardKind] {
        let rewards = self.rules.as_ref().and_then(|rules| rules.plugin.rewards());
        rewards.map_or(&[], |rewards| &rewards.awards)
    }

    /// The programme as the ledger has to know it; none where no rules are asked.
    pub(crate) fn programme(&self, config: &Config) -> Option<Programme> {
        let (rules, said) = self.rules.as_ref().zip(config.programme.as_ref())?;
        let community = &config.community;
        let own = self.own.iter().map(|(name, own)| (name.clone(), of_own(own)));
        let parts = json!({
            "definition": self.definition.part(),
            "programme": rules.part(),
            "metrics": own.collect::<BTreeMap<_, _>>(),
            "window": community.window.to_string(),
            "population": community.population,
            "exclude_roles": community.exclude_roles,
            "count_left_out": community.count_left_out,
        });
        Some(programme(config, said, &self.terms, &parts))
    }

    /// What the plugins are to be asked about.
    pub(crate) fn over(self, view: &View, config: &Config) -> Plan {
        let programme = self.programme(config);
        let Self { definition, scoring, rules, role, inputs, own, .. } = self;
        let (snapshot, as_of, period) = (view.snapshot.clone(), view.as_of, view.period.clone());
        Plan { definition, scoring, rules, programme, role, period, snapshot, as_of, inputs, own }
    }
}

impl<'a> Pipeline<'a> {
    /// Freezes the data, in a temporary folder where the state must not be touched, and says from when to
    /// look at it. The folder lives as long as what is answered.
    pub(crate) fn snapshot(
        &self,
        untouched: bool,
    ) -> Result<(Snapshot, i64, Option<tempfile::TempDir>), Error> {
        let temporary = untouched.then(tempfile::tempdir).transpose();
        let temporary = temporary.map_err(Error::file("create", std::env::temp_dir()))?;
        let base =
            temporary.as_ref().map_or_else(|| self.state().to_owned(), |folder| folder.path().to_owned());
        let freeze = || {
            Snapshot::freeze(
                self.config,
                self.given,
                &base.join("snapshots"),
                &Freezing {
                    progress: self.progress(),
                    stop: &self.options.stop(),
                    threads: self.options.thread_count(),
                    known: &self.state().join("snapshots"),
                },
            )
        };
        let snapshot = match self.frozen {
            Some(frozen) => frozen.clone(),
            None => freeze()?,
        };
        let newest =
            || snapshot.newest().ok_or_else(|| Error::NoTime { path: self.config.path().to_owned() });
        let as_of = match self.config.community.as_of {
            // Every time in the data fits, so a moment beyond is as good as the last that does.
            Some(as_of) => as_of.as_nanosecond().clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            None => newest()?,
        };
        Ok((snapshot, as_of, temporary))
    }

    /// Finds the plugins of a definition, and checks what they are told and what they ask for. `met` keeps the community's own
    /// metrics that were found before for others, and are asked nothing again.
    pub(crate) fn cast(&self, name: &str, met: &mut BTreeMap<String, Own>) -> Result<Cast, Error> {
        let (name, said) = self.named(name)?;
        let runtime = self.host.runtime_of(self.config)?;
        let find = |said: Said<'_>| Role::find(self.host, &runtime, self.config, &said);
        let definition = find(Said::of_definition(name, said))?;
        let Some(scoring) = definition.plugin.scoring().cloned() else { return Err(self.no_definition()) };
        let programme = self.config.programme.as_ref();
        let programme = programme.filter(|programme| programme.definition == name);
        let rules = programme.map(|said| find(Said::of_programme(said))).transpose()?;
        let mut inputs: Vec<(Input, Metric)> = Vec::new();
        for role in [Some(&definition), rules.as_ref()].into_iter().flatten() {
            inputs.extend(role.inputs().iter().cloned().zip(role.metrics(self.config)?));
        }
        let own = self.own(inputs.iter().map(|(_, metric)| metric), met)?;
        let rewards = rules.as_ref().and_then(|rules| rules.plugin.rewards());
        let terms = match programme.zip(rewards) {
            Some((said, rewards)) => terms(self.config, said, rewards)?,
            None => Vec::new(),
        };
        let by_role = terms.iter().any(|terms| !terms.not_for.is_empty());
        let role = by_role.then(|| Metric::parse_in("role", &self.config.metrics).ok()).flatten();
        Ok(Cast { definition, scoring, rules, terms, role, inputs, own })
    }

    /// The community's own among these metrics, ready to be computed; those that were `met` before as they were then.
    pub(crate) fn own<'m>(
        &self,
        metrics: impl Iterator<Item = &'m Metric>,
        met: &mut BTreeMap<String, Own>,
    ) -> Result<BTreeMap<String, Own>, Error> {
        let mut all = BTreeMap::new();
        for metric in metrics {
            let Metric::Own(name) = metric else { continue };
            let known = met.get(name).cloned();
            let own = match (known, self.config.metrics.get(name)) {
                (Some(known), _) => known,
                (None, Some(MetricConfig::Sql(sql))) => Own::Sql(sql.clone()),
                (None, Some(MetricConfig::Plugin(said))) => {
                    let runtime = self.host.runtime_of(self.config)?;
                    let guests = |role: &Role| self.guest_options(role, None);
                    let from = (self.host, &runtime, self.config);
                    Own::Plugin(Arc::new(Measuring::find(from, (name, said), guests)?))
                }
                (None, None) => continue,
            };
            met.insert(name.clone(), own.clone());
            all.insert(name.clone(), own);
        }
        Ok(all)
    }

    /// Freezes the data, and finds the period that is looked from.
    pub(crate) fn view(&self, untouched: bool) -> Result<View, Error> {
        let (snapshot, as_of, temporary) = self.snapshot(untouched)?;
        let period = self.config.programme.as_ref().map(|programme| {
            let calendar = Calendar::new(programme.period, self.config.community.time_zone.clone());
            calendar.at(as_of).map_err(|error| {
                let message = format!("no period contains as-of: {error}");
                located(self.config, &["community"], "as-of", message, None)
            })
        });
        Ok(View { snapshot, as_of, period: period.transpose()?, _temporary: temporary })
    }

    /// The name of the definition that was asked for, or of the one that is meant where none was.
    pub(crate) fn definition(&self) -> Result<&'a str, Error> {
        let definitions = &self.config.definitions;
        let programme = self.config.programme.as_ref().map(|programme| programme.definition.as_str());
        let only = || definitions.keys().next().map(String::as_str).filter(|_| definitions.len() == 1);
        self.options.definition.as_deref().or(programme).or_else(only).ok_or_else(|| self.no_definition())
    }

    /// A definition by its name.
    pub(crate) fn named(&self, name: &str) -> Result<(&'a str, &'a DefinitionConfig), Error> {
        let definitions = &self.config.definitions;
        definitions.get_key_value(name).map(|(name, said)| (name.as_str(), said)).ok_or_else(|| {
            let message = format!("there is no definition `{}`", shown(name, 80));
            let near = nearest(name, definitions.keys().map(String::as_str));
            let help = Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("definitions are {}", listed(definitions.keys())),
            });
            located(self.config, &["definitions"], name, message, help)
        })
    }

    pub(crate) fn no_definition(&self) -> Error {
        let names = self.config.definitions.keys();
        let (message, help) = if names.len() == 0 {
            (
                "there is no definition to run",
                "add one: [definitions.regulars] with plugin = \"regulars\"".to_owned(),
            )
        } else {
            (
                "several definitions could run",
                format!("ask for one of {}, or name it in [programme]", listed(names)),
            )
        };
        located(self.config, &[], "definitions", message.to_owned(), Some(help))
    }

    pub(crate) fn receipt(&self, plan: &Plan, history: &History) -> Receipt {
        let community = &self.config.community;
        let runtime = plan.definition.plugin.runtime();
        let mode = runtime.mode();
        let mut limits = serde_json::to_value(runtime.limits()).unwrap_or_default();
        if let Some(limits) = limits.as_object_mut() {
            // How many run at once is no limit of a plugin's.
            limits.remove("instances");
            let other_modes: &[&str] = match mode {
                Mode::Strict => &["fast_wall_millis"],
                Mode::Fast => &["fuel_per_call", "fuel_per_row", "wall_millis"],
            };
            for limit in other_modes {
                limits.remove(*limit);
            }
        }
        Receipt {
            format: RECEIPT_FORMAT,
            engine: env!("CARGO_PKG_VERSION"),
            contract: plan.definition.plugin.contract().to_owned(),
            snapshot: plan.snapshot.hash().to_owned(),
            as_of: rfc3339(plan.as_of),
            window: community.window.to_string(),
            population: json!(community.population),
            exclude_roles: exclude_roles(self.config),
            count_left_out: community.count_left_out,
            time_zone: zone_name(&community.time_zone),
            mode: json!(mode),
            architecture: match mode {
                Mode::Strict => "any",
                Mode::Fast => std::env::consts::ARCH,
            },
            limits,
            batch_size: self.batch_rows(plan),
            metrics: plan.own.iter().map(|(name, own)| (name.clone(), of_own(own))).collect(),
            definition: plan.definition.part(),
            programme: plan.rules.as_ref().map(Role::part),
            period: plan.period.as_ref().zip(self.config.programme.as_ref()).map(|(period, programme)| {
                ReceiptPeriod {
                    unit: json!(programme.period),
                    key: period.key.clone(),
                    confirm_runs: (programme.confirm_runs > 1).then_some(programme.confirm_runs),
                }
            }),
            history: plan.rules.is_some().then(|| history.digest()),
        }
    }
}

/// The roles that are not scored, sorted, each once.
fn exclude_roles(config: &Config) -> Vec<String> {
    let mut roles = config.community.exclude_roles.clone();
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn fingerprint(
    config: &Config,
    (definition, scoring): (&Role, &ScoringDescription),
    own: &BTreeMap<String, Own>,
) -> String {
    let Part { hash, settings, grants, .. } = definition.part();
    let asked = |name: &String| scoring.inputs.iter().any(|input| input.metric == *name);
    let own = own.iter().filter(|(name, _)| asked(name)).map(|(name, own)| (name.clone(), of_own(own)));
    let community = &config.community;
    // How many runs have to agree decides on which tier counts.
    let programme = config.programme.as_ref().filter(|programme| programme.definition == definition.name);
    let confirm_runs = programme.map_or(1, |programme| programme.confirm_runs);
    let all = json!({
        "plugin": hash,
        "settings": settings,
        "grants": grants,
        "metrics": own.collect::<BTreeMap<_, _>>(),
        "window": community.window.to_string(),
        "population": community.population,
        "exclude_roles": exclude_roles(config),
        "count_left_out": community.count_left_out,
        "time_zone": zone_name(&community.time_zone),
        "meaning_of_metrics": crate::metrics::MEANING,
        "confirm_runs": confirm_runs,
    });
    blake3::hash(canonical_json(&all).as_bytes()).to_hex().to_string()
}

/// What a receipt says of a community's own metric.
fn of_own(own: &Own) -> serde_json::Value {
    match own {
        Own::Sql(sql) => json!(sql),
        Own::Plugin(measuring) => json!(measuring.role.part()),
    }
}

/// The name of a time zone, or its offset where it is no more than that.
pub(crate) fn zone_name(zone: &jiff::tz::TimeZone) -> String {
    let offset = || zone.to_fixed_offset().map_or_else(|_| "unknown".to_owned(), |offset| offset.to_string());
    zone.iana_name().map_or_else(offset, str::to_owned)
}
