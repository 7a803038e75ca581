//! How plugins are bounded.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How plugins are bounded, and how much the host does so that nothing but the question can decide an answer.
///
/// | | [`Strict`](Self::Strict) | [`Fast`](Self::Fast) |
/// | --- | --- | --- |
/// | bound on a call | fuel, the same on every computer, and a wall backstop | a deadline on the wall clock |
/// | instances | a fresh one, with a fresh `fit`, for every batch and question | one a thread and step, kept warm |
/// | state between calls | impossible | looked for: a fresh instance is asked again about up to eight batches of each step |
/// | dependence on other rows and their order | looked for: about one batch of each step is asked again, in another order | looked for, about the same eight |
/// | NaN bits | canonical | the processor's; the host looks at none |
/// | a fault | the same everywhere, at the same batch size and engine version | may depend on the machine's speed |
///
/// A guest that looks at the bits of what is no number, such as its sign, answers otherwise on another processor in fast
/// mode, and nothing finds that: `fast` promises the same bits for guests that do not. In strict mode there is nothing to
/// see.
///
/// Both refuse relaxed SIMD, which differs between processors, and check every answer. Code compiled for one
/// mode is never run in the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// By fuel: the same answers and the same faults on every computer. The default.
    #[default]
    Strict,
    /// By a deadline: up to three times as fast, for plugins that are trusted to be pure.
    Fast,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Fast => "fast",
        })
    }
}
