import type { Answer, Closing, Limits } from '#sdk'

/** What the page knows of how long a place in the queue is kept without it. */
export interface Known {
  limits: Limits
  closing: Closing | undefined
  answer: Answer | undefined
}

/** A place in the queue, or a conversation, that goes on without the page. */
export interface Left extends Known {
  accepted: boolean
}

/**
 * Until when a place is kept whose page is closed now: as long as the service keeps
 * places, but not past the end of the day, as the notice of the closing tells it
 * with the time after it, or else the closing time.
 */
export function keptUntil({ limits, closing, answer }: Known, now: number): string {
  const ends = [closing?.reason ? closing.at : closing?.until, answer?.state === 'closed' ? undefined : answer?.until]
  const end = ends.find((at) => at && Date.parse(at) > now)
  return new Date(Math.min(now + limits.keep_place_s * 1000, end ? Date.parse(end) : Infinity)).toISOString()
}
