import { expect, test } from 'vitest'
import { blank } from '../src/text'

test.each<[string, string, boolean]>([
  ['nothing', '', true],
  ['a space', ' ', true],
  ['lines', '\n\t\r\n', true],
  ['no-break and ideographic spaces', '\u00a0\u3000', true],
  ['zero-width space and joiner', '\u200b\u200d\ufeff', true],
  ['a Hangul filler', '\u3164', true],
  ['Braille without dots', '\u2800', true],
  ['an accent on nothing', ' \u0301', true],
  ['a full stop', ' . ', false],
  ['an emoji with a variation selector', '\u2764\ufe0f', false],
  ['a letter with an accent', 'e\u0301', false],
])('%s', (_, text, expected) => {
  expect(blank(text)).toBe(expected)
})
