import { hasWords } from '../parts/sought'
import type { Handed } from './book.svelte'

/** Which escalations are shown: with steps to make, without, or all. */
export type Which = 'open' | 'closed' | 'all'

/**
 * The escalations that are shown, those to be answered first before the others.
 * Every word that is sought stands in the protocol, the case, or a name; what the
 * officer has just worked on stays in view.
 */
export function shown(all: readonly Handed[], which: Which, sought: string, kept: ReadonlySet<string>): Handed[] {
  return all
    .filter((e) => which === 'all' || kept.has(e.id) || isOpen(e) === (which === 'open'))
    .filter((e) => hasWords([e.protocol, e.case, e.person.name, e.company].join(' '), sought))
    .sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at) || a.protocol.localeCompare(b.protocol))
}

const isOpen = (e: Handed): boolean => e.next.length > 0
