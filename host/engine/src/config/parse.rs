//! From the text of a `community.toml` to [`Config`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::section::{File, Found, Section, a_type};
use super::{
    CommunityConfig, Config, DefinitionConfig, Limits, LimitsConfig, MaxRejected, MetricConfig, Mode,
    PopulationKind, SourcesConfig, USUALLY_EXCLUDED, Value, Window, map, programme,
};
use crate::nearest::nearest;
use crate::time::{self, TimeProblem};
use crate::{Error, Table};

const AS_OF: &str = "2020-05-31T00:00:00Z";
const LARGEST_BATCH: u32 = 1_000_000;
/// How many instances live at once is for the host to say, which all communities share.
const HOSTS_OWN: &str = "instances";

pub(super) fn parse(path: PathBuf, text: &str) -> Result<Config, Error> {
    let text: Arc<str> = text.into();
    let file = File { path: &path, text: &text };
    let document = DeTable::parse(&text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        file.error(span, format!("this is not TOML: {}", error.message()), None)
    })?;
    let top = Section::new(
        file,
        "community.toml",
        0..text.len(),
        document.get_ref(),
        &["community", "sources", "metrics", "definitions", "programme", "limits"],
    )?;
    let community = community(&top)?;
    let sources = sources(&top)?;
    let metrics = metrics(&top)?;
    let definitions = definitions(&top)?;
    let programme = programme::programme(&top, &definitions)?;
    let limits = limits(&top)?;
    Ok(Config {
        community,
        sources,
        metrics,
        definitions,
        programme,
        limits,
        path: path.clone(),
        text: text.clone(),
    })
}

fn community(top: &Section<'_>) -> Result<CommunityConfig, Error> {
    let known = [
        "name",
        "as-of",
        "window",
        "population",
        "exclude-roles",
        "count-left-out",
        "time-zone",
        "state",
        "language",
        "letters",
    ];
    let section = Section::inside(top, "community", "[community]", &known)?;
    if !section.is_there() {
        let help = "begin the file with the lines `[community]` and `name = \"my-community\"`".to_owned();
        return Err(section.file.error(0..0, "there is no [community]", Some(help)));
    }
    let name = section.needed_text("name", "\"beer\"")?;
    if name.value.trim().is_empty() || name.value.chars().any(char::is_control) {
        let message = "`name` must be a line of text that is not blank";
        return Err(section.file.error(name.span, message, Some("such as \"beer\"".to_owned())));
    }
    let folder = section.file.path.parent().unwrap_or(Path::new(""));
    let state = section.text("state", "\".groundswell\"")?;
    if let Some(blank) = state.as_ref().filter(|state| state.value.trim().is_empty()) {
        let help = "name a folder, such as \".groundswell\", or leave `state` out".to_owned();
        return Err(section.file.error(blank.span.clone(), "`state` is blank", Some(help)));
    }
    let letters = section.text("letters", "\"letters\"")?;
    if let Some(blank) = letters.as_ref().filter(|letters| letters.value.trim().is_empty()) {
        let help = "name a folder with files such as en.txt, or leave `letters` out".to_owned();
        return Err(section.file.error(blank.span.clone(), "`letters` is blank", Some(help)));
    }
    Ok(CommunityConfig {
        name: name.value.to_owned(),
        as_of: as_of(&section)?,
        window: window(&section)?,
        population: choice(
            &section,
            "population",
            &[("active", PopulationKind::Active), ("all", PopulationKind::All)],
            PopulationKind::Active,
        )?,
        exclude_roles: match section.texts("exclude-roles", "[\"bot\"]")? {
            Some(roles) => roles.into_iter().map(|role| role.value.to_owned()).collect(),
            None => vec![USUALLY_EXCLUDED.to_owned()],
        },
        count_left_out: section.flag("count-left-out")?.unwrap_or(true),
        time_zone: time_zone(&section)?,
        state: folder.join(state.map_or(".groundswell", |found| found.value)),
        language: language(&section)?,
        letters: letters.map(|found| folder.join(found.value)),
    })
}

fn language(section: &Section<'_>) -> Result<Option<String>, Error> {
    let Some(found) = section.text("language", "\"de\"")? else { return Ok(None) };
    if !is_language(found.value) {
        let message = format!("`language` cannot be \"{}\"", found.value.escape_debug());
        let help =
            "write a language's short name in lowercase, such as \"en\", \"de\" or \"pt-br\"".to_owned();
        return Err(section.file.error(found.span, message, Some(help)));
    }
    Ok(Some(found.value.to_owned()))
}

/// Whether a text is a language's short name, and therefore part of a file's name: `en`, `pt-br`.
pub(crate) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let all = |part: &str, of: fn(&u8) -> bool| part.bytes().all(|byte| of(&byte));
    (2..=3).contains(&first.len())
        && all(first, u8::is_ascii_lowercase)
        && parts.all(|part| {
            (2..=8).contains(&part.len())
                && all(part, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

fn as_of(section: &Section<'_>) -> Result<Option<Timestamp>, Error> {
    let Some(found) = section.get("as-of") else { return Ok(None) };
    let text = match found.get_ref() {
        // TOML lets the seconds of a time be left out; RFC 3339 does not.
        DeValue::Datetime(moment) => {
            let mut moment = *moment;
            if let Some(time) = &mut moment.time {
                time.second.get_or_insert(0);
            }
            moment.to_string()
        }
        DeValue::String(text) => text.to_string(),
        _ => return Err(section.mistyped("as-of", found, "a date or time", AS_OF)),
    };
    let wrong = |problem: TimeProblem| {
        let message = match problem {
            TimeProblem::Form | TimeProblem::Ambiguous => {
                format!("`as-of` is no date or time: \"{}\"", text.escape_debug())
            }
            TimeProblem::Range => format!("`as-of` lies outside the years 1678 to 2261: {text}"),
        };
        section.file.error(found.span(), message, Some(format!("write it as {AS_OF} or 2020-05-31")))
    };
    let nanoseconds = time::written(&text).map_err(wrong)?;
    Timestamp::from_nanosecond(i128::from(nanoseconds)).map(Some).map_err(|_| wrong(TimeProblem::Range))
}

fn window(section: &Section<'_>) -> Result<Window, Error> {
    let Some(found) = section.text("window", "\"365d\" or \"all\"")? else { return Ok(Window::Days(365)) };
    if found.value == "all" {
        return Ok(Window::All);
    }
    match days_in(found.value) {
        Some(days) => Ok(Window::Days(days)),
        None => {
            let message = format!("`window` cannot be \"{}\"", found.value.escape_debug());
            let help = "write a number of days, such as \"365d\", or \"all\"".to_owned();
            Err(section.file.error(found.span, message, Some(help)))
        }
    }
}

/// So many days, at least one, written as `90d`.
pub(super) fn days_in(text: &str) -> Option<u32> {
    let days = text.strip_suffix('d').filter(|days| days.bytes().all(|b| b.is_ascii_digit()))?;
    days.parse().ok().filter(|days| *days > 0)
}

/// A percentage from 0 to 100, written as `10%`.
pub(super) fn percent_in(text: &str) -> Option<f64> {
    let percent = text.strip_suffix('%')?.trim().parse().ok()?;
    Some(percent).filter(|percent| (0.0..=100.0).contains(percent))
}

fn time_zone(section: &Section<'_>) -> Result<TimeZone, Error> {
    let Some(found) = section.text("time-zone", "\"Europe/Berlin\"")? else { return Ok(TimeZone::UTC) };
    if found.value == "UTC" {
        return Ok(TimeZone::UTC);
    }
    TimeZone::get(found.value).map_err(|_| {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let help = match nearest(found.value, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => "write a name of the IANA database, such as \"Europe/Berlin\"".to_owned(),
        };
        let message = format!("no time zone is called \"{}\"", found.value.escape_debug());
        section.file.error(found.span, message, Some(help))
    })
}

pub(super) fn choice<T: Copy>(
    section: &Section<'_>,
    key: &str,
    choices: &[(&str, T)],
    default: T,
) -> Result<T, Error> {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let example = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ");
    let Some(found) = section.text(key, &example)? else { return Ok(default) };
    let chosen = choices.iter().find(|(name, _)| *name == found.value).map(|(_, value)| *value);
    chosen.ok_or_else(|| section.not_one_of(key, &found, &names))
}

fn sources(top: &Section<'_>) -> Result<SourcesConfig, Error> {
    let section =
        Section::inside(top, "sources", "[sources]", &["max-rejected", "tables", "map", "aliases"])?;
    let known = Table::ALL.map(Table::name);
    let named = Section::inside(&section, "tables", "[sources.tables]", &known)?;
    let mut tables = BTreeMap::new();
    for table in Table::ALL {
        if let Some(files) = paths(&named, table.name(), &format!("\"{table}.csv\""))? {
            tables.insert(table, files);
        }
    }
    let aliases = paths(&section, "aliases", "\"aliases.csv\"")?.unwrap_or_default();
    Ok(SourcesConfig { max_rejected: max_rejected(&section)?, tables, maps: map::maps(&section)?, aliases })
}

/// A path or a list of paths.
pub(super) fn paths(section: &Section<'_>, key: &str, example: &str) -> Result<Option<Vec<String>>, Error> {
    let Some(found) = section.get(key) else { return Ok(None) };
    let files = match found.get_ref() {
        DeValue::String(text) => vec![Found { value: text.as_ref(), span: found.span() }],
        DeValue::Array(list) => section.texts_of(key, list, example)?,
        _ => return Err(section.mistyped(key, found, "a path or a list of paths", example)),
    };
    if files.is_empty() || files.iter().any(|path| path.value.trim().is_empty()) {
        let help = format!("name at least one file, such as {example}, or leave `{key}` out");
        return Err(section.file.error(found.span(), format!("`{key}` names no file"), Some(help)));
    }
    Ok(Some(files.into_iter().map(|path| path.value.to_owned()).collect()))
}

fn max_rejected(section: &Section<'_>) -> Result<MaxRejected, Error> {
    let example = "\"1%\" or 100";
    let Some(found) = section.get("max-rejected") else { return Ok(MaxRejected::Percent(1.0)) };
    let read = match found.get_ref() {
        DeValue::Integer(rows) => {
            integer(rows).and_then(|rows| u64::try_from(rows).ok()).map(MaxRejected::Rows)
        }
        DeValue::String(text) => percent_in(text).map(MaxRejected::Percent),
        _ => return Err(section.mistyped("max-rejected", found, "a share or a number of rows", example)),
    };
    read.ok_or_else(|| {
        let message = "`max-rejected` must be a share from \"0%\" to \"100%\" or a number of rows from 0 on";
        section.file.error(found.span(), message, Some(format!("such as {example}")))
    })
}

fn metrics(top: &Section<'_>) -> Result<BTreeMap<String, MetricConfig>, Error> {
    let section = Section::inside(top, "metrics", "[metrics]", &[])?;
    let mut metrics = BTreeMap::new();
    for (name, found) in section.entries() {
        let refuse = |message: String, help: &str| {
            Err(section.file.error(name.span.clone(), message, Some(help.to_owned())))
        };
        if !is_kebab_case(name.value) {
            let help = "use lowercase letters, digits and single hyphens between them, such as `helpfulness`";
            return refuse(format!("a metric cannot be called `{}`", name.value.escape_debug()), help);
        }
        if crate::metrics().iter().any(|known| known.name == name.value) {
            let help = "`groundswell metrics` lists the names that are taken";
            return refuse(format!("there is a metric `{}` already", name.value), help);
        }
        let title = format!("[metrics.{}]", name.value);
        let section_title = title.clone();
        let one = Section::of(section.file, title, found, &["sql", "plugin", "settings", "grants"])?;
        let has = |key: &str| one.get(key).is_some();
        if has("sql")
            && let Some(other) = ["plugin", "settings", "grants"].into_iter().find(|key| has(key))
        {
            let help =
                "a metric is computed by a question in SQL, or by a plugin with its settings and grants";
            return refuse(format!("{section_title} has both `sql` and `{other}`"), help);
        }
        if !has("sql") && !has("plugin") {
            let help = "write sql = \"select … as member, … as value from …\", or plugin = \"fading-trust\"";
            return refuse(format!("{section_title} has neither `sql` nor `plugin`"), help);
        }
        if has("plugin") {
            let plugin = DefinitionConfig {
                plugin: plugin(&one)?,
                settings: settings(&one, &format!("metrics.{}", name.value))?,
                grants: grants(&one)?,
            };
            metrics.insert(name.value.to_owned(), MetricConfig::Plugin(plugin));
            continue;
        }
        let example = "\"select actor as member, count(*) as value from window_activities where actor is not null group by actor\"";
        let sql = one.needed_text("sql", example)?.value.to_owned();
        metrics.insert(name.value.to_owned(), MetricConfig::Sql(sql));
    }
    Ok(metrics)
}

fn definitions(top: &Section<'_>) -> Result<BTreeMap<String, DefinitionConfig>, Error> {
    let section = Section::inside(top, "definitions", "[definitions]", &[])?;
    let mut definitions = BTreeMap::new();
    for (name, found) in section.entries() {
        if !is_kebab_case(name.value) {
            let message = format!("a definition cannot be called `{}`", name.value.escape_debug());
            let help = "use lowercase letters, digits and single hyphens between them, such as `loud-voices`"
                .to_owned();
            return Err(section.file.error(name.span, message, Some(help)));
        }
        let title = format!("[definitions.{}]", name.value);
        let one = Section::of(section.file, title, found, &["plugin", "settings", "grants"])?;
        let definition = DefinitionConfig {
            plugin: plugin(&one)?,
            settings: settings(&one, &format!("definitions.{}", name.value))?,
            grants: grants(&one)?,
        };
        definitions.insert(name.value.to_owned(), definition);
    }
    if definitions.is_empty() {
        let help = "add the lines `[definitions.regulars]` and `plugin = \"regulars\"`".to_owned();
        let end = section.file.text.len();
        return Err(section.file.error(
            end..end,
            "the community has no definition to score members by",
            Some(help),
        ));
    }
    Ok(definitions)
}

pub(super) fn plugin(section: &Section<'_>) -> Result<String, Error> {
    let found = section.needed_text("plugin", "\"regulars\"")?;
    if found.value.trim().is_empty() {
        let help = "name a bundled plugin, such as \"regulars\", or a file, such as \"plugins/mine.wasm\""
            .to_owned();
        return Err(section.file.error(found.span, "`plugin` is blank", Some(help)));
    }
    Ok(found.value.to_owned())
}

pub(super) fn grants(section: &Section<'_>) -> Result<Vec<String>, Error> {
    let found = section.texts("grants", "[\"team\"]")?.unwrap_or_default();
    Ok(found.into_iter().map(|grant| grant.value.to_owned()).collect())
}

pub(super) fn settings(section: &Section<'_>, parent: &str) -> Result<BTreeMap<String, Value>, Error> {
    let settings = Section::inside(section, "settings", format!("[{parent}.settings]"), &[])?;
    settings
        .entries()
        .map(|(name, found)| Ok((name.value.to_owned(), setting(&settings, name.value, found)?)))
        .collect()
}

fn setting(section: &Section<'_>, name: &str, found: &Spanned<DeValue<'_>>) -> Result<Value, Error> {
    let out_of_range = || {
        let message = format!("`{name}` is too large a number or none at all");
        section.file.error(found.span(), message, Some("write a finite number of at most 64 bits".to_owned()))
    };
    match found.get_ref() {
        DeValue::Boolean(value) => Ok(Value::Boolean(*value)),
        DeValue::Integer(value) => integer(value).map(Value::Integer).ok_or_else(out_of_range),
        DeValue::Float(value) => value
            .as_str()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .map(Value::Number)
            .ok_or_else(out_of_range),
        DeValue::String(value) => Ok(Value::Text(value.to_string())),
        other => {
            let message = format!("the setting `{name}` cannot be {}", a_type(other));
            let help = "settings are true or false, numbers and texts".to_owned();
            Err(section.file.error(found.span(), message, Some(help)))
        }
    }
}

fn limits(top: &Section<'_>) -> Result<LimitsConfig, Error> {
    let names: Vec<&str> =
        Limits::all().iter().map(|limit| limit.name).filter(|name| *name != HOSTS_OWN).collect();
    let known: Vec<&str> = ["mode", "batch-size"].into_iter().chain(names.iter().copied()).collect();
    let section = Section::inside(top, "limits", "[limits]", &known)?;
    let mode = choice(&section, "mode", &[("strict", Mode::Strict), ("fast", Mode::Fast)], Mode::Strict)?;
    let batch_size = match section.get("batch-size") {
        None => None,
        Some(found) => {
            let DeValue::Integer(size) = found.get_ref() else {
                return Err(section.mistyped("batch-size", found, "a number of members", "8192"));
            };
            let fits = |size: &u32| (1..=LARGEST_BATCH).contains(size);
            let size = integer(size).and_then(|size| u32::try_from(size).ok()).filter(fits);
            Some(size.ok_or_else(|| {
                let message = format!("`batch-size` must be from 1 to {LARGEST_BATCH}");
                section.file.error(found.span(), message, Some("such as 8192".to_owned()))
            })?)
        }
    };
    let mut changed = BTreeMap::new();
    for limit in Limits::all().iter().filter(|limit| names.contains(&limit.name)) {
        let Some(found) = section.get(limit.name) else { continue };
        let example = limit.default.to_string();
        let DeValue::Integer(value) = found.get_ref() else {
            return Err(section.mistyped(
                limit.name,
                found,
                &format!("a number of {}", limit.unit),
                &example,
            ));
        };
        let wrong =
            |message: String| section.file.error(found.span(), message, Some(format!("such as {example}")));
        let value = integer(value).and_then(|value| u64::try_from(value).ok());
        let value = value.ok_or_else(|| {
            wrong(format!("`{}` must be a whole number from {} on", limit.name, limit.least))
        })?;
        Limits::new().set(limit.name, value).map_err(|error| wrong(error.to_string()))?;
        changed.insert(limit.name, value);
    }
    Ok(LimitsConfig { mode, batch_size, changed })
}

pub(super) fn integer(value: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(value.as_str(), value.radix()).ok()
}

pub(super) fn is_kebab_case(name: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('-').all(word)
}
