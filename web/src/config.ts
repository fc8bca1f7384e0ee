/** What the owner of an installation sets: names, addresses and the limits that the pages tell of. */
export const config = {
  /** Who runs the service: the header says so. */
  owner: 'Ente di prova',
  product: 'INFO CIG',
  privacyUrl: 'https://example.org/privacy',
  accessibilityUrl: 'https://example.org/accessibilita',
  feedbackUrl: 'https://example.org/feedback',

  clientId: 'infocig-web',
  /** The issuers, on the origin of the pages. */
  issuers: { myinps: '/oidc/myinps', cassetto: '/oidc/cassetto', institute: '/oidc/institute' },

  /** Minutes, as chat.DefaultTimes has them: a place in the queue, and a conversation without an answer. */
  keepPlace: 10,
  idleLimit: 15,
  idleWarning: 10,
}

export type IssuerName = keyof typeof config.issuers
