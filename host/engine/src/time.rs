//! Reading moments.
