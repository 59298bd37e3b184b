package rulebook_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"panah/core/rulebook"
	"panah/internal/testkit"
	"panah/rules"
)

// The schemas in rules/papers are those that the code gives; PANAH_SCHEMA=write writes them.
func TestTheCommittedSchemas(t *testing.T) {
	for _, file := range rulebook.Schemas() {
		want, err := rulebook.Schema(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(testkit.Root(), "rules", "papers", strings.TrimSuffix(file, ".yaml")+".schema.json")
		if os.Getenv("PANAH_SCHEMA") == "write" {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what the code gives (%v); write it anew: PANAH_SCHEMA=write go test -run Schema ./core/rulebook", name, err)
		}
	}
	if _, err := rulebook.Schema("other.yaml"); err == nil {
		t.Error("a schema of nothing")
	}
}

// Our own files keep to their schemas, and what Parse refuses for its form the schema refuses too.
func TestSchemasSayWhatParseSays(t *testing.T) {
	own := rules.RulebookFiles()
	for file, data := range map[string][]byte{"papers.yaml": own.Papers, "rules.yaml": own.Rules, "sources.yaml": own.Sources, "questions.yaml": rules.QuestionsFile()} {
		if off := validate(t, file, data); len(off) > 0 {
			t.Errorf("%s: %v", file, off)
		}
	}
	for _, given := range []string{
		rule("a", "effect: valid, form: 2025-01-01"), rule("a", "effect: valid, from: soon"), rule("A", "effect: valid"), rule("a", "effect: gone"),
		rule("a", "effect: valid, round: x"), rule("a", "effect: valid, conflict: perhaps"), rule("a", "effect: valid, sources: law"), "{id: a, country: IR, paper: card}",
	} {
		src := made(given)
		if b, _ := rulebook.Parse(src); b != nil || len(validate(t, "rules.yaml", src.Rules)) == 0 {
			t.Errorf("%s: Parse takes it: %t; schema: %v", given, b != nil, validate(t, "rules.yaml", src.Rules))
		}
	}
}

// Every key of a rule is a field of Rule, under a name that says so.
func TestKeysAreFields(t *testing.T) {
	renamed := map[string]string{"from_as_written": "FromWritten", "to_as_written": "ToWritten", "as_written": "AsWritten", "id": "ID"}
	data, err := rulebook.Schema("rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties struct {
			Rules struct {
				Items struct {
					Properties map[string]any `json:"properties"`
				} `json:"items"`
			} `json:"rules"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	fields := reflect.TypeFor[rulebook.Rule]()
	keys := s.Properties.Rules.Items.Properties
	for name := range keys {
		field := renamed[name]
		if field == "" {
			for _, word := range strings.Split(name, "_") {
				field += strings.ToUpper(word[:1]) + word[1:]
			}
		}
		if _, ok := fields.FieldByName(field); !ok {
			t.Errorf("key %s has no field %s", name, field)
		}
	}
	if own := 2; fields.NumField() != len(keys)+own { // KnownGiven and Line are no keys
		t.Errorf("%d fields, %d keys", fields.NumField(), len(keys))
	}
}

// validate is as much of JSON Schema as ours use.
func validate(t *testing.T, file string, data []byte) []string {
	t.Helper()
	schema, err := rulebook.Schema(file)
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return conforms(s, doc.Content[0], "")
}

func conforms(s map[string]any, n *yaml.Node, at string) (off []string) {
	bad := func(why string) { off = append(off, at+": "+why) }
	kind := map[yaml.Kind]string{yaml.MappingNode: "object", yaml.SequenceNode: "array"}[n.Kind]
	if n.Kind == yaml.ScalarNode {
		kind = map[string]string{"!!int": "integer", "!!bool": "boolean"}[n.Tag]
		if kind == "" || s["type"] == "string" { // editors take an unquoted 2025-01-01 for text
			kind = "string"
		}
	}
	if want, ok := s["type"]; ok && want != kind {
		bad("is " + kind)
		return off
	}
	if of, ok := s["enum"].([]any); ok {
		found := false
		for _, v := range of {
			found = found || v == n.Value
		}
		if !found {
			bad("is none of them: " + n.Value)
		}
	}
	if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(n.Value) {
		bad("has not the form: " + n.Value)
	}
	if items, ok := s["items"].(map[string]any); ok {
		for _, c := range n.Content {
			off = append(off, conforms(items, c, at+"[]")...)
		}
	}
	properties, _ := s["properties"].(map[string]any)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		name := n.Content[i].Value
		seen[name] = true
		of, ok := properties[name].(map[string]any)
		if !ok {
			if of, ok = s["additionalProperties"].(map[string]any); !ok {
				if s["additionalProperties"] == false {
					bad("has no " + name)
				}
				continue
			}
		}
		off = append(off, conforms(of, n.Content[i+1], at+"."+name)...)
	}
	if required, ok := s["required"].([]any); ok {
		for _, name := range required {
			if !seen[name.(string)] {
				bad("lacks " + name.(string))
			}
		}
	}
	return off
}
