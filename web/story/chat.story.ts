import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launch, Person, say, Service } from './harness'

let browser: Browser
let service: Service
let people: Person[] = []

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())
beforeEach(async () => {
  service = new Service()
  await service.start()
})
afterEach(async () => {
  const complaints = people.flatMap((p) => p.complaints)
  for (const p of people) await p.context.close()
  people = []
  await service.stop()
  expect(complaints).toEqual([])
})

async function person(width?: number): Promise<Person> {
  const p = await Person.arrive(browser, width)
  people.push(p)
  return p
}

const operator = 'Parla con un operatore' // R-13, to the letter

/** An advisor who is there and available. */
async function advisor(name: string): Promise<Person> {
  const a = await person()
  await a.login(`${service.base}/advisor`, name)
  await a.button(say('desk.presence.start')).click()
  await a.page.getByRole('status').filter({ hasText: say('desk.presence.available') }).waitFor()
  return a
}

async function accept(a: Person, citizen: string): Promise<void> {
  await a.button(say('desk.accept.whom', { name: citizen })).click()
  await a.page.getByLabel(say('desk.reply', { name: citizen })).waitFor()
}

test('a worker and two advisors: from MyINPS to the transcript', async () => {
  const name = 'Giuliana Ferrantini'
  const w = await person(320)
  await w.login(`${service.base}/myinps`, name)
  await w.link("Comunica con l'INPS").first().click() // the labels of R-13
  await w.link('INFO CIG').click()
  await w.reads('Metalmeccanica Tiburtina') // the own case, before the queue
  await w.reads(say('case.status.under_examination'))
  await w.reads(say('case.answered'))
  await w.button(operator).click()
  await w.page.getByRole('checkbox').first().check()
  await w.page.getByLabel(say('ask.question')).fill('Quando mi pagano?')
  await w.button(say('ask.join')).click()
  await w.reads(say('queue.first'))

  const a = await advisor('Marta Sorgenti')
  await accept(a, name)
  await a.reads('INPS.CIGO.2026.0417.001')
  await w.reads(say('advisor.joined', { name: 'Marta Sorgenti' }))

  const said = ['Quando mi pagano?']
  const reply = say('desk.reply', { name })
  for (let n = 1; n <= 20; n++) {
    if (n === 10) {
      // The socket is cut in the middle, while both go on writing.
      await w.context.setOffline(true)
      await service.crash()
      await w.write(say('chat.write'), 'scritto senza rete')
      said.push('scritto senza rete')
      await w.context.setOffline(false)
      await a.sees(said, 60_000)
    } else {
      await w.write(say('chat.write'), `domanda ${n}`)
      said.push(`domanda ${n}`)
      await a.sees(said)
    }
    await a.write(reply, `risposta ${n}`)
    said.push(`risposta ${n}`)
    await w.sees(said)
  }

  const b = await advisor('Davide Pratolini Verdi')
  await a.button(say('desk.transfer')).click()
  await a.page.getByLabel('Davide Pratolini Verdi').check()
  await a.button(say('transfer.send')).click()
  await accept(b, name)
  await w.reads(say('advisor.changed', { name: 'Davide Pratolini Verdi' }))
  await b.sees(said) // the colleague reads what was written before
  await b.write(reply, 'La seguo io.')
  said.push('La seguo io.')
  await w.sees(said)

  await b.page.getByRole('button', { name: say('desk.close') }).first().click()
  await b.button(say('close.send')).click()
  await w.reads(say('ended.outcome', { outcome: say('outcome.settled') }))
  const download = w.page.waitForEvent('download')
  await w.button(say('ended.download')).click()
  const transcript = readFileSync(await (await download).path(), 'utf8')
  let at = 0
  for (const text of said) {
    at = transcript.indexOf(text, at)
    expect(at, `${text} in the transcript, after what was said before`).toBeGreaterThan(-1)
    at += text.length
  }
  expect(transcript.match(/scritto senza rete/g)).toHaveLength(1)
})

test('a consultant picks one of three companies', async () => {
  const c = await person()
  await c.login(`${service.base}/cassetto`, 'Annarita Dell’Erba')
  await c.button(/Tessitura Navigli/).waitFor()
  await c.button(/Oleificio Murgiano/).waitFor()
  await c.button(/Cantieri del Golfo/).click()
  await c.link('Contatti').first().click() // the labels of R-14
  await c.link('INFO CIG').click()
  await c.reads('Cantieri del Golfo')
  await c.button(operator).click()
  await c.page.getByLabel(say('topic.employer_case')).check()
  await c.page.getByLabel(say('ask.question')).fill('Manca qualcosa per la CIGS?')
  await c.button(say('ask.join')).click()

  const a = await advisor('Marta Sorgenti')
  await accept(a, 'Annarita Dell’Erba')
  await a.reads('Cantieri del Golfo')
  await a.reads(say('role.consultant'))
  await a.write(say('desk.reply', { name: 'Annarita Dell’Erba' }), 'Nulla: il pagamento è disposto.')
  await c.sees(['Manca qualcosa per la CIGS?', 'Nulla: il pagamento è disposto.'])
})

test('a second tab takes the conversation over, and the first offers to take it back', async () => {
  const w = await person()
  await w.login(`${service.base}/myinps`, 'Ettore Brambati')
  await w.link("Comunica con l'INPS").first().click()
  await w.link('INFO CIG').click()
  await w.button(operator).click()
  await w.button(say('ask.join')).click()
  await w.reads(say('queue.first'))

  const second = await person()
  await second.login(`${service.base}/myinps`, 'Ettore Brambati')
  await second.link("Comunica con l'INPS").first().click()
  await second.link('INFO CIG').click()
  await second.reads(say('queue.first'))
  await w.reads(say('net.superseded'))
  await second.write(say('chat.write'), 'dalla seconda')
  await second.sees(['dalla seconda'])
  await w.button(say('net.here')).click()
  await w.sees(['dalla seconda'])
  await second.reads(say('net.superseded'))
})

test('who may not chat is told why, and where else to turn', async () => {
  const weak = await person(320)
  await weak.login(`${service.base}/myinps`, 'Ugo Fò')
  await weak.link("Comunica con l'INPS").first().click()
  await weak.link('INFO CIG').click()
  await weak.reads(say('auth.level'))
  await weak.reads(say('channel.phone.name'))
  expect(await weak.button(operator).count()).toBe(0)

  const employee = await person()
  await employee.login(`${service.base}/cassetto`, 'Vito Ancorese')
  await employee.link('Contatti').first().click()
  await employee.link('INFO CIG').click()
  await employee.reads(say('role.denied'))
  expect(await employee.button(operator).count()).toBe(0)
})
