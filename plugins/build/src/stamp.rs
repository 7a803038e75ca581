//! The stamp: what a component says of itself before anything in it runs.

use groundswell_contract::{STAMP_SECTION, Stamp};
use wasm_encoder::{ComponentSection, CustomSection};

use crate::BuildError;
use crate::sections::{Encoding, Section, split};

/// Gives a component another stamp, or its first: a custom section of the outermost component, at its end.
///
/// Nothing else changes. Any stamp is taken, true or not; [`componentize`](crate::componentize) makes true ones.
///
/// # Errors
///
/// [`BuildError::Format`] where the bytes are not a component.
pub fn stamp(component: &[u8], stamp: &Stamp) -> Result<Vec<u8>, BuildError> {
    let mut stamped = component.get(..8).unwrap_or_default().to_vec();
    for section in sections(component)?.iter().filter(|section| stamp_of(section).is_none()) {
        stamped.extend_from_slice(component.get(section.range.clone()).unwrap_or_default());
    }
    let data = stamp.to_json();
    CustomSection { name: STAMP_SECTION.into(), data: data.as_slice().into() }
        .append_to_component(&mut stamped);
    Ok(stamped)
}

/// Reads a component's stamp. `None`: it has none.
///
/// # Errors
///
/// [`BuildError::Format`] where the bytes are not a component, or its stamp is not readable or not the only one.
pub fn read_stamp(component: &[u8]) -> Result<Option<Stamp>, BuildError> {
    let sections = sections(component)?;
    let found: Vec<&[u8]> = sections.iter().filter_map(stamp_of).collect();
    match found.as_slice() {
        [] => Ok(None),
        [data] => Stamp::from_json(data).map(Some).map_err(|error| not_a_component(error.to_string())),
        more => Err(not_a_component(format!("it carries {} stamps where one is allowed", more.len()))),
    }
}

fn sections(component: &[u8]) -> Result<Vec<Section<'_>>, BuildError> {
    match split(component).map_err(not_a_component)? {
        (Encoding::Component, sections) => Ok(sections),
        (Encoding::Module, _) => {
            Err(not_a_component("it is a core module, which has yet to be made one".into()))
        }
    }
}

fn stamp_of<'a>(section: &Section<'a>) -> Option<&'a [u8]> {
    section.custom.and_then(|(name, data)| (name == STAMP_SECTION).then_some(data))
}

fn not_a_component(reason: String) -> BuildError {
    BuildError::Format { name: "stamp".into(), expected: "component", reason }
}
