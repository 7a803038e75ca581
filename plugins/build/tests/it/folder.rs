//! Plugin folders to build, made in a temporary place.

use std::path::PathBuf;
use std::sync::Mutex;

use groundswell_plugin_build::{BuildError, Builder, Built};
use tempfile::TempDir;
use wit_component::StringEncoding;

/// What the guest is made of: the contract's functions by hand.
pub(crate) const GUEST: &str = include_str!("guest.rs");

/// A folder with a plugin and, beside it, the empty crate that stands in for the SDK.
pub(crate) struct Folder {
    temp: TempDir,
}

impl Folder {
    /// A plugin named `tiny` that builds.
    pub(crate) fn good() -> Self {
        Self::with_contract(groundswell_contract::VERSION)
    }

    /// The same, written for another version of the contract.
    pub(crate) fn with_contract(version: &str) -> Self {
        let folder = Self { temp: TempDir::new().unwrap() };
        folder
            .write(
                "groundswell-plugin/Cargo.toml",
                "[package]\nname = \"groundswell-plugin\"\nedition = \"2024\"\n",
            )
            .write("groundswell-plugin/src/lib.rs", "")
            .write("plugin/Cargo.toml", &manifest("tiny", "[\"cdylib\", \"rlib\"]"))
            .write("plugin/src/lib.rs", &GUEST.replace("VERSION", version));
        std::fs::write(folder.path().join("src/world.bin"), world(version)).unwrap();
        folder
    }

    /// Writes a file, relative to the folder that holds the plugin's.
    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.temp.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Adds to the plugin's source.
    pub(crate) fn append(&self, text: &str) -> &Self {
        let source = std::fs::read_to_string(self.path().join("src/lib.rs")).unwrap();
        self.write("plugin/src/lib.rs", &format!("{source}\n{text}"))
    }

    /// The plugin's folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.temp.path().canonicalize().unwrap().join("plugin")
    }

    pub(crate) fn builder(&self) -> Builder {
        Builder::new(self.path()).target_dir(self.temp.path().join("target"))
    }

    pub(crate) fn build(&self) -> Result<Built, BuildError> {
        self.builder().build()
    }

    /// The message of the error that building ends with.
    pub(crate) fn refusal(&self) -> String {
        self.normal(&self.build().unwrap_err().to_string())
    }

    /// A message without what differs from run to run.
    pub(crate) fn normal(&self, message: &str) -> String {
        let temp = self.temp.path().canonicalize().unwrap();
        message.replace(&temp.display().to_string(), "[temp]")
    }
}

/// The plugin's manifest.
pub(crate) fn manifest(name: &str, crate_type: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.3.0\"\nedition = \"2024\"\n[workspace]\n\
         [lib]\ncrate-type = {crate_type}\n\
         [dependencies]\ngroundswell-plugin = {{ path = \"../groundswell-plugin\" }}\n"
    )
}

/// The description of the world `reward-rules`, as wit-bindgen would put it into the module.
fn world(version: &str) -> Vec<u8> {
    let mut resolve = wit_parser::Resolve::default();
    let mut files = wit_parser::SourceMap::default();
    for (name, text) in groundswell_contract::FILES {
        files.push(
            name.as_ref(),
            text.replace(&format!("@{}", groundswell_contract::VERSION), &format!("@{version}")),
        );
    }
    let package = resolve.push_group(files.parse().map_err(|(_, error)| error).unwrap()).unwrap();
    let world = resolve.select_world(&[package], Some("reward-rules")).unwrap();
    wit_component::metadata::encode(&resolve, world, StringEncoding::UTF8, None).unwrap()
}

/// The lines that a builder says.
#[derive(Clone, Default)]
pub(crate) struct Steps(std::sync::Arc<Mutex<Vec<String>>>);

impl Steps {
    pub(crate) fn listen(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let lines = self.0.clone();
        move |line| lines.lock().unwrap().push(line.to_owned())
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}
