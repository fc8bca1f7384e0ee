import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { backoff } from '../src/backoff'
import { Connection, SignedOut } from '../src/connection'
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
  expect(connection.state).toBe('signed_out')
  expect(service.tickets).toBe(2)
})

test('closing stops everything', async () => {
  connection.connect()
  await pass(10)
  connection.close()
  const frames = service.frames.length
  await pass(300 * minute)
  expect(service.sockets).toHaveLength(1)
  expect(service.frames).toHaveLength(frames)
  expect(vi.getTimerCount()).toBe(0)
})

test('what cannot be read is passed over', async () => {
  connection.connect()
  await pass(10)
  for (const data of ['', 'x', 'null', '[]', '{}', '{"message":"Internal server error"}', '{"event":"ack","re":999}']) {
    service.last.onmessage?.({ data })
  }
  service.last.onmessage?.({ data: new Uint8Array() })
  expect(connection.state).toBe('up')
})
