/** Blanks, marks on nothing, and what Unicode lets be drawn as nothing; as the service sees it (shared/plain). */
const nothing = /^[\s\x85\p{M}\p{Cf}\p{DI}\u2800\u{1d159}\u{13441}\u{13442}\u{16fe4}]*$/u

/** Whether there is nothing to see in a text. */
export const blank = (text: string): boolean => nothing.test(text)
