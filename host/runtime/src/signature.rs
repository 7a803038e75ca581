//! Whether a component's functions, types and resources are the contract's, shape by shape.

use std::sync::OnceLock;

use groundswell_contract::VERSION;
use wasmtime::Engine;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem, Type};
use wasmtime::component::{Component, ResourceType};

use crate::load_error::Mismatches;
use crate::text::shown;
use crate::wasi;

/// Every function, resource and type of the contract, as [`render`] writes them: one a line. A test renders the
/// contract's text anew and compares.
const CONTRACT: &str = include_str!("signatures.txt");
/// Characters of a shape that are written out: ten times what the contract's longest has. Types that refer to each
/// other can be short to declare, and longer than any memory to write out.
const MOST: usize = 32 << 10;

/// What is written for items that a contract interface cannot have.
const FOREIGN: &str = "something that is neither function, type nor resource";

/// What a component imports or exports, in the order of the contract: compilers put it in any.
fn in_order<'c, T>(sides: impl Iterator<Item = (&'c str, T)>) -> Vec<(&'c str, T)> {
    let mut sides: Vec<_> = sides.collect();
    sides.sort_by_key(|(name, _)| {
        let begins =
            |line: &str| interface(name).is_some_and(|interface| line.split('.').next() == Some(interface));
        CONTRACT.lines().position(begins).unwrap_or(usize::MAX)
    });
    sides
}

/// One line for everything of a compiled component that is not as the contract has it.
pub(crate) fn mismatches(component: &Component, engine: &Engine) -> Mismatches {
    let mut lines = Mismatches::default();
    let ty = component.component_type();
    for (name, item) in in_order(ty.imports(engine)) {
        let Some(interface) = interface(name) else { continue };
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            lines.push(|| format!("its import `{interface}` is no interface"));
            continue;
        };
        compare("imports", interface, &instance, engine, &mut lines);
    }
    for (name, item) in in_order(ty.exports(engine)) {
        let Some(interface) = interface(name) else { continue };
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            lines.push(|| format!("its export `{interface}` is no interface"));
            continue;
        };
        compare("exports", interface, &instance, engine, &mut lines);
        for (item, shape) in contract(interface) {
            let type_alone = !is_function(shape) && shape != RESOURCE;
            if !type_alone && instance.get_export(engine, item).is_none() {
                lines.push(|| format!("its `{interface}` lacks {}", title(item, shape)));
            }
        }
    }
    lines
}

/// Who says what is in an interface.
fn source(interface: &str) -> &'static str {
    if interface.starts_with("wasi:") { "this host's WASI" } else { "the contract" }
}

const RESOURCE: &str = "resource";
/// Stands for the shape of a function that is not written out.
const FUNCTION: &str = "func()";
/// The same of a type.
const TYPE: &str = "type";

/// Compares items of an interface with what is known of it. Only of items that are known by their names, and so of no more
/// than there are, the shape is written out.
fn compare(
    verb: &str,
    interface: &str,
    instance: &ComponentInstance,
    engine: &Engine,
    lines: &mut Mismatches,
) {
    let mut shapes = Shapes::of(instance, engine);
    for (name, item) in instance.exports(engine) {
        match contract(interface).find(|(known, _)| *known == name) {
            Some((_, expected)) => {
                let shape = shapes.write(&item.ty);
                if shape != expected {
                    lines.push(|| {
                        let (has, expected) = difference(&shape, expected);
                        let title = title(name, &shape);
                        let source = source(interface);
                        format!("{title} of its `{interface}` has `{has}` where {source} has `{expected}`")
                    });
                }
            }
            // What is only named has no effect.
            None if verb == "exports" && matches!(item.ty, ComponentItem::Type(_)) => {}
            None => lines.push(|| {
                let kind = match item.ty {
                    ComponentItem::ComponentFunc(_) => FUNCTION,
                    ComponentItem::Resource(_) => RESOURCE,
                    ComponentItem::Type(_) => TYPE,
                    _ => FOREIGN,
                };
                let (title, source) = (title(name, kind), source(interface));
                format!("it {verb} {title} of `{interface}`, which {source} does not have")
            }),
        }
    }
}

fn is_function(shape: &str) -> bool {
    shape.starts_with("func(")
}

/// An item as authors know it: ``the function `model.fit` ``.
fn title(item: &str, shape: &str) -> String {
    let kind = if is_function(shape) { "function" } else { "type" };
    let kind = if shape == RESOURCE { RESOURCE } else { kind };
    let name = item.split_once(']').map_or(item, |(_, name)| name);
    format!("the {kind} `{}`", shown(name, 80))
}

/// Where two shapes begin to differ: some of each from there on, with a little of what comes before.
fn difference(one: &str, other: &str) -> (String, String) {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let start = one.get(..same).and_then(|same| same.rfind([' ', '(', '{', '<'])).map_or(0, |at| at + 1);
    let part = |whole: &str| {
        let rest = whole.get(start..).unwrap_or(whole);
        let before = if start == 0 { "" } else { "…" };
        format!("{before}{}", shown(rest, 60))
    };
    (part(one), part(other))
}

/// The contract's interface of this full name, by its short one; one of WASI without its version.
fn interface(name: &str) -> Option<&str> {
    if name.starts_with("wasi:") {
        return wasi::known(name);
    }
    name.strip_prefix("groundswell:plugin/")?.strip_suffix(VERSION)?.strip_suffix('@')
}

/// Items of an interface of the contract, and their shapes.
fn contract(interface: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    static LINES: OnceLock<Vec<(&str, &str, &str)>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let line = |line: &'static str| {
            let (name, shape) = line.split_once(": ")?;
            let (interface, item) = name.split_once('.')?;
            Some((interface, item, shape))
        };
        CONTRACT.lines().chain(wasi::SHAPES.lines()).filter_map(line).collect()
    });
    lines.iter().filter(move |line| line.0 == interface).map(|&(_, item, shape)| (item, shape))
}

/// Writes shapes out, up to a bound.
struct Shapes {
    resources: Vec<(String, ResourceType)>,
    out: String,
}

impl Shapes {
    /// Of items of this interface, whose resources have names there.
    fn of(instance: &ComponentInstance, engine: &Engine) -> Self {
        let resources = instance.exports(engine).filter_map(|(name, item)| match item.ty {
            ComponentItem::Resource(resource) => Some((name.to_owned(), resource)),
            _ => None,
        });
        Self { resources: resources.collect(), out: String::new() }
    }

    /// The shape of an item.
    fn write(&mut self, item: &ComponentItem) -> String {
        match item {
            ComponentItem::ComponentFunc(function) => self.function(function),
            ComponentItem::Type(ty) => self.ty(ty),
            ComponentItem::Resource(_) => self.put(RESOURCE),
            _ => self.put(FOREIGN),
        }
        std::mem::take(&mut self.out)
    }

    fn put(&mut self, text: &str) {
        if self.out.len() < MOST {
            self.out.push_str(text);
        }
    }

    fn function(&mut self, function: &ComponentFunc) {
        self.put("func(");
        for (place, (name, ty)) in function.params().enumerate() {
            self.named(place, name, Some(&ty));
        }
        self.put(")");
        for ty in function.results() {
            self.put(" -> ");
            self.ty(&ty);
        }
        if function.async_() {
            self.put(" async");
        }
    }

    fn named(&mut self, place: usize, name: &str, ty: Option<&Type>) {
        self.put(if place == 0 { "" } else { ", " });
        self.put(name);
        if let Some(ty) = ty {
            self.put(": ");
            self.ty(ty);
        }
    }

    fn generic<'t>(&mut self, name: &str, types: impl IntoIterator<Item = Option<&'t Type>>) {
        self.put(name);
        self.put("<");
        for (place, ty) in types.into_iter().enumerate() {
            self.put(if place == 0 { "" } else { ", " });
            match ty {
                Some(ty) => self.ty(ty),
                None => self.put("_"),
            }
        }
        self.put(">");
    }

    fn resource(&mut self, name: &str, resource: &ResourceType) {
        let known = self.resources.iter().find(|(_, known)| known == resource);
        let of = known.map_or("another resource", |(name, _)| name).to_owned();
        self.put(&format!("{name}<{of}>"));
    }

    fn ty(&mut self, ty: &Type) {
        if self.out.len() >= MOST {
            return;
        }
        match ty {
            Type::Bool => self.put("bool"),
            Type::S8 => self.put("s8"),
            Type::U8 => self.put("u8"),
            Type::S16 => self.put("s16"),
            Type::U16 => self.put("u16"),
            Type::S32 => self.put("s32"),
            Type::U32 => self.put("u32"),
            Type::S64 => self.put("s64"),
            Type::U64 => self.put("u64"),
            Type::Float32 => self.put("f32"),
            Type::Float64 => self.put("f64"),
            Type::Char => self.put("char"),
            Type::String => self.put("string"),
            Type::List(list) => self.generic("list", [Some(&list.ty())]),
            Type::Option(option) => self.generic("option", [Some(&option.ty())]),
            Type::Result(result) => self.generic("result", [result.ok().as_ref(), result.err().as_ref()]),
            Type::Tuple(tuple) => {
                self.put("tuple<");
                for (place, ty) in tuple.types().enumerate() {
                    self.put(if place == 0 { "" } else { ", " });
                    self.ty(&ty);
                }
                self.put(">");
            }
            Type::Record(record) => {
                self.put("record {");
                record
                    .fields()
                    .enumerate()
                    .for_each(|(place, field)| self.named(place, field.name, Some(&field.ty)));
                self.put("}");
            }
            Type::Variant(variant) => {
                self.put("variant {");
                variant
                    .cases()
                    .enumerate()
                    .for_each(|(place, case)| self.named(place, case.name, case.ty.as_ref()));
                self.put("}");
            }
            Type::Enum(names) => {
                self.put("enum {");
                names.names().enumerate().for_each(|(place, name)| self.named(place, name, None));
                self.put("}");
            }
            Type::Flags(names) => {
                self.put("flags {");
                names.names().enumerate().for_each(|(place, name)| self.named(place, name, None));
                self.put("}");
            }
            Type::Own(resource) => self.resource("own", resource),
            Type::Borrow(resource) => self.resource("borrow", resource),
            Type::Map(map) => self.generic("map", [Some(&map.key()), Some(&map.value())]),
            Type::FixedLengthList(list) => {
                self.generic("list", [Some(&list.ty())]);
                self.put(&format!("[{}]", list.len()));
            }
            Type::Future(_) => self.put("future"),
            Type::Stream(_) => self.put("stream"),
            Type::ErrorContext => self.put("error-context"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write;

    use super::*;
    use crate::{Limits, Runtime};

    /// Every item of a component's interfaces, as `signatures.txt` has them.
    fn rendered(component: &Component, engine: &Engine) -> String {
        let ty = component.component_type();
        let mut out = String::new();
        for (name, item) in in_order(ty.imports(engine).chain(ty.exports(engine))) {
            let (Some(interface), ComponentItem::ComponentInstance(instance)) = (interface(name), item.ty)
            else {
                panic!("{name} is not of the contract");
            };
            let types_too = ["types", "log", "network"].contains(&interface);
            let mut shapes = Shapes::of(&instance, engine);
            let items: BTreeMap<_, _> =
                instance.exports(engine).map(|(item, what)| (item, shapes.write(&what.ty))).collect();
            for (item, shape) in items {
                if types_too || is_function(&shape) || shape == RESOURCE {
                    writeln!(out, "{interface}.{item}: {shape}").unwrap();
                }
            }
        }
        out
    }

    #[test]
    fn the_shapes_on_record_are_those_of_the_contract() {
        let runtime = Runtime::new(Limits { instances: 1, ..Limits::new() }).unwrap();
        let whole = [groundswell_attackers::good(), groundswell_attackers::good_metric()];
        let mut rendered = whole
            .map(|bytes| rendered(&Component::new(runtime.engine(), bytes).unwrap(), runtime.engine()))
            .concat();
        // What both import stands there once.
        let mut lines: Vec<&str> = Vec::new();
        rendered.lines().for_each(|line| {
            if !lines.contains(&line) {
                lines.push(line);
            }
        });
        rendered = lines.iter().map(|line| format!("{line}\n")).collect();
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/signatures.txt");
            std::fs::write(path, &rendered).unwrap();
        }
        assert!(rendered == CONTRACT, "INSTA_UPDATE=always writes src/signatures.txt:\n{rendered}");
    }

    #[test]
    fn a_difference_is_shown_from_where_it_begins() {
        let (one, other) = difference("func(a: list<f64>, b: u8)", "func(a: list<f32>, b: u8)");
        assert_eq!((one.as_str(), other.as_str()), ("…f64>, b: u8)", "…f32>, b: u8)"));
        let (one, other) = difference("func()", "resource");
        assert_eq!((one.as_str(), other.as_str()), ("func()", "resource"));
    }
}
