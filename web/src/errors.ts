import { ApiError, Refusal, SignedOut } from '#sdk'
import { say } from './text'

/** The sentence for whatever went wrong: the service's own where it said one. */
export function sentenceOf(error: unknown): string {
  if (error instanceof SignedOut) return say('error.unauthorized')
  if (error instanceof Refusal) return error.message || say(`error.${error.code}`)
  if (error instanceof ApiError) return error.problem.title || say(`error.${error.problem.code}`)
  return say('error.unanswered')
}
