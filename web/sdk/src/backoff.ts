const first = 500
const longest = 30_000

/**
 * Milliseconds to wait before the next attempt: twice as long after each
 * failure up to half a minute, of which a random half, so that many clients
 * that lost their connections together do not come back together.
 */
export function backoff(failures: number, random: () => number): number {
  const whole = Math.min(longest, first * 2 ** failures)
  return Math.round(whole * (0.5 + random() / 2))
}
