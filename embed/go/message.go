// Messages on a connection that carries several: a protocol that knows where one ends tells the guard.
package finrst

import "finrst.dev/go/engine"

// What is known of messages: nothing, one has begun, or all are complete.
type message int

const (
	unknown message = iota
	begun
	complete
)

// BeginMessage says that a message has begun: until CompleteMessage the connection is armed, and a Close is a
// failure. It undoes CompleteMessage. With a policy that leaves crashes to the OS nothing is armed.
func (c *Conn) BeginMessage() { c.mark(begun, 0, engine.StepArm) }

// CompleteMessage says that everything written so far is whole, although more may follow: until BeginMessage the
// death of the process ends the connection with a FIN, as a server that keeps connections alive would want it
// between two answers.
func (c *Conn) CompleteMessage() { c.mark(complete, -1, engine.StepDisarm) }

func (c *Conn) mark(to message, seconds, step int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.message = to
	if c.state&engine.PhaseMask != engine.PhaseOpen || c.context&engine.PolicyCrashLeaves != 0 {
		return
	}
	if armed := c.state&engine.FlagArmed != 0; armed == (step == engine.StepArm) {
		return
	}
	if c.engine.SetLinger(host{c}, c.context, seconds) == engine.ResultDone {
		c.state = c.engine.Settle(c.state, step, engine.ResultDone)
	}
}

// answered: the handler has returned. The server flushes what is left and may then close, which is no failure;
// armed the connection stays until the server says that it is idle.
func (c *Conn) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.message == begun {
		c.message = unknown
	}
}

// forgetMessages forgets what was known of messages, when another protocol takes the connection over.
func (c *Conn) forgetMessages() {
	c.mark(begun, 0, engine.StepArm)
	c.mu.Lock()
	c.message = unknown
	c.mu.Unlock()
}
