//! What compiling a function takes, estimated from its instructions.
//!
//! The compiler's time goes up with a function's size, more than proportionally, and with what instructions stand for:
//! a loop of three bytes or a call that passes dozens of values costs as much as dozens of additions. The weights are
//! those of functions that consist of one kind of instruction, measured, in bytes of ordinary code.

use wasmparser_engine::{BinaryReaderError, BlockType, FunctionBody, Operator};

/// What a function costs whatever is in it.
const FUNCTION: u64 = 768;
/// Weight from which on compiling a function takes more than proportionally long.
const KNEE: u64 = 16 << 10;
/// A place where paths meet or part, and what it adds for so many local variables, which may differ there.
const JOIN: u64 = 8;
const LOCALS_OF_A_JOIN: u64 = 50;
/// A loop, which looks at the time and the fuel on every round.
const LOOP: u64 = 50;
/// A value that is handed over where paths meet, and one that a branch hands over.
const BLOCK_VALUE: u64 = 16;
const BRANCH_VALUE: u64 = 2;
/// A call, apart from the values that it passes; one through a table; one into the engine.
const CALL: u64 = 4;
const INDIRECT: u64 = 40;
const ENGINE: u64 = 40;

/// Floating-point arithmetic, whose NaNs are made canonical in strict mode.
const FLOAT: u64 = 8;

/// A function's code, counted.
pub(crate) struct Code {
    pub(crate) bytes: u64,
    /// Local variables, without parameters.
    pub(crate) locals: u64,
    weight: u64,
}

impl Code {
    /// Goes through a function's instructions. `arity`: parameters and results of each of the module's types;
    /// `widest`: the most that one has, for what is not looked up.
    pub(crate) fn of(body: &FunctionBody<'_>, arity: &[u64], widest: u64) -> Result<Self, BinaryReaderError> {
        let bytes = body.range().len() as u64;
        let mut locals = 0_u64;
        for group in body.get_locals_reader()? {
            locals = locals.saturating_add(u64::from(group?.0));
        }
        let join = JOIN + locals.saturating_add(widest) / LOCALS_OF_A_JOIN;
        let values = |block: BlockType| match block {
            BlockType::FuncType(ty) => arity.get(ty as usize).copied().unwrap_or(widest),
            BlockType::Empty | BlockType::Type(_) => 0,
        };
        let mut weight = bytes.saturating_add(locals).saturating_add(widest);
        // The most values that a branch can have handed over so far: those of the function, and of any block.
        let mut branch = widest;
        for operator in body.get_operators_reader()? {
            let cost = match operator? {
                Operator::Block { blockty } => {
                    branch = branch.max(values(blockty));
                    join.saturating_add(BLOCK_VALUE * values(blockty))
                }
                Operator::If { blockty } => {
                    branch = branch.max(values(blockty));
                    (2 * join).saturating_add(BLOCK_VALUE * values(blockty))
                }
                Operator::Loop { blockty } => {
                    branch = branch.max(values(blockty));
                    (LOOP + join).saturating_add(BLOCK_VALUE * values(blockty))
                }
                Operator::BrIf { .. } => join + BRANCH_VALUE * branch,
                Operator::Br { .. } | Operator::Return => BRANCH_VALUE * branch,
                Operator::BrTable { targets } => {
                    join + (u64::from(targets.len()) + 1).saturating_mul(1 + BRANCH_VALUE * branch)
                }
                Operator::Call { .. } | Operator::ReturnCall { .. } => CALL + widest,
                Operator::CallIndirect { type_index, .. } => {
                    INDIRECT + arity.get(type_index as usize).copied().unwrap_or(widest)
                }
                Operator::MemoryGrow { .. }
                | Operator::MemoryCopy { .. }
                | Operator::MemoryFill { .. }
                | Operator::MemoryInit { .. }
                | Operator::DataDrop { .. }
                | Operator::TableGet { .. }
                | Operator::TableSet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableFill { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. }
                | Operator::RefFunc { .. } => ENGINE,
                operator if is_float(&operator) => FLOAT,
                _ => 1,
            };
            weight = weight.saturating_add(cost);
        }
        Ok(Self { bytes, locals, weight })
    }

    /// What compiling it takes.
    pub(crate) fn work(&self) -> u64 {
        work(self.weight)
    }
}

/// What compiling a function takes: weight × (1 + weight / 16,384), and something whatever its weight.
fn work(weight: u64) -> u64 {
    let more = weight.saturating_mul(weight) / KNEE;
    FUNCTION.saturating_add(weight).saturating_add(more)
}

/// What compiling the code takes through which functions of a type are called: of each type some is made.
pub(crate) fn trampoline(arity: u64) -> u64 {
    FUNCTION.saturating_add(BLOCK_VALUE.saturating_mul(arity))
}

/// What compiling the function takes that sets up a module, of so many bytes of initialisers, each of which may be a call into
/// the engine.
pub(crate) fn startup(bytes: u64) -> u64 {
    work(bytes.saturating_mul(ENGINE))
}

fn is_float(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::F32Ceil
            | O::F32Floor
            | O::F32Trunc
            | O::F32Nearest
            | O::F32Sqrt
            | O::F32Add
            | O::F32Sub
            | O::F32Mul
            | O::F32Div
            | O::F32Min
            | O::F32Max
            | O::F64Ceil
            | O::F64Floor
            | O::F64Trunc
            | O::F64Nearest
            | O::F64Sqrt
            | O::F64Add
            | O::F64Sub
            | O::F64Mul
            | O::F64Div
            | O::F64Min
            | O::F64Max
            | O::F32DemoteF64
            | O::F64PromoteF32
            | O::F32x4Ceil
            | O::F32x4Floor
            | O::F32x4Trunc
            | O::F32x4Nearest
            | O::F32x4Sqrt
            | O::F32x4Add
            | O::F32x4Sub
            | O::F32x4Mul
            | O::F32x4Div
            | O::F32x4Min
            | O::F32x4Max
            | O::F64x2Ceil
            | O::F64x2Floor
            | O::F64x2Trunc
            | O::F64x2Nearest
            | O::F64x2Sqrt
            | O::F64x2Add
            | O::F64x2Sub
            | O::F64x2Mul
            | O::F64x2Div
            | O::F64x2Min
            | O::F64x2Max
            | O::F32x4DemoteF64x2Zero
            | O::F64x2PromoteLowF32x4
    )
}
