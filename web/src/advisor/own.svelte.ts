import type { Conversation, OwnEscalation } from '#sdk'
import { sentenceOf } from '../errors'

/** What the advisor has sent to offices and what became of it, or why that cannot be shown. */
export class OwnEscalations {
  list = $state.raw<readonly OwnEscalation[]>([])
  loaded = $state(false)
  failure = $state('')
  /** Those that went wrong: the advisor has to look at them. */
  attention = $derived(this.list.filter(wentWrong).length)
  private turn = 0

  constructor(private readonly ask: () => Promise<readonly OwnEscalation[]>) {}

  /** Asks for the list. Of several answers that are under way the last one counts. */
  async load(): Promise<void> {
    const turn = ++this.turn
    try {
      const list = await this.ask()
      if (turn !== this.turn) return
      this.list = list
      this.loaded = true
      this.failure = ''
    } catch (error) {
      if (turn === this.turn) this.failure = sentenceOf(error)
    }
  }

  /** The conversations of which the list knows more than they do: a push was lost. */
  ahead(of: readonly Conversation[]): Conversation[] {
    return of.filter(({ id, escalation }) => {
      const known = this.list.find((e) => e.conversation === id)
      return known && escalation && stateOf(known) !== stateOf(escalation)
    })
  }
}

export const wentWrong = (e: Pick<OwnEscalation, 'status' | 'overdue'>): boolean => e.status === 'failed' || !!late(e)

/** Whether the office is late and has still to answer. */
export const late = (e: Pick<OwnEscalation, 'status' | 'overdue'>): boolean =>
  !!e.overdue && e.status !== 'settled' && e.status !== 'rejected'

/** The state as conversations have it: they are not told when what is pending is queued. */
const stateOf = (e: Pick<OwnEscalation, 'status' | 'overdue'>) => `${e.status === 'queued' ? 'pending' : e.status} ${!!e.overdue}`
