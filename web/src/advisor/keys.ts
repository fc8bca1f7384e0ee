/** What can be done at the desk, each with its key; Alt goes with it. */
export const keys = {
  presence: 'P',
  accept: 'A',
  reply: 'R',
  note: 'N',
  ask: 'Q',
  transfer: 'T',
  escalate: 'E',
  close: 'C',
  remove: 'X',
  own: 'S',
} as const

export type Act = keyof typeof keys

/** What a key asks for: an act, or the number of a conversation in the list. */
export function actOf(e: KeyboardEvent): Act | number | undefined {
  if (!e.altKey || e.ctrlKey || e.metaKey || e.repeat) return undefined
  const digit = /^Digit([1-9])$/.exec(e.code)?.[1]
  if (digit) return Number(digit)
  return (Object.keys(keys) as Act[]).find((act) => e.code === `Key${keys[act]}`)
}
