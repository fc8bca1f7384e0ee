package text

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// Default is the language of the service, for whoever asks for one that it
// does not have.
const Default = "it"

//go:embed *.json
var files embed.FS

// A Catalogue has the sentences of one language. It may be shared.
type Catalogue struct {
	language  string
	sentences map[string]sentence
}

// embedded parses the files once. They are part of the program, and tests
// parse them all, so a fault in one of them panics as a fault of the program.
var embedded = sync.OnceValue(func() map[string]Catalogue {
	all := map[string]Catalogue{}
	names, err := files.ReadDir(".")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		data, err := files.ReadFile(name.Name())
		if err != nil {
			panic(err)
		}
		language := strings.TrimSuffix(name.Name(), path.Ext(name.Name()))
		if all[language], err = Parse(language, data); err != nil {
			panic(err)
		}
	}
	return all
})

// Load is the catalogue of a language, given as a tag such as "it" or "it-CH";
// for a language that there is none of, the one of [Default].
func Load(language string) Catalogue {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	if c, ok := embedded()[base]; ok {
		return c
	}
	return embedded()[Default]
}

// Languages are the languages that have a catalogue, in order.
func Languages() []string { return slices.Sorted(maps.Keys(embedded())) }

// Parse reads a catalogue: one flat object of sentences. It refuses a key
// twice, an empty sentence, a value that is no text, and a placeholder that is
// not of the form in the documentation of the package.
func Parse(language string, data []byte) (Catalogue, error) {
	c := Catalogue{language: language, sentences: map[string]sentence{}}
	if err := c.read(json.NewDecoder(bytes.NewReader(data))); err != nil {
		return Catalogue{}, fmt.Errorf("text: %s: %w", language, err)
	}
	return c, nil
}

func (c Catalogue) read(dec *json.Decoder) error {
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return errors.Join(errors.New("not an object"), err)
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key := token.(string) // a key is always text
		var value *string
		if err := dec.Decode(&value); err != nil {
			return fmt.Errorf("key %s: %w", key, err)
		}
		if _, ok := c.sentences[key]; ok {
			return fmt.Errorf("key %s: comes twice", key)
		}
		if value == nil || strings.TrimSpace(*value) == "" {
			return fmt.Errorf("key %s: empty", key)
		}
		if c.sentences[key], err = parseSentence(*value); err != nil {
			return fmt.Errorf("key %s: %w", key, err)
		}
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("more than one document")
	}
	return nil
}

// Language is the tag of the catalogue's language, for the lang attribute.
func (c Catalogue) Language() string { return c.language }

// Has reports whether the catalogue has a sentence for key.
func (c Catalogue) Has(key string) bool {
	_, ok := c.sentences[key]
	return ok
}

// Keys are the keys of the catalogue, in order.
func (c Catalogue) Keys() []string { return slices.Sorted(maps.Keys(c.sentences)) }

// Placeholders are the placeholders of a sentence in canonical form, such as
// "opens_at, date", in order and each once: every language has the same.
func (c Catalogue) Placeholders(key string) []string {
	var list []string
	for _, p := range c.sentences[key] {
		if p.name != "" {
			list = append(list, p.String())
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
