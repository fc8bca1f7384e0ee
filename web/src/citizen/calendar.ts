import type { Slip } from '#sdk'
import { say } from '../text'

const quarter = '-PT15M'
/** RFC 5545, 3.1. */
const longest = 75

/** A reserved place as an entry for a calendar (RFC 5545), with an alarm when one can join. Added again it is the same entry. */
export function calendarOf({ opens_at, text }: Slip, address: string, now: Date): string {
  const start = stamp(new Date(opens_at))
  return [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//INFO CIG//IT', 'BEGIN:VEVENT'],
    ...[`UID:${start}@${new URL(address).host}`, `DTSTAMP:${stamp(now)}`, `DTSTART:${start}`],
    ...[`SUMMARY:${quoted(say('slip.event'))}`, `DESCRIPTION:${quoted(text)}`, `URL:${address}`],
    ...['BEGIN:VALARM', 'ACTION:DISPLAY', `TRIGGER:${quarter}`, `DESCRIPTION:${quoted(say('slip.event'))}`, 'END:VALARM'],
    ...['END:VEVENT', 'END:VCALENDAR', ''],
  ]
    .map(folded)
    .join('\r\n')
}

const stamp = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, '')

const quoted = (text: string): string => text.replace(/[\\;,]/g, '\\$&').replace(/\n/g, '\\n')

/** A line in pieces of at most so many bytes, none of which ends within a character. */
function folded(line: string): string {
  const bytes = new TextEncoder()
  const pieces = ['']
  for (const c of line) {
    const last = pieces.at(-1)!
    if (bytes.encode(last + c).length > longest) pieces.push(` ${c}`)
    else pieces[pieces.length - 1] = last + c
  }
  return pieces.join('\r\n')
}
