import type { Conversation } from '#sdk'
import type { Drafts } from './drafts.svelte'

interface Left {
  id: string
  name: string | undefined
}

/** The conversations that have left the desk without the advisor's doing, until the advisor has seen it. */
export class Handed {
  list = $state.raw<readonly Left[]>([])

  constructor(private readonly drafts: Drafts) {}

  /** What was not sent becomes the draft: it is there if the conversation comes back. */
  add(c: Conversation, unsent: readonly string[]): void {
    this.drafts.giveBack(c.id, ...unsent)
    this.list = [...this.list.filter(({ id }) => id !== c.id), { id: c.id, name: c.log.items[0]?.citizen?.name }]
  }

  /** The conversation has come back, with its draft. */
  back(ids: readonly string[]): void {
    if (this.list.some(({ id }) => ids.includes(id))) this.list = this.list.filter(({ id }) => !ids.includes(id))
  }

  has(of: string): boolean {
    return this.list.some(({ id }) => id === of)
  }

  dismiss(id: string): void {
    this.drafts.drop(id)
    this.back([id])
  }
}
