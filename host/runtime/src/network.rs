//! What the host hands out to a metric: members, what is known of them, and ties, a piece at a time.

use std::sync::Arc;

use groundswell_contract::VERSION;
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Linker, Lower};

use crate::call::HostState;
use crate::cost::charge;
use crate::text::Figure;
use crate::{Column, FaultKind, Ties};

/// What one run of a metric looks at.
#[derive(Clone)]
pub(crate) struct Handed {
    pub(crate) members: u32,
    /// By input, one value a member.
    pub(crate) inputs: Arc<[Column]>,
    /// By network.
    pub(crate) networks: Arc<[Ties]>,
    /// How much is handed out at once.
    pub(crate) piece: usize,
}

impl Handed {
    /// How many ties there are in all networks together.
    pub(crate) fn ties(&self) -> usize {
        self.networks.iter().map(Ties::len).sum()
    }
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Words {
    codes: Vec<u32>,
    values: Vec<String>,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
enum Values {
    #[component(name = "number")]
    Number(Vec<f64>),
    #[component(name = "category")]
    Category(Words),
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Piece {
    source: Vec<u32>,
    target: Vec<u32>,
    count: Vec<u32>,
    weight: Vec<f64>,
}

/// Some of a column.
fn some<T: Clone>(all: &[T], first: usize, piece: usize) -> Vec<T> {
    let first = first.min(all.len());
    all.get(first..all.len().min(first.saturating_add(piece))).unwrap_or_default().to_vec()
}

impl Values {
    fn of(column: &Column, first: usize, piece: usize) -> Self {
        match column {
            Column::Number(values) => Self::Number(some(values, first, piece)),
            Column::Category { codes, values } => {
                let codes = some(codes, first, piece);
                let values = if codes.is_empty() { Vec::new() } else { values.to_vec() };
                Self::Category(Words { codes, values })
            }
        }
    }

    /// What [`Self::of`] copies, known before.
    fn bytes(column: &Column, first: usize, piece: usize) -> usize {
        let rows = column.len().saturating_sub(first).min(piece);
        match column {
            Column::Number(_) => rows * size_of::<f64>(),
            Column::Category { .. } if rows == 0 => 0,
            Column::Category { values, .. } => {
                rows * size_of::<u32>() + values.iter().map(|word| 8 + word.len()).sum::<usize>()
            }
        }
    }
}

impl Piece {
    /// Bytes of a tie.
    const TIE: usize = 3 * size_of::<u32>() + size_of::<f64>();

    fn of(ties: &Ties, first: usize, piece: usize) -> Self {
        Self {
            source: some(&ties.source, first, piece),
            target: some(&ties.target, first, piece),
            count: some(&ties.count, first, piece),
            weight: some(&ties.weight, first, piece),
        }
    }
}

type Store<'a> = StoreContextMut<'a, HostState>;

/// What there is, unless it is not the time.
fn handed(store: &mut Store<'_>, asked: &str) -> wasmtime::Result<Handed> {
    let state = store.data_mut();
    match &state.handed {
        Some(handed) => Ok(handed.clone()),
        None => Err(state.deny(FaultKind::Network(format!(
            "it called `network.{asked}` too early: there is nothing to hand out before `measure`"
        )))),
    }
}

/// That something was asked for that was never declared.
fn undeclared(store: &mut Store<'_>, what: &str, asked: u32, declared: usize, by: &str) -> wasmtime::Error {
    let numbers = match declared {
        0 => "none".to_owned(),
        some => format!("{}, numbered from 0", Figure(some)),
    };
    let what = format!("it asked for {what} {asked}, and {by} declares {numbers}");
    store.data_mut().deny(FaultKind::Network(what))
}

/// Offers `network`.
pub(crate) fn add_to_linker(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    let mut network = linker.instance(&format!("groundswell:plugin/network@{VERSION}"))?;
    network.func_wrap("members", |mut store: Store<'_>, (): ()| {
        charge(&mut store, 0)?;
        Ok((handed(&mut store, "members")?.members,))
    })?;
    network.func_wrap("values-from", |mut store: Store<'_>, (input, first): (u32, u32)| {
        let handed = handed(&mut store, "values-from")?;
        let Some(column) = handed.inputs.get(input as usize) else {
            return Err(undeclared(&mut store, "input", input, handed.inputs.len(), "`describe`"));
        };
        charge(&mut store, Values::bytes(column, first as usize, handed.piece))?;
        Ok((Values::of(column, first as usize, handed.piece),))
    })?;
    network.func_wrap("ties-from", |mut store: Store<'_>, (network, first): (u32, u64)| {
        let handed = handed(&mut store, "ties-from")?;
        let Some(ties) = handed.networks.get(network as usize) else {
            return Err(undeclared(&mut store, "network", network, handed.networks.len(), "`networks`"));
        };
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        charge(&mut store, ties.len().saturating_sub(first).min(handed.piece) * Piece::TIE)?;
        Ok((Piece::of(ties, first, handed.piece),))
    })
}
