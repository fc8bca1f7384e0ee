/** Browsers take few changes of an entry in a second. */
const soon = 300

/**
 * What a person is writing, and has chosen, in this tab: it survives Back,
 * Forward, a reload and a discarded tab. It lives in the memory of the page and in
 * the state of the entries of the tab's history (ADR 0036), and ends with the
 * logout.
 */
class Kept {
  all: Record<string, unknown> = {}
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.takeOver((history.state as { kept?: unknown } | null)?.kept)
    // Another place of the same page is another entry.
    addEventListener('hashchange', () => this.write())
    document.addEventListener('visibilitychange', () => this.write())
    // A reload remembers only what there was before it began.
    addEventListener('beforeunload', () => this.write())
    addEventListener('pagehide', () => this.write())
  }

  get<T>(name: string): T | undefined {
    return this.all[name] as T | undefined
  }

  set(name: string, value: unknown): void {
    const empty = value === undefined || value === ''
    if (empty && !(name in this.all)) return
    if (empty) delete this.all[name]
    else this.all[name] = value
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.write(), soon)
  }

  takeOver(kept: unknown): void {
    if (typeof kept !== 'object' || kept === null) return
    this.all = { ...this.all, ...kept }
    this.write()
  }

  /** Forgets what another person has left in this tab. So few bits tell nobody who it was. */
  async own(subject: string): Promise<void> {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subject)))
    const owner = digest[0]! * 256 + digest[1]!
    if (this.all['owner'] !== owner) this.all = { owner }
    this.write()
  }

  clear(): void {
    this.all = {}
    this.write()
  }

  private write(): void {
    try {
      history.replaceState({ ...(history.state as object | null), kept: this.all }, '')
    } catch {
      // Too many at once for the browser, or too much: the memory of the page has it.
    }
  }
}

export const kept = new Kept()
