package office

import (
	"encoding/json"
	"errors"
	"os"
)

func load(path string) (book, error) {
	b := book{Escalations: map[string]*record{}}
	if path == "" {
		return b, nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	return b, json.Unmarshal(raw, &b)
}

// save writes everything; it is on disk when save returns.
func (s *Service) save() error {
	if s.config.File == "" {
		return nil
	}
	raw, err := json.Marshal(s.book)
	if err != nil {
		return err
	}
	tmp := s.config.File + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, s.config.File)
}
