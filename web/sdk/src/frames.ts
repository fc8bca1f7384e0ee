import type { Down, Elsewhere, Up } from './wire/socket'

export type { Down, Up }
export type { Cases, Citizen, Closing, Decision, Duty, Elsewhere, Escalation, HiddenKind, InQueue, Item, Limits, Snapshot, Status, Topic, Wait } from './wire/socket'

/** A frame down with this event. */
export type Event<E extends Down['event']> = Extract<Down, { event: E }>

/** A frame up, without the id that the line gives it. */
export type Request = Up extends infer U ? (U extends Up ? Omit<U, 'id'> : never) : never

/** A typed error that the service answered. */
export class Refusal extends Error {
  constructor(
    readonly code: Event<'error'>['code'],
    message: string,
    readonly retry: boolean,
    /** With throttled: after how many milliseconds it may be tried again. */
    readonly after?: number,
    /** With invalid: the character that is not taken. */
    readonly character?: string,
    /** With conflict, of a join: the company that the person's live conversation is about. */
    readonly elsewhere?: Elsewhere,
  ) {
    super(message)
  }
}

/** The answer did not come: the connection is gone, or it took too long. What was asked may have been done. */
export class Unanswered extends Error {}
