import { expect, test } from 'vitest'
import { say } from './harness'
import { stage } from './stage'

// Started so shortly before the opening that the story meets it.
const { person, advisor, at } = stage(['-clock', '2098-06-11T14:59:30+02:00'])

test('numbers are given before the opening, and served at that moment', async () => {
  const name = 'Giuliana Ferrantini'
  const w = await person(320)
  await w.login(at('/myinps'), name)
  await w.link("Comunica con l'INPS").first().click()
  await w.link('INFO CIG').click()
  await w.reads(say('early.title'))
  await w.button(say('open.action')).click()
  await w.page.getByLabel(say('ask.question')).fill('Quando mi pagano?')
  await w.button(say('ask.join')).click()
  await w.reads(/La chat apre alle 15:00: hai già il tuo posto/)

  expect(await w.page.getByText(/La chat chiude/).count()).toBe(0)

  const a = await advisor('Marta Sorgenti')
  const offer = a.button(say('desk.accept.whom', { name }))
  expect(await offer.count()).toBe(0)
  await offer.waitFor({ timeout: 40_000 })
  await offer.click()
  await w.reads(say('advisor.joined', { name: 'Marta Sorgenti' }))
})
