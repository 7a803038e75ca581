//! The component of [`groundswell_bench_guests::Weighted`].

groundswell_plugin::export!(definition: groundswell_bench_guests::Weighted);
