package env

// The sets of the chat. Only what can push has the endpoint of connections, only what meets
// fiscal codes, of citizens or of staff, or cases of people has their keys, and only what
// speaks with Linea INPS has its secrets.
var (
	Authorize  = of("authorize", Table, Origins)
	Connect    = of("connect", Table, Connections)
	Disconnect = of("disconnect", Table, Connections)
	Message    = of("message", Table, Connections, PseudonymKey, Queue)
	Citizen    = of("citizen", Table, Connections, Socket, Issuers, PseudonymKey, FiscalKey, Stage)
	Advisor    = of("advisor", Table, Connections, Socket, Issuers, PseudonymKey, Stage)
	Operator   = of("operator", Table, Connections, Issuers, PseudonymKey, Stage)
	Sweep      = of("sweep", Table, Connections, Queue, Stage)
	Escalate   = of("escalate", Table, Connections, FiscalKey, LineaURL, LineaToken)
	Webhook    = of("webhook", Queue, LineaSecret)
	Retain     = of("retain", Table, Stage, Days)
)
