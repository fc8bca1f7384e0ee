import { describe, expect, test } from 'vitest'
import { say, type Person } from './harness'
import { stage } from './stage'

const name = 'Giuliana Ferrantini'
const words = "Manca l'accordo sindacale: l'azienda lo ha spedito il 12."
const never = 'questo testo non appare mai'

type Status = 'pending' | 'queued' | 'delivered' | 'taken_in_charge' | 'needs_document' | 'settled'

/** A worker on a small phone, an advisor and an officer, each in a window of their own. */
class Three {
  private constructor(
    readonly worker: Person,
    readonly advisor: Person,
    readonly officer: Person,
  ) {}

  static async meet({ person, advisor, accept, at }: ReturnType<typeof stage>): Promise<Three> {
    const w = await person(320)
    await w.login(at('/myinps'), name)
    await w.link("Comunica con l'INPS").first().click()
    await w.link('INFO CIG').click()
    await w.button('Parla con un operatore').click()
    await w.page.getByRole('checkbox').first().check()
    await w.page.getByLabel(say('ask.question')).fill('A che punto è?')
    await w.button(say('ask.join')).click()
    const a = await advisor('Marta Sorgenti')
    await accept(a, name)
    await w.reads(say('advisor.joined', { name: 'Marta Sorgenti' }))
    const o = await person()
    await o.login(at('/officer'), 'Ornella Tagliacarne')
    await o.reads(say('officer.who', { name: 'Ornella Tagliacarne', office: 'Roma EUR' }))
    for (const p of [w, a, o]) await p.watch(never)
    return new Three(w, a, o)
  }

  async escalate(): Promise<void> {
    const a = this.advisor
    await a.page.keyboard.press('Alt+e')
    await a.page.getByLabel(say('escalate.text')).fill(words)
    await a.button(say('escalate.check')).click()
    await a.button(say('escalate.send')).click()
    await a.page.getByRole('dialog').waitFor({ state: 'detached' })
  }

  async close(): Promise<void> {
    const a = this.advisor
    await a.page.keyboard.press('Alt+1')
    await a.page.keyboard.press('Alt+c')
    await a.page.getByRole('dialog').getByRole('button', { name: say('close.send') }).click()
    await this.worker.reads(say('ended.outcome', { outcome: say('outcome.escalated') }))
  }

  /** Both sides are in that state: the worker above the messages, the advisor in the list. */
  async both(status: Status, timeout = 20_000): Promise<void> {
    await this.worker.page.locator(`.handed[data-status=${status}]`).waitFor({ timeout })
    await this.advisor.page.keyboard.press('Alt+s')
    await this.advisor.page.locator(`.own-row[data-status=${status}]`).waitFor({ timeout })
  }

  /** Both read these sentences in the conversation. */
  async read(...sentences: string[]): Promise<void> {
    await this.advisor.page.keyboard.press('Alt+1')
    for (const p of [this.worker, this.advisor]) {
      for (const s of sentences) await p.page.getByRole('log').getByText(s).first().waitFor()
    }
  }

  async does(step: 'taken_in_charge' | 'needs_document' | 'settled', text?: string): Promise<void> {
    const o = this.officer
    await o.button(say(`officer.act.${step}`)).click({ timeout: 20_000 })
    if (step === 'taken_in_charge') return
    await o.page.getByRole('dialog').getByRole('textbox').fill(text!)
    await o.button(say(`officer.send.${step}`)).click()
    await o.page.getByRole('dialog').waitFor({ state: 'detached' })
  }

  /** The number that both sides read. */
  async protocol(): Promise<string> {
    const number = /INPS\.7000\.\d\d\/\d\d\/\d{4}\.\d{7}/
    await this.advisor.page.keyboard.press('Alt+s')
    const texts = [await this.worker.page.locator('.handed').innerText(), await this.advisor.page.locator('.own-row').innerText()]
    const [of, ...same] = texts.map((t) => number.exec(t)?.[0])
    expect(same).toEqual([of])
    expect(of).toBeTruthy()
    return of!
  }

  /** The worker's page is loaded again: it logs in by itself, and has what the office was told, and no conversation. */
  async comesBack(status: Status, protocol: string): Promise<void> {
    const w = this.worker
    await w.page.reload()
    const found = w.page.getByRole('region', { name: say('escalation.yours') }).locator(`.handed[data-status=${status}]`)
    await found.getByText(protocol).waitFor()
    await found.getByText(say(`escalation.news.${status}`)).waitFor()
    await w.button('Parla con un operatore').waitFor()
  }

  async notReloaded(): Promise<void> {
    for (const p of [this.worker, this.advisor, this.officer]) expect(await p.watched()).toEqual({ text: false })
  }
}

// The second story mostly waits for the queue: meanwhile the first goes on.
describe.concurrent('functions, table and queue as they are deployed', () => {
  const place = stage(['-functions', 'bootstrap', '-binaries', 'build/binaries', '-dynamodb', 'dynoxide', '-sqs', 'moto'])

  test('an escalation goes to the office and back, and both sides see every state', async () => {
    const three = await Three.meet(place)
    const { worker, officer } = three
    await three.escalate()
    await three.both('delivered')
    const protocol = await three.protocol()
    await three.read(protocol)
    await three.close()

    await officer.reads(words)
    await officer.reads(protocol)
    await officer.reads('FRRGLN******999T')
    expect(await officer.page.getByText('FRRGLN84C52Z999T').count()).toBe(0)
    await officer.button(say('officer.code.show')).click()
    await officer.reads('FRRGLN84C52Z999T')

    await three.does('taken_in_charge')
    await three.both('taken_in_charge')
    await three.read(say('escalation.news.taken_in_charge'))
    await three.does('needs_document', "Serve l'accordo firmato.")
    await three.both('needs_document')
    await three.read(say('escalation.news.needs_document'), "Serve l'accordo firmato.")
    await three.does('settled', 'Il pagamento parte lunedì.')
    await three.both('settled')
    await three.read(say('escalation.news.settled'), 'Il pagamento parte lunedì.')

    await worker.page.locator('.handed').getByText('Il pagamento parte lunedì.').waitFor()
    await officer.page.locator('.own-row[data-status=settled]').waitFor()
    expect(await officer.button(say('officer.act.settled')).count()).toBe(0)
    expect(await worker.page.getByText(words).count()).toBe(0) // what the office is told is not the worker's
    await three.notReloaded()
    await three.comesBack('settled', protocol)
  })
})

describe.concurrent('Linea INPS is down', () => {
  const place = stage()

  test('the escalation waits, both sides say so, and it arrives once when Linea INPS is back', async () => {
    const three = await Three.meet(place)
    const { worker, advisor, officer } = three
    await officer.page.getByText(say('faults.title')).click()
    const down = officer.page.getByLabel(say('faults.down'))
    await down.check()
    await officer.reads(say('faults.saved'))
    await three.escalate()
    await worker.page.locator('.handed[data-status=pending]').waitFor()
    await worker.reads(say('escalation.pending'))
    await advisor.page.keyboard.press('Alt+s')
    await advisor.reads(say('escalation.status.queued'))
    await advisor.reads(say('own.noprotocol'))
    await three.close() // which does not have to wait for the office
    await down.uncheck()
    await three.both('delivered', 110_000)
    const protocol = await three.protocol()
    await three.read(protocol)
    await officer.page.locator('.own-row').waitFor()
    expect(await officer.page.locator('.own-row').count()).toBe(1)
    await three.notReloaded()
    await three.comesBack('delivered', protocol)
  })
})
