import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import sentences from '../../shared/text/it.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A sentence of the catalogue with its placeholders filled in. */
export function say(key: keyof typeof sentences, args: Record<string, string | number> = {}): string {
  return sentences[key].replace(/\{\s*(\w+)[^}]*\}/g, (_, name: string) => String(args[name] ?? ''))
}

/**
 * Runs a program by a shell that kills it when this process ends, however that ends:
 * the program alone, or with its whole group all that it has started.
 */
function tied(program: string, args: readonly string[], whole: boolean, stdio: ('ignore' | 'pipe' | 'inherit')[], cwd?: string): ChildProcess {
  const watch = `(trap '' TERM INT HUP; read -r _; kill -9 ${whole ? '0' : '$$'}) <&3 >/dev/null 2>&1 & exec "$@" 3<&-`
  const p = spawn('sh', ['-c', watch, 'sh', program, ...args], { cwd, detached: whole, stdio: [...stdio, 'pipe'] })
  p.on('exit', () => (p.stdio[3] as Writable).destroy())
  return p
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
    // Real issuers give tokens for minutes, not for hours.
    if (!args.includes('-tokens')) args.push('-tokens', '10m')
    if (!again && !args.includes('-clock')) args.push('-clock', '2098-06-11T15:00:00+02:00')
    const p = (this.process = tied(join(root, 'build/local'), args, false, ['ignore', 'pipe', 'inherit'], root))
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
    if (this.process!.exitCode !== null || this.process!.signalCode !== null) return
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

/**
 * A Chromium that runs on while nobody is connected to it: to a page that it is
 * connected to, Playwright says that it is visible, whatever the browser shows.
 */
export class Loose {
  private readonly folder = mkdtempSync(join(tmpdir(), 'infocig-chromium-'))
  private readonly process: ChildProcess
  private readonly address: Promise<string>
  private browser: Browser | undefined

  constructor(flags: readonly string[]) {
    const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync', '--remote-debugging-port=0', `--user-data-dir=${this.folder}`]
    const p = (this.process = tied(chromiumPath(), [...args, ...flags, 'about:blank'], true, ['ignore', 'ignore', 'pipe']))
    this.address = new Promise((resolve) => {
      let said = ''
      p.stderr!.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const found = /DevTools listening on (ws:\S+)/.exec(said)
        if (found) resolve(found[1]!)
      })
    })
  }

  /** Its only window. */
  async connect(): Promise<BrowserContext> {
    this.browser = await chromium.connectOverCDP(await this.address)
    return this.browser.contexts()[0]!
  }

  async disconnect(): Promise<void> {
    await this.browser?.close()
  }

  async close(): Promise<void> {
    await this.disconnect()
    const gone = new Promise((resolve) => this.process.once('exit', resolve))
    process.kill(-this.process.pid!, 'SIGKILL') // with all that it has started, which would go on writing
    await gone
    this.process.stderr?.destroy()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
  }
}

/** A person with a browser of their own. Anything that the page complains about fails the story. */
export class Person {
  complaints: string[] = []

  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', (e) => this.complaints.push(String(e)))
    page.on('console', (m) => {
      // A socket that a test cuts is expected to complain.
      if (m.type() === 'error' && !/WebSocket|ERR_CONNECTION|Failed to load resource/.test(m.text())) this.complaints.push(m.text())
    })
  }

  static async arrive(browser: Browser, width = 1280, finger = false): Promise<Person> {
    const context = await browser.newContext({
      viewport: { width, height: 800 }, hasTouch: finger, isMobile: finger, locale: 'it-IT', acceptDownloads: true,
    })
    return new Person(context, await context.newPage())
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name })
  }

  link(name: string) {
    return this.page.getByRole('link', { name, exact: true })
  }

  /** Goes through the login, by choosing who one is; a page that somebody was logged in to does it by itself. */
  async login(address: string, name: string): Promise<void> {
    // A silent login may lead on before it is loaded; one that is under way leads on as well.
    await this.page.goto(address, { waitUntil: 'commit' }).catch((e: unknown) => {
      if (!/interrupted by another navigation/.test(String(e))) throw e
    })
    const door = this.button(say('login.in'))
    const inside = this.button(say('login.out'))
    await door.or(inside).first().waitFor()
    if (await inside.count()) return
    await door.click()
    await this.page.getByRole('button', { name }).click()
  }

  /** Logs in to MyINPS and goes to the chat. */
  async toInfoCig(base: string, name: string): Promise<void> {
    await this.login(`${base}/myinps`, name)
    await this.link("Comunica con l'INPS").first().click()
    await this.link('INFO CIG').click()
  }

  /** Waits until the page tells where in the queue one is: first, or behind others. */
  async inQueue(text?: string): Promise<void> {
    const position = this.page.locator('.queue-position')
    await (text ? position.filter({ hasText: text }) : position).waitFor({ timeout: 20_000 })
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
