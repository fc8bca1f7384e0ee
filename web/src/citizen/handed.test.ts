import type { OwnEscalation } from '#sdk'
import { expect, test } from 'vitest'
import { dueOf, late, newsOf, underWay } from './handed'

const of = (rest: Partial<OwnEscalation>): OwnEscalation => ({
  ...{ id: '1', conversation: 'c', case: 'INPS.CIGO.1', office: 'RM-EUR', office_name: 'Roma EUR', status: 'delivered', sent_at: '2023-02-13T14:00:00Z' },
  ...{ protocol: 'INPS.7000.13/02/2023.0000001', due_at: '2023-03-15T14:00:00Z' },
  ...rest,
})
const inTime = 'La sede risponde entro mercoledì 15 marzo 2023.'
const tooLate = "La sede doveva rispondere entro mercoledì 15 marzo 2023. La sede INPS è in ritardo: l'abbiamo segnalato."

test.each<[OwnEscalation['status'], boolean, string]>([
  ['pending', true, ''],
  ['queued', true, ''],
  ['delivered', true, inTime],
  ['taken_in_charge', true, inTime],
  ['needs_document', true, 'La sede aspetta il documento, per rispondere entro mercoledì 15 marzo 2023.'],
  ['settled', false, ''],
  ['rejected', false, ''],
  ['failed', false, ''],
])('%s: under way %s, “%s”', (status, way, due) => {
  expect(underWay(of({ status }))).toBe(way)
  expect(dueOf(of({ status }))).toBe(due)
})

test('an office is late while it owes an answer, and no longer once it has answered', () => {
  expect(dueOf(of({ status: 'taken_in_charge', overdue: true }))).toBe(tooLate)
  expect(late(of({ status: 'settled', overdue: true }))).toBe(false)
  expect(dueOf(of({ status: 'settled', overdue: true }))).toBe('')
  expect(dueOf({ status: 'delivered' })).toBe('')
})

test('only what has changed is news, not what is seen for the first time', () => {
  const other = of({ id: '2' })
  expect(newsOf([], [other])).toBe('')
  expect(newsOf([of({}), other], [of({}), other])).toBe('')
  expect(newsOf([of({}), other], [of({ status: 'settled' }), other, of({ id: '3' })])).toBe('La sede INPS ha chiuso la segnalazione.')
  const words = (words: string) => ({ ...of({ status: 'needs_document' }), due_at: '', words }) as Parameters<typeof newsOf>[0][number]
  expect(newsOf([words('Manca il modello.')], [words('Manca una firma.')])).toBe('La sede INPS chiede un documento. La sede scrive: «Manca una firma.»')
  expect(newsOf([of({})], [of({ overdue: true })])).toBe(`La sede INPS ha ricevuto la segnalazione. ${tooLate}`)
})
