// The clocks of one close: flush, drain (idle and total), and the watch on the send queue.
package finrst

import "time"

const (
	watchFirst   = time.Millisecond
	watchLongest = 50 * time.Millisecond
)

// clocks are used with the guard locked; a clock that fires late finds the connection ended, which is harmless.
type clocks struct {
	flush, idle, total, watch *time.Timer
	idleFor                   time.Duration
}

func stop(timer **time.Timer) {
	if *timer != nil {
		(*timer).Stop()
		*timer = nil
	}
}

func (c *clocks) startFlush(within time.Duration, ran func()) {
	stop(&c.flush)
	c.flush = time.AfterFunc(within, ran)
}

func (c *clocks) startDrain(idle, total time.Duration, ran func()) {
	stop(&c.flush)
	if c.total == nil {
		c.total = time.AfterFunc(total, ran)
	}
	stop(&c.idle)
	c.idleFor = idle
	c.idle = time.AfterFunc(idle, ran)
}

// progress: something arrived or left, the silence is broken.
func (c *clocks) progress() {
	if c.idle != nil {
		c.idle.Reset(c.idleFor)
	}
}

// startWatch asks look again and again, less and less often, until it answers true.
func (c *clocks) startWatch(look func() bool) {
	stop(&c.watch)
	wait := watchFirst
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		if !look() {
			wait = min(wait*2, watchLongest)
			timer.Reset(wait)
		}
	})
	c.watch = timer
}

func (c *clocks) stop() {
	stop(&c.flush)
	stop(&c.idle)
	stop(&c.total)
	stop(&c.watch)
}
