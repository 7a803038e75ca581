//! The plugins that inputs are put into, and the runtime that they run in.
#![expect(clippy::expect_used, reason = "what is needed to look for anything")]

use std::path::PathBuf;
use std::sync::OnceLock;

use groundswell_plugin_build::{Builder, Built};
use groundswell_runtime::{Error, Limits, Plugin, Runtime};

/// Stands before the bytes that guests answer from.
const MARK: &[u8; 32] = b"groundswell: arbitrary answers >";
/// Bytes behind the mark.
pub(crate) const ROOM: usize = 2_048;
/// Fills what an input leaves empty.
const END: u8 = 0xff;

/// Limits that a loop reaches in a moment, and that keep compiling short.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let limits = Limits {
            fuel_per_call: 20_000_000,
            fuel_per_row: 10_000,
            memory_bytes: 8 << 20,
            component_bytes: 1 << 20,
            compile_work: 4_000_000,
            instances: 8,
            ..Limits::new()
        };
        Runtime::new(limits).expect("an engine")
    })
}

/// Builds and compiles everything here.
pub(crate) fn prepare() {
    honest();
    arbitrary();
}

/// Builds and compiles the metric.
pub(crate) fn prepare_metric() {
    arbitrary_metric();
}

/// A component and what is compiled of it.
pub(crate) struct Guest {
    /// As its author would hand it over.
    pub(crate) component: Vec<u8>,
    code: Vec<u8>,
}

impl Guest {
    fn named(name: &str) -> Self {
        let component = match std::env::var_os("GROUNDSWELL_FUZZ_GUESTS") {
            Some(folder) => {
                let file = PathBuf::from(folder).join(format!("{name}.wasm"));
                std::fs::read(file).expect("a guest that xtask has built")
            }
            None => built().iter().find(|built| built.name == name).expect("that guest").bytes.clone(),
        };
        let precompiled = runtime().precompile(name, &component).expect("an honest guest loads");
        let code = precompiled.get(HEAD + component.len()..).unwrap_or_default().to_vec();
        Self { component, code }
    }

    /// Loads it, without compiling it again.
    pub(crate) fn load(&self) -> Result<Plugin, Error> {
        self.load_as(&self.component)
    }

    /// Loads its code as that of another component. It runs in the sandbox as ever, whatever that one says: it is this
    /// guest that answers.
    pub(crate) fn load_as(&self, component: &[u8]) -> Result<Plugin, Error> {
        // SAFETY: `named` has compiled the code in this process, and nobody can change it.
        #[expect(unsafe_code, reason = "so that not every input has to be compiled")]
        unsafe {
            load(component, &self.code)
        }
    }
}

/// Loads a component with code that need not be compiled.
///
/// # Safety
///
/// The code is run outside of the sandbox's checks: it must be what the compiler made in this process, but for bytes of the
/// guest's data.
#[expect(unsafe_code, reason = "it is for the caller to know where machine code comes from")]
unsafe fn load(component: &[u8], code: &[u8]) -> Result<Plugin, Error> {
    let length = (component.len() as u64).to_le_bytes();
    let precompiled = [b"groundswell-pre\x01".as_slice(), &length, component, code].concat();
    // SAFETY: the caller vouches for the code.
    unsafe { runtime().load_precompiled("input.wasm", &precompiled) }
}

/// All guests, built where nobody has done so before.
fn built() -> &'static [Built] {
    static BUILT: OnceLock<Vec<Built>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("guests");
        Builder::new(folder).without_contract_checks().build_examples().expect("the guests build")
    })
}

/// What stands before the component in a precompiled plugin.
const HEAD: usize = 16 + 8;

/// A small plugin with both parts that breaks no rule.
pub(crate) fn honest() -> &'static Guest {
    static GUEST: OnceLock<Guest> = OnceLock::new();
    GUEST.get_or_init(|| Guest::named("good"))
}

/// A guest that answers what it is told to.
pub(crate) struct Arbitrary {
    guest: Guest,
    /// Where its bytes stand in the component, and in the code.
    places: [usize; 2],
}

/// The definition and reward rules that answer what they are told to.
pub(crate) fn arbitrary() -> &'static Arbitrary {
    static GUEST: OnceLock<Arbitrary> = OnceLock::new();
    GUEST.get_or_init(|| Arbitrary::named("arbitrary-answers"))
}

/// The metric that answers what it is told to.
pub(crate) fn arbitrary_metric() -> &'static Arbitrary {
    static GUEST: OnceLock<Arbitrary> = OnceLock::new();
    GUEST.get_or_init(|| Arbitrary::named("arbitrary-values"))
}

impl Arbitrary {
    fn named(name: &str) -> Self {
        let guest = Guest::named(name);
        let place = |bytes: &[u8]| {
            let mut found = (0..).zip(bytes.windows(MARK.len())).filter(|(_, window)| window == MARK);
            let (place, _) = found.next().expect("the mark of the guest's bytes");
            assert!(found.next().is_none(), "the mark stands there twice");
            place + MARK.len()
        };
        let places = [place(&guest.component), place(&guest.code)];
        Self { guest, places }
    }

    /// Loads the guest with these bytes to answer from.
    pub(crate) fn load(&self, answers: &[u8]) -> Result<Plugin, Error> {
        let [component, code] = [&self.guest.component, &self.guest.code].map(Vec::clone);
        let [mut component, mut code] = [component, code];
        for (bytes, place) in [&mut component, &mut code].into_iter().zip(self.places) {
            let room = bytes.get_mut(place..place + ROOM).expect("room behind the mark");
            room.fill(END);
            room.iter_mut().zip(answers).for_each(|(byte, answer)| *byte = *answer);
        }
        // SAFETY: this process has compiled the code, and what was written into it stands behind the mark: data of the guest,
        // which comes up once in the code and has room for that much.
        #[expect(unsafe_code, reason = "so that not every input has to be compiled")]
        unsafe {
            load(&component, &code)
        }
    }
}
