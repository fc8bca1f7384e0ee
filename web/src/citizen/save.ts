/** Hands something over as a file, under an address that only this page knows. */
export function save(what: Blob, name: string): void {
  const address = URL.createObjectURL(what)
  Object.assign(document.createElement('a'), { href: address, download: name }).click()
  URL.revokeObjectURL(address)
}
