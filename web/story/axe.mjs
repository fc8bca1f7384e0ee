// Looks at every page and state with axe-core, at the widths of a desktop and
// of a small phone: node story/axe.mjs [base URL] [folder for screenshots].
// The desk has to be open at the service that it is run against.
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const [base = 'http://127.0.0.1:8080', shots] = process.argv.slice(2)
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const widths = { wide: { width: 1280, height: 900 }, small: { width: 320, height: 640 } }
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
const faults = []
let scanned = 0
if (shots) await mkdir(shots, { recursive: true })

/** A page in a context of its own, as if of another person; what its console complains of is a fault. */
async function open(path, options = {}, prepare = async () => {}) {
  const context = await browser.newContext({ viewport: widths.wide, reducedMotion: 'reduce', locale: 'it-IT', ...options })
  const page = await context.newPage()
  page.on('pageerror', (error) => faults.push(`${path}: ${error}`))
  page.on('console', (m) => m.type() === 'error' && !m.text().includes('Failed to load resource') && faults.push(`${path}: ${m.text()}`))
  await holdSockets(page)
  await prepare(page)
  await page.goto(base + path)
  return page
}

/** Opens a portal and logs in as a person of its list. */
async function enter(path, person) {
  const page = await open(path)
  await logIn(page, path, person)
  return page
}

async function logIn(page, path, person) {
  await page.getByRole('button', { name: 'Accedi' }).click()
  await page.getByRole('button', { name: person }).click()
  await page.waitForURL((url) => url.pathname === path && !url.search)
}

/** Keeps hold of the page's sockets, so that they can be cut, and knows the conversation and its last entry. */
async function holdSockets(page) {
  const sockets = (page.sockets = [])
  page.seq = 0
  await page.routeWebSocket(/\/socket/, (socket) => {
    socket.connectToServer().onMessage((data) => {
      page.conversation = /"conversation":"([^"]+)"/.exec(String(data))?.[1] ?? page.conversation
      for (const [, seq] of String(data).matchAll(/"seq":(\d+)/g)) page.seq = Math.max(page.seq, Number(seq))
      socket.send(data)
    })
    sockets.push(socket)
  })
}

/** The page is told something that the service did not say. */
const tell = (page, frame) => page.sockets.at(-1).send(JSON.stringify(frame))

/** How Linea INPS misbehaves from now on. */
const faulty = (kinds) =>
  fetch(`${base}/dev/linea/faults`, { method: 'PUT', body: JSON.stringify({ down: false, slow_ms: 0, silent: false, twice: false, ...kinds }) })

const cut = (page) => Promise.all(page.sockets.map((socket) => socket.close({ code: 1001 })))

/** Scans what the page shows now at each width. */
async function scan(page, name) {
  scanned++
  for (const [width, size] of Object.entries(widths)) {
    await page.setViewportSize(size)
    await page.evaluate(() => document.fonts.ready)
    await page.waitForTimeout(150)
    if (shots) await page.screenshot({ path: `${shots}/${name}-${width}.png`, fullPage: true })
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource)
    const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }), tags)
    for (const v of violations) faults.push(`${name} ${width}: ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (sideways > 0) faults.push(`${name} ${width}: scrolls sideways by ${sideways} px`)
  }
  await page.setViewportSize(widths.wide)
  console.log(name)
}

/** Everything that a citizen may be told before joining, each in place of the service's own answer. */
const answers = {
  busy: { reason: 'long_wait', text: "La chat è aperta, ma c'è molta attesa. Attesa stimata: tra 20 e 45 minuti. Se non puoi aspettare, usa gli altri canali di contatto." },
  full: { reason: 'no_room', opens_at: '2098-06-12T13:00:00Z', text: 'La chat è al completo dalle 17:10. Oggi non riusciamo ad accogliere altre persone prima della chiusura.' },
  closed: { reason: 'outside_hours', text: 'La chat è chiusa. Riapre lunedì 13 febbraio 2023 alle 15:00. È attiva dal lunedì al venerdì, dalle 15:00 alle 18:00, esclusi i giorni festivi.' },
  not_yet: { reason: 'phase_dated', text: 'INFO CIG non è ancora attivo per la tua provincia (Provincia: Bari). Sarà attivo da lunedì 22 maggio 2023.' },
  not_admitted: { reason: 'role_not_admitted', text: "Possono usare questa chat il titolare dell'azienda, il rappresentante legale e il consulente aziendale." },
  login_too_weak: { reason: 'spid_level_too_low', text: 'Per usare la chat accedi con SPID (livello 2 o superiore), CIE o CNS.' },
}

async function withAnswer(page, state, answer) {
  await page.route('**/v1/me', async (route) => {
    const response = await route.fetch()
    const me = await response.json()
    me.decisions = me.decisions.map((d) => ({ channels: d.channels, state, ...answer }))
    await route.fulfill({ response, json: me })
  })
}

async function entryStates() {
  const nobody = await enter('/myinps', 'Ettore Brambati')
  await withAnswer(nobody, 'open', { reason: 'unattended', text: 'La chat è aperta, ma in questo momento nessun operatore è in linea.' })
  await toInfoCig(nobody, "Comunica con l'INPS")
  await nobody.locator('[data-reason="unattended"]').waitFor()
  await scan(nobody, 'entry-unattended')
  await nobody.context().close()
  for (const [state, answer] of Object.entries(answers)) {
    const page = await enter('/myinps', 'Ettore Brambati')
    await withAnswer(page, state, answer)
    await toInfoCig(page, "Comunica con l'INPS")
    await page.locator(`[data-state="${state}"]`).waitFor()
    await scan(page, `entry-${state}`)
    await page.context().close()
  }
  const page = await enter('/myinps', 'Ettore Brambati')
  await page.getByRole('link', { name: "Comunica con l'INPS" }).first().click()
  await page.route('**/v1/**', (route) => route.abort())
  await page.getByRole('link', { name: 'INFO CIG' }).click()
  await page.locator('[data-state="fault"]').waitFor()
  await scan(page, 'entry-fault')
  await page.context().close()
}

/** What comes of asking for a place when it is full, each answer in place of the service's own. */
async function slipStates() {
  const page = await enter('/myinps', 'Ettore Brambati')
  await withAnswer(page, 'full', answers.full)
  let answer = { status: 409, json: { type: 'about:blank', title: 'I posti da prenotare per la prossima apertura sono finiti.', status: 409, code: 'conflict' } }
  await page.route('**/v1/slips', (route) => route.fulfill(answer))
  await toInfoCig(page, "Comunica con l'INPS")
  const reserve = page.getByRole('button', { name: /^Prenota un posto/ })
  await reserve.click()
  await page.getByRole('alert').waitFor()
  await scan(page, 'slip-none')
  answer = { status: 201, json: { opens_at: '2098-06-12T13:00:00Z', numbers_at: '2098-06-12T12:45:00Z', text: 'Hai un posto prenotato per giovedì 12 giugno 2098.' } }
  await reserve.click()
  await page.getByText('Hai un posto prenotato').waitFor()
  await scan(page, 'slip')
  await page.context().close()
}

/** What the start page says of escalations, each list in place of the service's own. */
async function handedStates() {
  const e = { conversation: 'x', case: 'INPS.CIGO.2026.0417.001', office: 'RM-EUR', office_name: 'Roma EUR', sent_at: '2098-06-11T13:00:00Z' }
  const known = { ...e, protocol: 'INPS.7000.11/06/2098.0000007', due_at: '2098-07-11T13:00:00Z' }
  let escalations = []
  const page = await enter('/myinps', 'Giuliana Ferrantini')
  await page.route('**/v1/escalations', (route) => route.fulfill({ json: { escalations } }))
  const rows = (n) => page.waitForFunction((n) => document.querySelectorAll('main .handed').length === n, n)
  const come = async (...list) => {
    escalations = list
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))) // as if it was seen again
    await rows(list.length)
  }
  const asked = page.waitForResponse('**/v1/escalations')
  await toInfoCig(page, "Comunica con l'INPS")
  await asked
  await page.getByRole('article').first().waitFor()
  await rows(0)
  await scan(page, 'handed-none')
  await come({ ...e, id: '1', status: 'pending' })
  await scan(page, 'handed-pending')
  await come(
    { ...known, id: '2', status: 'delivered' },
    { ...known, id: '3', status: 'taken_in_charge', overdue: true },
    { ...known, id: '4', status: 'needs_document', case: 'INPS.CIGS.2026.0008.001' },
    { ...known, id: '5', status: 'settled', overdue: true },
    { ...known, id: '6', status: 'rejected' },
    { ...e, id: '7', status: 'failed' },
  )
  await scan(page, 'handed-all')
  await page.getByRole('button', { name: 'Scarica la conversazione' }).first().click()
  await page.getByRole('alert').waitFor()
  await scan(page, 'handed-download-failed')
  await page.unroute('**/v1/escalations')
  await page.route('**/v1/escalations', (route) => route.abort())
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await page.waitForTimeout(300)
  await rows(6) // what is known stays
  await page.context().close()
}

/** Logins that come to no good end, or to their end. */
async function badLogins() {
  const failed = await open('/myinps?code=x&state=y')
  await failed.getByRole('alert').waitFor()
  await scan(failed, 'login-failed')
  await failed.context().close()
  const expired = await enter('/myinps', 'Ettore Brambati')
  await expired.getByRole('navigation').waitFor()
  await expired.route('**/v1/**', (route) => route.fulfill({ status: 401, json: { code: 'unauthorized' } }))
  await toInfoCig(expired, "Comunica con l'INPS")
  await expired.locator('.login-notice').waitFor()
  await scan(expired, 'login-expired')
  await expired.context().close()
  const denied = await enter('/advisor', 'Ilaria Benincasi')
  await denied.getByRole('alert').waitFor()
  await scan(denied, 'desk-denied')
  await denied.context().close()
  const noOfficer = await enter('/officer', 'Ilaria Benincasi')
  await noOfficer.getByRole('alert').waitFor()
  await scan(noOfficer, 'officer-denied')
  await noOfficer.context().close()
}

async function toInfoCig(page, section) {
  await page.getByRole('navigation').getByRole('link', { name: section }).click()
  await page.getByRole('main').getByRole('link', { name: 'INFO CIG' }).click()
}

async function withoutScript() {
  for (const path of ['/', '/myinps', '/cassetto', '/advisor', '/officer']) {
    const page = await open(path, { javaScriptEnabled: false })
    if (shots) await page.screenshot({ path: `${shots}/noscript${path.replace('/', '-')}.png` })
    await page.context().close()
  }
}

async function doors() {
  for (const [path, name] of [['/', 'start'], ['/myinps', 'login'], ['/cassetto', 'login-cassetto'], ['/advisor', 'login-advisor'], ['/officer', 'login-officer']]) {
    const page = await open(path)
    await scan(page, name)
    if (name === 'login') {
      await page.getByRole('button', { name: 'Accedi' }).click()
      await page.getByRole('button', { name: 'Ettore Brambati' }).waitFor()
      await scan(page, 'login-people')
    }
    await page.context().close()
  }
}

async function employer() {
  const page = await enter('/cassetto', 'Annarita Dell’Erba')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await scan(page, 'cassetto-companies')
  await page.getByRole('button', { name: 'Cantieri del Golfo' }).click()
  await scan(page, 'cassetto-home')
  await page.getByRole('navigation').getByRole('link', { name: 'Contatti' }).click()
  await scan(page, 'cassetto-contacts')
  await page.getByRole('main').getByRole('link', { name: 'INFO CIG' }).click()
  await page.getByRole('button', { name: 'Parla con un operatore' }).waitFor()
  await scan(page, 'cassetto-infocig')
  await page.getByRole('button', { name: 'Parla con un operatore' }).click()
  await scan(page, 'cassetto-question')
  await page.context().close()
}

/** A consultant with forty companies, in place of the service's three. */
async function manyCompanies() {
  const page = await open('/cassetto')
  await page.route('**/v1/me', async (route) => {
    const response = await route.fetch()
    const me = await response.json()
    for (let i = 0; i < 37; i++) {
      me.companies.push({ ...me.companies[i % 3], id: i.toString(16).padStart(32, '0'), name: `Ditta ${i} S.r.l.`, code: `*******${1000 + i}` })
      me.decisions.push(me.decisions[i % 3])
    }
    await route.fulfill({ response, json: me })
  })
  await logIn(page, '/cassetto', 'Annarita Dell’Erba')
  await page.getByRole('searchbox').fill('ditta napoli')
  await page.getByText('Aziende trovate: 12').waitFor()
  await scan(page, 'cassetto-search')
  await page.getByRole('button', { name: 'Ditta 1 S.r.l.' }).click()
  await scan(page, 'cassetto-chosen')
  await page.context().close()
}

async function chat() {
  const worker = await enter('/myinps', 'Giuliana Ferrantini')
  await worker.getByRole('navigation').waitFor()
  await scan(worker, 'myinps-home')
  await worker.getByRole('navigation').getByRole('link', { name: "Comunica con l'INPS" }).click()
  await scan(worker, 'myinps-contacts')
  await worker.getByRole('main').getByRole('link', { name: 'INFO CIG' }).click()
  await worker.getByRole('article').first().waitFor()
  await scan(worker, 'entry-open')
  await worker.getByRole('button', { name: 'Parla con un operatore' }).click()
  await worker.getByRole('checkbox').first().check()
  await worker.getByLabel('La tua domanda').fill('Quando arriva il pagamento di settembre?')
  await scan(worker, 'question')
  await worker.getByRole('button', { name: 'Mettiti in coda' }).click()
  await worker.getByLabel('Il tuo messaggio').waitFor()
  await scan(worker, 'queue')
  await worker.getByRole('button', { name: 'Esci' }).click()
  await worker.getByRole('dialog').waitFor()
  await scan(worker, 'queue-logout')
  await worker.getByRole('button', { name: 'No, resta' }).click()

  const advisor = await enter('/advisor', 'Marta Sorgenti')
  await advisor.getByRole('button', { name: 'Diventa disponibile' }).waitFor()
  await scan(advisor, 'desk-paused')
  await advisor.keyboard.press('Alt+p')
  await advisor.getByRole('button', { name: 'Accetta la richiesta di Giuliana' }).waitFor()
  await scan(advisor, 'desk-offer')
  await advisor.keyboard.press('Alt+a')
  await advisor.getByLabel('La tua risposta per Giuliana').waitFor()
  await worker.getByText('è in linea').waitFor()
  await scan(worker, 'chat-joined')
  await advisor.keyboard.type('Buongiorno, guardo subito la tua pratica.\nUn momento.')
  await advisor.keyboard.press('Enter')
  await worker.getByText('guardo subito').waitFor()
  await worker.getByLabel('Il tuo messaggio').fill('Grazie! https://example.org\nseconda riga IT60X0542811101000000123456')
  await worker.keyboard.press('Enter')
  await advisor.locator('.chat-text', { hasText: 'seconda riga' }).waitFor()
  await worker.getByText('Abbiamo nascosto un dato personale').waitFor()
  await scan(worker, 'chat-hidden')
  await advisor.getByLabel('Nuova nota privata').fill('Ha già chiamato ieri.')
  await advisor.getByRole('button', { name: 'Salva la nota' }).click()
  await advisor.getByText('Ha già chiamato ieri.').waitFor()
  await worker.waitForTimeout(1_000) // at once it could be a word from before the message
  await worker.keyboard.type('anco')
  await advisor.getByText('sta scrivendo').first().waitFor()
  await scan(advisor, 'desk-talk')
  await worker.getByLabel('Il tuo messaggio').fill('a'.repeat(4003))
  await scan(worker, 'chat-toolong')
  await worker.getByLabel('Il tuo messaggio').fill('')
  await worker.getByLabel('Il tuo messaggio').fill('\u0007un segnale')
  await worker.keyboard.press('Enter')
  await worker.getByText('Messaggio non inviato.').waitFor()
  await scan(worker, 'chat-refused')
  await worker.getByRole('button', { name: 'Rimuovi' }).click()
  await worker.route('**/v1/tickets', (route) => route.abort())
  await cut(worker)
  await worker.getByLabel('Il tuo messaggio').fill('Sono senza rete')
  await worker.keyboard.press('Enter')
  await worker.getByText('Ci stiamo ricollegando').waitFor()
  await scan(worker, 'chat-reconnecting')
  await worker.getByText('Non riusciamo a ricollegarci').waitFor()
  await scan(worker, 'chat-unreachable')
  await worker.unroute('**/v1/tickets')
  await worker.getByRole('button', { name: 'Riprova' }).click()
  await worker.getByText('Connessione ristabilita.').waitFor()
  await scan(worker, 'chat-back')
  await advisor.locator('.chat-text', { hasText: 'Sono senza rete' }).waitFor()

  for (const [key, name] of [['t', 'transfer'], ['e', 'escalate'], ['c', 'close']]) {
    await advisor.keyboard.press(`Alt+${key}`)
    await advisor.getByRole('dialog').waitFor()
    await scan(advisor, `desk-${name}`)
    await advisor.keyboard.press('Escape')
    await advisor.locator('dialog').waitFor({ state: 'detached' })
  }
  await advisor.keyboard.press('Alt+s')
  await advisor.getByText('Non hai segnalazioni').waitFor()
  await scan(advisor, 'own-empty')
  await advisor.keyboard.press('Alt+1')
  await faulty({ slow_ms: 2500 })
  await advisor.keyboard.press('Alt+e')
  await advisor.getByRole('dialog').getByRole('textbox').fill('Mancano i dati di pagamento di settembre.')
  await advisor.getByRole('button', { name: 'Controlla e invia' }).click()
  await scan(advisor, 'desk-escalate-sure')
  await advisor.getByRole('button', { name: 'Conferma e invia' }).click()
  await worker.locator('.handed[data-status=pending]').waitFor()
  await scan(worker, 'escalation-pending')
  await advisor.keyboard.press('Alt+s')
  await advisor.locator('.own-row').waitFor()
  await scan(advisor, 'own-items')
  await advisor.keyboard.press('Alt+1')
  await faulty({})
  await worker.locator('.handed[data-status=delivered]').waitFor()
  await scan(worker, 'escalation-delivered')
  await advisor.getByText('ha registrato la segnalazione').waitFor()
  await scan(advisor, 'desk-escalated')
  await worker.getByRole('button', { name: 'Chiudi la conversazione' }).click()
  await scan(worker, 'chat-leave')
  await worker.getByRole('button', { name: 'No, resta' }).click()
  await scan(worker, 'chat')
  await advisor.keyboard.press('Alt+c')
  await advisor.getByRole('button', { name: 'Chiudi la conversazione' }).click()
  await worker.getByRole('heading', { name: 'La conversazione è finita' }).waitFor()
  await scan(worker, 'ended')
  await scan(advisor, 'desk-ended')
  await office(worker)
  await ownStates(advisor)

  const second = await enter('/advisor', 'Marta Sorgenti')
  await advisor.getByRole('button', { name: 'Usa qui' }).waitFor()
  await scan(advisor, 'superseded')
  await second.getByRole('button', { name: 'Vai in pausa' }).click()
  await second.getByRole('button', { name: 'Diventa disponibile' }).waitFor()
  await second.context().close()
  await advisor.context().close()
  await worker.context().close()
}

/** The office has the worker's escalation. */
async function office(worker) {
  const empty = await enter('/officer', 'Fulvio Brianzoni')
  await empty.getByText('Nessuna segnalazione').waitFor()
  await scan(empty, 'officer-empty')
  await empty.route('**/linea/desk/**', (route) => route.abort())
  await empty.getByRole('alert').waitFor()
  await scan(empty, 'officer-error')
  await empty.context().close()

  const officer = await enter('/officer', 'Ornella Tagliacarne')
  await officer.getByRole('button', { name: 'Mostra' }).waitFor()
  await scan(officer, 'officer-list')
  await officer.getByRole('button', { name: 'Mostra' }).click()
  await scan(officer, 'officer-code')
  await officer.getByText('Guasti di Linea INPS').click()
  await scan(officer, 'officer-faults')
  const slower = await enter('/officer', 'Ornella Tagliacarne')
  await slower.getByRole('button', { name: 'Prendi in carico' }).waitFor()
  await officer.getByRole('button', { name: 'Prendi in carico' }).click()
  await officer.getByRole('button', { name: 'Chiedi un documento' }).waitFor()
  await slower.getByRole('button', { name: 'Prendi in carico' }).click()
  await slower.getByText('è stato più veloce').waitFor()
  await scan(slower, 'officer-quicker')
  await slower.context().close()
  for (const [act, name] of [['Risolvi', 'settle'], ['Non accogliere', 'reject'], ['Chiedi un documento', 'needs']]) {
    await officer.getByRole('button', { name: act }).click()
    await officer.getByRole('dialog').waitFor()
    await scan(officer, `officer-${name}`)
    await officer.keyboard.press('Escape')
    await officer.locator('dialog').waitFor({ state: 'detached' })
  }
  await officer.getByRole('button', { name: 'Chiedi un documento' }).click()
  await officer.getByRole('dialog').getByRole('textbox').fill("Serve l'accordo firmato.\nAnche in copia.")
  await officer.getByRole('button', { name: 'Invia la richiesta' }).click()
  await worker.locator('.handed[data-status=needs_document]').waitFor()
  await scan(worker, 'escalation-needs-document')
  await officer.route('**/steps', (route) => route.abort())
  await officer.getByRole('button', { name: 'Risolvi' }).click()
  await officer.getByRole('dialog').getByRole('textbox').fill('Il pagamento parte lunedì.')
  await officer.getByRole('button', { name: 'Conferma: risolta' }).click()
  await officer.getByRole('alert').waitFor()
  await scan(officer, 'officer-step-failed')
  await officer.unroute('**/steps')
  await officer.getByRole('button', { name: 'Conferma: risolta' }).click()
  await worker.locator('.handed[data-status=settled]').waitFor()
  await scan(worker, 'escalation-settled')
  await scan(officer, 'officer-settled')
  await officer.context().close()
}

/** What the list of the own escalations may show besides. */
async function ownStates(advisor) {
  const path = '**/v1/advisor/escalations'
  const e = { conversation: 'x', case: 'INPS.CIGO.2026.0417.001', office: 'RM-EUR', office_name: 'Roma EUR', sent_at: '2098-06-11T13:00:00Z' }
  const known = { ...e, protocol: 'INPS.7000.11/06/2098.0000007', due_at: '2098-07-11T13:00:00Z' }
  const escalations = [
    { ...e, id: '1', status: 'failed' },
    { ...known, id: '2', status: 'taken_in_charge', overdue: true },
    { ...known, id: '3', status: 'needs_document' },
    { ...known, id: '4', status: 'rejected' },
  ]
  await advisor.route(path, (route) => route.fulfill({ json: { escalations } }))
  await advisor.keyboard.press('Alt+s')
  await advisor.getByText('Segnalazioni da guardare: 2.').first().waitFor()
  await scan(advisor, 'own-failed')
  await advisor.unroute(path)
  await advisor.route(path, (route) => route.abort())
  await advisor.keyboard.press('Alt+s')
  await advisor.getByRole('alert').waitFor()
  await scan(advisor, 'own-error')
  await advisor.unroute(path)
  await advisor.getByRole('button', { name: 'Riprova' }).click()
  await advisor.getByRole('alert').waitFor({ state: 'detached' })
}

/** What is said of time: the clock of the page runs ahead. */
async function limits() {
  const worker = await open('/myinps', {}, (page) => page.clock.install())
  await logIn(worker, '/myinps', 'Rocchina Lacava')
  await toInfoCig(worker, "Comunica con l'INPS")
  await worker.getByRole('button', { name: 'Parla con un operatore' }).click()
  await worker.getByRole('button', { name: 'Mettiti in coda' }).click()
  const advisor = await enter('/advisor', 'Serena Montalto Riva')
  await advisor.getByRole('button', { name: 'Diventa disponibile' }).click()
  await advisor.getByRole('button', { name: 'Accetta la richiesta di Rocchina' }).click()
  await advisor.getByLabel('La tua risposta per Rocchina').fill('Che cosa vuoi sapere?')
  await advisor.keyboard.press('Enter')
  await worker.getByText('Che cosa vuoi sapere?').waitFor()
  await advisor.getByRole('button', { name: 'Chiedi una risposta' }).click()
  await worker.getByRole('dialog', { name: "L'operatore aspetta una tua risposta" }).waitFor()
  await scan(worker, 'chat-asked')
  await scan(advisor, 'desk-asked')
  await worker.keyboard.press('Enter')
  await worker.locator('dialog').waitFor({ state: 'detached' })
  await worker.clock.fastForward('02:40:00')
  const closing = { event: 'closing', closing: { at: '2098-06-11T16:00:00Z', until: '2098-06-11T16:15:00Z' } }
  tell(worker, closing)
  await worker.getByText('La chat chiude tra').first().waitFor()
  await scan(worker, 'chat-closing')
  tell(advisor, closing)
  await advisor.getByText('La chat chiude').first().waitFor()
  await scan(advisor, 'desk-closing')
  tell(worker, { event: 'bye', reason: 'too_fast', reconnect: false })
  await worker.getByRole('button', { name: 'Ricollegati' }).waitFor()
  await scan(worker, 'too-fast')
  await worker.getByRole('button', { name: 'Ricollegati' }).click()
  await worker.getByText('Connessione ristabilita.').waitFor()
  await worker.getByRole('button', { name: 'Chiudi la conversazione' }).click()
  await worker.getByRole('button', { name: 'Sì, chiudi' }).click()
  await worker.getByText('Hai chiuso la conversazione.').first().waitFor()
  await scan(worker, 'ended-left')
  await badEscalations(worker)
  await advisor.getByRole('button', { name: 'Vai in pausa' }).click() // who comes next is to wait
  await advisor.getByRole('button', { name: 'Diventa disponibile' }).waitFor()
  await advisor.context().close()
  await worker.context().close()
}

/** Somebody who waits is asked, does not answer in time, and answers: the last one, who stays in the queue. */
async function stillThere() {
  const worker = await enter('/myinps', 'Ettore Brambati')
  await toInfoCig(worker, "Comunica con l'INPS")
  await worker.getByRole('button', { name: 'Parla con un operatore' }).click()
  await worker.getByRole('button', { name: 'Mettiti in coda' }).click()
  await worker.getByLabel('Il tuo messaggio').waitFor()
  const { conversation } = worker
  const happens = (kind, more) =>
    tell(worker, { event: kind, conversation, status: 'queued', item: { seq: ++worker.seq, kind, at: '2098-06-11T13:00:00Z', by: 'system', ...more } })
  happens('asked', { answer_until: '2098-06-11T13:10:00Z' })
  await worker.getByRole('dialog', { name: 'Sei ancora lì?' }).waitFor()
  await scan(worker, 'queue-asked')
  happens('aside', { reason: 'silent' })
  await worker.getByRole('dialog', { name: 'Stiamo facendo passare avanti gli altri' }).waitFor()
  await scan(worker, 'queue-aside')
  await worker.keyboard.press('Enter') // the focus is on the answer
  await worker.locator('dialog').waitFor({ state: 'detached' })
  await worker.locator('.queue-position', { hasNotText: 'passare avanti' }).waitFor() // the service has taken the answer
  if ((await worker.title()).includes('avanti')) faults.push('queue-aside: the title stays after the answer')
  await worker.context().close()
}

/** What a supervisor sees: nobody, a queue, somebody, what cannot be had. */
async function supervisorStates() {
  const boss = await enter('/supervisor', 'Leandro Casagrandi')
  const place = { conversation: 'worker_case.0.1', topic: 'worker_case', since: '2098-06-11T13:00:00Z', ahead: 0, front: false, away: false }
  const path = '**/v1/supervisor/waiting'
  const show = async (waiting, more = 0) => {
    await boss.unroute(path)
    const topics = ['worker_case', 'employer_case', 'employer_benefits'].map((topic) => {
      const of = waiting.filter((p) => p.topic === topic)
      return { topic, waiting: of.length, oldest: of[0]?.since, advisors: topic === 'worker_case' ? 2 : 0, available: topic === 'worker_case' ? 1 : 0 }
    })
    await boss.route(path, (route) => route.fulfill({ json: { waiting, more, topics } }))
  }
  await show([])
  await boss.getByText('Nessuno aspetta.').waitFor()
  await scan(boss, 'supervisor-nobody')
  const places = [
    { ...place, front: true, why: 'slip' },
    { ...place, conversation: 'worker_case.0.2', ahead: 1, away: true },
    { ...place, conversation: 'employer_case.0.1', topic: 'employer_case', front: true, why: 'nobody_free' },
  ]
  await show(places, 12)
  await boss.getByText('altre 12 persone').waitFor()
  await scan(boss, 'supervisor-queue')
  const waiter = { name: 'Giuliana Ferrantini', role: 'worker', province: 'RM', question: 'Oggi scade il termine: '.repeat(20) }
  await boss.route(`${path}/*`, (route) => route.fulfill({ json: waiter }))
  await boss.getByRole('button', { name: 'Guarda chi è al posto 2' }).click()
  await boss.getByRole('radio').first().check()
  await scan(boss, 'supervisor-look')
  await boss.route(`${path}/*/front`, (route) => route.abort())
  await boss.getByRole('button', { name: 'Fai passare avanti' }).click()
  await boss.getByRole('alert').waitFor()
  await scan(boss, 'supervisor-look-failed')
  const conflict = { type: 'about:blank', title: 'x', status: 409, code: 'conflict' }
  await boss.route(`${path}/*/front`, (route) => route.fulfill({ status: 409, json: conflict }))
  await boss.getByRole('button', { name: 'Fai passare avanti' }).click()
  await boss.getByText('Nel frattempo è cambiato').waitFor()
  await scan(boss, 'supervisor-gone')
  await boss.unroute(path)
  await boss.route(path, (route) => route.abort())
  await boss.getByRole('alert').waitFor()
  await scan(boss, 'supervisor-stale')
  await boss.context().close()
  const other = await enter('/supervisor', 'Marta Sorgenti')
  await other.getByRole('alert').waitFor()
  await scan(other, 'supervisor-denied')
  await other.context().close()
}

/** Escalations that go wrong, as a citizen sees them after the end. */
async function badEscalations(worker) {
  const { conversation } = worker
  const escalation = {
    ...{ id: 'e', case: 'k', office: 'PZ', sent_at: '2098-06-11T13:00:00Z', overdue: true },
    ...{ protocol: 'INPS.7000.11/06/2098.0000009', due_at: '2098-07-11T13:00:00Z' },
  }
  for (const [status, reason] of [['taken_in_charge', 'office_late'], ['failed', 'office_refused']]) {
    const item = { seq: ++worker.seq, kind: 'progressed', at: '2098-07-12T13:00:00Z', by: 'system', reason, escalation: { ...escalation, status } }
    tell(worker, { event: 'escalation', conversation, status: 'closed', item })
    await worker.locator(`.handed[data-status=${status}]`).waitFor()
    await scan(worker, `escalation-${reason}`)
  }
}

await doors()
await withoutScript()
await badLogins()
await employer()
await manyCompanies()
await handedStates()
await chat()
await limits()
await entryStates()
await slipStates()
await stillThere()
await supervisorStates()
await browser.close()
if (faults.length) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log(`${scanned} states at ${Object.keys(widths).length} widths: no faults`)
