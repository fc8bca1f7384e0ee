import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { say, type Person } from './harness'
import { stage } from './stage'

// Nobody is present to serve, and a conversation no longer fits before the closing.
const { person, at } = stage(['-clock', '2098-06-11T17:54:00+02:00'])

async function enter(p: Person, name: string) {
  await p.login(at('/myinps'), name)
  await p.link("Comunica con l'INPS").first().click()
  await p.link('INFO CIG').click()
}

async function join(p: Person) {
  await p.button(say('open.action')).click()
  await p.button(say('ask.join')).click()
}

test('whoever finds the chat full reserves a place, and goes first at the next opening', async () => {
  const name = 'Giuliana Ferrantini'
  const w = await person(320)
  await enter(w, name)
  await w.reads(say('full.title'))
  expect(await w.button(say('open.action')).count()).toBe(0)
  await w.button('Prenota un posto per giovedì 12 giugno 2098').click()
  await w.reads(/Hai un posto prenotato per giovedì 12 giugno 2098/)
  const place = w.page.getByRole('status', { name: say('slip.title') })
  await expect.poll(() => place.evaluate((box) => box === document.activeElement)).toBe(true)
  const [entry] = await Promise.all([w.page.waitForEvent('download'), w.button(say('slip.calendar')).click()])
  expect(readFileSync(await entry.path(), 'utf8')).toContain('DTSTART:20980612T130000Z')
  await w.page.reload()
  await enter(w, name)
  await w.reads(/Hai un posto prenotato per giovedì 12 giugno 2098/)
  expect(await w.button(/^Prenota/).count()).toBe(0)
  expect(await w.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)

  await at.service.startAgain(['-clock', '2098-06-12T14:50:00+02:00'])
  const other = await person()
  await enter(other, 'Ettore Brambati')
  await join(other)
  await other.inQueue()

  await enter(w, name)
  await w.reads(say('slip.now'))
  await join(w)
  await w.inQueue()
  await other.page.reload()
  await enter(other, 'Ettore Brambati')
  await other.inQueue(say('queue.one'))
}, 120_000)
