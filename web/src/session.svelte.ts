import { Api, SignedOut } from '#sdk'
import { tick } from 'svelte'
import type { IssuerName } from './config'
import { kept } from './kept'
import { leaveForLogin, LoginFailed, loginInWindow, renew, returnFromLogin, type Login } from './login'
import { pageTimers } from './timers'

/**
 * `starting` until it is known whether somebody is logged in; `out`, `failed`
 * (the login did not come to a good end), `expired` (logged out elsewhere), `in`;
 * `handed` in a window whose login was another window's.
 */
export type SessionState = 'starting' | 'out' | 'failed' | 'expired' | 'in' | 'handed'

const minute = 60_000
/** How long before its end a login is renewed, or the person asked for a new one. */
const ahead = 2 * minute
/** How often to try to renew it again. */
const pause = 15_000
/** How long somebody may take to log in through the window. */
const patience = 10 * minute

/** Who is logged in to a portal. Tokens are in the memory of the page, and nowhere else. */
export class Session {
  /** The id of the company that a citizen acts for on this page; undefined as a worker. */
  company: string | undefined
  state = $state<SessionState>('starting')
  /** Somebody was logged in here: a place in the queue or a conversation may be kept. */
  known = $state(false)
  /** What is kept for somebody who has just logged out. */
  told = $state('')
  /** When the login ends, once the person is to log in again for it to go on. */
  endsAt = $state<number>()
  /** The login has ended; the page stays, and asks for a new one. */
  over = $state(false)
  /** Goes up with every new login of the same person: what was refused may be tried again. */
  renewed = $state(0)
  readonly api = new Api(() => this.login?.token)
  private login: Login | undefined
  private renewing: Promise<boolean> | undefined
  private timer: unknown

  constructor(
    private readonly issuer: IssuerName,
    private readonly page: string,
    /** Tells the service that somebody goes. */
    private readonly leave: (api: Api) => Promise<void> = async () => {},
  ) {}

  /** Finishes a login that led to this page; a page that was loaded anew tries to get one without the person. */
  async start(): Promise<void> {
    try {
      const back = await returnFromLogin(this.issuer, this.page)
      if (back.how === 'handed') {
        this.state = 'handed'
        close()
        return
      }
      if (back.how === 'none') return await this.startAnew()
      kept.takeOver(back.kept)
      this.known = this.marked
      if (back.how === 'in') await this.enter(back.login)
      else this.state = 'out'
    } catch {
      this.state = 'failed'
    }
  }

  private async startAnew(): Promise<void> {
    this.known = this.marked
    if (!this.known) {
      this.state = 'out'
      return
    }
    try {
      await leaveForLogin(this.issuer, this.page, kept.all, true)
    } catch {
      this.state = 'out'
    }
  }

  async signIn(): Promise<void> {
    try {
      await leaveForLogin(this.issuer, this.page, kept.all)
    } catch {
      this.state = 'failed'
    }
  }

  /** Logs in again through a window, while the page goes on; where none opens, by leaving the page. Fails if it does not succeed. */
  async signInAgain(): Promise<void> {
    const login = loginInWindow(this.issuer, this.page, AbortSignal.timeout(patience))
    if (!login) return this.signIn()
    await this.change(await login)
  }

  signOut(told = ''): void {
    this.leave(this.api).catch(() => {}) // nobody is kept here
    this.end('out')
    this.told = told
  }

  /** Runs a request. A login that is no longer good is renewed once; where it cannot be, the person is asked. */
  async run<T>(request: (api: Api) => Promise<T>): Promise<T> {
    try {
      const answer = await request(this.api)
      this.over = false
      return answer
    } catch (error) {
      if (!(error instanceof SignedOut)) throw error
      if (await this.renew()) return await request(this.api)
      if (this.state === 'in') this.over = true
      throw error
    }
  }

  /** The person has logged out elsewhere. */
  expire(): void {
    this.end('expired')
  }

  /** Renews the login without the person; returns whether that was done. */
  private renew(): Promise<boolean> {
    return (this.renewing ??= this.renewOnce().finally(() => (this.renewing = undefined)))
  }

  private async renewOnce(): Promise<boolean> {
    const { login } = this
    if (!login?.refresh) return false
    try {
      const next = await renew(this.issuer, login.refresh)
      if (this.login !== login) return this.state === 'in' // ended meanwhile, or renewed by the person
      this.take({ ...next, subject: next.subject ?? login.subject })
      return true
    } catch (error) {
      if (error instanceof LoginFailed && this.login === login) this.login = { ...login, refresh: undefined }
      return false
    }
  }

  /** Somebody has logged in while the page was open: another person gets a page of their own. */
  private async change(login: Login): Promise<void> {
    const same = this.login?.subject === login.subject
    if (!same) {
      kept.clear()
      this.end('out')
      await tick()
    }
    await this.enter(login)
  }

  private async enter(login: Login): Promise<void> {
    await kept.own(login.subject ?? '')
    this.take(login)
    this.marked = true
    this.known = false
    this.told = ''
    this.state = 'in'
  }

  private take(login: Login): void {
    this.login = login
    this.endsAt = undefined
    this.over = false
    this.renewed++
    if (login.lifetime) this.endAfter(login.lifetime * 1000)
  }

  private endAfter(ms: number): void {
    const end = Date.now() + ms
    this.after(ms - Math.min(ahead, ms / 2), () => this.beforeTheEnd(end))
  }

  private async beforeTheEnd(end: number): Promise<void> {
    const { login } = this
    if (await this.renew()) return
    if (this.login?.token !== login?.token) return
    const left = end - Date.now()
    if (left <= 0) this.over = true
    else if (!this.login?.refresh) this.endsAt = end
    if (left > 0) this.after(Math.min(left, this.login?.refresh ? pause : left), () => this.beforeTheEnd(end))
  }

  private after(ms: number, run: () => Promise<void>): void {
    pageTimers().clear(this.timer)
    this.timer = pageTimers().set(() => void run(), ms)
  }

  private end(state: SessionState): void {
    pageTimers().clear(this.timer)
    this.login = undefined
    this.marked = false
    this.endsAt = undefined
    this.over = false
    if (state === 'out') kept.clear()
    this.state = state
  }

  /** A mark that somebody was logged in here, without a word who: it is gone with the tab, or the logout. */
  private get marked(): boolean {
    return sessionStorage.getItem(this.mark) !== null
  }

  private set marked(on: boolean) {
    if (on) sessionStorage.setItem(this.mark, '1')
    else sessionStorage.removeItem(this.mark)
  }

  private get mark(): string {
    return `infocig.in.${this.page}`
  }
}
