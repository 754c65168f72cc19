// Compares the Go walk of a plan with the export `on` of finrst.wasm, and measures both next to an empty call.
package engine_test

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"finrst.dev/go/engine"
)

// script is a host that answers each step as it was told to, and remembers every call.
type script struct {
	answers []int32
	calls   []string
}

func (s *script) call(name string, details ...any) int32 {
	s.calls = append(s.calls, name+fmt.Sprint(details...))
	if len(s.answers) == 0 {
		return engine.ResultDone
	}
	answer := s.answers[len(s.calls)%len(s.answers)]
	return answer
}

func (s *script) Setsockopt(level, option int32, value []byte) int32 {
	return s.call("setsockopt", level, option, append([]byte{}, value...))
}
func (s *script) Shutdown() int32   { return s.call("shutdown") }
func (s *script) Disconnect() int32 { return s.call("disconnect") }
func (s *script) Close() int32      { return s.call("close") }
func (s *script) Request(step, state int32) int32 {
	if step == engine.StepReport {
		return s.call("report", state)
	}
	return s.call("request", step)
}

// withImports instantiates finrst.wasm; what it calls goes to *host.
func withImports(t testing.TB, host *engine.Host) func(name string) api.Function {
	t.Helper()
	wasm, err := os.ReadFile(root(t, "embed", "finrst.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	runtime := wazero.NewRuntime(ctx)
	t.Cleanup(func() { runtime.Close(ctx) })
	builder := runtime.NewHostModuleBuilder("host")
	for name, it := range map[string]struct {
		parameters int
		call       func(m api.Module, p []int32) int32
	}{
		"setsockopt": {5, func(m api.Module, p []int32) int32 {
			value, _ := m.Memory().Read(uint32(p[3]), uint32(p[4]))
			return (*host).Setsockopt(p[1], p[2], value)
		}},
		"shutdown":   {2, func(api.Module, []int32) int32 { return (*host).Shutdown() }},
		"disconnect": {1, func(api.Module, []int32) int32 { return (*host).Disconnect() }},
		"close":      {1, func(api.Module, []int32) int32 { return (*host).Close() }},
		"request":    {3, func(_ api.Module, p []int32) int32 { return (*host).Request(p[1], p[2]) }},
	} {
		function := api.GoModuleFunc(func(_ context.Context, m api.Module, stack []uint64) {
			var p [5]int32
			for index := range it.parameters {
				p[index] = int32(uint32(stack[index]))
			}
			stack[0] = uint64(uint32(it.call(m, p[:])))
		})
		kinds := make([]api.ValueType, it.parameters)
		for index := range kinds {
			kinds[index] = api.ValueTypeI32
		}
		builder.NewFunctionBuilder().WithGoModuleFunction(function, kinds, kinds[:1]).Export(name)
	}
	if _, err := builder.Instantiate(ctx); err != nil {
		t.Fatal(err)
	}
	module, err := runtime.Instantiate(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	return module.ExportedFunction
}

func call(t testing.TB, function api.Function, parameters ...int32) int32 {
	stack := make([]uint64, len(parameters))
	for index, value := range parameters {
		stack[index] = uint64(uint32(value))
	}
	results, err := function.Call(context.Background(), stack...)
	if err != nil {
		t.Fatal(err)
	}
	return int32(uint32(results[0]))
}

func TestTheWalkInGoIsTheOneInTheModule(t *testing.T) {
	var host engine.Host
	on, it := withImports(t, &host)("on"), load(t)
	random := rand.New(rand.NewSource(9293))
	for range 100_000 {
		context := random.Int31()&^engine.ContextPlatformMask | int32(1+random.Intn(12))
		state := random.Int31()&^engine.PhaseMask | int32(random.Intn(7))
		event, facts := int32(1+random.Intn(18)), random.Int31()&0xffff
		answers := make([]int32, random.Intn(4))
		for index := range answers {
			answers[index] = []int32{engine.ResultDone, engine.ResultPending, -107, -9}[random.Intn(4)]
		}
		inside, outside := &script{answers: answers}, &script{answers: answers}
		host = inside
		want := call(t, on, 1, context, state, event, facts)
		got := it.On(outside, context, state, event, facts)
		if got != want || !reflect.DeepEqual(inside.calls, outside.calls) {
			t.Fatalf("on(%d, %d, %d, %d) with answers %v: %d %v in the module, %d %v in Go",
				context, state, event, facts, answers, want, inside.calls, got, outside.calls)
		}
	}
}

// empty is (func (export "f") (param i32 i32 i32 i32) (result i32) (local.get 0)).
var empty = []byte{
	0, 'a', 's', 'm', 1, 0, 0, 0, 1, 9, 1, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f, 3, 2, 1, 0,
	7, 5, 1, 1, 'f', 0, 0, 10, 6, 1, 4, 0, 0x20, 0, 0x0b,
}

const usual = engine.CanArm | engine.CanDisconnect | engine.CanHold | engine.CanDrain | engine.CanSeeAcked | 1 |
	engine.ConfirmAcked<<engine.ConfirmShift

func BenchmarkEmptyCall(b *testing.B) {
	ctx := context.Background()
	module, err := wazero.NewRuntime(ctx).Instantiate(ctx, empty)
	if err != nil {
		b.Fatal(err)
	}
	function := module.ExportedFunction("f")
	var stack [4]uint64
	b.ReportAllocs()
	for range b.N {
		if err := function.CallWithStack(ctx, stack[:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	it := load(b)
	b.ReportAllocs()
	for range b.N {
		it.Decide(usual, engine.PhaseOpen|engine.FlagArmed, engine.EventClose, engine.FactUnacked)
	}
}

func BenchmarkDecideContended(b *testing.B) {
	it := load(b)
	b.RunParallel(func(each *testing.PB) {
		for each.Next() {
			it.Decide(usual, engine.PhaseOpen|engine.FlagArmed, engine.EventClose, engine.FactUnacked)
		}
	})
}

type silent struct{}

func (silent) Setsockopt(int32, int32, []byte) int32 { return 0 }
func (silent) Shutdown() int32                       { return 0 }
func (silent) Disconnect() int32                     { return 0 }
func (silent) Close() int32                          { return 0 }
func (silent) Request(int32, int32) int32            { return 0 }

// An abort has the longest plan: ARM, DISCONNECT, RELEASE, CLOSE, REPORT.
func BenchmarkOn(b *testing.B) {
	it := load(b)
	b.ReportAllocs()
	for range b.N {
		it.On(silent{}, usual, engine.PhaseOpen, engine.EventAbort, 0)
	}
}

func BenchmarkOnInTheModule(b *testing.B) {
	var host engine.Host = silent{}
	on := withImports(b, &host)("on")
	stack := make([]uint64, 5)
	b.ReportAllocs()
	for range b.N {
		for index, value := range []int32{1, usual, engine.PhaseOpen, engine.EventAbort, 0} {
			stack[index] = uint64(uint32(value))
		}
		if err := on.CallWithStack(context.Background(), stack); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for range b.N {
		if _, err := engine.Load(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
