import { expect, test } from 'vitest'
import type { Handed } from './book.svelte'
import { shown, type Which } from './shown'

const of = (id: string, due_at: string, next: Handed['next'], name: string, company?: string): Handed => ({
  ...{ id, due_at, next, protocol: `INPS.7000.${id}`, steps: [], case: `INPS.CIGO.${id}`, advisor: 'Marta', text: '', sent_at: due_at },
  person: { name, fiscal_code: 'FRRGLN84C52Z999T' },
  ...(company ? { company } : {}),
})
const all = [
  of('0003', '2026-12-30T10:00:00Z', ['settled'], 'Giuliana Ferrantini'),
  of('0001', '2026-12-10T10:00:00Z', [], 'Ettore Brambati'),
  of('0002', '2026-12-09T10:00:00Z', ['taken_in_charge'], 'Annarita Dell’Erba', 'Cantieri del Golfo'),
]
const ids = (which: Which, sought = '', kept: string[] = []) => shown(all, which, sought, new Set(kept)).map((e) => e.id)

test('what is to be answered first comes first', () => {
  expect(ids('all')).toEqual(['0002', '0001', '0003'])
})

test('open and closed are told apart, but what was just closed stays', () => {
  expect(ids('open')).toEqual(['0002', '0003'])
  expect(ids('closed')).toEqual(['0001'])
  expect(ids('open', '', ['0001'])).toEqual(['0002', '0001', '0003'])
})

test('protocol, case, person and company are searched, each word', () => {
  expect(ids('all', '7000.0001')).toEqual(['0001'])
  expect(ids('all', 'cigo.0003')).toEqual(['0003'])
  expect(ids('all', 'golfo ANNARITA')).toEqual(['0002'])
  expect(ids('all', 'golfo ettore')).toEqual([])
})
