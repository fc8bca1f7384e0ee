import { createSubscriber } from 'svelte/reactivity'

/** The time, followed by the second where it is read. */
class Clock {
  /** Milliseconds that the service's clock is ahead of this one. */
  skew = 0

  private readonly follow = createSubscriber((update) => {
    const timer = setInterval(update, 1000)
    return () => clearInterval(timer)
  })

  get now(): number {
    this.follow()
    return Date.now() + this.skew
  }

  /** The time of this machine. */
  get wall(): number {
    this.follow()
    return Date.now()
  }
}

export const clock = new Clock()
