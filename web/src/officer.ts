import { mount } from 'svelte'
import Page from './officer/Page.svelte'
import { Session } from './session.svelte'
import './style/main.scss'
import './style/desk.scss'
import './style/officer.scss'

const session = new Session('institute', 'officer')
const target = document.getElementById('app')!
target.replaceChildren()
mount(Page, { target, props: { session } })
void session.start()
