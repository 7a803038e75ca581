//! Panics with a message, which should reach the log.

use crate::{Deed, OneMoment};

struct PanicIn;

impl Deed for PanicIn {
    #[expect(clippy::panic, reason = "that is the attack")]
    fn strike(moment: &str) {
        panic!("cannot bear to {moment}")
    }
}

crate::attack!(definition: OneMoment<PanicIn>, rewards: OneMoment<PanicIn>);
