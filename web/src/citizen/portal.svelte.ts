import type { Key } from '../text'

export type PortalName = 'myinps' | 'cassetto'

/** Where one is in a portal: the part of the address after #. */
export type Place = 'home' | 'contatti' | 'info-cig'

/** What differs between the two portals, which lead to the same chat. */
export const portals: Record<PortalName, { name: Key; signIn: Key; welcome: Key; section: Key; intro: Key }> = {
  myinps: {
    name: 'portal.myinps',
    signIn: 'login.how.citizen',
    welcome: 'portal.myinps.welcome',
    section: 'menu.communicate',
    intro: 'contacts.intro.worker',
  },
  cassetto: {
    name: 'portal.cassetto',
    signIn: 'login.how.citizen',
    welcome: 'portal.cassetto.welcome',
    section: 'menu.contacts',
    intro: 'contacts.intro.employer',
  },
}

const places: readonly string[] = ['home', 'contatti', 'info-cig'] satisfies Place[]

/** The address says where one is; what it says otherwise, such as the skip link's, moves nobody. */
class Route {
  place = $state<Place>('home')

  constructor() {
    this.read()
    addEventListener('hashchange', () => this.read())
  }

  read(): void {
    const hash = location.hash.slice(1)
    if (places.includes(hash)) this.place = hash as Place
  }
}

export const route = new Route()
