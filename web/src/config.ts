import { example } from './example'

/** The values of the installation that the pages are built for; vite.config.ts puts them in. */
declare const __OWNER__: Partial<typeof example>

/** What the owner of an installation sets: names and addresses. */
export const config = { ...example, ...__OWNER__ }

export type IssuerName = keyof typeof config.issuers
