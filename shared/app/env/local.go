package env

// Secrets of one machine, for local runs and for operators' commands on their
// data: nothing real is behind them, and nothing deployed has them.
const (
	LocalPseudonymKey = "pseudonyms of invented people only"
	LocalFiscalKey    = "6b6579206f66206f6e65206d616368696e652c2033322062797465732e2e2e2e"
	LocalLineaToken   = "token-of-one-machine"
	LocalLineaSecret  = "signs the events of invented offices"
)
