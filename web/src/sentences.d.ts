/** The staff's part of the catalogue: sentences.ts makes it. */
declare module '*it.json?staff' {
  const sentences: Record<string, string>
  export default sentences
}
