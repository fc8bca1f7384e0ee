import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CitizenChat } from '../src/citizen'
import { Log } from '../src/log'
import type { Item } from '../src/frames'
import { FakeService, pass } from './service'

let service: FakeService
let chat: CitizenChat

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-23T14:00:00Z') })
  service = new FakeService()
  chat = new CitizenChat({ ticket: service.ticket, open: service.open, random: () => 0.5 }, () => {})
})
afterEach(() => {
  chat.connection.close()
  vi.useRealTimers()
})

const shown = () => chat.conversation!.log.items.map((i) => i.text ?? i.kind)
const stored = () => service.log.map((i) => i.text ?? i.kind)
const sends = () => service.frames.filter((f) => f.action === 'send')

async function talking(): Promise<void> {
  chat.connection.connect()
  await pass(10)
  await Promise.all([chat.join('worker_case', 'a che punto è?', []), pass(10)])
  service.status = 'assigned'
}

test('joining gives a conversation and a position', async () => {
  await talking()
  expect(chat.conversation?.id).toBe('c')
  expect(chat.conversation?.ahead).toBe(2)
})

test('being refused gives the reason', async () => {
  chat.connection.connect()
  await pass(10)
  service.refuse = () => ({ event: 'refused', decision: { state: 'closed', reason: 'outside_hours', text: 'chiusa', channels: [] } })
  await Promise.all([chat.join('worker_case', '', []), pass(10)])
  expect(chat.conversation).toBeUndefined()
  expect(chat.refused?.state).toBe('closed')
})

test('one message in flight', async () => {
  await talking()
  for (const text of ['a', 'b', 'c']) chat.conversation!.send(text)
  expect(sends()).toHaveLength(1)
  await pass(1)
  expect(sends()).toHaveLength(2)
  await pass(10)
  expect(sends().map((f) => [f['number'], f['text']])).toEqual([[1, 'a'], [2, 'b'], [3, 'c']])
  expect(shown()).toEqual(['joined', 'a', 'b', 'c'])
  expect(chat.conversation!.outbox.waiting).toEqual([])
})

test('an ack that is lost: the same number again, stored and shown once', async () => {
  await talking()
  let lost = 0
  service.lose = (f) => f.action === 'send' && lost++ === 0
  chat.conversation!.send('una volta')
  await pass(10)
  expect(chat.conversation!.outbox.waiting).toHaveLength(1)
  service.last.close(1006)
  await pass(1_000)
  expect(sends().map((f) => f['number'])).toEqual([1, 1])
  expect(stored()).toEqual(['joined', 'una volta'])
  expect(shown()).toEqual(['joined', 'una volta'])
  expect(chat.conversation!.outbox.waiting).toEqual([])
})

test('an answer that never comes is asked for again at the next sign of life', async () => {
  await talking()
  let lost = 0
  service.lose = (f) => f.action === 'send' && lost++ === 0
  chat.conversation!.send('una volta')
  await pass(60_000)
  expect(shown()).toEqual(['joined', 'una volta'])
  expect(stored()).toEqual(['joined', 'una volta'])
})

test('"are you still there?" and its answer', async () => {
  await talking()
  const question = () => [chat.conversation!.answerUntil !== undefined, chat.conversation!.aside]
  expect(question()).toEqual([false, false])
  service.ask('asked')
  expect(question()).toEqual([true, false])
  await pass(60_000) // pings are the page's
  expect(question()).toEqual([true, false])
  service.ask('aside', false)
  await pass(25_010) // the push was lost: the next sign of life tells
  expect(question()).toEqual([true, true])
  await Promise.all([chat.conversation!.here(), pass(10)])
  await pass(10)
  expect([...question(), chat.conversation!.ahead]).toEqual([false, false, undefined])
  expect(shown()).toEqual(stored())
})

test('a message is an answer, a new connection is none', async () => {
  await talking()
  service.ask('asked', false)
  service.last.close(1006)
  await pass(2_000)
  expect(chat.conversation!.answerUntil).toBeDefined()
  chat.conversation!.send('eccomi')
  await pass(10)
  expect(chat.conversation!.answerUntil).toBeUndefined()
})

test('the second socket of the two hours: both sides write on, nothing is lost or doubled, nothing is seen of it', async () => {
  await talking()
  const states: string[] = []
  chat.connection.onState = (state) => states.push(state)
  await pass(105 * 60_000 - 200) // the second is opened at 1 h 45, to the millisecond: chance is fixed here
  const before = { sockets: service.sockets.length, stored: service.log.length }
  // A message each way in every few milliseconds, before, while and after the sockets change. Of the pushes
  // some go over the old socket, some over both, some over none that is still looked at.
  for (let n = 0; n < 120; n++) {
    if (n % 3 === 0) chat.conversation!.send(`domanda ${n}`)
    if (n % 4 === 0) service.say(`risposta ${n}`, n % 8 === 0)
    await pass(3)
  }
  await pass(30_000)
  expect(service.sockets.length).toBe(before.sockets + 1)
  expect(service.sockets.map((s) => s.readyState)).toEqual([3, 1])
  expect(states).toEqual([])
  expect(service.log.length).toBe(before.stored + 40 + 30)
  expect(new Set(stored()).size).toBe(service.log.length)
  expect(shown()).toEqual(stored())
  expect(chat.conversation!.outbox.waiting).toEqual([])
  expect(new Set(sends().map((f) => f['number'])).size).toBe(40)
})

test('messages written while cut off are sent when back, in order', async () => {
  await talking()
  service.reachable = false
  service.last.close(1006)
  for (const text of ['a', 'b', 'c']) chat.conversation!.send(text)
  service.say('nel frattempo')
  await pass(30_000)
  service.reachable = true
  await pass(31_000)
  expect(stored()).toEqual(['joined', 'nel frattempo', 'a', 'b', 'c'])
  expect(shown()).toEqual(stored())
})

test('a push that is lost shows at the next one', async () => {
  await talking()
  service.say('persa', false)
  service.say('arrivata')
  await pass(10)
  expect(shown()).toEqual(['joined', 'persa', 'arrivata'])
})

test('the last push that is lost shows at the next sign of life', async () => {
  await talking()
  service.say('persa', false)
  await pass(24_000)
  expect(shown()).toEqual(['joined'])
  await pass(2_000)
  expect(shown()).toEqual(['joined', 'persa'])
})

test('pushes out of order and twice are shown once and in order', async () => {
  await talking()
  const items = ['a', 'b', 'c'].map((text) => service.write('advisor', text))
  for (const i of [2, 0, 0, 1, 2]) service.last.push({ event: 'message', conversation: 'c', status: 'assigned', item: items[i] })
  await pass(10)
  expect(shown()).toEqual(['joined', 'a', 'b', 'c'])
})

test('a long absence is caught up page by page', async () => {
  await talking()
  service.last.close(1006)
  for (let i = 0; i < 180; i++) service.say(`m${i}`)
  await pass(2_000)
  expect(shown()).toEqual(stored())
})

test('what is refused for good is set aside with its reason, and what is behind it goes on', async () => {
  await talking()
  service.refuse = (f) =>
    f['text'] === 'cattivo' ? { event: 'error', code: 'invalid', text: 'Messaggio non valido.', retry: false, character: 'U+202A' } : undefined
  for (const text of ['prima', 'cattivo', 'buono']) chat.conversation!.send(text)
  await pass(10)
  expect(chat.conversation!.outbox.waiting.map((m) => [m.text, m.failed?.code, m.failed?.character])).toEqual([['cattivo', 'invalid', 'U+202A']])
  expect(shown()).toEqual(['joined', 'prima', 'buono'])
  chat.conversation!.send('dopo')
  await pass(10)
  expect(shown()).toEqual(['joined', 'prima', 'buono', 'dopo'])
  chat.conversation!.outbox.drop(2)
  expect(chat.conversation!.outbox.waiting).toEqual([])
})

test('answers that get lost cost seconds, and nothing is stored twice', async () => {
  await talking()
  const tries = new Map<unknown, number>()
  service.lose = (f) => {
    const n = (tries.get(f['number']) ?? 0) + 1
    tries.set(f['number'], n)
    return f.action === 'send' && n === 1
  }
  for (const text of ['a', 'b', 'c']) chat.conversation!.send(text)
  await pass(16_000)
  expect(shown()).toEqual(['joined', 'a', 'b', 'c'])
  expect(stored()).toEqual(shown())
  expect(service.sockets).toHaveLength(1) // the socket answers: it is not given up
})

test('what is pushed before the answer to a join is not lost', async () => {
  chat.connection.connect()
  await pass(10)
  const answered = chat.join('worker_case', '', [])
  const item = { seq: 2, kind: 'assigned', at: new Date(Date.now()).toISOString(), by: 'system' }
  service.last.push({ event: 'offered', conversation: 'c', status: 'assigned', item })
  await Promise.all([answered, pass(10)])
  expect(chat.conversation!.status).toBe('assigned')
  expect(shown()).toEqual(['joined', 'assigned'])
})

test('a conversation elsewhere is named, and can be ended from here', async () => {
  const welcome = service.refuse
  service.refuse = (f) =>
    f.action === 'join'
      ? { event: 'error', code: 'conflict', text: 'Hai già una conversazione.', retry: false, elsewhere: { id: 't', company: 'Tessitura' } }
      : welcome(f)
  chat.connection.connect()
  await pass(10)
  expect(chat.elsewhere).toBeUndefined()
  const failure = expect(chat.join('worker_case', 'domanda', [])).rejects.toMatchObject({ code: 'conflict' })
  await pass(10)
  await failure
  expect([chat.conversation, chat.elsewhere]).toEqual([undefined, { id: 't', company: 'Tessitura' }])
  await Promise.all([chat.leaveElsewhere(), pass(10)])
  expect(service.frames.at(-1)).toMatchObject({ action: 'leave', elsewhere: true })
  expect(chat.elsewhere).toBeUndefined()
})

test('a conversation elsewhere that has ended by itself is not named any more', async () => {
  chat.connection.connect()
  await pass(10)
  chat.elsewhere = { id: 't', company: 'Tessitura' }
  await Promise.all([chat.join('worker_case', 'domanda', []), pass(10)])
  expect(chat.conversation?.id).toBe('c')
  expect(chat.elsewhere).toBeUndefined()
})

test('back in the queue, after an offer that was missed: how one stands is asked at once', async () => {
  await talking()
  const item = (seq: number, kind: Item['kind']): Item => ({ seq, kind, at: new Date(Date.now()).toISOString(), by: 'system' })
  service.last.push({ event: 'offered', conversation: 'c', status: 'assigned', item: item(2, 'assigned') })
  expect(chat.conversation!.ahead).toBe(0)
  const before = service.frames.length
  service.last.push({ event: 'queued', conversation: 'c', status: 'queued', item: { ...item(3, 'requeued'), reason: 'offer_missed' } })
  expect(chat.conversation!.ahead).toBeUndefined() // it is not known until then
  expect(service.frames.slice(before).map((f) => f.action)).toContain('ping')
})

test('nobody serves, or hardly before the end of the day: it is told as long as it holds', async () => {
  await talking()
  service.last.push({ event: 'position', conversation: 'c', ahead: 0, unattended: true, unlikely: true })
  expect([chat.conversation!.unattended, chat.conversation!.unlikely]).toEqual([true, true])
  service.last.push({ event: 'position', conversation: 'c', ahead: 0, wait: { low_s: 0, high_s: 60 } })
  expect([chat.conversation!.unattended, chat.conversation!.unlikely]).toEqual([false, false])
})

test('what may succeed later is tried later', async () => {
  await talking()
  let times = 0
  service.refuse = (f) => (f.action === 'send' && times++ < 2 ? { event: 'error', code: 'throttled', text: 'Troppi.', retry: true } : undefined)
  chat.conversation!.send('piano')
  await pass(80_000)
  expect(shown()).toEqual(['joined', 'piano'])
})

test('who writes too fast waits: in order, nothing failed, hardly ever refused', async () => {
  await talking()
  service.pace = { burst: 5, every: 3_000 }
  const texts = Array.from({ length: 20 }, (_, i) => `m${i}`)
  for (const text of texts) {
    chat.conversation!.send(text)
    await pass(300)
  }
  const failed = () => chat.conversation!.outbox.waiting.filter((m) => m.failed)
  expect(chat.conversation!.outbox.waiting.length).toBeGreaterThan(10)
  for (let s = 0; s < 50; s++) {
    await pass(1_000)
    expect(failed()).toEqual([])
  }
  expect(shown()).toEqual(['joined', ...texts])
  expect(service.throttled).toBeLessThan(4)
})

test('who answers again and again a little too fast is not refused again and again', async () => {
  await talking()
  service.pace = { burst: 5, every: 3_000 }
  for (let i = 0; i < 20; i++) {
    chat.conversation!.send(`m${i}`)
    while (chat.conversation!.outbox.waiting.length) await pass(100)
    await pass(500)
  }
  expect(shown()).toHaveLength(21)
  expect(service.throttled).toBeLessThan(4)
})

test('neither a sign of life nor a new connection makes a message go too early', async () => {
  await talking()
  service.pace = { burst: 1, every: 60_000 }
  for (const text of ['a', 'b']) chat.conversation!.send(text)
  await pass(10)
  service.last.close(1006)
  await pass(40_000)
  expect(sends()).toHaveLength(2)
  await pass(25_000)
  expect(shown()).toEqual(['joined', 'a', 'b'])
  expect(service.throttled).toBe(1)
})

test('nor does a reload: what is refused waits as long as the service says', async () => {
  await talking()
  service.pace = { burst: 1, every: 60_000 }
  chat.conversation!.send('a')
  await pass(10)
  chat.connection.close()
  chat = new CitizenChat({ ticket: service.ticket, open: service.open, random: () => 0.5 }, () => {})
  chat.connection.connect()
  await pass(10)
  chat.conversation!.send('b')
  await pass(26_000) // over a sign of life
  chat.conversation!.send('c')
  await pass(26_000)
  expect(service.throttled).toBe(1)
  await pass(70_000)
  expect(shown()).toEqual(['joined', 'a', 'b', 'c'])
})

test('what was hidden is told, and the text as stored is shown', async () => {
  chat.connection.connect()
  await pass(10)
  service.refuse = (f) => {
    if (f.action === 'join') {
      service.log = [{ seq: 1, kind: 'joined', at: '', by: 'citizen', text: '[carta]' }]
      return { event: 'queued', conversation: 'c', status: 'queued', snapshot: service.snapshot(0), hidden: ['card'] }
    }
    if (f.action !== 'send') return undefined
    const item = service.write('citizen', '[iban]', 1)
    return { event: 'ack', conversation: 'c', status: 'queued', seq: item.seq, number: 1, item, hidden: ['iban'] }
  }
  await Promise.all([chat.join('worker_case', '4111 1111 1111 1111', []), pass(10)])
  chat.conversation!.send('IT60 X054 2811 1010 0000 0123 456')
  await pass(10)
  expect(shown()).toEqual(['[carta]', '[iban]'])
  expect(chat.conversation!.hidden).toEqual({ 1: ['card'], 2: ['iban'] })
})

test('after the end signs of life go on until the office has answered', async () => {
  await talking()
  service.progress('pending', true, 'escalated')
  service.end()
  expect(chat.conversation!.ended).toBe(true)
  expect(chat.conversation!.over).toBe(false)
  service.progress('delivered')
  expect(chat.conversation!.escalation?.status).toBe('delivered')
  service.progress('taken_in_charge', false) // the push is lost
  await pass(26_000)
  expect(service.frames.findLast((f) => f.action === 'ping')?.['conversation']).toBe('c')
  expect(chat.conversation!.escalation?.status).toBe('taken_in_charge')
  service.progress('settled')
  expect(chat.conversation!.over).toBe(true)
  await pass(26_000)
  expect(service.frames.findLast((f) => f.action === 'ping')?.['conversation']).toBeUndefined()
})

test('news that came while cut off after the end are caught up', async () => {
  await talking()
  service.progress('pending', true, 'escalated')
  service.end()
  service.last.close(1006)
  service.progress('delivered')
  service.progress('rejected')
  await pass(2_000)
  expect(service.frames.findLast((f) => f.action === 'hello')).toMatchObject({ conversation: 'c', since: 3 })
  expect(chat.conversation!.escalation?.status).toBe('rejected')
})

test('after a reload numbers go on where the service is', async () => {
  await talking()
  chat.conversation!.send('a')
  await pass(10)
  const again = new CitizenChat({ ticket: service.ticket, open: service.open, random: () => 0.5 }, () => {})
  again.connection.connect()
  await pass(10)
  again.conversation!.send('b')
  await pass(10)
  expect(sends().map((f) => f['number'])).toEqual([1, 2])
  again.connection.close()
})

test('the other side writing is shown, and fades', async () => {
  await talking()
  service.last.push({ event: 'typing', conversation: 'c' })
  expect(chat.conversation!.peerTyping).toBe(true)
  await pass(6_001)
  expect(chat.conversation!.peerTyping).toBe(false)
})

test('own writing is told at most every three seconds', async () => {
  await talking()
  for (let i = 0; i < 50; i++) {
    chat.conversation!.typing()
    await pass(100)
  }
  expect(service.frames.filter((f) => f.action === 'typing')).toHaveLength(2)
})

test('a log shows only what has no gap before it', () => {
  const log = new Log()
  const item = (seq: number): Item => ({ seq, kind: 'message', at: '', by: 'advisor' })
  expect(log.add(item(2))).toBe(false)
  expect(log.gap).toBe(true)
  expect(log.add(item(1), item(1))).toBe(true)
  expect(log.items.map((i) => i.seq)).toEqual([1, 2])
  expect(log.gap).toBe(false)
})

const closing = { at: '2026-11-23T17:00:00Z', until: '2026-11-23T17:15:00Z' }

test.each<[string, () => void]>([
  ['is pushed', () => service.sockets.at(-1)!.push({ event: 'closing', closing })],
  ['comes with the answer to join', () => {}],
])('the closing %s', async (how, push) => {
  chat.connection.connect()
  await pass(10)
  expect(chat.closing).toBeUndefined()
  if (how !== 'is pushed') service.closing = closing
  await Promise.all([chat.join('worker_case', '', []), pass(10)])
  push()
  expect(chat.closing).toEqual(closing)
})

test('whoever comes back is told of the closing', async () => {
  service.closing = closing
  chat.connection.connect()
  await pass(10)
  expect(chat.closing).toEqual(closing)
})

test('a read mark that gets lost is told again, an older one is not', async () => {
  await talking()
  service.say('uno')
  await pass(10)
  let lost = 0
  const answer = service.refuse
  service.refuse = (f) => (f.action === 'read' && lost++ === 0 ? { event: 'error', code: 'throttled', text: 'Troppi.', retry: true, after_ms: 1 } : answer(f))
  chat.conversation!.read()
  await pass(10_000)
  expect(service.frames.filter((f) => f.action === 'read').map((f) => f['seq'])).toEqual([2, 2])
  chat.conversation!.read(1)
  await pass(10_000)
  expect(service.frames.filter((f) => f.action === 'read')).toHaveLength(2)
})
