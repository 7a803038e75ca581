//! The way from a folder to a component, in order.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cargo::{Artefact, What, compile};
use crate::component::{componentize, componentize_unchecked};
use crate::manifest::{self, Manifest, check_name};
use crate::route::{Compiler, find};
use crate::script::{self, Language};
use crate::{BuildError, Route};

/// Builds the plugin in one folder. See the [crate's page](crate) for what that takes.
#[derive(Clone)]
pub struct Builder {
    folder: PathBuf,
    target_dir: Option<PathBuf>,
    route: Option<Route>,
    unchecked: bool,
    on_step: Arc<dyn Fn(&str) + Send + Sync>,
}

/// A plugin, ready for a host.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Built {
    /// Its name, as in its stamp.
    pub name: String,
    /// Its version, as in its stamp.
    pub version: String,
    /// The component.
    pub bytes: Vec<u8>,
    /// How its compiler was found.
    pub route: Route,
}

impl Builder {
    /// Will build the plugin in `folder`: a crate, or one that begins with `plugin.js` or `plugin.py`; with
    ///
    /// - the target directory `plugins/ROUTE` below that of the crate's workspace; for other languages, whose tools
    ///   are large, `groundswell/plugins` in the user's cache;
    /// - the route that `GROUNDSWELL_WASM_ROUTE` forces, else the first that leads there;
    /// - silence;
    /// - every check.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            target_dir: None,
            route: None,
            unchecked: false,
            on_step: Arc::new(|_| ()),
        }
    }

    /// Compiles into `path/ROUTE`. Never the target directory of the Cargo that runs this: each would wait for
    /// the other.
    pub fn target_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.target_dir = Some(path.into());
        self
    }

    /// Takes this route or none, whatever the environment says.
    pub fn route(mut self, route: Route) -> Self {
        self.route = Some(route);
        self
    }

    /// Hears, line by line, what is being done: the builder's own steps, Cargo's, and the compiler's warnings
    /// (of several lines each).
    pub fn on_step(mut self, on_step: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.on_step = Arc::new(on_step);
        self
    }

    /// Lets imports and exports be what they are. For tests of hosts, which need plugins that no host accepts.
    pub fn without_contract_checks(mut self) -> Self {
        self.unchecked = true;
        self
    }

    /// Builds the crate's library, or the script.
    ///
    /// # Errors
    ///
    /// Every case of [`BuildError`]. The folder is read first, then the target looked for, then compiled.
    pub fn build(&self) -> Result<Built, BuildError> {
        let folder = manifest::folder(&self.folder)?;
        if let Some(language) = Language::of(&folder).filter(|_| !folder.join("Cargo.toml").is_file()) {
            return script::build(language, &folder, self.target_dir.as_deref(), &*self.on_step);
        }
        let (compiler, manifest) = self.begin()?;
        check_name(&manifest.name)?;
        let library = library(&manifest)?;
        manifest.check_dependency()?;
        let own = self.compile_library(&compiler, &manifest, library)?;
        self.finish(own.as_ref(), &manifest.name, &manifest, compiler.route)
    }

    /// Compiles the crate's library as [`Builder::build`] does and makes no component of it: the module, for other
    /// hosts, so that they can be compared.
    #[doc(hidden)]
    pub fn build_module(&self) -> Result<Vec<u8>, BuildError> {
        let (compiler, manifest) = self.begin()?;
        let own = self.compile_library(&compiler, &manifest, library(&manifest)?)?;
        let (name, version) = (&manifest.name, &manifest.version);
        read_module(own.as_ref(), name, version)
    }

    /// Builds every example of the crate that is a `cdylib`, in the order of their names. A plugin's name is then
    /// the example's, its version the crate's.
    ///
    /// # Errors
    ///
    /// As [`Builder::build`]; [`BuildError::NoExamples`] where there is nothing to build.
    pub fn build_examples(&self) -> Result<Vec<Built>, BuildError> {
        let (compiler, manifest) = self.begin()?;
        let mut names = manifest.examples.clone();
        names.sort();
        if names.is_empty() {
            return Err(BuildError::NoExamples { manifest: manifest.path() });
        }
        names.iter().try_for_each(|name| check_name(name))?;
        self.step(&format!(
            "compiling {} examples of {} with {}",
            names.len(),
            manifest.name,
            compiler.route
        ));
        let what = What::Examples(&names);
        let artefacts =
            compile(&compiler, &manifest, &self.directory(&compiler, &manifest), &what, &*self.on_step)?;
        let of = |name: &str| artefacts.iter().find(|artefact| artefact.target == name);
        names.iter().map(|name| self.finish(of(name), name, &manifest, compiler.route)).collect()
    }

    fn begin(&self) -> Result<(Compiler, Manifest), BuildError> {
        let folder = manifest::folder(&self.folder)?;
        let compiler = find(&folder, self.route, &*self.on_step)?;
        let manifest = manifest::read(folder, &compiler)?;
        Ok((compiler, manifest))
    }

    fn compile_library(
        &self,
        compiler: &Compiler,
        manifest: &Manifest,
        library: &str,
    ) -> Result<Option<Artefact>, BuildError> {
        self.step(&format!("compiling {} {} with {}", manifest.name, manifest.version, compiler.route));
        let directory = self.directory(compiler, manifest);
        let artefacts = compile(compiler, manifest, &directory, &What::Library, &*self.on_step)?;
        // Dependencies may make libraries of this kind too.
        Ok(artefacts.into_iter().find(|artefact| artefact.target == library))
    }

    /// One folder a route: two compilers in one would throw away each other's work.
    fn directory(&self, compiler: &Compiler, manifest: &Manifest) -> PathBuf {
        let base = self.target_dir.clone().unwrap_or_else(|| manifest.target_dir.join("plugins"));
        // Cargo runs in the plugin's folder, not in ours.
        std::path::absolute(&base).unwrap_or(base).join(compiler.route.folder())
    }

    fn finish(
        &self,
        artefact: Option<&Artefact>,
        name: &str,
        manifest: &Manifest,
        route: Route,
    ) -> Result<Built, BuildError> {
        let (name, version) = (name.to_owned(), manifest.version.clone());
        let module = read_module(artefact, &name, &version)?;
        let encode = if self.unchecked { componentize_unchecked } else { componentize };
        let bytes = encode(&module, &name, &version)?;
        self.step(&format!("built {name} {version}: {}", kilobytes(bytes.len())));
        Ok(Built { name, version, bytes, route })
    }

    fn step(&self, line: &str) {
        (self.on_step)(line);
    }
}

/// The name of the library that becomes a module.
fn library(manifest: &Manifest) -> Result<&str, BuildError> {
    let library = manifest.library.as_deref();
    library.ok_or_else(|| BuildError::NoCdylib { manifest: manifest.path() })
}

fn read_module(artefact: Option<&Artefact>, name: &str, version: &str) -> Result<Vec<u8>, BuildError> {
    let Some(Artefact { path, .. }) = artefact else {
        return Err(BuildError::NoModule { name: name.to_owned(), version: version.to_owned() });
    };
    std::fs::read(path).map_err(|source| BuildError::File { path: path.clone(), what: "read", source })
}

impl Built {
    /// Writes the component to a file, replacing it as a whole.
    ///
    /// # Errors
    ///
    /// [`BuildError::File`] where it cannot be written.
    pub fn write_to(&self, path: impl AsRef<Path>) -> Result<(), BuildError> {
        let path = path.as_ref();
        if std::fs::symlink_metadata(path).is_ok_and(|about| !about.is_file()) {
            let source = std::io::Error::other("it is no regular file, and is left alone; name another file");
            return Err(BuildError::File { path: path.to_owned(), what: "written", source });
        }
        // A host may be reading the file at this moment: it sees the old plugin or the new one.
        let written = path.with_extension(format!("{}.part", std::process::id()));
        std::fs::write(&written, &self.bytes).and_then(|()| std::fs::rename(&written, path)).map_err(
            |source| {
                _ = std::fs::remove_file(&written);
                BuildError::File { path: path.to_owned(), what: "written", source }
            },
        )
    }
}

/// A size as people read it; 1 kB is 1,000 bytes.
pub(crate) fn kilobytes(bytes: usize) -> String {
    match bytes {
        0..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { folder, target_dir, route, unchecked, on_step: _ } = self;
        f.debug_struct("Builder")
            .field("folder", folder)
            .field("target_dir", target_dir)
            .field("route", route)
            .field("unchecked", unchecked)
            .finish_non_exhaustive()
    }
}
