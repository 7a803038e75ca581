//! The component of [`groundswell_bench_guests::Logs`].

groundswell_plugin::export!(definition: groundswell_bench_guests::Logs);
