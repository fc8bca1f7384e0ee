import { backoff } from './backoff'
import { Refusal, Unanswered, type Down, type Event, type Request } from './frames'
import { Line, type Socket } from './line'

/**
 * What a connection is doing: `connecting` for the first time or after a cut,
 * `up`, `superseded` by a newer one of the same person, `too_fast` because the
 * service has had enough of what we sent, `signed_out` because the login is no
 * longer good, `closed` by us.
 */
export type ConnectionState = 'connecting' | 'up' | 'superseded' | 'too_fast' | 'signed_out' | 'closed'

export interface Ticket {
  url: string
}

/** The login is no longer good: a Connection stops and says so. */
export class SignedOut extends Error {}

export interface ConnectionOptions {
  /** Fetches a one-time ticket; throws SignedOut if the person has to log in again. */
  ticket: () => Promise<Ticket>
  open?: (url: string) => Socket
  random?: () => number
}

/** The gateway cuts every socket after 2 h: the second one is opened before, between 1 h 35 and 1 h 55. */
const renewAfter = 105 * 60_000
const renewSpread = 10 * 60_000

/** How long a socket may take to open and be welcomed. */
const openTime = 15_000

const defaultHeartbeat = 25_000

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
  onWelcome: (welcome: Event<'welcome'>) => void = () => {}
  onEvent: (event: Down) => void = () => {}
  onPong: (pong: Event<'pong'>) => void = () => {}

  private heartbeat = defaultHeartbeat
  private line: Line | undefined
  private failures = 0
  private attempt = 0
  private opening = false
  private openTimer: ReturnType<typeof setTimeout> | undefined // of the next socket
  private beatTimer: ReturnType<typeof setTimeout> | undefined // of the next sign of life

  constructor(private readonly options: ConnectionOptions) {}

  connect(): void {
    if (this.state === 'connecting' || this.state === 'up') return
    this.failures = 0
    this.enter('connecting')
    void this.open()
  }

  /** Tries again at once, if it is waiting for its next attempt: the network is back, or somebody asked. */
  nudge(): void {
    if (this.state !== 'connecting' || this.opening) return
    this.failures = 0
    void this.open()
  }

  close(): void {
    this.enter('closed')
    this.drop()
  }

  /** Sends a frame over the present socket; fails with Refusal or Unanswered. */
  async ask(frame: Request): Promise<Down> {
    const line = this.line
    if (!line) throw new Unanswered('not connected')
    try {
      return await line.ask(frame)
    } catch (error) {
      this.superseded(line, error)
      throw error
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
    clearTimeout(this.openTimer)
    this.opening = true
    const attempt = ++this.attempt
    const current = () => attempt === this.attempt
    let line: Line | undefined
    try {
      const { url } = await this.options.ticket()
      if (!current()) return
      line = await this.welcomed(url)
      if (!current()) return line.close()
    } catch (error) {
      if (!current()) return
      this.opening = false
      if (error instanceof SignedOut) return this.stop('signed_out')
      if (error instanceof Refusal && error.code === 'superseded') return this.stop('superseded')
      this.retry()
      return
    }
    this.opening = false
    this.failures = 0
    this.openAfter(renewAfter + (this.random() * 2 - 1) * renewSpread)
    this.beat()
    this.enter('up')
  }

  /** Opens a socket and makes it the present one as soon as hello is answered. */
  private welcomed(url: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = this.options.open ? this.options.open(url) : (new WebSocket(url) as unknown as Socket)
      let welcome: Event<'welcome'> | undefined
      const timer = setTimeout(() => {
        line.close()
        reject(new Unanswered('the socket does not open'))
      }, openTime)
      const settle = (end: () => void) => {
        clearTimeout(timer)
        end()
      }
      const line: Line = new Line(socket, {
        open: () => {
          line.ask(this.hello()).then(
            (answer) => {
              welcome = answer as Event<'welcome'>
              const old = this.line
              this.line = line
              old?.close()
              settle(() => resolve(line))
              this.greet(welcome)
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
      })
    })
  }

  private greet(welcome: Event<'welcome'>): void {
    this.skew = Date.parse(welcome.at) - Date.now()
    this.heartbeat = welcome.heartbeat_s * 1000
    this.onWelcome(welcome)
  }

  private receive(line: Line, event: Down): void {
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
  private retry(): void {
    if (!this.line) this.enter('connecting')
    this.openAfter(backoff(this.failures++, () => this.random()))
  }

  private openAfter(ms: number): void {
    clearTimeout(this.openTimer)
    this.openTimer = setTimeout(() => void this.open(), ms)
  }

  private beat(): void {
    clearTimeout(this.beatTimer)
    this.beatTimer = setTimeout(() => {
      this.beat()
      const line = this.line
      if (!line) return
      line.ask(this.ping()).then(
        (pong) => this.onPong(pong as Event<'pong'>),
        (error: unknown) => {
          this.superseded(line, error)
          if (error instanceof Unanswered) line.close()
        },
      )
    }, this.heartbeat)
  }

  private stop(state: ConnectionState): void {
    this.enter(state)
    this.drop()
  }

  private drop(): void {
    this.attempt++
    this.opening = false
    clearTimeout(this.openTimer)
    clearTimeout(this.beatTimer)
    const line = this.line
    this.line = undefined
    line?.close()
  }

  private enter(state: ConnectionState): void {
    if (state === this.state) return
    this.state = state
    this.onState(state)
  }

  private random(): number {
    return (this.options.random ?? Math.random)()
  }
}
