//! Never finishes cleaning up behind itself.

use crate::Attack;

#[derive(Default)]
struct SpinInDestructor;

impl Attack for SpinInDestructor {}

impl Drop for SpinInDestructor {
    fn drop(&mut self) {
        loop {
            std::hint::black_box(());
        }
    }
}

crate::attack!(definition: SpinInDestructor);
