package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bills writes the bills of materials into build/sbom, in CycloneDX 1.6: one of the
// deployed functions, and one of each folder with npm packages. Each is checked against
// CycloneDX's own schema.
func bills(ctx context.Context, p project) (result, error) {
	var r result
	schema, err := p.schema(ctx)
	if err != nil {
		return r, err
	}
	deployed, err := p.functionModules(ctx)
	if err != nil {
		return r, err
	}
	commit := p.commit(ctx)
	all := map[string]*cdx.BOM{}
	if all["functions"], err = p.goBill(deployed, commit); err != nil {
		return r, err
	}
	for _, folder := range npmFolders {
		l, err := readLock(filepath.Join(p.root, folder))
		if err != nil {
			return r, err
		}
		if all[folder], err = p.npmBill(l, folder, commit); err != nil {
			return r, err
		}
	}
	dir := filepath.Join(p.root, "build/sbom")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return r, err
	}
	var said []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		raw, err := encode(all[name])
		if err != nil {
			return r, err
		}
		if err := valid(schema, raw); err != nil {
			r.failed = append(r.failed, fmt.Sprintf("%s: not of the schema: %v", name, err))
			continue
		}
		file := name + ".cdx.json"
		if err := os.WriteFile(filepath.Join(dir, file), raw, 0o644); err != nil { //nolint:gosec // to be read by others
			return r, err
		}
		said = append(said, fmt.Sprintf("%s (%d)", file, len(*all[name].Components)))
	}
	r.looked = "CycloneDX 1.6, valid, in build/sbom: " + strings.Join(said, ", ")
	return r, nil
}

// commit is the version of what is ours: the commit, or nothing outside of a clone.
func (p project) commit(ctx context.Context) string {
	out, err := p.git(ctx, "rev-parse", "HEAD")
	if err != nil {
		return ""
	}
	return out
}

func newBill(name, commit string) *cdx.BOM {
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		BOMRef: "infocig/" + name, Type: cdx.ComponentTypeApplication, Name: "infocig/" + name, Version: commit,
		Licenses: licence("EUPL-1.2"),
	}}
	bom.Components, bom.Dependencies = &[]cdx.Component{}, &[]cdx.Dependency{}
	return bom
}

// goBill says which modules are in the functions, and the version of Go.
func (p project) goBill(deployed map[string]*module, commit string) (*cdx.BOM, error) {
	bom := newBill("functions", commit)
	ref := func(m *module) string { return "pkg:golang/" + m.Path + "@" + m.Version }
	std := "pkg:golang/std@" + strings.TrimPrefix(runtime.Version(), "go")
	*bom.Components = append(*bom.Components, cdx.Component{
		BOMRef: std, PackageURL: std, Type: cdx.ComponentTypeLibrary, Name: "std", Version: runtime.Version(), Scope: cdx.ScopeRequired, Licenses: licence("BSD-3-Clause"),
	})
	for _, m := range others(deployed) {
		is, err := p.moduleLicence(m)
		if err != nil {
			return nil, err
		}
		*bom.Components = append(*bom.Components, cdx.Component{
			BOMRef: ref(m), PackageURL: ref(m), Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, Scope: cdx.ScopeRequired, Licenses: licence(is),
		})
	}
	for _, path := range slices.Sorted(maps.Keys(deployed)) {
		from, needs := deployed[path], []string{std}
		for _, to := range slices.Sorted(maps.Keys(from.needs)) {
			needs = append(needs, ref(deployed[to]))
		}
		d := cdx.Dependency{Ref: ref(from), Dependencies: &needs}
		if from.Version == "" {
			d.Ref = bom.Metadata.Component.BOMRef
		}
		*bom.Dependencies = append(*bom.Dependencies, d)
	}
	return bom, nil
}

// npmBill says which packages a lock names: required are those that get into the pages.
func (p project) npmBill(l lock, folder, commit string) (*cdx.BOM, error) {
	bom := newBill(folder, commit)
	shipped := l.shipped(p.rules.Pages)
	for _, path := range append([]string{""}, l.paths()...) {
		ref, is := "npm:"+path, l.Packages[path]
		if path == "" {
			ref = bom.Metadata.Component.BOMRef
		} else {
			c := cdx.Component{
				BOMRef: ref, Type: cdx.ComponentTypeLibrary, Name: nameOf(path), Version: is.Version, Scope: cdx.ScopeExcluded,
				PackageURL: "pkg:npm/" + strings.Replace(nameOf(path), "@", "%40", 1) + "@" + is.Version,
				Licenses:   licence(p.rules.licenceOf(nameOf(path), is.License)),
			}
			if shipped[path] {
				c.Scope = cdx.ScopeRequired
			}
			if sum, ok := strings.CutPrefix(is.Integrity, "sha512-"); ok {
				raw, err := base64.StdEncoding.DecodeString(sum)
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", folder, path, err)
				}
				c.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA512, Value: hex.EncodeToString(raw)}}
			}
			*bom.Components = append(*bom.Components, c)
		}
		var needs []string
		for _, to := range l.needs(path) {
			needs = append(needs, "npm:"+to)
		}
		*bom.Dependencies = append(*bom.Dependencies, cdx.Dependency{Ref: ref, Dependencies: &needs})
	}
	return bom, nil
}

// licence is an SPDX expression as CycloneDX has it.
func licence(expression string) *cdx.Licenses {
	switch {
	case expression == "":
		return nil
	case strings.Contains(expression, " "):
		return &cdx.Licenses{{Expression: expression}}
	}
	return &cdx.Licenses{{License: &cdx.License{ID: expression}}}
}

func encode(bom *cdx.BOM) ([]byte, error) {
	var out bytes.Buffer
	err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6)
	return out.Bytes(), err
}

// schema is that of CycloneDX 1.6, which the module of its library has with it.
func (p project) schema(ctx context.Context) (*jsonschema.Schema, error) {
	out, errs, err := call{dir: filepath.Join(p.root, "tools/supply"), name: "go", args: []string{"list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go"}}.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("the folder of CycloneDX's library: %w\n%s", err, errs)
	}
	const at = "http://cyclonedx.org/schema/"
	c := jsonschema.NewCompiler()
	for name, file := range map[string]string{"bom-1.6.schema.json": "bom-1.6.schema.json", "spdx.schema.json": "spdx.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schemax.json"} {
		f, err := os.Open(filepath.Join(strings.TrimSpace(string(out)), "schema", file))
		if err != nil {
			return nil, err
		}
		v, err := jsonschema.UnmarshalJSON(f)
		if err = errors.Join(err, f.Close()); err == nil {
			err = c.AddResource(at+name, v)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return c.Compile(at + "bom-1.6.schema.json")
}

func valid(schema *jsonschema.Schema, raw []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return schema.Validate(v)
}
