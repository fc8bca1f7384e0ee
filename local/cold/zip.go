package main

import (
	"archive/zip"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"infocig/local/lambda"
)

// pack writes a zip with a function to w, as small as deflate makes it. The same
// binary gives the same bytes.
func pack(w io.Writer, binary io.Reader) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: lambda.Modified}
	h.SetMode(lambda.Mode)
	f, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, binary); err != nil {
		return err
	}
	return z.Close()
}

// zipped returns the size of the zip of a binary, in bytes.
func zipped(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	var n counter
	if err := pack(&n, f); err != nil {
		return 0, fmt.Errorf("zip %s: %w", path, err)
	}
	return int64(n), nil
}

// A counter counts the bytes that are written to it.
type counter int64

// Write implements io.Writer.
func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// zips builds the functions as they are deployed, into dir, and notes the sizes of
// their zips.
func zips(ctx context.Context, root, dir string, all report) error {
	if err := build(ctx, lambda.Release, root, dir, all); err != nil {
		return err
	}
	failed := make([]error, len(all))
	free := make(chan struct{}, runtime.NumCPU())
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			all[i].zip, failed[i] = zipped(lambda.Binary(dir, all[i].function))
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}
