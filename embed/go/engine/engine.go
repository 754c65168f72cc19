// Package engine is the policy engine of finrst: 3.7 kB of WebAssembly that decide how a TCP connection ends.
//
// It is pure and has no memory of a connection: two words go in with an event, a plan and the next word come out.
// spec/README.md of the repository tells what the words mean. Most programs want the guard in finrst.dev/go; this
// package is for hosts of their own kind.
package engine

//go:generate go test . -run "Generated|TheModule" -update -count=1

import (
	"context"
	_ "embed"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Wasm is the module without imports, byte for byte embed/finrst-pure.wasm of the repository.
//
//go:embed finrst-pure.wasm
var Wasm []byte

// A Rule is one rule of the engine: why it decides as it does, and the RFC clause or table row that it rests on.
type Rule struct {
	Number                      int32
	ID, Title, Why, Clause, Row string
}

// A Platform is one system of the table: its row, and how its send queue is asked (Query is 0 where it cannot be).
type Platform struct {
	Row       int32
	Through   string // ioctl or getsockopt
	Query     uint32
	CountsFin bool
}

// An Engine is one instance of the module, safe for concurrent use. Its methods are the exports of the Wasm.
//
// A mutex serves all goroutines: a call takes less than a pool would, and the functions share one call stack.
type Engine struct {
	mu     sync.Mutex
	memory api.Memory
	at     uint32
	stack  [4]uint64

	decide, enter, settle, certainty, normalise, column, encode, decode, version api.Function
}

// Load compiles the module and instantiates it: with wazero's compiler where it has one, else with its interpreter.
func Load(ctx context.Context) (*Engine, error) {
	return load(ctx, wazero.NewRuntimeConfig(), Wasm)
}

func load(ctx context.Context, config wazero.RuntimeConfig, wasm []byte) (*Engine, error) {
	module, err := wazero.NewRuntimeWithConfig(ctx, config).Instantiate(ctx, wasm)
	if err != nil {
		return nil, fmt.Errorf("finrst: the engine cannot be loaded: %w", err)
	}
	it := &Engine{memory: module.Memory()}
	for name, function := range map[string]*api.Function{
		"decide": &it.decide, "enter": &it.enter, "settle": &it.settle, "certainty": &it.certainty,
		"normalise": &it.normalise, "column": &it.column, "encodeLinger": &it.encode, "decodeLinger": &it.decode,
		"version": &it.version,
	} {
		if *function = module.ExportedFunction(name); *function == nil {
			return nil, fmt.Errorf("finrst: the engine has no export %s", name)
		}
	}
	at, err := module.ExportedFunction("buffer").Call(ctx)
	if err != nil {
		return nil, fmt.Errorf("finrst: the engine cannot be loaded: %w", err)
	}
	it.at = uint32(at[0])
	return it, nil
}

var shared = sync.OnceValues(func() (*Engine, error) { return Load(context.Background()) })

// Shared is the engine of this process, loaded at the first call.
func Shared() (*Engine, error) { return shared() }

// call must be made with the mutex held. A trap is a bug of the engine, and nothing can be decided after it.
func (e *Engine) call(function api.Function, parameters ...int32) int32 {
	for index, value := range parameters {
		e.stack[index] = uint64(uint32(value))
	}
	if err := function.CallWithStack(context.Background(), e.stack[:]); err != nil {
		panic(fmt.Sprintf("finrst: the engine trapped: %v", err))
	}
	return int32(uint32(e.stack[0]))
}

func (e *Engine) locked(function api.Function, parameters ...int32) int32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.call(function, parameters...)
}

// Decide answers the plan of an event: up to five steps, the first in the lowest bits, and above them the rule.
func (e *Engine) Decide(context, state, event, facts int32) int32 {
	return e.locked(e.decide, context, state, event, facts)
}

// Enter answers the state that an event leaves behind before any step is taken.
func (e *Engine) Enter(context, state, event, facts int32) int32 {
	return e.locked(e.enter, context, state, event, facts)
}

// Settle folds the result of one step into a state: ResultDone, ResultPending or a negative Error number.
func (e *Engine) Settle(state, step, result int32) int32 {
	return e.locked(e.settle, state, step, result)
}

// Certainty answers the strength of the evidence that the verdict of a state rests on.
func (e *Engine) Certainty(context, state int32) int32 { return e.locked(e.certainty, context, state) }

// Normalise answers the Error number of an errno of the platform.
func (e *Engine) Normalise(context, errno int32) int32 { return e.locked(e.normalise, context, errno) }

// Column answers one column of a row of the platform table.
func (e *Engine) Column(platform, which int32) int32 { return e.locked(e.column, platform, which) }

// Version answers the version of the interface of the Wasm.
func (e *Engine) Version() int32 { return e.locked(e.version) }

// EncodeLinger lays out struct linger for the platform of the context; -1 seconds is off. Without bytes the second
// result is a negative Error number: a number that the platform would cut is never written, because cut to 0 it would
// mean abort.
func (e *Engine) EncodeLinger(context, seconds int32) ([]byte, int32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	size := e.call(e.encode, context, seconds)
	if size < 0 {
		return nil, size
	}
	bytes, _ := e.memory.Read(e.at, uint32(size))
	return append([]byte(nil), bytes...), 0
}

// DecodeLinger reads the seconds out of struct linger; -1 is off.
func (e *Engine) DecodeLinger(context int32, linger []byte) int32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.memory.Write(e.at, linger)
	return e.call(e.decode, context)
}
