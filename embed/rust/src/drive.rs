//! Walks a plan and folds each result back into the state, as the export `on` of `finrst.wasm` does. It holds no policy.

use crate::engine::Engine;
use crate::spec::*;

/// Takes the steps of one connection. Each answers `RESULT_DONE`, `RESULT_PENDING` or the platform's errno, negative.
pub trait Host {
    /// `STEP_ARM` and `STEP_DISARM`: setsockopt.
    fn set_option(&mut self, level: i32, option: i32, value: &[u8]) -> i32;
    /// `STEP_SHUT_WRITE`: shutdown(SHUT_WR).
    fn shut_write(&mut self) -> i32;
    /// `STEP_DISCONNECT`: connect() to AF_UNSPEC.
    fn disconnect(&mut self) -> i32;
    /// `STEP_CLOSE`: closes the descriptor that makes the last close.
    fn close(&mut self) -> i32;
    /// Every other step; `STEP_REPORT` needs the state.
    fn request(&mut self, step: i32, state: i32) -> i32;
}

impl Engine {
    /// Feeds one event, takes the steps of its plan and answers the next state.
    ///
    /// While it runs the host must not call it for the same connection: it queues what happens meanwhile.
    pub fn on(&self, host: &mut dyn Host, context: i32, state: i32, event: i32, facts: i32) -> i32 {
        let (mut state, mut event, mut facts) = (state, event, facts);
        loop {
            let mut plan = self.decide(context, state, event, facts) & PLAN_ALL_STEPS;
            state = self.enter(context, state, event, facts);
            let mut shut = RESULT_PENDING;
            while plan != 0 {
                let step = plan & PLAN_STEP_MASK;
                plan >>= PLAN_STEP_BITS;
                let result = self.perform(host, context, state, step);
                state = self.settle(state, step, result);
                if step == STEP_SHUT_WRITE {
                    shut = result;
                }
            }
            // A shutdown that completed at once is followed by its event, as an asynchronous host would send it later.
            event = match shut {
                RESULT_PENDING => return state,
                RESULT_DONE => EVENT_FIN_SENT,
                _ => EVENT_OS_ERROR,
            };
            facts |= FACT_UNACKED;
        }
    }

    /// Sets SO_LINGER on the host's socket, in seconds on every platform, -1 being off.
    ///
    /// It answers `RESULT_DONE` or a negative `ERROR_*`; folding that into the state is the host's.
    pub fn set_linger(&self, host: &mut dyn Host, context: i32, seconds: i32) -> i32 {
        let value = match self.encode_linger(context, seconds) {
            Ok(value) => value,
            Err(refused) => return refused,
        };
        let level = self.column(context, COLUMN_SOCKET_LEVEL);
        let option = self.column(context, COLUMN_LINGER_OPTION);
        let result = host.set_option(level, option, &value);
        self.normalised(context, result)
    }

    fn normalised(&self, context: i32, result: i32) -> i32 {
        if result < 0 {
            -self.normalise(context, -result)
        } else {
            result
        }
    }

    fn perform(&self, host: &mut dyn Host, context: i32, state: i32, step: i32) -> i32 {
        let result = match step {
            STEP_ARM => return self.set_linger(host, context, 0),
            STEP_DISARM => return self.set_linger(host, context, -1),
            STEP_SHUT_WRITE => host.shut_write(),
            STEP_DISCONNECT => host.disconnect(),
            STEP_CLOSE => host.close(),
            _ => host.request(step, state),
        };
        self.normalised(context, result)
    }
}
