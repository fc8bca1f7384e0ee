import type { Key } from '../text'

export type PortalName = 'myinps' | 'cassetto'

/** Where one is in a portal: the part of the address after #. */
export type Place = 'home' | 'contatti' | 'info-cig' | 'domanda'

/** What differs between the two portals, which lead to the same chat. */
export const portals: Record<PortalName, { name: Key; signIn: Key; section: Key; intro: Key }> = {
  myinps: {
    name: 'portal.myinps',
    signIn: 'login.how.citizen',
    section: 'menu.communicate',
    intro: 'contacts.intro.worker',
  },
  cassetto: {
    name: 'portal.cassetto',
    signIn: 'login.how.citizen',
    section: 'menu.contacts',
    intro: 'contacts.intro.employer',
  },
}

const places: readonly string[] = ['home', 'contatti', 'info-cig', 'domanda'] satisfies Place[]

/** The address says where one is; what it says otherwise, such as the skip link's, moves nobody. */
class Route {
  place = $state<Place>('home')

  constructor() {
    this.read()
    addEventListener('hashchange', () => this.read())
  }

  read(): void {
    const hash = location.hash.slice(1) || 'home'
    if (places.includes(hash)) this.place = hash as Place
  }

  /** Goes to a place; Back leads from there to where one was. */
  go(place: Place): void {
    location.hash = place
  }

  /** Is at a place without a way back to where one was: that is over. */
  replace(place: Place): void {
    history.replaceState(history.state, '', `#${place}`)
    this.place = place
  }
}

export const route = new Route()
