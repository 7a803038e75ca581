//! The Python in which peers are installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::Missing;

/// Written last, with what was installed.
const MARK: &str = "installed.txt";

/// What pip installs.
#[derive(Clone, Copy, Debug)]
pub struct Wheels {
    /// What people call it: `NetworKit and igraph`.
    pub title: &'static str,
    /// How much that is on the disk: `320 MB`.
    pub size: &'static str,
    /// pip's requirements: the peers and what they need, each of one version.
    pub requirements: &'static str,
}

impl Wheels {
    /// The path of a Python that has them; installs them into `folder` where that has not been done.
    ///
    /// # Errors
    ///
    /// Where Python, venv, pip or what it fetches is missing: says which.
    pub fn python(&self, folder: &Path) -> Result<PathBuf, Missing> {
        let python = folder.join("bin").join("python");
        if std::fs::read_to_string(folder.join(MARK)).is_ok_and(|installed| installed == self.requirements) {
            return Ok(python);
        }
        println!("installing {} by pip into {}, once: some {}", self.title, folder.display(), self.size);
        _ = std::fs::remove_dir_all(folder);
        let mut venv = Command::new("python3");
        self.ran(
            venv.args(["-m", "venv"]).arg(folder),
            "Python 3.11 or newer with venv (apt-get install python3-venv)",
        )?;
        let requirements = folder.join("peers.txt");
        let written = |path: &Path| {
            std::fs::write(path, self.requirements)
                .map_err(|error| format!("{} was not written: {error}", path.display()))
        };
        written(&requirements)?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip.args(["--only-binary", ":all:", "--requirement"]).arg(&requirements);
        self.ran(
            &mut pip,
            "pip, and a network on which it reaches its index, or wheels where its settings say",
        )?;
        written(&folder.join(MARK))?;
        Ok(python)
    }

    /// Runs a program to its end; says what it needs where that fails.
    fn ran(&self, program: &mut Command, needs: &str) -> Result<(), Missing> {
        let told = match program.output() {
            Ok(Output { status, .. }) if status.success() => return Ok(()),
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
            Err(error) => error.to_string(),
        };
        Err(format!(
            "what is compared with ({}) is not there; installing it needs {needs}:\n{told}",
            self.title
        ))
    }
}
