// node tools/parts.mjs test has the parts of "make test" run side by side, each as
// "make PART": what mostly waits (stories, servers that are killed) goes on while one
// after the other computes, which is nice to it. With quick it has those of "make quick".
// Prints a line for each part that ends, the whole log of one that fails, and at its end
// where the time went.
//
// However it ends, by itself, by a signal or killed, no process of a part goes on. No
// temporary file stays; one that is killed leaves its own to the next. Two in different
// folders do not disturb each other; a second one in the same folder is refused, since
// both would build there.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A part computes, in turn with others that do, or waits. It begins when those have passed that it needs. */
const all = {
  test: [
    { name: 'web' },
    { name: 'tools' },
    { name: 'binaries' }, // compiles what others would compile under a time limit
    { name: 'test-story', needs: ['web', 'tools', 'binaries'] },
    { name: 'test-go', needs: ['web', 'tools', 'binaries'] },
    { name: 'linter', computes: true },
    { name: 'test-sim', computes: true }, // the longest
    { name: 'lint', needs: ['linter'], computes: true },
    { name: 'test-web', needs: ['web'], computes: true },
    { name: 'test-infra', needs: ['tools'] }, // on one core
    { name: 'cross', computes: true },
    { name: 'supply', computes: true },
  ],
  quick: [{ name: 'quick-web' }, { name: 'quick-go' }, { name: 'quick-sim', computes: true }],
}

const what = process.argv[2]
const parts = all[what]
const root = new URL('..', import.meta.url).pathname
const logs = join(root, 'build/test')
const lock = join(root, 'build/test.pid')
const parent = process.ppid
const began = Date.now()
const seconds = (ms) => `${Math.round(ms / 1000)} s`.padStart(6)

/**
 * Refuses to go on while another one runs in this folder, and returns the folders of
 * this run: of temporary files, and of what Go builds, which takes its place at once
 * if it is on the same disk. Chromium has sockets under the first, whose paths must be
 * short: those of macOS's own folder are not.
 */
function take() {
  mkdirSync(logs, { recursive: true })
  const folders = [mkdtempSync(join(process.platform === 'darwin' ? '/tmp' : tmpdir(), 'infocig-')), mkdtempSync(join(root, 'build/go-'))]
  for (;;) {
    try {
      writeFileSync(lock, [process.pid, ...folders].join('\n'), { flag: 'wx' })
      return folders
    } catch (e) {
      if (e.code !== 'EEXIST') throw e
    }
    const [other, ...theirs] = readFileSync(lock, 'utf8').split('\n')
    const busy = Number(other) > 0 && lives(Number(other))
    for (const dir of busy ? folders : theirs) rmSync(dir, { recursive: true, force: true })
    if (busy) {
      console.error(`make ${what}: another one runs in this folder, as process ${other}; in a clone of its own there can be one beside it`)
      process.exit(1)
    }
    rmSync(lock, { force: true })
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (e) {
    return e.code === 'EPERM'
  }
}

const [scratch, building] = take()
const running = new Map() // by part: its process, the leader of a group
const ended = new Map() // by name of a part: whether it passed, wall and CPU time
let stopping = false

/**
 * A shell that runs a part, tells by file 4 what CPU it took, and has its group
 * killed when file 3 ends: with the part, or with this process, however that ends.
 */
const shell = `trap : TERM INT HUP
(trap '' TERM INT HUP; read -r _; kill -9 0) <&3 >/dev/null 2>&1 4>&- &
nice -n "$2" make --no-print-directory "$1" 3<&- 4>&-
code=$?
times >&4
exit $code`

function start(part) {
  const log = join(logs, `${part.name}.log`)
  const file = openSync(log, 'w')
  const p = spawn('sh', ['-c', shell, 'sh', part.name, part.computes ? '10' : '0'], {
    cwd: root, detached: true, stdio: ['ignore', file, file, 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: scratch, GOTMPDIR: building, MAKEFLAGS: '', MAKELEVEL: '0' },
  })
  closeSync(file)
  const from = Date.now()
  let times = ''
  p.stdio[4].on('data', (chunk) => (times += chunk))
  p.stdio[3].on('error', () => {}) // who reads has ended
  running.set(part, p)
  p.on('exit', () => p.stdio[3].destroy()) // what is left of its group goes, too
  p.on('close', (code, signal) => {
    running.delete(part)
    const is = { passed: code === 0, wall: Date.now() - from, cpu: cpu(times) }
    ended.set(part.name, is)
    if (!stopping) report(part.name, is, code ?? signal, log)
    next()
  })
}

/** The milliseconds that the second line of "times" says: those of the children. */
function cpu(times) {
  const line = times.trim().split('\n')[1] ?? ''
  return [...line.matchAll(/(\d+)m([\d.,]+)s/g)].reduce((all, [, m, s]) => all + Number(m) * 60_000 + Number(s.replace(',', '.')) * 1000, 0)
}

function report(name, { passed, wall, cpu }, code, log) {
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(12)} ${seconds(wall)}, CPU ${seconds(cpu)}`)
  // Without what the service itself has logged.
  const said = readFileSync(log, 'utf8').split('\n').filter((line) => !line.startsWith('{"'))
  if (passed) return said.filter((line) => line.startsWith('NOT LOOKED AT')).forEach((line) => console.log(`        ${line}`))
  console.log(said.slice(-200).map((line) => `    ${line.slice(0, 1000)}`).join('\n'))
  console.log(`${name} failed (${code}); its log is ${log}`)
}

/** Starts what can start, and ends when nothing can. */
function next() {
  if (stopping) return running.size > 0 || end()
  for (const part of parts) {
    if (running.has(part) || ended.has(part.name)) continue
    if (!(part.needs ?? []).every((n) => ended.get(n)?.passed)) continue
    if (part.computes && [...running.keys()].some((p) => p.computes)) continue
    start(part)
  }
  if (running.size === 0) end()
}

let code = 0
function end() {
  const halfMade = stopping ? ['cdk.out.new', 'web/dist.new'].map((name) => join(root, name)) : []
  for (const dir of [scratch, building, ...halfMade]) rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  rmSync(lock, { force: true })
  if (stopping) process.exit(code)
  const passed = [...ended.values()].filter((e) => e.passed).length
  const cpu = [...ended.values()].reduce((sum, e) => sum + e.cpu, 0)
  console.log(`\nWhere the time went, of ${seconds(Date.now() - began).trim()} and${seconds(cpu)} of CPU:`)
  for (const { name } of parts) {
    const e = ended.get(name)
    console.log(`  ${name.padEnd(12)}${e ? `${seconds(e.wall)}, CPU ${seconds(e.cpu)}` : '  not run: what it needs has failed'}`)
  }
  console.log(`${passed} passed, ${parts.length - passed} failed`)
  process.exit(passed === parts.length ? 0 : 1)
}

/** Has everybody end, and kills those who have not after some seconds. */
function stop(why, exit) {
  if (stopping) return
  stopping = true
  code = exit
  console.error(`make ${what}: stopped (${why})`)
  const signal = (s) => {
    for (const p of running.values()) {
      try {
        process.kill(-p.pid, s)
      } catch {} // it has ended
    }
  }
  signal('SIGTERM')
  setTimeout(() => signal('SIGKILL'), 5_000).unref()
  next()
}

process.on('SIGINT', () => stop('SIGINT', 130))
process.on('SIGTERM', () => stop('SIGTERM', 143))
process.on('SIGHUP', () => stop('SIGHUP', 129))
setInterval(() => process.ppid !== parent && stop('who started it has gone', 1), 1_000).unref()
next()
