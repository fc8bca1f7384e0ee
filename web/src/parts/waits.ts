const minute = 60_000

/** From how many minutes on a wait is long, and from how many it is too long. */
const long = 3
const tooLong = 8

/** The whole minutes since then, both in milliseconds. */
export const minutesSince = (since: number, now: number): number => Math.max(0, Math.floor((now - since) / minute))

export type Length = 'short' | 'long' | 'too_long'

export const lengthOf = (minutes: number): Length => (minutes >= tooLong ? 'too_long' : minutes >= long ? 'long' : 'short')
