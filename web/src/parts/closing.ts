import type { Closing } from '#sdk'
import { say } from '../text'

/** Who is told: somebody who waits or talks, or an advisor. */
export type Told = 'waiting' | 'talking' | 'advisor'

const minute = 60_000

/** What is said of the closing at a moment; nothing once its time is over. */
export function closingOf({ at, until, reason: closure }: Closing, told: Told, now: number): string {
  if (now >= Date.parse(until)) return ''
  const n = Math.ceil((Date.parse(at) - now) / minute)
  const when = closure
    ? say(n > 0 ? 'closing.closure.soon' : 'closing.closure', { at, closure })
    : n > 0
      ? say(n === 1 ? 'closing.now' : 'closing.soon', { n, until: at })
      : say('closing.over', { at })
  // A closure ends every wait: nothing is promised to who waits until then.
  const then = { waiting: closure ? '' : say('closing.wait', { until }), talking: say('closing.finish', { until }), advisor: say('closing.desk', { until }) }
  return `${when} ${then[told]}`.trim()
}
