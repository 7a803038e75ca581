//! Whether a description is what the contract asks for.

use std::collections::BTreeSet;

use crate::text::{Figure, is_hidden, is_kebab};
use crate::{
    AwardKind, Input, MeasuringDescription, PluginId, ReasonText, RewardsDescription, Scale,
    ScoringDescription, Setting, Tier, Value, shown,
};

type Check = Result<(), String>;

pub(crate) fn scoring(told: &ScoringDescription, stamp: &PluginId) -> Check {
    identity(&told.name, &told.version, &told.summary, stamp)?;
    count("inputs", told.inputs.len(), 1, 64)?;
    inputs(&told.inputs)?;
    settings(&told.settings)?;
    count("tiers", told.tiers.len(), 1, 32)?;
    tiers(&told.tiers)?;
    count("reasons", told.reasons.len(), 0, 256)?;
    reasons(&told.reasons)
}

pub(crate) fn rewards(told: &RewardsDescription, stamp: &PluginId) -> Check {
    identity(&told.name, &told.version, &told.summary, stamp)?;
    count("inputs", told.inputs.len(), 0, 64)?;
    inputs(&told.inputs)?;
    settings(&told.settings)?;
    count("awards", told.awards.len(), 1, 64)?;
    awards(&told.awards)?;
    count("reasons", told.reasons.len(), 1, 256)?;
    reasons(&told.reasons)
}

pub(crate) fn measuring(told: &MeasuringDescription, stamp: &PluginId) -> Check {
    identity(&told.name, &told.version, &told.summary, stamp)?;
    sentence("the unit", &told.unit, 64)?;
    count("inputs", told.inputs.len(), 0, 64)?;
    inputs(&told.inputs)?;
    match told.inputs.iter().find(|input| !matches!(input.scale, Scale::Raw | Scale::Category)) {
        Some(input) => Err(format!(
            "input `{}` has the scale `{}`; a metric's are `raw` or `category`, for want of a population to scale by",
            shown(&input.id(), 200),
            input.scale
        )),
        None => settings(&told.settings),
    }
}

fn identity(name: &str, version: &str, summary: &str, stamp: &PluginId) -> Check {
    if name != stamp.name || version != stamp.version {
        return Err(format!(
            "`describe` says it is {} {}, its stamp says {stamp}; take both from the manifest",
            shown(name, 64),
            shown(version, 64)
        ));
    }
    id("the plugin's name", name)?;
    sentence("the summary", summary, 280)
}

fn count(what: &str, found: usize, least: usize, most: usize) -> Check {
    if (least..=most).contains(&found) {
        return Ok(());
    }
    Err(format!("it describes {} {what}; {least} to {most} are allowed", Figure(found)))
}

fn id(what: &str, id: &str) -> Check {
    if is_kebab(id) {
        return Ok(());
    }
    Err(format!("{what} `{}` is not kebab-case of at most 64 bytes", shown(id, 80)))
}

fn sentence(what: &str, text: &str, most: usize) -> Check {
    if text.chars().any(is_hidden) {
        return Err(format!("{what} contains control or invisible characters: {}", shown(text, 120)));
    }
    match text.chars().take(most + 1).count() {
        length if length > most => Err(format!("{what} is longer than {most} characters")),
        _ => Ok(()),
    }
}

fn unique<'a>(what: &str, ids: impl IntoIterator<Item = &'a str>) -> Check {
    let mut seen = BTreeSet::new();
    match ids.into_iter().find(|id| !seen.insert(*id)) {
        Some(id) => Err(format!("{what} `{}` is described twice", shown(id, 80))),
        None => Ok(()),
    }
}

fn inputs(inputs: &[Input]) -> Check {
    for input in inputs {
        let name = format!("input `{}`", shown(&input.id(), 200));
        if input.metric.is_empty() || input.metric.len() > 200 || input.metric.chars().any(is_hidden) {
            return Err(format!("{name} has no usable metric id of 1 to 200 bytes"));
        }
        sentence(&format!("why of {name}"), &input.why, 280)?;
    }
    let ids: Vec<String> = inputs.iter().map(Input::id).collect();
    unique("input", ids.iter().map(String::as_str))?;
    for input in inputs.iter().filter(|input| input.scale == Scale::Category) {
        if inputs.iter().any(|other| other.metric == input.metric && other.scale != Scale::Category) {
            return Err(format!(
                "metric `{}` is asked for as a category and as a number",
                shown(&input.metric, 200)
            ));
        }
    }
    Ok(())
}

fn settings(settings: &[Setting]) -> Check {
    count("settings", settings.len(), 0, 64)?;
    for setting in settings {
        id("setting", &setting.name)?;
        sentence(&format!("summary of setting `{}`", setting.name), &setting.summary, 280)?;
        let bounds = &setting.bounds;
        if !bounds.choices.is_empty() && !matches!(setting.default, Value::Text(_)) {
            return Err(format!("setting `{}` has choices but is not text", setting.name));
        }
        for choice in &bounds.choices {
            sentence(&format!("choice of setting `{}`", setting.name), choice, 200)?;
        }
        if [bounds.least, bounds.most].into_iter().flatten().any(f64::is_nan) {
            return Err(format!("setting `{}` has a bound that is not a number", setting.name));
        }
        if let Value::Text(text) = &setting.default {
            sentence(&format!("the default of setting `{}`", setting.name), text, 200)?;
        }
        if let Some(why) = bounds.objection(&setting.default) {
            return Err(format!("the default of setting `{}` is {why}", setting.name));
        }
    }
    unique("setting", settings.iter().map(|setting| setting.name.as_str()))
}

fn tiers(tiers: &[Tier]) -> Check {
    for tier in tiers {
        id("tier", &tier.id)?;
        sentence(&format!("title of tier `{}`", tier.id), &tier.title, 64)?;
        sentence(&format!("summary of tier `{}`", tier.id), &tier.summary, 280)?;
    }
    unique("tier", tiers.iter().map(|tier| tier.id.as_str()))?;
    let rungs: Vec<String> = tiers.iter().filter_map(|tier| tier.rung).map(|rung| rung.to_string()).collect();
    unique("rung", rungs.iter().map(String::as_str))?;
    let known: Vec<String> =
        tiers.iter().filter_map(|tier| tier.known).map(|known| known.to_string()).collect();
    unique("known tier", known.iter().map(String::as_str))
}

fn awards(awards: &[AwardKind]) -> Check {
    for award in awards {
        id("award", &award.id)?;
        sentence(&format!("title of award `{}`", award.id), &award.title, 64)?;
        sentence(&format!("summary of award `{}`", award.id), &award.summary, 280)?;
    }
    unique("award", awards.iter().map(|award| award.id.as_str()))
}

fn reasons(reasons: &[ReasonText]) -> Check {
    for reason in reasons {
        id("reason", &reason.id)?;
        sentence(&format!("text of reason `{}`", reason.id), &reason.text, 280)?;
        if reason.text.replace("{value}", "").contains(['{', '}']) {
            return Err(format!("text of reason `{}` has braces other than {{value}}", reason.id));
        }
    }
    unique("reason", reasons.iter().map(|reason| reason.id.as_str()))
}
