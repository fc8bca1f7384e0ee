import type { Item } from '#sdk'
import { expect, test } from 'vitest'
import type { Picture } from '../live.svelte'
import { linesOf, type Side } from './lines'

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
  return { items, citizen: items[0]?.citizen, seenByPeer: 1 } as unknown as Picture
}

test.each<[Side, string[]]>([
  [
    'citizen',
    [
      'Hai chiesto di parlare con un operatore.',
      'Tu: Quando arriva?',
      'Marta è in linea. Scrivi il tuo messaggio.',
      'Operatore Marta: Guardo.',
      'La conversazione è tornata in coda, per passare a un altro operatore.',
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
      'La persona si è scollegata.',
      'La persona si è ricollegata.',
      'La conversazione è tornata in coda.',
      'Davide ha accettato la richiesta.',
      'Conversazione chiusa. Esito: risolta in chat.',
    ],
  ],
])('a conversation as the %s reads it', (side, expected) => {
  expect(linesOf(picture(talk), side, 'Davide').map((l) => (l.who ? `${l.who}: ${l.text}` : l.text))).toEqual(expected)
})

test('an offer that nobody answered is not the citizen’s concern', () => {
  const missed = [talk[0]!, talk[1]!, entry(3, { kind: 'requeued', reason: 'offer_missed' })]
  expect(linesOf(picture(missed), 'citizen').map((l) => l.seq)).toEqual([1, 1])
})

test('days are told apart where there are several', () => {
  const next = entry(2, { by: 'citizen', text: 'Ci sono', at: '2023-02-14T14:00:00Z' })
  expect(linesOf(picture([talk[0]!, next]), 'citizen').map((l) => !!l.newDay)).toEqual([true, false, true])
  expect(linesOf(picture(talk), 'citizen').some((l) => l.newDay)).toBe(false)
})
