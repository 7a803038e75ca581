//! Executes the instruction that cannot be executed.

use crate::{Deed, OneMoment};

struct TrapIn;

impl Deed for TrapIn {
    fn strike(_: &str) {
        std::process::abort()
    }
}

crate::attack!(definition: OneMoment<TrapIn>, rewards: OneMoment<TrapIn>);
