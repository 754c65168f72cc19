//! Reads spec/ of the repository, and joins its words to numbers.
#![allow(dead_code)]

pub mod domain;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use finrst::engine::*;
use serde_json::Value;

/// A path of the repository.
pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub fn abi() -> &'static Value {
    static ABI: OnceLock<Value> = OnceLock::new();
    ABI.get_or_init(|| json(&root("spec/abi.json")))
}

/// The group and the word of a name such as EVENT_PEER_FIN, as spec/abi.json has them.
pub fn spec_word(name: &str) -> (&str, &str) {
    name.split_once('_').unwrap()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

pub fn words(value: &Value) -> Vec<&str> {
    value.as_array().map(|list| list.iter().map(text).collect()).unwrap_or_default()
}

pub fn number(group: &str, word: &str) -> i32 {
    let full = format!("{group}_{word}");
    WORDS.iter().find(|(name, _)| *name == full).unwrap_or_else(|| panic!("there is no {full}")).1
}

pub fn bits(group: &str, list: &Value) -> i32 {
    words(list).into_iter().fold(0, |all, word| all | number(group, word))
}

pub fn context_word(context: &Value) -> i32 {
    let mut word = bits("CAN", &context["can"]) | bits("POLICY", &context["policy"]);
    let platform = text(&context["platform"]);
    if platform != "unknown" {
        word |= PLATFORMS.iter().find(|each| each.id == platform).unwrap().row;
    }
    if let Some(confirm) = context["confirm"].as_str() {
        word |= number("CONFIRM", confirm) << CONFIRM_SHIFT;
    }
    if context["bigEndian"] == true {
        word |= CONTEXT_BIG_ENDIAN;
    }
    word
}

pub fn state_word(state: &Value) -> i32 {
    let mut word = bits("FLAG", &state["flags"]);
    for (field, group, shift) in [
        ("phase", "PHASE", 0),
        ("receive", "RECEIVE", FIELD_RECEIVE_SHIFT),
        ("cause", "EVENT", FIELD_CAUSE_SHIFT),
        ("ended", "ENDED", FIELD_ENDED_SHIFT),
        ("by", "BY", FIELD_BY_SHIFT),
        ("delivery", "DELIVERY", FIELD_DELIVERY_SHIFT),
        ("received", "RECEIVED", FIELD_RECEIVED_SHIFT),
    ] {
        if let Some(name) = state[field].as_str().filter(|&name| name != "NONE") {
            word |= number(group, name) << shift;
        }
    }
    word
}
