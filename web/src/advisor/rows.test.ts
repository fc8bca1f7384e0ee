import type { Item } from '#sdk'
import { expect, test } from 'vitest'
import { lengthOf, minutesSince } from '../parts/waits'
import { asBefore, handedBy, isThere, lastSaid, Leaving, ordered, twins, waitsSince, type Row } from './rows'

const start = Date.parse('2026-11-23T14:00:00.000Z')
const minutes = (n: number) => start + n * 60_000
const iso = (n: number) => new Date(minutes(n)).toISOString()

let seq = 0
const item = (kind: Item['kind'], by: Item['by'], n: number, rest: Partial<Item> = {}): Item => ({ seq: ++seq, kind, by, at: iso(n), ...rest })
const joined = (n: number, text?: string) => ((seq = 0), item('joined', 'citizen', n, text ? { text } : {}))
const says = (by: Item['by'], n: number, text = 'x') => item('message', by, n, { text })
const accepted = (n: number, name = 'Marta') => item('accepted', 'advisor', n, { name })

const row = (id: string, items: Item[], rest: Partial<Row> = {}): Row => ({ id, items, accepted: true, ended: false, offerUntil: undefined, citizen: undefined, ...rest })
const offer = (id: string, items: Item[], until: number): Row => row(id, items, { accepted: false, offerUntil: iso(until) })
const waits = (p: Row) => {
  const since = waitsSince(p)
  return since === undefined ? undefined : minutesSince(since, minutes(20))
}

test.each<[string, Row, number | undefined]>([
  ['from the joining on', row('a', [joined(1, 'ciao'), accepted(5)]), 19],
  ['from the joining on, without a question too', row('a', [joined(1), accepted(5)]), 19],
  ['not after an answer', row('a', [joined(1, 'ciao'), accepted(5), says('advisor', 6)]), undefined],
  ['from the first message without an answer', row('a', [joined(1), accepted(5), says('advisor', 6), says('citizen', 8), says('citizen', 9)]), 12],
  ['not after the end', row('a', [joined(1, 'ciao'), accepted(5)], { ended: true }), undefined],
  ['offered: from the joining on', offer('a', [joined(1)], 21), 19],
  ['handed over: from then on', offer('a', [joined(1), accepted(2), says('advisor', 3), item('transferred', 'advisor', 10), item('requeued', 'system', 12)], 21), 10],
  ['handed over: from the unanswered message on', offer('a', [joined(1), accepted(2), says('advisor', 3), says('citizen', 4), item('transferred', 'advisor', 10)], 21), 16],
])('a citizen waits %s', (_, p, expected) => {
  expect(waits(p)).toBe(expected)
})

test('a wait is long from three minutes on, and too long from eight on', () => {
  expect([0, 2, 3, 7, 8, 90].map(lengthOf)).toEqual(['short', 'short', 'long', 'long', 'too_long', 'too_long'])
})

test('who needs the advisor first comes first', () => {
  const rows = [
    row('ended', [joined(0), item('closed', 'citizen', 3)], { ended: true }),
    row('ended later', [joined(0), item('closed', 'citizen', 4)], { ended: true }),
    row('answered', [joined(2), accepted(3), says('advisor', 4)]),
    row('waits little', [joined(0), accepted(1), says('advisor', 2), says('citizen', 9)]),
    row('waits long', [joined(5, 'ciao'), accepted(6)]),
    offer('offer', [joined(9)], 22),
    offer('offer that ends soon', [joined(9)], 21),
    row('nothing known yet', []),
  ]
  const expected = ['offer that ends soon', 'offer', 'waits long', 'waits little', 'nothing known yet', 'answered', 'ended later', 'ended']
  expect(ordered(rows).map((p) => p.id)).toEqual(expected)
  expect(ordered([...rows].reverse()).map((p) => p.id)).toEqual(expected)
})

test('while a row is being picked they stay where they are, and new ones go last', () => {
  const rows = ['new', 'a', 'b', 'c'].map((id) => row(id, []))
  expect(asBefore(rows, ['c', 'gone', 'a', 'b']).map((p) => p.id)).toEqual(['c', 'a', 'b', 'new'])
})

test('who has handed it over is told until somebody accepts', () => {
  const items = [joined(0), accepted(1), item('transferred', 'advisor', 2, { name: 'Marta' }), item('assigned', 'system', 2)]
  expect(handedBy(offer('a', items, 3))).toBe('Marta')
  expect(handedBy(row('a', [...items, accepted(3, 'Davide')]))).toBeUndefined()
  expect(handedBy(offer('a', [joined(0)], 3))).toBeUndefined()
})

test('what was said last is the question or a message, not what an office says', () => {
  const items = [joined(0, 'domanda'), accepted(1), item('progressed', 'system', 2, { text: 'la sede' })]
  expect(lastSaid(row('a', items))?.text).toBe('domanda')
  expect(lastSaid(row('a', [...items, says('advisor', 3, 'risposta')]))?.text).toBe('risposta')
  expect(lastSaid(row('a', [joined(0)]))).toBeUndefined()
})

test('rows of the same name are known', () => {
  const named = (id: string, name: string) => row(id, [], { citizen: { name, role: 'worker', province: 'RM' } })
  expect([...twins([named('a', 'Ada'), named('b', 'Bice'), named('c', 'Ada'), row('d', []), row('e', [])])]).toEqual(['Ada'])
})

test('an ended row leaves after a minute without anything to do, and the minute begins anew', () => {
  const leaving = new Leaving()
  const rows = [row('open', []), row('ended', [], { ended: true }), row('read', [], { ended: true })]
  let reads = true
  const due = (at: number) => leaving.due(rows, (p) => p.id === 'read' && reads, at)
  expect(due(0)).toEqual([])
  expect(due(59_999)).toEqual([])
  expect(due(60_000)).toEqual(['ended'])
  reads = false
  expect(due(70_000)).toEqual(['ended'])
  reads = true
  due(80_000)
  reads = false
  due(90_000)
  expect(due(149_000)).toEqual(['ended'])
  expect(due(150_000)).toEqual(['ended', 'read'])
})

test('who was asked, and says to be there, is shown so until somebody writes, goes or asks again', () => {
  const there = [joined(1), accepted(2), says('advisor', 3), item('asked', 'advisor', 4), item('here', 'citizen', 5)]
  expect(isThere(row('a', there))).toBe(true)
  for (const next of [says('citizen', 6), says('advisor', 6), item('away', 'system', 6), item('asked', 'advisor', 6)]) expect(isThere(row('a', [...there, next]))).toBe(false)
  expect(isThere(row('a', there, { ended: true }))).toBe(false)
  expect(isThere(row('a', there.slice(0, 4)))).toBe(false)
})
