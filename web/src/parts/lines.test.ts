import type { Item } from '#sdk'
import { expect, test } from 'vitest'
import type { Picture } from '../live.svelte'
import { say } from '../text'
import { forAdvisor } from '../advisor/said'
import { forCitizen } from '../citizen/said'
import { linesOf, type Line, type Side } from './lines'

const at = '2023-02-13T14:00:00Z'
const entry = (seq: number, rest: Partial<Item>): Item => ({ seq, at, kind: 'message', by: 'system', ...rest })
const talk = [
  entry(1, { kind: 'joined', by: 'citizen', text: 'Quando arriva?', citizen: { name: 'Ada', role: 'worker', province: 'RM' } }),
  entry(2, { kind: 'assigned' }),
  entry(3, { kind: 'accepted', by: 'advisor', name: 'Marta' }),
  entry(4, { by: 'advisor', name: 'Marta', text: 'Guardo.' }),
  entry(5, { kind: 'away' }),
  entry(6, { kind: 'connected', by: 'citizen' }),
  entry(7, { kind: 'transferred', by: 'advisor', name: 'Marta' }),
  entry(8, { kind: 'accepted', by: 'advisor', name: 'Davide' }),
  entry(9, { kind: 'closed', by: 'advisor', name: 'Davide', reason: 'by_advisor', outcome: 'settled' }),
]

function picture(items: Item[]): Picture {
  return { items, citizen: items[0]?.citizen, seenByPeer: 1, hidden: {} } as unknown as Picture
}

const officeOf = () => 'Roma EUR'
const tells = { citizen: forCitizen(officeOf), advisor: forAdvisor(officeOf, 'Davide') }
const textOf = (l: Line) => (l.who ? `${l.who}: ${l.text}` : l.text)

test.each<[Side, string[]]>([
  [
    'citizen',
    [
      'Hai chiesto di parlare con un operatore.',
      'Tu: Quando arriva?',
      'Marta è in linea. Scrivi il tuo messaggio.',
      'Operatore Marta: Guardo.',
      'Marta passa la conversazione a un collega.',
      'La conversazione passa a Davide, che può leggere i messaggi precedenti.',
      'Davide ha chiuso la conversazione.',
    ],
  ],
  [
    'advisor',
    [
      'Ada: Quando arriva?',
      'Marta ha accettato la richiesta.',
      'Operatore Marta: Guardo.',
      'La persona si è ricollegata.',
      'Marta ha trasferito la conversazione.',
      'Davide ha accettato la richiesta.',
      'Davide ha chiuso la conversazione. Esito: risolta in chat.',
    ],
  ],
])('a conversation as the %s reads it', (side, expected) => {
  expect(linesOf(picture(talk), tells[side]).map(textOf)).toEqual(expected)
})

test('whoever was not served reads why the desk closed', () => {
  const closed = entry(2, { kind: 'closed', reason: 'desk_closed', outcome: 'not_served' })
  const last = (item: Item) => linesOf(picture([talk[0]!, item]), tells.citizen).at(-1)?.text
  expect(last({ ...closed, text: 'guasto degli impianti' })).toBe('La chat ha chiuso prima del tuo turno: guasto degli impianti.')
  expect(last(closed)).toBe('La chat ha chiuso prima del tuo turno.')
})

test('an offer that nobody answered is not the citizen’s concern', () => {
  const missed = [talk[0]!, talk[1]!, entry(3, { kind: 'requeued', reason: 'offer_missed' })]
  expect(linesOf(picture(missed), tells.citizen).map((l) => l.seq)).toEqual([1, 1])
})

const served = [talk[0]!, talk[1]!, talk[2]!]
const citizens = (items: Item[]) => linesOf(picture(items), tells.citizen).slice(3).map(textOf)

test('an operator who is lost is told once, and what a supervisor or an offer does to who waits is not', () => {
  const lost = entry(4, { kind: 'requeued', reason: 'advisor_lost' })
  expect(citizens([...served, lost])).toEqual([say('advisor.lost')])
  expect(citizens([...served, lost, entry(5, { kind: 'requeued', reason: 'reordered' })])).toEqual([say('advisor.lost')])
  const passed = entry(4, { kind: 'transferred', by: 'advisor', name: 'Marta' })
  expect(citizens([...served, passed, entry(5, { kind: 'requeued', reason: 'nobody_free' })])).toEqual(['Marta passa la conversazione a un collega.'])
})

test('of a bad line an advisor reads the last news only, with how often it was', () => {
  const bad = [entry(4, { kind: 'away' }), entry(5, { kind: 'connected', by: 'citizen' }), entry(6, { by: 'citizen', text: 'Eccomi' }), entry(7, { kind: 'away' })]
  const said = (items: Item[]) => linesOf(picture([...served, ...items]), tells.advisor).slice(2).map(textOf)
  expect(said(bad)).toEqual(['Ada: Eccomi', say('desk.told.away.again', { n: 2 })])
  expect(said([...bad, entry(8, { kind: 'connected', by: 'citizen' })])).toEqual(['Ada: Eccomi', say('desk.told.back.again', { n: 2 })])
})

test('an advisor reads why a conversation is in the queue again, and who has ended it', () => {
  const last = (item: Partial<Item>) => linesOf(picture([...served, entry(4, item)]), tells.advisor).at(-1)!.text
  expect(last({ kind: 'requeued', reason: 'reordered' })).toBe(say('desk.told.queued.reordered'))
  expect(last({ kind: 'here', by: 'citizen' })).toBe('Ada ha risposto: è ancora in chat.')
  expect(last({ kind: 'requeued', reason: 'ticket_skipped' })).toBe(say('desk.told.queued'))
  expect(last({ kind: 'closed', by: 'citizen', reason: 'left', outcome: 'abandoned' })).toBe(say('desk.told.closed.left'))
  expect(last({ kind: 'closed', reason: 'silent', outcome: 'abandoned' })).toBe('Conversazione chiusa. Esito: lasciata dalla persona.')
})

test('days are told apart where there are several', () => {
  const next = entry(2, { by: 'citizen', text: 'Ci sono', at: '2023-02-14T14:00:00Z' })
  expect(linesOf(picture([talk[0]!, next]), tells.citizen).map((l) => !!l.newDay)).toEqual([true, false, true])
  expect(linesOf(picture(talk), tells.citizen).some((l) => l.newDay)).toBe(false)
})

const escalation = { id: 'e', case: 'k', office: 'RM-EUR', sent_at: at }
const protocol = 'INPS.7000.13/02/2023.0000001'
const known = { ...escalation, protocol, due_at: '2023-03-15T14:00:00Z' }
const handed = [
  entry(1, { kind: 'escalated', by: 'advisor', name: 'Marta', escalation: { ...escalation, status: 'pending', text: 'Manca un dato.' } }),
  entry(2, { kind: 'progressed', escalation: { ...known, status: 'delivered' } }),
  entry(3, { kind: 'progressed', escalation: { ...known, status: 'taken_in_charge' } }),
  entry(4, { kind: 'progressed', escalation: { ...known, status: 'needs_document' }, text: 'Serve l’accordo.' }),
  entry(5, { kind: 'progressed', reason: 'office_late', escalation: { ...known, status: 'needs_document', overdue: true } }),
  entry(6, { kind: 'progressed', escalation: { ...known, status: 'settled', overdue: true } }),
]
const news = [
  'La sede INPS ha preso in carico la segnalazione.',
  'La sede INPS chiede un documento.',
  'Sede INPS Roma EUR: Serve l’accordo.',
  "La sede INPS è in ritardo: l'abbiamo segnalato.",
  'La sede INPS ha chiuso la segnalazione.',
]

test('an escalation as the citizen reads it', () => {
  const mine = handed.map((i) => (i.seq === 1 ? { ...i, escalation: { ...escalation, status: 'pending' as const } } : i))
  expect(linesOf(picture(mine.slice(0, 1)), tells.citizen).map(textOf)).toEqual(["L'operatore ha inoltrato la segnalazione alla sede INPS competente."])
  expect(linesOf(picture(mine), tells.citizen).map(textOf)).toEqual([
    `Marta ha inviato la tua segnalazione alla sede INPS competente (Roma EUR). Numero di protocollo: ${protocol}, del 13 febbraio 2023. Conservalo: ti servirà per seguire la pratica.`,
    ...news,
  ])
})

test('an escalation as the advisor reads it', () => {
  expect(linesOf(picture(handed), tells.advisor).map(textOf)).toEqual([
    'Segnalazione inoltrata alla sede Roma EUR per la pratica k.',
    'Alla sede Roma EUR (la persona non lo legge): Manca un dato.',
    `La sede Roma EUR ha registrato la segnalazione. Numero di protocollo: ${protocol}. Risponde entro mercoledì 15 marzo 2023.`,
    ...news,
  ])
})

test('an escalation that the office refuses: each side is told what to do', () => {
  const failed = [handed[0]!, entry(2, { kind: 'progressed', reason: 'office_refused', escalation: { ...escalation, status: 'failed' } })]
  for (const side of ['citizen', 'advisor'] as const) {
    const said = linesOf(picture(failed), tells[side]).at(-1)!.text
    expect(said).toContain('La sede INPS non ha potuto ricevere la segnalazione.')
    expect(said).toContain(side === 'citizen' ? 'gli altri canali di contatto' : 'Controlla pratica e sede')
  }
})

test('what was hidden is told after what was written', () => {
  const p = { ...picture([entry(1, { by: 'citizen', text: 'il mio: [IBAN]' })]), hidden: { 1: ['iban', 'card'] } } as Picture
  expect(linesOf(p, tells.citizen).map(textOf)).toEqual([
    'Tu: il mio: [IBAN]',
    'Abbiamo nascosto un dato personale nel tuo messaggio: IBAN, numero di carta.',
  ])
})
