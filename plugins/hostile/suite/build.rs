//! Lists the attacks, a folder each, and makes their bytes: one module of those in Rust, another of those that are metrics,
//! a component of every one in WebAssembly's text format.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use groundswell_plugin_build::Builder;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Set to 1, it makes empty files in place of attackers: for clippy and rustdoc, which only read.
const STUBS: &str = "GROUNDSWELL_STUB_PLUGINS";

type Done<T> = Result<T, Box<dyn Error>>;

/// A folder under `attacks/`.
struct Folder {
    name: String,
    tries: String,
    variants: Vec<String>,
    /// Of one in the text format: packages whose world `attack` it is built for, where that is not the contract's.
    world: Option<String>,
    source: Source,
}

enum Source {
    Rust,
    Metric,
    Text(String),
    Bytes,
}

fn main() -> ExitCode {
    for variable in [STUBS, "GROUNDSWELL_WASM_ROUTE"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let watched = [
        "build.rs",
        "base.wat",
        "../attacks",
        "../src",
        "../metrics",
        "../build.rs",
        "../listing.rs",
        "../Cargo.toml",
    ];
    for path in
        watched.iter().chain(&["../../sdk", "../../../wit", "../../../Cargo.toml", "../../../Cargo.lock"])
    {
        println!("cargo::rerun-if-changed={path}");
    }
    match make() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the attackers could not be made: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make() -> Done<()> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    let stubs = std::env::var_os(STUBS).is_some_and(|value| value == "1");
    let folders = folders(Path::new("../attacks"))?;
    for (file, source) in [("rust.wasm", ".."), ("metrics.wasm", "../metrics")] {
        std::fs::write(out.join(file), if stubs { Vec::new() } else { module(source, &out)? })?;
    }
    for folder in &folders {
        let Source::Text(text) = &folder.source else { continue };
        for name in names(folder) {
            let bytes = if stubs { Vec::new() } else { component(folder, &name, text)? };
            std::fs::write(out.join(format!("{}.wasm", name.0)), bytes)?;
        }
    }
    std::fs::write(out.join("folders.rs"), listing(&folders)?)?;
    Ok(())
}

/// Every attack, in the order of names. Each folder has one source, and its first line says what it tries.
fn folders(root: &Path) -> Done<Vec<Folder>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let read = |file: &str| std::fs::read_to_string(entry.path().join(file)).ok();
        let sources =
            [("attack.rs", "//! "), ("metric.rs", "//! "), ("attack.wat", ";; "), ("attack.txt", "")]
                .map(|(file, comment)| read(file).map(|text| (text, comment)));
        let (source, text, comment) = match sources {
            [Some((text, comment)), None, None, None] => (Source::Rust, text, comment),
            [None, Some((text, comment)), None, None] => (Source::Metric, text, comment),
            [None, None, Some((text, comment)), None] => (Source::Text(text.clone()), text, comment),
            [None, None, None, Some((text, comment))] => (Source::Bytes, text, comment),
            _ => {
                let needs =
                    format!("attacks/{name} needs one attack.rs, metric.rs, attack.wat or attack.txt");
                return Err(needs.into());
            }
        };
        let tries = text.lines().next().and_then(|line| line.strip_prefix(comment));
        let Some(tries) = tries.filter(|tries| tries.ends_with('.')) else {
            return Err(
                format!("the first line of attacks/{name} does not say in a sentence what it tries").into()
            );
        };
        let variants = read("variants.txt").unwrap_or_default();
        folders.push(Folder {
            name,
            tries: tries.to_owned(),
            variants: variants.lines().map(str::to_owned).collect(),
            world: read("world.wit"),
            source,
        });
    }
    folders.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(folders)
}

/// The names of a folder's attackers, each with its variant.
fn names(folder: &Folder) -> Vec<(String, String)> {
    if folder.variants.is_empty() {
        return vec![(folder.name.clone(), String::new())];
    }
    let named = |variant: &String| {
        let words = variant.split('@').next().unwrap_or_default().replace([':', '/', '.'], "-");
        (format!("{}-{words}", folder.name), variant.clone())
    };
    folder.variants.iter().map(named).collect()
}

/// The attackers in Rust, of one kind.
fn module(source: &str, out: &Path) -> Done<Vec<u8>> {
    let mut builder = Builder::new(source).without_contract_checks().on_step(|line| println!("{line}"));
    // As somebody's dependency nothing may be written beside the sources.
    if !Path::new("../../../target").canonicalize().is_ok_and(|target| out.starts_with(target)) {
        builder = builder.target_dir(out.join("plugins"));
    }
    Ok(builder.build()?.bytes)
}

/// An attacker in the text format: a component, or what differs from the core module in `base.wat`.
fn component(folder: &Folder, (name, variant): &(String, String), text: &str) -> Done<Vec<u8>> {
    let text = text.replace("{variant}", variant);
    let forms = forms(&text)?;
    let fail = |error: &dyn std::fmt::Display| format!("attacks/{}: {error}", folder.name);
    if forms.iter().any(|form| form.starts_with("(component")) {
        return wat::parse_str(&text).map_err(|error| fail(&error).into());
    }
    let base = std::fs::read_to_string("base.wat")?;
    let base = base.replace("{name}", name).replace("{name-bytes}", &escaped(name.len() as u32));
    let mut whole: Vec<(String, &str)> = Vec::new();
    let base = self::forms(&base)?;
    for form in base.iter().chain(&forms) {
        let key = key(form);
        match whole.iter_mut().find(|(other, _)| !key.is_empty() && *other == key) {
            Some((_, there)) => *there = form,
            None => whole.push((key, form)),
        }
    }
    // Imports come first.
    whole.sort_by_key(|(_, form)| !form.starts_with("(import"));
    let forms: Vec<&str> = whole.iter().map(|(_, form)| *form).collect();
    let mut module =
        wat::parse_str(format!("(module\n{}\n)", forms.join("\n"))).map_err(|error| fail(&error))?;
    let mut resolve = Resolve::default();
    let mut files = wit_parser::SourceMap::default();
    for (file, text) in groundswell_contract::FILES {
        files.push(file.as_ref(), text.to_owned());
    }
    let package = resolve.push_group(files.parse().map_err(|(_, error)| fail(&error))?)?;
    let world = match &folder.world {
        None => resolve.select_world(&[package], Some("definition"))?,
        Some(world) => {
            let package = resolve.push_source("world.wit", world).map_err(|error| fail(&error))?;
            resolve.select_world(&[package], Some("attack"))?
        }
    };
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    let encoded = ComponentEncoder::default().validate(true).module(&module).and_then(|with| with.encode());
    encoded.map_err(|error| fail(&format!("{error:#}")).into())
}

/// A number as the four bytes that stand for it in memory.
fn escaped(number: u32) -> String {
    number.to_le_bytes().iter().map(|byte| format!("\\{byte:02x}")).collect()
}

/// The forms that stand side by side in a text, without the comments between them.
fn forms(text: &str) -> Done<Vec<String>> {
    let (mut forms, mut form, mut depth) = (Vec::new(), String::new(), 0_usize);
    for line in text.lines() {
        let (mut quoted, mut rest) = (false, line.chars().peekable());
        while let Some(letter) = rest.next() {
            match letter {
                ';' if !quoted && rest.peek() == Some(&';') => break,
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth = depth.checked_sub(1).ok_or("a parenthesis too many")?,
                _ => {}
            }
            if depth > 0 || letter == ')' {
                form.push(letter);
            }
            if letter == '\\' {
                form.extend(rest.next());
            }
            if depth == 0 && letter == ')' && !quoted {
                forms.push(std::mem::take(&mut form));
            }
        }
        if depth > 0 {
            form.push('\n');
        }
    }
    if depth > 0 { Err("a parenthesis is not closed".into()) } else { Ok(forms) }
}

/// What a form is known by, so that an attack's stands in for that of the base: its kind and its name.
fn key(form: &str) -> String {
    let mut words = form.split(|letter: char| letter.is_whitespace() || letter == ')');
    let (kind, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if name.starts_with('$') { format!("{kind} {name}") } else { String::new() }
}

/// The list as Rust.
fn listing(folders: &[Folder]) -> Done<String> {
    let mut text = String::from(
        "/// Every folder under `attacks/`. Whoever adds one says in `expected.rs` what stops it, or nothing compiles.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n#[non_exhaustive]\npub enum Folder {\n",
    );
    for folder in folders {
        writeln!(text, "    /// {}\n    {},", folder.tries, camel(&folder.name))?;
    }
    text.push_str("}\n\nconst LISTED: &[Listed] = &[\n");
    for folder in folders {
        for (name, variant) in names(folder) {
            let source = match &folder.source {
                Source::Rust => "Source::Rust".to_owned(),
                Source::Metric => "Source::Metric".to_owned(),
                Source::Text(_) => {
                    format!("Source::Text(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.wasm\")))")
                }
                Source::Bytes => "Source::Bytes".to_owned(),
            };
            writeln!(
                text,
                "    Listed {{ name: {name:?}, family: {:?}, folder: Folder::{}, variant: {variant:?}, tries: {:?}, source: {source} }},",
                folder.name,
                camel(&folder.name),
                folder.tries
            )?;
        }
    }
    text.push_str("];\n");
    Ok(text)
}

fn camel(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    name.split('-').map(word).collect()
}
