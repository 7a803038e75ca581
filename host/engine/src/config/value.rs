//! What a setting is set to.

use serde::{Deserialize, Serialize};

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number, finite.
    Number(f64),
    /// Text.
    Text(String),
}
