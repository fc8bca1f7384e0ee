import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const sources = new URL('src/', import.meta.url).pathname

/** The sentences that only pages of staff say. */
const staff = /^((desk|supervisor|officer|transfer|faults|escalate|note|close|conversation)\.|list\.|login\.other$|closing\.desk$|outcome\.(?!settled$|escalated$)|own\.(?!what$|sent$)|escalation\.status\.|login\.(how|kept)\.staff)/

/**
 * Puts into the pages only what they can say: most of the catalogue is the
 * service's, and what staff read is not sent to citizens. A key is said if it, or
 * what it begins with up to a dot, stands in the sources; it.json?staff is the
 * staff's part.
 */
export function pickSentences(): Plugin {
  return {
    name: 'pick-sentences',
    enforce: 'pre',
    apply: 'build',
    load(id) {
      const [, file, part] = /^(.*\/shared\/text\/it\.json)(?:\?(staff))?$/.exec(id) ?? []
      if (!file) return undefined
      const said = inSources()
      const all = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
      const picked = all.filter(([key]) => staff.test(key) === (part === 'staff') && said(key))
      return { code: `export default ${JSON.stringify(Object.fromEntries(picked))}`, moduleType: 'js' }
    },
  }
}

function inSources(): (key: string) => boolean {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((f) => /\.(ts|svelte)$/.test(f) && !f.endsWith('.test.ts'))
  const text = files.map((f) => readFileSync(join(sources, f), 'utf8')).join('\n')
  const whole = new Set([...text.matchAll(/['"`]([\w-]+(?:\.[\w-]+)+)['"`]/g)].map(([, key]) => key!))
  const begun = [...text.matchAll(/['"`]([\w-]+(?:\.[\w-]+)*\.)\$\{/g)].map(([, start]) => start!)
  return (key) => whole.has(key) || begun.some((start) => key.startsWith(start)) || key.startsWith('format.')
}
