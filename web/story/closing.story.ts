import { expect, test } from 'vitest'
import { say } from './harness'
import { stage } from './stage'

const { person, advisor, accept, at } = stage()

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

type Someone = Awaited<ReturnType<typeof person>>

async function comes(w: Someone, name: string) {
  await w.login(at('/myinps'), name)
  await w.link("Comunica con l'INPS").first().click()
  await w.link('INFO CIG').click()
}

/** Somebody with a narrow phone takes a place in the queue. */
async function joins(name: string): Promise<Someone> {
  const w = await person(320)
  await comes(w, name)
  await w.button(say('open.action')).click()
  await w.button(say('ask.join')).click()
  await w.inQueue()
  return w
}

const wide = (w: Someone) => w.page.evaluate(() => document.documentElement.scrollWidth)

test('an operator closes the desk: whoever waits reads why, what now, and when it opens again', async () => {
  const name = 'Giuliana Ferrantini'
  const talks = await joins(name)
  const a = await advisor('Marta Sorgenti')
  await accept(a, name)
  await a.button(say('desk.presence.pause')).click()
  const w = await joins('Ettore Brambati')
  await closeDesk()
  await w.reads(say('queue.closure', { closure: reason }), 2_000) // by the action, not by the next sweep
  await w.reads('La chat riapre giovedì 12 giugno 2098 alle 15:00.', 2_000)
  await w.reads(say('channel.phone.name'))
  expect(await wide(w)).toBeLessThanOrEqual(320)

  await talks.reads(/La chat ha chiuso alle 15:0\d: guasto degli impianti\. Questa conversazione può continuare fino alle 15:\d\d\./, 2_000)
  await a.reads(/le conversazioni in corso possono finire entro le 15:\d\d/, 2_000)
  expect(await wide(talks)).toBeLessThanOrEqual(320)
  await talks.write(say('chat.write'), 'ci siete?')
  await a.sees(['ci siete?'])
  await comes(talks, name) // the page is loaded again
  await talks.reads(/guasto degli impianti/, 45_000) // welcome says it, or a look once every function knows
}, 120_000)
