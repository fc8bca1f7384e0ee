const near = 48

/** A log that is scrolled: whether it was at its end, where its top was before and is now, and what is left below; in pixels. */
interface Scrolled {
  was: boolean
  before: number
  top: number
  left: number
}

/**
 * Whether it follows the conversation: near its end, and where it was there, until
 * somebody scrolls up. What grows beneath, such as lines in a font that has come late,
 * takes nobody away from the end.
 */
export const follows = ({ was, before, top, left }: Scrolled): boolean => left < near || (was && top >= before)
