import type { Conversation, Item } from '#sdk'

/** An object of the SDK as Svelte follows it: whoever reads `now` runs again when it has changed. */
export class Live<T> {
  private version = $state(0)
  private readonly object: T

  constructor(make: (changed: () => void) => T) {
    this.object = make(() => this.touch())
  }

  get now(): T {
    void this.version
    return this.object
  }

  touch(): void {
    this.version++
  }
}

/** What a conversation is at a moment: a new object after each change, so that Svelte sees it. */
export function pictureOf(c: Conversation) {
  const { id, status, topic, accepted, offerUntil, answerUntil, aside, outcome, cases, ahead, wait, opensAt, unattended, unlikely, seenByPeer, peerTyping, hidden, escalation } = c
  const items = c.log.items
  return {
    conversation: c,
    ...{ id, status, topic, accepted, offerUntil, answerUntil, aside, outcome, cases, ahead, wait, opensAt, unattended, unlikely, seenByPeer, peerTyping, hidden, escalation, items },
    ended: c.ended,
    over: c.over,
    waiting: c.outbox.waiting,
    citizen: items[0]?.citizen,
    /** An advisor has asked for an answer, and there is none yet. */
    asked: askedIn(items),
    /** Who wrote last, once somebody has. */
    lastMessage: items.findLast((i) => i.kind === 'message'),
  }
}

function askedIn(items: readonly Item[]): boolean {
  const last = items.findLast((i) => i.kind === 'asked' || i.kind === 'here' || i.kind === 'accepted' || (i.kind === 'message' && i.by === 'citizen'))
  return last?.kind === 'asked' && items.some((i) => i.kind === 'accepted')
}

export type Picture = ReturnType<typeof pictureOf>
