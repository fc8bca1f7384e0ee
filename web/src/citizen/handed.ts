import type { Escalation, OwnEscalation } from '#sdk'
import { say } from '../text'

type State = Pick<Escalation, 'status' | 'due_at' | 'overdue'>

/** Whether the office has it and has still to answer. */
const waits = (e: State): boolean => e.status === 'delivered' || e.status === 'taken_in_charge' || e.status === 'needs_document'

/** Whether there may be news of it. */
export const underWay = (e: State): boolean => waits(e) || e.status === 'pending' || e.status === 'queued'

export const late = (e: State): boolean => waits(e) && !!e.overdue

/** Until when the office answers, or that it is late; nothing where it does not owe an answer. */
export function dueOf(e: State): string {
  if (!waits(e) || !e.due_at) return ''
  if (late(e)) return `${say('escalation.due.past', { due: e.due_at })} ${say('escalation.late')}`
  return say(e.status === 'needs_document' ? 'escalation.due.document' : 'escalation.due', { due: e.due_at })
}

/** What the office wrote last, if anything. */
export function wordsOf({ words }: OwnEscalation): string {
  return words ? `${say('escalation.says')}: «${words}»` : ''
}

/** What the list says now of escalations that it said something else of before. */
export function newsOf(before: readonly OwnEscalation[], now: readonly OwnEscalation[]): string {
  const said = new Map(before.map((e) => [e.id, stateOf(e)]))
  return now
    .filter((e) => said.has(e.id) && said.get(e.id) !== stateOf(e))
    .map(stateOf)
    .join(' ')
}

const stateOf = (e: OwnEscalation): string => [say(`escalation.news.${e.status}`), wordsOf(e), dueOf(e)].filter(Boolean).join(' ')
