import { Refusal, type Event } from './frames'

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
 * the service stores once.
 */
export class Outbox {
  waiting: readonly Outgoing[] = []
  private last = 0
  private busy = false
  private again = false // flush was called while it ran

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

  /** Takes a number for something else that is counted with the messages. */
  take(): number {
    return ++this.last
  }

  /** Sends what waits; call it again when the connection is back. */
  async flush(): Promise<void> {
    this.again = true
    if (this.busy) return
    this.busy = true
    while (this.again) {
      this.again = false
      await this.sendAll()
    }
    this.busy = false
  }

  private async sendAll(): Promise<void> {
    try {
      for (let m = this.waiting[0]; m && !m.failed; m = this.waiting[0]) {
        const ack = await this.send(m)
        this.waiting = this.waiting.slice(1)
        this.on.stored(ack, m)
        this.on.changed()
      }
    } catch (error) {
      // Unanswered, superseded, or to be tried later: flush comes again. The rest is final.
      if (error instanceof Refusal && !error.retry && error.code !== 'superseded') this.fail(error)
    }
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
