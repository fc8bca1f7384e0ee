import { expect, test } from 'vitest'
import { say, type Person } from './harness'
import { stage } from './stage'

const { person, advisor, accept, at } = stage()

const giuliana = 'Giuliana Ferrantini'
const ettore = 'Ettore Brambati'
const immacolata = 'Immacolata Esposti'
const davide = 'Davide Pratolini Verdi'

async function join(name: string, question: string): Promise<Person> {
  const w = await person(390)
  await w.toInfoCig(at.service.base, name)
  await w.button(say('open.action')).click()
  await w.page.getByRole('checkbox').first().check()
  await w.page.getByLabel(say('ask.question')).fill(question)
  await w.button(say('ask.join')).click()
  await w.inQueue()
  return w
}

/** The names of the rows, in the order of the list. */
const names = (a: Person) => a.page.locator('.desk-name').allInnerTexts()

/** Whether what is found is on the screen as a whole, and the page has nothing to scroll. */
async function inSight(a: Person, ...selectors: string[]): Promise<void> {
  const all = await a.page.evaluate((selectors) => {
    const page = document.documentElement
    const seen = selectors.map((s) => {
      const box = document.querySelector(s)?.getBoundingClientRect()
      return !!box && box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth
    })
    return { seen, scrolls: page.scrollHeight > innerHeight || page.scrollWidth > innerWidth }
  }, selectors)
  expect(all).toEqual({ seen: selectors.map(() => true), scrolls: false })
}

const focus = (a: Person) => a.page.evaluate(() => document.activeElement?.id)

test('a console: who needs the advisor first, what an offer says, and where the focus goes', async () => {
  const a = await advisor('Marta Sorgenti')
  const first = await join(giuliana, 'Quando mi pagano?')
  await a.page.locator('.desk-call').getByText('Quando mi pagano?').waitFor()
  await accept(a, giuliana)
  await a.write(say('desk.reply', { name: giuliana }), 'Guardo.')
  await join(ettore, 'A che punto è?')
  await accept(a, ettore)
  await expect.poll(() => names(a), { timeout: 10_000 }).toEqual([ettore, giuliana]) // who was answered comes after who waits
  await a.page.setViewportSize({ width: 1280, height: 720 })
  await inSight(a, '.composer button', '.desk-talk .acts', '#conversations', '.desk-side h3')

  // Alt and a number picks what is shown, and nothing moves while Alt is held.
  await a.page.keyboard.down('Alt')
  await first.write(say('chat.write'), 'Ecco.')
  await a.reads(say('desk.unread', { n: 1 }))
  await a.page.keyboard.press('Digit2')
  await a.page.keyboard.up('Alt')
  await a.page.getByRole('region', { name: say('desk.with', { name: giuliana }) }).waitFor()

  // What an office gets is shown as it gets it; the dialog can be given up, and keeps what was written.
  await a.page.keyboard.press('Alt+e')
  const dialog = a.page.getByRole('dialog')
  await dialog.getByLabel(say('escalate.text')).fill('Il conto è IT60 X054 2811 1010 0000 0123 456.')
  await a.button(say('desk.cancel')).click()
  await a.page.keyboard.press('Alt+e')
  await a.button(say('escalate.check')).click()
  await dialog.getByText('Il conto è [IBAN].').waitFor()
  await dialog.getByText(say('escalate.hidden')).waitFor()
  expect(await a.page.evaluate(() => document.activeElement?.textContent)).toBe(say('escalate.preview'))
  await a.page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  // A transfer says what is lost, and leads to the next one; the colleague sees who hands it over.
  const b = await advisor(davide)
  const reply = a.page.getByLabel(say('desk.reply', { name: giuliana }))
  await reply.fill('Una bozza')
  await a.page.keyboard.press('Alt+t')
  await dialog.getByText(say('desk.unsent.reply', { text: 'Una bozza' })).waitFor()
  await dialog.getByLabel(davide).check()
  await a.button(say('transfer.send')).click()
  await a.page.getByRole('region', { name: say('desk.with', { name: ettore }) }).waitFor()
  await expect.poll(() => focus(a)).toBe('reply')
  await b.page.locator('.desk-call').getByText(say('desk.handed', { name: 'Marta Sorgenti' })).waitFor()
  await accept(b, giuliana)

  // After the last one the list has the focus.
  await a.page.keyboard.press('Alt+c')
  await a.button(say('close.send')).click()
  await a.reads(say('desk.told.closed.by_advisor', { name: 'Marta Sorgenti', outcome: say('outcome.settled') }))
  await expect.poll(() => focus(a)).toBe('conversations')

  await a.page.keyboard.press('Alt+x')
  await expect.poll(() => names(a)).toEqual([])
  await expect.poll(() => focus(a)).toBe('conversations')

  // What is being written when the person goes is not lost.
  await b.page.getByLabel(say('desk.reply', { name: giuliana })).fill('Non ancora inviata')
  await first.button(say('leave.chat')).click()
  await first.button(say('leave.yes')).click()
  await b.reads(say('desk.told.closed.left'))
  await b.reads(say('desk.unsent.ended'))
  await b.reads('Non ancora inviata')
}, 120_000)

test('an offer is not missed for a dialog, which goes with its conversation', async () => {
  const a = await advisor('Marta Sorgenti')
  await a.page.setViewportSize({ width: 1280, height: 720 })
  const first = await join(giuliana, 'Quando mi pagano?')
  await accept(a, giuliana)
  const dialog = a.page.getByRole('dialog')
  const text = dialog.getByLabel(say('escalate.text'))
  await a.page.keyboard.press('Alt+e')
  await text.fill('Manca il modello.')
  await join(ettore, 'A che punto è?')
  await dialog.getByText('A che punto è?').waitFor()
  await text.press('Alt+a')
  await a.page.getByLabel(say('desk.reply', { name: ettore })).waitFor()
  await dialog.waitFor({ state: 'detached' })

  await a.page.getByRole('button', { name: giuliana }).click()
  await a.page.keyboard.press('Alt+e')
  expect(await text.inputValue()).toBe('Manca il modello.')
  await join(immacolata, 'E io?')
  await a.button(say('desk.call.accept')).click()
  await a.page.getByLabel(say('desk.reply', { name: immacolata })).waitFor()
  await dialog.waitFor({ state: 'detached' })

  await a.page.getByRole('button', { name: giuliana }).click()
  await a.page.keyboard.press('Alt+e')
  await text.waitFor()
  await first.button(say('leave.chat')).click()
  await first.button(say('leave.yes')).click()
  await dialog.waitFor({ state: 'detached' })
  await a.reads(say('desk.unforwarded.ended'))
  await a.reads('Manca il modello.')
}, 120_000)

test('a desk that is open in another window says only that, and can be taken back', async () => {
  const a = await advisor('Marta Sorgenti')
  await join(giuliana, 'Quando mi pagano?')
  await a.button(say('desk.call.accept')).waitFor()
  const b = await person()
  await b.login(at('/advisor'), 'Marta Sorgenti')
  await a.reads(say('desk.elsewhere'))
  expect(await a.page.getByRole('button').allInnerTexts()).toEqual([say('net.here')])
  expect(await a.page.title()).not.toContain('(')
  await accept(b, giuliana)
  await b.page.getByLabel(say('desk.reply', { name: giuliana })).fill('A metà')

  await a.button(say('net.here')).click()
  await b.reads(say('desk.elsewhere'))
  await a.page.getByRole('button', { name: giuliana }).click()
  await a.page.getByLabel(say('desk.reply', { name: giuliana })).waitFor()
  expect(await a.page.getByRole('alert').count()).toBe(0)
  await b.button(say('net.here')).click()
  await b.page.getByLabel(say('desk.reply', { name: giuliana })).waitFor()
  expect(await b.page.getByLabel(say('desk.reply', { name: giuliana })).inputValue()).toBe('A metà')
}, 120_000)

test('what an advisor wrote without a network comes back, with the conversation or before', async () => {
  const a = await advisor('Marta Sorgenti')
  const w = await join(giuliana, 'Quando mi pagano?')
  await accept(a, giuliana)
  await a.context.setOffline(true)
  await at.service.crash() // which cuts the socket that there is
  const field = (p: Person) => p.page.getByLabel(say('desk.reply', { name: giuliana }))
  await a.write(say('desk.reply', { name: giuliana }), 'Scritto senza rete')
  await field(a).fill('e una bozza')
  await w.page.locator('.queue-position').waitFor({ timeout: 120_000 })
  const b = await advisor(davide)
  await accept(b, giuliana)

  await a.context.setOffline(false)
  const gone = a.page.getByRole('alert').filter({ hasText: say('desk.gone', { name: giuliana }) })
  await gone.getByText('Scritto senza rete').waitFor({ timeout: 60_000 })
  await a.page.getByRole('status').filter({ hasText: say('desk.presence.available') }).waitFor()
  await b.page.keyboard.press('Alt+t')
  await b.page.getByLabel('Marta Sorgenti').check()
  await b.button(say('transfer.send')).click()
  await accept(a, giuliana)
  expect(await field(a).inputValue()).toBe('Scritto senza rete\ne una bozza')
  expect(await gone.count()).toBe(0)
}, 240_000)
