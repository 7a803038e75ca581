//! Stamps that are true, odd, missing or too many.

use groundswell_contract::{STAMP_SECTION, Stamp};
use groundswell_plugin_build::{read_stamp, stamp};
use insta::assert_snapshot;
use wasm_encoder::{Component, CustomSection, Module, NestedComponentSection};

fn component(stamps: &[&[u8]]) -> Vec<u8> {
    let mut component = Component::new();
    for data in stamps {
        component.section(&CustomSection { name: STAMP_SECTION.into(), data: (*data).into() });
    }
    component.finish()
}

#[test]
fn a_stamp_is_read_back_as_it_was_written() {
    let mut odd = Stamp::new("tiny", "1.0.0");
    odd.contract = "9.0.0".to_owned();
    odd.contract_digest = None;
    let stamped = stamp(&component(&[]), &odd).unwrap();
    assert_eq!(read_stamp(&stamped).unwrap(), Some(odd));
}

#[test]
fn a_second_stamp_takes_the_place_of_the_first() {
    let once = stamp(&component(&[]), &Stamp::new("one", "1.0.0")).unwrap();
    let twice = stamp(&once, &Stamp::new("two", "1.0.0")).unwrap();
    assert_eq!(read_stamp(&twice).unwrap().unwrap().name, "two");
    assert_eq!(once.len(), twice.len());
}

#[test]
fn a_component_without_a_stamp_has_none() {
    assert_eq!(read_stamp(&component(&[])).unwrap(), None);
}

#[test]
fn a_stamp_of_a_component_inside_does_not_count() {
    let mut inner = Component::new();
    let data = Stamp::new("inner", "1.0.0").to_json();
    inner.section(&CustomSection { name: STAMP_SECTION.into(), data: data.as_slice().into() });
    let mut outer = Component::new();
    outer.section(&NestedComponentSection(&inner));
    assert_eq!(read_stamp(&outer.finish()).unwrap(), None);
}

#[test]
fn stamps_that_cannot_be_trusted_are_named() {
    let stamp = Stamp::new("x", "1.0.0").to_json();
    assert_snapshot!(read_stamp(&component(&[&stamp, &stamp])).unwrap_err(), @"stamp: not a component: it carries 2 stamps where one is allowed");
    assert_snapshot!(read_stamp(&component(&[b"{}"])).unwrap_err(), @"stamp: not a component: the stamp is not readable: missing field `contract` at line 1 column 2");
    assert_snapshot!(read_stamp(&Module::new().finish()).unwrap_err(), @"stamp: not a component: it is a core module, which has yet to be made one");
    assert_snapshot!(read_stamp(b"").unwrap_err(), @"stamp: not a component: it does not begin as WebAssembly does");
    let cut = component(&[&stamp]);
    assert_snapshot!(read_stamp(&cut[..cut.len() - 5]).unwrap_err(), @"stamp: not a component: unexpected end-of-file (at offset 0xb)");
}
