import { Refusal, Unanswered, type Event } from './frames'
import { plainTimers, type Timer, type Timers } from './timers'

/** Timers may fire a little early; what is sent too early is refused again. */
const margin = 100
/** For how long after a refusal one keeps to the pace that it told of: who is refused again and again is cut off. */
const caution = 60_000
/** What was sent longer ago than this has nothing to do with a refusal. */
const recent = 10_000
/** After how long what has no answer is sent again, at first and at most: it is stored once. */
const again = { first: 1_000, longest: 16_000 }
/** For how long one tries to send what is no message. */
const errandTime = 20_000

/** A message on its way. */
export interface Outgoing {
  readonly number: number
  readonly text: string
  /** Why it was refused for good; absent while it may still be sent. */
  failed?: Refusal
}

type Ack = Event<'ack'>

/** Something else that is counted with the messages. */
interface Errand {
  readonly number: number
  readonly send: (number: number) => Promise<Ack>
  readonly done: (ack: Ack) => void
  readonly failed: (error: unknown) => void
}

/**
 * Sends messages one at a time and in order: the next after the ack of the one
 * before. What has no answer is sent again after a few seconds with the same
 * number, which the service stores once. A message that is refused for good is
 * set aside with its reason, and the next goes on. Who writes too fast is told to
 * wait: everything waits that long, in its order, and is then sent by itself at
 * the pace learned.
 */
export class Outbox {
  /** What is not stored yet, and what was set aside, in the order of writing. */
  waiting: readonly Outgoing[] = []
  private errands: readonly Errand[] = []
  private last = 0
  private busy = false
  private asked = false // flush was called while it ran
  private held: Timer // nothing is sent before it fires
  private repeat: Timer // of what had no answer
  private pause = again.first
  private sent = -Infinity // when the last message was acknowledged
  private every = 0 // milliseconds between messages, as far as refusals have told
  private carefulUntil = -Infinity

  constructor(
    private readonly send: (message: Outgoing) => Promise<Ack>,
    private readonly on: { changed: () => void; stored: (ack: Ack, message: Outgoing) => void },
    private readonly timers: Timers = plainTimers,
  ) {}

  /** The number that the service has stored last: numbers go on after it. */
  resumeAfter(number: number): void {
    this.last = Math.max(this.last, number)
  }

  add(text: string): void {
    this.waiting = [...this.waiting, { number: ++this.last, text }]
    this.on.changed()
    void this.flush()
  }

  /**
   * Sends something else that is counted with the messages, in its turn: nothing
   * that is written later is sent before it is answered. Fails with Refusal, or
   * with Unanswered after 20 s: it may have been done.
   */
  take(send: (number: number) => Promise<Ack>): Promise<Ack> {
    return new Promise<Ack>((done, failed) => {
      const errand: Errand = { number: ++this.last, send, done, failed }
      const timer = this.timers.set(() => this.setAside(errand, new Unanswered('no answer')), errandTime)
      const end = <T>(with_: (result: T) => void) => (result: T) => {
        this.timers.clear(timer)
        with_(result)
      }
      this.errands = [...this.errands, { ...errand, done: end(done), failed: end(failed) }]
      void this.flush()
    })
  }

  /** Sends what waits; call it again when the connection is back. */
  async flush(): Promise<void> {
    this.asked = true
    if (this.busy) return
    this.busy = true
    this.timers.clear(this.repeat)
    while (this.asked && !this.held) {
      this.asked = false
      await this.sendAll()
    }
    this.busy = false
  }

  private async sendAll(): Promise<void> {
    for (let next = this.next(); next; next = this.next()) {
      const early = this.early()
      if (early > 0) return this.hold(early)
      try {
        if ('send' in next) await this.run(next)
        else await this.deliver(next)
        this.sent = performance.now()
        this.pause = again.first
      } catch (error) {
        if (error instanceof Unanswered) return this.later()
        if (!(error instanceof Refusal)) throw error
        if (error.after) return this.slowDown(error.after)
        // Superseded: flush comes again with the next connection.
        if (error.code === 'superseded') return
        if (error.retry) return this.later()
        this.setAside(next, error)
      }
    }
  }

  /** What is to be sent now: the lowest number that was not refused. */
  private next(): Outgoing | Errand | undefined {
    const message = this.waiting.find((m) => !m.failed)
    const errand = this.errands[0]
    return message && (!errand || message.number < errand.number) ? message : errand
  }

  private async deliver(m: Outgoing): Promise<void> {
    const ack = await this.send(m)
    this.waiting = this.waiting.filter(({ number }) => number !== m.number)
    this.on.stored(ack, m)
    this.on.changed()
  }

  private async run(errand: Errand): Promise<void> {
    const ack = await errand.send(errand.number)
    this.errands = this.errands.filter((e) => e.number !== errand.number)
    errand.done(ack)
  }

  /** What was refused for good does not keep back the rest. */
  private setAside(what: Outgoing | Errand, reason: Refusal | Unanswered): void {
    if ('send' in what) {
      this.errands = this.errands.filter((e) => e.number !== what.number)
      return what.failed(reason)
    }
    this.waiting = this.waiting.map((m) => (m.number === what.number ? { ...m, failed: reason as Refusal } : m))
    this.on.changed()
  }

  /** For how many milliseconds a message would still come too early. */
  private early(): number {
    const now = performance.now()
    return now < this.carefulUntil ? this.sent + this.every - now : 0
  }

  /** The service takes the next message after so many milliseconds. */
  private slowDown(after: number): void {
    const now = performance.now()
    const since = now - this.sent
    this.every = Math.max(this.every, since < recent ? since + after : after)
    this.carefulUntil = now + caution
    this.hold(after)
  }

  private hold(ms: number): void {
    this.held = this.timers.set(() => {
      this.held = undefined
      void this.flush()
    }, ms + margin)
  }

  /** Sends again by itself; a new connection or a new message does so at once. */
  private later(): void {
    this.timers.clear(this.repeat)
    this.repeat = this.timers.set(() => void this.flush(), this.pause)
    this.pause = Math.min(again.longest, this.pause * 2)
  }

  /** Gives up a message that was refused. */
  drop(number: number): void {
    this.waiting = this.waiting.filter((m) => m.number !== number)
    this.on.changed()
  }

  /** Gives up everything that is not stored, and returns its texts. What is under way may still be stored. */
  release(): string[] {
    const texts = this.waiting.map((m) => m.text)
    this.waiting = []
    this.stop()
    this.held = undefined
    return texts
  }

  /** Sends nothing more by itself: the conversation is over. */
  stop(): void {
    this.timers.clear(this.held)
    this.timers.clear(this.repeat)
  }
}
