//! Never finishes one thing that it is asked.

use crate::{Deed, OneMoment};

struct SpinIn;

impl Deed for SpinIn {
    fn strike(_: &str) {
        loop {
            std::hint::black_box(());
        }
    }
}

crate::attack!(definition: OneMoment<SpinIn>, rewards: OneMoment<SpinIn>);
