//! How much there is in a component, counted before anything reads it for good.
//!
//! Compiling cannot be interrupted, and takes as long as the component says: components that instantiate each other
//! multiply, and some instructions cost far more than the bytes that they take. Everything here is one pass over the
//! bytes, and counts at least what the engine will see.

use groundswell_contract::STAMP_SECTION;
use wasmparser_engine::{
    BinaryReaderError, CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, CompositeInnerType, Element, ElementItems, ElementKind, FunctionBody, Instance,
    Operator, Parser, Payload,
};

use crate::Limits;
use crate::code::{self, Code};
use crate::load_error::Excess;
use crate::runtime::{CORE_INSTANCES, TABLES};
use crate::type_depth;

/// The way out for who has too many components.
const ONE: &str = "build it as one component";
/// Components and their types inside each other: those of the usual tools are two or three deep.
const NESTING: u64 = 8;
/// Components inside each other that are followed: far more than may be.
const ENOUGH: usize = 1_000;
/// Function types of a module that are looked up.
const TYPES: usize = 100_000;
/// Components defined, at any depth: the usual tools make one for every interface that is exported.
const COMPONENTS: u64 = 100;
/// Core modules defined, at any depth: Python's libraries are dozens.
const MODULES: u64 = 256;
/// Modules whose sizes are remembered of a component; a further one counts as the largest.
const REMEMBERED: usize = 4_096;
/// Component instances, every one of every instance counted.
const COMPONENT_INSTANCES: u64 = 256;
/// Bytes of types, imports, exports, aliases and instances, every instance's counted anew: the engine goes through
/// them as if they were all written out.
const DECLARATION_BYTES: u64 = 2 << 20;
/// Local variables of a function, without its parameters; those of JavaScript and Python have a few hundred.
const LOCALS: u64 = 2_000;
/// Parameters and results of a function; those of JavaScript and Python have up to 18.
const ARITY: u64 = 64;
/// What a function that passes between component and engine costs, in bytes of code.
const CANONICAL: u64 = 2 << 10;

/// The outermost component's own imports, exports and stamps, and how much there is in all of it.
#[derive(Default)]
pub(crate) struct Outline<'b> {
    pub(crate) imports: Vec<&'b str>,
    pub(crate) exports: Vec<&'b str>,
    pub(crate) stamps: Vec<&'b [u8]>,
    /// Components stand inside each other beyond [`ENOUGH`] levels, where nobody read on: for a stamp neither.
    pub(crate) too_deep: bool,
    /// A component inside is given components or modules to instantiate, so that nobody can count them.
    pub(crate) higher_order: bool,
    functions: u64,
    largest_function: u64,
    most_locals: u64,
    widest: u64,
    largest_memory: u64,
    work: u64,
    nesting: u64,
    components: u64,
    modules: u64,
    /// Functions that components inside offer: what passes between two components is code that the engine writes.
    inner_functions: u64,
    total: Total,
}

/// What one instance of a component comes to, with all that it instantiates.
#[derive(Clone, Copy, Default)]
struct Total {
    core_instances: u64,
    component_instances: u64,
    memories: u64,
    tables: u64,
    table_elements: u64,
    declaration_bytes: u64,
    canonical: u64,
}

impl Total {
    fn combine(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            core_instances: with(self.core_instances, other.core_instances),
            component_instances: with(self.component_instances, other.component_instances),
            memories: with(self.memories, other.memories),
            tables: with(self.tables, other.tables),
            table_elements: with(self.table_elements, other.table_elements),
            declaration_bytes: with(self.declaration_bytes, other.declaration_bytes),
            canonical: with(self.canonical, other.canonical),
        }
    }

    fn plus(self, other: Self) -> Self {
        self.combine(other, u64::saturating_add)
    }

    fn at_least(self, other: Self) -> Self {
        self.combine(other, u64::max)
    }

    fn times(self, count: u64) -> Self {
        self.combine(self, |value, _| value.saturating_mul(count))
    }
}

/// Whether a segment of functions is laid out when the module is compiled, and needs no code that does it.
fn is_laid_out(segment: &Element<'_>) -> bool {
    match (&segment.kind, &segment.items) {
        (ElementKind::Declared, _) => true,
        (ElementKind::Active { offset_expr, .. }, ElementItems::Functions(_)) => {
            let mut operators = offset_expr.get_operators_reader();
            matches!(operators.read(), Ok(Operator::I32Const { .. }))
        }
        _ => false,
    }
}

/// A component or module that has begun and not ended.
#[derive(Default)]
struct Frame {
    is_component: bool,
    /// Of a component, what it instantiates of modules itself; of a module, what an instance of it is.
    own: Total,
    /// How many components it instantiates.
    instantiates: u64,
    /// The core modules that it can instantiate, by index.
    modules: Vec<Total>,
    /// Of a module, parameters and results of each of its function types, and the most that one has.
    arity: Vec<u64>,
    widest: u64,
    /// Of a module, what the code that sets up its globals, tables and memories weighs.
    startup: u64,
    /// Of a component, what is defined in it, whether or not it is instantiated: all components, and all modules.
    components: Total,
    defined: Total,
}

/// The walk so far.
#[derive(Default)]
struct Walk<'b> {
    bytes: &'b [u8],
    outline: Outline<'b>,
    frames: Vec<Frame>,
    /// The largest component, and module, that has ended. What is instantiated has ended before.
    largest_component: Total,
    largest_module: Total,
}

/// Counts what is in a component.
pub(crate) fn outline(bytes: &[u8]) -> Result<Outline<'_>, BinaryReaderError> {
    let mut walk = Walk { bytes, ..Walk::default() };
    for payload in Parser::new(0).parse_all(bytes) {
        walk.take(payload?)?;
        if walk.frames.len() > ENOUGH {
            // It is refused for that, whatever else is in it.
            walk.outline.too_deep = true;
            break;
        }
    }
    let canonical = walk.outline.total.canonical.saturating_mul(CANONICAL);
    walk.outline.work = walk.outline.work.saturating_add(canonical);
    Ok(walk.outline)
}

impl<'b> Walk<'b> {
    fn take(&mut self, payload: Payload<'b>) -> Result<(), BinaryReaderError> {
        let outermost = self.frames.len() == 1;
        match payload {
            Payload::Version { encoding, .. } => {
                self.begin(encoding == wasmparser_engine::Encoding::Component)
            }
            Payload::End(_) => self.end(),
            Payload::CustomSection(section) if outermost && section.name() == STAMP_SECTION => {
                self.outline.stamps.push(section.data());
            }
            Payload::CodeSectionStart { count, .. } => self.outline.functions += u64::from(count),
            Payload::CodeSectionEntry(body) => self.function(&body)?,
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.types() {
                        let arity = match &ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => (ty.params().len() + ty.results().len()) as u64,
                            _ => 0,
                        };
                        self.outline.widest = self.outline.widest.max(arity);
                        // Whoever is called from outside by such a type is called through code of its own.
                        self.outline.work = self.outline.work.saturating_add(code::trampoline(arity));
                        if let Some(frame) = self.frames.last_mut() {
                            frame.widest = frame.widest.max(arity);
                            // What is not kept counts as the widest.
                            if frame.arity.len() < TYPES {
                                frame.arity.push(arity);
                            }
                        }
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory?;
                    let page = 1_u64.checked_shl(memory.page_size_log2.unwrap_or(16)).unwrap_or(u64::MAX);
                    let bytes = memory.initial.saturating_mul(page);
                    self.outline.largest_memory = self.outline.largest_memory.max(bytes);
                    self.own(|own| own.memories += 1);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    let elements = table?.ty.initial;
                    self.own(|own| {
                        own.tables += 1;
                        own.table_elements = own.table_elements.saturating_add(elements);
                    });
                }
            }
            Payload::GlobalSection(section) => self.startup(section.range().len() as u64),
            Payload::ElementSection(section) => {
                for segment in section {
                    let segment = segment?;
                    if !is_laid_out(&segment) {
                        self.startup(segment.range.len() as u64);
                    }
                }
            }
            Payload::DataSection(section) => self.startup(u64::from(section.count())),
            Payload::InstanceSection(section) => {
                self.declared(section.range().len());
                for instance in section {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        self.instantiate_module(module_index);
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                self.declared(section.range().len());
                for instance in section {
                    if let ComponentInstance::Instantiate { .. } = instance?
                        && let Some(frame) = self.frames.last_mut()
                    {
                        frame.instantiates += 1;
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                self.declared(section.range().len());
                for alias in section {
                    self.alias(&alias?);
                }
            }
            Payload::ComponentImportSection(section) => {
                self.declared(section.range().len());
                for import in section {
                    let import = import?;
                    if outermost {
                        self.outline.imports.push(import.name.name);
                    }
                    let kind = import.ty.kind();
                    if matches!(kind, ComponentExternalKind::Module | ComponentExternalKind::Component) {
                        self.outline.higher_order = true;
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                self.declared(section.range().len());
                for export in section {
                    let export = export?;
                    if outermost {
                        self.outline.exports.push(export.name.name);
                    }
                    // What is exported gets an index of its own.
                    if export.kind == ComponentExternalKind::Module {
                        self.module(self.largest_module);
                    }
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                self.declared(section.range().len());
                for function in section {
                    self.own(|own| own.canonical += 1);
                    if matches!(function?, CanonicalFunction::Lift { .. }) && !outermost {
                        self.outline.inner_functions += 1;
                    }
                }
            }
            Payload::ComponentTypeSection(section) => {
                let range = section.range();
                self.declared(range.len());
                let types = self.bytes.get(range.clone()).unwrap_or_default();
                let here = self.frames.len() as u64;
                let deep = type_depth::depth(types, range.start)?.saturating_add(here);
                self.outline.nesting = self.outline.nesting.max(deep);
            }
            Payload::CoreTypeSection(section) => self.declared(section.range().len()),
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, is_component: bool) {
        let outline = &mut self.outline;
        if !is_component {
            outline.modules += 1;
        } else if !self.frames.is_empty() {
            outline.components += 1;
        }
        self.frames.push(Frame { is_component, ..Frame::default() });
        outline.nesting = outline.nesting.max(self.frames.len() as u64);
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if !frame.is_component {
            self.largest_module = self.largest_module.at_least(frame.own);
            self.outline.work = self.outline.work.saturating_add(code::startup(frame.startup));
            self.module(frame.own);
            if let Some(around) = self.frames.last_mut() {
                // Of its memories validation allows one.
                around.defined = around.defined.plus(Total { memories: 0, ..frame.own });
            }
            return;
        }
        let one = Total { component_instances: 1, ..Total::default() }.plus(self.largest_component);
        // What is defined is validated, translated and compiled, also where nothing instantiates it.
        let inside = one.times(frame.instantiates).at_least(frame.components);
        let total = frame.own.at_least(frame.defined).plus(inside);
        if let Some(around) = self.frames.last_mut() {
            around.components = around.components.plus(total);
        }
        self.largest_component = self.largest_component.at_least(total);
        self.outline.total = total;
    }

    fn own(&mut self, change: impl FnOnce(&mut Total)) {
        if let Some(frame) = self.frames.last_mut() {
            change(&mut frame.own);
        }
    }

    fn startup(&mut self, weight: u64) {
        if let Some(frame) = self.frames.last_mut() {
            frame.startup = frame.startup.saturating_add(weight);
        }
    }

    fn declared(&mut self, bytes: usize) {
        self.own(|own| own.declaration_bytes = own.declaration_bytes.saturating_add(bytes as u64));
    }

    /// The component at hand has another module that it can instantiate.
    fn module(&mut self, module: Total) {
        // An alias takes five bytes of the file.
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.modules.len() < REMEMBERED) {
            frame.modules.push(module);
        }
    }

    fn instantiate_module(&mut self, index: u32) {
        let Some(frame) = self.frames.last_mut() else { return };
        let module = frame.modules.get(index as usize).copied().unwrap_or(self.largest_module);
        frame.own = frame.own.plus(Total { core_instances: 1, ..module });
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) {
        match *alias {
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index } => {
                let outer = self.frames.iter().rev().nth(count as usize);
                let module = outer.and_then(|outer| outer.modules.get(index as usize)).copied();
                self.module(module.unwrap_or(self.largest_module));
            }
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. } => {
                self.module(self.largest_module);
            }
            _ => {}
        }
    }

    fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let code = Code::of(body, &frame.arity, frame.widest)?;
        let outline = &mut self.outline;
        outline.most_locals = outline.most_locals.max(code.locals);
        outline.largest_function = outline.largest_function.max(code.bytes);
        outline.work = outline.work.saturating_add(code.work());
        Ok(())
    }
}

impl Outline<'_> {
    /// That there was no end to components inside each other, where it was not reached.
    pub(crate) fn bottomless(&self) -> Option<Excess> {
        self.too_deep.then_some(Excess {
            limit: "component-nesting",
            subject: "it",
            requested: ENOUGH as u64,
            allowed: NESTING,
            unit: "and more levels of components inside each other",
            way_out: ONE,
            fixed: true,
        })
    }

    /// What there is too much of.
    pub(crate) fn excess(&self, limits: &Limits) -> Option<Excess> {
        let Total { core_instances, component_instances, memories, tables, .. } = self.total;
        let fixed = |limit, subject, requested, allowed, unit, way_out| Excess {
            limit,
            subject,
            requested,
            allowed,
            unit,
            way_out,
            fixed: true,
        };
        let raisable = |limit, subject, requested, allowed, unit, way_out| Excess {
            fixed: false,
            ..fixed(limit, subject, requested, allowed, unit, way_out)
        };
        const LESS: &str = "leave out what it does not need";
        [
            fixed(
                "component-nesting",
                "it",
                self.nesting,
                NESTING,
                "levels of components and types inside each other",
                ONE,
            ),
            fixed("component-definitions", "it", self.components, COMPONENTS, "components inside", ONE),
            fixed("component-modules", "it", self.modules, MODULES, "core modules", "link them into one"),
            fixed(
                "component-instances",
                "it",
                component_instances,
                COMPONENT_INSTANCES,
                "component instances",
                ONE,
            ),
            fixed("inner-functions", "it", self.inner_functions, 0, "functions of components inside", ONE),
            fixed(
                "core-instances",
                "it",
                core_instances,
                u64::from(CORE_INSTANCES),
                "core instances",
                "link its modules into fewer",
            ),
            fixed(
                "declaration-bytes",
                "it",
                self.total.declaration_bytes,
                DECLARATION_BYTES,
                "bytes of declarations, every instance's counted",
                ONE,
            ),
            fixed("memories", "it", memories, 1, "memories", "link its modules so that they share one"),
            fixed(
                "tables",
                "it",
                tables,
                u64::from(TABLES),
                "tables",
                "link its modules so that they share them",
            ),
            raisable(
                "memory-bytes",
                "its memory",
                self.largest_memory,
                limits.memory_bytes as u64,
                "bytes from the start",
                LESS,
            ),
            raisable(
                "table-elements",
                "it",
                self.total.table_elements,
                limits.table_elements as u64,
                "table elements from the start",
                LESS,
            ),
            raisable(
                "component-functions",
                "it",
                self.functions,
                limits.component_functions as u64,
                "functions",
                LESS,
            ),
            raisable(
                "function-bytes",
                "one of its functions",
                self.largest_function,
                limits.function_bytes as u64,
                "bytes of code",
                "split it",
            ),
            fixed(
                "function-locals",
                "one of its functions",
                self.most_locals,
                LOCALS,
                "local variables",
                "split it",
            ),
            fixed(
                "function-arity",
                "one of its functions",
                self.widest,
                ARITY,
                "parameters or results",
                "pass them through memory",
            ),
            raisable(
                "compile-work",
                "it",
                self.work,
                limits.compile_work,
                "units to compile",
                "split large functions, leave out what it does not need",
            ),
        ]
        .into_iter()
        .find(|excess| excess.requested > excess.allowed)
    }
}
