import { ApiError, SignedOut, type Api } from '#sdk'
import type { Session } from '../session.svelte'
import { say, sayIfKnown } from '../text'

// What the desk of an office answers: local/office/desk.go.

export type Next = 'taken_in_charge' | 'needs_document' | 'settled' | 'rejected'

export interface Step {
  number: number
  status: 'received' | Next
  at: string
  text?: string
}

export interface Handed {
  id: string
  protocol: string
  due_at: string
  steps: Step[]
  case: string
  person: { name: string; fiscal_code: string }
  company?: string
  advisor: string
  text: string
  sent_at: string
  /** The steps that are possible. */
  next: Next[]
}

interface Answer {
  office_name: string
  /** Of the officer. */
  name: string
  escalations: Handed[]
}

const usual = 10_000
const longest = 120_000

/** What an office has: asked for again and again, with growing pauses after failures. */
export class Book {
  answer = $state.raw<Answer>()
  /** Why the last question had no answer. */
  failure = $state('')
  /** Whoever is no officer gets nothing: asking again would not help. */
  denied = $state(false)
  private failures = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private running = false
  private turn = 0

  constructor(private readonly session: Session) {}

  /** Asks now and goes on asking; returns how to stop. */
  start(): () => void {
    this.running = true
    void this.load()
    return () => {
      this.running = false
      clearTimeout(this.timer)
    }
  }

  /** Asks now. What was asked before something newer is known does not count. */
  async load(): Promise<void> {
    clearTimeout(this.timer)
    const turn = ++this.turn
    try {
      const answer = await this.session.run((api) => api.request<Answer>('GET', '/linea/desk/escalations'))
      if (turn !== this.turn) return
      this.answer = answer
      this.failures = 0
      this.failure = ''
    } catch (error) {
      if (turn !== this.turn || error instanceof SignedOut) return
      this.failures++
      this.failure = sentenceOf(error)
      this.denied = error instanceof ApiError && error.problem.code === 'forbidden'
    }
    clearTimeout(this.timer)
    const pause = Math.min(longest, usual * 2 ** this.failures)
    if (this.running && !this.denied) this.timer = setTimeout(() => void this.load(), pause)
  }

  /** Makes a step. Conflict: somebody else was quicker; the list is asked for again. */
  async step(e: Handed, status: Next, text: string): Promise<'done' | 'quicker' | { failure: string }> {
    const body = { after: e.steps.length, status, ...(text.trim() ? { text } : {}) }
    try {
      const now = await this.session.run((api: Api) => api.request<Handed>('POST', `/linea/desk/escalations/${encodeURIComponent(e.id)}/steps`, body))
      this.replace(now)
      return 'done'
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem.code !== 'conflict') return { failure: sentenceOf(error) }
      await this.load()
      return 'quicker'
    }
  }

  private replace(e: Handed): void {
    if (!this.answer) return
    this.answer = { ...this.answer, escalations: this.answer.escalations.map((old) => (old.id === e.id ? e : old)) }
    void this.load() // so that an answer on its way does not take it back
  }
}

/** The office's own words are not for users: only its codes count. */
function sentenceOf(error: unknown): string {
  const code = error instanceof ApiError ? error.problem.code : error instanceof SignedOut ? 'unauthorized' : 'unanswered'
  return sayIfKnown(`error.${code}`) ?? say('error.internal')
}
