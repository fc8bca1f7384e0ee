package text

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A sentence is literals and placeholders in order.
type sentence []part

// A part is a literal, or a placeholder if it has a name.
type part struct {
	literal string
	name    string
	format  string
}

// The formats of a placeholder; "" is text or a number as it is.
const (
	formatDate    = "date"
	formatDay     = "day"
	formatTime    = "time"
	formatMinutes = "minutes"
)

var (
	formats = []string{"", formatDate, formatDay, formatTime, formatMinutes}
	name    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

func (p part) String() string {
	if p.format == "" {
		return p.name
	}
	return p.name + ", " + p.format
}

func parseSentence(s string) (sentence, error) {
	var parts sentence
	for s != "" {
		literal, rest, open := strings.Cut(s, "{")
		if strings.Contains(literal, "}") {
			return nil, errors.New("a closing brace without an opening one")
		}
		if literal != "" {
			parts = append(parts, part{literal: literal})
		}
		if !open {
			break
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, errors.New("an opening brace without a closing one")
		}
		placeholder, err := parsePlaceholder(inside)
		if err != nil {
			return nil, err
		}
		parts = append(parts, placeholder)
		s = after
	}
	return parts, nil
}

func parsePlaceholder(inside string) (part, error) {
	argument, format, comma := strings.Cut(inside, ",")
	p := part{name: strings.TrimSpace(argument), format: strings.TrimSpace(format)}
	if !name.MatchString(p.name) {
		return part{}, fmt.Errorf("placeholder {%s}: not a name", inside)
	}
	if !slices.Contains(formats, p.format) || comma && p.format == "" {
		return part{}, fmt.Errorf("placeholder {%s}: unknown format", inside)
	}
	return p, nil
}
