//! The functions of WASI, each answered or refused.

use wasmtime::StoreContextMut;
use wasmtime::component::{
    ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType, Val,
};

use super::answers::{Datetime, Failure, InputStream, Network, Never, OutputStream, Pollable, StreamError};
use super::state::RANDOM;
use super::{How, INTERFACES, VERSION, shapes};
use crate::FaultKind;
use crate::bindings::groundswell::plugin::log::Level;
use crate::call::HostState;
use crate::cost::charge;
use crate::text::Figure;

/// Bytes that a guest hears it may write at once.
const WRITE: u64 = 64 << 10;
/// The numbers of the output streams.
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// Offers every interface of the table.
pub(crate) fn add_to_linker(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    for interface in &INTERFACES {
        let instance = linker.instance(&format!("{}@{VERSION}", interface.name))?;
        let mut offer = Offer { instance, answered: Vec::new() };
        match interface.name {
            "wasi:cli/environment" => environment(&mut offer)?,
            "wasi:cli/exit" => exit(&mut offer)?,
            "wasi:cli/stdin" => {
                offer.answer("get-stdin", |_, ()| Ok((Resource::<InputStream>::new_own(0),)))?
            }
            "wasi:cli/stdout" => {
                offer.answer("get-stdout", |_, ()| Ok((Resource::<OutputStream>::new_own(STDOUT),)))?
            }
            "wasi:cli/stderr" => {
                offer.answer("get-stderr", |_, ()| Ok((Resource::<OutputStream>::new_own(STDERR),)))?
            }
            "wasi:cli/terminal-stdin" => offer.no_terminal("get-terminal-stdin")?,
            "wasi:cli/terminal-stdout" => offer.no_terminal("get-terminal-stdout")?,
            "wasi:cli/terminal-stderr" => offer.no_terminal("get-terminal-stderr")?,
            "wasi:clocks/wall-clock" => wall_clock(&mut offer)?,
            "wasi:clocks/monotonic-clock" => monotonic_clock(&mut offer)?,
            "wasi:io/poll" => poll(&mut offer)?,
            "wasi:io/streams" => {
                input(&mut offer)?;
                output(&mut offer)?;
            }
            "wasi:random/random" => random(&mut offer, "get-random-bytes", "get-random-u64")?,
            "wasi:random/insecure" => {
                random(&mut offer, "get-insecure-random-bytes", "get-insecure-random-u64")?;
            }
            "wasi:random/insecure-seed" => {
                offer.answer("insecure-seed", |state, ()| Ok(((number(state), number(state)),)))?;
            }
            "wasi:filesystem/preopens" => {
                offer.answer("get-directories", |_, ()| Ok((Vec::<(Resource<Never>, String)>::new(),)))?;
            }
            "wasi:sockets/instance-network" => {
                offer.answer("instance-network", |_, ()| Ok((Resource::<Network>::new_own(0),)))?;
            }
            _ => {}
        }
        offer.rest(interface.name, interface.how)?;
    }
    Ok(())
}

/// An interface that is being offered.
struct Offer<'l> {
    instance: LinkerInstance<'l, HostState>,
    answered: Vec<&'static str>,
}

impl Offer<'_> {
    /// Answers a function.
    fn answer<P, R>(
        &mut self,
        name: &'static str,
        answer: impl Fn(&mut HostState, P) -> wasmtime::Result<R> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        self.answer_about(name, |_| 0, answer)
    }

    /// Answers a function that costs more the more bytes it is about.
    fn answer_about<P, R>(
        &mut self,
        name: &'static str,
        bytes: impl Fn(&P) -> usize + Send + Sync + 'static,
        answer: impl Fn(&mut HostState, P) -> wasmtime::Result<R> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        self.answered.push(name);
        self.instance.func_wrap(name, move |mut store: StoreContextMut<'_, HostState>, given: P| {
            charge(&mut store, bytes(&given))?;
            answer(store.data_mut(), given)
        })
    }

    fn no_terminal(&mut self, name: &'static str) -> wasmtime::Result<()> {
        self.answer(name, |_, ()| Ok((None::<Resource<Never>>,)))
    }

    /// Offers the resources, and refuses the functions that have not been answered.
    fn rest(mut self, interface: &str, how: How) -> wasmtime::Result<()> {
        for (item, shape) in shapes(interface) {
            if shape == "resource" {
                self.resource(item)?;
            } else if shape.starts_with("func(") && !self.answered.contains(&item) {
                self.instance.func_new(item, move |mut store, _, _, results| {
                    charge(&mut store, 0)?;
                    match (how, results) {
                        (How::Refused, [result]) => {
                            let denied = Box::new(Val::Enum("access-denied".to_owned()));
                            *result = Val::Result(Err(Some(denied)));
                            Ok(())
                        }
                        // It takes a handle that nobody can have, and that is refused before anything gets here.
                        _ => Err(wasmtime::format_err!("there is nothing that it could be asked of")),
                    }
                })?;
            }
        }
        Ok(())
    }

    fn resource(&mut self, name: &str) -> wasmtime::Result<()> {
        let ty = match name {
            "pollable" => {
                return self.instance.resource(
                    name,
                    ResourceType::host::<Pollable>(),
                    |mut store, number| Ok(store.data_mut().wasi.drop_pollable(number)?),
                );
            }
            "input-stream" => ResourceType::host::<InputStream>(),
            "output-stream" => ResourceType::host::<OutputStream>(),
            "network" => ResourceType::host::<Network>(),
            "error" => ResourceType::host::<Failure>(),
            _ => ResourceType::host::<Never>(),
        };
        self.instance.resource(name, ty, |_, _| Ok(()))
    }
}

fn environment(offer: &mut Offer<'_>) -> wasmtime::Result<()> {
    offer.answer("get-environment", |_, ()| Ok((Vec::<(String, String)>::new(),)))?;
    offer.answer("get-arguments", |_, ()| Ok((Vec::<String>::new(),)))?;
    offer.answer("initial-cwd", |_, ()| Ok((None::<String>,)))
}

fn exit(offer: &mut Offer<'_>) -> wasmtime::Result<()> {
    offer.answer("exit", |state, (status,): (Result<(), ()>,)| -> wasmtime::Result<()> {
        Err(state.deny(FaultKind::Exit { success: status.is_ok() }))
    })?;
    offer.answer("exit-with-code", |state, (code,): (u8,)| -> wasmtime::Result<()> {
        Err(state.deny(FaultKind::Exit { success: code == 0 }))
    })
}

fn wall_clock(offer: &mut Offer<'_>) -> wasmtime::Result<()> {
    offer.answer("now", |state, ()| {
        let as_of = state.wasi.as_of();
        Ok((Datetime { seconds: as_of.as_secs(), nanoseconds: as_of.subsec_nanos() },))
    })?;
    offer.answer("resolution", |_, ()| Ok((Datetime { seconds: 0, nanoseconds: 1 },)))
}

fn monotonic_clock(offer: &mut Offer<'_>) -> wasmtime::Result<()> {
    offer.answer("now", |state, ()| Ok((state.wasi.now(),)))?;
    offer.answer("resolution", |_, ()| Ok((1_u64,)))?;
    offer.answer("subscribe-instant", |state, (at,): (u64,)| Ok((pollable(state, at)?,)))?;
    offer.answer("subscribe-duration", |state, (duration,): (u64,)| {
        let at = state.wasi.now().saturating_add(duration);
        Ok((pollable(state, at)?,))
    })
}

fn pollable(state: &mut HostState, at: u64) -> wasmtime::Result<Resource<Pollable>> {
    state.wasi.pollable(at).map_err(|_| state.too_many_handles())
}

fn poll(offer: &mut Offer<'_>) -> wasmtime::Result<()> {
    type One = (Resource<Pollable>,);
    offer.answer("[method]pollable.ready", |state, (one,): One| {
        state.wasi.wait(&one)?;
        Ok((true,))
    })?;
    offer.answer("[method]pollable.block", |state, (one,): One| Ok(state.wasi.wait(&one)?))?;
    offer.answer_about(
        "poll",
        |(all,): &(Vec<Resource<Pollable>>,)| 4 * all.len(),
        |state, (all,)| {
            if all.is_empty() {
                return Err(state.deny(FaultKind::Wasi("it waits for nothing at all".to_owned())));
            }
            all.iter().try_for_each(|one| state.wasi.wait(one))?;
            Ok(((0..all.len() as u32).collect::<Vec<u32>>(),))
        },
    )
}

/// Of what there is to read: nothing.
fn input(offer: &mut Offer<'_>) -> wasmtime::Result<()> {
    type Read = (Resource<InputStream>, u64);
    for name in ["[method]input-stream.read", "[method]input-stream.blocking-read"] {
        offer.answer(name, |_, _: Read| Ok((Err::<Vec<u8>, _>(StreamError::Closed),)))?;
    }
    for name in ["[method]input-stream.skip", "[method]input-stream.blocking-skip"] {
        offer.answer(name, |_, _: Read| Ok((Err::<u64, _>(StreamError::Closed),)))?;
    }
    offer.answer("[method]input-stream.subscribe", |state, _: (Resource<InputStream>,)| {
        Ok((pollable(state, 0)?,))
    })
}

fn output(offer: &mut Offer<'_>) -> wasmtime::Result<()> {
    type Stream = (Resource<OutputStream>,);
    type Bytes = (Resource<OutputStream>, Vec<u8>);
    type Count = (Resource<OutputStream>, u64);
    type Splice = (Resource<OutputStream>, Resource<InputStream>, u64);
    const DONE: Result<(), StreamError> = Ok(());
    offer.answer("[method]output-stream.check-write", |_, _: Stream| Ok((Ok::<_, StreamError>(WRITE),)))?;
    for name in ["[method]output-stream.write", "[method]output-stream.blocking-write-and-flush"] {
        offer.answer_about(name, cost_of_output, |state, (stream, bytes): Bytes| {
            if bytes.len() as u64 > WRITE {
                let (count, most) = (Figure(bytes.len()), Figure(WRITE));
                let what =
                    format!("it wrote {count} bytes at once, after it had been told that {most} are allowed");
                return Err(state.deny(FaultKind::Wasi(what)));
            }
            let level = if stream.rep() == STDERR { Level::Warn } else { Level::Info };
            state.write(level, &bytes);
            Ok((DONE,))
        })?;
    }
    for name in ["[method]output-stream.flush", "[method]output-stream.blocking-flush"] {
        offer.answer(name, |_, _: Stream| Ok((DONE,)))?;
    }
    offer.answer("[method]output-stream.subscribe", |state, _: Stream| Ok((pollable(state, 0)?,)))?;
    for name in
        ["[method]output-stream.write-zeroes", "[method]output-stream.blocking-write-zeroes-and-flush"]
    {
        // What nobody would read is not written.
        offer.answer(name, |_, _: Count| Ok((DONE,)))?;
    }
    for name in ["[method]output-stream.splice", "[method]output-stream.blocking-splice"] {
        offer.answer(name, |_, _: Splice| Ok((Err::<u64, _>(StreamError::Closed),)))?;
    }
    Ok(())
}

/// A line of output costs what a call of `log` does.
fn cost_of_output((_, bytes): &(Resource<OutputStream>, Vec<u8>)) -> usize {
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
    bytes.len().saturating_add(lines.saturating_mul(crate::cost::CALL as usize))
}

fn random(offer: &mut Offer<'_>, bytes: &'static str, word: &'static str) -> wasmtime::Result<()> {
    offer.answer_about(
        bytes,
        |&(count,): &(u64,)| count.min(RANDOM) as usize,
        |state, (count,)| {
            if count > RANDOM {
                let what = format!(
                    "it asked for {} random bytes at once, {} are allowed; ask for fewer at a time",
                    Figure(count),
                    Figure(RANDOM)
                );
                return Err(state.deny(FaultKind::Wasi(what)));
            }
            let mut bytes = vec![0; count as usize];
            state.wasi.fill(&mut bytes);
            Ok((bytes,))
        },
    )?;
    offer.answer(word, |state, ()| Ok((number(state),)))
}

fn number(state: &mut HostState) -> u64 {
    let mut bytes = [0; 8];
    state.wasi.fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
