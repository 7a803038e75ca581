//! The tools of other languages, each of one version, in folders of their own.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::BuildError;
use crate::cargo::{clean, run};

/// The files of the folder in which the JavaScript tool is installed. The lock names every package's version and digest.
const NODE: [(&str, &str); 3] = [
    ("package.json", include_str!("../tools/node/package.json")),
    ("package-lock.json", include_str!("../tools/node/package-lock.json")),
    ("build.mjs", include_str!("../tools/node/build.mjs")),
];
/// What pip installs for Python. It depends on nothing else.
const PYTHON: (&str, &str) = ("python.txt", include_str!("../tools/python.txt"));
/// Written last, with what the tool was installed from.
const MARK: &str = "installed";

/// A tool that is installed, and the program that runs it.
pub(crate) struct Tool {
    pub(crate) program: String,
    pub(crate) folder: PathBuf,
}

/// Where tools are kept for a user: they are large, and the same for all plugins.
pub(crate) fn cache() -> PathBuf {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    of("XDG_CACHE_HOME")
        .or_else(|| of("LOCALAPPDATA"))
        .or_else(|| of("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("groundswell")
        .join("plugins")
}

/// The JavaScript tool, installed where it is not.
pub(crate) fn node(base: &Path, folder: &Path, on_step: &dyn Fn(&str)) -> Result<Tool, BuildError> {
    const NEEDS: &str = "Node.js 20 or newer with npm";
    const GET: &str = "apt-get install nodejs npm";
    needs("node", &["--version"], folder, NEEDS, GET)?;
    let at = base.join("tools").join("node");
    let from = NODE.map(|(_, text)| text).concat();
    install(&at, &from, || {
        needs("npm", &["--version"], folder, NEEDS, GET)?;
        on_step("installing componentize-js with npm, once");
        for (name, text) in NODE {
            write(&at.join(name), text)?;
        }
        let mut npm = clean("npm".as_ref(), &at, false);
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"]);
        run(&mut npm).map(drop).map_err(|output| BuildError::Tool { tool: "componentize-js", output })
    })?;
    Ok(Tool { program: "node".to_owned(), folder: at })
}

/// The Python tool, installed where it is not.
pub(crate) fn python(base: &Path, folder: &Path, on_step: &dyn Fn(&str)) -> Result<Tool, BuildError> {
    const NEEDS: &str = "Python 3.10 or newer with venv";
    const GET: &str = "apt-get install python3-venv";
    let at = base.join("tools").join("python");
    let program = ["bin/python", "Scripts/python.exe"].map(|name| at.join(name));
    install(&at, PYTHON.1, || {
        let new = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
        needs("python3", &["-c", new], folder, NEEDS, GET)?;
        on_step("installing componentize-py with pip, once");
        let failed = |output| BuildError::Tool { tool: "componentize-py", output };
        let mut venv = clean("python3".as_ref(), folder, false);
        run(venv.args(["-m", "venv"]).arg(&at)).map_err(failed)?;
        write(&at.join(PYTHON.0), PYTHON.1)?;
        let Some(python) = program.iter().find(|program| program.exists()) else {
            return Err(failed(format!("venv has made no python in {}", at.display())));
        };
        let mut pip = clean(python.as_ref(), &at, false);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip.args(["--only-binary", ":all:", "--requirement", PYTHON.0]);
        run(&mut pip).map(drop).map_err(failed)
    })?;
    let program = program.iter().find(|program| program.exists()).unwrap_or(&at);
    Ok(Tool { program: program.display().to_string(), folder: at })
}

/// Installs into a folder, unless that has been done from the same files. Whoever comes second waits.
fn install(
    folder: &Path,
    from: &str,
    install: impl FnOnce() -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| BuildError::File { path, what: "made", source }
    };
    let parent = folder.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).map_err(failed(parent))?;
    let lock = folder.with_extension("lock");
    let locked = File::create(&lock).and_then(|file| file.lock().map(|()| file));
    let _locked = locked.map_err(failed(&lock))?;
    let mark = folder.join(MARK);
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == from) {
        return Ok(());
    }
    _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    install()?;
    write(&mark, from)
}

/// Refuses to go on without a program.
fn needs(
    program: &'static str,
    arguments: &[&str],
    folder: &Path,
    what: &'static str,
    get: &'static str,
) -> Result<(), BuildError> {
    let mut command = clean(program.as_ref(), folder, false);
    run(command.args(arguments)).map(drop).map_err(|output| BuildError::NoTool { program, what, get, output })
}

fn write(path: &Path, text: &str) -> Result<(), BuildError> {
    std::fs::write(path, text).map_err(|source| BuildError::File {
        path: path.to_owned(),
        what: "written",
        source,
    })
}
