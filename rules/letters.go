package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"panah/core/letters"
	"panah/core/pathway"
)

// Letters reads the templates of letters. The error names every problem, with line and column.
func Letters(book *pathway.Book) (*letters.Book, error) {
	files, v, err := LetterFiles(book)
	if err != nil {
		return nil, err
	}
	made, problems := letters.Parse(files, v)
	if len(problems) > 0 {
		var lines []string
		for _, p := range problems {
			lines = append(lines, p.String())
		}
		return nil, errors.New("reading the templates of letters:\n" + strings.Join(lines, "\n"))
	}
	return made, nil
}

// LetterFiles are the templates by name, and what they may refer to.
func LetterFiles(book *pathway.Book) (files map[string][]byte, v letters.Vocabulary, err error) {
	names, err := fs.Glob(FS, "letters/*.yaml")
	if err != nil {
		return nil, v, fmt.Errorf("listing the templates of letters: %w", err)
	}
	files = map[string][]byte{}
	for _, name := range names {
		if files[path.Base(name)], err = FS.ReadFile(name); err != nil {
			return nil, v, fmt.Errorf("reading a template of a letter: %w", err)
		}
	}
	v, err = letterWords(book)
	return files, v, err
}

// letterWords is what templates may refer to.
func letterWords(book *pathway.Book) (v letters.Vocabulary, err error) {
	sources, err := Sources()
	if err != nil {
		return v, err
	}
	v = letters.Vocabulary{Letters: book.Common.Letters, Consents: slices.Sorted(maps.Keys(book.Common.Consents)), Sources: slices.Sorted(maps.Keys(sources))}
	for _, p := range book.Pathways() {
		for _, q := range p.Triage {
			v.Answers = append(v.Answers, p.ID+"/"+q.ID)
		}
	}
	return v, nil
}
