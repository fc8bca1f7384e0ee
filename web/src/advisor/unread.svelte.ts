import type { Picture } from '../live.svelte'

/** What the advisor has not yet seen of the conversations. */
export class Unread {
  private readonly seen = $state<Record<string, number>>({})

  /** The messages of the citizen after the last entry seen. */
  count(p: Picture): number {
    const seen = this.seen[p.id] ?? 0
    return p.items.filter((i) => i.seq > seen && i.by === 'citizen' && i.text).length
  }

  /** The end of the conversation is on the screen: everything in it is seen, and the citizen is told. */
  see(p: Picture): void {
    this.seen[p.id] = p.items.length
    if (p.accepted) p.conversation.read()
  }
}
