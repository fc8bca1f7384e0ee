import { Connection, type ConnectionOptions } from './connection'
import { ackTime, Conversation } from './conversation'
import { Unanswered, type Closing, type Down, type Duty, type Event, type HiddenKind, type InQueue, type Request, type Snapshot, type Topic } from './frames'

/** An advisor's desk: the conversations that the advisor has, kept over reconnections. */
export class AdvisorDesk {
  readonly connection: Connection
  conversations: readonly Conversation[] = []
  duty: Duty | undefined
  /** How many wait for each of the advisor's topics; empty until that is known. */
  queues: readonly InQueue[] = []
  /** What was told last of the closing: of no meaning once its time is over. */
  closing: Closing | undefined
  /** Of the advisor, as the others see it. */
  name = ''
  /** Why the service has paused the advisor, until the advisor sets the presence. */
  paused: Duty['why']
  /** Goes up whenever there may be news of what was sent to the offices: ask for the list. */
  news = 0

  /** A conversation that the advisor had is closed or somebody else's, without the advisor's doing; or what was written in it was not sent. */
  onHandedOn: (c: Conversation, unsent: readonly string[]) => void = () => {}

  private notes = new Map<string, number>()
  /** When a conversation came to the desk, or left it, as performance.now has it: a welcome may have been read before. */
  private moves = new Map<string, { at: number; here: boolean }>()

  constructor(
    options: ConnectionOptions,
    private readonly changed: () => void,
  ) {
    const c = (this.connection = new Connection(options))
    c.onState = () => changed()
    c.onWelcome = (w, sent) => this.arrive(w, sent)
    c.onPong = () => void this.catchUp()
    c.onEvent = (e) => this.receive(e)
  }

  async setPresence(state: Duty['presence'], capacity: number): Promise<void> {
    const ack = (await this.connection.ask({ action: 'presence', state, capacity })) as Event<'ack'>
    this.paused = undefined
    if (ack.duty) this.take(ack.duty)
    this.changed()
  }

  async accept(c: Conversation): Promise<void> {
    await this.act(c, { action: 'accept', conversation: c.id })
  }

  /** Hands the conversation to a colleague or a topic; with neither to whoever else is free. */
  async transfer(c: Conversation, to: { advisor?: string; topic?: Topic }): Promise<void> {
    await this.act(c, { action: 'transfer', conversation: c.id, ...to })
    this.handOn(c, true)
    this.forget(c.id)
  }

  async escalate(c: Conversation, about: string, text: string): Promise<void> {
    await c.outbox.take((number) => this.act(c, { action: 'escalate', conversation: c.id, number, case: about, text }, ackTime))
    this.tell()
  }

  /** Asks the citizen for an answer: without one in time the conversation ends. Fails with Refusal or Unanswered. */
  async ask(c: Conversation): Promise<void> {
    await this.act(c, { action: 'ask', conversation: c.id })
  }

  async end(c: Conversation, outcome: 'settled' | 'escalated' | 'no_answer'): Promise<void> {
    await this.act(c, { action: 'close', conversation: c.id, outcome })
  }

  /** Keeps a private note, and returns what was hidden in it. Notes are numbered apart from messages, from 1 on. */
  async note(c: Conversation, text: string): Promise<readonly HiddenKind[]> {
    const number = Math.max(this.notes.get(c.id) ?? 0, c.noteNumber) + 1
    this.notes.set(c.id, number)
    return (await this.insist(c, { action: 'note', conversation: c.id, number, text })).hidden ?? []
  }

  /** Takes a closed or lost conversation off the desk. */
  forget(id: string): void {
    this.move(id, false)
    this.conversations = this.conversations.filter((c) => c.id !== id)
    this.changed()
  }

  private async act(c: Conversation, frame: Request, limit?: number): Promise<Event<'ack'>> {
    const ack = (await this.connection.ask(frame, limit)) as Event<'ack'>
    c.stored(ack)
    return ack
  }

  /** Asks again when the answer was lost: numbered, so it is done once. */
  private async insist(c: Conversation, frame: Request): Promise<Event<'ack'>> {
    const tries = 3
    for (let left = tries; ; left--) {
      try {
        return await this.act(c, frame, ackTime)
      } catch (error) {
        if (!(error instanceof Unanswered) || left === 1) throw error
        await new Promise<void>((again) => this.connection.timers.set(again, 2_000))
      }
    }
  }

  /** A new socket: what the offices did meanwhile was pushed to nobody, and ended conversations are in no snapshot. */
  private arrive(w: Event<'welcome'>, sent: number): void {
    this.welcome(w, sent)
    for (const c of this.conversations) if (c.ended && !c.over) void c.fetch()
    this.tell()
  }

  private tell(): void {
    this.news++
    this.changed()
  }

  /** Takes over what there is at the desk. What came or left since the hello was sent is newer than its answer. */
  private welcome(w: Event<'welcome'>, sent: number): void {
    if (w.duty) this.take(w.duty)
    if (w.closing) this.closing = w.closing
    this.name = w.you.name
    const since = new Map([...this.moves].filter(([, { at }]) => at >= sent).map(([id, { here }]) => [id, here]))
    const open = (w.snapshots ?? []).filter((s) => since.get(s.conversation) !== false)
    for (const s of open) {
      const known = this.find(s.conversation)
      if (known?.accepted && !s.accepted && s.seq >= known.log.seq) this.handOn(known)
      if (known) known.apply(s)
      else this.add(s)
    }
    // What is not open any more was closed, or given to somebody else, meanwhile.
    const gone = this.conversations.filter((c) => !c.ended && !since.get(c.id) && !open.some((s) => s.conversation === c.id))
    this.conversations = this.conversations.filter((c) => !gone.includes(c))
    for (const c of gone) if (c.accepted) this.handOn(c)
    for (const [id, here] of since) if (here && !this.find(id)) void this.offered(id)
    this.changed()
  }

  /** An advisor's sign of life names no conversation: ask what there is. */
  private async catchUp(): Promise<void> {
    const sent = performance.now()
    try {
      this.welcome((await this.connection.ask({ action: 'hello' })) as Event<'welcome'>, sent)
    } catch {
      // the next one will do
    }
  }

  private receive(e: Down): void {
    if (e.event === 'closing') {
      this.closing = e.closing
      this.changed()
    }
    if (e.event === 'queues') {
      this.queues = e.queues
      this.changed()
    }
    if (e.event === 'duty') {
      this.take(e.duty)
      this.changed()
    }
    if (!('conversation' in e) || !e.conversation) return
    if (e.event === 'escalation') this.tell()
    const known = this.find(e.conversation)
    const had = known?.accepted
    this.hear(e, e.conversation, known)
    if (known && had && (!known.accepted || !this.find(known.id))) this.handOn(known, 'item' in e && e.item?.kind === 'transferred')
  }

  private hear(e: Down, id: string, known: Conversation | undefined): void {
    if (e.event === 'offered') {
      this.move(id, true)
      if (known) known.receive(e)
      else if (e.snapshot) this.add(e.snapshot)
      else void this.offered(id)
      return
    }
    known?.receive(e)
    if (e.event !== 'queued') return
    // It was taken back; the service pauses an advisor who missed the offer.
    if (e.item?.reason === 'offer_missed' && this.duty) this.take({ ...this.duty, presence: 'paused', why: 'offer_missed' })
    this.forget(id)
  }

  private take(duty: Duty): void {
    this.duty = duty
    if (duty.presence === 'available') this.paused = undefined
    else this.paused = duty.why ?? this.paused
  }

  private async offered(id: string): Promise<void> {
    try {
      const w = (await this.connection.ask({ action: 'hello', conversation: id })) as Event<'welcome'>
      if (w.snapshot && !this.find(id)) this.add(w.snapshot)
    } catch {
      // The next sign of life finds it, or it was taken back.
    }
  }

  private add(s: Snapshot): void {
    this.conversations = [...this.conversations, new Conversation(s.conversation, this.connection, this.changed, s, 'advisor')]
    this.changed()
  }

  /** Nothing more is sent in it: what waits goes back to the advisor. */
  private handOn(c: Conversation, byAdvisor = false): void {
    const unsent = c.outbox.release()
    if (unsent.length || !byAdvisor) this.onHandedOn(c, unsent)
  }

  private move(id: string, here: boolean): void {
    this.moves.set(id, { at: performance.now(), here })
  }

  private find(id: string): Conversation | undefined {
    return this.conversations.find((c) => c.id === id)
  }
}
