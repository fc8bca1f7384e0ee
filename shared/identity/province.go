package identity

import "strings"

// Sigla returns a sigla as it is written here: two capitals. Blanks around it and
// lower case do not count; what is no sigla is "".
func Sigla(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 2 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return s
}
