package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// A module is a Go module of which at least one package is in one of our programs.
type module struct {
	Path, Version, Dir string
	needs              map[string]bool // paths of modules
}

// modules returns those of packages of ours, by path, and what our own packages need of them.
func (p project) modules(ctx context.Context, env []string, patterns ...string) (map[string]*module, error) {
	args := append([]string{"list", "-deps", "-json=ImportPath,Imports,Module"}, patterns...)
	out, errs, err := call{p.root, env, "go", args}.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, errs)
	}
	return readModules(out)
}

func readModules(listed []byte) (map[string]*module, error) {
	type goPackage struct {
		ImportPath string
		Imports    []string
		Module     *struct {
			Path, Version, Dir string
			Replace            *struct{ Path, Version, Dir string }
		}
	}
	all, of, imports := map[string]*module{}, map[string]string{}, map[string][]string{}
	for d := json.NewDecoder(bytes.NewReader(listed)); ; {
		var g goPackage
		if err := d.Decode(&g); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if g.Module == nil { // the standard library
			continue
		}
		m := module{Path: g.Module.Path, Version: g.Module.Version, Dir: g.Module.Dir, needs: map[string]bool{}}
		if r := g.Module.Replace; r != nil {
			m.Path, m.Version, m.Dir = r.Path, r.Version, r.Dir
		}
		if all[m.Path] == nil {
			all[m.Path] = &m
		}
		of[g.ImportPath] = m.Path
		imports[m.Path] = append(imports[m.Path], g.Imports...)
	}
	for path, list := range imports {
		for _, name := range list {
			if to := of[name]; to != "" && to != path {
				all[path].needs[to] = true
			}
		}
	}
	return all, nil
}

// functionModules are those of the functions as they are deployed.
func (p project) functionModules(ctx context.Context) (map[string]*module, error) {
	return p.modules(ctx, []string{"GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0"}, "-tags=lambda.norpc,nethttpomithttp2", "./functions/...")
}

// others are the modules but our own, sorted.
func others(all map[string]*module) (list []*module) {
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if all[path].Version != "" {
			list = append(list, all[path])
		}
	}
	return list
}
