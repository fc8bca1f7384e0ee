import type { Api } from '#sdk'
import { mount, type Component } from 'svelte'
import StaffPage from './parts/StaffPage.svelte'
import { Session } from './session.svelte'
import './style/main.scss'
import './style/desk.scss'
import sentences from '../../shared/text/it.json?staff'
import { addSentences, type Key } from './text'

/** Puts a page of the institute's staff in the place of what it says without script. */
export function startStaff(page: string, title: Key, inside: Component<{ session: Session }>, leave?: (api: Api) => Promise<void>): void {
  addSentences(sentences)
  const session = new Session('institute', page, leave)
  const target = document.getElementById('app')!
  target.replaceChildren()
  mount(StaffPage, { target, props: { session, title, inside } })
  void session.start()
}
