package wiring

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"infocig/shared/app/env"
	"infocig/shared/aws/secrets"
	"infocig/shared/fiscal"
	"infocig/shared/lineainps"
)

// A keyring has the secrets of a function.
type keyring map[env.Name]*secrets.Secret

// readTime is how long a function that starts may read its secrets: AWS Lambda
// gives the init phase ten seconds.
const readTime = 8 * time.Second

// secretsOf reads the secrets among the variables. Their age goes by the clock of
// the desk.
func secretsOf(ctx context.Context, now func() time.Time, log *slog.Logger, v env.Values) (keyring, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	s := secrets.Source{Now: now, Log: log}
	for _, name := range env.Secrets {
		if secrets.IsARN(v[name]) {
			cfg := Session()
			elsewhere("SECRETS_MANAGER", &cfg.BaseEndpoint)
			s.Read = secrets.New(cfg).Read
			break
		}
	}
	return s.Open(ctx, v, checks)
}

// checks are what the values must be.
var checks = map[env.Name]secrets.Check{
	env.PseudonymKey: checkKey,
	env.FiscalKey:    func(value string) error { _, err := sealerOf(value); return err },
	env.LineaToken:   lineainps.CheckToken,
	env.LineaSecret:  func(value string) error { _, err := lineainps.ParseSecrets(value); return err },
}

const minKey = 32

func checkKey(value string) error {
	if len(value) < minKey {
		return fmt.Errorf("want at least %d characters", minKey)
	}
	return nil
}

func sealerOf(key string) (fiscal.Sealer, error) {
	raw, err := hex.DecodeString(key)
	if err != nil || len(raw) != fiscal.KeySize {
		return fiscal.Sealer{}, fmt.Errorf("want %d hexadecimal digits", 2*fiscal.KeySize)
	}
	return fiscal.NewSealer(raw)
}
