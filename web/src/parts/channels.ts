/** Leads to the other channels of contact without another entry in the history, for a click on a link. */
export function toChannels(e: Event): void {
  e.preventDefault()
  const heading = document.getElementById('channels')
  heading?.scrollIntoView()
  heading?.focus({ preventScroll: true })
}
