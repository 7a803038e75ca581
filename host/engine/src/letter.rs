//! Letters to members: where they stand and why, in plain words and their language.

mod sample;
mod style;
mod template;

use std::collections::BTreeMap;
use std::path::Path;

use groundswell_ledger::{Holding, Kind, Ledger, State, Stood};
use groundswell_runtime::{Effect, read_regular, shown};
use serde::Serialize;

#[doc(hidden)]
pub use self::sample::sample_letter;
use self::style::Style;
use self::template::Template;
use crate::config::is_language;
use crate::pipeline::Pipeline;
use crate::plan::View;
use crate::{Config, Error, ExplainedInput, ExplainedTier, Explanation};

/// The templates that come along.
const SHIPPED: [(&str, &str); 2] =
    [("de", include_str!("letter/de.txt")), ("en", include_str!("letter/en.txt"))];
/// The language where none is asked for.
const USUAL: &str = "en";
/// The largest template, in bytes.
const LARGEST: usize = 256 * 1024;
/// How many inputs are told.
const MOST_INPUTS: usize = 5;
/// How many are told that would help.
const MOST_HELPS: usize = 3;
/// Whoever is above this percentile of an input needs no more of it.
const ENOUGH: f64 = 0.9;

/// A letter to a member. Made by [`Community::letter`](crate::Community::letter).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Letter {
    /// The member's id, as it stands in the data.
    pub member: String,
    /// The language's short name.
    pub language: String,
    /// The file of the template; `None` for one that comes along.
    pub template: Option<String>,
    /// The letter, which ends with a line break. What comes from elsewhere is escaped.
    pub text: String,
}

/// What a letter is made of.
struct Writing {
    style: Style,
    template: Template,
    /// The titles of the definition's tiers, escaped, by id.
    tiers: BTreeMap<String, String>,
    /// The same of the awards of the reward rules.
    awards: BTreeMap<String, String>,
}

/// What the ledger says.
struct Record {
    /// The newest earlier period in which the member was scored.
    before: Option<Stood>,
    /// Whether it was by another measure.
    broken: bool,
    /// The tier that counts for rewards in this period, where it is not the one that is said.
    counts: Option<String>,
    /// Of each award of the period the newest entry, in the order of the ledger.
    awards: Vec<Holding>,
}

impl Pipeline<'_> {
    /// Writes a letter to a member.
    pub(crate) fn letter(&self, member: &str, language: Option<&str>) -> Result<Letter, Error> {
        let _span = tracing::info_span!("explain", community = self.name()).entered();
        let language = language.or(self.config.community.language.as_deref()).unwrap_or(USUAL);
        let (template, path) = template(self.config, language)?;
        let style = Style::new(&template, language)?;
        let cast = self.cast(self.definition()?, &mut std::collections::BTreeMap::new())?;
        let view = self.view(true)?;
        let title = |title: &str| shown(title, 64);
        let tiers = cast.tiers().iter().map(|tier| (tier.id.clone(), title(&tier.title))).collect();
        let awards = cast.awards().iter().map(|award| (award.id.clone(), title(&award.title))).collect();
        let writing = Writing { style, template, tiers, awards };
        let fingerprint = cast.fingerprint(self.config);
        let explanation = self.explain_in(&view, cast, member)?;
        let record = self.record_of(&view, &explanation, &fingerprint)?;
        let text = writing.letter(self, &view, &explanation, record.as_ref());
        Ok(Letter { member: member.to_owned(), language: language.to_owned(), template: path, text })
    }

    /// `None` where nothing was ever recorded.
    fn record_of(
        &self,
        view: &View,
        explanation: &Explanation,
        fingerprint: &str,
    ) -> Result<Option<Record>, Error> {
        let Some(period) = &view.period else { return Ok(None) };
        let ledger = Ledger::look_whole(&self.ledger())?;
        if ledger.is_new() {
            return Ok(None);
        }
        let mut stood = ledger.tiers(&explanation.member)?;
        stood.retain(|stood| stood.definition == explanation.definition);
        let now = stood
            .iter()
            .find(|stood| stood.period == period.key && stood.said.as_ref() == Some(&explanation.tier.id));
        let counts = now.filter(|now| now.said.as_ref() != Some(&now.tier)).map(|now| now.tier.clone());
        let before = stood.into_iter().rfind(|stood| stood.as_of.0 < period.start);
        let measure = before.as_ref().and_then(|before| before.fingerprint.as_deref());
        let broken = measure.is_some_and(|measure| measure != fingerprint);
        let story = ledger.story(&explanation.member)?;
        let of_period =
            |one: &Holding| one.kind != Kind::Order && (period.start..=view.as_of).contains(&one.at.0);
        let mut awards: Vec<Holding> = Vec::new();
        for one in story.into_iter().filter(of_period) {
            let same = |other: &Holding| {
                (&other.award, &other.period, other.occurrence) == (&one.award, &one.period, one.occurrence)
            };
            awards.retain(|other| !same(other));
            awards.push(one);
        }
        Ok(Some(Record { before, broken, counts, awards }))
    }
}

/// The template of a language: the community's own where there is one, with what it does not say from the one that comes along.
fn template(config: &Config, language: &str) -> Result<(Template, Option<String>), Error> {
    let shipped = SHIPPED.iter().find(|(name, _)| *name == language);
    let base = shipped.map(|(name, text)| Template::parse(name, text)).transpose()?;
    let folder = config.community.letters.as_deref();
    let file = folder.filter(|_| is_language(language)).map(|folder| folder.join(format!("{language}.txt")));
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let problem = format!("{} is no folder: make it, or leave `letters` out", folder.display());
        return Err(Error::Letter { place: format!("in {language}"), problem });
    }
    let own = match file.filter(|file| file.exists()) {
        Some(file) => Some((Template::parse(&named(&file), &read(&file)?)?, named(&file))),
        None => None,
    };
    match (own, base) {
        (Some((own, name)), Some(base)) => Ok((own.over(base).whole(&name)?, Some(name))),
        (Some((own, name)), None) => Ok((own.whole(&name)?, Some(name))),
        (None, Some(base)) => Ok((base, None)),
        (None, None) => Err(no_language(folder, language)),
    }
}

fn named(file: &Path) -> String {
    file.display().to_string()
}

fn read(file: &Path) -> Result<String, Error> {
    let wrong = |problem: &str| Error::Letter { place: named(file), problem: problem.to_owned() };
    let bytes = read_regular(file, LARGEST).map_err(Error::file("read", file))?;
    if bytes.len() > LARGEST {
        return Err(wrong("it is larger than 256 KiB, which no letter is"));
    }
    String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8: save it so"))
}

fn no_language(folder: Option<&Path>, language: &str) -> Error {
    let known = SHIPPED.map(|(name, _)| format!("`{name}`")).join(" and ");
    let way_out = match folder {
        _ if !is_language(language) => "a language is written as \"en\", \"de\" or \"pt-br\"".to_owned(),
        Some(folder) => format!("put {language}.txt into {}", folder.display()),
        None => {
            format!(
                "write letters = \"letters\" in [community], and put {language}.txt into that folder beside it"
            )
        }
    };
    let language = shown(language, 40);
    Error::Letter {
        place: format!("in `{language}`"),
        problem: format!(
            "there is no template in that language; {known} come along, and for another {way_out}"
        ),
    }
}

impl Writing {
    fn letter(
        &self,
        pipeline: &Pipeline<'_>,
        view: &View,
        explanation: &Explanation,
        record: Option<&Record>,
    ) -> String {
        let zone = &pipeline.config.community.time_zone;
        let number = |number: f64| self.style.number(number);
        let Explanation { tier, reasons, .. } = explanation;
        let reasons: Vec<String> =
            reasons.iter().map(|reason| self.template.fill("reason", &[("reason", reason)])).collect();
        let text = self.template.fill(
            "letter",
            &[
                ("member", &shown(&explanation.member, 200)),
                ("community", &shown(pipeline.name(), 200)),
                ("date", &self.style.date(view.as_of, zone)),
                ("tier", &tier.title),
                ("summary", &tier.summary),
                ("score", &number(explanation.score)),
                ("rank", &number(explanation.rank.into())),
                ("of", &number(explanation.of as f64)),
                ("reasons", &reasons.join("\n")),
                ("counted", &self.counted(&explanation.inputs)),
                ("changed", &self.changed(record, tier, zone, self.runs(pipeline))),
                ("awards", &self.awards(record)),
                ("next", &self.next(explanation)),
            ],
        );
        tidy(&text)
    }

    /// What a metric is called in plain words.
    fn what(&self, input: &ExplainedInput) -> String {
        let metric = input.input.rsplit_once('@').map_or(input.input.as_str(), |(metric, _)| metric);
        let (family, parameters) = metric.split_once('(').unwrap_or((metric, ""));
        let parameters = parameters.trim_end_matches(')');
        let parameters = [("parameters", shown(parameters, 100))];
        let said = |key: &str| {
            self.template.said("words", key, &parameters.each_ref().map(|(key, text)| (*key, text.as_str())))
        };
        said(metric).or_else(|| said(family)).unwrap_or_else(|| shown(metric, 100))
    }

    fn counted(&self, inputs: &[ExplainedInput]) -> String {
        let mut moving: Vec<&ExplainedInput> =
            inputs.iter().filter(|input| input.contribution != 0.0).collect();
        moving.sort_by(|left, right| right.contribution.abs().total_cmp(&left.contribution.abs()));
        if moving.is_empty() {
            return self.template.fill("counted-none", &[]);
        }
        let told = moving.into_iter().take(MOST_INPUTS).map(|input| {
            let section = if input.contribution > 0.0 { "counted-raised" } else { "counted-lowered" };
            let percentile = input.percentile.map_or_else(String::new, |percentile| {
                // Nobody has more than all, themselves included.
                let below = (percentile * 100.0).floor() / 100.0;
                self.template.fill("percentile", &[("percent", &self.style.share(below))])
            });
            let points = self.style.number(input.contribution.abs());
            self.template.fill(
                section,
                &[
                    ("what", &self.what(input)),
                    ("value", &self.style.value(input)),
                    ("percentile", &percentile),
                    ("points", &points),
                ],
            )
        });
        told.collect::<Vec<_>>().join("\n")
    }

    /// How many runs in a row have to say a tier before it counts.
    fn runs(&self, pipeline: &Pipeline<'_>) -> String {
        let programme = pipeline.config.programme.as_ref();
        self.style.number(programme.map_or(1.0, |programme| programme.confirm_runs.into()))
    }

    fn changed(
        &self,
        record: Option<&Record>,
        now: &ExplainedTier,
        zone: &jiff::tz::TimeZone,
        runs: String,
    ) -> String {
        let mut told = vec![self.since(record, now, zone)];
        if record.is_some_and(|record| record.broken) {
            told.push(self.template.fill("changed-definition", &[]));
        }
        if let Some(counts) = record.and_then(|record| record.counts.as_deref()) {
            let counts = title(&self.tiers, counts);
            let values = [("counts", counts.as_str()), ("tier", &now.title), ("runs", &runs)];
            told.push(self.template.fill("unconfirmed", &values));
        }
        told.join("\n")
    }

    /// Where the member stood before.
    fn since(&self, record: Option<&Record>, now: &ExplainedTier, zone: &jiff::tz::TimeZone) -> String {
        let Some(record) = record else { return self.template.fill("changed-unknown", &[]) };
        let Some(before) = &record.before else {
            return self.template.fill("changed-first", &[("tier", &now.title)]);
        };
        let section = match (before.rung, now.rung) {
            // Of another measure nobody can say whether it is higher.
            _ if record.broken => "changed-aside",
            _ if before.tier == now.id => "changed-same",
            (Some(then), Some(now)) if then < now => "changed-up",
            (Some(then), Some(now)) if then > now => "changed-down",
            _ => "changed-aside",
        };
        let then = self.style.date(before.as_of.0, zone);
        let title = title(&self.tiers, &before.tier);
        self.template.fill(section, &[("then", &then), ("before", &title), ("tier", &now.title)])
    }

    fn awards(&self, record: Option<&Record>) -> String {
        let Some(record) = record.filter(|record| !record.awards.is_empty()) else { return String::new() };
        let told = record.awards.iter().map(|one| {
            let why = match one.reason.is_empty() || is_said_by_state(one) {
                true => String::new(),
                false => self.template.fill("why", &[("reason", &shown(&one.reason, 400))]),
            };
            let state = self.template.said("states", one.state.name(), &[]);
            let state = state.unwrap_or_else(|| one.state.to_string());
            let award = title(&self.awards, &one.award);
            self.template.fill("award", &[("award", &award), ("state", &state), ("why", &why)])
        });
        let list = told.collect::<Vec<_>>().join("\n");
        self.template.fill("awards", &[("list", &list)])
    }

    fn next(&self, explanation: &Explanation) -> String {
        let Some(next) = &explanation.next_tier else { return self.template.fill("next-none", &[]) };
        let lowest = next.lowest_score.map_or_else(String::new, |score| {
            self.template.fill("lowest", &[("score", &self.style.number(score))])
        });
        self.template.fill(
            "next",
            &[
                ("tier", &next.tier.title),
                ("summary", &next.tier.summary),
                ("members", &self.style.number(next.members as f64)),
                ("lowest", &lowest),
                ("helps", &self.helps(&explanation.inputs)),
            ],
        )
    }

    /// What raises the score, and what the member has least of beside others.
    fn helps(&self, inputs: &[ExplainedInput]) -> String {
        let mut least: Vec<(f64, &ExplainedInput)> = inputs
            .iter()
            .filter(|input| input.effect == Effect::Raises)
            .filter_map(|input| Some((input.percentile.filter(|percentile| *percentile < ENOUGH)?, input)))
            .collect();
        least.sort_by(|(left, _), (right, _)| left.total_cmp(right));
        let told = least.into_iter().take(MOST_HELPS).map(|(_, input)| {
            self.template.fill("help", &[("what", &self.what(input)), ("value", &self.style.value(input))])
        });
        let list = told.collect::<Vec<_>>().join("\n");
        if list.is_empty() { list } else { self.template.fill("helps", &[("list", &list)]) }
    }
}

/// Whether the state says why, which the host says besides in its own words, whatever the letter's language: it goes or lapses, and
/// no person decided that.
fn is_said_by_state(one: &Holding) -> bool {
    use State::{Expired, Lapsed, Leaving, Left, Revoked, Revoking};
    matches!(one.state, Expired | Lapsed | Leaving | Left | Revoked | Revoking)
        && !one.actor.starts_with("person ")
}

/// The title of an id; the id where it has none any more.
fn title(titles: &BTreeMap<String, String>, id: &str) -> String {
    titles.get(id).cloned().unwrap_or_else(|| shown(id, 64))
}

/// Without lines that nothing was filled into: no two blank ones in a row, and none at either end.
fn tidy(text: &str) -> String {
    let mut out = String::new();
    let mut blank = false;
    for line in text.lines() {
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        if blank && !out.is_empty() {
            out.push('\n');
        }
        blank = false;
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_that_come_along_are_whole_and_speak_of_every_metric() {
        for (language, text) in SHIPPED {
            let template = Template::parse(language, text).unwrap().whole(language).unwrap();
            Style::new(&template, language).unwrap();
            for family in crate::metrics() {
                assert!(template.said("words", family.name, &[]).is_some(), "{language}: {}", family.name);
            }
        }
    }

    #[test]
    fn nothing_is_left_of_lines_without_words() {
        assert_eq!(tidy("\n\na \n\n\n\nb\n   \n"), "a\n\nb\n");
    }
}
