import { ApiError, SignedOut } from '#sdk'
import { sentenceOf } from './errors'

const usual = 10_000
const longest = 120_000

/** Whether the page is not for who asks. */
export const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.problem.code === 'forbidden'

/** What the service answers to a question that is asked again and again, with growing pauses after failures. */
export class Asked<T> {
  answer = $state.raw<T>()
  /** Why the last question had no answer. */
  failure = $state('')
  /** Who may not ask gets nothing: asking again would not help. */
  denied = $state(false)
  private failures = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private running = false
  private turn = 0

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly why: (error: unknown) => string = sentenceOf,
  ) {}

  /** Asks now and goes on asking; returns how to stop. */
  start(): () => void {
    this.running = true
    void this.load()
    return () => {
      this.running = false
      clearTimeout(this.timer)
    }
  }

  /** Asks now. What was asked before something newer is known does not count. */
  async load(): Promise<void> {
    clearTimeout(this.timer)
    const turn = ++this.turn
    try {
      const answer = await this.ask()
      if (turn !== this.turn) return
      this.answer = answer
      this.failures = 0
      this.failure = ''
    } catch (error) {
      if (turn !== this.turn) return
      this.failures++
      // The page asks for a new login by itself.
      if (!(error instanceof SignedOut)) this.failure = this.why(error)
      this.denied = isForbidden(error)
    }
    clearTimeout(this.timer)
    const pause = Math.min(longest, usual * 2 ** this.failures)
    if (this.running && !this.denied) this.timer = setTimeout(() => void this.load(), pause)
  }
}
