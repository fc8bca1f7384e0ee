import { expect, test } from 'vitest'
import { isWanted } from './find'

test.each<[string, number, string, boolean]>([
  ['', 1, '15:04', true],
  ['  ', 1, '15:04', true],
  ['1', 1, '15:04', true],
  ['1', 15, '15:04', false],
  ['15', 3, '15:04', true],
  ['15', 15, '16:00', true],
  ['15:0', 3, '15:04', true],
  ['15.04', 3, '15:04', true],
  ['15:05', 3, '15:04', false],
])('“%s” wants place %i of %s: %s', (wanted, place, time, expected) => {
  expect(isWanted(wanted, place, time)).toBe(expected)
})
