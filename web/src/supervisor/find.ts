/** Whether a place in the queue is one that somebody looks for: by its number, or by the beginning of its time. */
export function isWanted(wanted: string, place: number, time: string): boolean {
  const sought = wanted.trim().replace(/[.,\s]/g, ':')
  return sought === '' || sought === String(place) || (sought.length > 1 && time.startsWith(sought))
}
