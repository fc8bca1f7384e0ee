import { mount } from 'svelte'
import Page from './advisor/Page.svelte'
import { Session } from './session.svelte'
import './style/main.scss'
import './style/desk.scss'

const session = new Session('institute', 'advisor', (api) => api.advisorLogout())
const target = document.getElementById('app')!
target.replaceChildren()
mount(Page, { target, props: { session } })
void session.start()
