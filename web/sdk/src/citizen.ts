import { Connection, type ConnectionOptions } from './connection'
import { Conversation } from './conversation'
import { Refusal, type Closing, type Decision, type Down, type Elsewhere, type Event, type Limits, type Topic } from './frames'
import { blank } from './text'

/**
 * A citizen's chat: at most one conversation, kept over reconnections, and after
 * its end for as long as an office may still have news of its escalation.
 */
export class CitizenChat {
  readonly connection: Connection
  conversation: Conversation | undefined
  /** Why joining was refused, until the next attempt. */
  refused: Decision | undefined
  /** Time limits, from the first welcome on. */
  limits: Limits | undefined
  /** What was told last of the closing: of no meaning once its time is over. */
  closing: Closing | undefined
  /** The company that a live conversation of the same person is about, where it is another one than this chat's. */
  elsewhere: Elsewhere | undefined
  /** What was pushed while the answer to a join is on its way: it may be about the conversation that the answer brings. */
  private early: Down[] | undefined

  constructor(
    options: ConnectionOptions,
    private readonly changed: () => void,
  ) {
    const c = (this.connection = new Connection(options))
    c.hello = () => {
      const followed = this.followed()
      return followed ? { action: 'hello', conversation: followed.id, since: followed.log.seq } : { action: 'hello' }
    }
    c.ping = () => {
      const followed = this.followed()
      return followed ? { action: 'ping', conversation: followed.id } : { action: 'ping' }
    }
    c.onState = () => changed()
    c.onWelcome = (w) => this.welcome(w)
    c.onPong = (p) => this.conversation?.pong(p)
    c.onEvent = (e) => this.receive(e)
  }

  /**
   * Takes a ticket; afterwards there is a conversation, or refused says why not.
   * Fails with Refusal or Unanswered: conflict where there is one elsewhere.
   */
  async join(topic: Topic, question: string, cases: string[]): Promise<void> {
    this.refused = undefined
    this.early = []
    try {
      const answer = await this.connection.ask({
        action: 'join',
        topic,
        ...(blank(question) ? {} : { question }),
        ...(cases.length ? { cases } : {}),
      })
      if (answer.event === 'refused') this.refused = answer.decision
      else if (answer.event === 'queued' && answer.snapshot) this.joined(answer, answer.snapshot)
    } catch (error) {
      if (error instanceof Refusal && error.elsewhere) this.elsewhere = error.elsewhere
      throw error
    } finally {
      this.early = undefined
      this.changed()
    }
  }

  private joined(answer: Event<'queued'>, snapshot: NonNullable<Event<'queued'>['snapshot']>): void {
    this.elsewhere = undefined
    this.hear(answer.closing)
    this.adopt(snapshot)
    this.conversation?.hide(1, answer.hidden)
    const early = this.early ?? []
    this.early = undefined
    for (const e of early) this.receive(e)
  }

  /** Ends the live conversation in another company. Fails with Refusal or Unanswered. */
  async leaveElsewhere(): Promise<void> {
    await this.connection.ask({ action: 'leave', elsewhere: true })
    this.elsewhere = undefined
    this.changed()
  }

  /** Ends the conversation, waiting or talking. */
  async leave(): Promise<void> {
    const { conversation } = this
    if (!conversation) return
    const ack = await this.connection.ask({ action: 'leave', conversation: conversation.id })
    conversation.stored(ack as Event<'ack'>)
  }

  /** The conversation, while there may be anything new of it. */
  private followed(): Conversation | undefined {
    return this.conversation?.over ? undefined : this.conversation
  }

  private receive(e: Down): void {
    if (e.event === 'closing') this.hear(e.closing)
    if (!('conversation' in e)) return
    if (e.conversation === this.conversation?.id) this.conversation?.receive(e)
    else this.early?.push(e)
    // Where one stands in the queue again is not told with it: the next position may be long in coming.
    if (e.event === 'queued' && e.item) this.connection.probe()
  }

  private welcome(w: Event<'welcome'>): void {
    this.limits = w.limits
    this.elsewhere = w.elsewhere
    this.hear(w.closing)
    if (w.snapshot) this.adopt(w.snapshot)
    this.changed()
  }

  private hear(closing: Closing | undefined): void {
    if (closing) this.closing = closing
    this.changed()
  }

  private adopt(s: NonNullable<Event<'welcome'>['snapshot']>): void {
    if (this.conversation?.id === s.conversation) this.conversation.apply(s)
    else {
      this.conversation?.outbox.stop()
      this.conversation = new Conversation(s.conversation, this.connection, this.changed, s, 'citizen')
    }
  }
}
