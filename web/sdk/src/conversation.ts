import type { Connection } from './connection'
import type { Down, Escalation, Event, HiddenKind, Item, Snapshot, Status, Wait } from './frames'
import { Log } from './log'
import { Outbox } from './outbox'

/** How long after the other side's last keystroke it still counts as writing. */
const typingShown = 6_000
/** How often one's own writing is told. */
const typingTold = 3_000

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
  /** The last entry that the other side has seen. */
  seenByPeer = 0
  peerTyping = false
  /** What was hidden, before it was stored, in what this side wrote: by number of the entry. */
  hidden: Readonly<Record<number, readonly HiddenKind[]>> = {}

  private typingTimer: ReturnType<typeof setTimeout> | undefined
  private toldTyping = 0
  private fetching = false
  private marked = 0

  constructor(
    readonly id: string,
    private readonly connection: Connection,
    private readonly changed: () => void,
    first: Snapshot,
  ) {
    this.status = first.status
    this.topic = first.topic
    this.outbox = new Outbox(
      (m) => this.ask<'ack'>({ action: 'send', conversation: id, number: m.number, text: m.text }),
      {
        changed,
        stored: (ack) => this.stored(ack),
      },
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
    this.toldTyping = 0 // the message ends the writing
    this.outbox.add(text)
  }

  /** Tells the other side that one is writing, now and then. */
  typing(): void {
    const now = Date.now()
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

  /** Tells the other side that everything was seen. */
  read(): void {
    const seq = this.log.seq
    if (this.ended || seq <= this.marked) return
    this.marked = seq
    this.hint({ action: 'read', conversation: this.id, seq })
  }

  /** Takes over a snapshot, and asks for what it does not hold. */
  apply(s: Snapshot): void {
    this.settle(s)
    this.outbox.resumeAfter(s.number)
    this.log.add(...(s.entries ?? []))
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
        this.ahead = e.ahead
        this.wait = e.wait
        this.opensAt = e.opens_at
        break
      default:
        if ('item' in e && e.item) this.take(e.item, 'status' in e ? e.status : undefined)
    }
    this.changed()
  }

  /** Takes over the answer to a sign of life: it tells of entries that were lost on the way. */
  pong(p: Event<'pong'>): void {
    if (p.status) this.status = p.status
    this.ahead = p.ahead
    this.wait = p.wait
    this.opensAt = p.opens_at
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
        if (w.snapshot) this.log.add(...(w.snapshot.entries ?? []))
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

  /** Takes over everything of a snapshot but its entries. */
  private settle(s: Snapshot): void {
    this.status = s.status
    this.topic = s.topic
    this.accepted = s.accepted ?? false
    this.offerUntil = s.offer_until
    this.answerUntil = s.answer_until
    this.aside = s.aside ?? false
    this.outcome = s.outcome
    if (s.cases) this.cases = s.cases
    this.ahead = s.ahead
    this.wait = s.wait
    this.opensAt = s.opens_at
  }

  private take(item: Item, status: Status | undefined): void {
    const newest = item.seq > this.log.seq
    this.log.add(item)
    if (newest && status) {
      this.status = status
      this.follow(item)
    }
    if (this.log.gap) void this.fetch()
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
        this.ahead = 0
        this.wait = undefined
        this.opensAt = undefined
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
        break
      case 'closed':
        this.answered()
        this.outcome = item.outcome
        this.offerUntil = undefined
        break
      case 'message':
        this.hideTyping()
        if (item.by === 'citizen') this.answered()
    }
  }

  private answered(): void {
    this.answerUntil = undefined
    this.aside = false
  }

  private showTyping(): void {
    this.peerTyping = true
    clearTimeout(this.typingTimer)
    this.typingTimer = setTimeout(() => {
      this.hideTyping()
      this.changed()
    }, typingShown)
  }

  private hideTyping(): void {
    clearTimeout(this.typingTimer)
    this.peerTyping = false
  }

  private hint(frame: Parameters<Connection['ask']>[0]): void {
    this.connection.ask(frame).catch(() => {}) // never repeated: it is only a hint
  }

  private async ask<E extends Down['event']>(frame: Parameters<Connection['ask']>[0]): Promise<Event<E>> {
    return (await this.connection.ask(frame)) as Event<E>
  }
}
