// Package hours answers when the desk is open, and why.
//
// The service runs "dal lunedì al venerdì, dalle ore 15 alle ore 18" (INPS
// messages 4497/2022 and 520/2023; stated for employers, applied to workers
// too). Those hours are wall-clock hours in Europe/Rome, half-open: open at
// 15:00:00, closed at 18:00:00. Closing on national holidays is our own
// inference and can be switched off. Extraordinary closures are data.
//
// Everything is a pure function of a [Calendar] and an instant; the zone is
// built in.
package hours
