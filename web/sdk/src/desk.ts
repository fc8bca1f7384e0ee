import { Connection, type ConnectionOptions } from './connection'
import { Conversation } from './conversation'
import { Unanswered, type Closing, type Down, type Duty, type Event, type HiddenKind, type Request, type Snapshot, type Topic } from './frames'

/** An advisor's desk: the conversations that the advisor has, kept over reconnections. */
export class AdvisorDesk {
  readonly connection: Connection
  conversations: readonly Conversation[] = []
  duty: Duty | undefined
  /** What was told last of the closing: of no meaning once its time is over. */
  closing: Closing | undefined
  /** Of the advisor, as the others see it. */
  name = ''
  /** Goes up whenever there may be news of what was sent to the offices: ask for the list. */
  news = 0

  private notes = new Map<string, number>()

  constructor(
    options: ConnectionOptions,
    private readonly changed: () => void,
  ) {
    const c = (this.connection = new Connection(options))
    c.onState = () => changed()
    c.onWelcome = (w) => this.arrive(w)
    c.onPong = () => void this.catchUp()
    c.onEvent = (e) => this.receive(e)
  }

  async setPresence(state: Duty['presence'], capacity: number): Promise<void> {
    const ack = (await this.connection.ask({ action: 'presence', state, capacity })) as Event<'ack'>
    if (ack.duty) this.duty = ack.duty
    this.changed()
  }

  async accept(c: Conversation): Promise<void> {
    await this.act(c, { action: 'accept', conversation: c.id })
  }

  /** Hands the conversation to a colleague or a topic; with neither to whoever else is free. */
  async transfer(c: Conversation, to: { advisor?: string; topic?: Topic }): Promise<void> {
    await this.act(c, { action: 'transfer', conversation: c.id, ...to })
    this.forget(c.id)
  }

  async escalate(c: Conversation, about: string, text: string): Promise<void> {
    await this.insist(c, { action: 'escalate', conversation: c.id, number: await c.outbox.take(), case: about, text })
    this.tell()
  }

  async end(c: Conversation, outcome: 'settled' | 'escalated' | 'no_answer'): Promise<void> {
    await this.act(c, { action: 'close', conversation: c.id, outcome })
  }

  /** Keeps a private note, and returns what was hidden in it. Numbers of notes only have to differ: the clock gives them. */
  async note(c: Conversation, text: string): Promise<readonly HiddenKind[]> {
    const number = Math.max((this.notes.get(c.id) ?? 0) + 1, Math.floor(Date.now() / 1000))
    this.notes.set(c.id, number)
    return (await this.insist(c, { action: 'note', conversation: c.id, number, text })).hidden ?? []
  }

  /** Takes a closed or lost conversation off the desk. */
  forget(id: string): void {
    this.conversations = this.conversations.filter((c) => c.id !== id)
    this.changed()
  }

  private async act(c: Conversation, frame: Request): Promise<Event<'ack'>> {
    const ack = (await this.connection.ask(frame)) as Event<'ack'>
    c.stored(ack)
    return ack
  }

  /** Asks again when the answer was lost: numbered, so it is done once. */
  private async insist(c: Conversation, frame: Request): Promise<Event<'ack'>> {
    const tries = 3
    for (let left = tries; ; left--) {
      try {
        return await this.act(c, frame)
      } catch (error) {
        if (!(error instanceof Unanswered) || left === 1) throw error
        await new Promise((again) => setTimeout(again, 2_000))
      }
    }
  }

  /** A new socket: what the offices did meanwhile was pushed to nobody, and ended conversations are in no snapshot. */
  private arrive(w: Event<'welcome'>): void {
    this.welcome(w)
    for (const c of this.conversations) if (c.ended && !c.over) void c.fetch()
    this.tell()
  }

  private tell(): void {
    this.news++
    this.changed()
  }

  private welcome(w: Event<'welcome'>): void {
    if (w.duty) this.duty = w.duty
    if (w.closing) this.closing = w.closing
    this.name = w.you.name
    const open = w.snapshots ?? []
    for (const s of open) {
      const known = this.find(s.conversation)
      if (known) known.apply(s)
      else this.add(s)
    }
    // What is not open any more was closed, or given to somebody else, meanwhile.
    this.conversations = this.conversations.filter((c) => c.ended || open.some((s) => s.conversation === c.id))
    this.changed()
  }

  /** An advisor's sign of life names no conversation: ask what there is. */
  private async catchUp(): Promise<void> {
    try {
      this.welcome((await this.connection.ask({ action: 'hello' })) as Event<'welcome'>)
    } catch {
      // the next one will do
    }
  }

  private receive(e: Down): void {
    if (e.event === 'closing') {
      this.closing = e.closing
      this.changed()
    }
    if (!('conversation' in e) || !e.conversation) return
    if (e.event === 'escalation') this.tell()
    const known = this.find(e.conversation)
    if (e.event === 'offered') {
      if (known) known.receive(e)
      else if (e.snapshot) this.add(e.snapshot)
      else void this.offered(e.conversation)
      return
    }
    known?.receive(e)
    if (e.event !== 'queued') return
    // It was taken back; whoever missed the offer is paused by the service.
    if (e.item?.reason === 'offer_missed' && this.duty) this.duty = { ...this.duty, presence: 'paused' }
    this.forget(e.conversation)
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
    this.conversations = [...this.conversations, new Conversation(s.conversation, this.connection, this.changed, s)]
    this.changed()
  }

  private find(id: string): Conversation | undefined {
    return this.conversations.find((c) => c.id === id)
  }
}
