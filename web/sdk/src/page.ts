import type { Connection } from './connection'

const lock = 'infocig.socket'

/**
 * Follows what becomes of the page that a connection is in: back on the network,
 * seen again, thawed, or brought back from the browser's history, it tries the
 * socket at once. While there is or should be a socket it holds a Web Lock: a
 * browser that saves energy does not freeze a page that holds one
 * (developer.chrome.com/blog/freezing-on-energy-saver). Returns how to stop.
 */
export function attend(connection: Connection): () => void {
  const probe = () => connection.probe()
  const seen = () => document.visibilityState === 'visible' && probe()
  const onWindow = ['online', 'offline', 'pageshow', 'focus']
  for (const event of onWindow) addEventListener(event, probe)
  document.addEventListener('visibilitychange', seen)
  document.addEventListener('resume', probe)

  let release: (() => void) | undefined
  const hold = () => {
    const live = connection.state === 'up' || connection.state === 'connecting'
    if (live && !release) release = holdLock()
    if (!live) release = void release?.()
  }
  const stopFollowing = connection.follow(hold)
  hold()

  return () => {
    for (const event of onWindow) removeEventListener(event, probe)
    document.removeEventListener('visibilitychange', seen)
    document.removeEventListener('resume', probe)
    stopFollowing()
    release?.()
  }
}

/** Holds the lock together with other pages; returns how to release it. */
function holdLock(): () => void {
  const gone = new AbortController()
  let release = () => gone.abort()
  navigator.locks
    ?.request(lock, { mode: 'shared', signal: gone.signal }, () => new Promise<void>((done) => (release = done)))
    .catch(() => {}) // the page works without
  return () => release()
}
