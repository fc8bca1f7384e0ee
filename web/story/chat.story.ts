import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { say } from './harness'
import { stage } from './stage'

const { person, advisor, accept, at } = stage()

const operator = 'Parla con un operatore' // R-13, to the letter

test('a worker and two advisors: from MyINPS to the transcript', async () => {
  const name = 'Giuliana Ferrantini'
  const w = await person(320)
  await w.login(at('/myinps'), name)
  await w.link("Comunica con l'INPS").first().click() // the labels of R-13
  await w.link('INFO CIG').click()
  await w.reads('Metalmeccanica Tiburtina') // the own case, before the queue
  await w.reads(say('case.status.under_examination'))
  await w.reads(say('case.answered'))
  await w.button(operator).click()
  await w.page.getByRole('checkbox').first().check()
  await w.page.getByLabel(say('ask.question')).fill('Quando mi pagano?')
  await w.button(say('ask.join')).click()
  await w.inQueue()

  const a = await advisor('Marta Sorgenti')
  await accept(a, name)
  await a.reads('INPS.CIGO.2026.0417.001')
  await w.reads(say('advisor.joined', { name: 'Marta Sorgenti' }))

  const said = ['Quando mi pagano?']
  const reply = say('desk.reply', { name })
  await w.watch(say('msg.unsent')) // more than 5 messages at once have to wait: that is no failure
  for (let n = 1; n <= 20; n++) {
    if (n === 10) {
      // The socket is cut in the middle, while both go on writing.
      await w.context.setOffline(true)
      await at.service.crash()
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

  expect(await w.watched()).toEqual({ text: false })

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
  let end = 0
  for (const text of said) {
    end = transcript.indexOf(text, end)
    expect(end, `${text} in the transcript, after what was said before`).toBeGreaterThan(-1)
    end += text.length
  }
  expect(transcript.match(/scritto senza rete/g)).toHaveLength(1)
}, 300_000)

test('a consultant picks one of three companies', async () => {
  const c = await person()
  await c.login(at('/cassetto'), 'Annarita Dell’Erba')
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
  await w.login(at('/myinps'), 'Ettore Brambati')
  await w.link("Comunica con l'INPS").first().click()
  await w.link('INFO CIG').click()
  await w.button(operator).click()
  await w.button(say('ask.join')).click()
  await w.inQueue()

  const second = await person()
  await second.login(at('/myinps'), 'Ettore Brambati')
  await second.link("Comunica con l'INPS").first().click()
  await second.link('INFO CIG').click()
  await second.inQueue()
  await w.reads(say('net.superseded'))
  await second.write(say('chat.write'), 'dalla seconda')
  await second.sees(['dalla seconda'])
  await w.button(say('net.here')).click()
  await w.sees(['dalla seconda'])
  await second.reads(say('net.superseded'))
})

test('who may not chat is told why, and where else to turn', async () => {
  const weak = await person(320)
  await weak.login(at('/myinps'), 'Ugo Fò')
  await weak.link("Comunica con l'INPS").first().click()
  await weak.link('INFO CIG').click()
  await weak.reads(say('auth.level'))
  await weak.reads(say('channel.phone.name'))
  expect(await weak.button(operator).count()).toBe(0)

  const employee = await person()
  await employee.login(at('/cassetto'), 'Vito Ancorese')
  await employee.link('Contatti').first().click()
  await employee.link('INFO CIG').click()
  await employee.reads(say('role.denied', { role: say('role.employee') }))
  expect(await employee.button(operator).count()).toBe(0)
})
