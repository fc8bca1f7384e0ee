// Makes the SDK's types from the documents of the wire, so that nothing is
// written twice: sdk/src/wire/socket.ts and sdk/src/wire/http.ts.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { compile } from 'json-schema-to-typescript'
import { parse } from 'yaml'

const documents = {
  socket: '../shared/chat/socket/asyncapi.yaml',
  http: '../shared/chat/httpapi/openapi.yaml',
}

const here = (path) => new URL(path, import.meta.url)

/** The document's schemas as one JSON Schema that refers to each of them. */
function schemaOf(document) {
  const text = JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/')
  const $defs = JSON.parse(text)
  return {
    title: 'Wire',
    type: 'object',
    additionalProperties: false,
    required: Object.keys($defs),
    properties: Object.fromEntries(Object.keys($defs).map((name) => [name, { $ref: `#/$defs/${name}` }])),
    $defs,
  }
}

await mkdir(here('sdk/src/wire/'), { recursive: true })
for (const [name, path] of Object.entries(documents)) {
  const document = parse(await readFile(here(path), 'utf8'))
  const types = await compile(schemaOf(document), 'Wire', {
    bannerComment: `// Made by wire.mjs from ${path.slice(3)}: do not edit.`,
    format: false,
    ignoreMinAndMaxItems: true,
  })
  const names = Object.keys(document.components.schemas)
  const union = (prefix, type) => {
    const all = names.filter((n) => n.startsWith(prefix)).map((n) => `Wire[${JSON.stringify(n)}]`)
    return all.length ? `export type ${type} = ${all.join(' | ')}\n` : ''
  }
  await writeFile(here(`sdk/src/wire/${name}.ts`), types + union('up_', 'Up') + union('down_', 'Down'))
}
