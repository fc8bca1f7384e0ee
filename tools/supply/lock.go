package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A lock is a package-lock.json, of version 3.
type lock struct {
	Name     string
	Packages map[string]npmPackage // by path: node_modules/a/node_modules/b; "" is our own
}

type npmPackage struct {
	Version, License, Integrity string
	Dependencies                map[string]string
	OptionalDependencies        map[string]string
	PeerDependencies            map[string]string
	DevDependencies             map[string]string
}

func readLock(dir string) (lock, error) {
	var l lock
	raw, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err == nil {
		err = json.Unmarshal(raw, &l)
	}
	if err != nil {
		return l, fmt.Errorf("%s/package-lock.json: %w", dir, err)
	}
	return l, nil
}

// nameOf returns the package's name, which is the end of its path.
func nameOf(path string) string {
	return path[strings.LastIndex(path, "node_modules/")+len("node_modules/"):]
}

// paths are those of all packages but our own, sorted.
func (l lock) paths() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(l.Packages)), func(path string) bool { return path == "" })
}

// needs returns the paths of what a package needs, as Node finds it: in its own folder,
// or in one above. What is not there was not needed on this system.
func (l lock) needs(path string) (all []string) {
	p := l.Packages[path]
	for _, list := range []map[string]string{p.Dependencies, p.OptionalDependencies, p.PeerDependencies, p.DevDependencies} {
		for name := range list {
			if found, ok := l.find(path, name); ok {
				all = append(all, found)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (l lock) find(from, name string) (string, bool) {
	for {
		path := strings.TrimPrefix(from+"/node_modules/"+name, "/")
		if _, ok := l.Packages[path]; ok {
			return path, true
		}
		if from == "" {
			return "", false
		}
		from = strings.TrimSuffix(from[:max(0, strings.LastIndex(from, "node_modules/"))], "/")
	}
}

// shipped returns the paths of packages and of all that they need.
func (l lock) shipped(names map[string]string) map[string]bool {
	all := map[string]bool{}
	var add func(path string)
	add = func(path string) {
		if all[path] {
			return
		}
		all[path] = true
		for _, next := range l.needs(path) {
			add(next)
		}
	}
	for name := range names {
		if path := "node_modules/" + name; l.Packages[path].Version != "" {
			add(path)
		}
	}
	return all
}
