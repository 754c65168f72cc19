// Tries the whole domain of decide, and with FINRST_LONG=1 that of enter, and compares the hash with that of spec/.
package engine_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"finrst.dev/go/engine"
)

type input struct {
	Word   string
	Mask   int32
	Values json.RawMessage
}

type reads struct{ Decide, Enter string }

type domainFile struct {
	TraitsMask int32
	Inputs     map[string]input
	WhenNew    map[string]reads
	Events     map[string]map[string]reads
}

func (d domainFile) of(event, phase int32, function string) []string {
	what := func(r reads) []string {
		if function == "decide" {
			return strings.Fields(r.Decide)
		}
		return strings.Fields(r.Enter)
	}
	name := ""
	for word, value := range engine.Words["EVENT"] {
		if value == event {
			name = word
		}
	}
	when := d.Events[name]
	switch {
	case phase == engine.PhaseNew:
		// What always counts counts in all five phases of an open connection, and not before.
		return what(d.WhenNew[name])
	case phase > engine.PhaseDraining:
		return nil
	}
	if _, always := when["always"]; always {
		return what(when["always"])
	}
	if phase <= engine.PhaseClosing {
		return what(when["early"])
	}
	return what(when["late"])
}

// values of an input; those of the platforms are the first row of each kind of traits.
func (d domainFile) values(t *testing.T, name string) []int32 {
	var list []int32
	if json.Unmarshal(d.Inputs[name].Values, &list) == nil {
		return list
	}
	seen := map[int32]bool{}
	for row := int32(0); row < 64; row++ {
		if traits := load(t).Column(row, engine.ColumnTraits) & d.TraitsMask; !seen[traits] {
			seen[traits] = true
			list = append(list, row)
		}
	}
	return list
}

// words makes the three lists, and the mask of a state's inputs.
func (d domainFile) words(t *testing.T, inputs []string) (lists map[string][]int32, stateMask int32) {
	lists = map[string][]int32{"context": {0}, "state": {0}, "facts": {0}}
	for _, name := range inputs {
		it, known := d.Inputs[name]
		if !known {
			t.Fatalf("domain.json has no input %s", name)
		}
		if it.Word == "state" {
			stateMask |= it.Mask
		}
		var longer []int32
		values := d.values(t, name)
		for _, word := range lists[it.Word] {
			for _, value := range values {
				longer = append(longer, word|value)
			}
		}
		lists[it.Word] = longer
	}
	return lists, stateMask
}

func hashOf(t *testing.T, function string) string {
	var domain domainFile
	readJSON(t, &domain, "spec", "domain.json")
	it, sum, count := load(t), sha256.New(), 0
	out := bufio.NewWriterSize(sum, 1<<16)
	var bytes [4]byte
	put := func(answer int32) {
		binary.LittleEndian.PutUint32(bytes[:], uint32(answer))
		_, _ = out.Write(bytes[:])
		count++
	}
	for event := int32(1); event <= 18; event++ {
		for phase := int32(0); phase <= 6; phase++ {
			lists, stateMask := domain.words(t, domain.of(event, phase, function))
			untouched := ^(stateMask | engine.PhaseMask)
			for _, context := range lists["context"] {
				for _, state := range lists["state"] {
					for _, facts := range lists["facts"] {
						if function == "decide" {
							put(it.Decide(context, state|phase, event, facts))
							continue
						}
						put(it.Enter(context, state|phase, event, facts))
						put(it.Enter(context, state|phase|untouched, event, facts))
					}
				}
			}
		}
	}
	_ = out.Flush()
	return fmt.Sprintf("%x  %s, %d words", sum.Sum(nil), function, count)
}

func TestExhaustiveHash(t *testing.T) {
	lines, err := os.ReadFile(root(t, "spec", "vectors", "exhaustive.sha256"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(lines)), "\n") {
		function := strings.TrimSuffix(strings.Fields(line)[1], ",")
		t.Run(function, func(t *testing.T) {
			if function == "enter" && testing.Short() {
				t.Skip("115 million answers, some seconds; -short")
			}
			if got := hashOf(t, function); got != line {
				t.Errorf("got %s; expected %s", got, line)
			}
		})
	}
}
