import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whileVisible } from './visible'

const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
let stop = () => {}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', page)
  turn('visible')
})
afterEach(() => {
  stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function turn(to: 'visible' | 'hidden') {
  page.visibilityState = to
  page.dispatchEvent(new Event('visibilitychange'))
}

/** Starts to ask; every answer says whether there may be more to come. */
function asking(more: boolean) {
  const ask = vi.fn(async () => more)
  stop = whileVisible(ask)
  return ask
}

test('at once, and then at most once a minute', async () => {
  const ask = asking(true)
  expect(ask).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(59_999)
  expect(ask).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(15_001)
  expect(ask).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(75_000 * 8)
  expect(ask.mock.calls.length).toBeGreaterThanOrEqual(10)
  expect(ask.mock.calls.length).toBeLessThanOrEqual(12)
})

test('not while the page is hidden, and at once when it is seen again', async () => {
  const ask = asking(true)
  await vi.advanceTimersByTimeAsync(1)
  turn('hidden')
  await vi.advanceTimersByTimeAsync(600_000)
  expect(ask).toHaveBeenCalledTimes(1)
  turn('visible')
  expect(ask).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(75_000)
  expect(ask).toHaveBeenCalledTimes(3)
})

test('hidden while an answer is under way: nothing is asked until the page is seen again', async () => {
  const ask = asking(true)
  turn('hidden')
  await vi.advanceTimersByTimeAsync(600_000)
  expect(ask).toHaveBeenCalledTimes(1)
})

test('what cannot change any more is asked for only when the page is seen again', async () => {
  const ask = asking(false)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(ask).toHaveBeenCalledTimes(1)
  turn('visible')
  await vi.advanceTimersByTimeAsync(600_000)
  expect(ask).toHaveBeenCalledTimes(2)
})

test('no more once it is stopped, even with an answer under way', async () => {
  const ask = asking(true)
  stop()
  await vi.advanceTimersByTimeAsync(600_000)
  turn('visible')
  expect(ask).toHaveBeenCalledTimes(1)
})
