// Walks a plan and folds each result back into the state, as the export `on` of finrst.wasm does. It holds no policy.
package engine

// Host takes the steps of one connection. Each answers ResultDone, ResultPending or the platform's errno, negative.
type Host interface {
	// Setsockopt takes StepArm and StepDisarm.
	Setsockopt(level, option int32, value []byte) int32
	// Shutdown takes StepShutWrite: shutdown(SHUT_WR).
	Shutdown() int32
	// Disconnect takes StepDisconnect: connect() to AF_UNSPEC.
	Disconnect() int32
	// Close takes StepClose: the descriptor that makes the last close.
	Close() int32
	// Request takes every other step; StepReport needs the state.
	Request(step, state int32) int32
}

// On feeds one event to the engine, takes the steps of its plan and answers the next state. While it runs the host
// must not call it for the same connection.
func (e *Engine) On(host Host, context, state, event, facts int32) int32 {
	for {
		plan := e.Decide(context, state, event, facts) & PlanAllSteps
		state = e.Enter(context, state, event, facts)
		shut := ResultPending
		for ; plan != 0; plan >>= PlanStepBits {
			step := plan & PlanStepMask
			result := e.perform(host, context, state, step)
			state = e.Settle(state, step, result)
			if step == StepShutWrite {
				shut = result
			}
		}
		// A shutdown that completed at once is followed by its event, as an asynchronous host would send it later.
		switch {
		case shut == ResultPending:
			return state
		case shut == ResultDone:
			event = EventFinSent
		default:
			event = EventOsError
		}
		facts |= FactUnacked
	}
}

// SetLinger sets SO_LINGER on the host's socket, in seconds on every platform, -1 being off. It answers ResultDone
// or a negative Error number; folding it into the state is the host's.
func (e *Engine) SetLinger(host Host, context, seconds int32) int32 {
	value, refused := e.EncodeLinger(context, seconds)
	if refused < 0 {
		return refused
	}
	level, option := e.Column(context, ColumnSocketLevel), e.Column(context, ColumnLingerOption)
	return e.normalised(context, host.Setsockopt(level, option, value))
}

func (e *Engine) normalised(context, result int32) int32 {
	if result < 0 {
		return -e.Normalise(context, -result)
	}
	return result
}

func (e *Engine) perform(host Host, context, state, step int32) int32 {
	switch step {
	case StepArm:
		return e.SetLinger(host, context, 0)
	case StepDisarm:
		return e.SetLinger(host, context, -1)
	case StepShutWrite:
		return e.normalised(context, host.Shutdown())
	case StepDisconnect:
		return e.normalised(context, host.Disconnect())
	case StepClose:
		return e.normalised(context, host.Close())
	default:
		return e.normalised(context, host.Request(step, state))
	}
}
