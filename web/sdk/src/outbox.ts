import { Refusal, Unanswered, type Event } from './frames'

/** Timers may fire a little early; what is sent too early is refused again. */
const margin = 100
/** For how long after a refusal one keeps to the pace that it told of: who is refused again and again is cut off. */
const caution = 60_000
/** How often to look whether everything is sent. */
const look = 50
/** What was sent longer ago than this has nothing to do with a refusal. */
const recent = 10_000

/** A message on its way. */
export interface Outgoing {
  readonly number: number
  readonly text: string
  /** Why it will not be sent; absent while it may still be. */
  failed?: Refusal
}

/**
 * Sends messages one at a time and in order: the next after the ack of the one
 * before. What was not acknowledged is sent again with the same number, which
 * the service stores once. Who writes too fast is told to wait: everything waits
 * that long, in its order, and is then sent by itself at the pace learned.
 */
export class Outbox {
  waiting: readonly Outgoing[] = []
  private last = 0
  private busy = false
  private again = false // flush was called while it ran
  private held: ReturnType<typeof setTimeout> | undefined // nothing is sent before it fires
  private sent = -Infinity // when the last message was acknowledged
  private every = 0 // milliseconds between messages, as far as refusals have told
  private carefulUntil = -Infinity

  constructor(
    private readonly send: (message: Outgoing) => Promise<Event<'ack'>>,
    private readonly on: { changed: () => void; stored: (ack: Event<'ack'>, message: Outgoing) => void },
  ) {}

  /** The number that the service has stored last: numbers go on after it. */
  resumeAfter(number: number): void {
    this.last = Math.max(this.last, number)
  }

  add(text: string): void {
    const failed = this.waiting.some((m) => m.failed)
    this.waiting = [...this.waiting, { number: ++this.last, text }]
    this.on.changed()
    if (!failed) void this.flush()
  }

  /**
   * Takes a number for something else that is counted with the messages, once those before it are sent: numbers only
   * go up. Fails with Unanswered if they wait for the connection, or for the person.
   */
  async take(): Promise<number> {
    while (this.waiting.length) {
      if (!this.busy && !this.held) throw new Unanswered('messages before it are not sent')
      await new Promise((later) => setTimeout(later, look))
    }
    return ++this.last
  }

  /** Sends what waits; call it again when the connection is back. */
  async flush(): Promise<void> {
    this.again = true
    if (this.busy) return
    this.busy = true
    while (this.again && !this.held) {
      this.again = false
      await this.sendAll()
    }
    this.busy = false
  }

  private async sendAll(): Promise<void> {
    try {
      for (let m = this.waiting[0]; m && !m.failed; m = this.waiting[0]) {
        const early = this.early()
        if (early > 0) return this.hold(early)
        const ack = await this.send(m)
        this.sent = Date.now()
        this.waiting = this.waiting.slice(1)
        this.on.stored(ack, m)
        this.on.changed()
      }
    } catch (error) {
      if (!(error instanceof Refusal)) return // unanswered: flush comes again
      if (error.after) this.slowDown(error.after)
      // Superseded, or to be tried later: flush comes again. The rest is final.
      else if (!error.retry && error.code !== 'superseded') this.fail(error)
    }
  }

  /** For how many milliseconds a message would still come too early. */
  private early(): number {
    const now = Date.now()
    return now < this.carefulUntil ? this.sent + this.every - now : 0
  }

  /** The service takes the next message after so many milliseconds. */
  private slowDown(after: number): void {
    const now = Date.now()
    const since = now - this.sent
    this.every = Math.max(this.every, since < recent ? since + after : after)
    this.carefulUntil = now + caution
    this.hold(after)
  }

  private hold(ms: number): void {
    this.held = setTimeout(() => {
      this.held = undefined
      void this.flush()
    }, ms + margin)
  }

  /** Gives up the message that was refused, and goes on with the next. */
  drop(): void {
    this.waiting = this.waiting.slice(1)
    this.on.changed()
    void this.flush()
  }

  private fail(reason: Refusal): void {
    const [first, ...rest] = this.waiting
    if (!first) return
    this.waiting = [{ ...first, failed: reason }, ...rest]
    this.on.changed()
  }
}
