//! The community as a metric sees it.

use std::rc::Rc;

use crate::bindings::metric::groundswell::plugin::network;
use crate::input::Inputs;
use crate::{Column, Input, InputKey};

/// The community as a [`Metric`](crate::Metric) sees it: members by number, what is known of them, and the ties between
/// them. In a component the host hands it out piece by piece; in tests it is made by hand.
///
/// Members are numbered from 0. Those who opted out and those with an excluded role are not among them, nor are their
/// ties.
///
/// ```
/// use groundswell_plugin::{Column, Community, Input, Ties};
///
/// let inputs = [Input::raw("audience", ""), Input::category("role", "")];
/// let roles = Column::Category { codes: vec![0, u32::MAX], values: vec!["staff".to_owned()].into() };
/// let community = Community::new(2)
///     .with_inputs(&inputs, vec![Column::Number(vec![120.0, f64::NAN]), roles])
///     .with_network(Ties::new(vec![0], vec![1], vec![3], vec![3.0]));
/// assert_eq!(community.numbers("audience")[0], 120.0);
/// assert_eq!(community.words("role"), [Some("staff".to_owned()), None]);
/// assert_eq!(community.ties(0).map(|ties| ties.len()).sum::<usize>(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Community {
    members: usize,
    inputs: Inputs,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// The host.
    Host,
    /// What a test has made.
    Made { columns: Vec<Column>, networks: Vec<Ties>, piece: usize },
}

/// Ties between two different members: one element a tie in every column, in the order of `source` and then `target`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Ties {
    /// Who gave, or follows.
    pub source: Vec<u32>,
    /// Who received, or is followed.
    pub target: Vec<u32>,
    /// How many activities the tie stands for, at least 1. Follows: 1.
    pub count: Vec<u32>,
    /// The sum of their weights, signed; decayed where the network has a half-life. Follows: 1.
    pub weight: Vec<f64>,
}

impl Ties {
    /// Ties of these columns.
    ///
    /// # Panics
    ///
    /// Where they are not of the same length.
    pub fn new(source: Vec<u32>, target: Vec<u32>, count: Vec<u32>, weight: Vec<f64>) -> Self {
        let ties = Self { source, target, count, weight };
        let lengths = [ties.target.len(), ties.count.len(), ties.weight.len()];
        assert!(lengths.iter().all(|length| *length == ties.len()), "the columns of ties differ in length");
        ties
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    fn some(&self, first: usize, piece: usize) -> Self {
        let end = self.len().min(first.saturating_add(piece));
        let range = first.min(end)..end;
        fn of<T: Clone>(list: &[T], range: &std::ops::Range<usize>) -> Vec<T> {
            list.get(range.clone()).unwrap_or_default().to_vec()
        }
        Self {
            source: of(&self.source, &range),
            target: of(&self.target, &range),
            count: of(&self.count, &range),
            weight: of(&self.weight, &range),
        }
    }
}

impl Community {
    /// A community of so many members, of whom nothing is known yet. For tests.
    pub fn new(members: usize) -> Self {
        let source = Source::Made { columns: Vec::new(), networks: Vec::new(), piece: usize::MAX };
        Self { members, inputs: Inputs::default(), source }
    }

    /// What the host hands out.
    pub(crate) fn of_host(inputs: fn() -> Vec<Input>) -> Self {
        Self {
            members: network::members() as usize,
            inputs: Inputs::described_by(inputs),
            source: Source::Host,
        }
    }

    /// Says what is known of members: a column an input, in declared order. For tests.
    pub fn with_inputs(mut self, inputs: &[Input], values: Vec<Column>) -> Self {
        self.inputs = Inputs::of(inputs);
        if let Source::Made { columns, .. } = &mut self.source {
            *columns = values;
        }
        self
    }

    /// Adds the ties of the next network. For tests.
    pub fn with_network(mut self, ties: Ties) -> Self {
        if let Source::Made { networks, .. } = &mut self.source {
            networks.push(ties);
        }
        self
    }

    /// Hands out so much at a time, at least 1, as a host might. For tests.
    pub fn in_pieces_of(mut self, most: usize) -> Self {
        if let Source::Made { piece, .. } = &mut self.source {
            *piece = most.max(1);
        }
        self
    }

    /// How many members there are.
    pub fn members(&self) -> usize {
        self.members
    }

    /// The numbers of an input, one a member; NaN for who has none.
    ///
    /// # Panics
    ///
    /// Where no such input is declared, or it is a category.
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub fn numbers(&self, input: impl InputKey) -> Vec<f64> {
        let place = self.inputs.place(input.key());
        let mut all = Vec::with_capacity(self.members);
        while all.len() < self.members {
            match self.values(place, all.len()) {
                Column::Number(some) if !some.is_empty() => all.extend(some),
                Column::Number(_) => break,
                Column::Category { .. } => panic!("input {place} is a category"),
            }
        }
        all
    }

    /// The words of an input, one a member; `None` for who has none.
    ///
    /// # Panics
    ///
    /// Where no such input is declared, or it is a number.
    pub fn words(&self, input: impl InputKey) -> Vec<Option<String>> {
        let (codes, values) = self.category(input);
        codes.into_iter().map(|code| values.get(code as usize).cloned()).collect()
    }

    /// A category as codes into its dictionary, one a member; [`MISSING`](crate::MISSING) for who has none.
    ///
    /// # Panics
    ///
    /// As [`Community::words`].
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub fn category(&self, input: impl InputKey) -> (Vec<u32>, Rc<[String]>) {
        let place = self.inputs.place(input.key());
        let mut all = Vec::with_capacity(self.members);
        let mut dictionary: Rc<[String]> = Rc::from([]);
        while all.len() < self.members {
            match self.values(place, all.len()) {
                Column::Category { codes, values } if !codes.is_empty() => {
                    all.extend(codes);
                    dictionary = values;
                }
                Column::Category { .. } => break,
                Column::Number(_) => panic!("input {place} is a number"),
            }
        }
        (all, dictionary)
    }

    /// The ties of a network, by its place in what [`Metric::networks`](crate::Metric::networks) answered, piece by piece.
    pub fn ties(&self, network: usize) -> impl Iterator<Item = Ties> {
        let mut first = 0;
        std::iter::from_fn(move || {
            let ties = self.ties_from(network, first);
            first += ties.len();
            (!ties.is_empty()).then_some(ties)
        })
    }

    fn values(&self, place: usize, first: usize) -> Column {
        match &self.source {
            Source::Host => network::values_from(place as u32, first as u32).into(),
            Source::Made { columns, piece, .. } => {
                let column = columns.get(place).cloned().unwrap_or(Column::Number(Vec::new()));
                let (from, most) = (first, *piece);
                fn some<T>(all: Vec<T>, first: usize, piece: usize) -> Vec<T> {
                    all.into_iter().skip(first).take(piece).collect()
                }
                match column {
                    Column::Number(values) => Column::Number(some(values, from, most)),
                    Column::Category { codes, values } => {
                        Column::Category { codes: some(codes, from, most), values }
                    }
                }
            }
        }
    }

    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    fn ties_from(&self, network: usize, first: usize) -> Ties {
        match &self.source {
            Source::Host => {
                let network::Ties { source, target, count, weight } =
                    network::ties_from(network as u32, first as u64);
                Ties { source, target, count, weight }
            }
            Source::Made { networks, piece, .. } => match networks.get(network) {
                Some(ties) => ties.some(first, *piece),
                None => panic!("network {network} was not declared, only {}", networks.len()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_whole() {
        let numbers: Vec<f64> = (0..25).map(f64::from).collect();
        let ties = Ties::new((0..25).collect(), (1..26).collect(), vec![1; 25], numbers.clone());
        let inputs = [Input::raw("answers", "")];
        for piece in [1, 7, 25, 100] {
            let community = Community::new(25)
                .with_inputs(&inputs, vec![Column::Number(numbers.clone())])
                .with_network(ties.clone())
                .in_pieces_of(piece);
            assert_eq!(community.numbers("answers"), numbers);
            let weights: Vec<f64> = community.ties(0).flat_map(|ties| ties.weight).collect();
            assert_eq!(weights, numbers);
        }
    }

    #[test]
    #[should_panic(expected = "network 1 was not declared, only 0")]
    fn a_network_that_was_not_declared_is_named() {
        _ = Community::new(1).ties(1).count();
    }
}
