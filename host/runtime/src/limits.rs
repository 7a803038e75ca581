//! What a plugin may use.

use serde::Serialize;

/// What one plugin may use of the host, and what happens beyond it: a named fault of that plugin, whose
/// instance is thrown away.
///
/// A *call* is one question to a plugin in a fresh instance: instantiate, `fit` (or `open`), and one of
/// `score`, `place`, `explain` and `decide` over one batch. Limits are per call, so they do not depend on
/// how many members a community has.
///
/// ```
/// use groundswell_runtime::Limits;
///
/// let limits = Limits { memory_bytes: 16 << 20, ..Limits::new() };
/// assert_eq!(limits.fuel(8_192), 1_000_000_000 + 8_192 * 100_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Linear memory of an instance, all its memories together, in bytes.
    pub memory_bytes: usize,
    /// Elements of an instance's tables, all together.
    pub table_elements: usize,
    /// Stack of a guest, in bytes.
    pub stack_bytes: usize,
    /// Fuel of a call, whatever its batch: about one unit an instruction. Deterministic.
    pub fuel_per_call: u64,
    /// Fuel that every row of the batch adds.
    pub fuel_per_row: u64,
    /// Wall time of a call in milliseconds: the backstop for what fuel does not see, such as filling
    /// memory in bulk. Reaching it depends on the machine, so it is far away.
    pub wall_millis: u64,
    /// What the host copies out of a guest in one answer, whatever the batch, in bytes.
    pub answer_bytes: usize,
    /// What every row of the batch adds to it.
    pub answer_bytes_per_row: usize,
    /// Log lines of a call; later ones are dropped and counted.
    pub log_lines: u32,
    /// Characters of a log line; the rest is cut.
    pub log_line_chars: usize,
    /// Size of a component, in bytes. Bounds the time that compiling takes, which cannot be interrupted.
    pub component_bytes: usize,
    /// Instances alive at once in a runtime, over all plugins; a call waits for a free place.
    pub instances: u32,
}

impl Limits {
    /// The defaults:
    ///
    /// | limit | default | why |
    /// | --- | --- | --- |
    /// | `memory_bytes` | 64 MiB | a batch of 64 inputs × 8,192 rows is 4 MiB |
    /// | `table_elements` | 10,000 | a large Rust guest has hundreds |
    /// | `stack_bytes` | 512 KiB | half of what a Rust guest's own shadow stack has |
    /// | `fuel_per_call` | 1,000,000,000 | under a second for a guest that does nothing else |
    /// | `fuel_per_row` | 100,000 | a hundred times what a costly definition needs |
    /// | `wall_millis` | 60,000 | fuel runs out long before on any machine in use |
    /// | `answer_bytes` | 1 MiB | the longest description that the contract allows fits |
    /// | `answer_bytes_per_row` | 1 KiB | 64 contributions, 8 reasons and 16 awards fit |
    /// | `log_lines` | 100 | enough to debug, too few to flood |
    /// | `log_line_chars` | 1,000 | a long sentence or a short table row |
    /// | `component_bytes` | 32 MiB | Python and JavaScript components are 12–18 MB |
    /// | `instances` | 64 | address space is set aside for each |
    pub const fn new() -> Self {
        Self {
            memory_bytes: 64 << 20,
            table_elements: 10_000,
            stack_bytes: 512 << 10,
            fuel_per_call: 1_000_000_000,
            fuel_per_row: 100_000,
            wall_millis: 60_000,
            answer_bytes: 1 << 20,
            answer_bytes_per_row: 1 << 10,
            log_lines: 100,
            log_line_chars: 1_000,
            component_bytes: 32 << 20,
            instances: 64,
        }
    }

    /// The fuel of a call over a batch of `rows`.
    pub const fn fuel(&self, rows: usize) -> u64 {
        self.fuel_per_call.saturating_add(self.fuel_per_row.saturating_mul(rows as u64))
    }

    /// What the host copies out of an answer about a batch of `rows`, in bytes.
    pub const fn answer(&self, rows: usize) -> usize {
        self.answer_bytes.saturating_add(self.answer_bytes_per_row.saturating_mul(rows))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
