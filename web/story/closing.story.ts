import { expect, test } from 'vitest'
import { say } from './harness'
import { stage } from './stage'

const { person, at } = stage()

const reason = 'guasto degli impianti'

/** An operator closes the desk at once. */
async function closeDesk(): Promise<void> {
  const post = (path: string, body: unknown, token?: string) =>
    fetch(at(path), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    })
  const token = ((await (await post('/dev/token', { issuer: 'institute', person: 'operator' })).json()) as { access_token: string }).access_token
  expect((await post('/v1/operator/closure', { reason }, token)).status).toBe(200)
}

test('an operator closes the desk: whoever waits reads why, what now, and when it opens again', async () => {
  const w = await person(320)
  await w.login(at('/myinps'), 'Ettore Brambati')
  await w.link("Comunica con l'INPS").first().click()
  await w.link('INFO CIG').click()
  await w.button(say('open.action')).click()
  await w.button(say('ask.join')).click()
  await w.reads(say('queue.first'))
  await closeDesk()
  await w.reads(say('queue.closure', { closure: reason }), 2_000) // by the action, not by the next sweep
  await w.reads('La chat riapre giovedì 12 giugno 2098 alle 15:00.', 2_000)
  await w.reads(say('channel.phone.name'))
  expect(await w.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)

})
