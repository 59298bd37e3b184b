// Package rules holds what a lawyer can review without reading Go: pathways, kinds of paper and dated rules, each with its
// sources and with what still needs a specialist's eye (review_needed). It holds the files and nothing else; core/pathway
// and core/rulebook read them.
package rules

import (
	"embed"
	"fmt"
	"io/fs"

	"panah/core/consent"
	"panah/core/pathway"
	"panah/core/rulebook"
)

// FS holds pathways/*.yaml, papers/papers.yaml, papers/rules.yaml, sources.yaml, import.yaml and consents/*.yaml, letters/*.yaml.
//
//go:embed pathways/*.yaml papers/*.yaml consents/*.yaml sources.yaml import.yaml letters/*.yaml
var FS embed.FS

// Pathways reads the pathways and joins them with the notes of the phrase catalogue (i18n.Catalogue().Note).
func Pathways(notes []pathway.Note) (*pathway.Book, error) {
	common, err := FS.ReadFile("pathways/_common.yaml")
	if err != nil {
		return nil, fmt.Errorf("reading the pathways' vocabulary: %w", err)
	}
	names, err := fs.Glob(FS, "pathways/[a-z]-*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing pathways: %w", err)
	}
	var files [][]byte
	for _, name := range names {
		data, err := FS.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading a pathway: %w", err)
		}
		files = append(files, data)
	}
	return pathway.New(common, files, notes)
}

// Papers reads the kinds of paper.
func Papers() ([]pathway.Paper, error) {
	data, err := FS.ReadFile("papers/papers.yaml")
	if err != nil {
		return nil, fmt.Errorf("reading the kinds of paper: %w", err)
	}
	return pathway.ParsePapers(data)
}

// RulebookFiles are the three files of the rulebook that this program was built with.
func RulebookFiles() (src rulebook.Source) {
	for name, into := range map[string]*[]byte{"papers/papers.yaml": &src.Papers, "papers/rules.yaml": &src.Rules, "sources.yaml": &src.Sources} {
		// The files are embedded: a name that is not there does not compile into FS, and Parse says that the file is empty.
		*into, _ = FS.ReadFile(name)
	}
	return src
}

// QuestionsFile is the test book: dated questions with the answers that the rulebook must give.
func QuestionsFile() []byte {
	data, _ := FS.ReadFile("papers/questions.yaml") // as in RulebookFiles
	return data
}

// Questions reads the test book for the rulebook that this program was built with.
func Questions() ([]rulebook.Posed, error) {
	book, err := Rulebook()
	if err != nil {
		return nil, err
	}
	posed, problems := rulebook.ParseQuestions(QuestionsFile(), book)
	if len(problems) > 0 {
		return nil, fmt.Errorf("reading the test book: %v", problems)
	}
	return posed, nil
}

// Rulebook is the rulebook that this program was built with. A desk may have a newer one (a keeper's).
func Rulebook() (*rulebook.Book, error) {
	book, problems := rulebook.Parse(RulebookFiles())
	if book == nil {
		return nil, fmt.Errorf("reading the rulebook: %v", problems)
	}
	return book, nil
}

// Sources reads where the rules come from, by id.
func Sources() (map[string]pathway.Source, error) {
	data, err := FS.ReadFile("sources.yaml")
	if err != nil {
		return nil, fmt.Errorf("reading the sources: %w", err)
	}
	return pathway.ParseSources(data)
}

// Import is import.yaml, for desk/internal/moving: what the columns of a list mean that an organisation brings along, and which never come in.
func Import() ([]byte, error) {
	data, err := FS.ReadFile("import.yaml")
	if err != nil {
		return nil, fmt.Errorf("reading the rules of the import: %w", err)
	}
	return data, nil
}

// Consents reads what is said aloud when a consent is asked for.
func Consents() (*consent.Book, error) {
	names, err := fs.Glob(FS, "consents/scripts.*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing consent texts: %w", err)
	}
	var files [][]byte
	for _, name := range names {
		data, err := FS.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading consent texts: %w", err)
		}
		files = append(files, data)
	}
	return consent.New(files...)
}
