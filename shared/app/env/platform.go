package env

// The sets of functions of no area.
var (
	Look     = of("look", Table, Stage, Pages, Socket, Issuers, ClientID)
	Rehearse = of("rehearse", Stage)
)
