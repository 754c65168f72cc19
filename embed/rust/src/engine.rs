//! The policy engine: 3.7 kB of WebAssembly that decide how a TCP connection ends, interpreted by wasmi.
//!
//! It is pure and has no memory of a connection: two words go in with an event, a plan and the next word come out.
//! `spec/README.md` of the repository tells what the words mean. Most programs want [`Guard`](crate::Guard); this
//! module is for hosts of their own kind.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use wasmi::{Linker, Memory, Module, Store, TypedFunc, WasmParams};

pub use crate::drive::Host;
pub use crate::spec::*;
use crate::Error;

/// One rule of the engine: why it decides as it does, and the RFC clause or table row that it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Its number, which begins at 1 and never changes.
    pub number: i32,
    /// Its name, as a verdict tells it.
    pub id: &'static str,
    /// What it says.
    pub title: &'static str,
    /// Why.
    pub why: &'static str,
    /// The clause of an RFC that demands it, or nothing.
    pub clause: &'static str,
    /// The row of the table that it rests on, or nothing.
    pub row: &'static str,
}

/// One system of the table: its row, and how its send queue is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Platform {
    /// Its id in `spec/platforms`, with the machine where that has a row of its own.
    pub id: &'static str,
    /// Its row in the engine.
    pub row: i32,
    /// Whether the send queue is asked by ioctl, and not by getsockopt.
    pub by_ioctl: bool,
    /// The number of that query; 0 where there is none.
    pub query: u32,
    /// Whether a FIN counts as one byte of the send queue.
    pub counts_fin: bool,
    /// The ioctl for bytes that were never transmitted; 0 where there is none.
    pub untransmitted: u32,
}

type One = TypedFunc<i32, i32>;
type Two = TypedFunc<(i32, i32), i32>;
type Four = TypedFunc<(i32, i32, i32, i32), i32>;

struct Instance {
    store: Store<()>,
    memory: Memory,
    at: usize,
    decide: Four,
    enter: Four,
    settle: TypedFunc<(i32, i32, i32), i32>,
    certainty: Two,
    normalise: Two,
    column: Two,
    encode: Two,
    decode: One,
}

/// One instance of the module, for any thread. Its methods are the exports of the Wasm.
///
/// A mutex serves all threads: a call takes a fraction of a microsecond, less than a pool of instances would.
pub struct Engine(Mutex<Instance>);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    /// The engine of this process, loaded at the first call.
    pub fn shared() -> Result<&'static Engine, Error> {
        static SHARED: OnceLock<Result<Engine, String>> = OnceLock::new();
        let loaded = SHARED.get_or_init(|| Engine::load(WASM).map_err(|error| error.to_string()));
        loaded.as_ref().map_err(|why| Error::Engine(why.clone()))
    }

    /// Loads a module with the exports of `finrst-pure.wasm`, such as [`WASM`].
    pub fn load(wasm: &[u8]) -> Result<Engine, Error> {
        let instance = Instance::new(wasm).map_err(|error| Error::Engine(error.to_string()))?;
        Ok(Engine(Mutex::new(instance)))
    }

    fn lock(&self) -> MutexGuard<'_, Instance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan of an event: up to five steps, the first in the lowest bits, and above them the rule.
    pub fn decide(&self, context: i32, state: i32, event: i32, facts: i32) -> i32 {
        let it = &mut *self.lock();
        call(&it.decide, &mut it.store, (context, state, event, facts))
    }

    /// The state that an event leaves behind before any step is taken.
    pub fn enter(&self, context: i32, state: i32, event: i32, facts: i32) -> i32 {
        let it = &mut *self.lock();
        call(&it.enter, &mut it.store, (context, state, event, facts))
    }

    /// Folds the result of one step into a state: `RESULT_DONE`, `RESULT_PENDING` or a negative `ERROR_*`.
    pub fn settle(&self, state: i32, step: i32, result: i32) -> i32 {
        let it = &mut *self.lock();
        call(&it.settle, &mut it.store, (state, step, result))
    }

    /// The strength of the evidence that the verdict of a state rests on, a `CERTAINTY_*`.
    pub fn certainty(&self, context: i32, state: i32) -> i32 {
        let it = &mut *self.lock();
        call(&it.certainty, &mut it.store, (context, state))
    }

    /// The `ERROR_*` of an errno of the platform.
    pub fn normalise(&self, context: i32, errno: i32) -> i32 {
        let it = &mut *self.lock();
        call(&it.normalise, &mut it.store, (context, errno))
    }

    /// One `COLUMN_*` of a row of the platform table.
    pub fn column(&self, platform: i32, which: i32) -> i32 {
        let it = &mut *self.lock();
        call(&it.column, &mut it.store, (platform, which))
    }

    /// Struct linger as the platform of the context lays it out; -1 seconds is off.
    ///
    /// The error is a negative `ERROR_*`: a number that the platform would cut is never written, because cut to 0 it
    /// would mean abort.
    pub fn encode_linger(&self, context: i32, seconds: i32) -> Result<Vec<u8>, i32> {
        let it = &mut *self.lock();
        let size = call(&it.encode, &mut it.store, (context, seconds));
        match usize::try_from(size) {
            Ok(size) => Ok(it.memory.data(&it.store)[it.at..it.at + size].to_vec()),
            Err(_) => Err(size),
        }
    }

    /// The seconds in a struct linger of at most 8 bytes; -1 is off.
    pub fn decode_linger(&self, context: i32, linger: &[u8]) -> i32 {
        let it = &mut *self.lock();
        let bytes = &linger[..linger.len().min(8)];
        it.memory.data_mut(&mut it.store)[it.at..it.at + bytes.len()].copy_from_slice(bytes);
        call(&it.decode, &mut it.store, context)
    }
}

/// A trap is a bug of the engine, and nothing can be decided after it.
fn call<P: WasmParams>(function: &TypedFunc<P, i32>, store: &mut Store<()>, parameters: P) -> i32 {
    match function.call(store, parameters) {
        Ok(answer) => answer,
        Err(trap) => panic!("finrst: the engine trapped: {trap}"),
    }
}

impl Instance {
    fn new(wasm: &[u8]) -> Result<Instance, wasmi::Error> {
        let engine = wasmi::Engine::default();
        let module = Module::new(&engine, wasm)?;
        let mut store = Store::new(&engine, ());
        let it = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
        let version = it.get_typed_func::<(), i32>(&store, "version")?.call(&mut store, ())?;
        if version != ABI_VERSION {
            let why = format!("it speaks version {version} of the ABI, this crate {ABI_VERSION}");
            return Err(wasmi::Error::new(why));
        }
        let at = it.get_typed_func::<(), i32>(&store, "buffer")?.call(&mut store, ())?;
        let memory = it.get_memory(&store, "memory").ok_or_else(|| wasmi::Error::new("it has no memory"))?;
        Ok(Instance {
            memory,
            at: at as usize,
            decide: it.get_typed_func(&store, "decide")?,
            enter: it.get_typed_func(&store, "enter")?,
            settle: it.get_typed_func(&store, "settle")?,
            certainty: it.get_typed_func(&store, "certainty")?,
            normalise: it.get_typed_func(&store, "normalise")?,
            column: it.get_typed_func(&store, "column")?,
            encode: it.get_typed_func(&store, "encodeLinger")?,
            decode: it.get_typed_func(&store, "decodeLinger")?,
            store,
        })
    }
}
