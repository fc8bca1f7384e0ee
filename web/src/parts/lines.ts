import type { Item } from '#sdk'
import type { Picture } from '../live.svelte'
import { dayOf, say } from '../text'

/** One line of a conversation as it is read: what somebody said, or what happened. */
export interface Line {
  seq: number
  at: string
  text: string
  /** Who said it; absent for what happened. */
  who?: string
  mine?: boolean
  read?: boolean
  /** The first of its day, where the conversation is not all of one. */
  newDay?: boolean
}

export type Side = 'citizen' | 'advisor'

/** The lines of a conversation; what is mere technique is left out. */
export function linesOf(p: Picture, side: Side, me = ''): Line[] {
  const before: Item[] = []
  const lines: Line[] = []
  for (const item of p.items) {
    for (const line of side === 'citizen' ? forCitizen(item, before) : forAdvisor(item, before, p, me)) {
      lines.push({ seq: item.seq, at: item.at, read: item.seq <= p.seenByPeer, ...line })
    }
    before.push(item)
  }
  const days = lines.map((l) => dayOf(l.at))
  if (new Set(days).size > 1) lines.forEach((line, i) => (line.newDay = days[i] !== days[i - 1]))
  return lines
}

type Said = Pick<Line, 'text' | 'who' | 'mine'>

function forCitizen(item: Item, before: readonly Item[]): Said[] {
  const you = { who: say('chat.you'), mine: true }
  const name = item.name
  switch (item.kind) {
    case 'joined':
      return [{ text: say('transcript.joined') }, ...(item.text ? [{ ...you, text: item.text }] : [])]
    case 'message':
      return [item.by === 'citizen' ? { ...you, text: item.text ?? '' } : { who: operator(name), text: item.text ?? '' }]
    case 'accepted': {
      const last = before.findLast((i) => i.kind === 'accepted')
      return [{ text: say(last && last.name !== name ? 'advisor.changed' : 'advisor.joined', { name }) }]
    }
    case 'requeued':
    case 'transferred':
      return before.some((i) => i.kind === 'accepted') ? [{ text: say('transcript.transferred') }] : []
    case 'escalated':
      return [{ text: `${say('transcript.escalated')} ${say('escalation.pending')}` }]
    case 'closed':
      return [{ text: endOf(item, before) }]
    default:
      return []
  }
}

/** How a conversation ended, in a sentence for the citizen. */
export function endOf(closed: Item, before: readonly Item[]): string {
  switch (closed.reason) {
    case 'left':
      return say('ended.user')
    case 'by_advisor':
      return say('ended.advisor', { name: closed.name ?? before.findLast((i) => i.kind === 'accepted')?.name })
    case 'desk_closed':
      return say('transcript.closed.not_served')
    default:
      return say('ended.idle')
  }
}

function forAdvisor(item: Item, before: readonly Item[], p: Picture, me: string): Said[] {
  const citizen = p.citizen?.name ?? say('desk.person')
  switch (item.kind) {
    case 'joined':
      return item.text ? [{ who: citizen, text: item.text }] : []
    case 'message':
      if (item.by === 'citizen') return [{ who: citizen, text: item.text ?? '' }]
      return [{ who: item.name === me ? say('chat.you') : operator(item.name), mine: true, text: item.text ?? '' }]
    case 'accepted':
      return [{ text: say('desk.told.accepted', { name: item.name }) }]
    case 'away':
      return [{ text: say('desk.told.away') }]
    case 'connected':
      return item.by === 'citizen' && before.findLast((i) => i.by !== 'advisor')?.kind === 'away' ? [{ text: say('desk.told.back') }] : []
    case 'requeued':
    case 'transferred':
      return [{ text: say('desk.told.queued') }]
    case 'escalated':
      return [{ text: say('desk.told.escalated', { office: item.escalation?.office, case: item.escalation?.case }) }]
    case 'closed':
      return [{ text: say('desk.told.closed', { outcome: item.outcome && say(`outcome.${item.outcome}`) }) }]
    default:
      return []
  }
}

const operator = (name: string | undefined) => (name ? `${say('chat.operator')} ${name}` : say('chat.operator'))
