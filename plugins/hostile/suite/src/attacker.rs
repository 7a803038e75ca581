//! One attacker.

use groundswell_contract::Stamp;
use groundswell_plugin_build::stamp;

use crate::expected::{Expectation, expected};
use crate::{Expected, Part, made};

include!(concat!(env!("OUT_DIR"), "/folders.rs"));

/// The version in every attacker's stamp.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// All attacks in Rust, in one component.
const RUST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rust.wasm"));
/// All that are metrics, in another.
const METRICS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/metrics.wasm"));
/// What stands in it before the name of the one that it plays, and the bytes for that name.
const MARK: &[u8] = b"groundswell-attacker-is:";
const ROOM: usize = 64;

struct Listed {
    name: &'static str,
    family: &'static str,
    folder: Folder,
    variant: &'static str,
    tries: &'static str,
    source: Source,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Rust,
    Metric,
    Text(&'static [u8]),
    Bytes,
}

/// A plugin that attacks its host.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attacker {
    /// Its name: that of its folder, or, of a family, that and the variant's.
    pub name: &'static str,
    /// The name of its folder under `plugins/hostile/attacks`, which it may share with others.
    pub family: &'static str,
    /// The folder.
    pub folder: Folder,
    /// Which of its family it is; empty where it has none.
    pub variant: &'static str,
    /// What it tries, in a sentence.
    pub tries: &'static str,
    /// Which part of a plugin attacks.
    pub part: Part,
    /// What has to come of it in strict mode.
    pub strict: Expected,
    /// What has to come of it in fast mode.
    pub fast: Expected,
    /// How many batches it takes on one thread before it attacks.
    pub batches: usize,
    source: Source,
}

/// Every attacker, in the order of names.
pub fn all() -> Vec<Attacker> {
    let mut attackers: Vec<Attacker> = LISTED.iter().map(Attacker::new).collect();
    attackers.sort_by_key(|attacker| attacker.name);
    attackers
}

/// The honest plugin, with both parts, of which those attackers that end well answer the same.
pub fn good() -> Vec<u8> {
    playing("good")
}

/// The honest metric, of which those attackers that are metrics and end well answer the same.
pub fn good_metric() -> Vec<u8> {
    copied(METRICS, "good-metric")
}

impl Attacker {
    fn new(listed: &Listed) -> Self {
        let &Listed { name, family, folder, variant, tries, source } = listed;
        let Expectation { part, strict, fast, batches } = expected(folder, variant);
        Self { name, family, folder, variant, tries, part, strict, fast, batches, source }
    }

    /// Its file: a stamped component, unless that is the attack.
    pub fn bytes(&self) -> Vec<u8> {
        match self.source {
            Source::Rust => playing(self.name),
            Source::Metric => copied(METRICS, self.name),
            Source::Text(component) => stamped(component, self.name),
            Source::Bytes => made::made(self.folder, self.variant, self.name),
        }
    }

    /// Whether its file says who it is, so that whoever refuses it can name it.
    pub fn is_stamped(&self) -> bool {
        let unstamped = [
            Folder::Script,
            Folder::CoreModule,
            Folder::CutOff,
            Folder::NoStamp,
            Folder::TwoStamps,
            Folder::EnormousStamp,
            Folder::StampThatLies,
        ];
        !unstamped.contains(&self.folder) && (self.folder, self.variant) != (Folder::Nest, "thousand-deep")
    }
}

/// The component of the attacks in Rust, as this one.
pub(crate) fn playing(name: &str) -> Vec<u8> {
    copied(RUST, name)
}

/// A component of many attacks, as this one.
fn copied(all: &[u8], name: &str) -> Vec<u8> {
    let mut bytes = all.to_vec();
    if let Some(at) = all.windows(MARK.len()).position(|window| window == MARK) {
        let room = bytes.iter_mut().skip(at + MARK.len()).take(ROOM);
        room.zip(name.bytes().chain(std::iter::repeat(b' '))).for_each(|(byte, letter)| *byte = letter);
    }
    stamped(&bytes, name)
}

/// A component with the stamp of an attacker. A stub stays one.
pub(crate) fn stamped(component: &[u8], name: &str) -> Vec<u8> {
    stamp(component, &Stamp::new(name, VERSION)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attacker_has_a_name_of_its_own_and_bytes() {
        let attackers = all();
        assert!(attackers.len() >= 40);
        for pair in attackers.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} stands twice", pair[0].name);
        }
        for attacker in &attackers {
            assert!(!attacker.bytes().is_empty(), "{}", attacker.name);
            assert!(attacker.name.len() <= ROOM, "{}", attacker.name);
        }
    }

    #[test]
    fn the_place_for_the_role_stands_once_in_the_module() {
        for module in [RUST, METRICS] {
            let places = module.windows(MARK.len()).filter(|window| *window == MARK).count();
            assert_eq!(places, 1);
            let role = module.windows(MARK.len() + ROOM).find(|window| window.starts_with(MARK)).unwrap();
            assert_eq!(str::from_utf8(&role[MARK.len()..]).unwrap().trim_end(), "good");
        }
    }
}
