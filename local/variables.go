package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"infocig/infra/topology"
	"infocig/shared/app/env"
)

// writeVariables writes what functions elsewhere, such as in containers of SAM,
// need in their environment, by their names and by those of the stacks:
//
//	{"message": {"TABLE_NAME": "infocig", …}, "Message": {…}, …}
//
// They see this machine by another name, which stands for the loopback address
// everywhere but where it is a name only: in the issuers and origins that tokens
// and browsers have, and in what is handed on to browsers.
func (s *server) writeVariables(ctx context.Context) error {
	if s.options.variables == "" {
		return nil
	}
	values, err := s.environment(ctx)
	if err != nil {
		return err
	}
	all := map[string]map[string]string{}
	for _, f := range topology.Functions {
		own := s.variables(f, values)
		for name, value := range own {
			switch env.Name(name) {
			case env.Origins, env.Socket:
			case env.Issuers:
				if own[name], err = s.issuersElsewhere(value); err != nil {
					return err
				}
			default:
				own[name] = s.elsewhere(value)
			}
		}
		all[string(f)] = own
		all[strings.ToUpper(string(f[:1]))+string(f[1:])] = own
	}
	raw, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = os.WriteFile(s.options.variables, raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("-variables %s: %w", s.options.variables, cause(err))
	}
	return nil
}

// elsewhere returns an address as functions elsewhere reach it.
func (s *server) elsewhere(address string) string {
	return strings.ReplaceAll(address, "//127.0.0.1:", "//"+s.options.seen+":")
}

// issuersElsewhere returns issuers whose keys can be fetched from elsewhere.
func (s *server) issuersElsewhere(list string) (string, error) {
	var all []map[string]string
	if err := json.Unmarshal([]byte(list), &all); err != nil {
		return "", err
	}
	for _, i := range all {
		i["jwks"] = s.elsewhere(i["jwks"])
	}
	raw, err := json.Marshal(all)
	return string(raw), err
}
