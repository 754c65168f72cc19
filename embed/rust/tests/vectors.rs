//! Runs the vectors of spec/vectors, and the exhaustive hash, against the engine and against the walk of a plan in Rust.

mod spec_files;

use std::collections::HashSet;
use std::fs;

use finrst::engine::*;
use serde_json::Value;
use spec_files::*;

/// A host that does everything at once and remembers the steps.
#[derive(Default)]
struct Recorder(Vec<&'static str>);

impl Recorder {
    fn took(&mut self, step: i32) -> i32 {
        self.0.push(step_name(step));
        RESULT_DONE
    }
}

impl Host for Recorder {
    fn set_option(&mut self, _: i32, _: i32, value: &[u8]) -> i32 {
        let on = value[..value.len() / 2].iter().any(|&byte| byte != 0);
        self.took(if on { STEP_ARM } else { STEP_DISARM })
    }
    fn shut_write(&mut self) -> i32 {
        self.took(STEP_SHUT_WRITE)
    }
    fn disconnect(&mut self) -> i32 {
        self.took(STEP_DISCONNECT)
    }
    fn close(&mut self) -> i32 {
        self.took(STEP_CLOSE)
    }
    fn request(&mut self, step: i32, _: i32) -> i32 {
        self.took(step)
    }
}

fn step_name(step: i32) -> &'static str {
    let found = WORDS.iter().find(|(name, value)| name.starts_with("STEP_") && *value == step);
    found.unwrap().0.strip_prefix("STEP_").unwrap()
}

fn rule_number(id: &str) -> i32 {
    finrst::explain(id).unwrap().number
}

fn decision(vector: &Value) {
    let engine = Engine::shared().unwrap();
    let (context, state) = (context_word(&vector["context"]), state_word(&vector["state"]));
    let event = number("EVENT", text(&vector["event"]));
    let mut facts = bits("FACT", &vector["facts"]);
    if let Some(argument) = vector["argument"].as_str() {
        let group = if vector["event"] == "STOP_RECEIVING" { "RECEIVE" } else { "ERROR" };
        facts |= number(group, argument) << ARGUMENT_SHIFT;
    }
    let plan = engine.decide(context, state, event, facts);
    let rule = plan >> PLAN_RULE_SHIFT & PLAN_RULE_MASK;
    assert_eq!(RULES[rule as usize - 1].id, text(&vector["rule"]));
    let taken: Vec<i32> = (0..PLAN_STEPS)
        .map(|index| plan >> (index * PLAN_STEP_BITS) & PLAN_STEP_MASK)
        .take_while(|&step| step != 0)
        .collect();
    let names: Vec<&str> = taken.iter().map(|&step| step_name(step)).collect();
    assert_eq!(names, words(&vector["plan"]));
    let entered = engine.enter(context, state, event, facts);
    let after = taken.iter().fold(entered, |state, &step| engine.settle(state, step, RESULT_DONE));
    if rule < rule_number("not-open") {
        assert_eq!(after >> FIELD_RULE_SHIFT & FIELD_RULE_MASK, rule);
    }
    let mask = !(FIELD_RULE_MASK << FIELD_RULE_SHIFT);
    assert_eq!(after & mask, state_word(&vector["becomes"]) & mask);
    // Without struct linger, as on the unknown platform, a recorder cannot tell ARM from DISARM.
    if vector["context"]["platform"] != "unknown" {
        let mut recorder = Recorder::default();
        engine.on(&mut recorder, context, state, event, facts);
        // The steps of a FIN that completed at once follow.
        assert_eq!(recorder.0[..names.len()], names);
    }
}

fn linger(vector: &Value) {
    let engine = Engine::shared().unwrap();
    let context = context_word(&vector["context"]);
    let seconds = vector["seconds"].as_i64().unwrap_or(-1) as i32;
    let row = context & CONTEXT_PLATFORM_MASK;
    match engine.encode_linger(context, seconds) {
        Err(refused) => {
            assert_eq!((text(&vector["bytes"]), refused), ("out of range", -ERROR_OUT_OF_RANGE));
        }
        Ok(bytes) => {
            let written: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(written.join(" "), text(&vector["bytes"]));
            assert_eq!(engine.decode_linger(context, &bytes), seconds);
            assert_eq!(i64::from(engine.column(row, COLUMN_SOCKET_LEVEL)), vector["level"].as_i64().unwrap());
            assert_eq!(
                i64::from(engine.column(row, COLUMN_LINGER_OPTION)),
                vector["option"].as_i64().unwrap()
            );
        }
    }
}

#[test]
fn every_vector_holds_and_every_rule_has_one() {
    let mut hit = HashSet::new();
    let mut count = 0;
    for entry in fs::read_dir(root("spec/vectors")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        for vector in json(&path).as_array().unwrap() {
            println!("{}: {vector}", path.display());
            count += 1;
            if vector["event"].is_string() {
                hit.insert(text(&vector["rule"]).to_string());
                decision(vector);
            } else if let Some(errno) = vector["errno"].as_i64() {
                let found =
                    Engine::shared().unwrap().normalise(context_word(&vector["context"]), errno as i32);
                assert_eq!(found, number("ERROR", text(&vector["error"])));
            } else {
                linger(vector);
            }
        }
    }
    assert!(count > 100, "only {count} vectors");
    for rule in RULES {
        assert!(hit.contains(rule.id), "no vector hits {}", rule.id);
    }
}

#[test]
fn every_decision_of_the_domain_is_the_pinned_one() {
    pinned("decide");
}

/// 115 million answers: half a minute, as Cargo.toml has this test optimised.
#[test]
fn every_next_state_of_the_domain_is_the_pinned_one() {
    pinned("enter");
}

fn pinned(function: &str) {
    let lines = fs::read_to_string(root("spec/vectors/exhaustive.sha256")).unwrap();
    let hash = domain::hash_of(function);
    assert!(lines.lines().any(|line| line == hash), "{hash} is not one of\n{lines}");
}

#[test]
fn what_is_generated_is_the_committed_module() {
    assert_eq!(WASM, fs::read(root("embed/finrst-pure.wasm")).unwrap(), "npm run generate");
    for (name, value) in WORDS {
        let (group, word) = spec_word(name);
        assert_eq!(abi()["groups"][group]["values"][word], *value, "{name}");
    }
    for rule in RULES {
        let found = &json(&root("spec/rules.json"))["rules"][rule.number as usize - 1];
        assert_eq!((text(&found["id"]), text(&found["why"])), (rule.id, rule.why));
    }
}

#[test]
fn a_module_that_is_none_is_an_error() {
    for bytes in [&b""[..], b"no module", &WASM[..100]] {
        let error = Engine::load(bytes).unwrap_err().to_string();
        assert!(error.starts_with("finrst: the engine cannot be loaded: "), "{error}");
    }
}
