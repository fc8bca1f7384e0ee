// Weighs what a citizen's page loads before the first message, as it goes over
// the wire (CloudFront compresses with Brotli): page, scripts, styles, fonts and icons. Fails above the budget.
import { readFileSync } from 'node:fs'
import { extname, basename } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const budget = 100 * 1024
const folder = process.argv.slice(2).find((a) => !a.startsWith('-')) ?? 'dist'
const dist = new URL(`${folder}/`, import.meta.url)
const compressed = new Set(['.woff2'])
/** What a server that compresses on the way uses; more takes too long. */
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }

/** Whether a part of a font is for letters that every page has: a browser leaves the others until one is met. */
const latin = (face) => !face.includes('unicode-range') || /unicode-range:\s*u\+(0{1,4}-|\?\?)/i.test(face)

/** The files that a page needs, itself included, each with its bytes. */
function weigh(page) {
  const sizes = new Map()
  const open = [page]
  for (let path = open.pop(); path; path = open.pop()) {
    if (sizes.has(path)) continue
    const bytes = readFileSync(new URL(path, dist))
    sizes.set(path, compressed.has(extname(path)) ? bytes.length : brotliCompressSync(bytes, quality).length)
    if (!['.html', '.js', '.css'].includes(extname(path))) continue
    const text = bytes.toString().replaceAll(/@font-face\{[^}]*\}/g, (face) => (latin(face) ? face : ''))
    for (const [, name] of text.matchAll(/["'(`/]([\w-]+\.(?:js|css|svg|woff2))\b/g)) open.push(`assets/${basename(name)}`)
  }
  return sizes
}

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1).padStart(6)} KB`
let over = false
for (const page of ['myinps.html', 'cassetto.html', 'advisor.html', 'supervisor.html', 'officer.html', 'index.html']) {
  const sizes = weigh(page)
  const total = [...sizes.values()].reduce((a, b) => a + b, 0)
  console.log(`${kilobytes(total)}  ${page}`)
  if (process.argv.includes('-v')) for (const [path, bytes] of sizes) console.log(`    ${kilobytes(bytes)}  ${path}`)
  if (!['advisor.html', 'supervisor.html', 'officer.html'].includes(page) && total > budget) over = true
}
if (over) {
  console.error(`A citizen's page is over ${budget / 1024} KB: run node size.mjs -v`)
  process.exit(1)
}
