import type { Answer, Closing } from '#sdk'
import { expect, test } from 'vitest'
import { timeOf } from '../text'
import { keptUntil } from './left'

const limits = { keep_place_s: 3600, idle_s: 900 }
const closing: Closing = { at: '2026-11-23T17:00:00Z', until: '2026-11-23T17:15:00.000Z' }
const answer = (state: Answer['state'], until?: string): Answer => ({ state, reason: 'in_hours', text: '', channels: [], ...(until ? { until } : {}) }) as Answer
const open = answer('open', '2026-11-23T17:00:00Z')

// In Italy it is an hour later.
test.each<[string, string, Closing | undefined, Answer | undefined, string]>([
  ['in the afternoon', '14:30', undefined, open, '16:30'],
  ['towards the evening', '16:20', undefined, open, '18:00'],
  ['once the closing is told of', '16:50', closing, open, '18:15'],
  ['after the closing', '17:05', closing, answer('closed', '2026-11-24T14:00:00Z'), '18:15'],
  ['a closure ends every wait', '16:50', { ...closing, reason: 'guasto' }, open, '18:00'],
  ['what was told of an earlier closing', '16:20', { at: '2026-11-22T17:00:00Z', until: '2026-11-22T17:15:00Z' }, open, '18:00'],
  ['before the opening', '13:50', undefined, answer('closed', '2026-11-23T14:00:00Z'), '15:50'],
  ['nothing known', '16:50', undefined, undefined, '18:50'],
])('%s', (_, now, told, of, expected) => {
  expect(timeOf(keptUntil({ limits, closing: told, answer: of }, Date.parse(`2026-11-23T${now}:00Z`)))).toBe(expected)
})
