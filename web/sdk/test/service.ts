import { vi } from 'vitest'
import type { Socket } from '../src/line'
import type { Closing, Item } from '../src/frames'

type Frame = Record<string, unknown> & { action: string; id: number }

/** A socket of the fake service, as both ends see it. */
export class FakeSocket implements Socket {
  readyState = 0
  onopen: ((e: never) => void) | null = null
  onmessage: ((e: { data: unknown }) => void) | null = null
  onclose: ((e: { code: number }) => void) | null = null

  constructor(
    readonly url: string,
    private readonly service: FakeService,
  ) {}

  send(data: string): void {
    this.service.receive(this, JSON.parse(data) as Frame)
  }

  close(code = 1000): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.({ code })
  }

  open(): void {
    this.readyState = 1
    this.onopen?.(undefined as never)
  }

  /** The service sends a frame. */
  push(frame: Record<string, unknown>): void {
    if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

/** A service with one conversation, kept as the real one keeps it: numbered entries, numbers that tell a resend. */
export class FakeService {
  sockets: FakeSocket[] = []
  tickets = 0
  log: Item[] = []
  number = 0
  frames: Frame[] = []
  status = 'assigned'
  /** What becomes of the answers to frames. */
  lose: (frame: Frame) => boolean = () => false
  refuse: (frame: Frame) => Record<string, unknown> | undefined = () => undefined
  reachable = true
  /** Messages taken at once, and the milliseconds between more of them; none: no limit. */
  pace: { burst: number; every: number } | undefined
  throttled = 0
  private busy = 0
  private until: string | undefined
  private aside = false
  ticketFails: Error | undefined
  /** What is told of the closing to whoever connects or joins. */
  closing: Closing | undefined

  ticket = async (): Promise<{ url: string }> => {
    this.tickets++
    if (this.ticketFails) throw this.ticketFails
    return { url: `ws://test/?ticket=${this.tickets}` }
  }

  open = (url: string): FakeSocket => {
    const s = new FakeSocket(url, this)
    this.sockets.push(s)
    setTimeout(() => (this.reachable ? s.open() : s.close(1006)), 5)
    return s
  }

  get live(): FakeSocket[] {
    return this.sockets.filter((s) => s.readyState === 1)
  }

  get last(): FakeSocket {
    return this.sockets[this.sockets.length - 1]!
  }

  write(by: 'citizen' | 'advisor', text: string, number?: number): Item {
    const item: Item = {
      seq: this.log.length + 1,
      kind: 'message',
      at: new Date(Date.now()).toISOString(),
      by,
      text,
      ...(number ? { number } : {}),
    }
    this.log.push(item)
    return item
  }

  /** The advisor writes; the push arrives unless it gets lost. */
  say(text: string, push = true): void {
    const item = this.write('advisor', text)
    if (push) for (const s of this.live) s.push({ event: 'message', conversation: 'c', status: this.status, item })
  }

  /** Somebody who waits is asked, or passed over. */
  ask(kind: 'asked' | 'aside', push = true): void {
    this.status = 'queued'
    this.until = new Date(Date.now() + 60_000).toISOString()
    this.aside = kind === 'aside'
    const item: Item = { seq: this.log.length + 1, kind, at: new Date(Date.now()).toISOString(), by: 'system' }
    if (kind === 'asked') item.answer_until = this.until
    this.log.push(item)
    if (push) for (const s of this.live) s.push({ event: kind, conversation: 'c', status: 'queued', item })
  }

  private answered(): void {
    this.until = undefined
    this.aside = false
  }

  /** An office does something; the push arrives unless it gets lost. */
  progress(status: NonNullable<Item['escalation']>['status'], push = true, kind: 'escalated' | 'progressed' = 'progressed'): void {
    const item: Item = {
      seq: this.log.length + 1,
      kind,
      at: new Date(Date.now()).toISOString(),
      by: 'system',
      escalation: { id: 'e', case: 'k', office: 'RM-EUR', status, sent_at: new Date(Date.now()).toISOString() },
    }
    this.log.push(item)
    if (push) for (const s of this.live) s.push({ event: 'escalation', conversation: 'c', status: this.status, item })
  }

  /** The advisor ends the conversation. */
  end(): void {
    this.status = 'closed'
    const item: Item = { seq: this.log.length + 1, kind: 'closed', at: new Date(Date.now()).toISOString(), by: 'advisor', outcome: 'escalated' }
    this.log.push(item)
    for (const s of this.live) s.push({ event: 'ended', conversation: 'c', status: this.status, item })
  }

  snapshot(since: number): Record<string, unknown> {
    const page = this.log.slice(since, since + 50)
    return {
      conversation: 'c',
      status: this.status,
      topic: 'worker_case',
      seq: this.log.length,
      number: this.number,
      accepted: true,
      ...(this.until ? { answer_until: this.until, aside: this.aside } : {}),
      entries: page,
      more: since + page.length < this.log.length,
    }
  }

  receive(socket: FakeSocket, frame: Frame): void {
    this.frames.push(frame)
    const refused = this.refuse(frame)
    const answer = refused ?? this.answer(frame)
    if (this.lose(frame)) return
    setTimeout(() => socket.push({ ...answer, re: frame.id }), 1)
  }

  /** Takes one message from the pace, as shared/chat/conversation/pace.go does; returns how long to wait. */
  private near() {
    return this.closing ? { closing: this.closing } : {}
  }

  private spend(): number {
    if (!this.pace) return 0
    const { burst, every } = this.pace
    const now = Date.now()
    const next = Math.max(this.busy, now) + every
    const early = next - now - burst * every
    if (early <= 0) this.busy = next
    else this.throttled++
    return Math.max(0, early)
  }

  private answer(f: Frame): Record<string, unknown> {
    switch (f.action) {
      case 'hello':
        return {
          event: 'welcome',
          at: new Date(Date.now() + 5000).toISOString(),
          heartbeat_s: 25,
          limits: { keep_place_s: 600, idle_s: 900 },
          you: { side: 'citizen', name: 'Giuliana' },
          ...this.near(),
          ...(this.log.length ? { conversation: 'c', status: this.status, snapshot: this.snapshot((f['since'] as number) ?? 0) } : {}),
        }
      case 'join':
        this.log = [{ seq: 1, kind: 'joined', at: new Date(Date.now()).toISOString(), by: 'citizen' }]
        return { event: 'queued', conversation: 'c', status: 'queued', snapshot: { ...this.snapshot(0), status: 'queued', ahead: 2 }, ...this.near() }
      case 'send': {
        const number = f['number'] as number
        const known = this.log.find((i) => i.number === number)
        const after = known ? 0 : this.spend()
        if (after) return { event: 'error', code: 'throttled', text: 'Troppi.', retry: true, after_ms: after }
        if (!known) this.number = number
        this.answered()
        const item = known ?? this.write('citizen', f['text'] as string, number)
        return { event: 'ack', conversation: 'c', status: this.status, seq: item.seq, number, item }
      }
      case 'here':
        this.answered()
        this.log.push({ seq: this.log.length + 1, kind: 'here', at: new Date(Date.now()).toISOString(), by: 'citizen' })
        return { event: 'pong', conversation: 'c', seq: this.log.length, status: this.status, ahead: 0 }
      case 'ping':
        return { event: 'pong', ...(f['conversation'] ? { conversation: 'c', seq: this.log.length, status: this.status } : {}) }
      default:
        return { event: 'ack', conversation: 'c' }
    }
  }
}

/** Lets virtual time pass. */
export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
