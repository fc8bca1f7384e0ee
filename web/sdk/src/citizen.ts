import { Connection, type ConnectionOptions } from './connection'
import { Conversation } from './conversation'
import type { Closing, Decision, Event, Limits, Topic } from './frames'

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
    c.onEvent = (e) => {
      if (e.event === 'closing') this.hear(e.closing)
      if ('conversation' in e && e.conversation === this.conversation?.id) this.conversation?.receive(e)
    }
  }

  /** Takes a ticket; afterwards there is a conversation, or refused says why not. Fails with Refusal or Unanswered. */
  async join(topic: Topic, question: string, cases: string[]): Promise<void> {
    this.refused = undefined
    const answer = await this.connection.ask({
      action: 'join',
      topic,
      ...(question.trim() ? { question } : {}),
      ...(cases.length ? { cases } : {}),
    })
    if (answer.event === 'refused') this.refused = answer.decision
    else if (answer.event === 'queued' && answer.snapshot) {
      this.hear(answer.closing)
      this.adopt(answer.snapshot)
      this.conversation?.hide(1, answer.hidden)
    }
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

  private welcome(w: Event<'welcome'>): void {
    this.limits = w.limits
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
    else this.conversation = new Conversation(s.conversation, this.connection, this.changed, s)
  }
}
