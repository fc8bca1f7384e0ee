import { SignedOut, type Answer, type Channel } from '#sdk'
import { say } from '../text'

const usual = 30_000
const firstRetry = 2_000
const longestRetry = 60_000

/** The other channels, as the pages know them without the service. */
export const otherChannels: Channel[] = (['phone', 'office'] as const).map((c) => ({
  name: say(`channel.${c}.name`),
  text: say(`channel.${c}.text`),
  url: say(`channel.${c}.url`),
}))

/** What is said when not even the service can be asked. */
const fault: Answer = {
  state: 'fault',
  reason: 'service_unavailable',
  text: `${say('fault.body')} ${say('other.channels')}`,
  channels: otherChannels,
}

/** Whether the chat can be joined: asked again and again, with growing pauses after failures, without end. */
export class Availability {
  answer = $state<Answer>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private failures = 0
  private running = false

  constructor(private readonly ask: () => Promise<Answer>) {}

  /** Asks now and goes on asking; returns how to stop. */
  start(): () => void {
    this.running = true
    const seen = () => {
      if (document.visibilityState === 'visible') void this.refresh()
    }
    const back = () => void this.refresh()
    document.addEventListener('visibilitychange', seen)
    addEventListener('online', back)
    void this.refresh()
    return () => {
      this.running = false
      clearTimeout(this.timer)
      document.removeEventListener('visibilitychange', seen)
      removeEventListener('online', back)
    }
  }

  async refresh(): Promise<void> {
    clearTimeout(this.timer)
    try {
      this.take(await this.ask())
      this.failures = 0
    } catch (error) {
      this.failures++
      // The page asks for a new login by itself.
      if (!(error instanceof SignedOut)) this.answer = fault
    }
    clearTimeout(this.timer)
    if (this.running) this.timer = setTimeout(() => void this.refresh(), this.pause())
  }

  /** Takes over an answer that came otherwise, such as a refusal to join. */
  take(answer: Answer): void {
    this.answer = answer
  }

  private pause(): number {
    if (this.failures) return spread(Math.min(longestRetry, firstRetry * 2 ** (this.failures - 1)))
    // At the very moment of a change too; the pages of everybody not all at once.
    const next = [this.answer?.until, this.answer?.opens_at].map((at) => (at ? Date.parse(at) - Date.now() : Infinity))
    return Math.min(spread(usual), ...next.filter((ms) => ms > 0).map((ms) => ms + 1000 * Math.random()))
  }
}

const spread = (ms: number) => ms * (0.75 + Math.random() / 2)
