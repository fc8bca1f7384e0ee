import { expect, test } from 'vitest'
import { say, type Person } from './harness'
import { stage } from './stage'

const { person, advisor, accept, at } = stage()

const name = 'Giuliana Ferrantini'
const consultant = 'Annarita Dell’Erba'

test('an advisor asks for an answer: the citizen is told until when, and answers', async () => {
  const w = await person(320)
  await w.toInfoCig(at.service.base, name)
  const desk = w.page.locator('[data-reason=unattended]')
  await desk.locator('.notice-warning').getByText(say('open.nobody')).waitFor()
  await w.reads(say('channel.phone.name'))
  await w.button(say('open.action')).click()
  await w.button(say('ask.join')).click()
  await w.inQueue()
  await w.reads(say('queue.unattended')) // nobody serves yet: no promise, no estimate
  expect(await w.page.getByText(say('queue.first')).count()).toBe(0)

  const a = await advisor('Marta Sorgenti')
  await accept(a, name)
  const ask = a.button(say('desk.ask'))
  expect(await ask.isDisabled()).toBe(true) // it is the advisor's turn
  await a.write(say('desk.reply', { name }), 'Mi dice il mese?')
  await ask.click()
  const dialog = w.page.getByRole('dialog', { name: say('asked.title') })
  await dialog.waitFor()
  await a.reads(/Hai chiesto una risposta/)
  await dialog.getByRole('button', { name: say('here.yes') }).click()
  await dialog.waitFor({ state: 'detached' })
  await a.page.getByText(/Hai chiesto una risposta/).waitFor({ state: 'detached' })

  await a.reads(say('desk.told.here', { name }))
  await a.page.locator('.desk-row').getByText(say('desk.here')).waitFor()

  // Logging out would hand the conversation over: the advisor is asked first.
  await a.page.getByLabel(say('desk.reply', { name })).fill('Non ancora inviata')
  await a.button(say('login.out')).click()
  const sure = a.page.getByRole('dialog', { name: say('desk.out') })
  await sure.getByText(say('desk.out.sure', { n: 1 })).waitFor()
  await sure.getByText(say('desk.unsent.reply', { text: 'Non ancora inviata' })).waitFor()
  await sure.getByRole('button', { name: say('desk.out.no') }).click()
  await sure.waitFor({ state: 'detached' })
  await a.page.getByLabel(say('desk.reply', { name })).waitFor()
  await a.button(say('login.out')).click()
  await sure.getByRole('button', { name: say('desk.out.yes') }).click()
  await a.button(say('login.in')).waitFor()
  await w.page.locator('.queue-position').waitFor() // back in the queue at once
})

test('a conversation for another company is named, with the way there; the question stays', async () => {
  const c = await person()
  const enter = async (company: string | RegExp) => {
    await c.link(say('menu.home')).click()
    await c.button(company).click()
    await c.link('Contatti').first().click()
    await c.link('INFO CIG').click()
  }
  await c.login(at('/cassetto'), consultant)
  await enter(/Cantieri del Golfo/)
  await c.button(say('open.action')).click()
  await c.button(say('ask.join')).click()
  await c.inQueue()

  await enter(/Tessitura Navigli/)
  const told = c.page.getByRole('alert').filter({ hasText: 'Cantieri del Golfo' })
  await told.waitFor()
  expect(await c.page.locator('.queue-position').count()).toBe(0)
  await c.button(say('open.action')).click()
  const question = c.page.getByLabel(say('ask.question'))
  await question.fill('Domanda per la Tessitura')
  await c.button(say('ask.join')).click()
  await expect.poll(() => c.page.evaluate(() => document.activeElement?.id)).toBe('elsewhere')
  expect(await c.page.getByText(say('error.conflict')).count()).toBe(0)
  expect(await question.inputValue()).toBe('Domanda per la Tessitura')
  await told.getByRole('button', { name: /^Vai a Cantieri/ }).click()
  await c.inQueue()

  await enter(/Tessitura Navigli/)
  await c.button(say('open.action')).click()
  await c.button(say('elsewhere.leave')).click()
  await c.button(say('leave.no')).click()
  await c.button(say('elsewhere.leave')).click()
  await c.button(say('leave.yes')).click()
  await told.waitFor({ state: 'detached' })
  await expect.poll(() => c.page.evaluate(() => document.activeElement?.textContent)).toBe(say('ask.join'))
  expect(await question.inputValue()).toBe('Domanda per la Tessitura')
  await c.button(say('ask.join')).click()
  await c.inQueue()
  await c.sees(['Domanda per la Tessitura'])
})
