import { backoff } from './backoff'
import { Refusal, Unanswered, type Down, type Event, type Request } from './frames'
import { answerTime, Line, type Socket } from './line'
import { plainTimers, type Timer, type Timers } from './timers'

/**
 * What a connection is doing: `connecting` for the first time or after a cut,
 * `up`, `superseded` by a newer one of the same person, `too_fast` because the
 * service has had enough of what we sent, `signed_out` because the person has
 * logged out elsewhere, `unauthorized` because the login is no longer good for a
 * ticket (connect again after a new one), `closed` by us.
 */
export type ConnectionState = 'connecting' | 'up' | 'superseded' | 'too_fast' | 'signed_out' | 'unauthorized' | 'closed'

export interface Ticket {
  url: string
}

/** The login is no longer good. A Connection without a socket stops and says so; one that has a socket keeps it. */
export class SignedOut extends Error {}

export interface ConnectionOptions {
  /** Fetches a one-time ticket; throws SignedOut if the person has to log in again. */
  ticket: () => Promise<Ticket>
  /** Timers that run while the page is hidden; by default those of the page. */
  timers?: Timers
  open?: (url: string) => Socket
  random?: () => number
}

/** The gateway cuts every socket after 2 h: the second one is opened before, between 1 h 35 and 1 h 55. */
const renewAfter = 105 * 60_000
const renewSpread = 10 * 60_000

/** How long a socket may take to open and be welcomed. */
const openTime = 15_000

const defaultHeartbeat = 25_000

/** How long the answer to a sign of life may take before the socket is given up. */
const pongTime = 10_000
/** As long as that where there is reason to doubt that the socket works. */
const probeTime = 5_000
/** A socket that was silent for so long is tried before it is relied on. */
const silence = 10_000
/** A frame that waits so long for its answer is reason to doubt. */
const patience = 5_000
/** How often to look whether time has jumped: the page was frozen, the machine slept, the clock was set. */
const look = 5_000
/** What differs by less is no jump. */
const jitter = 2_000
/** An attempt that has taken so long is not waited for when something says that the network is back. */
const stale = 2_000

/**
 * Keeps one socket to the service: gets a ticket, connects, says hello, sends
 * heartbeats, reconnects with growing pauses, and changes to a second socket
 * before the gateway cuts the first.
 */
export class Connection {
  state: ConnectionState = 'closed'

  /** Milliseconds that the service's clock is ahead of this one. */
  skew = 0

  /** The first frame of each socket; its answer goes to onWelcome. */
  hello: () => Request = () => ({ action: 'hello' })
  /** The sign of life. */
  ping: () => Request = () => ({ action: 'ping' })

  onState: (state: ConnectionState) => void = () => {}
  private readonly followers = new Set<() => void>()
  /** `sent` is when the hello was sent that it answers, as performance.now has it: what was pushed since may not be in it. */
  onWelcome: (welcome: Event<'welcome'>, sent: number) => void = () => {}
  onEvent: (event: Down) => void = () => {}
  onPong: (pong: Event<'pong'>) => void = () => {}

  private heartbeat = defaultHeartbeat
  private line: Line | undefined
  private failures = 0
  private attempt = 0
  private opening = false
  private openTimer: Timer // of the next socket
  private lookTimer: Timer // of the next look, and sign of life
  private beaten = 0 // when the last sign of life was given
  private looked = 0 // when the last look was
  private wall = 0 // what the wall clock was ahead of the steady one at the last welcome
  private opened = 0 // when the present attempt began
  private probing: Line | undefined
  readonly timers: Timers

  constructor(private readonly options: ConnectionOptions) {
    this.timers = options.timers ?? plainTimers
  }

  connect(): void {
    if (this.state === 'connecting' || this.state === 'up') return
    this.failures = 0
    this.enter('connecting')
    void this.open()
  }

  /** Calls back after each change of state; returns how to stop. */
  follow(changed: () => void): () => void {
    this.followers.add(changed)
    return () => this.followers.delete(changed)
  }

  /** Tries again at once, if it is waiting for its next attempt: the network is back, or somebody asked. */
  nudge(): void {
    if (this.state !== 'connecting' || (this.opening && performance.now() - this.opened < stale)) return
    this.failures = 0
    void this.open()
  }

  /**
   * Finds out at once whether the socket still works: something says that it may
   * not. Without an answer in 5 s it is given up. Where there is none it is opened.
   */
  probe(): void {
    const { line } = this
    if (!line) return this.nudge()
    if (!line.open) return line.close()
    if (this.probing === line) return
    this.probing = line
    // The answer to hello tells the time, too, which may be what has changed.
    const frame = this.jumped() ? this.hello() : this.ping()
    this.sign(line, frame, probeTime).finally(() => {
      if (this.probing === line) this.probing = undefined
    })
  }

  close(): void {
    this.enter('closed')
    this.drop()
  }

  /** Sends a frame over the present socket; fails with Refusal, or with Unanswered after so many milliseconds. */
  async ask(frame: Request, limit = answerTime): Promise<Down> {
    const line = this.line
    if (!line) throw new Unanswered('not connected')
    if (performance.now() - line.heard > silence) this.probe()
    const doubt = this.timers.set(() => line === this.line && this.probe(), patience)
    try {
      return await line.ask(frame, limit)
    } catch (error) {
      this.superseded(line, error)
      throw error
    } finally {
      this.timers.clear(doubt)
    }
  }

  /** Stops if the service says that a newer connection took over from line. */
  private superseded(line: Line, error: unknown): void {
    if (error instanceof Refusal && error.code === 'superseded') this.takenOver(line)
  }

  /** A newer connection replaces line. If we are opening one it is ours: its welcome is on the way. */
  private takenOver(line: Line): void {
    if (line !== this.line) return
    if (!this.opening) return this.stop('superseded')
    this.line = undefined
    line.close()
  }

  /** Opens a socket; the present one stays until the new one is welcomed. */
  private async open(): Promise<void> {
    this.timers.clear(this.openTimer)
    this.opening = true
    this.opened = performance.now()
    const attempt = ++this.attempt
    const current = () => attempt === this.attempt
    let line: Line | undefined
    try {
      const { url } = await this.options.ticket()
      if (!current()) return
      line = await this.welcomed(url, current)
      if (!current()) return line.close()
    } catch (error) {
      if (!current()) return
      this.opening = false
      if (error instanceof SignedOut && !this.line) return this.stop('unauthorized')
      if (error instanceof Refusal && error.code === 'superseded') return this.stop('superseded')
      this.retry(waitOf(error))
      return
    }
    this.opening = false
    this.failures = 0
    this.openAfter(renewAfter + (this.random() * 2 - 1) * renewSpread)
    this.beaten = performance.now()
    this.watch()
    this.enter('up')
  }

  /** Opens a socket and makes it the present one as soon as hello is answered. */
  private welcomed(url: string, current: () => boolean): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = this.options.open ? this.options.open(url) : (new WebSocket(url) as unknown as Socket)
      let welcome: Event<'welcome'> | undefined
      const timer = this.timers.set(() => {
        line.close()
        reject(new Unanswered('the socket does not open'))
      }, openTime)
      const settle = (end: () => void) => {
        this.timers.clear(timer)
        end()
      }
      const line: Line = new Line(socket, {
        open: () => {
          const sent = performance.now()
          line.ask(promising(this.hello())).then(
            (answer) => {
              if (!current()) return settle(() => resolve(line)) // which closes it
              welcome = answer as Event<'welcome'>
              const old = this.line
              this.line = line
              old?.close()
              settle(() => resolve(line))
              this.greet(welcome, sent)
            },
            (error: unknown) => {
              line.close()
              settle(() => reject(error))
            },
          )
        },
        event: (event) => this.receive(line, event),
        close: () => {
          settle(() => reject(new Unanswered('the socket was closed')))
          this.lost(line)
        },
      }, this.timers)
    })
  }

  private greet(welcome: Event<'welcome'>, sent: number): void {
    this.tell(welcome.at)
    this.heartbeat = welcome.heartbeat_s * 1000
    this.onWelcome(welcome, sent)
  }

  /** The service has told its time. */
  private tell(at: string): void {
    this.skew = Date.parse(at) - Date.now()
    this.wall = wallAhead()
  }

  /** Whether the wall clock was set since the service told its time, or the steady one stood still in a sleep. */
  private jumped(): boolean {
    return Math.abs(wallAhead() - this.wall) > jitter
  }

  private receive(line: Line, event: Down): void {
    if (event.event === 'ping') return void this.sign(line, this.ping(), pongTime)
    if (event.event !== 'bye') return this.onEvent(event)
    if (event.reconnect) return
    if (event.reason === 'superseded') return this.takenOver(line)
    this.stop(event.reason === 'too_fast' ? 'too_fast' : 'signed_out')
  }

  private lost(line: Line): void {
    if (line !== this.line) return
    this.line = undefined
    if (this.state !== 'up') return
    this.enter('connecting')
    if (!this.opening) this.retry()
  }

  /** Opens a socket after a pause. If it is the second one that failed, the first still works. */
  private retry(least = 0): void {
    if (!this.line) this.enter('connecting')
    this.openAfter(Math.max(least, backoff(this.failures++, () => this.random())))
  }

  private openAfter(ms: number): void {
    this.timers.clear(this.openTimer)
    this.openTimer = this.timers.set(() => void this.open(), ms)
  }

  /** Looks every few seconds whether a sign of life is due, or time has jumped. */
  private watch(): void {
    this.timers.clear(this.lookTimer)
    this.looked = performance.now()
    this.lookTimer = this.timers.set(() => {
      const late = performance.now() - this.looked - look
      this.watch()
      const due = performance.now() - this.beaten >= this.heartbeat - look / 2
      if (late > jitter || this.jumped()) this.probe()
      else if (due && this.line) void this.sign(this.line, this.ping(), pongTime)
    }, look)
  }

  /** Gives a sign of life; without an answer in time the socket is given up. */
  private async sign(line: Line, frame: Request, limit: number): Promise<void> {
    const sent = (this.beaten = performance.now())
    try {
      const answer = await line.ask(promising(frame), limit)
      if (answer.event === 'pong') this.onPong(answer)
      if (answer.event !== 'welcome') return
      this.tell(answer.at)
      this.onWelcome(answer, sent)
    } catch (error) {
      this.superseded(line, error)
      if (error instanceof Unanswered) line.close()
    }
  }

  private stop(state: ConnectionState): void {
    this.enter(state)
    this.drop()
  }

  private drop(): void {
    this.attempt++
    this.opening = false
    this.timers.clear(this.openTimer)
    this.timers.clear(this.lookTimer)
    const line = this.line
    this.line = undefined
    line?.close()
  }

  private enter(state: ConnectionState): void {
    if (state === this.state) return
    this.state = state
    this.onState(state)
    for (const changed of this.followers) changed()
  }

  private random(): number {
    return (this.options.random ?? Math.random)()
  }
}

/** Pushed pings are answered at once: the service then misses a client that is gone sooner. */
const promising = (frame: Request): Request => ({ ...frame, answers_pings: true }) as Request

/** What the wall clock is ahead of the steady one. */
const wallAhead = () => Date.now() - performance.now()

/** For how many milliseconds a failed request is not to be made again, if the service has said so. */
function waitOf(error: unknown): number {
  const { after } = error as { after?: unknown }
  return typeof after === 'number' ? after : 0
}
