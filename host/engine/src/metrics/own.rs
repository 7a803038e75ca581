//! The community's own metrics: a question in SQL, or a plugin that looks at who has ties to whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use groundswell_runtime::{Input, Network, Population, TieKind, Ties, Usage, shown};

use super::columns::Shape;
use super::fact::Ties as Tied;
use super::measure::{Everyone, Request};
use super::metric::Metric;
use super::pairs::Pair;
use super::parameter::Days;
use super::span::Span;
use crate::plugins::{Role, Said, located};
use crate::sql::{Sql, own_metric};
use crate::verb::{is_verb, way_out};
use crate::{Config, DefinitionConfig, Error, Host, population};

/// One of the community's own metrics, ready to be computed.
#[derive(Clone)]
pub(crate) enum Own {
    /// By a question.
    Sql(String),
    /// By a plugin.
    Plugin(Arc<Measuring>),
}

/// A plugin that measures, with what the community tells it.
pub(crate) struct Measuring {
    pub(crate) role: Role,
    /// What it looks at with these settings.
    networks: Vec<Network>,
    inputs: Vec<(Input, Metric)>,
}

impl Measuring {
    /// Finds the plugin of `[metrics.NAME]`, and asks it what it looks at. `guests` says how to ask.
    pub(crate) fn find(
        (host, runtime, config): (&Host, &groundswell_runtime::Runtime, &Config),
        (name, said): (&str, &DefinitionConfig),
        guests: impl FnOnce(&Role) -> groundswell_runtime::RunOptions,
    ) -> Result<Self, Error> {
        let said = Said::of_metric(name, said);
        let role = Role::find(host, runtime, config, &said)?;
        let metrics = role.metrics(config)?;
        refuse_own(&role, config)?;
        let networks = role.plugin.networks(&guests(&role)).map_err(|error| role.failed(config, error))?;
        let verbs = networks.iter().filter_map(|network| match &network.ties {
            TieKind::Verbs(verbs) => Some(verbs),
            _ => None,
        });
        if let Some(verb) = verbs.flatten().find(|verb| !is_verb(verb)) {
            let problem = format!(
                "plugin {} looks at the verb `{}`, which there is not: {}",
                role.plugin.id(),
                shown(verb, 80),
                way_out(verb)
            );
            return Err(located(config, &said.keys, "settings", problem, None));
        }
        let inputs = role.inputs().iter().cloned().zip(metrics).collect();
        Ok(Self { role, networks, inputs })
    }

    /// The metrics that it looks at.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Metric> {
        self.inputs.iter().map(|(_, metric)| metric)
    }

    /// The ties that it looks at.
    pub(crate) fn networks(&self) -> impl Iterator<Item = (Tied, Option<Days>)> {
        self.networks.iter().map(tied)
    }

    /// Asks the plugin about these members.
    pub(crate) fn measured(
        &self,
        members: &Population,
        ties: &[Ties],
        options: &groundswell_runtime::RunOptions,
    ) -> Result<groundswell_runtime::Measured, groundswell_runtime::Error> {
        self.role.plugin.measure(members, &self.networks, ties, options)
    }

    /// Asks the plugin: of every member a value, NaN for none.
    fn measure(
        &self,
        request: &Request<'_>,
        everyone: &Everyone,
        shape: &Shape<'_>,
    ) -> Result<(Values, Usage), Error> {
        if let Some(needs) = self.networks().find_map(|(ties, _)| shape.tied(&ties).err()) {
            return Ok((Err(needs), Usage::default()));
        }
        if shape.places.is_empty() {
            return Ok((Ok(vec![f64::NAN; everyone.world.members()]), Usage::default()));
        }
        let mut members = Population::new(shape.places.len());
        for (input, metric) in &self.inputs {
            let column = match shape.column(metric)? {
                Ok(column) => column,
                Err(needs) if input.required => {
                    return Err(Error::MissingMetric {
                        plugin: self.role.plugin.id().to_string(),
                        metric: input.metric.clone(),
                        needs,
                        path: request.config.path().to_owned(),
                    });
                }
                Err(_) => metric.missing(shape.places.len()),
            };
            members = members.with(input.metric.clone(), column)?;
        }
        let ties = self
            .networks
            .iter()
            .map(|network| {
                let pairs = shape.pairs(&tied(network)).map_or(&[][..], |pairs| &pairs.0);
                self.finite(pairs, everyone)?;
                Ok(ties(pairs, shape.places, everyone.world.members())?)
            })
            .collect::<Result<Vec<Ties>, Error>>()?;
        let measured = self.measured(&members, &ties, &(request.guests)(&self.role));
        let measured = measured.map_err(|error| self.role.failed(request.config, error))?;
        let mut all = vec![f64::NAN; everyone.world.members()];
        for (place, value) in shape.places.iter().zip(&measured.values) {
            if let Some(all) = all.get_mut(*place as usize) {
                *all = *value;
            }
        }
        Ok((Ok(all), measured.usage))
    }

    /// Refuses weights that add up to more than a number can be.
    fn finite(&self, pairs: &[Pair], everyone: &Everyone) -> Result<(), Error> {
        let Some(pair) = pairs.iter().find(|pair| !pair.weight.is_finite()) else { return Ok(()) };
        let [from, to] = [pair.from, pair.to].map(|member| shown(everyone.world.id(member as usize), 60));
        let problem = format!(
            "the weights of what {from} did towards {to} add up to more than any number is; mend the column weight"
        );
        Err(Error::OwnMetric { name: self.role.name.clone(), problem })
    }
}

/// By number of member, NaN for none; where the data cannot supply them, what would.
pub(super) type Values = Result<Vec<f64>, &'static str>;

/// Refuses that one of the community's own metrics looks at another.
pub(crate) fn refuse_own(role: &Role, config: &Config) -> Result<(), Error> {
    match role.inputs().iter().find(|input| config.metrics.contains_key(&input.metric)) {
        None => Ok(()),
        Some(input) => Err(Error::Input {
            plugin: role.plugin.id().to_string(),
            problem: format!(
                "`{}` is a metric of the community's own, at which another one cannot look",
                shown(&input.metric, 200)
            ),
        }),
    }
}

fn tied(network: &Network) -> (Tied, Option<Days>) {
    let ties = match &network.ties {
        TieKind::Follows => Tied::Follows,
        TieKind::Verbs(verbs) => {
            let mut verbs = verbs.clone();
            verbs.sort_unstable();
            Tied::Verbs(verbs)
        }
        _ => Tied::Activity,
    };
    (ties, network.half_life.map(Days))
}

/// Pairs of members, by the places of those who may be seen.
fn ties(pairs: &[Pair], places: &[u32], members: usize) -> Result<Ties, groundswell_runtime::Error> {
    let mut numbers = vec![u32::MAX; members];
    for (number, place) in (0..).zip(places) {
        if let Some(slot) = numbers.get_mut(*place as usize) {
            *slot = number;
        }
    }
    let number = |member: u32| numbers.get(member as usize).copied().filter(|number| *number != u32::MAX);
    let seen: Vec<(u32, u32, &Pair)> =
        pairs.iter().filter_map(|pair| Some((number(pair.from)?, number(pair.to)?, pair))).collect();
    Ties::new(
        seen.iter().map(|(from, ..)| *from).collect::<Vec<_>>(),
        seen.iter().map(|(_, to, _)| *to).collect::<Vec<_>>(),
        seen.iter().map(|(.., pair)| u32::try_from(pair.count).unwrap_or(u32::MAX)).collect::<Vec<_>>(),
        seen.iter().map(|(.., pair)| pair.weight).collect::<Vec<_>>(),
    )
}

/// The values of the community's own metrics that are asked for, by name: of every member one, NaN for none.
pub(super) fn values(
    request: &Request<'_>,
    span: Span,
    everyone: &Everyone,
    shape: &Shape<'_>,
) -> Result<(BTreeMap<String, Values>, Usage), Error> {
    let (mut all, mut usage) = (BTreeMap::new(), Usage::default());
    // Whoever opted out, or has an excluded role, never reaches a plugin; whoever is not active does.
    let places = population::visible(everyone, &request.config.community, request.as_of);
    let shape = Shape { places: &places, ..*shape };
    for metric in request.metrics {
        let Metric::Own(name) = metric else { continue };
        let Some(own) = request.own.get(name).filter(|_| !all.contains_key(name)) else { continue };
        let found = match own {
            Own::Sql(sql) => {
                asked(request, span, everyone, (name, sql)).map(|values| (Ok(values), Usage::default()))
            }
            Own::Plugin(measuring) => measuring.measure(request, everyone, &shape),
        };
        let (values, used) = found.inspect_err(|_| _ = request.blamed.set(name.clone()))?;
        usage = usage.and(used);
        all.insert(name.clone(), values);
    }
    Ok((all, usage))
}

/// The answer to a question in SQL.
fn asked(
    request: &Request<'_>,
    span: Span,
    everyone: &Everyone,
    (name, sql): (&str, &str),
) -> Result<Vec<f64>, Error> {
    let question = Sql { snapshot: request.snapshot, span, threads: request.threads, stop: &request.stop };
    let known = |id: &str| everyone.world.find(id).is_some();
    let answer = own_metric(&question, name, sql, known)?;
    let mut values = vec![f64::NAN; everyone.world.members()];
    for (id, value) in &answer {
        if let Some(slot) = everyone.world.find(id).and_then(|member| values.get_mut(member)) {
            *slot = value.unwrap_or(f64::NAN);
        }
    }
    Ok(values)
}
