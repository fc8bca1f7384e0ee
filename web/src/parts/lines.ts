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

/** What a side is told of an entry, `before` being those before it; nothing of what is mere technique. */
export type Tell = (item: Item, before: readonly Item[], p: Picture) => Said[]

/** What is said of an entry. Of the lines with the same `news` only the last is shown. */
export type Said = Pick<Line, 'text' | 'who' | 'mine'> & { news?: string }

/** The lines of a conversation. */
export function linesOf(p: Picture, tell: Tell): Line[] {
  const before: Item[] = []
  let lines: (Line & Said)[] = []
  for (const item of p.items) {
    const { seq, at } = item
    const read = seq <= p.seenByPeer
    for (const [part, line] of [...tell(item, before, p), ...hiddenIn(p, seq)].entries()) {
      if (line.news) lines = lines.filter((l) => l.news !== line.news)
      lines.push({ seq, part, at, read, ...line })
    }
    before.push(item)
  }
  const days = lines.map((l) => dayOf(l.at))
  if (new Set(days).size > 1) lines.forEach((line, i) => (line.newDay = days[i] !== days[i - 1]))
  return lines
}

/** What the service hid in what was written, told to who wrote it. */
export const hiddenKinds = (kinds: Picture['hidden'][number]): string =>
  say('privacy.redacted', { kind: kinds.map((k) => say(`privacy.kind.${k}`)).join(', ') })

function hiddenIn(p: Picture, seq: number): Said[] {
  const kinds = p.hidden[seq]
  return kinds ? [{ text: hiddenKinds(kinds) }] : []
}

/** What became of an escalation: news, those of its delivery in other words, and what the office says. */
export function progress(item: Item, officeOf: OfficeOf, delivery: (e: Escalation, office: string) => string): Said[] {
  const e = item.escalation
  if (!e) return []
  const office = officeOf(e)
  if (item.reason === 'office_late') return [{ text: say('escalation.late') }]
  const text = e.status === 'delivered' || e.status === 'failed' ? delivery(e, office) : say(`escalation.news.${e.status}`)
  return [{ text }, ...(item.text ? [{ who: say('escalation.who', { office }), text: item.text }] : [])]
}

export const operator = (name: string | undefined) => (name ? `${say('chat.operator')} ${name}` : say('chat.operator'))
