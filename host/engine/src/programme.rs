//! A community's programme: what it says of awards, put together with what its reward rules say of them.

use groundswell_ledger::{AwardTerms, Break, Calendar, Kind, Programme, Verdict};
use groundswell_runtime::{AwardKind, Occurs, RewardsDescription};
use serde_json::json;

use crate::nearest::{listed, nearest};
use crate::plan::zone_name;
use crate::plugins::{Role, located};
use crate::receipt::canonical_json;
use crate::{Config, Error, ProgrammeConfig};

/// The terms of every award that the rules can propose.
///
/// # Errors
///
/// Where `community.toml` speaks of an award that they do not have, or says of one what its kind does not know.
pub(crate) fn terms(
    config: &Config,
    programme: &ProgrammeConfig,
    rules: &RewardsDescription,
) -> Result<Vec<AwardTerms>, Error> {
    for (place, said) in programme.awards.iter().enumerate() {
        let wrong = |key: &str, message: String, help: String| {
            let place = place.to_string();
            Err(located(config, &["programme", "award", &place], key, message, Some(help)))
        };
        let Some(kind) = rules.awards.iter().find(|kind| kind.id == said.award) else {
            let ids = rules.awards.iter().map(|kind| kind.id.as_str());
            let help = match nearest(&said.award, ids.clone()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("its awards are {}", listed(ids)),
            };
            let message =
                format!("the reward rules {} have no award `{}`", rules.name, said.award.escape_debug());
            return wrong("award", message, help);
        };
        let (kind, terms) = (of(kind), &said.terms);
        if terms.expires.is_some() && !matches!(kind, Kind::Training | Kind::Points) {
            let message = format!("`{}` is a {kind}, and only trainings and points expire", said.award);
            return wrong("expires", message, "leave `expires` out".to_owned());
        }
        if said.text.is_some() && kind != Kind::Shoutout {
            let message = format!("`{}` is a {kind}, and only shoutouts have a text", said.award);
            return wrong("text", message, "leave `text` out".to_owned());
        }
    }
    Ok(rules.awards.iter().map(|kind| of_kind(kind, programme)).collect())
}

fn of_kind(kind: &AwardKind, programme: &ProgrammeConfig) -> AwardTerms {
    let said = programme.awards.iter().find(|said| said.award == kind.id);
    let mut terms = said.map_or_else(AwardTerms::default, |said| said.terms.clone());
    terms.award.clone_from(&kind.id);
    terms.kind = of(kind);
    terms.revocable = kind.revocable;
    terms.each_period = kind.occurs != Occurs::Once;
    terms
}

fn of(kind: &AwardKind) -> Kind {
    Kind::of_name(&kind.kind.to_string()).unwrap_or(Kind::Badge)
}

/// The programme as the ledger has to know it, with a hash of whatever decides: `parts` are those of plugins and data.
pub(crate) fn programme(
    config: &Config,
    said: &ProgrammeConfig,
    awards: &[AwardTerms],
    parts: &serde_json::Value,
) -> Programme {
    let calendar = Calendar::new(said.period, config.community.time_zone.clone());
    let decides = json!({
        "parts": parts,
        "awards": awards,
        "max_revoked": said.max_revoked.to_string(),
        "confirm_runs": said.confirm_runs,
        "period": said.period,
        "time_zone": zone_name(&config.community.time_zone),
    });
    let hash = blake3::hash(canonical_json(&decides).as_bytes()).to_hex().to_string();
    let mut programme = Programme::new(awards.to_vec(), calendar, hash);
    programme.max_revoked = said.max_revoked;
    programme
}

/// That an award is not for a role, and the data has none; `needs` is what would supply them.
pub(crate) fn without_roles(config: &Config, needs: &str) -> Error {
    let awards = config.programme.iter().flat_map(|programme| &programme.awards);
    let place = awards.clone().position(|award| !award.terms.not_for.is_empty());
    located(
        config,
        &["programme", "award", &place.unwrap_or_default().to_string()],
        "not-for",
        "the data has no roles, so that nobody knows who may not have the award".to_owned(),
        Some(format!("it would take {needs}; or leave `not-for` out")),
    )
}

/// What is said where a run's rules are not those that its period began with.
pub(crate) fn unapproved(period: &str) -> String {
    format!(
        "what decides has changed within {period}, so that nothing is recorded: look at `groundswell rewards plan`, and let it count \
         with --approve"
    )
}

/// What is said where a definition is not what it was in the period before.
pub(crate) fn not_the_same(definition: &Role, broken: &Break) -> String {
    let now = definition.plugin.id().to_string();
    let what = if now == broken.plugin {
        format!("is another one than in {}, though its plugin is still called {now}", broken.period)
    } else {
        format!("is another one than in {}: {now}, which was {} then", broken.period, broken.plugin)
    };
    format!(
        "the definition `{}` {what}. Tiers before and after are not by the same measure; `groundswell history` shows where that is so",
        definition.name
    )
}

/// Whether a proposal came into the ledger now.
pub(crate) fn is_new(verdict: Verdict) -> bool {
    verdict == Verdict::Given
}
