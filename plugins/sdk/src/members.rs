//! A batch of members: columns, and rows over them.

use std::rc::Rc;

use crate::input::Inputs;
use crate::population::{Median, MedianValue};
use crate::{Input, InputKey};

/// The code of a member without a word.
pub const MISSING: u32 = u32::MAX;

/// One input of every member in a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// One value a row; NaN for a member without one.
    Number(Vec<f64>),
    /// One word a row.
    Category {
        /// One code a row: a place in `values`, or [`MISSING`].
        codes: Vec<u32>,
        /// The words, sorted by bytes, the same in every batch of a run.
        values: Rc<[String]>,
    },
}

impl Column {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Category { codes, .. } => codes.len(),
        }
    }
}

/// A batch: thousands of members, as columns or as rows.
///
/// **Columns** are slices, which is what makes a score fast: `members.number("answers")` is a `&[f64]`.
/// **Rows** read better where several inputs decide together; they cost a look at the column's kind each.
///
/// In [`score`](crate::Definition::score) a missing value has already become the population's median (the most
/// frequent word), as the contract demands of explanations, and an input that nobody has a value of is 0 for
/// everybody. What a scale lost (`log1p` of a value below 0) is missing too. In [`place`](crate::Definition::place) and [`decide`](crate::RewardRules::decide) what is missing
/// is NaN, or `None`.
///
/// ```
/// use groundswell_plugin::{Column, Input, Members};
///
/// let inputs = [Input::raw("answers", ""), Input::category("role", "")];
/// let role = Column::Category { codes: vec![0, u32::MAX], values: ["staff".to_owned()].into() };
/// let members = Members::new(&inputs, vec![Column::Number(vec![3.0, 4.0]), role]);
///
/// assert_eq!(members.number("answers"), [3.0, 4.0]);
/// let staff: Vec<_> = members.rows().map(|row| row.word("role") == Some("staff")).collect();
/// assert_eq!(staff, [true, false]);
/// ```
///
/// # Panics
///
/// Asking for an input that the plugin did not declare, or for a number where it declared a category, panics
/// with the names in the message: a mistake in the plugin's own text, which its first test finds.
#[derive(Clone, Debug)]
pub struct Members {
    rows: usize,
    columns: Vec<Column>,
    inputs: Inputs,
    medians: Rc<[Median]>,
}

impl Members {
    /// A batch by hand: for tests, where no host makes it. One column an input, in declared order.
    ///
    /// # Panics
    ///
    /// Where the columns differ in length.
    pub fn new(inputs: &[Input], columns: Vec<Column>) -> Self {
        let rows = columns.first().map_or(0, Column::rows);
        assert!(columns.iter().all(|column| column.rows() == rows), "columns of different lengths");
        Self { rows, columns, inputs: Inputs::of(inputs), medians: Rc::from([]) }
    }

    pub(crate) fn from_columns(inputs: Inputs, rows: usize, columns: Vec<Column>) -> Self {
        Self { rows, columns, inputs, medians: Rc::from([]) }
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none. A host never sends such a batch.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many inputs there are.
    pub fn inputs(&self) -> usize {
        self.columns.len()
    }

    /// The values of a numeric input, one a row.
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub fn number(&self, input: impl InputKey) -> &[f64] {
        match self.column(input) {
            Column::Number(values) => values,
            Column::Category { .. } => panic!("{:?} is a category, not a number", input.key()),
        }
    }

    /// The codes and the dictionary of a category: one code a row, [`MISSING`] for a member without a word.
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub fn category(&self, input: impl InputKey) -> (&[u32], &[String]) {
        match self.column(input) {
            Column::Category { codes, values } => (codes, values),
            Column::Number(_) => panic!("{:?} is a number, not a category", input.key()),
        }
    }

    /// The column of an input.
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub fn column(&self, input: impl InputKey) -> &Column {
        match self.columns.get(self.inputs.place(input.key())) {
            Some(column) => column,
            None => panic!("no input {:?}: there are {}", input.key(), self.columns.len()),
        }
    }

    /// All columns, in declared order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Every member as a row, in the batch's order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> + Clone {
        (0..self.rows).map(|index| Row { members: self, index })
    }

    /// What a missing value of a numeric input counts as in scores: the population's median on the input's
    /// scale, or 0 where nobody has a value. NaN outside [`Definition`](crate::Definition)'s `score` and
    /// `explain`, where no population is known.
    pub fn median(&self, input: impl InputKey) -> f64 {
        match self.medians.get(self.inputs.place(input.key())) {
            Some(Median { value: MedianValue::Number(value), .. }) => *value,
            _ => f64::NAN,
        }
    }

    /// The same batch as scores see it: what is missing is the median.
    pub(crate) fn filled(mut self, medians: &Rc<[Median]>) -> Self {
        for (column, median) in self.columns.iter_mut().zip(medians.iter()) {
            // Looking beats trusting the summary: it does not count what the scale itself lost.
            match (column, median.value) {
                (Column::Number(values), MedianValue::Number(value)) => {
                    fill(values, value, |value| value.is_nan());
                }
                (Column::Category { codes, .. }, MedianValue::Category(code)) => {
                    fill(codes, code, |code| code == MISSING);
                }
                _ => {}
            }
        }
        self.medians = Rc::clone(medians);
        self
    }

    /// `rows` members who have the median everywhere.
    pub(crate) fn at_medians(&self, rows: usize) -> Self {
        let columns = self
            .columns
            .iter()
            .zip(self.medians.iter())
            .map(|(column, median)| match (column, median.value) {
                (Column::Category { values, .. }, MedianValue::Category(code)) => {
                    Column::Category { codes: vec![code; rows], values: Rc::clone(values) }
                }
                (_, MedianValue::Number(value)) => Column::Number(vec![value; rows]),
                (_, MedianValue::Category(_)) => Column::Number(vec![f64::NAN; rows]),
            })
            .collect();
        Self { rows, columns, inputs: self.inputs.clone(), medians: Rc::clone(&self.medians) }
    }

    /// Takes the values of one column from `other`, which has as many rows.
    pub(crate) fn copy_column(&mut self, place: usize, other: &Self) {
        match (self.columns.get_mut(place), other.columns.get(place)) {
            (Some(Column::Number(to)), Some(Column::Number(from))) => to.copy_from_slice(from),
            (Some(Column::Category { codes: to, .. }), Some(Column::Category { codes: from, .. })) => {
                to.copy_from_slice(from);
            }
            _ => {}
        }
    }

    /// Whether the population has a value of the input in this place.
    pub(crate) fn is_known(&self, place: usize) -> bool {
        self.medians.get(place).is_some_and(|median| median.known)
    }
}

/// Rows that are worked on at a time. Loops over so many become straight lines of vector instructions; in a component a
/// loop that goes round once a vector spends as much on going round, and on fuel, as on its work.
pub(crate) const BLOCK: usize = 8;

/// Puts `with` in the place of whatever is missing.
fn fill<T: Copy>(values: &mut [T], with: T, is_missing: impl Fn(T) -> bool) {
    let slot = |slot: &mut T| *slot = if is_missing(*slot) { with } else { *slot };
    let (blocks, rest) = values.as_chunks_mut::<BLOCK>();
    for block in blocks {
        block.iter_mut().for_each(slot);
    }
    rest.iter_mut().for_each(slot);
}

/// One member of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    members: &'a Members,
    index: usize,
}

impl<'a> Row<'a> {
    /// The row's place in the batch, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The value of a numeric input.
    pub fn number(&self, input: impl InputKey) -> f64 {
        self.members.number(input).get(self.index).copied().unwrap_or(f64::NAN)
    }

    /// The value of a numeric input, if the member has one.
    pub fn known(&self, input: impl InputKey) -> Option<f64> {
        Some(self.number(input)).filter(|value| !value.is_nan())
    }

    /// The word of a category, if the member has one.
    pub fn word(&self, input: impl InputKey) -> Option<&'a str> {
        let (codes, values) = self.members.category(input);
        values.get(*codes.get(self.index)? as usize).map(String::as_str)
    }
}
