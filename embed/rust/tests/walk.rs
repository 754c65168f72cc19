//! Compares the walk of a plan in Rust with the export `on` of finrst.wasm, over random decisions and answers.

mod spec_files;

use finrst::engine::*;
use spec_files::root;
use wasmi::{Caller, Linker, Module, Store};

/// A host that answers each step as it was told to, and remembers every call.
#[derive(Default, Clone)]
struct Script {
    answers: Vec<i32>,
    calls: Vec<String>,
}

impl Script {
    fn call(&mut self, call: String) -> i32 {
        self.calls.push(call);
        if self.answers.is_empty() {
            return RESULT_DONE;
        }
        self.answers[self.calls.len() % self.answers.len()]
    }
}

impl Host for Script {
    fn set_option(&mut self, level: i32, option: i32, value: &[u8]) -> i32 {
        self.call(format!("setsockopt {level} {option} {value:?}"))
    }
    fn shut_write(&mut self) -> i32 {
        self.call("shutdown".into())
    }
    fn disconnect(&mut self) -> i32 {
        self.call("disconnect".into())
    }
    fn close(&mut self) -> i32 {
        self.call("close".into())
    }
    fn request(&mut self, step: i32, state: i32) -> i32 {
        let state = if step == STEP_REPORT { state } else { 0 };
        self.call(format!("request {step} {state}"))
    }
}

type On = wasmi::TypedFunc<(i32, i32, i32, i32, i32), i32>;

/// finrst.wasm, whose imports are the methods of the script in its store.
fn with_imports() -> (Store<Script>, On) {
    let engine = wasmi::Engine::default();
    let module = Module::new(&engine, &std::fs::read(root("embed/finrst.wasm")).unwrap()[..]).unwrap();
    let mut store = Store::new(&engine, Script::default());
    let mut linker = Linker::new(&engine);
    let set_option = |mut caller: Caller<'_, Script>, _: i32, level: i32, option: i32, at: i32, size: i32| {
        let memory = caller.get_export("memory").and_then(|it| it.into_memory()).unwrap();
        let value = memory.data(&caller)[at as usize..(at + size) as usize].to_vec();
        caller.data_mut().set_option(level, option, &value)
    };
    linker.func_wrap("host", "setsockopt", set_option).unwrap();
    let shutdown = |mut caller: Caller<'_, Script>, _: i32, _: i32| caller.data_mut().shut_write();
    linker.func_wrap("host", "shutdown", shutdown).unwrap();
    let disconnect = |mut caller: Caller<'_, Script>, _: i32| caller.data_mut().disconnect();
    linker.func_wrap("host", "disconnect", disconnect).unwrap();
    let close = |mut caller: Caller<'_, Script>, _: i32| caller.data_mut().close();
    linker.func_wrap("host", "close", close).unwrap();
    let request = |mut caller: Caller<'_, Script>, _: i32, step: i32, state: i32| {
        caller.data_mut().request(step, state)
    };
    linker.func_wrap("host", "request", request).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let on = instance.get_typed_func(&store, "on").unwrap();
    (store, on)
}

/// xorshift: the same numbers at every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> i32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 16) % bound) as i32
    }
}

#[test]
fn the_walk_in_rust_is_the_one_in_the_module() {
    let (mut store, on) = with_imports();
    let engine = Engine::shared().unwrap();
    let mut random = Random(9293);
    for _ in 0..100_000 {
        let context = random.below(1 << 31) & !CONTEXT_PLATFORM_MASK | (1 + random.below(12));
        let state = random.below(1 << 31) & !PHASE_MASK | random.below(7);
        let (event, facts) = (1 + random.below(18), random.below(1 << 16));
        let answers = (0..random.below(4))
            .map(|_| [RESULT_DONE, RESULT_PENDING, -107, -9][random.below(4) as usize])
            .collect();
        let script = Script { answers, calls: Vec::new() };
        *store.data_mut() = script.clone();
        let mut outside = script;
        let expected = on.call(&mut store, (1, context, state, event, facts)).unwrap();
        let found = engine.on(&mut outside, context, state, event, facts);
        let inside = store.data();
        assert!(
            found == expected && inside.calls == outside.calls,
            "on({context}, {state}, {event}, {facts}) with {:?}: {expected} {:?} in the module, {found} {:?} in Rust",
            outside.answers,
            inside.calls,
            outside.calls
        );
    }
}
