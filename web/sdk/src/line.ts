import { Refusal, Unanswered, type Down, type Event, type Request } from './frames'
import { plainTimers, type Timer, type Timers } from './timers'

/** How long an answer may take. API Gateway gives a function 29 s. */
export const answerTime = 30_000

/** What a line needs of a WebSocket. */
export interface Socket {
  readonly readyState: number
  send(data: string): void
  close(code?: number, reason?: string): void
  onopen: ((e: never) => void) | null
  onmessage: ((e: { data: unknown }) => void) | null
  onclose: ((e: { code: number }) => void) | null
}

interface Pending {
  resolve: (answer: Down) => void
  reject: (reason: Error) => void
  timer: Timer
}

/** One socket: requests with their answers, and everything else that arrives. */
export class Line {
  private next = 1
  private readonly pending = new Map<number, Pending>()
  private over = false
  /** When a frame came last, as performance.now has it. */
  heard = performance.now()

  constructor(
    private readonly socket: Socket,
    private readonly on: { open: () => void; event: (e: Down) => void; close: (code: number) => void },
    private readonly timers: Timers = plainTimers,
  ) {
    socket.onopen = () => on.open()
    socket.onmessage = (e) => this.receive(e.data)
    socket.onclose = (e) => this.end(e.code)
  }

  /** Whether frames can be sent. */
  get open(): boolean {
    return !this.over && this.socket.readyState === 1
  }

  /** Sends a frame and returns its answer; fails with Refusal, or with Unanswered after so many milliseconds. */
  ask(frame: Request, limit = answerTime): Promise<Down> {
    if (!this.open) return Promise.reject(new Unanswered('not connected'))
    const id = this.next++
    return new Promise((resolve, reject) => {
      const timer = this.timers.set(() => {
        this.pending.delete(id)
        reject(new Unanswered('no answer'))
      }, limit)
      this.pending.set(id, { resolve, reject, timer })
      this.socket.send(JSON.stringify({ ...frame, id }))
    })
  }

  close(): void {
    this.socket.close(1000)
    this.end(1000)
  }

  private receive(data: unknown): void {
    this.heard = performance.now()
    const frame = read(data)
    if (!frame) return
    const asked = 're' in frame && frame.re !== undefined ? this.pending.get(frame.re) : undefined
    if (!asked) {
      // The gateway answers for a function that failed by a frame without
      // event and id: whoever asked gets no answer in time and asks again.
      if (frame.event) this.on.event(frame)
      return
    }
    this.pending.delete((frame as { re: number }).re)
    this.timers.clear(asked.timer)
    if (frame.event === 'error') asked.reject(refusal(frame))
    else asked.resolve(frame)
  }

  private end(code: number): void {
    if (this.over) return
    this.over = true
    for (const { reject, timer } of this.pending.values()) {
      this.timers.clear(timer)
      reject(new Unanswered('connection closed'))
    }
    this.pending.clear()
    this.on.close(code)
  }
}

function refusal(e: Event<'error'>): Refusal {
  return new Refusal(e.code, e.text, e.retry, e.after_ms, e.character, e.elsewhere)
}

function read(data: unknown): Down | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const frame: unknown = JSON.parse(data)
    return typeof frame === 'object' && frame !== null ? (frame as Down) : undefined
  } catch {
    return undefined
  }
}
