//! The chain: what each entry hashes, and how it is bound to the one before.

use std::fmt;

/// BLAKE3's contexts: a hash for one of these purposes is none for another.
const ENTRY: &str = "groundswell ledger 1 entry";
const SECRET: &str = "groundswell ledger 1 member and reason";
const STANDINGS: &str = "groundswell ledger 1 standings";

/// 32 bytes of BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub(crate) [u8; 32]);

impl Hash {
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// The hash of 64 hexadecimal digits.
    pub fn of_hex(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(|hash| Self(*hash.as_bytes()))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// Salt, member and reason, of which an entry shows the commitment alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secret<'a> {
    pub(crate) salt: &'a [u8; 32],
    pub(crate) member: &'a str,
    pub(crate) reason: &'a str,
}

impl Secret<'_> {
    /// Says nothing of member and reason to whoever has no salt, and fits no others.
    pub(crate) fn commitment(&self) -> Hash {
        let mut hasher = blake3::Hasher::new_derive_key(SECRET);
        [self.salt.as_slice(), self.member.as_bytes(), self.reason.as_bytes()]
            .into_iter()
            .for_each(|part| framed(&mut hasher, part));
        Hash(*hasher.finalize().as_bytes())
    }
}

/// What everybody may see of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Public<'a> {
    pub(crate) number: i64,
    /// The occurrence of an award that it is about; none for what is about the ledger as a whole.
    pub(crate) claim: Option<i64>,
    pub(crate) state: &'a str,
    pub(crate) award: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) period: &'a str,
    pub(crate) occurrence: i64,
    pub(crate) counted: &'a str,
    pub(crate) amount: i64,
    pub(crate) at: i64,
    pub(crate) recorded: i64,
    pub(crate) actor: &'a str,
    pub(crate) receipt: &'a str,
    pub(crate) detail: &'a str,
    pub(crate) commitment: Option<Hash>,
}

impl Public<'_> {
    /// The hash of an entry behind the one that has the hash `before`.
    ///
    /// Over `before` and every field in the order above, each with its length in front as a 64-bit number; numbers are little
    /// endian, what is absent is empty.
    pub(crate) fn hash(&self, before: Hash) -> Hash {
        let mut hasher = blake3::Hasher::new_derive_key(ENTRY);
        let claim = self.claim.map(i64::to_le_bytes);
        let parts: [&[u8]; 16] = [
            &before.0,
            &self.number.to_le_bytes(),
            claim.as_ref().map_or(&[], |claim| claim.as_slice()),
            self.state.as_bytes(),
            self.award.as_bytes(),
            self.kind.as_bytes(),
            self.period.as_bytes(),
            &self.occurrence.to_le_bytes(),
            self.counted.as_bytes(),
            &self.amount.to_le_bytes(),
            &self.at.to_le_bytes(),
            &self.recorded.to_le_bytes(),
            self.actor.as_bytes(),
            self.receipt.as_bytes(),
            self.detail.as_bytes(),
            self.commitment.as_ref().map_or(&[], |commitment| commitment.0.as_slice()),
        ];
        parts.into_iter().for_each(|part| framed(&mut hasher, part));
        Hash(*hasher.finalize().as_bytes())
    }
}

/// Gathers where members stand, in the order of their ids by bytes.
pub(crate) struct Standings(blake3::Hasher);

impl Standings {
    /// Whoever does not have the salt cannot try who it was that is in it.
    pub(crate) fn new(salt: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(STANDINGS);
        framed(&mut hasher, salt);
        Self(hasher)
    }

    pub(crate) fn sighting(&mut self, as_of: i64, member: &str, said: &str, counts: &str) {
        framed(&mut self.0, &as_of.to_le_bytes());
        [member, said, counts].into_iter().for_each(|part| framed(&mut self.0, part.as_bytes()));
    }

    /// `said` is the tier that the run said where another one counted, and `cause` what is behind it, in one text.
    pub(crate) fn add(
        &mut self,
        (member, tier, said): (&str, &str, Option<&str>),
        rung: Option<u8>,
        as_of: i64,
        cause: &str,
    ) {
        framed(&mut self.0, member.as_bytes());
        framed(&mut self.0, tier.as_bytes());
        framed(&mut self.0, rung.as_slice());
        framed(&mut self.0, &as_of.to_le_bytes());
        framed(&mut self.0, cause.as_bytes());
        // Nothing where nothing is, as in ledgers that knew of none.
        if let Some(said) = said {
            framed(&mut self.0, b"said");
            framed(&mut self.0, said.as_bytes());
        }
    }

    pub(crate) fn hash(&self) -> Hash {
        Hash(*self.0.finalize().as_bytes())
    }
}

fn framed(hasher: &mut blake3::Hasher, part: &[u8]) {
    hasher.update(&(part.len() as u64).to_le_bytes());
    hasher.update(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Public<'static> {
        Public {
            number: 7,
            claim: Some(3),
            state: "granted",
            award: "helper",
            kind: "badge",
            period: "2020-05",
            occurrence: 1,
            counted: "2020-05",
            amount: 1,
            at: 5,
            recorded: 6,
            actor: "plugin regulars 0.1.0",
            receipt: "ab",
            detail: "",
            commitment: Some(Hash([1; 32])),
        }
    }

    #[test]
    fn every_field_and_the_entry_before_change_the_hash() {
        type Change = fn(&mut Public<'static>);
        let changes: [Change; 15] = [
            |entry| entry.number += 1,
            |entry| entry.claim = None,
            |entry| entry.state = "revoked",
            |entry| entry.award = "helpe",
            |entry| entry.kind = "circle",
            |entry| entry.period = "",
            |entry| entry.occurrence += 1,
            |entry| entry.counted = "",
            |entry| entry.amount += 1,
            |entry| entry.at += 1,
            |entry| entry.recorded += 1,
            |entry| entry.actor = "",
            |entry| entry.receipt = "",
            |entry| entry.detail = "x",
            |entry| entry.commitment = None,
        ];
        let before = Hash([9; 32]);
        let mut hashes = vec![entry().hash(before).0, entry().hash(Hash::default()).0];
        // What moves from one field into the next is seen too.
        let moved = Public { award: "helperb", kind: "adge", ..entry() };
        hashes.push(moved.hash(before).0);
        for change in changes {
            let mut other = entry();
            change(&mut other);
            hashes.push(other.hash(before).0);
        }
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
    }

    #[test]
    fn a_commitment_fits_its_salt_member_and_reason_alone() {
        let of = |salt: &[u8; 32], member, reason| Secret { salt, member, reason }.commitment();
        let first = of(&[1; 32], "ada", "helped");
        assert_eq!(first, of(&[1; 32], "ada", "helped"));
        for other in [of(&[2; 32], "ada", "helped"), of(&[1; 32], "ad", "ahelped"), of(&[1; 32], "ada", "")] {
            assert_ne!(first, other);
        }
    }
}
