use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use groundswell_plugin_build::Builder;

use crate::failure::{Failure, harmless};
use crate::{output, progress};

/// Build a plugin from its folder: a crate in Rust, or plugin.js or plugin.py
///
/// For Rust it finds a compiler for WebAssembly by itself: the toolchain's own target, else through rustup, else Debian's. For JavaScript
/// and Python it installs componentize-js or componentize-py, once, which takes Node.js with npm or Python with venv.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  groundswell plugin build my-definition --out my-definition.wasm")]
pub(crate) struct Build {
    /// The folder that holds the plugin's Cargo.toml, plugin.js or plugin.py
    folder: PathBuf,
    /// The file to write. Default: NAME.wasm in the current folder, by the plugin's name
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Build {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.out.as_deref().map_or(Ok(()), writable)?;
        let spinner = progress::spinner();
        let line = spinner.clone();
        // One line says what goes on; several are a warning, and stay.
        let on_step = move |step: &str| {
            if step.trim_end().contains('\n') {
                line.suspend(|| crate::output::say!("{}", harmless(step)));
            } else {
                line.set_message(step.to_owned());
            }
        };
        let built = Builder::new(self.folder).on_step(on_step).build();
        spinner.finish_and_clear();
        let built = built?;
        let file = self.out.unwrap_or_else(|| PathBuf::from(format!("{}.wasm", built.name)));
        built.write_to(&file)?;
        output::write(|out| {
            writeln!(
                out,
                "built {} {}: {}, {} bytes",
                built.name,
                built.version,
                output::path(&file),
                built.bytes.len()
            )
        })
    }
}

/// Refuses a file that cannot be written, before anything is compiled.
fn writable(out: &Path) -> Result<(), Failure> {
    if out.is_dir() {
        let failure = Failure::of(format!("--out {} is a folder", out.display()));
        return Err(failure.with_help(format!("name a file in it: {}", out.join("NAME.wasm").display())));
    }
    match out.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            let failure =
                Failure::of(format!("there is no folder {} for {}", folder.display(), out.display()));
            Err(failure.with_help(format!("make it first: mkdir -p {}", output::word(folder))))
        }
        _ => Ok(()),
    }
}
