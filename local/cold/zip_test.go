package main

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"infocig/local/lambda"
)

func TestPack(t *testing.T) {
	const binary = "the same bytes"
	var first, second bytes.Buffer
	for _, w := range []io.Writer{&first, &second} {
		if err := pack(w, strings.NewReader(binary)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two zips of one binary differ")
	}
	z, err := zip.NewReader(bytes.NewReader(first.Bytes()), int64(first.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != 1 {
		t.Fatalf("%d files", len(z.File))
	}
	f := z.File[0]
	if f.Name != "bootstrap" || f.Mode() != lambda.Mode || !f.Modified.Equal(lambda.Modified) {
		t.Errorf("%s %s %s", f.Name, f.Mode(), f.Modified)
	}
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != binary {
		t.Errorf("%q, %v", got, err)
	}
}
