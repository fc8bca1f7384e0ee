import type { Session } from '../session.svelte'
import { say } from '../text'

/** Hands the text of a conversation over as a file, under an address that only this page knows. */
export async function download(session: Session, conversation: string): Promise<void> {
  const address = URL.createObjectURL(await session.run((api) => api.transcript(conversation)))
  Object.assign(document.createElement('a'), { href: address, download: say('ended.file') }).click()
  URL.revokeObjectURL(address)
}
