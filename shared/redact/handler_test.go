package redact

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

func TestHandlerIsAHandler(t *testing.T) {
	var out bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		return newHandler(slog.NewJSONHandler(&out, nil), []string{"a", "b", "c", "d", "e", "f", "k"})
	}, func(t *testing.T) map[string]any {
		var m map[string]any
		if err := json.Unmarshal(out.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		return m
	})
}

type (
	id     string
	number string
	words  string
	person struct{ Name, Account string }
	named  struct{ name string }
	broken struct{}
)

func (words) LogValue() slog.Value { return slog.StringValue("[5 chars]") }
func (n number) LogValue() slog.Value {
	return slog.GroupValue(slog.String("reason", string(n)), slog.String("owner", "Ugo"))
}
func (n *named) String() string { return "named " + n.name }
func (broken) Error() string    { panic("in Error") }

func TestHandler(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		attr slog.Attr
		want string
	}{
		"allowed":                         {slog.String("topic", "worker_case"), `"topic":"worker_case"`},
		"not allowed":                     {slog.String("text", "a"), `"text":"[not allowed]"`},
		"number, not allowed":             {slog.Int("salary", 1), `"salary":"[not allowed]"`},
		"key that is somebody's":          {slog.String("a@b.it", "x"), `"[email]":"[not allowed]"`},
		"arguments out of step":           {slog.String("!BADKEY", it), `"!BADKEY":"[not allowed]"`},
		"string":                          {slog.String("reason", "x "+it), `"reason":"x [iban]"`},
		"error":                           {slog.Any("err", fmt.Errorf("put: %w", errors.New("item "+it))), `"err":"put: item [iban]"`},
		"no error":                        {slog.Any("err", nil), `"err":null`},
		"error that panics":               {slog.Any("err", broken{}), `"err":"%!v(PANIC=Error method: in Error)"`},
		"Stringer":                        {slog.Any("kind", &named{"a@b.it"}), `"kind":"named [email]"`},
		"Stringer that is nil":            {slog.Any("kind", (*named)(nil)), `"kind":"<nil>"`},
		"identifier":                      {slog.Any("advisor", id("a@b.it")), `"advisor":"[email]"`},
		"LogValuer":                       {slog.Any("reason", words("hello")), `"reason":"[5 chars]"`},
		"LogValuers":                      {slog.Any("reason", []words{"hello", "hello"}), `"reason":"[[5 chars] [5 chars]]"`},
		"LogValuer with fields":           {slog.Any("kind", number(it)), `"kind":{"reason":"[iban]","owner":"[not allowed]"}`},
		"bytes":                           {slog.Any("reason", []byte(it)), `"reason":"[iban]"`},
		"strings":                         {slog.Any("reason", []string{"a", it}), `"reason":"[a [iban]]"`},
		"errors and more":                 {slog.Any("reason", []any{errors.New(it), 1, nil, person{}, slog.GroupValue(slog.String("a", "b"))}), `"reason":"[[iban] 1 <nil> [redact.person] [not allowed]]"`},
		"struct":                          {slog.Any("reason", person{"Ugo", it}), `"reason":"[redact.person]"`},
		"pointer":                         {slog.Any("reason", &person{"Ugo", it}), `"reason":"[*redact.person]"`},
		"map":                             {slog.Any("reason", map[string]string{"a": it}), `"reason":"[map[string]string]"`},
		"numbers, times and truth values": {slog.Group("", slog.Int64("count", 3331234567), slog.Bool("failed", true), slog.Duration("age_s", time.Second), slog.Time("stage", noon), slog.Float64("code", 0.5)), `"count":3331234567,"failed":true,"age_s":1000000000,"stage":"2026-11-23T12:00:00Z","code":0.5`},
		"group":                           {slog.Group("who", slog.String("advisor", it), slog.String("name", "Ugo"), slog.Group("in", slog.Any("err", errors.New(it)))), `"who":{"advisor":"[iban]","name":"[not allowed]","in":{"err":"[iban]"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			for way, log := range map[string]func(*slog.Logger){
				"as an argument": func(l *slog.Logger) { l.LogAttrs(t.Context(), slog.LevelInfo, "m", test.attr) },
				"from With":      func(l *slog.Logger) { l.With(test.attr).Info("m") },
			} {
				if got := written(log); got != `"msg":"m",`+test.want {
					t.Errorf("%s:\n%s, want\n%s", way, got, test.want)
				}
			}
		})
	}
}

// written returns what log writes, without its time and level.
func written(log func(*slog.Logger)) string {
	var out bytes.Buffer
	log(slog.New(Handler(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}}))))
	return strings.TrimSuffix(strings.TrimPrefix(out.String(), "{"), "}\n")
}

func TestHandlerCleansMessagesAndGroups(t *testing.T) {
	got := written(func(l *slog.Logger) {
		l.WithGroup("").WithGroup("g").With("topic", "t").WithGroup("a@b.it").Info("cannot serve a@b.it", "err", it)
	})
	if want := `"msg":"cannot serve [email]","g":{"topic":"t","[email]":{"err":"[iban]"}}`; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}

func TestHandlerAsksInner(t *testing.T) {
	h := Handler(slog.NewTextHandler(&bytes.Buffer{}, &slog.HandlerOptions{Level: slog.LevelError}))
	if ctx := context.Background(); h.Enabled(ctx, slog.LevelWarn) || !h.Enabled(ctx, slog.LevelError) {
		t.Error("the level is not that of the inner handler")
	}
}

func TestHandlerIsUsedConcurrently(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(Handler(slog.NewJSONHandler(&out, nil)))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			l := log.With("attempt", i)
			for range 50 {
				l.Info("m", "err", errors.New(it))
			}
		})
	}
	all.Wait()
	if n := strings.Count(out.String(), "[iban]"); n != 400 {
		t.Errorf("%d lines, want 400", n)
	}
}

// A line with nothing to hide is copied, and nothing else is done.
func TestHandlerAllocatesLittle(t *testing.T) {
	log := slog.New(Handler(slog.DiscardHandler))
	if n := testing.AllocsPerRun(100, func() { log.Info("m", "topic", "worker") }); n != 0 {
		t.Errorf("%v allocations for a line that nobody wants", n)
	}
	var out bytes.Buffer
	log = slog.New(Handler(slog.NewJSONHandler(&out, nil)))
	n := testing.AllocsPerRun(100, func() {
		out.Reset()
		log.Info("cannot push", "topic", "worker", "attempt", 3)
	})
	if n > 3 {
		t.Errorf("%v allocations for a line with nothing to hide", n)
	}
}

func TestKeysAreSorted(t *testing.T) {
	if d := cmp.Diff(slices.Compact(slices.Sorted(slices.Values(Keys))), Keys); d != "" {
		t.Errorf("keys (-sorted +are):\n%s", d)
	}
}

// Every key that the functions log by name is one of Keys: else its value would
// be missing when it is needed.
func TestKeysInUseAreAllowed(t *testing.T) {
	calls := 0
	for _, top := range []string{"../../shared", "../../functions"} {
		err := filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				keys, ok := logged(n)
				if ok {
					calls++
				}
				for _, k := range keys {
					if !slices.Contains(Keys, k) {
						t.Errorf("%s logs %q, which is not one of Keys", path, k)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if calls == 0 {
		t.Error("no call was found")
	}
}

// logged returns the keys of a call such as x.Log.WarnContext(ctx, "m", "key",
// value).
func logged(n ast.Node) (keys []string, ok bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return nil, false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil, false
	}
	level, withContext := strings.CutSuffix(method.Sel.Name, "Context")
	var receiver string
	switch x := method.X.(type) {
	case *ast.Ident:
		receiver = x.Name
	case *ast.SelectorExpr:
		receiver = x.Sel.Name
	}
	if !strings.EqualFold(receiver, "log") || !slices.Contains([]string{"Debug", "Info", "Warn", "Error"}, level) {
		return nil, false
	}
	first := 1
	if withContext {
		first = 2
	}
	for i := first; i < len(call.Args); i += 2 {
		if lit, ok := call.Args[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			k, _ := strconv.Unquote(lit.Value)
			keys = append(keys, k)
		}
	}
	return keys, true
}

// Digits of all scripts are in rows of ten; digitValue relies on it.
func TestDigitsOfEveryScriptHaveTheirValue(t *testing.T) {
	for r := range unicode.MaxRune {
		if !unicode.IsDigit(r) {
			continue
		}
		n := 1
		for unicode.IsDigit(r - rune(n)) {
			n++
		}
		if want := byte('0' + (n-1)%10); fold(r) != want {
			t.Errorf("%U is %c, want %c", r, fold(r), want)
		}
	}
}
