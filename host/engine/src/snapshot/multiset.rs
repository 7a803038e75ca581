//! The hash of a multiset of rows, which knows neither their order nor how they came together.

/// Words of 64 bits in a sum: 2,048 bits.
const WORDS: usize = 32;
/// Bytes of a sum.
const BYTES: usize = WORDS * 8;

/// The sum of the hashes of rows, modulo 2^2048: adding a row and taking it away again leaves what was there, in any
/// order, so that rows need not be kept to know the hash of all of them.
///
/// This is the additive hash of Bellare and Micciancio (A new paradigm for collision-free hashing, EUROCRYPT 1997), each
/// row's summand being 2,048 bits of BLAKE3's extended output over its canonical form. The modulus is so wide because of
/// Wagner's generalised birthday search (CRYPTO 2002), which takes about 2^(2√n) steps against n bits: 2^90 here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Multiset {
    words: [u64; WORDS],
    rows: u64,
}

impl Default for Multiset {
    fn default() -> Self {
        Self { words: [0; WORDS], rows: 0 }
    }
}

impl Multiset {
    /// Adds a row.
    pub(super) fn add(&mut self, form: &[u8]) {
        self.rows += 1;
        let mut carry = false;
        for (word, summand) in self.words.iter_mut().zip(summand(form)) {
            (*word, carry) = word.carrying_add(summand, carry);
        }
    }

    /// Takes a row away that was added before.
    pub(super) fn remove(&mut self, form: &[u8]) {
        self.rows -= 1;
        let mut borrow = false;
        for (word, summand) in self.words.iter_mut().zip(summand(form)) {
            (*word, borrow) = word.borrowing_sub(summand, borrow);
        }
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The sum, the lowest byte first.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}

fn summand(form: &[u8]) -> impl Iterator<Item = u64> {
    let mut bytes = [0; BYTES];
    blake3::Hasher::new().update(form).finalize_xof().fill(&mut bytes);
    let (words, _) = bytes.as_chunks::<8>();
    let words: [u64; WORDS] =
        std::array::from_fn(|at| words.get(at).map_or(0, |word| u64::from_le_bytes(*word)));
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of<'r>(rows: impl IntoIterator<Item = &'r Vec<u8>>) -> Multiset {
        let mut sum = Multiset::default();
        rows.into_iter().for_each(|row| sum.add(row));
        sum
    }

    proptest! {
        #[test]
        fn order_is_forgotten_and_every_row_counts(
            (rows, shuffled) in proptest::collection::vec(proptest::collection::vec(0u8..3, 0..3), 1..8)
                .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
            at in any::<proptest::sample::Index>(),
        ) {
            prop_assert_eq!(of(&rows), of(&shuffled));
            let mut less = of(&rows);
            let gone = at.index(rows.len());
            less.remove(&rows[gone]);
            let rest = rows.iter().enumerate().filter(|(row, _)| *row != gone).map(|(_, row)| row);
            prop_assert_eq!(&less, &of(rest));
            less.add(b"another");
            prop_assert_ne!(less, of(&rows));
        }
    }
}
