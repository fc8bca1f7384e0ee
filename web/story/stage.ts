import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { launch, Person, say, Service } from './harness'

/** A service of its own for each story of the file or group, started with these flags, and who takes part. */
export function stage(flags: readonly string[] = []) {
  let browser: Browser
  let people: Person[] = []

  /** The address of a page of the service. */
  const at = Object.assign((path: string) => at.service.base + path, { service: undefined as unknown as Service })

  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    at.service = new Service(flags)
    await at.service.start()
  })
  afterEach(async () => {
    const complaints = people.flatMap((p) => p.complaints)
    for (const p of people) await p.context.close()
    people = []
    await at.service.stop()
    expect(complaints).toEqual([])
  })

  async function person(width?: number, finger = false): Promise<Person> {
    const p = await Person.arrive(browser, width, finger)
    people.push(p)
    return p
  }

  /** Somebody with a phone, who has no mouse. */
  const phone = () => person(390, true)

  /** An advisor who is there and available. */
  async function advisor(name: string): Promise<Person> {
    const a = await person()
    await a.login(at('/advisor'), name)
    await a.button(say('desk.presence.start')).click()
    await a.page.getByRole('status').filter({ hasText: say('desk.presence.available') }).waitFor()
    return a
  }

  async function accept(a: Person, citizen: string): Promise<void> {
    await a.button(say('desk.accept.whom', { name: citizen })).click()
    await a.page.getByLabel(say('desk.reply', { name: citizen })).waitFor()
  }

  return { person, phone, advisor, accept, at }
}
