//! The Python in which the peers are installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::Missing;

/// What pip installs: the peers and what they need, each of one version.
pub(crate) const PEERS: &str = include_str!("peers.txt");
/// Written last, with what was installed.
const MARK: &str = "installed.txt";

/// The path of a Python that has the peers; installed into `folder` where that has not been done.
pub(crate) fn python(folder: &Path) -> Result<PathBuf, Missing> {
    let python = folder.join("bin").join("python");
    if std::fs::read_to_string(folder.join(MARK)).is_ok_and(|installed| installed == PEERS) {
        return Ok(python);
    }
    println!("installing NetworKit and igraph by pip into {}, once: some 320 MB", folder.display());
    _ = std::fs::remove_dir_all(folder);
    let mut venv = Command::new("python3");
    ran(
        venv.args(["-m", "venv"]).arg(folder),
        "Python 3.11 or newer with venv (apt-get install python3-venv)",
    )?;
    let requirements = folder.join("peers.txt");
    let written = |path: &Path| {
        std::fs::write(path, PEERS).map_err(|error| format!("{} was not written: {error}", path.display()))
    };
    written(&requirements)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.args(["--only-binary", ":all:", "--requirement"]).arg(&requirements);
    ran(&mut pip, "pip, and a network on which it reaches its index, or wheels where its settings say")?;
    written(&folder.join(MARK))?;
    Ok(python)
}

/// Runs a program to its end; says what it needs where that fails.
fn ran(program: &mut Command, needs: &str) -> Result<(), Missing> {
    let told = match program.output() {
        Ok(Output { status, .. }) if status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
        Err(error) => error.to_string(),
    };
    Err(format!("NetworKit and igraph are not there to compare with; installing them needs {needs}:\n{told}"))
}
