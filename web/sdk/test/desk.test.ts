import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AdvisorDesk } from '../src/desk'
import type { Closing, Snapshot } from '../src/frames'
import { FakeService, pass } from './service'

const missed = { event: 'queued', status: 'queued', item: { seq: 2, kind: 'requeued', at: '', by: 'system' } }

/** A service at which an advisor has what `open` says. */
class FakeDesk extends FakeService {
  openAt: Record<string, Snapshot> = {}
  notes: unknown[] = []
  /** What is told of the closing to whoever connects. */
  about: { closing?: Closing } = {}

  constructor() {
    super()
    this.refuse = (f) => {
      switch (f.action) {
        case 'hello': {
          const base = { ...this.about, event: 'welcome', at: new Date(Date.now()).toISOString(), heartbeat_s: 20, you: { side: 'advisor', name: 'Marta' } }
          const one = this.openAt[f['conversation'] as string]
          if (one) return { ...base, conversation: one.conversation, status: one.status, snapshot: one }
          return {
            ...base,
            duty: { presence: 'available', capacity: 3, topics: ['worker_case'] },
            snapshots: Object.values(this.openAt).filter((s) => s.status !== 'closed').map((s) => ({ ...s, entries: undefined })),
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

test('news of what was sent to an office are told, and read in a conversation that has ended', async () => {
  service.give('c', ['uno'])
  desk.connection.connect()
  await pass(20)
  const before = desk.news
  const escalation = { id: 'e', case: 'k', office: 'RM-EUR', status: 'delivered', sent_at: '' }
  const push = (seq: number, kind: string, rest: object) =>
    service.last.push({ event: kind === 'closed' ? 'ended' : 'escalation', conversation: 'c', status: 'closed', item: { seq, kind, at: '', by: 'system', ...rest } })
  push(2, 'closed', { outcome: 'escalated' })
  push(3, 'progressed', { escalation })
  expect(desk.news).toBe(before + 1)
  expect(at('c').escalation?.status).toBe('delivered')
  expect(at('c').over).toBe(false)

  // What was pushed to nobody is asked for over the next socket.
  service.openAt['c']!.entries!.push(
    { seq: 2, kind: 'closed', at: '', by: 'advisor' },
    { seq: 3, kind: 'progressed', at: '', by: 'system' },
    { seq: 4, kind: 'progressed', at: '', by: 'system', escalation: { ...escalation, status: 'settled' } as never },
  )
  service.openAt['c'] = { ...service.openAt['c']!, status: 'closed', seq: 4 }
  service.last.close(1006)
  await pass(2_000)
  expect(desk.news).toBe(before + 2)
  expect(at('c').escalation?.status).toBe('settled')
})

test('an escalation does not overtake messages that wait: numbers only go up', async () => {
  service.give('c', ['uno'])
  service.pace = { burst: 1, every: 3_000 }
  desk.connection.connect()
  await pass(20)
  for (const text of ['a', 'b']) at('c').send(text)
  const done = desk.escalate(at('c'), 'k', 'manca un dato')
  await pass(10_000)
  await done
  const numbered = service.frames.filter((f) => 'number' in f).map((f) => [f.action, f['number']])
  expect(numbered).toEqual([['send', 1], ['send', 2], ['send', 2], ['escalate', 3]])

  service.reachable = false
  service.last.close(1006)
  at('c').send('c')
  const again = expect(desk.escalate(at('c'), 'k', 'di nuovo')).rejects.toThrow('no answer')
  await pass(21_000)
  await again
})

test('an escalation whose answer gets lost is asked for again before anything that is written later', async () => {
  service.give('c', ['uno'])
  desk.connection.connect()
  await pass(20)
  let lost = 0
  service.lose = (f) => f.action === 'escalate' && lost++ === 0
  const done = desk.escalate(at('c'), 'k', 'manca un dato')
  at('c').send('dopo')
  await pass(60_000)
  await done
  const numbered = service.frames.filter((f) => 'number' in f).map((f) => [f.action, f['number']])
  expect(numbered).toEqual([['escalate', 1], ['escalate', 1], ['send', 2]])
})

test('who missed an offer is told why there is a pause, until they are back', async () => {
  desk.connection.connect()
  await pass(20)
  expect(desk.paused).toBeUndefined()
  service.last.push({ event: 'queues', queues: [{ topic: 'worker_case', waiting: 6 }] })
  expect(desk.queues).toEqual([{ topic: 'worker_case', waiting: 6 }])
  service.last.push({ event: 'duty', duty: { presence: 'paused', capacity: 3, topics: ['worker_case'], why: 'offer_missed' } })
  expect([desk.duty?.presence, desk.paused]).toEqual(['paused', 'offer_missed'])
  await Promise.all([desk.setPresence('available', 3), pass(20)])
  expect(desk.paused).toBeUndefined()
})

test('what was hidden in a note is told', async () => {
  service.give('c', ['uno'])
  desk.connection.connect()
  await pass(20)
  const answer = service.refuse
  service.refuse = (f) => (f.action === 'note' ? { event: 'ack', conversation: 'c', number: f['number'], hidden: ['iban'] } : answer(f))
  const [hidden] = await Promise.all([desk.note(at('c'), 'IBAN'), pass(20)])
  expect(hidden).toEqual(['iban'])
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

test('the advisor is told of the closing, by a push or on coming back', async () => {
  const closing = { at: '2026-11-23T17:00:00Z', until: '2026-11-23T17:15:00Z', reason: 'guasto' }
  desk.connection.connect()
  await pass(10)
  expect(desk.closing).toBeUndefined()
  service.sockets.at(-1)!.push({ event: 'closing', closing })
  expect(desk.closing).toEqual(closing)

  const back = new AdvisorDesk({ ticket: service.ticket, open: service.open, random: () => 0.5 }, () => {})
  service.about = { closing }
  back.connection.connect()
  await pass(10)
  expect(back.closing).toEqual(closing)
  back.connection.close()
})

test('notes go on after the last one of the advisor, also over a reload', async () => {
  service.give('a', ['uno'])
  service.openAt['a'] = { ...service.openAt['a']!, note_number: 4 }
  desk.connection.connect()
  await pass(20)
  service.openAt['a'] = { ...service.openAt['a']!, note_number: undefined as never } // a list does not tell it
  await pass(30_000)
  await Promise.all([desk.note(at('a'), 'una'), pass(20)])
  await Promise.all([desk.note(at('a'), 'due'), pass(20)])
  expect(service.notes).toEqual([5, 6])
})

test('who writes is shown until their message is there, however it comes, and no word that was late on the way shows it again', async () => {
  service.give('a', ['uno'])
  desk.connection.connect()
  await pass(2_000)
  const typing = () => service.last.push({ event: 'typing', conversation: 'a' })
  const message = (seq: number, by: string) =>
    service.last.push({ event: 'message', conversation: 'a', status: 'assigned', item: { seq, kind: 'message', at: '', by, text: 'x' } })
  typing()
  message(2, 'advisor') // of this advisor's other window
  expect(at('a').peerTyping).toBe(true)
  message(3, 'citizen')
  expect(at('a').peerTyping).toBe(false)
  typing()
  expect(at('a').peerTyping).toBe(false)
  await pass(2_000)
  typing()
  expect(at('a').peerTyping).toBe(true)

  // Entry 4 was lost: the gap is asked for.
  const had = at('a').log.items
  const write = (seq: number) => ({ seq, kind: 'message' as const, at: '', by: 'citizen' as const, text: 'y' })
  service.openAt['a'] = { ...service.openAt['a']!, seq: 5, entries: [...had, write(4), write(5)] }
  message(5, 'citizen')
  await pass(20)
  expect(at('a').log.seq).toBe(5)
  expect(at('a').peerTyping).toBe(false)
})

/** The answers to hello are what was read before `meanwhile`, which is done on each socket as it opens. */
function readBefore(meanwhile: () => void): void {
  const answer = service.refuse
  service.refuse = (f) => {
    const read = answer(f)
    if (f.action === 'hello' && f['conversation'] === undefined) meanwhile()
    return read
  }
}

test.each([true, false])('an offer that comes before the welcome stays, its snapshot being in it: %s', async (holds) => {
  desk.connection.connect()
  await pass(20)
  const fresh = () => ({ ...service.openAt['a']!, accepted: false, offer_until: '2026-11-23T14:01:00Z' })
  let given = false
  readBefore(() => {
    if (given) return
    given = true
    service.give('a', ['domanda'])
    service.openAt['a'] = fresh()
    service.last.push({ event: 'offered', conversation: 'a', status: 'assigned', ...(holds ? { snapshot: service.openAt['a'] } : {}) })
  })
  service.last.close(1006)
  await pass(2_000)
  expect(at('a').offerUntil).toBe('2026-11-23T14:01:00Z')
  expect(at('a').log.seq).toBe(1)

  // It was taken back, and the push got lost: nothing stale stays.
  service.openAt = { b: { ...fresh(), conversation: 'b' } }
  await pass(21_000)
  expect(desk.conversations.map((c) => c.id)).toEqual(['b'])
})

test('a welcome that was read earlier undoes nothing: neither an acceptance, nor that a conversation is gone', async () => {
  service.give('a', ['uno'])
  service.openAt['a'] = { ...service.openAt['a']!, accepted: false, offer_until: '2026-11-23T14:01:00Z' }
  service.give('b', ['due'])
  desk.connection.connect()
  await pass(20)
  readBefore(() => {
    service.last.push({ event: 'accepted', conversation: 'a', status: 'assigned', item: { seq: 2, kind: 'accepted', at: '', by: 'advisor' } })
    service.last.push({ event: 'queued', conversation: 'b', status: 'queued', item: { seq: 2, kind: 'requeued', at: '', by: 'system' } })
  })
  await pass(20_100)
  expect(desk.conversations.map((c) => [c.id, c.accepted])).toEqual([['a', true]])
})

test.each([
  ['closed, or given to somebody else, while the advisor was cut off', () => { service.openAt = {} }],
  ['offered again after a cut', () => { service.openAt['a'] = { ...service.openAt['a']!, seq: 2, accepted: false } }],
])('what was not sent in a conversation that was %s is given back', async (_, change) => {
  service.give('a', ['uno'])
  desk.connection.connect()
  await pass(20)
  const back: unknown[] = []
  desk.onHandedOn = (c, unsent) => back.push([c.id, unsent])
  service.reachable = false
  service.last.close(1006)
  at('a').send('scritto senza rete')
  at('a').send('anche questo')
  change()
  service.reachable = true
  await pass(40_000)
  expect(back).toEqual([['a', ['scritto senza rete', 'anche questo']]])
  expect(service.frames.filter((f) => f.action === 'send')).toEqual([])
})

test('a conversation that goes is told of, once; one that the advisor hands over only where something was not sent', async () => {
  const back: unknown[] = []
  desk.onHandedOn = (c, unsent) => back.push([c.id, unsent])
  for (const id of ['a', 'b', 'c', 'd']) service.give(id, ['uno'])
  service.openAt['d'] = { ...service.openAt['d']!, accepted: false }
  desk.connection.connect()
  await pass(20)
  service.last.push({ ...missed, conversation: 'a' })
  service.last.push({ ...missed, conversation: 'd' }) // only offered
  service.lose = (f) => f.action === 'send'
  at('c').send('senza risposta')
  await Promise.all([desk.transfer(at('b'), {}), desk.transfer(at('c'), {}), pass(20)])
  expect(back).toEqual([['a', []], ['c', ['senza risposta']]])
})
