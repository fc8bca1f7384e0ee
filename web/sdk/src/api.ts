import { SignedOut, type Ticket } from './connection'
import type { Answer, Cases, Colleagues, Escalations, FrontRequest, Me, Notes, Problem, Rules, Slip, Waiter, Waiting } from './wire/http'

export type { Answer, Case, Channel, Colleague, Company, Escalation as OwnEscalation, FrontRequest, Me, Note, Place, Problem, Rules, Slip, Waiter } from './wire/http'

/** How long a request may take: API Gateway gives a function longer, a person does not. */
const requestTime = 15_000

/** A request that was refused; `problem` is what the service said. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    /** After how many milliseconds it may be tried again, if the service said so (Retry-After). */
    readonly after?: number,
  ) {
    super(problem.title)
  }
}

/**
 * Requests over HTTP. `token` returns the bearer token, undefined if nobody is
 * logged in. A request fails with SignedOut, with ApiError, or with what fetch
 * fails with: after 15 s without an answer at the latest.
 */
export class Api {
  /** Milliseconds, to the second, that the service's clock was ahead of this one at the last answer. */
  skew = 0

  constructor(
    private readonly token: () => string | undefined = () => undefined,
    private readonly base = '',
  ) {}

  availability(query: Record<string, string>): Promise<Answer> {
    return this.request('GET', `/v1/availability?${new URLSearchParams(query)}`)
  }

  me(): Promise<Me> {
    return this.request('GET', '/v1/me')
  }

  /** `company` is the id of one of `me().companies`, here and below. */
  async cases(company?: string): Promise<Cases['cases']> {
    return (await this.request<Cases>('GET', `/v1/cases${actingFor(company)}`)).cases
  }

  ticket(company?: string): Promise<Ticket> {
    return this.request('POST', '/v1/tickets', company ? { company } : {})
  }

  /** A place at the next opening, for somebody for whom there is no more room today. */
  reserve(company?: string): Promise<Slip> {
    return this.request('POST', '/v1/slips', company ? { company } : {})
  }

  /** What offices were told about the person, as a worker or for a company. */
  async ownEscalations(company?: string): Promise<Escalations['escalations']> {
    return (await this.request<Escalations>('GET', `/v1/escalations${actingFor(company)}`)).escalations
  }

  async transcript(conversation: string, company?: string): Promise<Blob> {
    return (await this.send('GET', `/v1/conversations/${encodeURIComponent(conversation)}/transcript${actingFor(company)}`)).blob()
  }

  /** Closes every socket of the person. */
  async logout(): Promise<void> {
    await this.send('POST', '/v1/logout')
  }

  /** Closes every socket of the advisor. */
  async advisorLogout(): Promise<void> {
    await this.send('POST', '/v1/advisor/logout')
  }

  advisorTicket(): Promise<Ticket> {
    return this.request('POST', '/v1/advisor/tickets')
  }

  async colleagues(): Promise<Colleagues['colleagues']> {
    return (await this.request<Colleagues>('GET', '/v1/advisor/colleagues')).colleagues
  }

  async conversationCases(conversation: string): Promise<Cases['cases']> {
    return (await this.request<Cases>('GET', `/v1/advisor/conversations/${encodeURIComponent(conversation)}/cases`)).cases
  }

  async notes(conversation: string): Promise<Notes['notes']> {
    return (await this.request<Notes>('GET', `/v1/advisor/conversations/${encodeURIComponent(conversation)}/notes`)).notes
  }

  /** What the advisor has told offices. */
  async escalations(): Promise<Escalations['escalations']> {
    return (await this.request<Escalations>('GET', '/v1/advisor/escalations')).escalations
  }

  /** Who waits, without who they are. */
  waiting(): Promise<Waiting> {
    return this.request('GET', '/v1/supervisor/waiting')
  }

  /** Who it is that waits, and for what. That somebody has looked is noted. */
  waiter(conversation: string): Promise<Waiter> {
    return this.request('GET', `/v1/supervisor/waiting/${encodeURIComponent(conversation)}`)
  }

  /** Lets somebody who waits in line go before the others. */
  async letGoFirst(conversation: string, reason: FrontRequest['reason']): Promise<void> {
    await this.send('POST', `/v1/supervisor/waiting/${encodeURIComponent(conversation)}/front`, { reason })
  }

  rules(): Promise<Rules> {
    return this.request('GET', '/v1/operator/rules')
  }

  setRules(rules: Rules): Promise<Rules> {
    return this.request('PUT', '/v1/operator/rules', rules)
  }

  /** Any other request that answers JSON, such as those of the institute's own systems. */
  async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await this.send(method, path, body)).json()) as T
  }

  private async send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = {}
    const token = this.token()
    if (token) headers['Authorization'] = `Bearer ${token}`
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const response = await fetch(this.base + path, {
      method,
      headers,
      signal: AbortSignal.timeout(requestTime),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    this.skew = Date.parse(response.headers.get('Date') ?? '') - Date.now() || 0
    if (response.ok) return response
    if (response.status === 401) throw new SignedOut('log in again')
    throw new ApiError(await problemOf(response), retryAfter(response))
  }
}

/** The problem in a response; one made up where something in between answered. */
async function problemOf(response: Response): Promise<Problem> {
  try {
    const problem = (await response.json()) as Problem
    if (problem.code) return problem
  } catch {
    // not ours
  }
  return { type: 'about:blank', title: '', status: response.status, code: response.status === 503 ? 'unavailable' : 'internal' }
}

/** Retry-After in milliseconds (RFC 9110, 10.2.3); undefined if there is none that can be read. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('Retry-After')
  if (!value) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** The query that says for which company somebody acts. */
const actingFor = (company: string | undefined) => (company ? `?${new URLSearchParams({ company })}` : '')
