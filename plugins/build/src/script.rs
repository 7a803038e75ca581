//! Plugins in JavaScript and Python: from a folder to a component, by the tools of their languages.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::builder::{Built, kilobytes};
use crate::cargo::clean;
use crate::component::finish_script;
use crate::manifest::check_name;
use crate::tools::{self, Tool};
use crate::{BuildError, Route};

/// A language whose plugins are components with an interpreter in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    JavaScript,
    Python,
}

/// The worlds of the contract that a plugin can be of.
const WORLDS: [&str; 4] = ["definition", "reward-rules", "community-plugin", "metric"];

/// The part of a manifest that is there for the builder alone.
const OWN: &str = "groundswell";

/// What a manifest says of the plugin.
struct About {
    name: String,
    version: String,
    world: String,
}

/// `package.json`.
#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    #[serde(default)]
    groundswell: Own,
}

/// `pyproject.toml`.
#[derive(Deserialize)]
struct Project {
    project: Named,
    #[serde(default)]
    tool: Tools,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    version: String,
}

#[derive(Default, Deserialize)]
struct Tools {
    #[serde(default)]
    groundswell: Own,
}

/// What is there for the builder alone.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    world: Option<String>,
}

impl Language {
    /// The language of the plugin in a folder without a Cargo.toml, by the file that it begins with.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        [Self::JavaScript, Self::Python].into_iter().find(|language| folder.join(language.source()).is_file())
    }

    fn source(self) -> &'static str {
        match self {
            Self::JavaScript => "plugin.js",
            Self::Python => "plugin.py",
        }
    }

    fn manifest(self) -> &'static str {
        match self {
            Self::JavaScript => "package.json",
            Self::Python => "pyproject.toml",
        }
    }

    /// A manifest that does, for those who have none: with the world, where `own` is what is wrong.
    fn example(self, own: bool) -> &'static str {
        match (self, own) {
            (Self::JavaScript, false) => r#"{ "name": "my-plugin", "version": "0.1.0", "type": "module" }"#,
            (Self::JavaScript, true) => {
                r#"{ "name": "my-plugin", "version": "0.1.0", "type": "module", "groundswell": { "world": "definition" } }"#
            }
            (Self::Python, false) => "[project]\n    name = \"my-plugin\"\n    version = \"0.1.0\"",
            (Self::Python, true) => {
                "[project]\n    name = \"my-plugin\"\n    version = \"0.1.0\"\n\n    [tool.groundswell]\n    world = \"definition\""
            }
        }
    }

    /// The keys that stand where the builder's own does; none where the text cannot be read.
    fn keys(self, text: &str) -> Vec<String> {
        match self {
            Self::JavaScript => {
                let keys: Option<serde_json::Map<String, serde_json::Value>> =
                    serde_json::from_str(text).ok();
                keys.into_iter().flatten().map(|(key, _)| key).collect()
            }
            Self::Python => {
                let all: Option<toml::Table> = toml::from_str(text).ok();
                let tool = all.as_ref().and_then(|all| all.get("tool")).and_then(toml::Value::as_table);
                tool.into_iter().flat_map(toml::Table::keys).cloned().collect()
            }
        }
    }

    /// The builder's own key as people are told it.
    fn own(self, key: &str) -> String {
        match self {
            Self::JavaScript => format!("`{key}`"),
            Self::Python => format!("`[tool.{key}]`"),
        }
    }

    fn route(self) -> Route {
        match self {
            Self::JavaScript => Route::Node,
            Self::Python => Route::Python,
        }
    }
}

/// Builds the plugin in a folder. `base`: where intermediate files and tools go, `None` for the user's cache.
pub(crate) fn build(
    language: Language,
    folder: &Path,
    base: Option<&Path>,
    on_step: &dyn Fn(&str),
) -> Result<Built, BuildError> {
    let about = about(language, folder)?;
    let About { name, version, .. } = &about;
    let base = base.map_or_else(tools::cache, Path::to_owned);
    let tool = match language {
        Language::JavaScript => tools::node(&base, folder, on_step)?,
        Language::Python => tools::python(&base, folder, on_step)?,
    };
    on_step(&format!("making a component of {name} {version} with {}", language.route()));
    let work = Work::new(&base, name)?;
    work.contract()?;
    let out = work.path.join("plugin.wasm");
    let mut command = match language {
        Language::JavaScript => javascript(&tool, folder, &work, &about, &out),
        Language::Python => python(&tool, folder, &work, &about, &out)?,
    };
    let output =
        command.output().map_err(|source| BuildError::Start { program: tool.program.clone(), source })?;
    if !output.status.success() || !out.is_file() {
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        return Err(BuildError::Compile {
            name: name.clone(),
            version: version.clone(),
            rendered: said.trim_end().to_owned(),
        });
    }
    let bytes = std::fs::read(&out).map_err(|source| file(&out, "read", source))?;
    let bytes = finish_script(&bytes, name, version)?;
    on_step(&format!("built {name} {version}: {}", kilobytes(bytes.len())));
    Ok(Built { name: about.name, version: about.version, bytes, route: language.route() })
}

fn about(language: Language, folder: &Path) -> Result<About, BuildError> {
    let path = folder.join(language.manifest());
    let refused_for = |output: String, own: bool| BuildError::ScriptManifest {
        manifest: path.clone(),
        output,
        example: language.example(own),
    };
    let text = std::fs::read_to_string(&path).map_err(|error| refused_for(error.to_string(), false))?;
    let keys = language.keys(&text);
    // Whoever misspells it would be built for another world.
    if let Some(key) = keys.iter().find(|key| is_misspelt(key)) {
        let (said, meant) = (language.own(&key.escape_debug().to_string()), language.own(OWN));
        return Err(refused_for(format!("it says {said}; did you mean {meant}?"), true));
    }
    let refused = |output: String| refused_for(output, keys.iter().any(|key| key == OWN));
    let (Named { name, version }, own) = match language {
        Language::JavaScript => serde_json::from_str(&text)
            .map(|Package { name, version, groundswell }| (Named { name, version }, groundswell))
            .map_err(|error| refused(error.to_string()))?,
        Language::Python => toml::from_str(&text)
            .map(|Project { project, tool }| (project, tool.groundswell))
            .map_err(|error| refused(error.to_string()))?,
    };
    check_name(&name)?;
    let world = own.world.unwrap_or_else(|| "definition".to_owned());
    if !WORLDS.contains(&world.as_str()) {
        return Err(refused(format!("its world is `{world}`; a plugin's is one of {}", WORLDS.join(", "))));
    }
    Ok(About { name, version, world })
}

/// Whether a key is the builder's own but for a slip or two.
fn is_misspelt(key: &str) -> bool {
    key != OWN && strsim::osa_distance(&key.to_lowercase(), OWN) <= 2
}

fn javascript(tool: &Tool, folder: &Path, work: &Work, about: &About, out: &Path) -> Command {
    let mut command = clean(tool.program.as_ref(), folder, false);
    command
        .arg(tool.folder.join("build.mjs"))
        .arg(folder.join(Language::JavaScript.source()))
        .arg(work.path.join("wit"))
        .arg(&about.world)
        .arg(out);
    command
}

fn python(tool: &Tool, folder: &Path, work: &Work, about: &About, out: &Path) -> Result<Command, BuildError> {
    let app = work.path.join("app");
    copy_python(folder, &app)?;
    // The tool looks for a resource's class in a module that is named after its interface.
    for (interface, class, worlds) in [
        ("scoring", "Model", ["definition", "community-plugin"]),
        ("rewards", "Rules", ["reward-rules", "community-plugin"]),
    ] {
        let shim = app.join(format!("{interface}.py"));
        if worlds.contains(&&*about.world) && !shim.exists() {
            let text = format!("from plugin import {class}  # noqa: F401\n");
            std::fs::write(&shim, text).map_err(|source| file(&shim, "written", source))?;
        }
    }
    let mut command = clean(tool.program.as_ref(), &work.path, false);
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("PYTHONPATH")
        // Its own script names the folder in which it was installed; this one does not.
        .args([
            "-c",
            "import sys; from componentize_py import script; sys.exit(script())",
            "--quiet",
            "--wit-path",
        ])
        .arg(work.path.join("wit"))
        .args(["--world", &about.world, "componentize", "--python-path"])
        .arg(&app)
        .arg("--output")
        .arg(out)
        .arg("plugin");
    Ok(command)
}

/// Copies the modules of a folder, so that nothing is written beside them.
fn copy_python(from: &Path, to: &Path) -> Result<(), BuildError> {
    std::fs::create_dir_all(to).map_err(|source| file(to, "made", source))?;
    let entries = std::fs::read_dir(from).map_err(|source| file(from, "read", source))?;
    for entry in entries {
        let entry = entry.map_err(|source| file(from, "read", source))?;
        let (path, name) = (entry.path(), entry.file_name());
        let copy = to.join(&name);
        let name = name.to_string_lossy();
        let left_out = name.starts_with(['.', '_']) && name != "__init__.py"
            || ["target", "venv", "tests", "node_modules"].contains(&&*name);
        if path.is_dir() && !left_out {
            copy_python(&path, &copy)?;
        } else if path.is_file() && path.extension().is_some_and(|extension| extension == "py") {
            std::fs::copy(&path, &copy).map_err(|source| file(&path, "copied", source))?;
        }
    }
    Ok(())
}

/// A folder for what is between source and component; gone with it.
struct Work {
    path: PathBuf,
}

impl Work {
    fn new(base: &Path, name: &str) -> Result<Self, BuildError> {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = base.join("scripts").join(format!("{name}-{}-{next}", std::process::id()));
        _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).map_err(|source| file(&path, "made", source))?;
        Ok(Self { path })
    }

    /// Writes the contract, for tools that read it.
    fn contract(&self) -> Result<(), BuildError> {
        let folder = self.path.join("wit");
        std::fs::create_dir_all(&folder).map_err(|source| file(&folder, "made", source))?;
        groundswell_contract::FILES.iter().try_for_each(|(name, text)| {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(|source| file(&path, "written", source))
        })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.path);
    }
}

fn file(path: &Path, what: &'static str, source: std::io::Error) -> BuildError {
    BuildError::File { path: path.to_owned(), what, source }
}
