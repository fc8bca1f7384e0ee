// Package rollout answers for which people the service is live, from when, and what is known
// about it at an instant.
//
// The rollout is data, changed without a release. It consists of phases. Each is a published
// act with its audience, provinces, start date and announcement ("Con successivo messaggio
// sarà data informazione", INPS messages 4497/2022 and 520/2023). Package rollout embeds the
// phases of 2021 to 2023 and the provinces. [ParsePlan] reads them, and also the plans that
// operators edit.
//
// For a worker the province of residence counts. For an employer the province of the
// registered office of the company counts, whichever person represents the company and
// wherever that person lives.
//
// # What is known when
//
// A preview may ask about any instant, and a preview of 13 February 2023 must not know what
// was announced in May. A phase is known from its announcement on. If no announcement is on
// record (the phases of workers), its date is told at any time: the date is certain, and to
// keep it back would need an announcement date that we would have to invent.
//
// A phase may have no known start, but only bounds (from_after, from_before). The workers of
// Napoli, Milano, Torino, Bari and Palermo were let in at some time between 10 May 2021 and 31
// January 2022, and no source says when. Such a phase never makes the service live. It answers
// [Undated] even if a later nationwide phase has a date: that date is certainly not the start
// for these provinces, so it would be wrong to tell it. Once that later phase has started, it
// makes the service live there, too.
package rollout
