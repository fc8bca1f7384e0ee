package identity

// A Scheme is a way to log in.
type Scheme string

// The schemes of MyINPS ("SPID almeno di II livello, CIE e CNS", INPS message
// 4497/2022).
const (
	SPID Scheme = "spid"
	CIE  Scheme = "cie"
	CNS  Scheme = "cns"
)

// A Login is how a person logged in. Level counts for SPID only.
type Login struct {
	Scheme Scheme
	Level  int // 1, 2 or 3
}
