import { mount } from 'svelte'
import '../style/main.scss'
import { Session } from '../session.svelte'
import Portal from './Portal.svelte'
import { route, type PortalName } from './portal.svelte'

/** Puts the portal in the place of what the page says without script. */
export function startPortal(portal: PortalName): void {
  const session = new Session(portal, portal, (api) => api.logout())
  const target = document.getElementById('app')!
  target.replaceChildren()
  mount(Portal, { target, props: { portal, session } })
  void session.start().then(() => route.read())
}
