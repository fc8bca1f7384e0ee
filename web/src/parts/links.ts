/** A piece of a text: plain, or the address of a link. */
export interface Piece {
  text: string
  href?: string
}

/** What may end an address, but more often ends the sentence around it. */
const end = /[.,;:!?'"»”’)\]]+$/

/** The pieces of a text: only what is an https address, as it is written, without a name or password in it, is a link. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const found of text.matchAll(/https:\/\/[^\s<>"]+/gi)) {
    const written = found[0].replace(end, '')
    const href = hrefOf(written)
    if (!href) continue
    if (found.index > from) pieces.push({ text: text.slice(from, found.index) })
    pieces.push({ text: written, href })
    from = found.index + written.length
  }
  if (from < text.length) pieces.push({ text: text.slice(from) })
  return pieces
}

function hrefOf(written: string): string | undefined {
  if (!URL.canParse(written)) return undefined
  const url = new URL(written)
  return url.protocol === 'https:' && !url.username && !url.password && url.hostname.includes('.') ? url.href : undefined
}
