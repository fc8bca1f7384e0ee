import type { Escalation, Item } from '#sdk'
import type { Picture } from '../live.svelte'
import { dayOf, say } from '../text'

/** One line of a conversation as it is read: what somebody said, or what happened. */
export interface Line {
  seq: number
  /** Its place among the lines of one entry. */
  part: number
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

/** The name of the office that has an escalation. */
export type OfficeOf = (e: Escalation) => string

/** The lines of a conversation; what is mere technique is left out. */
export function linesOf(p: Picture, side: Side, officeOf: OfficeOf, me = ''): Line[] {
  const before: Item[] = []
  const lines: Line[] = []
  for (const item of p.items) {
    const said = side === 'citizen' ? forCitizen(item, before, officeOf) : forAdvisor(item, before, p, me, officeOf)
    const { seq, at } = item
    const read = seq <= p.seenByPeer
    ;[...said, ...hiddenIn(p, seq)].forEach((line, part) => lines.push({ seq, part, at, read, ...line }))
    before.push(item)
  }
  const days = lines.map((l) => dayOf(l.at))
  if (new Set(days).size > 1) lines.forEach((line, i) => (line.newDay = days[i] !== days[i - 1]))
  return lines
}

type Said = Pick<Line, 'text' | 'who' | 'mine'>

/** What the service hid in what was written, told to who wrote it. */
export const hiddenKinds = (kinds: Picture['hidden'][number]): string =>
  say('privacy.redacted', { kind: kinds.map((k) => say(`privacy.kind.${k}`)).join(', ') })

function hiddenIn(p: Picture, seq: number): Said[] {
  const kinds = p.hidden[seq]
  return kinds ? [{ text: hiddenKinds(kinds) }] : []
}

function forCitizen(item: Item, before: readonly Item[], officeOf: OfficeOf): Said[] {
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
      return [{ text: say('transcript.escalated') }]
    case 'progressed':
      return progress(item, officeOf, (e, office) => {
        if (e.status === 'failed') return `${say('escalation.news.failed')} ${say('escalation.failed.citizen')}`
        const { name } = before.findLast((i) => i.kind === 'escalated') ?? {}
        return say('escalation.sent', { name, office, protocol: e.protocol, sent_on: item.at })
      })
    case 'closed':
      return [{ text: endOf(item, before) }]
    default:
      return []
  }
}

/** What became of an escalation: news, those of its delivery in other words, and what the office says. */
function progress(item: Item, officeOf: OfficeOf, delivery: (e: Escalation, office: string) => string): Said[] {
  const e = item.escalation
  if (!e) return []
  const office = officeOf(e)
  if (item.reason === 'office_late') return [{ text: say('escalation.late') }]
  const text = e.status === 'delivered' || e.status === 'failed' ? delivery(e, office) : say(`escalation.news.${e.status}`)
  return [{ text }, ...(item.text ? [{ who: say('escalation.who', { office }), text: item.text }] : [])]
}

/** How a conversation ended, in a sentence for the citizen. */
export function endOf(closed: Item, before: readonly Item[]): string {
  switch (closed.reason) {
    case 'left':
      return say('ended.user')
    case 'by_advisor':
      return say('ended.advisor', { name: closed.name ?? before.findLast((i) => i.kind === 'accepted')?.name })
    case 'desk_closed':
      return closed.text ? say('transcript.closed.closure', { closure: closed.text }) : say('transcript.closed.not_served')
    case 'silent':
      return say('ended.silent')
    default:
      return say('ended.idle')
  }
}

function forAdvisor(item: Item, before: readonly Item[], p: Picture, me: string, officeOf: OfficeOf): Said[] {
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
    case 'escalated': {
      const e = item.escalation
      const office = e && officeOf(e)
      return [
        { text: say('desk.told.escalated', { office, case: e?.case }) },
        ...(e?.text ? [{ who: say('desk.told.words', { office }), text: e.text }] : []),
      ]
    }
    case 'progressed':
      return progress(item, officeOf, (e, office) =>
        e.status === 'failed'
          ? `${say('escalation.news.failed')} ${say('own.failed')}`
          : say('desk.told.delivered', { office, protocol: e.protocol, due: e.due_at }),
      )
    case 'closed':
      return [{ text: say('desk.told.closed', { outcome: item.outcome && say(`outcome.${item.outcome}`) }) }]
    default:
      return []
  }
}

const operator = (name: string | undefined) => (name ? `${say('chat.operator')} ${name}` : say('chat.operator'))
