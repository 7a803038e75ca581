//! Leaving out of a component what its tool exports beside the contract.
//!
//! componentize-py exports an interface of its own, which no host asks for. An export takes an index among the
//! component's instances, so that what comes after it is numbered anew.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent};
use wasm_encoder::{
    ComponentAliasSection, ComponentExportSection, ComponentInstanceSection, ComponentSection,
};
use wasmparser::{
    BinaryReader, ComponentAlias, ComponentAliasSectionReader, ComponentExport, ComponentExportSectionReader,
    ComponentExternalKind, ComponentImportSectionReader, ComponentInstanceSectionReader,
};

use crate::sections::split;

/// The binary format's numbers of the sections that make instances or speak of them.
const INSTANCES: u8 = 5;
const ALIASES: u8 = 6;
const IMPORTS: u8 = 10;
const EXPORTS: u8 = 11;

/// The component without custom sections, and without the exported interfaces that `keep` refuses.
///
/// The error is a reason for people.
pub(crate) fn narrow(component: &[u8], keep: impl Fn(&str) -> bool) -> Result<Vec<u8>, String> {
    let (_, sections) = split(component)?;
    let mut narrow = Narrow { keep, instances: 0, left_out: Vec::new() };
    let mut out = component.get(..8).unwrap_or_default().to_vec();
    for section in sections.iter().filter(|section| section.custom.is_none()) {
        let bytes = component.get(section.range.clone()).unwrap_or_default();
        let written = narrow.section(bytes).map_err(|error| error.to_string())?;
        out.extend_from_slice(written.as_deref().unwrap_or(bytes));
    }
    Ok(out)
}

/// The walk so far, over the outermost component's own sections.
struct Narrow<K> {
    keep: K,
    /// How many instances there have been, those left out included.
    instances: u32,
    /// Indices of those left out, each with the one that it was made of.
    left_out: Vec<(u32, u32)>,
}

impl<K: Fn(&str) -> bool> Narrow<K> {
    /// The section anew; `None` where it stays as it is.
    fn section(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let mut reader = BinaryReader::new(bytes, 0);
        let id = reader.read_u8()?;
        reader.read_var_u32()?;
        let content = || reader.clone();
        match id {
            IMPORTS => {
                for import in ComponentImportSectionReader::new(content())? {
                    self.count(import?.ty.kind());
                }
                Ok(None)
            }
            INSTANCES => {
                let section = ComponentInstanceSectionReader::new(content())?;
                let count = section.count();
                let mut out = ComponentInstanceSection::new();
                self.parse_component_instance_section(&mut out, section)?;
                self.instances += count;
                Ok(Some(written(&out)))
            }
            ALIASES => {
                let mut out = ComponentAliasSection::new();
                self.parse_component_alias_section(&mut out, ComponentAliasSectionReader::new(content())?)?;
                for alias in ComponentAliasSectionReader::new(content())? {
                    if let ComponentAlias::InstanceExport { kind, .. } = alias? {
                        self.count(kind);
                    }
                }
                Ok(Some(written(&out)))
            }
            EXPORTS => {
                let mut out = ComponentExportSection::new();
                for export in ComponentExportSectionReader::new(content())? {
                    self.export(&mut out, export?)?;
                }
                Ok(Some(if out.is_empty() { Vec::new() } else { written(&out) }))
            }
            _ => Ok(None),
        }
    }

    fn export(&mut self, out: &mut ComponentExportSection, export: ComponentExport<'_>) -> Result<(), Error> {
        let kind = export.kind;
        if kind == ComponentExternalKind::Instance && !(self.keep)(export.name.name) {
            self.left_out.push((self.instances, export.index));
        } else {
            self.parse_component_export(out, export)?;
        }
        self.count(kind);
        Ok(())
    }

    fn count(&mut self, kind: ComponentExternalKind) {
        self.instances += u32::from(kind == ComponentExternalKind::Instance);
    }
}

impl<K> Reencode for Narrow<K> {
    type Error = Infallible;
}

impl<K> ReencodeComponent for Narrow<K> {
    fn component_instance_index(&mut self, index: u32) -> u32 {
        let mut index = index;
        while let Some(&(_, of)) = self.left_out.iter().find(|(left_out, _)| *left_out == index) {
            index = of;
        }
        index - self.left_out.iter().filter(|(left_out, _)| *left_out < index).count() as u32
    }
}

fn written(section: &impl ComponentSection) -> Vec<u8> {
    let mut out = Vec::new();
    section.append_to_component(&mut out);
    out
}
