//! What a plugin may use.

use serde::Serialize;

use crate::text::Figure;
use crate::workers::thread_stack;

/// A limit by its name: what `community.toml` can set, and messages speak of.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limit {
    /// kebab-case, as in `[limits]` of a `community.toml`.
    pub name: &'static str,
    /// What is counted.
    pub unit: &'static str,
    /// The value where nobody says otherwise.
    pub default: u64,
    /// The smallest value that it can have.
    pub least: u64,
    /// The largest value that it can have.
    pub most: u64,
    /// Why the default is what it is.
    pub why: &'static str,
    get: fn(&Limits) -> u64,
    set: fn(&mut Limits, u64),
}

/// A limit that does not exist, or a value that it cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// No limit has this name.
    #[error("there is no limit `{name}`")]
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// The value is out of range.
    #[error(
        "limit `{name}` cannot be {}: it is from {} to {} {unit}",
        Figure(*requested), Figure(*least), Figure(*most)
    )]
    OutOfRange {
        /// The limit.
        name: &'static str,
        /// What it counts.
        unit: &'static str,
        /// The value that was given.
        requested: u64,
        /// The smallest value that it can have.
        least: u64,
        /// The largest value that it can have, by itself or by what the runtime was made for.
        most: u64,
    },
}

macro_rules! limits {
    ($(
        $(#[$doc:meta])*
        $field:ident: $type:ty = $default:expr, $shown:literal,
        $name:literal in $unit:literal, $least:expr, $most:expr, $why:literal;
    )*) => {
        /// What one plugin may use of the host, and what happens beyond it: a named fault of that plugin, whose
        /// instance is thrown away.
        ///
        /// A *call* is one question to a plugin about one batch: `score`, `place`, `explain` or `decide`, with, in a
        /// fresh instance, the `fit` or `open` before it; `measure` is one about a whole community. Limits are per call, so they do not depend on how many
        /// members a community has.
        ///
        /// Limits may be added: write `..Limits::new()`.
        ///
        /// ```
        /// use groundswell_runtime::Limits;
        ///
        /// let limits = Limits { memory_bytes: 16 << 20, ..Limits::new() };
        /// assert_eq!(limits.fuel(8_192), 1_000_000_000 + 8_192 * 100_000);
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
        pub struct Limits {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl Limits {
            /// The defaults:
            ///
            /// | limit | in `community.toml` | default | why |
            /// | --- | --- | --- | --- |
            $(#[doc = concat!("| `", stringify!($field), "` | `", $name, "` | ", $shown, " | ", $why, " |")])*
            pub const fn new() -> Self {
                Self { $($field: $default,)* }
            }

            /// Every limit, in the order of the fields.
            pub const fn all() -> &'static [Limit] {
                &[$(Limit {
                    name: $name,
                    unit: $unit,
                    default: $default as u64,
                    least: $least,
                    most: $most,
                    why: $why,
                    get: |limits| limits.$field as u64,
                    set: |limits, value| limits.$field = value as $type,
                },)*]
            }
        }
    };
}

limits! {
    /// Linear memory of an instance, in bytes. A component has one memory at most, which its modules share.
    memory_bytes: usize = 64 << 20, "64 MiB",
        "memory-bytes" in "bytes", 64 << 10, 4 << 30, "a batch of 64 inputs × 8,192 rows is 4 MiB; Python needs 40";
    /// Elements of an instance's tables, all together.
    table_elements: usize = 100_000, "100,000",
        "table-elements" in "elements", 0, 10_000_000, "a Rust guest has hundreds, JavaScript and Python tens of thousands";
    /// Stack of a guest, in bytes.
    stack_bytes: usize = 512 << 10, "512 KiB",
        "stack-bytes" in "bytes", 16 << 10, 64 << 20, "half of what a Rust guest's own shadow stack has";
    /// Strict mode: fuel of a call, whatever its batch. About one unit an instruction, eight a division or square
    /// root, one a byte that is copied or filled in bulk, a thousand a call of the host and one for each byte that it is
    /// about. Deterministic.
    fuel_per_call: u64 = 1_000_000_000, "1,000,000,000",
        "fuel-per-call" in "units", 1, 1 << 60, "about a second for a guest that does nothing else";
    /// Strict mode: fuel that every row of the batch adds; of a metric's question, every member and every tie.
    fuel_per_row: u64 = 100_000, "100,000",
        "fuel-per-row" in "units", 0, 1 << 40, "a hundred times what a costly definition needs";
    /// Strict mode: wall time of a call in milliseconds, the backstop for what fuel does not see. Reaching it depends
    /// on the machine, so it is far away. A metric has as much once more for every 100,000 members and ties.
    wall_millis: u64 = 60_000, "60,000",
        "wall-millis" in "milliseconds", 20, 1 << 40, "fuel runs out long before on any machine in use";
    /// Fast mode: wall time of a call in milliseconds; of a metric as much once more for every 100,000 members and ties.
    fast_wall_millis: u64 = 10_000, "10,000",
        "fast-wall-millis" in "milliseconds", 20, 1 << 40, "a hundred times what a slow guest needs for a batch";
    /// What the host copies out of a guest in one answer, whatever the batch, in bytes.
    answer_bytes: usize = 1 << 20, "1 MiB",
        "answer-bytes" in "bytes", 4 << 10, 1 << 30, "the longest description that the contract allows fits";
    /// What every row of the batch adds to it.
    answer_bytes_per_row: usize = 1 << 10, "1 KiB",
        "answer-bytes-per-row" in "bytes", 0, 1 << 20, "64 contributions, 8 reasons and 16 awards fit";
    /// Different log lines of a run; equal ones are written once and counted, later ones dropped and counted.
    log_lines: u32 = 100, "100",
        "log-lines" in "lines", 0, 1_000_000, "enough to debug, too few to flood";
    /// Characters of a log line; the rest is cut.
    log_line_chars: usize = 1_000, "1,000",
        "log-line-chars" in "characters", 0, 1_000_000, "a long sentence or a short table row";
    /// Handles of resources that an instance holds at once, its own and those of WASI.
    handles: usize = 10_000, "10,000",
        "handles" in "handles", 16, 10_000_000, "the host keeps some bytes for each; a plugin has a handful";
    /// Size of a component, in bytes. With the three that follow it bounds the time and memory that compiling takes,
    /// which cannot be interrupted.
    component_bytes: usize = 32 << 20, "32 MiB",
        "component-bytes" in "bytes", 1, 1 << 30, "Python and JavaScript components are 12–18 MB";
    /// Functions of a component, over all its modules.
    component_functions: usize = 50_000, "50,000",
        "component-functions" in "functions", 1, 1_000_000, "four times Python's engine, which has 13,343; JavaScript's has 12,717";
    /// Size of a function's code, in bytes. Compiling one takes more than proportionally long.
    function_bytes: usize = 512 << 10, "512 KiB",
        "function-bytes" in "bytes", 1, 7_654_321, "the largest of Python's engine has 426,843; of JavaScript's, 171,628";
    /// What there is to compile, estimated from every function's instructions: weight × (1 + weight / 16,384), where a
    /// byte weighs one and loops, branches, calls and the values that they pass weigh more.
    ///
    /// The estimate holds within a factor of two for functions of any one kind that were tried: a million units took 0.2
    /// to 0.45 seconds of one core in the development profile, JavaScript's engine as a whole 29 seconds and Python's 38.
    /// A function that just passes (1,000 local variables live across 30,000 branches, 400 kB) took 49 seconds and 1.6
    /// GB; a component of several smaller ones, at the worst rate seen, would take 110.
    compile_work: u64 = 250_000_000, "250,000,000",
        "compile-work" in "units", 1, 1 << 40, "twice what Python's engine comes to, 127,000,000; JavaScript's is 119,000,000";
    /// Instances alive at once in a runtime, over all plugins; a call waits for a free place.
    instances: u32 = 64, "64",
        "instances" in "instances", 1, 10_000, "address space is set aside for each";
}

impl Limits {
    /// The fuel of a call over a batch of `rows`, in strict mode.
    pub const fn fuel(&self, rows: usize) -> u64 {
        self.fuel_per_call.saturating_add(self.fuel_per_row.saturating_mul(rows as u64))
    }

    /// What the host copies out of an answer about a batch of `rows`, in bytes.
    pub const fn answer(&self, rows: usize) -> usize {
        self.answer_bytes.saturating_add(self.answer_bytes_per_row.saturating_mul(rows))
    }

    /// The stack that a thread of [`Workers`](crate::Workers) needs, in bytes: the guest's and the host's own.
    pub const fn thread_stack_bytes(&self) -> usize {
        thread_stack(self.stack_bytes)
    }

    /// Sets a limit by its name.
    ///
    /// ```
    /// use groundswell_runtime::Limits;
    ///
    /// let mut limits = Limits::new();
    /// limits.set("memory-bytes", 16 << 20)?;
    /// assert_eq!(limits.memory_bytes, 16 << 20);
    /// assert_eq!(
    ///     limits.set("log-lines", 5_000_000).unwrap_err().to_string(),
    ///     "limit `log-lines` cannot be 5,000,000: it is from 0 to 1,000,000 lines"
    /// );
    /// # Ok::<(), groundswell_runtime::LimitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`LimitError`] where there is no such limit, or it cannot have that value.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), LimitError> {
        let Some(limit) = Self::all().iter().find(|limit| limit.name == name) else {
            return Err(LimitError::Unknown { name: name.to_owned() });
        };
        limit.check(value, limit.most)?;
        (limit.set)(self, value);
        Ok(())
    }

    /// Refuses values out of range.
    pub(crate) fn check(&self) -> Result<(), LimitError> {
        Self::all().iter().try_for_each(|limit| limit.check(limit.of(self), limit.most))
    }

    /// Refuses what is beyond `most` in any of the limits named.
    pub(crate) fn check_within(&self, most: &Self, names: &[&str]) -> Result<(), LimitError> {
        let mut named = Self::all().iter().filter(|limit| names.contains(&limit.name));
        named.try_for_each(|limit| limit.check(limit.of(self), limit.of(most)))
    }
}

impl Limit {
    /// Its value among `limits`.
    pub fn of(&self, limits: &Limits) -> u64 {
        (self.get)(limits)
    }

    fn check(&self, requested: u64, most: u64) -> Result<(), LimitError> {
        if (self.least..=most).contains(&requested) {
            return Ok(());
        }
        let &Self { name, unit, least, .. } = self;
        Err(LimitError::OutOfRange { name, unit, requested, least, most })
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_in_range_and_every_name_sets_its_own_field() {
        Limits::new().check().unwrap();
        let names: std::collections::BTreeSet<_> = Limits::all().iter().map(|limit| limit.name).collect();
        assert_eq!(names.len(), Limits::all().len());
        for limit in Limits::all() {
            assert_eq!(limit.of(&Limits::new()), limit.default, "{}", limit.name);
            let mut limits = Limits::new();
            limits.set(limit.name, limit.least).unwrap();
            assert_eq!(limit.of(&limits), limit.least, "{}", limit.name);
            let changed = Limits::all().iter().filter(|other| other.of(&limits) != other.default);
            assert!(changed.map(|other| other.name).eq([limit.name]), "{}", limit.name);
        }
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let limits = Limits { stack_bytes: 1 << 40, ..Limits::new() };
        insta::assert_snapshot!(
            limits.check().unwrap_err(),
            @"limit `stack-bytes` cannot be 1,099,511,627,776: it is from 16,384 to 67,108,864 bytes"
        );
    }
}
