const minute = 60_000

const visible = () => document.visibilityState === 'visible'

/**
 * Asks now and whenever the page becomes visible again; while it is visible also
 * once a minute, for as long as the last answer was that there may be more to
 * come. Returns how to stop. `ask` never fails.
 */
export function whileVisible(ask: () => Promise<boolean>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = true

  async function again() {
    clearTimeout(timer)
    const more = await ask()
    clearTimeout(timer)
    // Not the pages of everybody at once.
    if (running && more && visible()) timer = setTimeout(again, minute * (1 + Math.random() / 4))
  }

  function turned() {
    if (visible()) void again()
    else clearTimeout(timer)
  }

  document.addEventListener('visibilitychange', turned)
  void again()
  return () => {
    running = false
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', turned)
  }
}
