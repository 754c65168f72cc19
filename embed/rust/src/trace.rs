//! One line for each decision, which `finrst explain` turns back into the rule, its clause and its table row.

use crate::engine::Engine;
use crate::spec::*;
use crate::verdict::rule_name;

fn names(group: &'static str) -> impl Iterator<Item = (&'static str, i32)> {
    WORDS.iter().filter_map(move |&(name, value)| Some((name.strip_prefix(group)?, value)))
}

fn name_of(group: &'static str, number: i32) -> String {
    names(group)
        .find(|&(_, value)| value == number)
        .map_or_else(|| number.to_string(), |(name, _)| name.into())
}

fn joined(words: Vec<String>, between: &str) -> String {
    if words.is_empty() {
        return "-".into();
    }
    words.join(between)
}

pub(crate) fn line(engine: &Engine, context: i32, before: i32, event: i32, facts: i32, after: i32) -> String {
    let plan = engine.decide(context, before, event, facts);
    let steps = (0..PLAN_STEPS).map(|index| plan >> (index * PLAN_STEP_BITS) & PLAN_STEP_MASK);
    let steps = steps.take_while(|&step| step != 0).map(|step| name_of("STEP_", step)).collect();
    let known = names("FACT_").filter(|&(_, bit)| facts & bit != 0).map(|(name, _)| name.into()).collect();
    let argument = facts >> ARGUMENT_SHIFT & ARGUMENT_MASK;
    let argument = if argument == 0 { String::new() } else { format!(":{argument}") };
    format!(
        "event={}{argument} facts={} rule={} steps={} context={context} state={before}→{after}",
        name_of("EVENT_", event),
        joined(known, "+"),
        rule_name(plan >> PLAN_RULE_SHIFT & PLAN_RULE_MASK),
        joined(steps, ",")
    )
}
