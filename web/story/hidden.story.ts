import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BrowserContext } from 'playwright-core'
import { Loose, Person, say, Service } from './harness'

// A page that is hidden for more than 10 s (5 min without the flag) gets its own timers once a minute.
const strict = '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10'
const minutes = 3

const service = new Service()
let browser: Loose

beforeAll(async () => {
  await service.start()
  browser = new Loose([strict])
})
afterAll(async () => {
  await browser.close()
  await service.stop()
})

/** Notes in the page how often it is hidden, and how late its own timers are. */
function measure() {
  const seen = { hidden: 0, late: 0, last: performance.now() }
  Object.assign(globalThis, { measured: seen })
  const beat = () => {
    seen.late = Math.max(seen.late, performance.now() - seen.last - 5_000)
    seen.last = performance.now()
    if (document.hidden) seen.hidden++
    setTimeout(beat, 5_000)
  }
  setTimeout(beat, 5_000)
}
const measured = (p: Person) => p.page.evaluate(() => (globalThis as unknown as { measured: { hidden: number; late: number } }).measured)

/** The person whose page has this path. */
const find = (window: BrowserContext, path: string) => new Person(window, window.pages().find((p) => new URL(p.url()).pathname === path)!)

test('an advisor and a citizen look at another tab for minutes, and keep the conversation', async () => {
  const name = 'Giuliana Ferrantini'
  let window = await browser.connect()
  let w = new Person(window, await window.newPage())
  await w.toInfoCig(service.base, name)
  await w.button(say('open.action')).click()
  await w.button(say('ask.join')).click()
  let a = new Person(window, await window.newPage())
  await a.login(`${service.base}/advisor`, 'Marta Sorgenti')
  await a.button(say('desk.presence.start')).click()
  await a.button(say('desk.accept.whom', { name })).click()
  await w.reads(say('advisor.joined', { name: 'Marta Sorgenti' }))
  for (const p of [w, a]) await p.page.evaluate(measure)
  await window.pages()[0]!.bringToFront()
  await browser.disconnect()
  await new Promise((later) => setTimeout(later, minutes * 60_000))

  window = await browser.connect()
  ;[w, a] = [find(window, '/myinps'), find(window, '/advisor')]
  for (const p of [w, a]) {
    const { hidden, late } = await measured(p)
    expect(hidden, 'times that the page was hidden').toBeGreaterThan(1)
    expect(late, 'milliseconds that its own timers were late').toBeGreaterThan(20_000)
    expect(await p.page.getByText(say('advisor.lost')).count()).toBe(0)
  }
  await w.write(say('chat.write'), 'ci siete ancora?')
  await a.sees(['ci siete ancora?'])
  await a.write(say('desk.reply', { name }), 'Certo.')
  await w.sees(['ci siete ancora?', 'Certo.'])
}, (minutes + 2) * 60_000)
