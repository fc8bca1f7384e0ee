/** What a timer is cancelled by. */
export type Timer = unknown

/**
 * Runs something after so many milliseconds. A page that is hidden for minutes
 * gets its own timers once a minute only: it gives timers that run in a worker,
 * which are not slowed down.
 */
export interface Timers {
  set(run: () => void, ms: number): Timer
  clear(timer: Timer): void
}

/** The timers of the place where the code runs. */
export const plainTimers: Timers = {
  set: (run, ms) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
}

/** What the timers need of a Worker whose script is `serveTimers`. */
export interface TimerWorker {
  postMessage(message: { id: number; ms?: number }): void
  onmessage: ((e: { data: number }) => void) | null
  onerror: (() => void) | null
}

/** Timers that run in a worker; in the page, if the worker cannot be loaded. */
export function workerTimers(worker: TimerWorker): Timers {
  const running = new Map<number, { run: () => void; due: number; plain?: Timer }>()
  let last = 0
  let broken = false
  const fire = (id: number) => {
    const timer = running.get(id)
    running.delete(id)
    timer?.run()
  }
  const start = (id: number) => {
    const timer = running.get(id)!
    const ms = Math.max(0, timer.due - performance.now())
    if (broken) timer.plain = plainTimers.set(() => fire(id), ms)
    else worker.postMessage({ id, ms })
  }
  worker.onmessage = ({ data: id }) => fire(id)
  worker.onerror = () => {
    broken = true
    for (const id of running.keys()) start(id)
  }
  return {
    set(run, ms) {
      const id = ++last
      running.set(id, { run, due: performance.now() + ms })
      start(id)
      return id
    },
    clear(timer) {
      const plain = running.get(timer as number)?.plain
      if (!running.delete(timer as number)) return
      if (broken) plainTimers.clear(plain)
      else worker.postMessage({ id: timer as number })
    },
  }
}

/** The other end, which runs in the worker: without `ms` the timer is cancelled. */
export function serveTimers(scope: { onmessage: ((e: { data: { id: number; ms?: number } }) => void) | null; postMessage(id: number): void }): void {
  const running = new Map<number, ReturnType<typeof setTimeout>>()
  scope.onmessage = ({ data: { id, ms } }) => {
    clearTimeout(running.get(id))
    running.delete(id)
    if (ms === undefined) return
    running.set(
      id,
      setTimeout(() => {
        running.delete(id)
        scope.postMessage(id)
      }, ms),
    )
  }
}
