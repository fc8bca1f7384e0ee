// Package rollout answers for whom the service is live, from when, and what is
// known about it at a given instant.
//
// The rollout is data, changed without a release: phases, each a published act
// with its audience, provinces, start date and announcement ("Con successivo
// messaggio sarà data informazione", INPS messages 4497/2022 and 520/2023).
// Package rollout embeds the phases of 2021 to 2023 and the provinces; an
// operator's edited plan is read by the same [ParsePlan].
//
// What counts for a worker is the province of residence; for an employer the
// province of the registered office of the company represented, whoever
// represents it and wherever that person lives.
//
// # What is known when
//
// Any instant can be asked for, so a preview of 13 February 2023 must not know
// what was announced in May. A phase is known from its announcement on. Where
// no announcement is on record (the phases of workers), its date is told at
// any time: the date is certain, and keeping it back would need an
// announcement date that we would have to invent.
//
// A phase may have no known start, only bounds (from_after, from_before): the
// workers of Napoli, Milano, Torino, Bari and Palermo were let in at some time
// between 10 May 2021 and 31 January 2022, and no source says when. Such a
// phase never makes anybody live, and it answers [Undated] even where a later
// phase of the whole country has a date: that date is certainly not the start
// for these provinces, so telling it would be wrong. Once that later phase has
// started, they are live by it.
package rollout
