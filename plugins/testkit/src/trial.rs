use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use groundswell_plugin::{
    CategorySummary, Column, Contributions, Definition, Fitted, Input, MISSING, Members, Placements,
    Population, Problem, Ranking, Scale, Settings, Summary, Value,
};

use crate::Person;
use crate::scale::{scaled, summary};

/// A definition tried on a community: scaled, ranked and placed as a host would.
pub struct Trial<D> {
    people: Vec<Person>,
    settings: Settings,
    changed: Vec<(String, Value)>,
    definition: PhantomData<D>,
}

impl<D> Clone for Trial<D> {
    fn clone(&self) -> Self {
        let (people, settings, changed) = (self.people.clone(), self.settings.clone(), self.changed.clone());
        Self { people, settings, changed, definition: PhantomData }
    }
}

impl<D> fmt::Debug for Trial<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trial").field("people", &self.people).field("changed", &self.changed).finish()
    }
}

impl<D: Definition> Trial<D> {
    /// A community of these people, with default settings.
    ///
    /// # Panics
    ///
    /// Where something is said of a metric that the definition does not ask for: a slip of the pen, which would
    /// otherwise pass for a value that is not known.
    pub fn new(people: impl IntoIterator<Item = Person>) -> Self {
        let description = D::describe();
        let people: Vec<Person> = people.into_iter().collect();
        for metric in people.iter().flat_map(Person::metrics) {
            assert!(
                description.inputs.iter().any(|input| input.metric == metric),
                "`{metric}` is said of somebody, and not among the inputs of the definition"
            );
        }
        let settings = Settings::defaults(&description.settings);
        Self { people, settings, changed: Vec::new(), definition: PhantomData }
    }

    /// Changes a setting. Bounds are not checked.
    pub fn with(mut self, setting: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.changed.push((setting.to_owned(), value.clone()));
        self.settings = self.settings.with(setting, value);
        self
    }

    /// Who is in it.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// What the community changed, and the defaults for the rest.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the population looks like.
    pub fn population(&self) -> Population {
        let inputs = D::describe().inputs;
        let summaries = inputs.iter().map(|input| match input.scale {
            Scale::Category => {
                let (codes, values) = self.words(input);
                let count = |code| codes.iter().filter(|&&it| it == code).count() as u64;
                let counts = (0..values.len() as u32).map(count).collect();
                Summary::Category(CategorySummary::new(count(MISSING), values, counts))
            }
            scale => Summary::Number(summary(scale, &self.raw(input))),
        });
        Population::new(&inputs, summaries.collect())
    }

    /// Everybody as one batch.
    pub fn members(&self) -> Members {
        self.batch(0..self.people.len())
    }

    /// Some as a batch, scaled over everybody.
    pub fn batch(&self, rows: Range<usize>) -> Members {
        let inputs = D::describe().inputs;
        let columns = inputs.iter().map(|input| match input.scale {
            Scale::Category => {
                let (codes, values) = self.words(input);
                Column::Category { codes: codes[rows.clone()].to_vec(), values: values.into() }
            }
            scale => Column::Number(scaled(scale, &self.raw(input))[rows.clone()].to_vec()),
        });
        Members::new(&inputs, columns.collect())
    }

    /// The definition fitted, or why it cannot be.
    ///
    /// # Errors
    ///
    /// Those of the definition.
    pub fn fit(&self) -> Result<Fitted<D>, Problem> {
        Fitted::fit(&self.settings, &self.population())
    }

    /// The definition fitted.
    ///
    /// # Panics
    ///
    /// Where it refuses.
    pub fn fitted(&self) -> Fitted<D> {
        self.fit().unwrap_or_else(|problem| panic!("the definition refuses: {problem}"))
    }

    /// Everybody's score.
    ///
    /// # Panics
    ///
    /// As [`fitted`](Self::fitted), here and below.
    pub fn scores(&self) -> Vec<f64> {
        self.fitted().score(self.members()).expect("scores")
    }

    /// How everybody's score comes about.
    pub fn explained(&self) -> Contributions {
        self.fitted().explain(self.members()).expect("contributions")
    }

    /// Everybody's contribution of an input, by its id.
    pub fn contributions(&self, input: &str) -> Vec<f64> {
        let place = D::describe().inputs.iter().position(|it| it.id() == input);
        self.explained().columns.swap_remove(place.unwrap_or_else(|| panic!("there is no input `{input}`")))
    }

    /// Scores, ranks and percentiles of everybody.
    pub fn ranking(&self) -> Ranking {
        let scores = self.scores();
        let rank = |score: &f64| 1 + scores.iter().filter(|&other| other > score).count() as u32;
        Ranking::new(scores.clone(), scores.iter().map(rank).collect(), scaled(Scale::Percentile, &scores))
    }

    /// Where everybody belongs.
    pub fn placements(&self) -> Placements {
        self.fitted().place(&self.members(), &self.ranking()).expect("placements")
    }

    /// Everybody's tier, by id.
    pub fn tiers(&self) -> Vec<String> {
        let tiers = D::describe().tiers;
        self.placements().tiers().iter().map(|&tier| tiers[tier as usize].id.to_string()).collect()
    }

    /// The reasons for one member's tier: id, and the input that it speaks of.
    pub fn reasons(&self, row: usize) -> Vec<String> {
        let description = D::describe();
        let placements = self.placements();
        let of_row = placements.reasons().iter().filter(|(it, _)| *it as usize == row);
        of_row
            .map(|(_, reason)| {
                let id = &description.reasons[reason.text as usize].id;
                let input = reason.input.map(|input| description.inputs[input as usize].id());
                format!("{id} {}", input.unwrap_or_default()).trim_end().to_owned()
            })
            .collect()
    }

    fn raw(&self, input: &Input) -> Vec<f64> {
        self.people.iter().map(|person| person.number(&input.metric).unwrap_or(f64::NAN)).collect()
    }

    fn words(&self, input: &Input) -> (Vec<u32>, Vec<String>) {
        let told = |person: &Person| person.told(&input.metric).map(str::to_owned);
        let mut values: Vec<String> = self.people.iter().filter_map(told).collect();
        values.sort_unstable();
        values.dedup();
        let code = |person: &Person| {
            let place = told(person).and_then(|word| values.binary_search(&word).ok());
            place.map_or(MISSING, |place| place as u32)
        };
        (self.people.iter().map(code).collect(), values)
    }
}
