//! What others can write against: the public items of our crates, listed, so that none changes unnoticed.
//!
//! Read from the source, not from rustdoc's JSON, whose form differs from one compiler to the next. That works because
//! every crate keeps its modules private and re-exports one flat list.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use syn::{Attribute, Fields, File, ImplItem, Item, Signature, TraitItem, Type, UseTree, Visibility};

use crate::step::{Failure, Step};

/// The crates that others depend on, and where they lie.
const CRATES: [(&str, &str); 11] = [
    ("groundswell", "host/engine"),
    ("groundswell-attack", "host/attack"),
    ("groundswell-attackers", "plugins/hostile/suite"),
    ("groundswell-delivery", "host/delivery"),
    ("groundswell-ledger", "host/ledger"),
    ("groundswell-network", "host/network"),
    ("groundswell-plugin", "plugins/sdk"),
    ("groundswell-plugin-build", "plugins/build"),
    ("groundswell-plugin-test", "plugins/testkit"),
    ("groundswell-plugins", "plugins/bundle"),
    ("groundswell-runtime", "host/runtime"),
];
/// Where the lists are kept, from the workspace's folder.
const LISTS: &str = "host/xtask/api";
/// What writes them.
const RECORD: &str = "cargo xtask api";

/// Compares every list with its crate.
pub(crate) fn check(root: &Path, step: &Step) -> Result<(), Failure> {
    let told = differences(root).map_err(|error| step.failed(&format!("{error:#}")))?;
    match told.as_slice() {
        [] => Ok(()),
        told => Err(step.failed(&format!(
            "the public API is not what is on record:\n{}\nif that is meant, record it with `{RECORD}`, and say in \
             CHANGELOG.md what it means for others",
            told.join("\n")
        ))),
    }
}

/// Writes every list.
pub(crate) fn record(root: &Path) -> Result<()> {
    std::fs::create_dir_all(root.join(LISTS))?;
    for (name, folder) in CRATES {
        std::fs::write(list(root, name), api(&root.join(folder).join("src"))?)?;
    }
    Ok(())
}

fn list(root: &Path, name: &str) -> PathBuf {
    root.join(LISTS).join(format!("{name}.txt"))
}

/// Lines that are on record and gone, and lines that are new, of all crates.
fn differences(root: &Path) -> Result<Vec<String>> {
    let mut told = Vec::new();
    for (name, folder) in CRATES {
        let known = std::fs::read_to_string(list(root, name)).unwrap_or_default().replace("\r\n", "\n");
        let found = api(&root.join(folder).join("src")).with_context(|| name.to_owned())?;
        let [before, after] = [&known, &found].map(|text| text.lines().collect::<BTreeSet<_>>());
        told.extend(before.difference(&after).map(|line| format!("- {name}: {line}")));
        told.extend(after.difference(&before).map(|line| format!("+ {name}: {line}")));
    }
    Ok(told)
}

/// A crate's source, file by file.
struct Source {
    /// The module that a file is: `config::parse`; empty for `lib.rs`.
    files: Vec<(String, File)>,
}

/// The public items of the crate whose source lies in `src`: one line each.
fn api(src: &Path) -> Result<String> {
    let mut source = Source { files: Vec::new() };
    read(src, "", &mut source)?;
    let mut lines = BTreeSet::new();
    source.module("", "", &mut lines)?;
    Ok(lines.into_iter().fold(String::new(), |mut all, line| {
        _ = writeln!(all, "{line}");
        all
    }))
}

fn read(folder: &Path, module: &str, source: &mut Source) -> Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let inner = if module.is_empty() { stem.clone() } else { format!("{module}::{stem}") };
        if path.is_dir() {
            read(&path, &inner, source)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") && stem != "main" {
            let text = std::fs::read_to_string(&path)?;
            let file = syn::parse_file(&text).with_context(|| path.display().to_string())?;
            source.files.push((if stem == "lib" { String::new() } else { inner }, file));
        }
    }
    Ok(())
}

impl Source {
    fn file(&self, module: &str) -> Result<&File> {
        let found = self.files.iter().find(|(name, _)| name == module);
        found.map(|(_, file)| file).with_context(|| format!("there is no file of the module `{module}`"))
    }

    /// What a public module shows, under the path that others write.
    fn module(&self, module: &str, path: &str, lines: &mut BTreeSet<String>) -> Result<()> {
        for item in &self.file(module)?.items {
            match item {
                Item::Use(used) if public(&used.vis) && !hidden(&used.attrs) => {
                    self.used(module, path, &used.tree, &mut Vec::new(), lines)?;
                }
                Item::Mod(inner)
                    if public(&inner.vis) && !hidden(&inner.attrs) && inner.content.is_none() =>
                {
                    let name = inner.ident.to_string();
                    self.module(&joined(module, &name), &joined(path, &name), lines)?;
                }
                Item::Macro(made) if exported(&made.attrs) && !hidden(&made.attrs) => {
                    if let Some(name) = &made.ident {
                        lines.insert(format!("{name}!: macro"));
                    }
                }
                item => self.item(item, None, path, lines),
            }
        }
        Ok(())
    }

    /// The items that a `pub use` names.
    fn used(
        &self,
        module: &str,
        path: &str,
        tree: &UseTree,
        way: &mut Vec<String>,
        lines: &mut BTreeSet<String>,
    ) -> Result<()> {
        match tree {
            UseTree::Path(step) => {
                way.push(step.ident.to_string());
                self.used(module, path, &step.tree, way, lines)?;
                way.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.used(module, path, tree, way, lines)?;
                }
            }
            UseTree::Name(name) => self.named(module, path, way, &name.ident.to_string(), None, lines)?,
            UseTree::Rename(name) => {
                let shown = name.rename.to_string();
                self.named(module, path, way, &name.ident.to_string(), Some(&shown), lines)?;
            }
            UseTree::Glob(_) => bail!("`pub use {}::*` hides what is public", way.join("::")),
        }
        Ok(())
    }

    fn named(
        &self,
        module: &str,
        path: &str,
        way: &[String],
        name: &str,
        shown: Option<&str>,
        lines: &mut BTreeSet<String>,
    ) -> Result<()> {
        if way.is_empty() && module.is_empty() {
            // A whole crate.
            lines.insert(format!("{}: = {name}", joined(path, shown.unwrap_or(name))));
            return Ok(());
        }
        let way: Vec<&str> = way.iter().map(String::as_str).filter(|step| *step != "crate").collect();
        let target =
            way.iter().fold(if way.first() == Some(&"self") { "" } else { module }.to_owned(), |to, step| {
                if *step == "self" { to } else { joined(&to, step) }
            });
        let Ok(file) = self.file(&target) else {
            // Of another crate.
            let whole = joined(&way.join("::"), name);
            let shown = joined(path, shown.unwrap_or(name));
            lines.insert(format!("{shown}: = {whole}"));
            return Ok(());
        };
        let mut known = false;
        for item in &file.items {
            match item {
                Item::Use(again) if reexports(&again.tree, name) => {
                    self.used_as(&target, path, &again.tree, name, lines)?;
                    known = true;
                }
                item if ident(item).is_some_and(|ident| ident == name) => {
                    self.item(item, shown, path, lines);
                    known = true;
                }
                _ => {}
            }
        }
        if !known && let Some(made) = file.items.iter().find_map(invocation) {
            let at = joined(path, shown.unwrap_or(name));
            self.made(made, name, &at, lines);
            known = true;
        }
        if !known {
            bail!("`{name}` is re-exported, and not found in `{target}`");
        }
        Ok(())
    }

    /// Of a re-export in a private module, the one name that is passed on.
    fn used_as(
        &self,
        module: &str,
        path: &str,
        tree: &UseTree,
        name: &str,
        lines: &mut BTreeSet<String>,
    ) -> Result<()> {
        match tree {
            UseTree::Path(step) => {
                let inner = joined(module, &step.ident.to_string());
                if self.file(&inner).is_ok() {
                    return self.used_as(&inner, path, &step.tree, name, lines);
                }
                Ok(())
            }
            UseTree::Group(group) => {
                group.items.iter().try_for_each(|tree| self.used_as(module, path, tree, name, lines))
            }
            UseTree::Name(found) if found.ident == name => self.named(module, path, &[], name, None, lines),
            _ => Ok(()),
        }
    }

    /// One item with everything that belongs to it.
    fn item(&self, item: &Item, shown: Option<&str>, path: &str, lines: &mut BTreeSet<String>) {
        let Some(name) = ident(item) else { return };
        let at = joined(path, shown.unwrap_or(&name));
        match item {
            Item::Struct(it) if public(&it.vis) && !hidden(&it.attrs) => {
                lines.insert(format!("{at}: {}struct{}", marks(&it.attrs), tokens(&it.generics)));
                fields(&at, &it.fields, true, lines);
                self.implemented(&name, &at, lines);
            }
            Item::Enum(it) if public(&it.vis) && !hidden(&it.attrs) => {
                lines.insert(format!("{at}: {}enum{}", marks(&it.attrs), tokens(&it.generics)));
                for variant in &it.variants {
                    let at = format!("{at}::{}", variant.ident);
                    lines.insert(format!("{at}: {}variant", marks(&variant.attrs)));
                    fields(&at, &variant.fields, false, lines);
                }
                self.implemented(&name, &at, lines);
            }
            Item::Trait(it) if public(&it.vis) && !hidden(&it.attrs) => {
                let above = if it.supertraits.is_empty() {
                    String::new()
                } else {
                    format!(": {}", tokens(&it.supertraits))
                };
                lines.insert(format!("{at}: trait{}{above}", tokens(&it.generics)));
                for item in &it.items {
                    match item {
                        TraitItem::Fn(it) => {
                            let given = if it.default.is_some() { "provided " } else { "" };
                            lines.insert(format!("{at}::{}: {given}{}", it.sig.ident, signature(&it.sig)));
                        }
                        TraitItem::Const(it) => {
                            lines.insert(format!("{at}::{}: const {}", it.ident, tokens(&it.ty)));
                        }
                        TraitItem::Type(it) => {
                            lines.insert(format!("{at}::{}: type", it.ident));
                        }
                        _ => {}
                    }
                }
            }
            Item::Fn(it) if public(&it.vis) && !hidden(&it.attrs) => {
                lines.insert(format!("{at}: {}{}", marks(&it.attrs), signature(&it.sig)));
            }
            Item::Const(it) if public(&it.vis) && !hidden(&it.attrs) => {
                lines.insert(format!("{at}: const {}", tokens(&it.ty)));
            }
            Item::Type(it) if public(&it.vis) && !hidden(&it.attrs) => {
                lines.insert(format!("{at}: type{} = {}", tokens(&it.generics), tokens(&it.ty)));
            }
            _ => {}
        }
    }

    /// An item that a macro of the file makes: what the macro is told, piece by piece, without documentation.
    fn made(&self, made: &syn::Macro, name: &str, at: &str, lines: &mut BTreeSet<String>) {
        lines.insert(format!("{at}: made by {}!", tokens(&made.path)));
        let text = made.tokens.to_string();
        for piece in text.split(" ;").map(str::trim).filter(|piece| !piece.is_empty()) {
            let piece: Vec<&str> =
                piece.lines().filter(|line| !line.trim_start().starts_with("///")).collect();
            let piece = piece.join(" ");
            let piece = piece.rsplit("]").next().unwrap_or_default();
            lines.insert(format!("{at}: {}", piece.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        self.implemented(name, at, lines);
    }

    /// What is implemented for a type, anywhere in the crate.
    fn implemented(&self, name: &str, at: &str, lines: &mut BTreeSet<String>) {
        for item in self.files.iter().flat_map(|(_, file)| &file.items) {
            let Item::Impl(it) = item else { continue };
            let Type::Path(of) = &*it.self_ty else { continue };
            if of.path.segments.last().is_none_or(|segment| segment.ident != name)
                || of.path.segments.len() > 1
            {
                continue;
            }
            if let Some((_, of, _)) = &it.trait_ {
                lines.insert(format!("{at}: impl {}", tokens(of)));
                continue;
            }
            for item in &it.items {
                match item {
                    ImplItem::Fn(it) if public(&it.vis) && !hidden(&it.attrs) => {
                        lines.insert(format!(
                            "{at}::{}: {}{}",
                            it.sig.ident,
                            marks(&it.attrs),
                            signature(&it.sig)
                        ));
                    }
                    ImplItem::Const(it) if public(&it.vis) && !hidden(&it.attrs) => {
                        lines.insert(format!("{at}::{}: const {}", it.ident, tokens(&it.ty)));
                    }
                    _ => {}
                }
            }
        }
    }
}

fn fields(at: &str, fields: &Fields, only_public: bool, lines: &mut BTreeSet<String>) {
    for (place, field) in fields.iter().enumerate() {
        if !only_public || public(&field.vis) {
            let name = field.ident.as_ref().map_or_else(|| place.to_string(), ToString::to_string);
            lines.insert(format!("{at}.{name}: {}", tokens(&field.ty)));
        }
    }
}

fn signature(signature: &Signature) -> String {
    tokens(signature)
}

/// Tokens in one line, spaced as people do.
fn tokens(it: &impl quote::ToTokens) -> String {
    let mut text = it.to_token_stream().to_string();
    for (from, to) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" ::", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" <", "<"),
        (" > ", "> "),
        (" >", ">"),
        (" , ", ", "),
        (" ,", ","),
        ("& ", "&"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" : ", ": "),
        (" ;", ";"),
        ("[ ", "["),
        (" ]", "]"),
        ("\' ", "\'"),
        (",)", ")"),
        (",>", ">"),
        (" . ", "."),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// The attributes that callers notice.
fn marks(attributes: &[Attribute]) -> String {
    let mut marks = String::new();
    for attribute in attributes {
        for name in ["non_exhaustive", "must_use", "derive", "repr", "deprecated"] {
            if attribute.path().is_ident(name) {
                let list = attribute.meta.require_list().ok().filter(|_| name == "derive" || name == "repr");
                let list =
                    list.map_or_else(String::new, |list| format!("({})", list.tokens).replace(" ,", ","));
                _ = write!(marks, "{name}{list} ");
            }
        }
    }
    marks
}

fn public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "hidden")
    })
}

fn exported(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("macro_export"))
}

fn ident(item: &Item) -> Option<String> {
    Some(match item {
        Item::Struct(it) => it.ident.to_string(),
        Item::Enum(it) => it.ident.to_string(),
        Item::Trait(it) => it.ident.to_string(),
        Item::Fn(it) => it.sig.ident.to_string(),
        Item::Const(it) => it.ident.to_string(),
        Item::Type(it) => it.ident.to_string(),
        _ => return None,
    })
}

/// A call of a macro in place of items.
fn invocation(item: &Item) -> Option<&syn::Macro> {
    match item {
        Item::Macro(it) if it.ident.is_none() => Some(&it.mac),
        _ => None,
    }
}

fn reexports(tree: &UseTree, name: &str) -> bool {
    match tree {
        UseTree::Path(step) => reexports(&step.tree, name),
        UseTree::Group(group) => group.items.iter().any(|tree| reexports(tree, name)),
        UseTree::Name(found) => found.ident == name,
        _ => false,
    }
}

fn joined(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(files: &[(&str, &str)]) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let told = api(folder.path()).unwrap();
        (folder, told)
    }

    #[test]
    fn what_others_can_write_against_is_listed_and_nothing_else() {
        let (_folder, told) = written(&[
            ("lib.rs", "mod a; mod private; pub use a::{One, Two as Second, free, Limits}; pub use other::Thing; pub const N: u8 = 1;"),
            (
                "a.rs",
                "mod inner; pub use inner::Limits;
                 /// Doc.
                 #[derive(Clone)] #[non_exhaustive] pub struct One { pub x: Vec<u8>, y: u8 }
                 impl One { pub fn new(x: &[u8]) -> Result<Self, ()> { todo!() } fn own(&self) {} #[doc(hidden)] pub fn not(&self) {} }
                 impl std::fmt::Display for One { }
                 pub enum Two { A(u8), B { c: String } }
                 pub fn free<T: Copy>(it: T) -> T { it }
                 pub struct NotSeen;",
            ),
            ("a/inner.rs", "pub struct Limits(pub u8);"),
            ("private.rs", "use crate::One; impl One { pub fn elsewhere(self) {} } impl From<u8> for One {}"),
        ]);
        insta::assert_snapshot!(told, @r"
        Limits.0: u8
        Limits: struct
        N: const u8
        One.x: Vec<u8>
        One: derive(Clone) non_exhaustive struct
        One: impl From<u8>
        One: impl std::fmt::Display
        One::elsewhere: fn elsewhere(self)
        One::new: fn new(x: &[u8]) -> Result<Self,()>
        Second: enum
        Second::A.0: u8
        Second::A: variant
        Second::B.c: String
        Second::B: variant
        Thing: = other::Thing
        free: fn free<T: Copy>(it: T) -> T
        ");
    }

    #[test]
    fn the_public_api_is_what_is_on_record_and_names_no_engine() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        assert_eq!(differences(&root).unwrap(), Vec::<String>::new());
        let mut engines = Vec::new();
        for (name, _) in CRATES {
            let text = std::fs::read_to_string(list(&root, name)).unwrap();
            assert!(text.lines().count() > 1, "{name}");
            let named = text.lines().filter(|line| line.contains("wasmtime") || line.contains("datafusion"));
            engines.extend(named.map(|line| format!("{name} {line}")));
        }
        // The one door of the data engine, behind a feature of its name.
        assert_eq!(engines, ["groundswell datafusion: = datafusion"]);
    }

    #[test]
    fn a_changed_signature_is_told() {
        let root = tempfile::tempdir().unwrap();
        for (_, folder) in CRATES {
            std::fs::create_dir_all(root.path().join(folder).join("src")).unwrap();
            std::fs::write(root.path().join(folder).join("src/lib.rs"), "pub fn one() {}").unwrap();
        }
        record(root.path()).unwrap();
        assert_eq!(differences(root.path()).unwrap(), Vec::<String>::new());
        std::fs::write(root.path().join("host/engine/src/lib.rs"), "pub fn one(more: u8) {}").unwrap();
        let told = differences(root.path()).unwrap();
        assert_eq!(told, ["- groundswell: one: fn one()", "+ groundswell: one: fn one(more: u8)"]);
        let error = check(root.path(), &Step::new("api", "cargo xtask check --only api")).unwrap_err();
        assert!(error.to_string().contains("record it with `cargo xtask api`"), "{error}");
    }
}
