// Makes src/icons.svg: of Bootstrap Italia's icons those that the pages use,
// which are the names given to Icon.svelte.
import { readdir, readFile, writeFile } from 'node:fs/promises'

const here = (path) => new URL(path, import.meta.url)

const names = new Set()
for (const entry of await readdir(here('src/'), { recursive: true })) {
  if (!entry.endsWith('.svelte')) continue
  for (const [name] of (await readFile(here(`src/${entry}`), 'utf8')).matchAll(/\bit-[a-z-]+[a-z]\b(?=['"])/g)) names.add(name)
}

const symbols = await Promise.all(
  [...names].sort().map(async (name) => {
    const svg = await readFile(here(`node_modules/bootstrap-italia/src/svg/${name}.svg`), 'utf8')
    const box = svg.match(/viewBox="([^"]+)"/)[1]
    const shapes = svg.replace(/^[^]*?<svg[^>]*>|<\/svg>\s*$/g, '').replace(/ style="[^"]*"/g, '')
    return `<symbol id="${name}" viewBox="${box}">${shapes.trim()}</symbol>`
  }),
)
await writeFile(here('src/icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`)
