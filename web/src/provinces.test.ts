import { expect, test } from 'vitest'
import { provinceName } from './provinces'

test.each([
  ['RM', 'Roma'],
  ['rm', 'Roma'],
  ['AO', "Valle d'Aosta"],
  ['AQ', "L'Aquila"],
  ['VS', 'Medio Campidano'],
  ['EE', "Residenza all'estero"],
  ['', 'non indicata'],
  ['XX', 'XX'],
])('%s is %s', (sigla, name) => {
  expect(provinceName(sigla)).toBe(name)
})
