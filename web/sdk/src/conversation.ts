import type { Connection } from './connection'
import type { Down, Escalation, Event, HiddenKind, Item, Snapshot, Status, Wait } from './frames'
import { Log } from './log'
import { Outbox } from './outbox'
import type { Timer } from './timers'

/** How long after the other side's last keystroke it still counts as writing. */
const typingShown = 6_000
/** How long after a message of the other side a word that it is writing may be an old one, late on the way. */
const typingLate = 1_000
/** How often one's own writing is told. */
const typingTold = 3_000

/** How long the ack of what is numbered may take before it is sent again: it is done once. */
export const ackTime = 4_000

/** After how long a mark that could not be told is told again. */
const readAgain = 5_000

/** What nothing follows at the office. */
const final: readonly Escalation['status'][] = ['settled', 'rejected', 'failed']

/** A conversation as one side has it: the log, the outgoing messages, and what the other side does. */
export class Conversation {
  readonly log = new Log()
  readonly outbox: Outbox
  status: Status
  topic: Snapshot['topic']
  accepted = false
  offerUntil: string | undefined
  /** Until when the citizen is to answer "are you still there?"; undefined if there is nothing to answer. */
  answerUntil: string | undefined
  /** Whether no answer came until then, so that others go before. */
  aside = false
  outcome: Snapshot['outcome']
  cases: readonly string[] = []
  ahead: number | undefined
  wait: Wait | undefined
  /** When the desk opens, while it has not: nobody is served before. */
  opensAt: string | undefined
  /** Nobody serves the topic now: there is no estimate. */
  unattended = false
  /** Probably not served before the end of the day. */
  unlikely = false
  /** The number of the advisor's last private note. */
  noteNumber = 0
  /** The last entry that the other side has seen. */
  seenByPeer = 0
  peerTyping = false
  /** What was hidden, before it was stored, in what this side wrote: by number of the entry. */
  hidden: Readonly<Record<number, readonly HiddenKind[]>> = {}

  private typingTimer: Timer
  private toldTyping = -Infinity
  private heard = -Infinity
  private fetching = false
  private marked = 0

  constructor(
    readonly id: string,
    private readonly connection: Connection,
    private readonly changed: () => void,
    first: Snapshot,
    private readonly side: 'citizen' | 'advisor',
  ) {
    this.status = first.status
    this.topic = first.topic
    this.outbox = new Outbox(
      (m) => this.ask<'ack'>({ action: 'send', conversation: id, number: m.number, text: m.text }, ackTime),
      { changed, stored: (ack) => this.stored(ack) },
      connection.timers,
    )
    this.apply(first)
  }

  get ended(): boolean {
    return this.status === 'closed'
  }

  /** The conversation's escalation as it was at its last news. */
  get escalation(): Escalation | undefined {
    return this.log.items.findLast((i) => i.escalation)?.escalation
  }

  /** Whether there is no more to come: it has ended, and no office has anything of it to answer. */
  get over(): boolean {
    const { escalation } = this
    return this.ended && (!escalation || final.includes(escalation.status))
  }

  send(text: string): void {
    this.toldTyping = -Infinity // the message ends the writing
    this.outbox.add(text)
  }

  /** Tells the other side that one is writing, now and then. */
  typing(): void {
    const now = performance.now()
    if (this.ended || now - this.toldTyping < typingTold) return
    this.toldTyping = now
    this.hint({ action: 'typing', conversation: this.id })
  }

  /** Answers "are you still there?": only for what a person does. Fails with Refusal or Unanswered. */
  async here(): Promise<void> {
    const pong = await this.ask<'pong'>({ action: 'here', conversation: this.id })
    this.answered()
    this.pong(pong)
  }

  /** Tells the other side that everything up to seq was seen. */
  read(seq = this.log.seq): void {
    if (this.ended || seq <= this.marked) return
    const before = this.marked
    this.marked = seq
    this.connection.ask({ action: 'read', conversation: this.id, seq }).catch(() => {
      // Told again, unless something later was told meanwhile.
      if (this.marked !== seq) return
      this.marked = before
      this.connection.timers.set(() => this.read(seq), readAgain)
    })
  }

  /** Takes over a snapshot, and asks for what it does not hold. */
  apply(s: Snapshot): void {
    this.settle(s)
    this.outbox.resumeAfter(s.number)
    this.record(...(s.entries ?? []))
    if (this.log.lacks(s.seq)) void this.fetch()
    void this.outbox.flush()
    this.changed()
  }

  /** Takes over what was pushed. */
  receive(e: Down): void {
    switch (e.event) {
      case 'typing':
        this.showTyping()
        break
      case 'read':
        this.seenByPeer = Math.max(this.seenByPeer, e.seq)
        break
      case 'position':
        this.stand(e)
        break
      default:
        if ('item' in e && e.item) this.take(e.item, 'status' in e ? e.status : undefined)
    }
    this.changed()
  }

  /** Takes over the answer to a sign of life: it tells of entries that were lost on the way. */
  pong(p: Event<'pong'>): void {
    if (p.status) this.status = p.status
    this.stand(p)
    if (p.seq !== undefined && this.log.lacks(p.seq)) void this.fetch()
    void this.outbox.flush()
    this.changed()
  }

  /** Takes over the ack of something that this side did. */
  stored(ack: Event<'ack'>): void {
    if (ack.seq !== undefined) this.hide(ack.seq, ack.hidden)
    if (ack.item) this.take(ack.item, ack.status)
    else if (ack.seq !== undefined && this.log.lacks(ack.seq)) void this.fetch()
    this.changed()
  }

  /** Notes what was hidden in the entry with that number. */
  hide(seq: number, kinds: readonly HiddenKind[] | undefined): void {
    if (kinds?.length) this.hidden = { ...this.hidden, [seq]: kinds }
  }

  /** Asks for the entries that are missing, page by page. */
  async fetch(): Promise<void> {
    if (this.fetching) return
    this.fetching = true
    try {
      for (let more = true; more; ) {
        const w = await this.ask<'welcome'>({ action: 'hello', conversation: this.id, since: this.log.seq })
        const before = this.log.seq
        if (w.snapshot) this.record(...(w.snapshot.entries ?? []))
        more = (w.snapshot?.more ?? false) && this.log.seq > before
        if (w.snapshot && !more) this.settle(w.snapshot)
      }
    } catch {
      // The next sign of life, or the next connection, asks again.
    } finally {
      this.fetching = false
      this.changed()
    }
  }

  /** Takes over everything of a snapshot but its entries, unless it was read before entries that are known. */
  private settle(s: Snapshot): void {
    if (s.seq < this.log.seq) return
    this.status = s.status
    this.topic = s.topic
    this.accepted = s.accepted ?? false
    this.offerUntil = s.offer_until
    this.answerUntil = s.answer_until
    this.aside = s.aside ?? false
    this.outcome = s.outcome
    if (s.cases) this.cases = s.cases
    this.noteNumber = Math.max(this.noteNumber, s.note_number ?? 0) // a list does not tell it
    this.stand(s)
  }

  /** Takes over where one stands in the queue. */
  private stand(s: Pick<Snapshot, 'ahead' | 'wait' | 'opens_at' | 'unattended' | 'unlikely'>): void {
    this.ahead = s.ahead
    this.wait = s.wait
    this.opensAt = s.opens_at
    this.unattended = s.unattended ?? false
    this.unlikely = s.unlikely ?? false
  }

  private take(item: Item, status: Status | undefined): void {
    const newest = item.seq > this.log.seq
    this.record(item)
    if (newest && status) {
      this.status = status
      this.follow(item)
    }
    if (this.log.gap) void this.fetch()
  }

  /** Adds entries to the log. Who has sent a message, or is gone, is not writing any more. */
  private record(...items: Item[]): void {
    const done = (i: Item) => (i.kind === 'message' ? i.by !== this.side : i.kind === 'away' || i.kind === 'closed')
    if (items.some((i) => i.seq > this.log.seq && done(i))) {
      this.hideTyping()
      this.heard = performance.now()
    }
    this.log.add(...items)
  }

  private follow(item: Item): void {
    switch (item.kind) {
      case 'asked':
        this.answerUntil = item.answer_until
        break
      case 'aside':
        this.aside = true
        break
      case 'here':
        this.answered()
        break
      case 'assigned':
        this.answered()
        this.accepted = false
        this.offerUntil = item.offer_until
        this.stand({ ahead: 0 })
        break
      case 'accepted':
        this.accepted = true
        this.offerUntil = undefined
        this.ahead = undefined
        break
      case 'requeued':
      case 'transferred':
        this.accepted = false
        this.offerUntil = undefined
        this.stand({})
        break
      case 'closed':
        this.answered()
        this.outcome = item.outcome
        this.offerUntil = undefined
        break
      case 'message':
        if (item.by === 'citizen') this.answered()
    }
  }

  private answered(): void {
    this.answerUntil = undefined
    this.aside = false
  }

  private showTyping(): void {
    if (performance.now() - this.heard < typingLate) return
    this.peerTyping = true
    this.connection.timers.clear(this.typingTimer)
    this.typingTimer = this.connection.timers.set(() => {
      this.hideTyping()
      this.changed()
    }, typingShown)
  }

  private hideTyping(): void {
    this.connection.timers.clear(this.typingTimer)
    this.peerTyping = false
  }

  private hint(frame: Parameters<Connection['ask']>[0]): void {
    this.connection.ask(frame).catch(() => {}) // never repeated: it is only a hint
  }

  private async ask<E extends Down['event']>(frame: Parameters<Connection['ask']>[0], limit?: number): Promise<Event<E>> {
    return (await this.connection.ask(frame, limit)) as Event<E>
  }
}
