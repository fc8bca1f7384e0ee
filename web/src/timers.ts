import { plainTimers, workerTimers, type Timers } from '#sdk'
import script from './timer.worker?worker&url'

/** What TypeScript's library does not know yet of Trusted Types. */
interface Policies {
  trustedTypes?: { createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): string } }
}

let timers: Timers | undefined

/** Timers for everything that has to go on while the page is hidden: one worker for the page. */
export function pageTimers(): Timers {
  return (timers ??= make())
}

function make(): Timers {
  try {
    // The content security policy allows workers of this policy only, and the policy this script only.
    const policy = (globalThis as Policies).trustedTypes?.createPolicy('infocig-worker', { createScriptURL: () => script })
    return workerTimers(new Worker(policy?.createScriptURL(script) ?? script) as never)
  } catch {
    return plainTimers
  }
}
