// Tests that what is generated from spec/ is current, and writes it: go test ./engine -run Generated -update.
package engine_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing them")

// root is the folder of the repository; a module that was downloaded alone has none.
func root(t testing.TB, path ...string) string {
	t.Helper()
	full := filepath.Join(append([]string{"..", "..", ".."}, path...)...)
	if _, err := os.Stat(full); err != nil {
		t.Skipf("%s is not here: this module stands alone", filepath.Join(path...))
	}
	return full
}

func readJSON(t testing.TB, into any, path ...string) {
	t.Helper()
	text, err := os.ReadFile(root(t, path...))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v: %v", path, err)
	}
}

type abiFile struct {
	Groups map[string]struct {
		About    string
		Values   map[string]int32
		Describe map[string]string
	}
}

// camel makes EventFinishSending of EVENT and FINISH_SENDING.
func camel(words ...string) string {
	var name strings.Builder
	for _, part := range strings.Split(strings.Join(words, "_"), "_") {
		name.WriteString(part[:1] + strings.ToLower(part[1:]))
	}
	return name.String()
}

func sorted[V any](values map[string]V, less func(a, b string) bool) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(i, j int) bool { return less(keys[i], keys[j]) })
	return keys
}

func alphabet(a, b string) bool { return a < b }

func abiSource(t *testing.T) string {
	var abi abiFile
	readJSON(t, &abi, "spec", "abi.json")
	var out bytes.Buffer
	groups := sorted(abi.Groups, alphabet)
	for _, group := range groups {
		values, describe := abi.Groups[group].Values, abi.Groups[group].Describe
		fmt.Fprintf(&out, "// %s\nconst (\n", abi.Groups[group].About)
		names := sorted(values, func(a, b string) bool {
			return values[a] < values[b] || (values[a] == values[b] && a < b)
		})
		for _, name := range names {
			fmt.Fprintf(&out, "%s int32 = %d", camel(group, name), values[name])
			if why := describe[name]; why != "" {
				fmt.Fprintf(&out, " // %s", why)
			}
			out.WriteString("\n")
		}
		out.WriteString(")\n\n")
	}
	out.WriteString("// Words holds every number of spec/abi.json by its group and its name, such as EVENT and CLOSE.\n")
	out.WriteString("var Words = map[string]map[string]int32{\n")
	for _, group := range groups {
		fmt.Fprintf(&out, "%q: {", group)
		for _, name := range sorted(abi.Groups[group].Values, alphabet) {
			fmt.Fprintf(&out, "%q: %d, ", name, abi.Groups[group].Values[name])
		}
		out.WriteString("},\n")
	}
	out.WriteString("}\n")
	return header("spec/abi.json", "", out.String())
}

func rulesSource(t *testing.T) string {
	var rules struct {
		Rules []struct {
			Number                      int32
			ID, Title, Why, Clause, Row string
		}
	}
	readJSON(t, &rules, "spec", "rules.json")
	var out bytes.Buffer
	out.WriteString("// Rules are the rules of the engine in the order of their numbers, which begin at 1.\n")
	out.WriteString("var Rules = []Rule{\n")
	for index, rule := range rules.Rules {
		if int(rule.Number) != index+1 {
			t.Fatalf("rule %s has the number %d", rule.ID, rule.Number)
		}
		fmt.Fprintf(&out, "{%d, %q, %q, %q, %q, %q},\n", rule.Number, rule.ID, rule.Title, rule.Why, rule.Clause, rule.Row)
	}
	out.WriteString("}\n\n// Platforms are the systems of the table by their ids.\nvar Platforms = map[string]Platform{\n")
	out.WriteString(platformLines(t))
	out.WriteString("}\n")
	return header("spec/rules.json and spec/platforms", "", out.String())
}

func platformLines(t *testing.T) string {
	paths, err := filepath.Glob(filepath.Join(root(t, "spec", "platforms"), "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatal("there are no platforms", err)
	}
	var out strings.Builder
	for _, path := range paths {
		var system struct {
			ID, Kind  string
			Row       int32
			SendQueue struct {
				Through   string
				Number    uint32
				CountsFin bool
			}
			Arches []struct {
				ID  string
				Row int32
			}
		}
		readJSON(t, &system, "spec", "platforms", filepath.Base(path))
		if system.Kind != "os" {
			continue
		}
		queue := system.SendQueue
		fmt.Fprintf(&out, "%q: {Row: %d", system.ID, system.Row)
		if queue.Number != 0 {
			fmt.Fprintf(&out, ", Through: %q, Query: %#x, CountsFin: %v", queue.Through, queue.Number, queue.CountsFin)
		}
		out.WriteString("},\n")
		for _, arch := range system.Arches {
			fmt.Fprintf(&out, "%q: {Row: %d},\n", system.ID+"-"+arch.ID, arch.Row)
		}
	}
	return out.String()
}

func header(from, imports, body string) string {
	return "// Generated from " + from + " by generated_test.go: go generate ./engine writes it.\n\n" +
		"// Code generated from " + from + ". DO NOT EDIT.\n\npackage engine\n\n" + imports + body
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	for path, source := range map[string]string{"abi.go": abiSource(t), "rules.go": rulesSource(t)} {
		want, err := format.Source([]byte(source))
		if err != nil {
			t.Fatal(path, err)
		}
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, _ := os.ReadFile(path); !bytes.Equal(got, want) {
			t.Errorf("%s is stale: go generate ./engine", path)
		}
	}
	if got, _ := os.ReadFile("abi.go"); !*update && !regexp.MustCompile(`EventFinishSending\s+int32 = 4`).Match(got) {
		t.Error("abi.go lacks EventFinishSending")
	}
}

func TestTheModuleIsTheCommittedOne(t *testing.T) {
	want, err := os.ReadFile(root(t, "embed", "finrst-pure.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("finrst-pure.wasm", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := os.ReadFile("finrst-pure.wasm"); !bytes.Equal(got, want) {
		t.Error("engine/finrst-pure.wasm is not embed/finrst-pure.wasm: go generate ./engine")
	}
}
