// One line for each decision, which `finrst explain` turns back into the rule, its clause and its table row.
package finrst

import (
	"fmt"
	"sort"
	"strings"

	"finrst.dev/go/engine"
)

func nameOf(group string, number int32) string {
	for name, value := range engine.Words[group] {
		if value == number {
			return name
		}
	}
	return fmt.Sprint(number)
}

func dashed(words []string, between string) string {
	if len(words) == 0 {
		return "-"
	}
	return strings.Join(words, between)
}

func traceLine(it *engine.Engine, context, before, number, facts, after int32) string {
	plan := it.Decide(context, before, number, facts)
	var steps, known []string
	for rest := plan & engine.PlanAllSteps; rest != 0; rest >>= engine.PlanStepBits {
		steps = append(steps, nameOf("STEP", rest&engine.PlanStepMask))
	}
	for name, bit := range engine.Words["FACT"] {
		if facts&bit != 0 {
			known = append(known, name)
		}
	}
	sort.Strings(known)
	what := nameOf("EVENT", number)
	if argument := facts >> engine.ArgumentShift & engine.ArgumentMask; argument != 0 {
		what += fmt.Sprintf(":%d", argument)
	}
	return fmt.Sprintf("event=%s facts=%s rule=%s steps=%s context=%d state=%d→%d", what, dashed(known, "+"),
		ruleName(plan>>engine.PlanRuleShift&engine.PlanRuleMask), dashed(steps, ","), context, before, after)
}
