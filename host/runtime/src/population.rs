//! The members that a run is about, as columns of metrics, and the scales over them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::statistics::{Spread, percentile_of, percentiles, quantile, sorted};
use crate::text::Figure;
use crate::{Error, Input, Scale};

/// The code of a member without a value in [`Column::Category`].
pub const MISSING: u32 = u32::MAX;

/// What a plugin sees of a value that is not there, the same bits wherever it came from.
const NAN: f64 = f64::from_bits(0x7ff8_0000_0000_0000);
/// Words of a category's dictionary, which every batch carries whole.
const DICTIONARY_WORDS: usize = 65_536;
/// Bytes of all its words together.
const DICTIONARY_BYTES: usize = 4 << 20;

/// One metric of every member. Cloning shares the values.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers; NaN for a member without a value.
    Number(Arc<[f64]>),
    /// Words, dictionary-encoded.
    Category {
        /// An index into `values` a member, or [`MISSING`].
        codes: Arc<[u32]>,
        /// The dictionary, sorted by bytes, without duplicates.
        values: Arc<[String]>,
    },
}

impl Column {
    /// A column of words from one optional word a member.
    pub fn from_words<'a>(words: impl IntoIterator<Item = Option<&'a str>> + Clone) -> Self {
        let dictionary: BTreeMap<&str, ()> =
            words.clone().into_iter().flatten().map(|word| (word, ())).collect();
        let values: Arc<[String]> = dictionary.keys().map(|&word| word.to_owned()).collect();
        let code = |word: &str| values.binary_search_by(|value| value.as_str().cmp(word)).ok();
        let codes =
            words.into_iter().map(|word| word.and_then(code).map_or(MISSING, |code| code as u32)).collect();
        Self::Category { codes, values }
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Category { codes, .. } => codes.len(),
        }
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of one member, where the column has numbers and the member has one.
    pub fn number(&self, row: usize) -> Option<f64> {
        match self {
            Self::Number(values) => values.get(row).copied().filter(|value| !value.is_nan()),
            Self::Category { .. } => None,
        }
    }

    /// The word of one member, where the column has words and the member has one.
    pub fn word(&self, row: usize) -> Option<&str> {
        match self {
            Self::Number(_) => None,
            Self::Category { codes, values } => {
                codes.get(row).and_then(|&code| values.get(code as usize)).map(String::as_str)
            }
        }
    }
}

/// What a numeric input looks like over the population. See `number-summary` in the contract.
#[derive(Clone, Debug)]
pub(crate) struct NumberSummary {
    pub(crate) count: u64,
    pub(crate) missing: u64,
    pub(crate) mean: f64,
    pub(crate) sd: f64,
    pub(crate) quantiles: Vec<f64>,
    pub(crate) median_scaled: f64,
}

/// What a category looks like over the population. See `category-summary` in the contract.
#[derive(Clone, Debug)]
pub(crate) struct CategorySummary {
    pub(crate) count: u64,
    pub(crate) missing: u64,
    pub(crate) counts: Vec<u64>,
    /// The code that stands for the median.
    pub(crate) most_frequent: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Summary {
    Number(NumberSummary),
    Category(CategorySummary),
}

/// An input ready for a plugin: its scaled values and what the population's look like.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) scaled: Column,
    pub(crate) summary: Summary,
    /// Members that have a raw value and no scaled one (log1p of a value below 0).
    pub(crate) lost: u64,
}

/// Members as rows, metrics as columns. Rows are in the order of member ids by bytes; ids themselves are
/// not here, because no plugin sees them.
///
/// ```
/// use groundswell_runtime::{Column, Population, Scale};
///
/// let population = Population::new(3).with("answers", Column::Number([4.0, f64::NAN, 0.0].into()))?;
/// let Column::Number(scaled) = population.scaled("answers", Scale::Percentile)? else { unreachable!() };
/// assert_eq!(scaled[0], 0.75);
/// assert!(scaled[1].is_nan());
/// # Ok::<(), groundswell_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Population {
    rows: usize,
    columns: BTreeMap<String, Column>,
}

impl Population {
    /// A population of `rows` members and no metrics yet.
    pub fn new(rows: usize) -> Self {
        Self { rows, columns: BTreeMap::new() }
    }

    /// Adds, or replaces, a metric. −0 becomes 0 and every NaN the same, so that equal values have equal bits.
    ///
    /// # Errors
    ///
    /// [`Error::Population`] for a column of another length, an infinite value, a code beyond the
    /// dictionary, a dictionary that is not sorted by bytes, or one of more than 65,536 words or 4 MiB.
    pub fn with(mut self, metric: impl Into<String>, column: Column) -> Result<Self, Error> {
        let metric = metric.into();
        if let Some(what) = objection(&column, self.rows) {
            return Err(Error::Population { metric, what });
        }
        let column = match column {
            Column::Number(values) if values.iter().any(|&value| !is_canonical(value)) => {
                Column::Number(values.iter().map(|&value| canonical(value)).collect())
            }
            column => column,
        };
        self.columns.insert(metric, column);
        Ok(self)
    }

    /// The number of members.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The ids of all metrics, sorted.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// A metric's raw values, or None where the data does not have it.
    pub fn column(&self, metric: &str) -> Option<&Column> {
        self.columns.get(metric)
    }

    /// A metric on a scale over this population; wholly missing where the data does not have it.
    ///
    /// # Errors
    ///
    /// [`Error::Population`] where a category is asked of numbers, or the reverse.
    pub fn scaled(&self, metric: &str, scale: Scale) -> Result<Column, Error> {
        self.prepare(metric, scale).map(|prepared| prepared.scaled)
    }

    /// Every member's percentile of a numeric metric, NaN where they have no value; None where the
    /// metric is a category or absent.
    pub fn percentile(&self, metric: &str) -> Option<Vec<f64>> {
        match self.columns.get(metric)? {
            Column::Number(values) => Some(percentiles(values)),
            Column::Category { .. } => None,
        }
    }

    pub(crate) fn prepare_input(&self, input: &Input) -> Result<Prepared, Error> {
        self.prepare(&input.metric, input.scale)
    }

    /// An input's scale over this population, whose columns were found to be what inputs ask for.
    pub(crate) fn ruler(&self, input: &Input) -> Ruler {
        match self.columns.get(&input.metric) {
            Some(Column::Category { values, .. }) => Ruler::Category(Arc::clone(values)),
            Some(Column::Number(values)) => Ruler::Number(NumberRuler::new(sorted(values), input.scale)),
            None if input.scale == Scale::Category => Ruler::Category(Arc::new([])),
            None => Ruler::Number(NumberRuler::new(Vec::new(), input.scale)),
        }
    }

    fn prepare(&self, metric: &str, scale: Scale) -> Result<Prepared, Error> {
        match (self.columns.get(metric), scale) {
            (None, Scale::Category) => {
                let codes: Arc<[u32]> = vec![MISSING; self.rows].into();
                Ok(prepare_category(codes, Arc::new([])))
            }
            (None, _) => Ok(prepare_number(&vec![NAN; self.rows].into(), scale)),
            (Some(Column::Category { codes, values }), Scale::Category) => {
                Ok(prepare_category(Arc::clone(codes), Arc::clone(values)))
            }
            (Some(Column::Number(values)), scale) if scale != Scale::Category => {
                Ok(prepare_number(values, scale))
            }
            (Some(column), scale) => Err(Error::Population {
                metric: metric.to_owned(),
                what: match column {
                    Column::Number(_) => "it is a number and has no scale `category`".to_owned(),
                    Column::Category { .. } => {
                        format!("it is a category: its only scale is `category`, not `{scale}`")
                    }
                },
            }),
        }
    }
}

/// One bit pattern for 0, and one for what is not there.
pub(crate) fn canonical(value: f64) -> f64 {
    match value {
        _ if value.is_nan() => NAN,
        0.0 => 0.0,
        _ => value,
    }
}

fn is_canonical(value: f64) -> bool {
    canonical(value).to_bits() == value.to_bits()
}

fn objection(column: &Column, rows: usize) -> Option<String> {
    if column.len() != rows {
        return Some(format!("it has {} rows, the population {rows}", column.len()));
    }
    match column {
        Column::Number(values) => values
            .iter()
            .position(|value| value.is_infinite())
            .map(|row| format!("the value of row {row} is infinite")),
        Column::Category { values, .. } if !values.is_sorted_by(|left, right| left < right) => {
            Some("its dictionary is not sorted by bytes or has duplicates".to_owned())
        }
        Column::Category { values, .. } if values.len() > DICTIONARY_WORDS => Some(format!(
            "it has {} different words, a category has at most {}; group them, or leave the metric out",
            Figure(values.len()),
            Figure(DICTIONARY_WORDS)
        )),
        Column::Category { values, .. } if bytes(values) > DICTIONARY_BYTES => Some(format!(
            "its different words have {} bytes, those of a category at most {}; shorten or group them, or leave the \
             metric out",
            Figure(bytes(values)),
            Figure(DICTIONARY_BYTES)
        )),
        Column::Category { codes, values } => codes
            .iter()
            .position(|&code| code != MISSING && code as usize >= values.len())
            .map(|row| format!("the code of row {row} is beyond the dictionary")),
    }
}

fn bytes(words: &[String]) -> usize {
    words.iter().map(String::len).sum()
}

fn prepare_number(values: &Arc<[f64]>, scale: Scale) -> Prepared {
    let sorted = sorted(values);
    let median = quantile(&sorted, 50);
    let quantiles = (0..=100).map(|percent| canonical(quantile(&sorted, percent))).collect();
    let count = sorted.len() as u64;
    let ruler = NumberRuler::new(sorted, scale);
    let median_scaled = if median.is_nan() { NAN } else { ruler.scaled(median) };
    let scaled: Arc<[f64]> = match scale {
        Scale::Raw | Scale::Category => Arc::clone(values),
        Scale::Percentile => percentiles(values).into_iter().map(canonical).collect(),
        Scale::Log1p | Scale::ZScore => values.iter().map(|&value| ruler.scaled(value)).collect(),
    };
    let there = |values: &[f64]| values.iter().filter(|value| !value.is_nan()).count() as u64;
    Prepared {
        lost: count - there(&scaled),
        scaled: Column::Number(scaled),
        summary: Summary::Number(NumberSummary {
            count,
            missing: values.len() as u64 - count,
            mean: canonical(ruler.spread.mean()),
            sd: canonical(ruler.spread.sd()),
            quantiles,
            median_scaled,
        }),
    }
}

/// A scale over a population, for the values of anybody.
#[derive(Debug)]
pub(crate) enum Ruler {
    Number(NumberRuler),
    /// The population's dictionary.
    Category(Arc<[String]>),
}

impl Ruler {
    /// What a plugin sees of a metric that somebody has, wholly missing where it is not there. What nobody in the
    /// population has, no value and no word of it, is missing too: the plugin was told of none.
    pub(crate) fn applied(&self, column: Option<&Column>, rows: usize) -> Option<Column> {
        match (self, column) {
            (Self::Number(_), None) => Some(Column::Number(vec![NAN; rows].into())),
            (Self::Number(ruler), Some(Column::Number(values))) => {
                Some(Column::Number(values.iter().map(|&value| ruler.scaled(value)).collect()))
            }
            (Self::Category(values), None) => {
                Some(Column::Category { codes: vec![MISSING; rows].into(), values: Arc::clone(values) })
            }
            (Self::Category(known), Some(Column::Category { codes, values })) => {
                let known_code =
                    |word: &String| known.binary_search(word).map_or(MISSING, |code| code as u32);
                let known_codes: Vec<u32> = values.iter().map(known_code).collect();
                let code = |code: &u32| known_codes.get(*code as usize).copied().unwrap_or(MISSING);
                Some(Column::Category { codes: codes.iter().map(code).collect(), values: Arc::clone(known) })
            }
            _ => None,
        }
    }
}

/// A numeric scale over a population's values.
#[derive(Debug)]
pub(crate) struct NumberRuler {
    scale: Scale,
    spread: Spread,
    /// Whether anybody has a value.
    known: bool,
    /// All values in ascending order, on the scale that counts them.
    sorted: Vec<f64>,
}

impl NumberRuler {
    fn new(sorted: Vec<f64>, scale: Scale) -> Self {
        let (spread, known) = (Spread::of(&sorted), !sorted.is_empty());
        Self { scale, spread, known, sorted: if scale == Scale::Percentile { sorted } else { Vec::new() } }
    }

    /// A value of somebody's on the scale.
    fn scaled(&self, value: f64) -> f64 {
        if value.is_nan() || !self.known {
            return NAN;
        }
        canonical(match self.scale {
            Scale::Log1p if value < 0.0 => NAN,
            Scale::Log1p => libm::log1p(value),
            Scale::ZScore => self.spread.z_score(value),
            Scale::Percentile => percentile_of(&self.sorted, value),
            Scale::Raw | Scale::Category => value,
        })
    }
}

fn prepare_category(codes: Arc<[u32]>, values: Arc<[String]>) -> Prepared {
    let mut counts = vec![0_u64; values.len()];
    let mut missing = 0;
    for &code in codes.iter() {
        match counts.get_mut(code as usize) {
            Some(count) => *count += 1,
            None => missing += 1,
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let most_frequent = counts.iter().position(|&count| count == most && count > 0);
    Prepared {
        lost: 0,
        summary: Summary::Category(CategorySummary {
            count: codes.len() as u64 - missing,
            missing,
            counts,
            most_frequent: most_frequent.map_or(MISSING, |code| code as u32),
        }),
        scaled: Column::Category { codes, values },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[f64]) -> Population {
        Population::new(values.len()).with("m", Column::Number(values.into())).unwrap()
    }

    fn scaled(population: &Population, scale: Scale) -> Vec<f64> {
        match population.scaled("m", scale).unwrap() {
            Column::Number(values) => values.to_vec(),
            Column::Category { .. } => panic!("a number was asked for"),
        }
    }

    fn summary(population: &Population, scale: Scale) -> NumberSummary {
        match population.prepare("m", scale).unwrap().summary {
            Summary::Number(summary) => summary,
            Summary::Category(_) => panic!("a number was asked for"),
        }
    }

    #[test]
    fn log1p_loses_values_below_zero_and_counts_them() {
        let population = numbers(&[-0.5, 0.0, std::f64::consts::E - 1.0, f64::NAN]);
        let values = scaled(&population, Scale::Log1p);
        assert!(values[0].is_nan() && values[3].is_nan());
        assert_eq!(values[1..3], [0.0, 1.0]);
        let prepared = population.prepare("m", Scale::Log1p).unwrap();
        assert_eq!(prepared.lost, 1);
        assert_eq!(summary(&population, Scale::Log1p).missing, 1);
    }

    #[test]
    fn a_constant_column_has_z_scores_of_zero_and_its_gaps_stay() {
        let values = scaled(&numbers(&[0.1, f64::NAN, 0.1]), Scale::ZScore);
        assert_eq!((values[0], values[2]), (0.0, 0.0));
        assert!(values[1].is_nan());
    }

    #[test]
    fn the_median_is_an_observed_value_on_the_inputs_own_scale() {
        let population = numbers(&[1.0, 2.0, 3.0, 10.0]);
        assert_eq!(summary(&population, Scale::Raw).median_scaled, 2.0);
        assert_eq!(summary(&population, Scale::Percentile).median_scaled, 0.375);
        assert_eq!(summary(&population, Scale::Raw).quantiles.len(), 101);
    }

    #[test]
    fn negative_zero_is_zero_to_the_bit() {
        let values = scaled(&numbers(&[-0.0, 1.0]), Scale::Raw);
        assert_eq!(values[0].to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn nan_has_the_same_bits_wherever_it_came_from() {
        let odd =
            [0x7ff8_0000_0000_0000, 0xfff8_0000_0000_0000, 0x7ff0_0000_0000_0001, 0x7fff_ffff_dead_beef];
        let mut values = odd.map(f64::from_bits).to_vec();
        values.extend([-7.0, -7.0, 1.0]);
        for scale in [Scale::Raw, Scale::Log1p, Scale::ZScore, Scale::Percentile] {
            let scaled = scaled(&numbers(&values), scale);
            let nans: Vec<u64> =
                scaled.iter().filter(|value| value.is_nan()).map(|value| value.to_bits()).collect();
            assert!(nans.len() >= 4 && nans.iter().all(|&bits| bits == NAN.to_bits()), "{scale}: {nans:x?}");
            let NumberSummary { mean, sd, quantiles, median_scaled, .. } =
                summary(&numbers(&odd.map(f64::from_bits)), scale);
            for value in [mean, sd, median_scaled].iter().chain(&quantiles) {
                assert_eq!(value.to_bits(), NAN.to_bits(), "{scale}");
            }
        }
        assert_eq!(summary(&numbers(&values), Scale::Log1p).median_scaled.to_bits(), NAN.to_bits());
    }

    #[test]
    fn values_of_any_size_have_z_scores() {
        assert_eq!(
            scaled(&numbers(&[1e200, 2e200, 0.0]), Scale::ZScore),
            scaled(&numbers(&[1.0, 2.0, 0.0]), Scale::ZScore)
        );
    }

    #[test]
    fn a_metric_that_the_data_lacks_is_wholly_missing() {
        let population = Population::new(2);
        assert!(scaled(&population, Scale::ZScore).iter().all(|value| value.is_nan()));
        let summary = summary(&population, Scale::Raw);
        assert_eq!((summary.count, summary.missing), (0, 2));
        assert!(summary.mean.is_nan() && summary.median_scaled.is_nan());
        assert!(matches!(
            population.prepare("m", Scale::Category).unwrap().summary,
            Summary::Category(CategorySummary { count: 0, missing: 2, most_frequent: MISSING, .. })
        ));
    }

    #[test]
    fn of_equally_frequent_words_the_first_by_bytes_stands_for_the_median() {
        let words = [Some("staff"), None, Some("bot"), Some("staff"), Some("bot")];
        let column = Column::from_words(words);
        assert_eq!(column.word(0), Some("staff"));
        assert_eq!(column.word(1), None);
        let population = Population::new(5).with("m", column).unwrap();
        let Summary::Category(summary) = population.prepare("m", Scale::Category).unwrap().summary else {
            panic!("a category was asked for");
        };
        assert_eq!((summary.count, summary.missing, summary.most_frequent), (4, 1, 0));
        assert_eq!(summary.counts, [2, 2]);
    }

    #[test]
    fn a_dictionary_too_large_for_every_batch_is_refused() {
        let column = |words: usize, length: usize| {
            let values: Arc<[String]> =
                (0..words).map(|word| format!("{word:05}{}", "x".repeat(length - 5))).collect();
            Column::Category { codes: [0].into(), values }
        };
        let refuse = |column| Population::new(1).with("m", column).unwrap_err().to_string();
        insta::assert_snapshot!(refuse(column(65_537, 5)), @"metric `m` cannot be used: it has 65,537 different words, a category has at most 65,536; group them, or leave the metric out");
        insta::assert_snapshot!(refuse(column(4, (1 << 20) + 1)), @"metric `m` cannot be used: its different words have 4,194,308 bytes, those of a category at most 4,194,304; shorten or group them, or leave the metric out");
        for largest in [column(65_536, 5), column(4, 1 << 20)] {
            Population::new(1).with("m", largest).unwrap();
        }
    }

    #[test]
    fn columns_that_do_not_fit_are_refused() {
        let refuse = |column| Population::new(2).with("m", column).unwrap_err().to_string();
        insta::assert_snapshot!(refuse(Column::Number([1.0].into())), @"metric `m` cannot be used: it has 1 rows, the population 2");
        insta::assert_snapshot!(refuse(Column::Number([1.0, f64::INFINITY].into())), @"metric `m` cannot be used: the value of row 1 is infinite");
        let unsorted =
            Column::Category { codes: [0, 1].into(), values: ["b".to_owned(), "a".to_owned()].into() };
        insta::assert_snapshot!(refuse(unsorted), @"metric `m` cannot be used: its dictionary is not sorted by bytes or has duplicates");
        let beyond = Column::Category { codes: [0, 7].into(), values: ["a".to_owned()].into() };
        insta::assert_snapshot!(refuse(beyond), @"metric `m` cannot be used: the code of row 1 is beyond the dictionary");
        let population = numbers(&[1.0]);
        insta::assert_snapshot!(population.scaled("m", Scale::Category).unwrap_err(), @"metric `m` cannot be used: it is a number and has no scale `category`");
    }
}
