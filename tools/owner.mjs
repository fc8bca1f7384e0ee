// node tools/owner.mjs STAGE prints what the pages are built with: the owner's
// values that they show or go to, as web/src/example.ts has them for one machine.
import { readFileSync } from 'node:fs'

const v = JSON.parse(readFileSync(new URL(`../infra/owner/${process.argv[2]}.json`, import.meta.url)))
console.log(
  JSON.stringify({
    owner: v.web.owner,
    privacyUrl: v.web.privacy_url,
    accessibilityUrl: v.web.accessibility_url,
    feedbackUrl: v.web.feedback_url,
    clientId: v.client_id,
    issuers: Object.fromEntries(v.issuers.map((i) => [i.door, i.url])),
  }),
)
