import { config, type IssuerName } from './config'

/** What has to survive the way to the login page and back; nothing else is ever stored. */
interface Pending {
  state: string
  verifier: string
}

const stored = 'infocig.login'

/** The login did not come to a good end: one can only start again. */
export class LoginFailed extends Error {}

/** Leads to the issuer's login page (authorization code with PKCE); it leads back to this page. */
export async function beginLogin(issuer: IssuerName, page: string): Promise<void> {
  const { authorization_endpoint } = await discover(issuer)
  const pending: Pending = { state: random() + location.hash, verifier: random() }
  sessionStorage.setItem(stored, JSON.stringify(pending))
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: config.clientId,
    scope: 'openid',
    redirect_uri: redirectUri(page),
    state: pending.state,
    code_challenge: await challenge(pending.verifier),
    code_challenge_method: 'S256',
  })
  location.assign(`${authorization_endpoint}?${query}`)
}

/** The access token, if the page was led back to from a login; undefined if it was opened otherwise. */
export async function finishLogin(issuer: IssuerName, page: string): Promise<string | undefined> {
  const pending = takePending()
  const query = new URLSearchParams(location.search)
  const state = query.get('state')
  if (!state) return undefined
  history.replaceState(null, '', location.pathname + (/#.*$/.exec(state)?.[0] ?? ''))
  const code = query.get('code')
  const { token_endpoint, issuer: iss } = await discover(issuer)
  if (!pending || !code || state !== pending.state || query.get('iss') !== iss) throw new LoginFailed('answer')
  const response = await fetch(token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: config.clientId,
      code,
      redirect_uri: redirectUri(page),
      code_verifier: pending.verifier,
    }),
  })
  if (!response.ok) throw new LoginFailed('token')
  return ((await response.json()) as { access_token: string }).access_token
}

function takePending(): Pending | undefined {
  const text = sessionStorage.getItem(stored)
  sessionStorage.removeItem(stored)
  return text ? (JSON.parse(text) as Pending) : undefined
}

interface Discovery {
  issuer: string
  authorization_endpoint: string
  token_endpoint: string
}

async function discover(issuer: IssuerName): Promise<Discovery> {
  const response = await fetch(`${config.issuers[issuer]}/.well-known/openid-configuration`)
  if (!response.ok) throw new LoginFailed('discovery')
  return (await response.json()) as Discovery
}

const redirectUri = (page: string) => `${location.origin}/${page}`

/** 256 random bits, safe in addresses. */
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)))

async function challenge(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))))
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
