import catalogue from '../../shared/text/it.json' with { type: 'json' }

export type Key = keyof typeof catalogue
export type Args = Record<string, string | number | undefined>

const sentences: Record<string, string> = { ...catalogue }

/** Adds the sentences that not every page is sent (sentences.ts). */
export function addSentences(more: Record<string, string>): void {
  Object.assign(sentences, more)
}

/** The sentence of a key; shared/text/doc.go has the syntax of the placeholders. */
export function say(key: Key, args: Args = {}): string {
  return format(sentences, key, args)
}

/** By how many characters a text is too long. */
export const tooLongBy = (n: number): string => (n === 1 ? say('chat.toolong.one') : say('chat.toolong', { n }))

/** The sentence of a key that is put together at run time; undefined if there is none. */
export function sayIfKnown(key: string): string | undefined {
  return sentences[key]
}

export function format(from: Record<string, string>, key: string, args: Args = {}): string {
  const sentence = from[key] ?? from['error.internal'] ?? '—'
  return sentence.replace(/\{\s*(\w+)\s*(?:,\s*(\w+)\s*)?\}/g, (_, name: string, how?: string) => {
    const value = args[name]
    if (value === undefined || value === '') return '—'
    if (how === 'minutes') return String(Math.ceil(Number(value) / 60))
    return how ? instant(from, how, String(value)) : String(value)
  })
}

const rome = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Rome',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

/** An instant as its time, or as its date in the words of the catalogue, in Italy. */
function instant(from: Record<string, string>, how: string, iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return '—'
  const p = Object.fromEntries(rome.formatToParts(at).map((x) => [x.type, x.value])) as Record<string, string>
  if (how === 'time') return `${p['hour']}:${p['minute']}`
  const weekday = new Date(Date.UTC(Number(p['year']), Number(p['month']) - 1, Number(p['day']))).getUTCDay()
  return format(from, `format.${how}`, {
    weekday: from[`weekday.${weekday}`],
    day: Number(p['day']),
    month: from[`month.${Number(p['month'])}`],
    year: p['year'],
  })
}

export const timeOf = (iso: string): string => instant(sentences, 'time', iso)
export const dayOf = (iso: string): string => instant(sentences, 'day', iso)
export const dateOf = (iso: string): string => instant(sentences, 'date', iso)
