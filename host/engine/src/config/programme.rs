//! `[programme]`: whose awards are given, to whom, how often, and who is told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use groundswell_ledger::{AwardTerms, MOST_RUNS, Period, Share};
use toml::Spanned;
use toml::de::DeValue;

use super::parse::{choice, days_in, grants, integer, is_kebab_case, plugin, settings};
use super::section::{Found, Section};
use super::{DefinitionConfig, Value, shoutout};
use crate::Error;
use crate::nearest::{listed, nearest};

/// The most days that anything is counted over.
const MOST_DAYS: u32 = 36_500;
/// The longest text of a shoutout, in characters.
const LONGEST_TEXT: usize = 1_000;

/// `[programme]`: whose awards go to the ledger.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProgrammeConfig {
    /// A bundled name or a path, as it stands in the file.
    pub plugin: String,
    /// The definition whose standings the reward rules look at.
    pub definition: String,
    /// The calendar unit of awards that recur. Default: `"month"`.
    pub period: Period,
    /// What differs from the plugin's defaults.
    pub settings: BTreeMap<String, Value>,
    /// The attributes that the plugin may see.
    pub grants: Vec<String>,
    /// How many runs in a row have to say so before a tier counts for rewards, 1 to 12. Whoever is seen for the first time is where
    /// they are said to be, so that all that the first run says counts at once. Default: 1.
    pub confirm_runs: u32,
    /// How large a share of an award's holders rules may take it from in one period, however many runs it has; more wait for a
    /// person. Holders are those who have it now, and those from whom rules have taken it in the period. Of a circle it is counted
    /// where the grace begins, and not again where it ends. Default: 10 %.
    pub max_revoked: Share,
    /// `[[programme.award]]`, in the order of the file: what is said of single awards.
    pub awards: Vec<AwardConfig>,
    /// `[programme.targets.NAME]`: who is told of awards, by name.
    pub targets: BTreeMap<String, TargetConfig>,
}

/// `[[programme.award]]`: a community's terms for one of the awards that its reward rules propose.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AwardConfig {
    /// The award's id.
    pub award: String,
    /// What is said of it. Kind, revocability and how often it can be had are the reward rules' to say.
    pub terms: AwardTerms,
    /// The text of a shoutout, with `{member}`, `{title}` and `{reason}` in it, and no other braces; none for the award's title
    /// and reason.
    pub text: Option<String>,
}

/// `[programme.targets.NAME]`: who is told of awards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetConfig {
    /// `webhook`: a URL that is sent signed requests.
    Webhook {
        /// Where they go.
        url: String,
        /// Where the key stands that they are signed with.
        key: KeyConfig,
        /// `plain-http`: whether `http` to another machine is meant. Default: no.
        plain_http: bool,
    },
    /// `file`: a file of JSON Lines that grows.
    JsonLines(PathBuf),
}

/// Where a key stands. Never in `community.toml` itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyConfig {
    /// `key-file`: in a file that is its owner's alone.
    File(PathBuf),
    /// `key-env`: in an environment variable.
    Environment(String),
}

pub(super) fn programme(
    top: &Section<'_>,
    definitions: &BTreeMap<String, DefinitionConfig>,
) -> Result<Option<ProgrammeConfig>, Error> {
    let known = [
        "plugin",
        "definition",
        "period",
        "settings",
        "grants",
        "confirm-runs",
        "max-revoked",
        "award",
        "targets",
    ];
    let section = Section::inside(top, "programme", "[programme]", &known)?;
    if !section.is_there() {
        return Ok(None);
    }
    let definition = section
        .needed_text("definition", &format!("\"{}\"", definitions.keys().next().map_or("regulars", |d| d)))?;
    if !definitions.contains_key(definition.value) {
        let message = format!("there is no [definitions.{}]", definition.value.escape_debug());
        let help = match nearest(definition.value, definitions.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("the definitions are {}", listed(definitions.keys())),
        };
        return Err(section.file.error(definition.span, message, Some(help)));
    }
    let periods = [
        ("week", Period::Week),
        ("month", Period::Month),
        ("quarter", Period::Quarter),
        ("year", Period::Year),
    ];
    let targets = targets(&section)?;
    Ok(Some(ProgrammeConfig {
        plugin: plugin(&section)?,
        definition: definition.value.to_owned(),
        period: choice(&section, "period", &periods, Period::Month)?,
        settings: settings(&section, "programme")?,
        grants: grants(&section)?,
        confirm_runs: number(&section, "confirm-runs", "runs", 1..=u64::from(MOST_RUNS), "3")?
            .map_or(1, |runs| u32::try_from(runs).unwrap_or(1)),
        max_revoked: share(&section, "max-revoked", "\"10%\"")?.unwrap_or(Share::TENTH),
        awards: awards(&section, &targets)?,
        targets,
    }))
}

fn awards(
    programme: &Section<'_>,
    targets: &BTreeMap<String, TargetConfig>,
) -> Result<Vec<AwardConfig>, Error> {
    let Some(found) = programme.get("award") else { return Ok(Vec::new()) };
    let DeValue::Array(list) = found.get_ref() else {
        return Err(programme.mistyped("award", found, "a list of tables", "[[programme.award]]"));
    };
    let mut awards: Vec<AwardConfig> = Vec::new();
    for one in list {
        let (award, place) = award(programme, one, targets)?;
        if awards.iter().any(|known| known.award == award.award) {
            let message = format!("there are two [[programme.award]] for `{}`", award.award.escape_debug());
            return Err(programme.file.error(place, message, Some("make one of them".to_owned())));
        }
        awards.push(award);
    }
    Ok(awards)
}

fn award(
    programme: &Section<'_>,
    found: &Spanned<DeValue<'_>>,
    targets: &BTreeMap<String, TargetConfig>,
) -> Result<(AwardConfig, std::ops::Range<usize>), Error> {
    let known = [
        "award",
        "enabled",
        "approval",
        "budget",
        "per-member",
        "per-member-within",
        "cool-down",
        "not-for",
        "expires",
        "grace",
        "deliver",
        "text",
    ];
    let section = Section::of(programme.file, "[[programme.award]]", found, &known)?;
    let id = section.needed_text("award", "\"micro-influencer-badge\"")?;
    let all = 0..=u64::from(u32::MAX);
    let mut terms = AwardTerms::default();
    terms.award = id.value.to_owned();
    terms.enabled = section.flag("enabled")?.unwrap_or(true);
    terms.approval = choice(&section, "approval", &[("automatic", false), ("person", true)], false)?;
    terms.budget = number(&section, "budget", "awards or points a period", all.clone(), "20")?;
    terms.per_member = number(&section, "per-member", "awards or points", 1..=u64::from(u32::MAX), "3")?;
    terms.per_member_within = days(&section, "per-member-within")?;
    terms.cool_down = days(&section, "cool-down")?.unwrap_or(0);
    terms.expires = days(&section, "expires")?;
    let grace = number(&section, "grace", "periods", 0..=1_000, "1")?;
    terms.grace = grace.map_or(1, |grace| u32::try_from(grace).unwrap_or(1));
    terms.not_for = texts(section.texts("not-for", "[\"staff\"]")?);
    for target in section.texts("deliver", "[\"platform\"]")?.unwrap_or_default() {
        if !targets.contains_key(target.value) {
            let message = format!("there is no [programme.targets.{}]", target.value.escape_debug());
            let help = match nearest(target.value, targets.keys().map(String::as_str)) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!(
                    "add it, with webhook = \"https://…\" and key-env = \"…\", or with file = \"awards.jsonl\"; there {}",
                    if targets.is_empty() {
                        "is none yet".to_owned()
                    } else {
                        format!("are {}", listed(targets.keys()))
                    }
                ),
            };
            return Err(section.file.error(target.span, message, Some(help)));
        }
        terms.deliver.push(target.value.to_owned());
    }
    let text = section.text("text", "\"Thank you, {member}: {reason}\"")?;
    if let Some(long) = text.as_ref().filter(|text| text.value.chars().count() > LONGEST_TEXT) {
        let message = format!("`text` has more than {LONGEST_TEXT} characters");
        return Err(section.file.error(long.span.clone(), message, None));
    }
    text.as_ref().map_or(Ok(()), |text| shoutout::check(section.file, text))?;
    let text = text.map(|text| text.value.to_owned());
    Ok((AwardConfig { award: id.value.to_owned(), terms, text }, id.span))
}

fn targets(programme: &Section<'_>) -> Result<BTreeMap<String, TargetConfig>, Error> {
    let section = Section::inside(programme, "targets", "[programme.targets]", &[])?;
    let mut targets = BTreeMap::new();
    for (name, found) in section.entries() {
        if !is_kebab_case(name.value) {
            let message = format!("a target cannot be called `{}`", name.value.escape_debug());
            let help = "use lowercase letters, digits and single hyphens between them, such as `platform`";
            return Err(section.file.error(name.span, message, Some(help.to_owned())));
        }
        let title = format!("[programme.targets.{}]", name.value);
        let one = Section::of(
            section.file,
            title,
            found,
            &["webhook", "key-file", "key-env", "plain-http", "file"],
        )?;
        targets.insert(name.value.to_owned(), target(&one)?);
    }
    Ok(targets)
}

fn target(section: &Section<'_>) -> Result<TargetConfig, Error> {
    let folder = section.file.path.parent().unwrap_or(std::path::Path::new(""));
    let text = |key: &str, example: &str| section.text(key, example);
    let (webhook, file) =
        (text("webhook", "\"https://example.org/awards\"")?, text("file", "\"awards.jsonl\"")?);
    let (key_file, key_env) =
        (text("key-file", "\"webhook.key\"")?, text("key-env", "\"GROUNDSWELL_WEBHOOK_KEY\"")?);
    let wrong = |message: &str, help: &str| {
        Err(section.file.error(section.header(), message.to_owned(), Some(help.to_owned())))
    };
    let key = match (key_file, key_env) {
        (Some(file), None) => Some(KeyConfig::File(folder.join(file.value))),
        (None, Some(name)) => Some(KeyConfig::Environment(name.value.to_owned())),
        (None, None) => None,
        (Some(_), Some(_)) => {
            return wrong("a key cannot be in two places", "keep one of key-file and key-env");
        }
    };
    let plain_http = section.flag("plain-http")?;
    match (webhook, file, key) {
        (None, Some(_), None) if plain_http.is_some() => {
            wrong("a file is not sent by HTTP", "leave plain-http out")
        }
        (Some(url), None, Some(key)) => {
            let plain_http = plain_http.unwrap_or(false);
            Ok(TargetConfig::Webhook { url: url.value.to_owned(), key, plain_http })
        }
        (Some(_), None, None) => wrong(
            "a webhook needs a key, by which the receiver knows who sends",
            "write key-env = \"GROUNDSWELL_WEBHOOK_KEY\", or key-file = \"webhook.key\"",
        ),
        (None, Some(file), None) => Ok(TargetConfig::JsonLines(folder.join(file.value))),
        (None, Some(_), Some(_)) => wrong("a file is not signed", "leave the key out"),
        (None, None, _) => wrong(
            "a target is a webhook or a file",
            "write webhook = \"https://example.org/awards\", or file = \"awards.jsonl\"",
        ),
        (Some(_), Some(_), _) => {
            wrong("a target is a webhook or a file, and not both", "make two targets of it")
        }
    }
}

fn texts(found: Option<Vec<Found<&str>>>) -> Vec<String> {
    found.unwrap_or_default().into_iter().map(|text| text.value.to_owned()).collect()
}

/// A whole number within bounds.
fn number(
    section: &Section<'_>,
    key: &str,
    of: &str,
    bounds: std::ops::RangeInclusive<u64>,
    example: &str,
) -> Result<Option<u64>, Error> {
    let Some(found) = section.get(key) else { return Ok(None) };
    let DeValue::Integer(value) = found.get_ref() else {
        return Err(section.mistyped(key, found, &format!("a number of {of}"), example));
    };
    let value = integer(value).and_then(|value| u64::try_from(value).ok());
    value.filter(|value| bounds.contains(value)).map(Some).ok_or_else(|| {
        let message = format!("`{key}` must be from {} to {}", bounds.start(), bounds.end());
        section.file.error(found.span(), message, Some(format!("such as {example}")))
    })
}

/// So many days, written as `"90d"`.
fn days(section: &Section<'_>, key: &str) -> Result<Option<u32>, Error> {
    let Some(found) = section.text(key, "\"90d\"")? else { return Ok(None) };
    days_in(found.value).filter(|days| *days <= MOST_DAYS).map(Some).ok_or_else(|| {
        let message = format!("`{key}` cannot be \"{}\"", found.value.escape_debug());
        let help = format!("write a number of days from \"1d\" to \"{MOST_DAYS}d\", such as \"90d\"");
        section.file.error(found.span, message, Some(help))
    })
}

/// A share, written as `"10%"`.
fn share(section: &Section<'_>, key: &str, example: &str) -> Result<Option<Share>, Error> {
    let Some(found) = section.text(key, example)? else { return Ok(None) };
    found.value.parse().map(Some).map_err(|_| {
        let message = format!("`{key}` must be a share from \"0%\" to \"100%\"");
        let help = format!("such as {example}, with at most four digits behind the point");
        section.file.error(found.span, message, Some(help))
    })
}
