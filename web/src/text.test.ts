import { expect, test } from 'vitest'
import { format, say, timeOf, tooLongBy } from './text'

const catalogue = {
  plain: 'Ciao',
  named: '{n} di {name}',
  dated: 'Riapre {at, date} alle {at, time}.',
  day: '{ at , day }',
  wait: 'tra {low, minutes} e {high, minutes} minuti',
  'format.date': '{weekday} {day} {month} {year}',
  'format.day': '{day} {month} {year}',
  'weekday.1': 'lunedì',
  'month.2': 'febbraio',
  'error.internal': 'Qualcosa non ha funzionato.',
}

test.each([
  ['plain', {}, 'Ciao'],
  ['named', { n: 0, name: 'tre' }, '0 di tre'],
  ['named', { n: 1, name: '{n}' }, '1 di {n}'],
  ['named', { name: '' }, '— di —'],
  ['dated', { at: '2023-02-13T14:00:00Z' }, 'Riapre lunedì 13 febbraio 2023 alle 15:00.'],
  ['dated', { at: '2023-02-12T23:30:00Z' }, 'Riapre lunedì 13 febbraio 2023 alle 00:30.'],
  ['dated', { at: 'never' }, 'Riapre — alle —.'],
  ['day', { at: '2023-02-13T14:00:00Z' }, '13 febbraio 2023'],
  ['wait', { low: 61, high: 240 }, 'tra 2 e 4 minuti'],
  ['missing', {}, 'Qualcosa non ha funzionato.'],
])('%s %o is “%s”', (key, args, expected) => {
  expect(format(catalogue, key, args)).toBe(expected)
})

test('summer time counts', () => {
  expect(timeOf('2023-03-24T14:00:00Z')).toBe('15:00')
  expect(timeOf('2023-03-27T13:00:00Z')).toBe('15:00')
})

test('the catalogue of the service is used', () => {
  expect(say('queue.many', { n: 3 })).toBe('Ci sono 3 persone prima di te.')
})

test('one character too many is one', () => {
  expect([1, 2].map(tooLongBy)).toEqual(['Il testo è troppo lungo: togli 1 carattere.', 'Il testo è troppo lungo: togli 2 caratteri.'])
})
