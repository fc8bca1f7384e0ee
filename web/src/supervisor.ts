import { mount } from 'svelte'
import Page from './supervisor/Page.svelte'
import { Session } from './session.svelte'
import './style/main.scss'
import './style/desk.scss'

const session = new Session('institute', 'supervisor')
const target = document.getElementById('app')!
target.replaceChildren()
mount(Page, { target, props: { session } })
void session.start()
