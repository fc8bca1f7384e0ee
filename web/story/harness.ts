import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import sentences from '../../shared/text/it.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A sentence of the catalogue with its placeholders filled in. */
export function say(key: keyof typeof sentences, args: Record<string, string | number> = {}): string {
  return sentences[key].replace(/\{\s*(\w+)[^}]*\}/g, (_, name: string) => String(args[name] ?? ''))
}

/** The service on a port of its own, as `make run` starts it, with these flags besides. */
export class Service {
  base = ''
  private process: ChildProcess | undefined
  private readonly data = mkdtempSync(join(tmpdir(), 'infocig-story-'))

  constructor(private flags: readonly string[] = []) {}

  /** Starts at an opening that is always ahead, unless flags say another time; started again it goes on from where it was. */
  async start(): Promise<void> {
    const again = this.base !== ''
    const args = [...this.flags, '-data', this.data, '-addr', again ? this.base.slice('http://'.length) : '127.0.0.1:0']
    if (!again && !args.includes('-clock')) args.push('-clock', '2098-06-11T15:00:00+02:00')
    const p = (this.process = spawn(join(root, 'build/local'), args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] }))
    this.base = await new Promise((resolve, reject) => {
      let out = ''
      p.stdout!.on('data', (chunk: Buffer) => {
        out += chunk.toString()
        const found = /INFO CIG is at (\S+)/.exec(out)
        if (found) resolve(found[1]!)
      })
      p.on('exit', (code) => reject(new Error(`the service stopped with ${code}`)))
    })
  }

  /** Kills the process as a crash would, and starts it again on the same data and address. */
  async crash(): Promise<void> {
    const gone = new Promise((resolve) => this.process!.once('exit', resolve))
    this.process!.kill('SIGKILL')
    await gone
    await this.start()
  }

  /** Stops, and starts on the same data and address with other flags. */
  async startAgain(flags: readonly string[]): Promise<void> {
    await this.end()
    this.flags = flags
    await this.start()
  }

  async stop(): Promise<void> {
    await this.end()
    rmSync(this.data, { recursive: true })
  }

  private async end(): Promise<void> {
    const gone = new Promise((resolve) => this.process!.once('exit', resolve))
    this.process!.kill('SIGINT')
    await gone
  }
}

/** The Chromium of this machine, installed if it has to be. */
export function chromiumPath(): string {
  return execFileSync(join(root, 'web/story/chromium.sh'), { encoding: 'utf8' }).trim().split('\n').pop()!
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  })
}

/** A person with a browser of their own. Anything that the page complains about fails the story. */
export class Person {
  complaints: string[] = []

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', (e) => this.complaints.push(String(e)))
    page.on('console', (m) => {
      // A socket that a test cuts is expected to complain.
      if (m.type() === 'error' && !/WebSocket|ERR_CONNECTION|Failed to load resource/.test(m.text())) this.complaints.push(m.text())
    })
  }

  static async arrive(browser: Browser, width = 1280): Promise<Person> {
    const context = await browser.newContext({ viewport: { width, height: 800 }, locale: 'it-IT', acceptDownloads: true })
    return new Person(context, await context.newPage())
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name })
  }

  link(name: string) {
    return this.page.getByRole('link', { name, exact: true })
  }

  /** Goes through the login, by choosing who one is. */
  async login(address: string, name: string): Promise<void> {
    await this.page.goto(address)
    await this.button(say('login.in')).click()
    await this.page.getByRole('button', { name }).click()
  }

  /** Writes a message and sends it with Enter. */
  async write(label: string, text: string): Promise<void> {
    const field = this.page.getByLabel(label, { exact: true })
    await field.fill(text)
    await field.press('Enter')
  }

  /** The messages that are shown, in order. */
  shown(): Promise<string[]> {
    return this.page.getByRole('log').locator('.chat-text').allInnerTexts()
  }

  /** Waits until exactly these messages are shown, in order. */
  async sees(texts: string[], within = 20_000): Promise<void> {
    const end = Date.now() + within
    let shown: string[] = []
    do {
      shown = await this.shown()
      if (JSON.stringify(shown) === JSON.stringify(texts)) return
      await this.page.waitForTimeout(100)
    } while (Date.now() < end)
    throw new Error(`shown:\n${shown.join('\n')}\nwanted:\n${texts.join('\n')}`)
  }

  async reads(text: string | RegExp, timeout = 20_000): Promise<void> {
    await this.page.getByText(text).first().waitFor({ timeout })
  }

  /** From now on notes whether the page ever shows the text, and whether it is loaded again. */
  async watch(text: string): Promise<void> {
    await this.page.evaluate((text) => {
      const seen = { text: false }
      Object.assign(globalThis, { watched: seen })
      new MutationObserver(() => (seen.text ||= document.body.innerText.includes(text))).observe(document.body, {
        childList: true,
        characterData: true,
        subtree: true,
      })
    }, text)
  }

  /** What watch has noted; undefined if the page was loaded again. */
  watched(): Promise<{ text: boolean } | undefined> {
    return this.page.evaluate(() => (globalThis as { watched?: { text: boolean } }).watched)
  }
}
