import { expect, test } from 'vitest'
import { follows } from './scroll'

test.each<[string, Parameters<typeof follows>[0], boolean]>([
  ['at the end', { was: true, before: 400, top: 400, left: 0 }, true],
  ['its lines have grown since it went to its end', { was: true, before: 400, top: 400, left: 90 }, true],
  ['on its way down', { was: true, before: 0, top: 400, left: 90 }, true],
  ['scrolled up a little', { was: true, before: 400, top: 380, left: 20 }, true],
  ['scrolled up', { was: true, before: 400, top: 300, left: 100 }, false],
  ['scrolled down, not to the end', { was: false, before: 100, top: 200, left: 200 }, false],
  ['scrolled down to the end', { was: false, before: 100, top: 390, left: 10 }, true],
  ['the box has become higher', { was: true, before: 400, top: 300, left: 0 }, true],
])('%s', (_, scrolled, expected) => {
  expect(follows(scrolled)).toBe(expected)
})
