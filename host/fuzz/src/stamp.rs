//! Bytes as a component's stamp.

use std::sync::OnceLock;

use groundswell_contract::{STAMP_SECTION, Stamp, VERSION, digest};
use groundswell_runtime::{Error, LoadErrorKind};

use crate::bytes::{PREAMBLE, custom, sections};
use crate::guests::honest;
use crate::message::assert_plain;

pub(crate) fn run(input: &[u8]) {
    let honest = honest();
    let component = [without_stamp(), &custom(STAMP_SECTION, input)].concat();
    let load = || honest.load_as(&component);
    let stamp = Stamp::from_json(input);
    match load() {
        Ok(plugin) => {
            let Ok(stamp) = stamp else { unreachable!("a stamp that nobody can read was taken: {input:?}") };
            assert_eq!((plugin.name(), plugin.version()), (stamp.name.as_str(), stamp.version.as_str()));
            assert_eq!((plugin.contract(), stamp.contract.as_str()), (VERSION, VERSION));
            assert_eq!(stamp.contract_digest.as_deref(), Some(digest()));
        }
        Err(error) => {
            let text = error.to_string();
            assert_plain(&text);
            match &error {
                Error::Load(refused) => {
                    let kind = refused.kind();
                    assert!(
                        matches!(kind, LoadErrorKind::Stamp | LoadErrorKind::Contract),
                        "{kind:?}: {text}"
                    );
                }
                // Of another name than its guest says.
                Error::Fault(_) => assert!(stamp.is_ok(), "{text}"),
                _ => unreachable!("neither the file's nor the plugin's fault: {text}"),
            }
            assert!(error.is_plugin_fault(), "{text}");
            assert_eq!(load().err().map(|error| error.to_string()), Some(text));
        }
    }
}

/// The honest component, before its stamp.
fn without_stamp() -> &'static [u8] {
    static COMPONENT: OnceLock<Vec<u8>> = OnceLock::new();
    COMPONENT.get_or_init(|| {
        let stamp = |section: &[u8]| {
            section.windows(STAMP_SECTION.len()).any(|part| part == STAMP_SECTION.as_bytes())
        };
        let kept =
            sections(&honest().component).into_iter().filter(|(id, section)| *id != 0 || !stamp(section));
        kept.fold(PREAMBLE.to_vec(), |kept, (_, section)| [&kept, section].concat())
    })
}
