// Runs the vectors of spec/vectors, and the exhaustive hash, against the engine and against its Go walk of a plan.
package engine_test

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"finrst.dev/go/engine"
)

type stateWords struct {
	Phase, Receive, Cause, Ended, By, Delivery, Received string
	Flags                                                []string
}

type vector struct {
	ID, Rule, Event, Error string
	Context                struct {
		Platform, Confirm string
		Can, Policy       []string
		BigEndian         bool
	}
	State    stateWords
	Facts    []string
	Argument string
	Plan     []string
	Becomes  stateWords
	Seconds  *int32
	Bytes    string
	Level    int32
	Option   int32
	Errno    *int32
}

func number(t *testing.T, group, word string) int32 {
	t.Helper()
	value, known := engine.Words[group][word]
	if !known {
		t.Fatalf("spec/abi.json has no %s_%s", group, word)
	}
	return value
}

func bits(t *testing.T, group string, words []string) (all int32) {
	t.Helper()
	for _, word := range words {
		all |= number(t, group, word)
	}
	return all
}

func contextWord(t *testing.T, v vector) int32 {
	word := bits(t, "CAN", v.Context.Can) | bits(t, "POLICY", v.Context.Policy)
	if v.Context.Platform != "unknown" {
		platform, known := engine.Platforms[v.Context.Platform]
		if !known {
			t.Fatalf("there is no platform %s", v.Context.Platform)
		}
		word |= platform.Row
	}
	if v.Context.Confirm != "" {
		word |= number(t, "CONFIRM", v.Context.Confirm) << engine.ConfirmShift
	}
	if v.Context.BigEndian {
		word |= engine.ContextBigEndian
	}
	return word
}

func stateWord(t *testing.T, words stateWords) int32 {
	state := number(t, "PHASE", words.Phase) | bits(t, "FLAG", words.Flags)
	for _, field := range []struct {
		group, word string
		shift       int32
	}{
		{"RECEIVE", words.Receive, engine.FieldReceiveShift}, {"EVENT", words.Cause, engine.FieldCauseShift},
		{"ENDED", words.Ended, engine.FieldEndedShift}, {"BY", words.By, engine.FieldByShift},
		{"DELIVERY", words.Delivery, engine.FieldDeliveryShift}, {"RECEIVED", words.Received, engine.FieldReceivedShift},
	} {
		if field.word != "" && field.word != "NONE" {
			state |= number(t, field.group, field.word) << field.shift
		}
	}
	return state
}

func load(t testing.TB) *engine.Engine {
	t.Helper()
	it, err := engine.Shared()
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// recorder is a host that does everything at once and remembers the steps.
type recorder struct{ steps []string }

func (r *recorder) took(step string) int32 { r.steps = append(r.steps, step); return engine.ResultDone }

func (r *recorder) Setsockopt(_, _ int32, value []byte) int32 {
	if value[0]|value[len(value)/2-1] != 0 {
		return r.took("ARM")
	}
	return r.took("DISARM")
}
func (r *recorder) Shutdown() int32   { return r.took("SHUT_WRITE") }
func (r *recorder) Disconnect() int32 { return r.took("DISCONNECT") }
func (r *recorder) Close() int32      { return r.took("CLOSE") }
func (r *recorder) Request(step, _ int32) int32 {
	for name, value := range engine.Words["STEP"] {
		if value == step {
			return r.took(name)
		}
	}
	return -1
}

func decision(t *testing.T, v vector) {
	it := load(t)
	context, state, event := contextWord(t, v), stateWord(t, v.State), number(t, "EVENT", v.Event)
	facts := bits(t, "FACT", v.Facts)
	if v.Argument != "" {
		group := map[string]string{"STOP_RECEIVING": "RECEIVE", "OS_ERROR": "ERROR"}[v.Event]
		facts |= number(t, group, v.Argument) << engine.ArgumentShift
	}
	plan := it.Decide(context, state, event, facts)
	rule := plan >> engine.PlanRuleShift & engine.PlanRuleMask
	if got := engine.Rules[rule-1].ID; got != v.Rule {
		t.Errorf("rule is %s; expected %s", got, v.Rule)
	}
	next, steps := it.Enter(context, state, event, facts), []string{}
	for rest := plan & engine.PlanAllSteps; rest != 0; rest >>= engine.PlanStepBits {
		step := rest & engine.PlanStepMask
		for name, value := range engine.Words["STEP"] {
			if value == step && name != "NONE" {
				steps = append(steps, name)
			}
		}
		next = it.Settle(next, step, engine.ResultDone)
	}
	if !reflect.DeepEqual(steps, v.Plan) {
		t.Errorf("plan is %v; expected %v", steps, v.Plan)
	}
	if v.Rule != "not-open" && rule < ruleNumber("not-open") {
		if got := next >> engine.FieldRuleShift & engine.FieldRuleMask; got != rule {
			t.Errorf("the state records rule %d; expected %d", got, rule)
		}
	}
	mask := ^(engine.FieldRuleMask << engine.FieldRuleShift)
	if want := stateWord(t, v.Becomes); next&mask != want&mask {
		t.Errorf("state is %#x; expected %#x", next&mask, want&mask)
	}
	// The walk in Go takes the same steps first; those of a FIN that completed at once follow.
	if v.Context.Platform == "unknown" {
		return // without struct linger a recorder cannot tell ARM from DISARM
	}
	taken := &recorder{}
	it.On(taken, context, state, event, facts)
	if len(taken.steps) < len(steps) || strings.Join(taken.steps[:len(steps)], " ") != strings.Join(steps, " ") {
		t.Errorf("On took %v; expected %v first", taken.steps, steps)
	}
}

func ruleNumber(id string) int32 {
	for _, rule := range engine.Rules {
		if rule.ID == id {
			return rule.Number
		}
	}
	return 0
}

func linger(t *testing.T, v vector) {
	it, context, seconds := load(t), contextWord(t, v), int32(-1)
	if v.Seconds != nil {
		seconds = *v.Seconds
	}
	row := context & engine.ContextPlatformMask
	got, refused := it.EncodeLinger(context, seconds)
	if v.Bytes == "out of range" {
		if refused != -engine.ErrorOutOfRange {
			t.Errorf("%d seconds give % x, %d; expected a refusal", seconds, got, refused)
		}
		return
	}
	want, err := hex.DecodeString(strings.ReplaceAll(v.Bytes, " ", ""))
	if err != nil || hex.EncodeToString(got) != hex.EncodeToString(want) {
		t.Errorf("%d seconds give % x; expected %s", seconds, got, v.Bytes)
	}
	if back := it.DecodeLinger(context, got); back != seconds {
		t.Errorf("% x is read as %d; expected %d", got, back, seconds)
	}
	if level := it.Column(row, engine.ColumnSocketLevel); level != v.Level {
		t.Errorf("level is %d; expected %d", level, v.Level)
	}
	if option := it.Column(row, engine.ColumnLingerOption); option != v.Option {
		t.Errorf("option is %d; expected %d", option, v.Option)
	}
}

func TestVectors(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join(root(t, "spec", "vectors"), "*.json"))
	hit := map[string]bool{}
	for _, path := range paths {
		var vectors []vector
		readJSON(t, &vectors, "spec", "vectors", filepath.Base(path))
		for _, v := range vectors {
			t.Run(v.ID, func(t *testing.T) {
				switch {
				case v.Event != "":
					hit[v.Rule] = true
					decision(t, v)
				case v.Errno != nil:
					if got := load(t).Normalise(contextWord(t, v), *v.Errno); got != number(t, "ERROR", v.Error) {
						t.Errorf("errno %d is %d; expected %s", *v.Errno, got, v.Error)
					}
				default:
					linger(t, v)
				}
			})
		}
	}
	for _, rule := range engine.Rules {
		if !hit[rule.ID] {
			t.Errorf("no vector hits %s", rule.ID)
		}
	}
}

func TestAModuleThatIsNoneIsAnError(t *testing.T) {
	kept := engine.Wasm
	defer func() { engine.Wasm = kept }()
	for _, bytes := range [][]byte{nil, []byte("no module"), kept[:100]} {
		engine.Wasm = bytes
		if _, err := engine.Load(context.Background()); err == nil || !strings.Contains(err.Error(), "finrst") {
			t.Errorf("%q is loaded: %v", bytes, err)
		}
	}
}
