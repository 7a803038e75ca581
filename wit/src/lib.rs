//! The Groundswell plugin contract as Rust sees it: the WIT text, its version and digest, and the
//! [`Stamp`] that every component carries.
//!
//! The files beside this crate are the contract; this crate only makes sure that host and builder speak
//! of the same one.
//!
//! ```
//! use groundswell_contract::{Stamp, VERSION, digest};
//!
//! let stamp = Stamp::new("regulars", "1.0.0");
//! assert_eq!(stamp.contract, VERSION);
//! assert_eq!(stamp.contract_digest.as_deref(), Some(digest()));
//! assert_eq!(Stamp::from_json(&stamp.to_json())?, stamp);
//! # Ok::<(), groundswell_contract::StampError>(())
//! ```

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// The version of the contract, as in `package groundswell:plugin@VERSION`.
pub const VERSION: &str = "0.1.0";

/// Whether [`VERSION`] may still change. While it may, stamps carry the digest of the text as well.
pub const IS_DRAFT: bool = true;

/// The name of the custom section that holds a component's [`Stamp`].
pub const STAMP_SECTION: &str = "groundswell-plugin";

/// The contract's files: name and text, in the order of their names.
pub const FILES: [(&str, &str); 7] = [
    ("log.wit", include_str!("../log.wit")),
    ("measuring.wit", include_str!("../measuring.wit")),
    ("network.wit", include_str!("../network.wit")),
    ("rewards.wit", include_str!("../rewards.wit")),
    ("scoring.wit", include_str!("../scoring.wit")),
    ("types.wit", include_str!("../types.wit")),
    ("worlds.wit", include_str!("../worlds.wit")),
];

/// The BLAKE3 digest of the contract's text, as 64 hexadecimal digits.
///
/// Covers names and texts of [`FILES`], comments included, with line ends normalised to LF.
pub fn digest() -> &'static str {
    static DIGEST: OnceLock<String> = OnceLock::new();
    DIGEST.get_or_init(|| digest_of(FILES.iter().copied()))
}

/// The digest of any contract's files, given in the order of their names. See [`digest`].
pub fn digest_of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, text) in files {
        let text = text.replace("\r\n", "\n");
        for part in [name, text.as_str()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hasher.finalize().to_hex().to_string()
}

/// What a component says of itself before anything in it runs: JSON in the custom section
/// [`STAMP_SECTION`] of the outermost component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The contract version that the component was built for.
    pub contract: String,
    /// The [`digest`] of that contract, while it is a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_digest: Option<String>,
    /// The plugin's name, from its manifest.
    pub name: String,
    /// The plugin's version, from its manifest.
    pub version: String,
}

impl Stamp {
    /// The stamp of a plugin built for this contract.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            contract: VERSION.to_owned(),
            contract_digest: IS_DRAFT.then(|| digest().to_owned()),
            name: name.into(),
            version: version.into(),
        }
    }

    /// The section's content.
    pub fn to_json(&self) -> Vec<u8> {
        // A struct of strings always serialises; an empty stamp would be refused by every host.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a section's content. Fields that this version does not know are ignored, so that a newer
    /// contract can still be named in an error.
    ///
    /// # Errors
    ///
    /// [`StampError`] where the content is not such JSON.
    pub fn from_json(bytes: &[u8]) -> Result<Self, StampError> {
        serde_json::from_slice(bytes).map_err(StampError)
    }
}

/// A stamp that cannot be read.
#[derive(Debug)]
pub struct StampError(serde_json::Error);

impl std::fmt::Display for StampError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the stamp is not readable: {}", self.0)
    }
}

impl std::error::Error for StampError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_ignores_line_ends_and_nothing_else() {
        let unix = digest_of([("a.wit", "one\ntwo\n")]);
        assert_eq!(unix, digest_of([("a.wit", "one\r\ntwo\r\n")]));
        assert_ne!(unix, digest_of([("a.wit", "one\ntwo \n")]));
        assert_ne!(unix, digest_of([("b.wit", "one\ntwo\n")]));
    }

    #[test]
    fn a_stamp_from_a_newer_contract_can_still_be_read() -> Result<(), StampError> {
        let stamp = Stamp::from_json(br#"{"contract":"9.0.0","name":"x","version":"1.0.0","new":[1]}"#)?;
        assert_eq!(stamp.contract, "9.0.0");
        assert_eq!(stamp.contract_digest, None);
        Ok(())
    }

    #[test]
    fn every_contract_file_declares_the_version() {
        for (name, text) in FILES {
            assert!(
                text.contains(&format!("package groundswell:plugin@{VERSION};")),
                "{name} declares another version"
            );
        }
    }
}
