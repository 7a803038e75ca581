//! Hashing numbers, of which a pass over activities looks up millions.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Odd, its bits half ones and half zeros.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes small keys of numbers by a multiplication each. Every map has a secret of its own, so that nobody can choose ids that
/// fall together.
#[derive(Clone, Debug)]
pub(super) struct Mixing {
    secret: u64,
}

impl Default for Mixing {
    fn default() -> Self {
        Self { secret: RandomState::new().hash_one(FACTOR) }
    }
}

impl BuildHasher for Mixing {
    type Hasher = Mixer;

    fn build_hasher(&self) -> Mixer {
        Mixer(self.secret)
    }
}

/// A hash in the making.
#[derive(Debug)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((*byte).into()));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        // Both halves of the product, so that every bit of the number reaches every part of the hash.
        let product = u128::from(self.0 ^ number) * u128::from(FACTOR);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_numbers_lie_apart_in_every_part_of_the_hash() {
        let mixing = Mixing::default();
        for part in [0, 25, 57] {
            let mut seen = [0_u32; 128];
            for number in 0..12_800_u64 {
                seen[(mixing.hash_one((number as u32 % 8, number)) >> part) as usize & 127] += 1;
            }
            // A hundred on average, give or take ten.
            assert!(seen.iter().all(|count| (20..300).contains(count)), "{part}: {seen:?}");
        }
    }
}
