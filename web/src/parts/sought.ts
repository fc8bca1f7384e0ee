/** Whether every word of what is looked for stands in the text, in whatever order, case and accents. */
export function hasWords(text: string, sought: string): boolean {
  const within = plain(text)
  return plain(sought).split(/\s+/).every((word) => within.includes(word))
}

/** Small letters without accents. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
