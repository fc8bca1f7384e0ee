import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AdvisorDesk } from '../src/desk'
import type { Snapshot } from '../src/frames'
import { FakeService, pass } from './service'

/** A service at which an advisor has what `open` says. */
class FakeDesk extends FakeService {
  openAt: Record<string, Snapshot> = {}
  notes: unknown[] = []

  constructor() {
    super()
    this.refuse = (f) => {
      switch (f.action) {
        case 'hello': {
          const base = { event: 'welcome', at: new Date(Date.now()).toISOString(), heartbeat_s: 20, you: { side: 'advisor', name: 'Marta' } }
          const one = this.openAt[f['conversation'] as string]
          if (one) return { ...base, conversation: one.conversation, status: one.status, snapshot: one }
          return {
            ...base,
            duty: { presence: 'available', capacity: 3, topics: ['worker_case'] },
            snapshots: Object.values(this.openAt).map((s) => ({ ...s, entries: undefined })),
          }
        }
        case 'note':
          if (!this.notes.includes(f['number'])) this.notes.push(f['number'])
          return { event: 'ack', conversation: 'c', number: f['number'] }
        default:
          return undefined
      }
    }
  }

  give(id: string, texts: string[]): void {
    this.openAt[id] = {
      conversation: id,
      status: 'assigned',
      topic: 'worker_case',
      seq: texts.length,
      number: 0,
      accepted: true,
      entries: texts.map((text, i) => ({ seq: i + 1, kind: 'message', at: '2026-11-23T14:00:00Z', by: 'citizen', text })),
    }
  }
}

let service: FakeDesk
let desk: AdvisorDesk

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-23T14:00:00Z') })
  service = new FakeDesk()
  desk = new AdvisorDesk({ ticket: service.ticket, open: service.open, random: () => 0.5 }, () => {})
})
afterEach(() => {
  desk.connection.close()
  vi.useRealTimers()
})

const at = (id: string) => desk.conversations.find((c) => c.id === id)!

test('what is open is there after connecting, with all that was written', async () => {
  service.give('a', ['uno', 'due'])
  service.give('b', ['tre'])
  desk.connection.connect()
  await pass(20)
  expect(desk.duty?.capacity).toBe(3)
  expect(desk.conversations.map((c) => c.log.items.map((i) => i.text))).toEqual([['uno', 'due'], ['tre']])
})

test('an offer comes with the conversation', async () => {
  desk.connection.connect()
  await pass(20)
  service.give('a', ['domanda'])
  service.last.push({ event: 'offered', conversation: 'a', status: 'assigned', item: { seq: 1, kind: 'assigned', at: '', by: 'system' } })
  await pass(20)
  expect(at('a').log.items.map((i) => i.text)).toEqual(['domanda'])
})

test('an offer that is missed leaves the desk, and pauses', async () => {
  service.give('a', ['domanda'])
  desk.connection.connect()
  await pass(20)
  service.last.push({ event: 'queued', conversation: 'a', status: 'queued', item: { seq: 2, kind: 'requeued', at: '', by: 'system', reason: 'offer_missed' } })
  expect(desk.conversations).toEqual([])
  expect(desk.duty?.presence).toBe('paused')
})

test('an offer whose push was lost is found at the next sign of life', async () => {
  desk.connection.connect()
  await pass(20)
  service.give('a', ['domanda'])
  await pass(21_000)
  expect(at('a').log.items).toHaveLength(1)
})

test('messages of several conversations do not mix', async () => {
  service.give('a', ['uno'])
  service.give('b', ['due'])
  desk.connection.connect()
  await pass(20)
  const item = { seq: 2, kind: 'message', at: '', by: 'citizen', text: 'per b' }
  service.last.push({ event: 'message', conversation: 'b', status: 'assigned', item })
  expect(at('a').log.seq).toBe(1)
  expect(at('b').log.items[1]?.text).toBe('per b')
})

test('what was given to somebody else meanwhile is gone after a cut', async () => {
  service.give('a', ['uno'])
  desk.connection.connect()
  await pass(20)
  service.openAt = {}
  service.last.close(1006)
  await pass(2_000)
  expect(desk.conversations).toEqual([])
})

test('a note whose ack is lost is asked again and kept once', async () => {
  service.give('a', ['uno'])
  desk.connection.connect()
  await pass(20)
  let lost = 0
  service.lose = (f) => f.action === 'note' && lost++ === 0
  const done = desk.note(at('a'), 'da richiamare')
  await pass(40_000)
  await done
  expect(service.notes).toHaveLength(1)
  expect(service.frames.filter((f) => f.action === 'note')).toHaveLength(2)
})
