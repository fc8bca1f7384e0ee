// Weighs what a citizen's page loads before the first message, as it goes over
// the wire: page, scripts, styles, fonts and icons. Fails above the budget (ui.md).
import { readFileSync } from 'node:fs'
import { extname, basename } from 'node:path'
import { gzipSync } from 'node:zlib'

const budget = 100 * 1024
const dist = new URL('dist/', import.meta.url)
const compressed = new Set(['.woff2'])

/** The files that a page needs, itself included, each with its bytes. */
function weigh(page) {
  const sizes = new Map()
  const open = [page]
  for (let path = open.pop(); path; path = open.pop()) {
    if (sizes.has(path)) continue
    const bytes = readFileSync(new URL(path, dist))
    sizes.set(path, compressed.has(extname(path)) ? bytes.length : gzipSync(bytes, { level: 6 }).length)
    if (!['.html', '.js', '.css'].includes(extname(path))) continue
    for (const [, name] of bytes.toString().matchAll(/["'(`/]([\w-]+\.(?:js|css|svg|woff2))\b/g)) open.push(`assets/${basename(name)}`)
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
