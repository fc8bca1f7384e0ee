import { expect, test } from 'vitest'
import { piecesOf } from './links'

const links = (text: string) => piecesOf(text).filter((p) => p.href).map((p) => p.text)

test.each([
  ['Vai su https://www.inps.it/cig.', ['https://www.inps.it/cig']],
  ['(https://www.inps.it/a?b=c#d)', ['https://www.inps.it/a?b=c#d']],
  ['https://a.it e HTTPS://b.it/', ['https://a.it', 'HTTPS://b.it/']],
  ['http://a.it javascript:alert(1) www.inps.it data:text/html,x', []],
  ['https://inps.it@evil.example/ https://u:p@evil.example', []],
  ['https://', []],
  ['https://localhost/x', []],
  ['javascript://https://%0aalert(1)', []],
])('%s', (text, expected) => {
  expect(links(text)).toEqual(expected)
  expect(piecesOf(text).map((p) => p.text).join('')).toBe(text)
})
