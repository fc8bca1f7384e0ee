package arch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestPubliccode checks the keys that version 0.4 of the standard requires.
// https://yml.publiccode.tools/schema.core.html
func TestPubliccode(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, "publiccode.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		PubliccodeYMLVersion string `yaml:"publiccodeYmlVersion"`
		Name, URL            string
		Platforms            []string
		DevelopmentStatus    string `yaml:"developmentStatus"`
		SoftwareType         string `yaml:"softwareType"`
		Description          map[string]struct {
			ShortDescription string   `yaml:"shortDescription"`
			LongDescription  string   `yaml:"longDescription"`
			Features         []string `yaml:"features"`
		}
		Legal       struct{ License string }
		Maintenance struct {
			Type     string
			Contacts []struct{ Name string }
		}
		Localisation struct {
			Ready     *bool    `yaml:"localisationReady"`
			Languages []string `yaml:"availableLanguages"`
		}
	}
	if err := yaml.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	for key, ok := range map[string]bool{
		"publiccodeYmlVersion": p.PubliccodeYMLVersion == "0.4",
		"name":                 p.Name != "",
		"url":                  p.URL != "",
		"platforms":            len(p.Platforms) > 0,
		"developmentStatus":    slices.Contains([]string{"concept", "development", "beta", "stable", "obsolete"}, p.DevelopmentStatus),
		"softwareType":         p.SoftwareType == "standalone/web",
		"description":          len(p.Description) > 0,
		"license":              p.Legal.License == "EUPL-1.2",
		"maintenance.type":     p.Maintenance.Type == "internal",
		"maintenance.contacts": len(p.Maintenance.Contacts) > 0 && p.Maintenance.Contacts[0].Name != "",
		"localisationReady":    p.Localisation.Ready != nil,
		"availableLanguages":   len(p.Localisation.Languages) > 0,
	} {
		if !ok {
			t.Errorf("%s is missing or wrong", key)
		}
	}
	for language, d := range p.Description {
		if n := len(d.ShortDescription); n == 0 || n > 150 {
			t.Errorf("%s: a short description has 1 to 150 characters, not %d", language, n)
		}
		if n := len(d.LongDescription); n < 150 || n > 10_000 {
			t.Errorf("%s: a long description has 150 to 10,000 characters, not %d", language, n)
		}
		if len(d.Features) == 0 {
			t.Errorf("%s: no features", language)
		}
	}
}
