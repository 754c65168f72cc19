// Reads the verdict out of a state, and tells why a rule decides as it does.
package finrst

import (
	"fmt"

	"finrst.dev/go/engine"
)

// A Verdict tells how one connection ended. It never claims more than was observed.
type Verdict struct {
	// Ended is what went on the wire last: fin (ours), reset (ours or theirs), silent, or unknown.
	Ended string `json:"ended"`
	// By is who ended it: us, peer, kernel or unknown.
	By string `json:"by"`
	// Cause is what made it end: close, abort, drop, failure, exit, deadline, limit, peer or error.
	Cause string `json:"cause"`
	// Delivery is what became of our bytes: confirmed (the peer ended its side after it had acknowledged everything),
	// acked (the peer's stack has everything), handed (our kernel has everything), lost (some were thrown away),
	// unknown.
	Delivery string `json:"delivery"`
	// Received is how the other direction ended: complete (the peer's FIN after all its bytes), reset, discarded (we
	// threw bytes away), or unknown. Under TLS it is never complete: crypto/tls tells end of file for a bare FIN too.
	Received string `json:"received"`
	// Certainty is the evidence of the platform cell that Ended rests on: measured, documented or assumed.
	Certainty string `json:"certainty"`
	// Rule is the rule that decided; [Explain] tells why.
	Rule string `json:"rule"`
	// Unsent is how many bytes the peer's stack did not take; nil where that cannot be known.
	Unsent *int64 `json:"unsent,omitempty"`
	// Err is the error that was seen or given, if any.
	Err error `json:"-"`
}

// String is the verdict on one line.
func (v Verdict) String() string {
	return fmt.Sprintf("%s by %s (cause %s, rule %s), delivery %s, received %s",
		v.Ended, v.By, v.Cause, v.Rule, v.Delivery, v.Received)
}

// An EndError says that a connection did not end as it was asked to.
type EndError struct {
	Verdict Verdict
	// Cause is the error of the context, or the first one that was seen on the connection; it may be nil.
	Cause error
}

func (e *EndError) Error() string {
	if e.Cause == nil {
		return "finrst: the connection ended with " + e.Verdict.String()
	}
	return fmt.Sprintf("finrst: the connection ended with %v: %v", e.Verdict, e.Cause)
}

// Unwrap gives the cause.
func (e *EndError) Unwrap() error { return e.Cause }

// Explain tells why a rule decides as it does, by the id that a verdict names.
func Explain(rule string) (engine.Rule, bool) {
	for _, each := range engine.Rules {
		if each.ID == rule {
			return each, true
		}
	}
	return engine.Rule{}, false
}

var (
	endedWords     = []string{"unknown", "fin", "reset", "silent"}
	byWords        = []string{"unknown", "us", "peer", "kernel"}
	deliveryWords  = []string{"unknown", "handed", "acked", "confirmed", "lost"}
	receivedWords  = []string{"unknown", "complete", "reset", "discarded"}
	certaintyWords = []string{"assumed", "documented", "measured"}
	causeWords     = map[int32]string{
		engine.EventClose: "close", engine.EventFinishSending: "close", engine.EventAbort: "abort",
		engine.EventData: "abort", engine.EventDropped: "drop", engine.EventRuntimeClosed: "drop",
		engine.EventFailed: "failure", engine.EventExiting: "exit", engine.EventDeadline: "deadline",
		engine.EventOverLimit: "limit", engine.EventPeerFin: "peer", engine.EventPeerReset: "peer",
		engine.EventOsError: "error", engine.EventFinSent: "error",
	}
)

func word(words []string, number int32) string {
	if int(number) < len(words) {
		return words[number]
	}
	return words[0]
}

func ruleName(number int32) string {
	if number < 1 || int(number) > len(engine.Rules) {
		return fmt.Sprintf("rule %d", number)
	}
	return engine.Rules[number-1].ID
}

// verdictOf reads a state; what only the host knows (Unsent, Err) is not in it.
func verdictOf(it *engine.Engine, context, state int32) Verdict {
	cause, known := causeWords[state>>engine.FieldCauseShift&engine.CauseMask]
	if !known {
		cause = "close"
	}
	return Verdict{
		Ended:     word(endedWords, state>>engine.FieldEndedShift&engine.EndedMask),
		By:        word(byWords, state>>engine.FieldByShift&engine.ByMask),
		Cause:     cause,
		Delivery:  word(deliveryWords, state>>engine.FieldDeliveryShift&engine.DeliveryMask),
		Received:  word(receivedWords, state>>engine.FieldReceivedShift&engine.ReceivedMask),
		Certainty: word(certaintyWords, it.Certainty(context, state)),
		Rule:      ruleName(state >> engine.FieldRuleShift & engine.FieldRuleMask),
	}
}
