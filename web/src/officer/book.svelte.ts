import { ApiError, SignedOut, type Api } from '#sdk'
import { Asked, isForbidden } from '../asked.svelte'
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

/** What an office has. */
export class Book extends Asked<Answer> {
  constructor(private readonly session: Session) {
    super(() => session.run((api) => api.request<Answer>('GET', '/linea/desk/escalations')), (error) => (isForbidden(error) ? say('officer.denied') : sentenceOf(error)))
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
