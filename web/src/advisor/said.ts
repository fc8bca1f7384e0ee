import type { Item } from '#sdk'
import { operator, progress, type OfficeOf, type Said, type Tell } from '../parts/lines'
import { say, sayIfKnown, type Key } from '../text'

/** What an advisor reads of an entry; `me` is the advisor's name. */
export const forAdvisor =
  (officeOf: OfficeOf, me = ''): Tell =>
  (item, before, p) => {
    const citizen = p.citizen?.name ?? say('desk.person')
    switch (item.kind) {
      case 'joined':
        return item.text ? [{ who: citizen, text: item.text }] : []
      case 'message':
        if (item.by === 'citizen') return [{ who: citizen, text: item.text ?? '' }]
        return [{ who: item.name === me ? say('chat.you') : operator(item.name), mine: true, text: item.text ?? '' }]
      case 'accepted':
        return [{ text: say('desk.told.accepted', { name: item.name }) }]
      case 'away':
        return [connection(before.filter(isAway).length + 1, 'desk.told.away', 'desk.told.away.again')]
      case 'connected':
        return item.by === 'citizen' && before.findLast((i) => i.by !== 'advisor')?.kind === 'away' ? [connection(before.filter(isAway).length, 'desk.told.back', 'desk.told.back.again')] : []
      case 'here':
        return before.some((i) => i.kind === 'accepted') ? [{ text: say('desk.told.here', { name: citizen }) }] : []
      case 'requeued':
        return [{ text: sayIfKnown(`desk.told.queued.${item.reason}`) ?? say('desk.told.queued') }]
      case 'transferred':
        return [{ text: say('desk.told.transferred', { name: item.name }) }]
      case 'escalated': {
        const e = item.escalation
        const office = e && officeOf(e)
        return [
          { text: say('desk.told.escalated', { office, case: e?.case }) },
          ...(e?.text ? [{ who: say('desk.told.words', { office }), text: e.text }] : []),
        ]
      }
      case 'progressed':
        return progress(item, officeOf, (e, office) =>
          e.status === 'failed'
            ? `${say('escalation.news.failed')} ${say('own.failed')}`
            : say('desk.told.delivered', { office, protocol: e.protocol, due: e.due_at }),
        )
      case 'closed':
        return [{ text: endFor(item) }]
      default:
        return []
    }
  }

const isAway = (i: Item) => i.kind === 'away'

/** Only the last of these is shown: of a bad line there are many. */
const connection = (times: number, once: Key, again: Key): Said => ({ text: times > 1 ? say(again, { n: times }) : say(once), news: 'connection' })

function endFor({ reason, outcome, name }: Item): string {
  if (reason === 'left' || reason === 'idle' || reason === 'away') return say(`desk.told.closed.${reason}`)
  const told = { name, outcome: outcome && say(`outcome.${outcome}`) }
  return say(reason === 'by_advisor' && name ? 'desk.told.closed.by_advisor' : 'desk.told.closed', told)
}
