import { expect, test } from 'vitest'
import { calendarOf } from './calendar'

const text = 'Hai un posto prenotato per giovedì 3 dicembre 2026. Entra in chat quel giorno, dalle 14:45 in poi: passi prima; è così.'
const slip = { opens_at: '2026-12-03T14:00:00Z', numbers_at: '2026-12-03T13:45:00Z', text }
const lines = (address = 'https://chat.example/myinps') => calendarOf(slip, address, new Date('2026-12-02T17:00:00.123Z')).split('\r\n')

test('a reserved place is an entry at the opening, the same each time', () => {
  expect(lines()).toContain('DTSTART:20261203T140000Z')
  expect(lines()).toContain('DTSTAMP:20261202T170000Z')
  expect(lines()).toContain('UID:20261203T140000Z@chat.example')
  expect(lines().slice(-3)).toEqual(['END:VEVENT', 'END:VCALENDAR', ''])
})

test('what calendars read otherwise is quoted, and no line is too long', () => {
  const all = lines(`https://chat.example/${'è'.repeat(90)}`)
  expect(all.join('\r\n').replaceAll('\r\n ', '')).toContain('quel giorno\\, dalle 14:45 in poi: passi prima\\; è così.')
  for (const line of all) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75)
  expect(all.join('')).not.toContain('�')
})
