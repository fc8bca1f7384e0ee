import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'postcss'
import type { Plugin } from 'vite'

const here = (path: string) => new URL(path, import.meta.url).pathname

/**
 * Leaves out of the styles what no page uses: most of Bootstrap Italia's base is
 * for other pages. A class is used if its name, or what it begins with up to a
 * brace, is a word of the sources; an element if it is a tag there or stands in
 * quotes; a custom property if a style reads it.
 */
export function pickStyles(): Plugin {
  return {
    name: 'pick-styles',
    apply: 'build',
    transform(css, id) {
      if (!/\.s?css$/.test(id)) return undefined
      const sources = readSources()
      const words = names(sources, /([a-z][\w-]*)/gi)
      const begun = [...names(sources, /([a-z][\w-]*-)\$?\{/gi)]
      const elements = names(sources, /(?:<|')([a-z][\w-]*)/g)
      const used = (selector: string) => {
        const itself = selector.replace(/:[\w-]+\([^)]*\)|\[[^\]]*\]|::?[\w-]+/g, '')
        return (
          [...names(itself, /\.([\w-]+)/g)].every((c) => words.has(c) || begun.some((start) => c.startsWith(start))) &&
          [...names(itself, /(?:^|[\s>+~])([a-z]\w*)/g)].every((e) => elements.has(e))
        )
      }
      const root = parse(css)
      root.walkRules((rule) => {
        if (rule.parent?.type === 'atrule' && 'name' in rule.parent && rule.parent.name.endsWith('keyframes')) return
        rule.selectors = rule.selectors.filter(used)
        if (!rule.selector) rule.remove()
      })
      const read = names(root.toString() + sources, /var\(\s*(--[\w-]+)/g)
      root.walkDecls(/^--/, (property) => {
        if (!read.has(property.prop)) property.remove()
      })
      return { code: root.toString(), map: null }
    },
  }
}

const names = (text: string, pattern: RegExp): Set<string> => new Set([...text.matchAll(pattern)].map(([, name]) => name!))

/** Pages, components and styles of ours. */
function readSources(): string {
  const inside = readdirSync(here('src/'), { recursive: true, encoding: 'utf8' }).map((f) => here(`src/${f}`))
  const pages = readdirSync(here('.')).map(here)
  return [...inside, ...pages.filter((f) => f.endsWith('.html'))]
    .filter((f) => /\.(ts|svelte|html|scss)$/.test(f) && !f.endsWith('.test.ts'))
    .map((f) => readFileSync(f, 'utf8'))
    .join('\n')
}
