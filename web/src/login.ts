import * as oauth from 'oauth4webapi'
import { config, type IssuerName } from './config'

/** What somebody who has logged in gets. The tokens are in the memory of the page, and nowhere else. */
export interface Login {
  token: string
  /** Renews the token without the person, where the issuer gives it. */
  refresh: string | undefined
  /** For how many seconds the token is good; undefined where the issuer does not say. */
  lifetime: number | undefined
  /** Who it is, for the issuer. */
  subject: string | undefined
}

/** How a login began. */
interface Pending {
  state: string
  verifier: string
}

/** What waits in session storage for the way to the issuer and back; it is removed on return. */
interface Waiting extends Pending {
  /** The part of the address after #. */
  place: string
  /** What was being written: the page is loaded anew. */
  kept: unknown
}

/** How a login ended that led back to this page. */
export type Return =
  | { how: 'none' } // the page was opened otherwise
  | { how: 'in'; login: Login; kept: unknown }
  | { how: 'refused'; kept: unknown } // without the person it could not be done
  | { how: 'handed' } // it is another window's: that one was told

const stored = 'infocig.login'
const channelName = 'infocig.login'
/** The end of a state whose answer another window waits for. */
const ofWindow = '.window'
const requestTime = 15_000

/** The login did not come to a good end: one can only start again. */
export class LoginFailed extends Error {}

/**
 * Leads to the issuer (authorization code with PKCE), which leads back to this page:
 * if silent, without showing anything, and in the place of this entry of the history,
 * so that Back leads where it led before.
 */
export async function leaveForLogin(issuer: IssuerName, page: string, kept: unknown, silent = false): Promise<void> {
  const as = await discover(issuer)
  const pending = start()
  const waiting: Waiting = { ...pending, place: location.hash, kept }
  const address = await addressOf(as, page, pending, silent)
  sessionStorage.setItem(stored, JSON.stringify(waiting))
  if (silent) location.replace(address)
  else location.assign(address)
}

/** Finishes a login that led to this page. Fails with LoginFailed, or with what fetch fails with. */
export async function returnFromLogin(issuer: IssuerName, page: string): Promise<Return> {
  const waiting = takeWaiting()
  const query = new URLSearchParams(location.search)
  const state = query.get('state')
  if (!state) return { how: 'none' }
  history.replaceState(null, '', location.pathname + (waiting?.place ?? ''))
  if (state.endsWith(ofWindow)) {
    new BroadcastChannel(channelName).postMessage(query.toString())
    return { how: 'handed' }
  }
  if (!waiting) throw new LoginFailed('not started here')
  const { kept } = waiting
  try {
    return { how: 'in', login: await exchange(issuer, page, query, waiting), kept }
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError && loginNeeded.has(error.error)) return { how: 'refused', kept }
    throw error
  }
}

/** What an issuer answers to a silent login for which it needs the person (OpenID Connect Core, 3.1.2.6). */
const loginNeeded = new Set(['login_required', 'interaction_required', 'consent_required', 'account_selection_required'])

/**
 * Logs in through a window of its own, while this page goes on: call it at a
 * click, as browsers open windows only then. Undefined if no window opens. The
 * window tells by a channel of this origin: the pages' Cross-Origin-Opener-Policy
 * cuts it off otherwise. Fails as returnFromLogin does, and with signal's reason.
 */
export function loginInWindow(issuer: IssuerName, page: string, signal: AbortSignal): Promise<Login> | undefined {
  const opened = window.open('', '_blank', 'popup,width=520,height=760')
  if (!opened) return undefined
  return inWindow(opened, issuer, page, signal).catch((error: unknown) => {
    opened.close()
    throw error
  })
}

async function inWindow(opened: Window, issuer: IssuerName, page: string, signal: AbortSignal): Promise<Login> {
  const as = await discover(issuer)
  const pending = start(ofWindow)
  const channel = new BroadcastChannel(channelName)
  try {
    opened.location.href = await addressOf(as, page, pending, false)
    const query = await new Promise<URLSearchParams>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      channel.onmessage = ({ data }: { data: string }) => {
        const query = new URLSearchParams(data)
        if (query.get('state') === pending.state) resolve(query)
      }
    })
    return await exchange(issuer, page, query, pending)
  } finally {
    channel.close()
  }
}

/** New tokens for a refresh token. Fails with LoginFailed if the issuer does not take it, or with what fetch fails with. */
export async function renew(issuer: IssuerName, refresh: string): Promise<Login> {
  const as = await discover(issuer)
  const response = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refresh, options())
  try {
    const answer = await oauth.processRefreshTokenResponse(as, client, response)
    return loginOf(answer, answer.refresh_token ?? refresh)
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) throw new LoginFailed(error.error)
    throw error
  }
}

/**
 * The ID token is used for nothing but the subject: whether an access token is
 * still good the service decides by its own clock. A person whose clock is wrong
 * can log in all the same.
 */
const client: oauth.Client = { client_id: config.clientId, [oauth.clockTolerance]: Number.MAX_SAFE_INTEGER }

async function exchange(issuer: IssuerName, page: string, query: URLSearchParams, { state, verifier }: Pending): Promise<Login> {
  const as = await discover(issuer)
  // Checks the issuer, too: by RFC 9207 where it is named, and where the issuer has announced it.
  const answer = oauth.validateAuthResponse(as, client, query, state)
  const response = await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), answer, redirectUri(page), verifier, options())
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response)
  return loginOf(tokens, tokens.refresh_token)
}

function loginOf(answer: oauth.TokenEndpointResponse, refresh: string | undefined): Login {
  return { token: answer.access_token, refresh, lifetime: answer.expires_in, subject: oauth.getValidatedIdTokenClaims(answer)?.sub }
}

async function discover(issuer: IssuerName): Promise<oauth.AuthorizationServer> {
  const address = new URL(config.issuers[issuer], location.origin)
  return oauth.processDiscoveryResponse(address, await oauth.discoveryRequest(address, options()))
}

async function addressOf(as: oauth.AuthorizationServer, page: string, { state, verifier }: Pending, silent: boolean): Promise<string> {
  const address = new URL(as.authorization_endpoint!)
  const query = {
    response_type: 'code',
    client_id: config.clientId,
    scope: 'openid',
    redirect_uri: redirectUri(page),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(silent ? { prompt: 'none' } : {}),
  }
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
  return address.href
}

const start = (end = ''): Pending => ({ state: oauth.generateRandomState() + end, verifier: oauth.generateRandomCodeVerifier() })

/** Plain HTTP only on the machine itself. */
const options = () => ({ signal: AbortSignal.timeout(requestTime), [oauth.allowInsecureRequests]: location.protocol === 'http:' })

const redirectUri = (page: string) => `${location.origin}/${page}`

function takeWaiting(): Waiting | undefined {
  const text = sessionStorage.getItem(stored)
  sessionStorage.removeItem(stored)
  return text ? (JSON.parse(text) as Waiting) : undefined
}
