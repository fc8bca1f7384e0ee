import { expect, test } from 'vitest'
import type { Case } from '#sdk'
import { overdue, payerOf } from './stage'

const of = (status: Case['status'], since: string, usual_days?: number): Case => ({
  id: 'k', benefit: 'CIGO', payer: 'INPS', company: 'Rossi', from: '2026-01-01', to: '2026-02-01', office: 'PZ', office_name: 'Potenza',
  ...{ status, since, ...(usual_days ? { usual_days } : {}) },
})
const at = (date: string) => Date.parse(`${date}T12:00:00Z`)

test('a case is past its usual time from the day after its last one on', () => {
  expect(overdue(of('received', '2026-11-01', 15), at('2026-11-16'))).toBe(false)
  expect(overdue(of('received', '2026-11-01', 15), at('2026-11-17'))).toBe(true)
})

test('without a usual time, or where nothing is waited for, no case is past it', () => {
  expect(overdue(of('received', '2026-11-01'), at('2027-11-16'))).toBe(false)
  expect(overdue(of('paid', '2026-11-01', 15), at('2027-11-16'))).toBe(false)
  expect(overdue(of('rejected', '2026-11-01', 15), at('2027-11-16'))).toBe(false)
})

test('who pays is said as sure as it is', () => {
  expect(payerOf(of('paid', '2026-11-01'))).toBe('case.payer')
  expect(payerOf(of('authorised', '2026-11-01'))).toBe('case.payer')
  expect(payerOf(of('under_examination', '2026-11-01'))).toBe('case.payer.if')
  expect(payerOf(of('rejected', '2026-11-01'))).toBeUndefined()
})
