//! The one macro that makes a crate a plugin.

/// Makes the crate a plugin: exports a definition, reward rules or both from the component, or a metric.
///
/// Name and version come from the crate's own manifest. Outside wasm32 it expands to nothing, so that the
/// crate builds, runs and is tested like any other. Once a crate.
///
/// ```text
/// groundswell_plugin::export!(definition: Helpers);
/// groundswell_plugin::export!(rewards: Thanks);
/// groundswell_plugin::export!(definition: Helpers, rewards: Thanks);
/// groundswell_plugin::export!(metric: Trust);
/// ```
#[macro_export]
macro_rules! export {
    (definition: $definition:ty, rewards: $rewards:ty $(,)?) => {
        $crate::__export!(@manifest $crate::__export!(@definition $definition); $crate::__export!(@rewards $rewards););
        $crate::__export!(@check $definition, Definition, fit);
        $crate::__export!(@check $rewards, RewardRules, open);
    };
    (definition: $definition:ty $(,)?) => {
        $crate::__export!(@manifest $crate::__export!(@definition $definition););
        $crate::__export!(@check $definition, Definition, fit);
    };
    (rewards: $rewards:ty $(,)?) => {
        $crate::__export!(@manifest $crate::__export!(@rewards $rewards););
        $crate::__export!(@check $rewards, RewardRules, open);
    };
    (metric: $metric:ty $(,)?) => {
        $crate::__export!(@manifest $crate::__export!(@metric $metric););
        $crate::__export!(@check $metric, Metric, measure);
    };
}

/// The parts of [`export!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    (@manifest $($exports:tt)*) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Manifest;

            impl $crate::__private::Manifest for Manifest {
                const NAME: &'static str = ::core::env!("CARGO_PKG_NAME");
                const VERSION: &'static str = ::core::env!("CARGO_PKG_VERSION");
            }

            $($exports)*
        };
    };
    (@check $definition:ty, $interface:ident, $fit:ident) => {
        // Elsewhere nothing calls the plugin: this keeps it from being called dead, and checks its type.
        #[cfg(not(target_arch = "wasm32"))]
        const _: () = {
            let _ = <$definition as $crate::$interface>::$fit;
        };
    };
    (@definition $definition:ty) => {
        type __Scoring = $crate::__private::Scoring<$definition, Manifest>;
        $crate::__private::bindings::definition::export_definition!(
            __Scoring with_types_in $crate::__private::bindings::definition
        );
    };
    (@metric $metric:ty) => {
        type __Measuring = $crate::__private::Measuring<$metric, Manifest>;
        $crate::__private::bindings::metric::export_metric!(
            __Measuring with_types_in $crate::__private::bindings::metric
        );
    };
    (@rewards $rewards:ty) => {
        type __Rewards = $crate::__private::Rewards<$rewards, Manifest>;
        $crate::__private::bindings::reward_rules::export_reward_rules!(
            __Rewards with_types_in $crate::__private::bindings::reward_rules
        );
    };
}
