import type { Case } from '#sdk'

const day = 24 * 60 * 60 * 1000

/** Whether a case has been in its status for longer than usual; where it does not move any more it never is. */
export const overdue = (c: Case, now: number): boolean =>
  !!c.usual_days && c.status !== 'paid' && c.status !== 'rejected' && now > Date.parse(c.since) + (c.usual_days + 1) * day

/** How the payer of a case is called: whether anything is paid is open before it is granted; for what is rejected nobody pays. */
export function payerOf(c: Case): 'case.payer' | 'case.payer.if' | undefined {
  switch (c.status) {
    case 'rejected':
      return undefined
    case 'authorised':
    case 'payment_ordered':
    case 'paid':
      return 'case.payer'
    default:
      return 'case.payer.if'
  }
}
