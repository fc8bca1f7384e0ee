import { config } from './config'
import { pageTitle } from './title.svelte'

const note = 'attention'

/**
 * Calls a person who looks elsewhere: by the title of the window, and by a sound
 * and a notification of the browser if the person has asked for them. Neither is
 * on before; the browser asks for its permission at the click only.
 */
class Attention {
  sound = $state(false)
  notifications = $state(typeof Notification !== 'undefined' && Notification.permission === 'granted')
  /** Notifications cannot be had: the browser has none, or the person has refused them. */
  readonly refused = $derived.by(() => {
    void this.notifications
    return typeof Notification === 'undefined' || Notification.permission === 'denied'
  })
  private audio: AudioContext | undefined

  constructor() {
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.seen())
  }

  /** Whether the person looks at the page. */
  get away(): boolean {
    return document.visibilityState !== 'visible' || !document.hasFocus()
  }

  /** Calls the person, if they look elsewhere. */
  call(text: string): void {
    if (!this.away) return
    if (document.visibilityState !== 'visible') pageTitle.note(note, text)
    if (this.sound) this.beep()
    if (this.notifications) this.notify(text)
  }

  /** At a click: browsers allow sound only then. */
  async setSound(on: boolean): Promise<void> {
    this.sound = on
    if (!on) return
    this.audio ??= new AudioContext()
    await this.audio.resume()
    this.beep() // so that one knows it
  }

  /** At a click. */
  async setNotifications(on: boolean): Promise<void> {
    this.notifications = on && (await Notification.requestPermission()) === 'granted'
  }

  /** There is nothing to call for any more. */
  seen(): void {
    pageTitle.note(note, '')
  }

  private beep(): void {
    const { audio } = this
    if (!audio) return
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.frequency.value = 660
    volume.gain.setValueAtTime(0.2, audio.currentTime)
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5)
    tone.connect(volume).connect(audio.destination)
    tone.start()
    tone.stop(audio.currentTime + 0.5)
  }

  /** Without a word of what was written: notifications are seen by others, too. */
  private notify(text: string): void {
    try {
      const shown = new Notification(config.product, { body: text, tag: note })
      shown.onclick = () => {
        focus()
        shown.close()
      }
    } catch {
      // Some phones have notifications for installed pages only.
    }
  }
}

export const attention = new Attention()
