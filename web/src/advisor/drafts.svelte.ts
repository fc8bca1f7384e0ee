import { kept } from '../kept'

const name = 'desk'

/** What is being written, by conversation: it stays while the advisor turns to another one, and over a reload. */
export class Drafts {
  readonly replies = $state<Record<string, string>>({})
  readonly notes = $state<Record<string, string>>({})
  readonly escalations = $state<Record<string, string>>({})

  constructor() {
    const before = kept.get<Partial<Pick<Drafts, 'replies' | 'notes' | 'escalations'>>>(name)
    Object.assign(this.replies, before?.replies)
    Object.assign(this.notes, before?.notes)
    Object.assign(this.escalations, before?.escalations)
  }

  /** Whether something is being written in a conversation. */
  has(id: string): boolean {
    return [this.replies, this.notes, this.escalations].some((of) => of[id]?.trim())
  }

  /** Puts what was not sent before what is being written. */
  giveBack(id: string, ...texts: string[]): void {
    if (texts.length) this.replies[id] = [...texts, this.replies[id]].filter(Boolean).join('\n')
  }

  drop(id: string): void {
    delete this.replies[id]
    delete this.notes[id]
    delete this.escalations[id]
  }

  /** Keeps them for the next page: call it in an effect. */
  keep(): void {
    kept.set(name, { replies: $state.snapshot(this.replies), notes: $state.snapshot(this.notes), escalations: $state.snapshot(this.escalations) })
  }
}
