//! What is bundled can be loaded.

use groundswell_contract::Stamp;
use groundswell_plugin_build::read_stamp;

#[test]
fn every_bundled_plugin_is_a_component_of_its_name_and_no_stub() {
    assert!(!groundswell_plugins::ALL.is_empty());
    for (name, component) in groundswell_plugins::ALL {
        assert!(!component.is_empty(), "{name} is a stub: build without GROUNDSWELL_STUB_PLUGINS");
        let stamp = read_stamp(component).unwrap().unwrap();
        assert_eq!(
            stamp,
            Stamp::new(*name, stamp.version.as_str()),
            "{name} is stamped for another contract"
        );
    }
}
