import { expect, test } from 'vitest'
import { say, type Person } from './harness'
import { stage } from './stage'

// Tokens that end while the people talk; the pages begin to see to it 30 s before.
const { person, advisor, accept, at } = stage(['-tokens', '60s'])

const name = 'Giuliana Ferrantini'
const soon = { timeout: 45_000 }

async function waits(w: Person) {
  await w.toInfoCig(at.service.base, name)
  await w.button(say('open.action')).click()
  await w.button(say('ask.join')).click()
  await w.inQueue()
}

async function talk(w: Person, a: Person) {
  await accept(a, name)
  await w.reads(say('advisor.joined', { name: 'Marta Sorgenti' }))
}

/** Logs in again through the window that the page opens. */
async function again(w: Person) {
  const opened = w.context.waitForEvent('page')
  await w.button(say('login.again')).click()
  const other = await opened
  await other.getByRole('button', { name }).click()
  if (!other.isClosed()) await other.waitForEvent('close').catch(() => {})
}

test('an advisor never notices that tokens end; a citizen is asked in time, and the conversation goes on', async () => {
  const w = await person(390)
  await waits(w)
  // It covers nothing of what the page is scrolled to.
  await w.page.getByText(say('login.ends.one')).first().waitFor(soon)
  const edges = (of: string) => w.page.locator(of).evaluate((e) => [e.getBoundingClientRect().top, e.getBoundingClientRect().bottom])
  await expect.poll(async () => (await edges('.login-notice'))[1]! <= (await edges('.queue-position'))[0]!).toBe(true)
  const a = await advisor('Marta Sorgenti')
  await talk(w, a)
  for (const p of [w, a]) await p.watch(say('login.failed'))

  await again(w)
  await w.page.getByText(say('login.ends.one')).first().waitFor({ state: 'detached' })
  await w.write(say('chat.write'), 'sono ancora qui')
  await a.sees(['sono ancora qui'])

  // This time the person does not care: the socket stays, and so does the page.
  await w.reads(say('login.over'), 80_000)
  await w.write(say('chat.write'), 'scaduto')
  await a.sees(['sono ancora qui', 'scaduto'])
  // The socket is lost, too: without a ticket there is no other one until the person has logged in.
  await w.context.setOffline(true)
  await at.service.crash()
  await w.context.setOffline(false)
  await w.write(say('chat.write'), 'dopo il taglio')
  await again(w)
  await a.sees(['sono ancora qui', 'scaduto', 'dopo il taglio'], 60_000)

  // More than two minutes, and two tokens, later a request of the staff is answered.
  await a.button(say('desk.transfer')).click()
  await a.reads(say('transfer.nobody'))
  expect(await a.page.getByText(say('login.over')).count()).toBe(0)
  for (const p of [w, a]) expect(await p.watched()).toEqual({ text: false })
}, 300_000)

test('a page that is loaded anew logs in by itself; where the issuer needs the person it says that the place is kept', async () => {
  const w = await person(390)
  await waits(w)
  const entries = () => w.page.evaluate(() => history.length)
  const before = await entries()
  for (let n = 0; n < 2; n++) {
    await w.page.reload()
    await w.inQueue()
  }
  expect(await entries()).toBe(before)
  // Back leads to what was there before: the form, and the place from which one came to the chat.
  await w.page.goBack()
  await w.inQueue()
  await w.page.goBack()
  await w.link('INFO CIG').first().click()
  await w.inQueue()
  await w.page.goto('about:blank')
  await w.page.goBack()
  await w.inQueue()

  await w.context.clearCookies()
  await w.page.reload()
  await w.reads(say('login.kept'))
  await w.button(say('login.in')).click()
  await w.button(name).click()
  await w.inQueue()
  await w.button(say('login.out')).click()
  await w.button(say('out.yes')).click()
  await w.page.reload()
  await w.button(say('login.in')).waitFor()
  expect(await w.page.getByText(say('login.kept')).count()).toBe(0)
})

test('an issuer that does not name itself in its answer will do', async () => {
  const w = await person()
  await w.page.route(/\/myinps\?.*iss=/, (route) => {
    const address = new URL(route.request().url())
    address.searchParams.delete('iss')
    return route.fulfill({ status: 302, headers: { location: address.href } })
  })
  await w.login(at('/myinps'), name)
  await w.link("Comunica con l'INPS").first().waitFor()
})
