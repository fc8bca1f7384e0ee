import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { backoff } from '../src/backoff'
import { Connection, SignedOut } from '../src/connection'
import { serveTimers, workerTimers } from '../src/timers'
import { FakeService, pass } from './service'

let service: FakeService
let connection: Connection

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-23T14:00:00Z') })
  service = new FakeService()
  connection = new Connection({ ticket: service.ticket, open: service.open, random: () => 0.5 })
})
afterEach(() => {
  connection.close()
  vi.useRealTimers()
})

const minute = 60_000
const actions = () => service.frames.map((f) => f.action)

test('a ticket, a socket, hello, then up', async () => {
  connection.connect()
  expect(connection.state).toBe('connecting')
  await pass(10)
  expect(connection.state).toBe('up')
  expect(service.sockets.map((s) => s.url)).toEqual(['ws://test/?ticket=1'])
  expect(actions()).toEqual(['hello'])
  expect(Math.round(connection.skew / 100)).toBe(50)
})

test('connecting twice opens one socket', async () => {
  connection.connect()
  connection.connect()
  await pass(10)
  connection.connect()
  await pass(10)
  expect(service.sockets).toHaveLength(1)
})

test('a sign of life every heartbeat', async () => {
  connection.connect()
  await pass(2 * minute)
  expect(actions().filter((a) => a === 'ping')).toHaveLength(4)
})

test('a silent connection is given up and replaced', async () => {
  connection.connect()
  await pass(10)
  service.lose = (f) => f.action === 'ping'
  await pass(25_000 + 30_000 + 1_000)
  expect(service.sockets).toHaveLength(2)
  expect(service.sockets[0]!.readyState).toBe(3)
  expect(connection.state).toBe('up')
})

test('a cut is followed by a new connection with a new ticket', async () => {
  connection.connect()
  await pass(10)
  service.last.close(1006)
  expect(connection.state).toBe('connecting')
  await pass(1_000)
  expect(connection.state).toBe('up')
  expect(service.tickets).toBe(2)
})

test('while nobody answers the pauses grow up to half a minute and never end', async () => {
  service.reachable = false
  connection.connect()
  await pass(10 * minute)
  const tries = service.sockets.length
  expect(tries).toBeGreaterThan(20)
  expect(tries).toBeLessThan(40)
  await pass(60 * minute)
  expect(service.sockets.length).toBeGreaterThan(tries + 100)
  service.reachable = true
  await pass(31_000)
  expect(connection.state).toBe('up')
})

test('a nudge does not wait for the pause to end', async () => {
  service.reachable = false
  connection.connect()
  await pass(5 * minute)
  service.reachable = true
  connection.nudge()
  await pass(10)
  expect(connection.state).toBe('up')
})

test('pauses double, half of each is random', () => {
  expect([0, 1, 2, 10].map((n) => backoff(n, () => 0))).toEqual([250, 500, 1000, 15_000])
  expect([0, 1, 2, 10].map((n) => backoff(n, () => 1))).toEqual([500, 1000, 2000, 30_000])
})

describe('the gateway cuts every socket after two hours', () => {
  test('before that a second one takes over, and nothing is seen of it', async () => {
    const states: string[] = []
    connection.connect()
    await pass(10)
    connection.onState = (s) => states.push(s)
    await pass(104 * minute)
    expect(service.sockets).toHaveLength(1)
    await pass(2 * minute)
    expect(service.sockets).toHaveLength(2)
    expect(service.sockets.map((s) => s.readyState)).toEqual([3, 1])
    expect(states).toEqual([])
    await pass(105 * minute)
    expect(service.sockets).toHaveLength(3)
  })

  test('the first one is told that it is superseded: that ends nothing', async () => {
    connection.connect()
    await pass(10)
    const first = service.last
    await pass(105 * minute - 10)
    while (service.sockets.length < 2) await pass(1)
    first.push({ event: 'bye', reason: 'superseded', reconnect: false }) // by our own second socket
    expect(first.readyState).toBe(3)
    await pass(1_000)
    expect(connection.state).toBe('up')
    expect(service.live).toHaveLength(1)
  })

  test('nor does it if the second one then fails', async () => {
    connection.connect()
    await pass(10)
    const first = service.last
    await pass(105 * minute - 10)
    while (service.sockets.length < 2) await pass(1)
    first.push({ event: 'bye', reason: 'superseded', reconnect: false })
    service.last.close(1006)
    expect(connection.state).toBe('up')
    await pass(1)
    expect(connection.state).toBe('connecting')
    await pass(2_000)
    expect(connection.state).toBe('up')
  })

  test('if the second cannot be opened the first goes on', async () => {
    connection.connect()
    await pass(10)
    service.reachable = false
    await pass(110 * minute)
    expect(service.sockets.length).toBeGreaterThan(3)
    expect(service.sockets[0]!.readyState).toBe(1)
    expect(connection.state).toBe('up')
    const before = actions().filter((a) => a === 'ping').length
    await pass(2 * minute)
    expect(actions().filter((a) => a === 'ping').length).toBeGreaterThan(before)
    service.reachable = true
    await pass(31_000)
    expect(service.sockets[0]!.readyState).toBe(3)
    expect(service.live).toHaveLength(1)
  })
})

test('another tab takes over: no fight for the conversation', async () => {
  connection.connect()
  await pass(10)
  service.last.push({ event: 'bye', reason: 'superseded', reconnect: false })
  expect(connection.state).toBe('superseded')
  await pass(10 * minute)
  expect(service.sockets).toHaveLength(1)
  connection.connect()
  await pass(10)
  expect(connection.state).toBe('up')
})

test.each([['logged_out', 'signed_out'], ['too_fast', 'too_fast']])('%s: it stops, and does not come back by itself', async (reason, state) => {
  connection.connect()
  await pass(10)
  service.last.push({ event: 'bye', reason, reconnect: false })
  expect(connection.state).toBe(state)
  await pass(10 * minute)
  expect(service.sockets).toHaveLength(1)
  connection.connect()
  await pass(10)
  expect(connection.state).toBe('up')
})

test('a login that is no longer good stops it', async () => {
  connection.connect()
  await pass(10)
  service.ticketFails = new SignedOut('x')
  service.last.close(1006)
  await pass(10 * minute)
  expect(connection.state).toBe('unauthorized')
  expect(service.tickets).toBe(2)
  service.ticketFails = undefined // logged in again
  connection.connect()
  await pass(10)
  expect(connection.state).toBe('up')
})

test('a login that ends in the middle of a talk does not cost the socket that works', async () => {
  connection.connect()
  await pass(10)
  service.ticketFails = new SignedOut('x')
  await pass(110 * minute) // the second socket of the two hours gets no ticket
  expect(service.tickets).toBeGreaterThan(1)
  expect(connection.state).toBe('up')
  expect(service.live).toHaveLength(1)
  service.ticketFails = undefined
  await pass(minute)
  expect(service.sockets).toHaveLength(2)
  expect(connection.state).toBe('up')
})

test('a service that is not available is asked again when it said so', async () => {
  service.ticketFails = Object.assign(new Error('503'), { after: 20_000 })
  connection.connect()
  await pass(19_000)
  expect(service.tickets).toBe(1)
  service.ticketFails = undefined
  await pass(2_000)
  expect(connection.state).toBe('up')
})

test('a pushed ping is answered at once, whatever timers do', async () => {
  connection.connect()
  await pass(10)
  service.last.push({ event: 'ping' })
  expect(actions()).toEqual(['hello', 'ping'])
  expect(service.frames[0]).toMatchObject({ answers_pings: true })
})

describe('a socket that swallows everything', () => {
  beforeEach(async () => {
    connection.connect()
    await pass(10)
    service.lose = () => true
  })
  const givenUp = () => service.sockets[0]!.readyState === 3

  test('is tried when something says that it may not work, and given up after 5 s', async () => {
    connection.probe()
    connection.probe()
    expect(actions()).toEqual(['hello', 'ping'])
    await pass(4_990)
    expect(givenUp()).toBe(false)
    await pass(20)
    expect(givenUp()).toBe(true)
    expect(connection.state).toBe('connecting')
  })

  test('is tried before it is relied on after a silence', async () => {
    await pass(12_000)
    connection.ask({ action: 'leave', conversation: 'c' }).catch(() => {})
    await pass(5_010)
    expect(givenUp()).toBe(true)
  })

  test('is given up 10 s after something was asked at the latest', async () => {
    connection.ask({ action: 'leave', conversation: 'c' }).catch(() => {})
    await pass(10_010)
    expect(givenUp()).toBe(true)
  })

  test('is given up 10 s after a sign of life without answer', async () => {
    await pass(25_000 + 10_010)
    expect(givenUp()).toBe(true)
  })
})

test('an attempt that hangs is not waited for when the network is back', async () => {
  service.ticket = () => new Promise(() => {})
  connection = new Connection({ ticket: () => service.ticket(), open: service.open, random: () => 0.5 })
  connection.connect()
  await pass(5_000)
  service.ticket = async () => ({ url: 'ws://test' })
  connection.probe()
  await pass(10)
  expect(connection.state).toBe('up')
})

test('the clock is set while the page is open: the time of the service is asked for again', async () => {
  connection.connect()
  await pass(10)
  const skew = connection.skew
  vi.setSystemTime(Date.now() + 3_600_000)
  await pass(5_010)
  expect(connection.skew).toBe(skew) // the service of the test has jumped along
  expect(actions().filter((a) => a === 'hello')).toHaveLength(2)
  expect(actions()).not.toContain('ping')
})

test('a page that was frozen tries its socket as soon as it runs again', async () => {
  let stopped = false
  const queue: (() => void)[] = []
  const timers = {
    set: (run: () => void, ms: number) => setTimeout(() => (stopped ? queue.push(run) : run()), ms),
    clear: (t: unknown) => clearTimeout(t as number),
  }
  connection = new Connection({ ticket: service.ticket, open: service.open, random: () => 0.5, timers })
  connection.connect()
  await pass(10)
  stopped = true
  await pass(60_000)
  stopped = false
  const before = actions().length
  for (const run of queue.splice(0)) run()
  expect(actions().length).toBe(before + 1)
})

/** Both ends of timers in a worker. */
function inWorker() {
  const worker = {
    onmessage: null as ((e: { data: number }) => void) | null,
    onerror: null as (() => void) | null,
    postMessage: (m: { id: number; ms?: number }) => scope.onmessage!({ data: m }),
  }
  const scope = {
    onmessage: null as ((e: { data: { id: number; ms?: number } }) => void) | null,
    postMessage: (id: number) => worker.onmessage!({ data: id }),
  }
  serveTimers(scope)
  return { timers: workerTimers(worker), worker }
}

test('the timers of a worker: in order, cancelled, none left', async () => {
  const { timers } = inWorker()
  const ran: string[] = []
  timers.set(() => ran.push('late'), 200)
  timers.set(() => ran.push('soon'), 100)
  const never = timers.set(() => ran.push('never'), 50)
  timers.clear(never)
  timers.clear(never)
  timers.clear(undefined)
  await pass(300)
  expect(ran).toEqual(['soon', 'late'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a worker that cannot be loaded: the timers run in the page', async () => {
  const { timers, worker } = inWorker()
  worker.postMessage = () => {}
  const ran: string[] = []
  timers.set(() => ran.push('before'), 100)
  await pass(50)
  worker.onerror!()
  timers.set(() => ran.push('after'), 100)
  timers.clear(timers.set(() => ran.push('never'), 10))
  await pass(51)
  expect(ran).toEqual(['before'])
  await pass(50)
  expect(ran).toEqual(['before', 'after'])
})
