/** What the owner of an installation sets, for one machine: an installation has its own (tools/owner.mjs). */
export const example = {
  /** Who runs the service: the header says so. */
  owner: 'Ente di prova',
  product: 'INFO CIG',
  privacyUrl: 'https://example.org/privacy',
  accessibilityUrl: 'https://example.org/accessibilita',
  feedbackUrl: 'https://example.org/feedback',

  clientId: 'infocig-web',
  /** The issuers, on the origin of the pages. */
  issuers: { myinps: '/oidc/myinps', cassetto: '/oidc/cassetto', institute: '/oidc/institute' },
}
