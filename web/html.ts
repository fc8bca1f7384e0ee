import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'
import catalogue from '../shared/text/it.json' with { type: 'json' }
import { owner } from './owner.ts'
import { example } from './src/example.ts'

const config = { ...example, ...owner }

const here = (path: string) => new URL(path, import.meta.url)

/**
 * Fills the pages at build time, so that they say what they are without script:
 * {{> name}} is src/html/name.html, {{a.key}} a sentence of the catalogue and
 * {{config.name}} a value of the configuration.
 */
export function fillPages(): Plugin {
  return { name: 'fill-pages', transformIndexHtml: { order: 'pre', handler: fill } }
}

function fill(html: string): string {
  return html
    .replace(/\{\{> (\w+)\}\}/g, (_, name: string) => fill(readFileSync(here(`src/html/${name}.html`), 'utf8')))
    .replace(/\{\{([\w.]+)\}\}/g, (_, key: string) => escape(value(key)))
}

function value(key: string): string {
  const [, name] = key.match(/^config\.(\w+)$/) ?? []
  const found = name ? (config as Record<string, unknown>)[name] : (catalogue as Record<string, string>)[key]
  if (typeof found !== 'string') throw new Error(`nothing is called ${key}`)
  return found
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
}
