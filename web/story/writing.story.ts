import { expect, test } from 'vitest'
import { say, type Person } from './harness'
import { stage } from './stage'

const { person, phone, advisor, accept, at } = stage()

const name = 'Giuliana Ferrantini'
const field = (p: Person, label = say('chat.write')) => p.page.getByLabel(label, { exact: true })

async function asks(p: Person) {
  await p.toInfoCig(at.service.base, name)
  await p.button(say('open.action')).click()
  await p.page.getByLabel(say('ask.question')).waitFor()
}

async function joins(p: Person) {
  await asks(p)
  await p.button(say('ask.join')).click()
  await p.inQueue()
}

async function talk(p: Person): Promise<Person> {
  await joins(p)
  const a = await advisor('Marta Sorgenti')
  await accept(a, name)
  await p.reads(say('advisor.joined', { name: 'Marta Sorgenti' }))
  return a
}

/** The page believes that somebody looks at another tab, or is back. */
async function look(p: Person, at: 'hidden' | 'visible') {
  await p.page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, at)
}

test.each([
  [390, 844],
  [320, 640],
  [1280, 800],
])('whoever has joined finds the position and the field in sight, at %i × %i', async (width, height) => {
  const w = await person(width)
  await w.page.setViewportSize({ width, height })
  await joins(w)
  await w.page.waitForFunction(() => document.activeElement?.classList.contains('queue'))
  const inSight = (selector: string) =>
    w.page.locator(selector).evaluate((e) => {
      const { top, bottom } = e.getBoundingClientRect()
      return top >= 0 && bottom <= innerHeight
    })
  await expect.poll(() => inSight('.queue-position')).toBe(true)
  expect(await inSight('.composer textarea')).toBe(true)
  expect(await w.page.title()).toBe('INFO CIG')
})

test('what is typed survives Back, Forward, the menu and a reload, before joining and after', async () => {
  const w = await person(390)
  await asks(w)
  const question = w.page.getByLabel(say('ask.question'))
  await question.fill('Quando mi pagano?')
  await w.page.goBack()
  await w.button(say('open.action')).waitFor()
  await w.page.goForward()
  expect(await question.inputValue()).toBe('Quando mi pagano?')
  await question.fill('Quando mi pagano')
  await question.press('?')
  await w.page.reload()
  await question.waitFor()
  expect(await question.inputValue()).toBe('Quando mi pagano?')
  const opened = w.context.waitForEvent('page')
  await w.page.locator('form').getByRole('link', { name: say('footer.privacy') }).click()
  await (await opened).close() // in a window of its own: this page stays
  expect(await question.inputValue()).toBe('Quando mi pagano?')

  await w.button(say('ask.join')).click()
  await w.inQueue()
  await field(w).fill('non ancora inviato')
  await w.link(say('menu.home')).click()
  await w.link("Comunica con l'INPS").first().click()
  await w.link('INFO CIG').click()
  await field(w).waitFor()
  expect(await field(w).inputValue()).toBe('non ancora inviato')
  await field(w).fill('non ancora inviato!')
  await w.page.reload()
  await field(w).waitFor()
  expect(await field(w).inputValue()).toBe('non ancora inviato!')
  expect(await w.page.evaluate(() => JSON.stringify(sessionStorage) + JSON.stringify(localStorage))).not.toContain('inviato')

  await w.button(say('login.out')).click()
  await w.reads(/Il posto in coda resta tuo fino alle 1[67]:\d\d/)
  await w.button(say('out.yes')).click()
  await w.reads(/Il posto in coda resta tuo fino alle 1[67]:\d\d: accedi/)
  await w.button(say('login.in')).waitFor()
  expect(await w.page.evaluate(() => JSON.stringify(history.state))).not.toContain('inviato')
}, 120_000)

test('a phone breaks the line with Enter; a word that is put together is not sent', async () => {
  const p = await phone()
  await joins(p)
  await p.reads(say('chat.keys.touch'))
  await field(p).fill('una')
  await field(p).press('Enter')
  await field(p).pressSequentially('due')
  expect(await field(p).inputValue()).toBe('una\ndue')
  await p.button(say('chat.send')).click()
  await p.sees(['una\ndue'])

  const w = await person()
  await w.toInfoCig(at.service.base, 'Ettore Brambati')
  await w.button(say('open.action')).click()
  await w.button(say('ask.join')).click()
  await field(w).fill('かな')
  const enter = (keyCode: number) =>
    field(w).evaluate((e, keyCode) => e.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode, bubbles: true, cancelable: true })), keyCode)
  await enter(229)
  expect(await field(w).inputValue()).toBe('かな')
  await enter(13)
  await w.sees(['かな'])
})

test('scrolled up: new messages are told of and not marked as read; an own message comes into sight', async () => {
  const w = await person(390)
  const a = await talk(w)
  const reply = say('desk.reply', { name })
  for (let n = 0; n < 4; n++) await a.write(reply, `${n}\n`.repeat(12))
  const box = w.page.locator('.chat-scroll')
  await w.page.locator('.chat-text').nth(3).waitFor()
  await expect.poll(() => a.page.getByText(say('chat.read'), { exact: true }).count()).toBe(1)

  await box.evaluate((b) => (b.scrollTop = 0))
  await a.write(reply, 'in fondo')
  await w.button(say('chat.below')).waitFor()
  await a.page.waitForTimeout(1_500)
  const last = a.page.locator('.chat-said').last()
  expect(await last.innerText()).not.toContain(say('chat.read'))
  await w.button(say('chat.below')).click()
  await last.getByText(say('chat.read')).waitFor()

  await box.evaluate((b) => (b.scrollTop = 0))
  await w.write(say('chat.write'), 'mia')
  const below = () => box.evaluate((b) => b.scrollHeight - b.scrollTop - b.clientHeight)
  await expect.poll(below).toBeLessThan(48)

  await w.page.reload()
  await w.page.locator('.chat-said').nth(5).waitFor()
  await w.page.waitForTimeout(1_000)
  expect(await below()).toBeLessThan(2)
  expect(await w.button(say('chat.below')).count()).toBe(0)
}, 120_000)

test('who looks elsewhere is called by the title; what was not seen is not marked as read', async () => {
  const w = await person(390)
  const a = await talk(w)
  await look(w, 'hidden')
  await a.write(say('desk.reply', { name }), 'Ecco: https://www.inps.it/cig')
  await expect.poll(() => w.page.title()).toBe(`${say('alerts.message')} – INFO CIG`)
  await a.page.waitForTimeout(1_500)
  expect(await a.page.getByText(say('chat.read'), { exact: true }).count()).toBe(0)
  await look(w, 'visible')
  await expect.poll(() => w.page.title()).toBe('INFO CIG')
  await a.page.getByText(say('chat.read'), { exact: true }).waitFor()

  const link = w.page.getByRole('link', { name: 'https://www.inps.it/cig' })
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
  expect(await a.page.locator('.chat-said a').count()).toBe(0) // an advisor copies it
  await a.button(say('chat.copy')).waitFor()
})

test('an offer that lapses says so, wherever the page is scrolled', async () => {
  const w = await person(390)
  const a = await advisor('Marta Sorgenti')
  await a.page.setViewportSize({ width: 390, height: 500 })
  await joins(w)
  await a.reads(say('desk.call.offer', { name, topic: say('desk.topic.worker_case') }))
  await a.page.evaluate(() => scrollTo(0, document.body.scrollHeight))
  const alert = a.page.getByRole('alert').filter({ hasText: say('desk.paused.offer_missed') })
  await alert.waitFor({ timeout: 40_000 })
  expect(await alert.evaluate((e) => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().bottom <= innerHeight)).toBe(true)
  await a.button(say('desk.call.back')).click()
  await alert.waitFor({ state: 'detached' })
  await a.button(say('desk.accept.whom', { name })).click()
  await a.page.getByLabel(say('desk.reply', { name })).waitFor()
}, 120_000)

test('a message that is refused stays beside its reason, and keeps nothing back', async () => {
  const w = await person(390)
  const a = await talk(w)
  await w.page.locator('.composer textarea').fill('uno')
  await field(w).press('Enter')
  await w.page.evaluate(() => {
    const field = document.querySelector('.composer textarea') as HTMLTextAreaElement
    field.value = 'brutto\u{F0000}\u0007'
    field.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await field(w).press('Enter')
  await w.write(say('chat.write'), 'due')
  await a.sees(['uno', 'due'])
  await w.page.locator('.chat-failed').waitFor()
  await w.button(say('msg.edit')).click()
  expect(await field(w).inputValue()).toContain('brutto')
  expect(await w.page.locator('.chat-failed').count()).toBe(0)
})
