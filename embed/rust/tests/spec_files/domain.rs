//! Tries every input that a decision reads, as "The domain" of spec/README.md tells, and hashes the answers.

use std::collections::HashSet;

use finrst::engine::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{json, number, root};

/// The inputs that an event reads in a phase.
fn reads<'a>(domain: &'a Value, function: &str, event: &str, phase: i32) -> Vec<&'a str> {
    let entry = match phase {
        PHASE_ENDED => return Vec::new(),
        PHASE_NEW => &domain["whenNew"][event],
        _ => {
            let all = &domain["events"][event];
            let late = matches!(phase, PHASE_FINISHED | PHASE_DRAINING);
            all.get("always").unwrap_or(&all[if late { "late" } else { "early" }])
        }
    };
    entry[function].as_str().unwrap_or("").split_whitespace().collect()
}

/// The first row for each value of the traits that count.
fn platforms(domain: &Value) -> Vec<i32> {
    let mask = domain["traitsMask"].as_i64().unwrap() as i32;
    let mut seen = HashSet::new();
    let engine = Engine::shared().unwrap();
    (0..64).filter(|&row| seen.insert(engine.column(row, COLUMN_TRAITS) & mask)).collect()
}

/// The three lists of words, contexts, states and facts, and the mask of a state's inputs.
fn lists(domain: &Value, names: &[&str]) -> ([Vec<i32>; 3], i32) {
    let mut lists = [vec![0], vec![0], vec![0]];
    let mut mask = 0;
    for name in names {
        let input = &domain["inputs"][name];
        let which = ["context", "state", "facts"].iter().position(|word| input["word"] == *word).unwrap();
        if which == 1 {
            mask |= input["mask"].as_i64().unwrap() as i32;
        }
        let values: Vec<i32> = match &input["values"] {
            Value::Array(values) => values.iter().map(|value| value.as_i64().unwrap() as i32).collect(),
            _ => platforms(domain),
        };
        lists[which] =
            lists[which].iter().flat_map(|word| values.iter().map(move |value| word | value)).collect();
    }
    (lists, mask)
}

/// The line of spec/vectors/exhaustive.sha256 for `decide` or `enter`.
pub fn hash_of(function: &str) -> String {
    let domain = json(&root("spec/domain.json"));
    let engine = Engine::shared().unwrap();
    let mut hash = Sha256::new();
    let mut block = Vec::with_capacity(1 << 16);
    let mut count = 0u64;
    let mut put = |answer: i32| {
        block.extend_from_slice(&answer.to_le_bytes());
        count += 1;
        if block.len() == 1 << 16 {
            hash.update(&block);
            block.clear();
        }
    };
    let mut events: Vec<&(&str, i32)> = WORDS.iter().filter(|(name, _)| name.starts_with("EVENT_")).collect();
    events.sort_by_key(|(_, value)| *value);
    for (name, event) in events {
        assert_eq!(number("EVENT", &name["EVENT_".len()..]), *event);
        for phase in PHASE_NEW..=PHASE_ENDED {
            let names = reads(&domain, function, &name["EVENT_".len()..], phase);
            let ([contexts, states, all_facts], mask) = lists(&domain, &names);
            let untouched = !(mask | PHASE_MASK);
            for &context in &contexts {
                for &state in &states {
                    for &facts in &all_facts {
                        if function == "decide" {
                            put(engine.decide(context, state | phase, *event, facts));
                            continue;
                        }
                        put(engine.enter(context, state | phase, *event, facts));
                        put(engine.enter(context, state | phase | untouched, *event, facts));
                    }
                }
            }
        }
    }
    hash.update(&block);
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digest}  {function}, {count} words")
}
