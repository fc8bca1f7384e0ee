import type { Item } from './frames'

/**
 * The entries of a conversation that the client has, in order and without
 * doubles, however they arrived.
 */
export class Log {
  private readonly bySeq = new Map<number, Item>()

  /** The entries 1 … contiguous, which can be shown. */
  items: readonly Item[] = []

  /** Adds entries and returns whether anything new can be shown. */
  add(...entries: Item[]): boolean {
    for (const e of entries) if (!this.bySeq.has(e.seq)) this.bySeq.set(e.seq, e)
    const before = this.items.length
    let next = this.bySeq.get(before + 1)
    if (!next) return false
    const all = [...this.items]
    while (next) {
      all.push(next)
      next = this.bySeq.get(all.length + 1)
    }
    this.items = all
    return true
  }

  /** The number of the last entry that can be shown: what to ask after. */
  get seq(): number {
    return this.items.length
  }

  /** Whether entries up to seq are missing. */
  lacks(seq: number): boolean {
    return seq > this.items.length
  }

  /** Whether an entry waits for one before it. */
  get gap(): boolean {
    return this.bySeq.size > this.items.length
  }
}
