import { expect, test } from 'vitest'
import { say } from './harness'
import { stage } from './stage'

const { person, advisor, accept, at } = stage()

test('a supervisor looks who waits, lets somebody go first, and an advisor gets them first', async () => {
  const boss = await person(320)
  await boss.login(at('/supervisor'), 'Leandro Casagrandi')
  await boss.reads(say('supervisor.none'))

  const people = ['Giuliana Ferrantini', 'Ettore Brambati']
  for (const name of people) {
    const p = await person()
    await p.login(at('/myinps'), name)
    await p.link("Comunica con l'INPS").first().click()
    await p.link('INFO CIG').click()
    await p.button(say('open.action')).click()
    await p.page.getByRole('textbox').fill(`Domanda di ${name}`)
    await p.button(say('ask.join')).click()
    await p.inQueue(name === people[0] ? undefined : say('queue.one'))
  }

  await boss.button(say('supervisor.look.at', { n: 2 })).waitFor({ timeout: 20_000 }) // it appears by itself
  const topic = boss.page.getByRole('region', { name: say('desk.topic.worker_case') })
  await topic.getByText(say('supervisor.waiting', { n: 2 })).waitFor()
  await topic.getByText(say('supervisor.oldest', { n: 0 })).waitFor() // by the service's clock
  await topic.getByText(say('supervisor.advisors', { n: 0, available: 0, paused: 0 })).waitFor()
  await topic.getByText(say('supervisor.unattended')).waitFor()
  await boss.button(say('supervisor.look.at', { n: 2 })).click()
  await boss.reads('Ettore Brambati')
  await boss.page.getByText('Milano', { exact: true }).waitFor() // no code
  await boss.reads('Domanda di Ettore Brambati')
  await boss.button(say('supervisor.go')).click()
  expect(await boss.page.getByRole('dialog').count()).toBe(1) // without a reason nobody goes first
  await boss.page.getByLabel(say('supervisor.reason.deadline')).check()
  await boss.button(say('supervisor.go')).click()
  await boss.reads(say('supervisor.first'))
  await boss.reads(say('supervisor.why.reordered'))
  expect(await boss.page.evaluate(() => document.activeElement?.id)).toBe('worker_case')
  expect(await boss.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await boss.button(say('supervisor.look.at', { n: 1 })).click()
  await boss.reads(say('supervisor.already'))
  await boss.page.keyboard.press('Escape')

  const a = await advisor('Marta Sorgenti')
  await accept(a, 'Ettore Brambati')
  await topic.getByText(say('supervisor.advisors', { n: 1, available: 1, paused: 0 })).waitFor({ timeout: 20_000 })
}, 120_000)

test('who is no supervisor sees nobody', async () => {
  const other = await person()
  await other.login(at('/supervisor'), 'Marta Sorgenti')
  await other.reads(say('supervisor.denied'))
  expect(await other.button(say('supervisor.look')).count()).toBe(0)
})
