import { Api, SignedOut } from '#sdk'
import type { IssuerName } from './config'
import { beginLogin, finishLogin } from './login'

/** `starting` until it is known whether somebody is logged in. */
export type SessionState = 'starting' | 'out' | 'failed' | 'expired' | 'in'

/** Who is logged in to a portal. The token is in the memory of the page, and nowhere else. */
export class Session {
  state = $state<SessionState>('starting')
  readonly api = new Api(() => this.token)
  private token: string | undefined

  constructor(
    private readonly issuer: IssuerName,
    private readonly page: string,
    /** Tells the service that somebody goes. */
    private readonly leave: (api: Api) => Promise<void> = async () => {},
  ) {}

  /** Finishes a login that led to this page. */
  async start(): Promise<void> {
    try {
      this.token = await finishLogin(this.issuer, this.page)
      this.state = this.token ? 'in' : 'out'
    } catch {
      this.state = 'failed'
    }
  }

  async signIn(): Promise<void> {
    try {
      await beginLogin(this.issuer, this.page)
    } catch {
      this.state = 'failed'
    }
  }

  signOut(): void {
    this.leave(this.api).catch(() => {}) // nobody is kept here
    this.end('out')
  }

  /** Runs a request; a login that is no longer good ends the session. */
  async run<T>(request: (api: Api) => Promise<T>): Promise<T> {
    try {
      return await request(this.api)
    } catch (error) {
      if (error instanceof SignedOut) this.expire()
      throw error
    }
  }

  expire(): void {
    this.end('expired')
  }

  private end(state: SessionState): void {
    this.token = undefined
    this.state = state
  }
}
