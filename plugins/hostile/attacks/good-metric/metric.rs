//! Is honest: what it answers the metrics answer that end well.

use crate::Honest;

crate::attack!(Honest);
