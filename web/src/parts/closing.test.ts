import { expect, test } from 'vitest'
import { closingOf, type Told } from './closing'

const closing = { at: '2026-11-23T17:00:00Z', until: '2026-11-23T17:15:00Z' }
const closure = { ...closing, reason: 'guasto degli impianti' }
const at = (time: string) => Date.parse(`2026-11-23T${time}Z`)

test.each<[string, typeof closing, Told, string, string]>([
  ['ten minutes before', closing, 'waiting', '16:50:00', 'La chat chiude tra 10 minuti, alle 18:00. Il tuo posto in coda resta valido fino alle 18:15.'],
  ['a minute before', closing, 'talking', '16:59:30', 'La chat chiude tra un minuto, alle 18:00. Questa conversazione può continuare fino alle 18:15.'],
  ['from the closing on', closing, 'talking', '17:00:00', 'La chat ha chiuso alle 18:00. Questa conversazione può continuare fino alle 18:15.'],
  ['to the advisor', closing, 'advisor', '16:58:00', 'La chat chiude tra 2 minuti, alle 18:00. Da quel momento nessuno entra in coda; le conversazioni in corso possono finire entro le 18:15.'],
  ['a closure to come', closure, 'waiting', '16:55:00', 'La chat chiude alle 18:00: guasto degli impianti.'],
  ['a closure', closure, 'talking', '17:00:00', 'La chat ha chiuso alle 18:00: guasto degli impianti. Questa conversazione può continuare fino alle 18:15.'],
  ['after the grace', closing, 'advisor', '17:15:00', ''],
])('%s', (_, c, told, time, expected) => {
  expect(closingOf(c, told, at(time))).toBe(expected)
})
