//! A guest that answers whatever the input says.

use crate::guests::arbitrary;
use crate::use_fully::use_fully;

pub(crate) fn run(input: &[u8]) {
    use_fully(arbitrary().load(input));
}
