//! What `wit-bindgen` makes of the contract: nothing else lives here, and nothing of it is public.
//!
//! A component that exports both interfaces needs no third world: each export macro describes its own
//! interface, and `wit-component` unites the two descriptions.

/// `scoring`, and everything that the interfaces share.
pub mod definition {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "definition",
        pub_export_macro: true,
        export_macro_name: "export_definition",
        runtime_path: "::groundswell_plugin::__private::wit_bindgen::rt",
    });
}

/// `rewards`.
pub mod reward_rules {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "reward-rules",
        pub_export_macro: true,
        export_macro_name: "export_reward_rules",
        runtime_path: "::groundswell_plugin::__private::wit_bindgen::rt",
        with: {
            "groundswell:plugin/types@0.1.0": crate::bindings::definition::groundswell::plugin::types,
            "groundswell:plugin/log@0.1.0": crate::bindings::definition::groundswell::plugin::log,
        },
    });
}

/// `measuring`, and the `network` that it looks at.
pub mod metric {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "metric",
        pub_export_macro: true,
        export_macro_name: "export_metric",
        runtime_path: "::groundswell_plugin::__private::wit_bindgen::rt",
        with: {
            "groundswell:plugin/types@0.1.0": crate::bindings::definition::groundswell::plugin::types,
            "groundswell:plugin/log@0.1.0": crate::bindings::definition::groundswell::plugin::log,
        },
    });
}
