//! Reading a community's data and plugins without running anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use groundswell_runtime::shown;
use parquet::file::metadata::ParquetMetaData;
use serde::Serialize;

use crate::config::MaxRejected;
use crate::deliver::check;
use crate::metrics::{Metric, ROLES, refuse_own};
use crate::nearest::{listed, nearest};
use crate::plugins::{Duty, Role, Said, located};
use crate::probe::{Words, column_of, learn_words};
use crate::programme::{terms, without_roles};
use crate::progress::steady;
use crate::snapshot::{Freezing, Names, Word};
use crate::sources::{Given, find};
use crate::sql::{Columns, check_metric};
use crate::stored::{batches, builder};
use crate::time::rfc3339;
use crate::{
    Community, Config, Error, MetricConfig, MetricFamily, PluginInfo, Progress, ProgressFn, Rejected,
    RunOptions, Snapshot, Stage, Table, metrics,
};

/// What a run would find in a community's data, settings and plugins.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Validation {
    /// The community's name.
    pub community: String,
    /// The tables that it has, in the order in which they are read.
    pub tables: Vec<CheckedTable>,
    /// How many activities there are of each verb.
    pub verbs: BTreeMap<String, u64>,
    /// The newest time of activities and conversions, RFC 3339; `None` where there is none.
    pub newest: Option<String>,
    /// The rows that would be left aside, by table and reason.
    pub rejected: Vec<Rejected>,
    /// What else should be said of the data and the settings.
    pub notes: Vec<String>,
    /// The plugins of definitions and programme that could be loaded.
    pub plugins: Vec<CheckedPlugin>,
    /// The metrics that these plugins ask for and the data cannot supply.
    pub unknown: Vec<UnknownInput>,
    /// All other metrics that the data cannot supply, by the ids that [`metrics`](crate::metrics()) has.
    pub unsupplied: Vec<Unsupplied>,
    /// What stands in the way of a run.
    #[serde(serialize_with = "texts")]
    pub problems: Vec<Error>,
}

/// A table that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CheckedTable {
    /// The table.
    pub table: Table,
    /// Its files, as `community.toml` names them.
    pub files: Vec<String>,
    /// How many rows a run would have; `None` where they cannot be read.
    pub rows: Option<u64>,
    /// How many would be left aside.
    pub rejected: u64,
}

/// A plugin that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CheckedPlugin {
    /// What `community.toml` has it for: `definitions.regulars`, or `programme`.
    pub part: String,
    /// The plugin.
    pub plugin: PluginInfo,
    /// How many inputs it asks for.
    pub inputs: usize,
}

/// A metric that a plugin asks for and the data cannot supply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnknownInput {
    /// Its id.
    pub metric: String,
    /// The tables, or columns of tables, any of which would supply it.
    pub needs: String,
    /// What asks for it: `definitions.regulars`.
    pub part: String,
    /// Whether it cannot do without.
    pub required: bool,
}

/// Metrics that the data cannot supply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unsupplied {
    /// The tables, or columns of tables, any of which would supply them.
    pub needs: String,
    /// Their ids.
    pub metrics: Vec<String>,
}

fn texts<S: serde::Serializer>(problems: &[Error], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(problems.iter().map(ToString::to_string))
}

impl Validation {
    /// Whether nothing stands in the way of a run.
    pub fn is_fine(&self) -> bool {
        self.problems.is_empty()
    }
}

impl Community {
    /// Reads all of the community's data and loads its plugins, and says what a run would find; runs nothing, and
    /// writes nothing to the state folder. Every table is read to its end, whatever is wrong with the others. Of
    /// `options` the progress (of [`Stage::Read`]), cancelling and the deadline count.
    ///
    /// Metrics of the community's own are planned as a run plans them: what they ask for has to be there, in the columns of a
    /// metric and by functions that say the same of the same rows.
    ///
    /// Plugins are asked what they make of their settings, about made-up members who have every role and granted attribute that the
    /// data has: once without any number and ties, and once with some. What they refuse both times is told.
    ///
    /// What a run finds wrong only as it goes on is not looked for: whether anybody is in the population, what rows a metric in
    /// SQL has, and what plugins would refuse only for the sake of other members.
    ///
    /// # Errors
    ///
    /// Where it is stopped, or a temporary folder cannot be written. What is wrong with the community is no error but
    /// one of [`Validation::problems`].
    pub fn validate(&self, options: &RunOptions) -> Result<Validation, Error> {
        let mut validation = Validation {
            community: self.name().to_owned(),
            tables: Vec::new(),
            verbs: BTreeMap::new(),
            newest: None,
            rejected: Vec::new(),
            notes: Vec::new(),
            plugins: Vec::new(),
            unknown: Vec::new(),
            unsupplied: Vec::new(),
            problems: Vec::new(),
        };
        let grants = Said::all(self.config()).flat_map(|said| said.grants.to_vec());
        let mut data = Data {
            words: std::iter::once("role".to_owned())
                .chain(grants.map(|grant| column_of(&grant)))
                .map(|column| (column, Some(BTreeSet::new())))
                .collect(),
            ..Data::default()
        };
        Reading { community: self, options, progress: options.progress.clone().map(steady) }
            .tables(&mut validation, &mut data)?;
        validation.newest = data.newest.map(rfc3339);
        self.look_from(&mut validation, &data);
        self.check_metrics(&mut validation, &data);
        if data.columns.get(&Table::Members).is_some_and(Option::is_none) {
            data.words.values_mut().for_each(|words| *words = None);
        }
        for roles in data.words.get_mut("role").into_iter().flatten() {
            roles.retain(|role| !self.config().community.exclude_roles.contains(role));
        }
        self.check_roles(&mut validation, &data);
        self.check_plugins(&mut validation, &data, options);
        validation.unsupplied = unsupplied(&data);
        Ok(validation)
    }

    /// Whether there is a moment to look from.
    fn look_from(&self, validation: &mut Validation, data: &Data) {
        let config = self.config();
        let read = validation.tables.iter().all(|table| table.rows.is_some());
        if config.community.as_of.is_some() || !read {
            return;
        }
        const DAY: i128 = 86_400_000_000_000;
        let path = config.path().to_owned();
        match data.newest {
            None if validation.tables.is_empty() => {}
            None => validation.problems.push(Error::NoTime { path }),
            Some(newest)
                if config.programme.is_some()
                    && i128::from(newest) > jiff::Timestamp::now().as_nanosecond() + DAY =>
            {
                let place = data.newest_place.clone();
                validation.problems.push(Error::AsOfToCome { as_of: rfc3339(newest), place, path });
            }
            Some(_) => {}
        }
    }

    /// Plans the community's own metrics as a run does, and computes none of them.
    fn check_metrics(&self, validation: &mut Validation, data: &Data) {
        let metrics = &self.config().metrics;
        if metrics.is_empty() || data.views.is_none() && validation.tables.is_empty() {
            return;
        }
        let Some(views) = data.views.as_ref().filter(|_| data.columns.values().all(Option::is_some)) else {
            let what = "the metrics of [metrics] could not be checked, since not all tables could be read";
            return validation.notes.push(what.to_owned());
        };
        let questions = metrics.iter().filter_map(|(name, said)| match said {
            MetricConfig::Sql(sql) => Some((name, sql)),
            MetricConfig::Plugin(_) => None,
        });
        let checked = questions.map(|(name, sql)| check_metric(views, name, sql));
        validation.problems.extend(checked.filter_map(Result::err));
    }

    /// Whether the data has the roles that awards are not for.
    fn check_roles(&self, validation: &mut Validation, data: &Data) {
        let config = self.config();
        let awards = config.programme.iter().flat_map(|programme| &programme.awards);
        let mut barred =
            awards.flat_map(|award| award.terms.not_for.iter().map(move |role| (award, role))).peekable();
        if barred.peek().is_none() || validation.tables.is_empty() {
            return;
        }
        if !data.has("members.role") {
            return validation.problems.push(without_roles(config, ROLES));
        }
        let Some(Some(roles)) = data.words.get("role") else { return };
        for (award, role) in barred.filter(|(_, role)| !roles.contains(*role)) {
            let doubt = match nearest(role, roles.iter().map(String::as_str)) {
                Some(meant) => format!("is `{}` meant?", shown(meant, 60)),
                None => format!("roles are {}", shown(&listed(roles), 300)),
            };
            validation.notes.push(format!(
                "[[programme.award]] `{}` is not for `{}`, and nobody in the data has that role; {doubt}",
                shown(&award.award, 80),
                shown(role, 60)
            ));
        }
    }

    /// Loads the plugins, and compares what they are told with what they declare.
    fn check_plugins(&self, validation: &mut Validation, data: &Data, options: &RunOptions) {
        let config = self.config();
        let runtime = match self.host().runtime_of(config) {
            Ok(runtime) => runtime,
            Err(error) => return validation.problems.push(error),
        };
        if config.definitions.is_empty() {
            let message = "there is no definition to run".to_owned();
            let help = "add one: [definitions.regulars] with plugin = \"regulars\"".to_owned();
            validation.problems.push(located(config, &[], "definitions", message, Some(help)));
        }
        for said in Said::all(config) {
            let role = Role::find(self.host(), &runtime, config, &said);
            if let (Duty::RewardRules, Ok(role), Some(programme)) = (said.duty, &role, &config.programme)
                && let Some(rewards) = role.plugin.rewards()
            {
                let targets = programme.targets.iter().map(|(name, target)| check(config, name, target));
                let wrong =
                    targets.chain([terms(config, programme, rewards).map(drop)]).filter_map(Result::err);
                validation.problems.extend(wrong);
            }
            self.check_plugin(validation, data, &said, role, options);
        }
    }

    fn check_plugin(
        &self,
        validation: &mut Validation,
        data: &Data,
        said: &Said<'_>,
        role: Result<Role, Error>,
        options: &RunOptions,
    ) {
        let part = said.keys.join(".");
        if data.attributes.is_some() {
            validation.notes.extend(said.grants.iter().filter_map(|grant| data.ungrantable(&part, grant)));
        }
        let role = match role {
            Ok(role) => role,
            Err(error) => return validation.problems.push(error),
        };
        let own = if said.duty == Duty::Metric { refuse_own(&role, self.config()) } else { Ok(()) };
        let wrong: Vec<Error> =
            [own, role.metrics(self.config()).map(drop)].into_iter().filter_map(Result::err).collect();
        match wrong.is_empty() {
            true => validation.problems.extend(self.refused(&data.words, said, &role, options)),
            false => validation.problems.extend(wrong),
        }
        let inputs = role.inputs();
        validation.plugins.push(CheckedPlugin {
            part: part.clone(),
            plugin: role.info(),
            inputs: inputs.len(),
        });
        for input in inputs {
            // What is no metric is told already; a metric of the community's own is what a query says.
            let Ok((metric, family)) = Metric::parse(&input.metric) else { continue };
            let there = match metric.attribute() {
                Some(name) => {
                    data.attributes.as_ref().is_none_or(|known| known.iter().any(|known| known == name))
                }
                None => data.supplies(family),
            };
            let known = |unknown: &UnknownInput| unknown.part == part && unknown.metric == input.metric;
            if there || validation.unknown.iter().any(known) {
                continue;
            }
            let needs = family.needs.join(" or ");
            // Where there is no table at all, that is told already.
            if input.required && !validation.tables.is_empty() {
                validation.problems.push(Error::MissingMetric {
                    plugin: role.plugin.id().to_string(),
                    metric: input.metric.clone(),
                    needs: family.needs.first().copied().unwrap_or_default(),
                    path: self.config().path().to_owned(),
                });
            }
            let (metric, part, required) = (input.metric.clone(), part.clone(), input.required);
            validation.unknown.push(UnknownInput { metric, needs, part, required });
        }
    }
}

/// What is known of the data once it is read.
#[derive(Default)]
struct Data {
    /// Of members, by the columns that are asked for before they are read.
    words: Words,
    /// Of each table that is there, its columns in which some row has a value; `None` where it could not be read, and all are
    /// taken to be there.
    columns: BTreeMap<Table, Option<Vec<String>>>,
    /// Those of members; `None` where that is not known.
    attributes: Option<Vec<String>>,
    /// The columns of all tables as the community's own metrics see them; `None` before one was read.
    views: Option<Columns>,
    newest: Option<i64>,
    newest_place: Option<(String, u64)>,
}

impl Data {
    /// Whether the data has one of the things that a metric can be computed from.
    fn supplies(&self, family: &MetricFamily) -> bool {
        family.needs.iter().any(|need| need.split(" and ").all(|part| self.has(part)))
    }

    /// Whether it has a table, or a column with values: `members.role`.
    fn has(&self, part: &str) -> bool {
        let (table, column) = part.split_once('.').unwrap_or((part, ""));
        let Some((_, columns)) = self.columns.iter().find(|(known, _)| known.name() == table) else {
            return false;
        };
        column.is_empty()
            || columns.as_ref().is_none_or(|columns| columns.iter().any(|known| known == column))
    }

    /// What to say of a grant that no attribute has the name of.
    fn ungrantable(&self, part: &str, grant: &str) -> Option<String> {
        let attributes = self.attributes.as_ref()?;
        if attributes.iter().any(|known| known == grant) {
            return None;
        }
        let names = attributes.iter().map(String::as_str);
        let doubt = match nearest(grant, names.clone()) {
            Some(meant) => format!("is `{}` meant?", shown(meant, 60)),
            None if attributes.is_empty() => "they have none at all".to_owned(),
            None => format!("they have {}", shown(&listed(names), 300)),
        };
        Some(format!(
            "[{part}] grants `{}`, and members have no attribute of that name; {doubt}",
            shown(grant, 60)
        ))
    }
}

/// Metrics that the data cannot supply, by what would.
fn unsupplied(data: &Data) -> Vec<Unsupplied> {
    let mut all: Vec<Unsupplied> = Vec::new();
    for family in metrics().iter().filter(|family| !data.supplies(family)) {
        let needs = family.needs.join(" or ");
        match all.iter_mut().find(|known| known.needs == needs) {
            Some(known) => known.metrics.push(family.id.to_owned()),
            None => all.push(Unsupplied { needs, metrics: vec![family.id.to_owned()] }),
        }
    }
    all
}

/// Reading tables, one after the other.
struct Reading<'a> {
    community: &'a Community,
    options: &'a RunOptions,
    progress: Option<ProgressFn>,
}

impl Reading<'_> {
    fn tables(&self, validation: &mut Validation, data: &mut Data) -> Result<(), Error> {
        let config = self.community.config();
        if let Some(frozen) = &self.community.frozen {
            for table in Table::ALL.into_iter().filter(|table| frozen.has(*table)) {
                let checked = CheckedTable { table, files: Vec::new(), rows: None, rejected: 0 };
                look_at(frozen, checked, validation, data)?;
            }
            validation.notes.extend(frozen.notes().iter().cloned());
            return Ok(());
        }
        let mut found = Vec::new();
        for table in Table::ALL {
            match find(config, &self.community.given, table) {
                Ok(None) => {}
                Ok(Some(files)) => found.push((table, files)),
                Err(problem) => {
                    let (files, rejected) = (Vec::new(), 0);
                    validation.tables.push(CheckedTable { table, files, rows: None, rejected });
                    data.columns.insert(table, None);
                    validation.problems.push(problem);
                }
            }
        }
        if found.is_empty() && validation.tables.is_empty() {
            validation.problems.push(config.without_data());
        }
        let total: u64 = found.iter().flat_map(|(_, files)| files).map(|file| file.bytes).sum();
        let mut before = 0;
        for (table, files) in found {
            let bytes: u64 = files.iter().map(|file| file.bytes).sum();
            let files = files.into_iter().map(|file| file.label).collect();
            self.table(table, files, (before, total), validation, data)?;
            before += bytes;
        }
        validation.tables.sort_by_key(|table| table.table);
        Ok(())
    }

    fn table(
        &self,
        table: Table,
        files: Vec<String>,
        (before, total): (u64, u64),
        validation: &mut Validation,
        data: &mut Data,
    ) -> Result<(), Error> {
        let temporary = tempfile::tempdir().map_err(Error::file("create", std::env::temp_dir()))?;
        let alone = self.alone(table);
        let progress = self.progress.clone().map(|progress| after(progress, before, total));
        let freeze = |config: &Config| {
            let given: Given = self
                .community
                .given
                .iter()
                .filter(|(known, _)| **known == table)
                .map(|(table, rows)| (*table, Arc::clone(rows)))
                .collect();
            let with = Freezing {
                progress: progress.as_ref(),
                stop: &self.options.stop(),
                threads: self.options.thread_count(),
                known: temporary.path(),
            };
            Snapshot::freeze(config, &given, temporary.path(), &with)
        };
        let snapshot = match freeze(&alone) {
            Err(error @ Error::TooManyRejected(_)) => {
                validation.problems.push(error);
                // All of them are to be told, not those of the first reasons alone.
                let mut lenient = alone;
                lenient.sources.max_rejected = MaxRejected::Percent(100.0);
                freeze(&lenient)
            }
            read => read,
        };
        let checked = CheckedTable { table, files, rows: None, rejected: 0 };
        match snapshot {
            Ok(snapshot) => {
                validation.notes.extend(snapshot.notes().iter().cloned());
                return look_at(&snapshot, checked, validation, data);
            }
            Err(error) if error.is_stopped() => return Err(error),
            Err(error) => {
                data.columns.insert(table, None);
                validation.problems.push(error);
            }
        }
        validation.tables.push(checked);
        Ok(())
    }

    /// What `community.toml` would say if it named no other table.
    fn alone(&self, table: Table) -> Config {
        let mut config = self.community.config().clone();
        config.sources.tables.retain(|known, _| *known == table);
        // A map is told by its place in the file, but whatever that is asked for was found by now.
        config.sources.maps.retain(|map| map.table == table);
        config
    }
}

/// Progress of a part of the reading, which so many bytes of all come before.
fn after(progress: ProgressFn, before: u64, total: u64) -> ProgressFn {
    Arc::new(move |part: &Progress| {
        if part.stage == Stage::Read {
            let done = before + part.done;
            progress(&Progress::new(Stage::Read, done, Some(total.max(done))));
        }
    })
}

/// Takes in what is to be known of a table that is frozen.
fn look_at(
    snapshot: &Snapshot,
    mut checked: CheckedTable,
    validation: &mut Validation,
    data: &mut Data,
) -> Result<(), Error> {
    let table = checked.table;
    let rejected = || snapshot.rejected().iter().filter(|rejected| rejected.table == table.name());
    checked.rows = Some(snapshot.rows(table));
    checked.rejected = rejected().map(|rejected| rejected.rows).sum();
    validation.rejected.extend(rejected().cloned());
    if let Some(path) = snapshot.table(table) {
        data.columns.insert(table, Some(columns_with_values(&path)?));
        data.views.get_or_insert_default().learn(snapshot, table)?;
    }
    match table {
        Table::Members => {
            data.attributes = Some(snapshot.attributes().to_vec());
            learn_words(snapshot, &mut data.words)?;
        }
        Table::Activities => validation.verbs = verbs(snapshot)?,
        Table::Follows | Table::Conversions => {}
    }
    if snapshot.newest() > data.newest {
        data.newest = snapshot.newest();
        data.newest_place = snapshot.newest_place().map(|(file, line)| (file.to_owned(), line));
    }
    validation.tables.push(checked);
    Ok(())
}

/// The columns of a frozen table that have a value in some row; all of them where there is no row.
fn columns_with_values(path: &Path) -> Result<Vec<String>, Error> {
    let builder = builder(path)?;
    let rows = builder.metadata().file_metadata().num_rows();
    let names = builder.schema().fields().iter().map(|field| field.name().clone()).enumerate();
    let with_values = names.filter(|(place, _)| rows == 0 || nulls(builder.metadata(), *place) < rows);
    Ok(with_values.map(|(_, name)| name).collect())
}

/// How many activities there are of each verb.
fn verbs(snapshot: &Snapshot) -> Result<BTreeMap<String, u64>, Error> {
    let Some(path) = snapshot.table(Table::Activities) else { return Ok(BTreeMap::new()) };
    let words = Names::read(snapshot)?.words(Word::Verb).clone();
    let mut counts = vec![0_u64; words.len()];
    for batch in batches(&path, Some(&[Word::Verb.name()]))? {
        let batch = batch.map_err(Error::columns("read", &path))?;
        let codes = batch.column_by_name(Word::Verb.name());
        let codes = codes.and_then(|codes| codes.as_primitive_opt::<UInt32Type>());
        for code in codes.iter().flat_map(|codes| codes.iter().flatten()) {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        }
    }
    let counted = words.iter().flatten().map(str::to_owned).zip(counts);
    Ok(counted.filter(|(_, count)| *count > 0).collect())
}

/// How many rows have no value in a column, as far as that is known.
fn nulls(metadata: &ParquetMetaData, place: usize) -> i64 {
    let groups = metadata.row_groups().iter();
    let columns = groups.filter_map(|group| group.columns().get(place));
    let nulls = columns.filter_map(|column| column.statistics()?.null_count_opt());
    nulls.map(|nulls| i64::try_from(nulls).unwrap_or(i64::MAX)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::columns;

    #[test]
    fn every_metric_needs_tables_and_columns_that_there_are() {
        for family in metrics() {
            for part in family.needs.iter().flat_map(|need| need.split(" and ")) {
                let (table, column) = part.split_once('.').unwrap_or((part, ""));
                let table = Table::ALL.into_iter().find(|known| known.name() == table);
                let own = table.map(|table| columns(table, &[])).unwrap_or_default();
                let there = column.is_empty() || own.iter().any(|known| known.name == column);
                assert!(table.is_some() && there, "{}: {part}", family.id);
            }
        }
    }
}
