import type { Item } from '#sdk'
import { operator, progress, type OfficeOf, type Tell } from '../parts/lines'
import { say } from '../text'

/** What a citizen reads of an entry. */
export const forCitizen =
  (officeOf: OfficeOf): Tell =>
  (item, before) => {
    const you = { who: say('chat.you'), mine: true }
    const name = item.name
    switch (item.kind) {
      case 'joined':
        return [{ text: say('transcript.joined') }, ...(item.text ? [{ ...you, text: item.text }] : [])]
      case 'message':
        return [item.by === 'citizen' ? { ...you, text: item.text ?? '' } : { who: operator(name), text: item.text ?? '' }]
      case 'accepted': {
        const last = before.findLast((i) => i.kind === 'accepted')
        return [{ text: say(last && last.name !== name ? 'advisor.changed' : 'advisor.joined', { name }) }]
      }
      case 'transferred':
        return [{ text: say('advisor.passes', { name: name ?? before.findLast((i) => i.kind === 'accepted')?.name }) }]
      case 'requeued':
        return wasServed(before) ? [{ text: say('advisor.lost') }] : []
      case 'escalated':
        return [{ text: say('transcript.escalated'), news: sent }]
      case 'progressed': {
        const [first, ...words] = progress(item, officeOf, (e, office) => {
          if (e.status === 'failed') return `${say('escalation.news.failed')} ${say('escalation.failed.citizen')}`
          const { name } = before.findLast((i) => i.kind === 'escalated') ?? {}
          return say('escalation.sent', { name, office, protocol: e.protocol, sent_on: item.at })
        })
        return first ? [item.escalation?.status === 'delivered' && !item.reason ? { ...first, news: sent } : first, ...words] : []
      }
      case 'closed':
        return [{ text: endOf(item, before) }]
      default:
        return []
    }
  }

/** That an escalation was sent: with its number, once it has one. */
const sent = 'sent'

/** Whether an operator had the conversation just before, and was lost: else nothing changes for the citizen. */
const wasServed = (before: readonly Item[]) =>
  before.findLast((i) => i.kind === 'accepted' || i.kind === 'transferred' || i.kind === 'requeued')?.kind === 'accepted'

/** How a conversation ended, in a sentence for the citizen. */
export function endOf(closed: Item, before: readonly Item[]): string {
  switch (closed.reason) {
    case 'left':
      return say(before.some((i) => i.kind === 'accepted') ? 'ended.user' : 'ended.left')
    case 'by_advisor':
      return say('ended.advisor', { name: closed.name ?? before.findLast((i) => i.kind === 'accepted')?.name })
    case 'desk_closed':
      return closed.text ? say('transcript.closed.closure', { closure: closed.text }) : say('transcript.closed.not_served')
    case 'silent':
      return say('ended.silent')
    default:
      return say('ended.idle')
  }
}
