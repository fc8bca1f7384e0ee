/** How long after the pointer's last move over the list it counts as about to pick. */
const lingers = 3_000

/** Whether somebody is about to pick a row: with the pointer, the keyboard, or by Alt and a number. */
export class Hold {
  private alt = $state(false)
  private focus = $state(false)
  private pointer = $state(false)
  private at = ''
  private timer: ReturnType<typeof setTimeout> | undefined
  readonly on = $derived(this.alt || this.focus || this.pointer)

  pressed(e: KeyboardEvent): void {
    if (e.key === 'Alt') this.alt = true
  }

  released(e: KeyboardEvent): void {
    if (e.key === 'Alt' || !e.altKey) this.alt = false
  }

  /** The window is left: what is released there is not heard. */
  left(): void {
    this.alt = false
  }

  focused(list: Element | undefined, at: EventTarget | null): void {
    this.focus = at instanceof Node && !!list?.contains(at)
  }

  /** A browser says that the pointer moves also when the page moves under it. */
  pointed(e: PointerEvent): void {
    const at = `${e.screenX} ${e.screenY}`
    if (at === this.at) return
    this.at = at
    this.pointer = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => (this.pointer = false), lingers)
  }

  unpointed(): void {
    clearTimeout(this.timer)
    this.pointer = false
  }
}
