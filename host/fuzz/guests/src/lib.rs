//! Plugins that fuzzed inputs are put into: the examples beside this file, built all at once.
