package rulebook

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Schemas lists the files that have one.
func Schemas() []string {
	return []string{"papers.yaml", "rules.yaml", "sources.yaml", "questions.yaml"}
}

// Schema is the JSON Schema (draft 2020-12) of one of the files, made from the table that also reads it, so that both cannot differ. An editor shows it
// while a lawyer types. What it cannot say (a rule's paper must exist, days must agree) Parse says.
func Schema(file string) ([]byte, error) {
	keys := map[string][]key{"papers.yaml": papersFileKeys(), "rules.yaml": rulesFileKeys(), "sources.yaml": sourcesFileKeys(), "questions.yaml": questionsFileKeys()}[file]
	if keys == nil {
		return nil, fmt.Errorf("there is no schema of %.60q", file)
	}
	s := object(keys)
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Panah, " + file
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("writing a schema: %w", err)
	}
	return out.Bytes(), nil
}

func object(keys []key) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, k := range keys {
		properties[k.name] = k.schema()
		if k.required {
			required = append(required, k.name)
		}
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

const idPattern = `^[a-z0-9]+([-_][a-z0-9]+)*$`

func (k key) schema() map[string]any {
	var s map[string]any
	line := map[string]any{"type": "string", "minLength": 1, "maxLength": maxText}
	name := map[string]any{"type": "string", "pattern": idPattern, "maxLength": 60}
	switch k.kind {
	case text:
		s = line
	case id:
		s = name
	case day:
		s = map[string]any{"type": "string", "format": "date", "pattern": `^\d{4}-\d{2}-\d{2}$`}
	case count:
		s = map[string]any{"type": "integer", "minimum": 0, "maximum": maxCount}
	case flag:
		s = map[string]any{"type": "boolean"}
	case choice:
		s = map[string]any{"enum": k.of}
	case ids, texts:
		item := line
		if k.kind == ids {
			item = name
		}
		if k.of != nil {
			item = map[string]any{"enum": k.of}
		}
		s = map[string]any{"type": "array", "items": item, "maxItems": maxList, "uniqueItems": true}
	case words:
		s = map[string]any{"type": "object", "additionalProperties": line, "maxProperties": maxList}
	case blocks:
		s = map[string]any{"type": "array", "items": object(k.keys)}
	case named:
		s = map[string]any{"type": "object", "additionalProperties": object(k.keys)}
	default:
		s = map[string]any{}
	}
	s["description"] = k.about
	return s
}
