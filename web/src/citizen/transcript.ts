import type { Session } from '../session.svelte'
import { say } from '../text'
import { save } from './save'

/** Hands the text of a conversation over as a file. */
export async function download(session: Session, conversation: string): Promise<void> {
  save(await session.run((api) => api.transcript(conversation, session.company)), say('ended.file'))
}
