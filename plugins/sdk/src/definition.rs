//! Who counts.

use std::rc::Rc;

use crate::input::Inputs;
use crate::population::Median;
use crate::{
    Contributions, Description, Members, Placements, Population, Problem, Ranking, Setting, Settings,
    waterfall,
};

/// Says who counts: scores every member of a population and places them in tiers.
///
/// The host describes, fits, scores every batch, ranks the whole population, places every batch and explains.
/// In strict mode it does each in a fresh instance, so an answer can depend on nothing but the arguments.
///
/// Use + − × / min and max, or the `libm` crate: std's `ln`, `exp` and `powf` differ between processors, and a
/// score that is not the same everywhere cannot be repeated.
pub trait Definition: Sized + 'static {
    /// What the definition is and needs. The same on every call.
    fn describe() -> Description;

    /// Prepares to score one population.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where this population or these settings cannot be scored.
    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem>;

    /// Scores every row: exactly [`Members::len`] finite numbers, the higher the better. Every row for itself:
    /// batches are cut anywhere.
    ///
    /// What is missing has already become the population's median; what nobody has is 0 for everybody.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where this batch cannot be scored.
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem>;

    /// Places every row, after the host has ranked everyone. Here a missing value is NaN or `None`.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where this batch cannot be placed.
    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem>;

    /// Explains every row's score. [`waterfall`] over [`score`](Definition::score) unless the definition knows
    /// better, as a [`Linear`](crate::Linear) one does.
    ///
    /// # Errors
    ///
    /// Those of `score`.
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall(members, |members| self.score(members))
    }
}

/// A definition fitted to a population, used as the host uses it: what is missing is filled in before scores.
/// A component is this and nothing more, so tests of a `Fitted` are tests of the plugin.
///
/// ```
/// # use groundswell_plugin::{Definition, Description, Input, Placements, Problem, Ranking, Settings, Population, Members};
/// # struct Helpers;
/// # impl Definition for Helpers {
/// #     fn describe() -> Description { Description::new("").input(Input::raw("answers", "")) }
/// #     fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> { Ok(Self) }
/// #     fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> { Ok(members.number(0).to_vec()) }
/// #     fn place(&self, _: &Members, _: &Ranking) -> Result<Placements, Problem> { Ok(Placements::default()) }
/// # }
/// use groundswell_plugin::{Column, Fitted, NumberSummary, Summary};
///
/// let inputs = Helpers::describe().inputs;
/// let answers = NumberSummary::new(2, 1, 3.0, 1.0, vec![2.0; 101], 2.0);
/// let population = Population::new(&inputs, vec![Summary::Number(answers)]);
/// let settings = Settings::defaults(&Helpers::describe().settings);
///
/// let fitted = Fitted::<Helpers>::fit(&settings, &population)?;
/// let members = Members::new(&inputs, vec![Column::Number(vec![2.0, 4.0, f64::NAN])]);
/// assert_eq!(fitted.score(members)?, [2.0, 4.0, 2.0]);
/// # Ok::<(), Problem>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fitted<D> {
    definition: D,
    medians: Rc<[Median]>,
    inputs: Inputs,
}

impl<D: Definition> Fitted<D> {
    /// Fits the definition.
    ///
    /// # Errors
    ///
    /// Those of [`Definition::fit`].
    pub fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        let definition = D::fit(settings, population)?;
        Ok(Self { definition, medians: population.medians(), inputs: inputs_of::<D>() })
    }

    /// Scores a batch.
    ///
    /// # Errors
    ///
    /// Those of [`Definition::score`].
    pub fn score(&self, members: Members) -> Result<Vec<f64>, Problem> {
        self.definition.score(&members.filled(&self.medians))
    }

    /// Places a batch.
    ///
    /// # Errors
    ///
    /// Those of [`Definition::place`].
    pub fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        self.definition.place(members, ranking)
    }

    /// Explains a batch.
    ///
    /// # Errors
    ///
    /// Those of [`Definition::explain`].
    pub fn explain(&self, members: Members) -> Result<Contributions, Problem> {
        self.definition.explain(&members.filled(&self.medians))
    }

    /// The fitted definition itself.
    pub fn definition(&self) -> &D {
        &self.definition
    }

    pub(crate) fn inputs(&self) -> Inputs {
        self.inputs.clone()
    }
}

pub(crate) fn inputs_of<D: Definition>() -> Inputs {
    Inputs::described_by(|| D::describe().inputs)
}

pub(crate) fn settings_of<D: Definition>() -> Vec<Setting> {
    D::describe().settings
}
