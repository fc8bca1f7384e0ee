import type { Item } from '#sdk'
import type { Picture } from '../live.svelte'

/** What of a conversation its row in the list depends on. */
export type Row = Pick<Picture, 'id' | 'items' | 'accepted' | 'ended' | 'offerUntil' | 'citizen'>

/** How long an ended conversation stays in the list when nothing of it is left to do. */
const stays = 60_000

/** Whether the advisor can accept it. */
export const offered = (p: Row): boolean => !!p.offerUntil && !p.accepted && !p.ended

const millis = (i: Item | undefined): number | undefined => i && Date.parse(i.at)

/**
 * Since when the citizen waits, in milliseconds; undefined if it is the citizen's turn
 * or the conversation has ended. An answer ends the wait; without one it began with the
 * joining. Who is handed over waits from then on at the latest.
 */
export function waitsSince(p: Row): number | undefined {
  if (p.ended) return undefined
  const answered = p.items.findLast((i) => i.kind === 'message' && i.by === 'advisor')?.seq ?? 0
  const asked = millis(p.items.find((i) => i.seq > answered && i.by === 'citizen' && (i.text || i.kind === 'joined')))
  if (p.accepted) return asked
  const before = p.items.findLast((i) => i.kind === 'accepted')?.seq
  const handed = before && millis(p.items.find((i) => i.seq > before && (i.kind === 'transferred' || i.kind === 'requeued')))
  return asked ?? (handed || undefined)
}

/** The name of the colleague who has handed it over, until somebody accepts it. */
export function handedBy(p: Row): string | undefined {
  const last = p.items.findLast((i) => i.kind === 'transferred' || i.kind === 'accepted')
  return last?.kind === 'transferred' ? last.name : undefined
}

/** Whether the citizen has answered that they are there, and nothing was said since. */
export const isThere = (p: Row): boolean =>
  p.accepted && !p.ended && p.items.findLast((i) => ['message', 'asked', 'here', 'away', 'accepted'].includes(i.kind))?.kind === 'here'

/** What was said last. */
export const lastSaid = (p: Row): Item | undefined => p.items.findLast((i) => i.text && (i.kind === 'message' || i.kind === 'joined'))

/** The names that several rows have: something else has to tell these rows apart. */
export function twins(rows: readonly Row[]): Set<string> {
  const names = rows.map((p) => p.citizen?.name).filter((n) => n !== undefined)
  return new Set(names.filter((n, i) => names.indexOf(n) !== i))
}

/** The rows by who needs the advisor first: offers, who waits for an answer, the other open ones, what has ended. */
export function ordered<P extends Row>(rows: readonly P[]): P[] {
  const key = (p: P): [number, number] => {
    if (offered(p)) return [0, Date.parse(p.offerUntil!)]
    if (p.ended) return [3, -(millis(p.items.at(-1)) ?? 0)]
    const since = waitsSince(p)
    return since === undefined ? [2, millis(p.items[0]) ?? 0] : [1, since]
  }
  const keyed = rows.map((p) => ({ p, key: key(p) }))
  keyed.sort((a, b) => a.key[0] - b.key[0] || a.key[1] - b.key[1] || (a.p.id < b.p.id ? -1 : 1))
  return keyed.map(({ p }) => p)
}

/** The rows as they were shown before; what is new goes last. */
export function asBefore<P extends Row>(rows: readonly P[], before: readonly string[]): P[] {
  const place = (p: P) => (before.includes(p.id) ? before.indexOf(p.id) : before.length)
  return [...rows].sort((a, b) => place(a) - place(b))
}

/** Which ended conversations leave the list. */
export class Leaving {
  private readonly since = new Map<string, number>()

  /** The ids of those of which nothing was left to do for a minute; `kept` says of which something is. */
  due<P extends Row>(rows: readonly P[], kept: (p: P) => boolean, now: number): string[] {
    for (const p of rows) {
      if (!p.ended || kept(p)) this.since.delete(p.id)
      else if (!this.since.has(p.id)) this.since.set(p.id, now)
    }
    return rows.filter((p) => now - (this.since.get(p.id) ?? Infinity) >= stays).map((p) => p.id)
  }
}
