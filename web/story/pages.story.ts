import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumPath, Service } from './harness'

const service = new Service()

beforeAll(() => service.start())
afterAll(() => service.stop())

test('every page and state: no fault found by axe, nothing wider than 320 px, no complaint', async () => {
  const script = fileURLToPath(new URL('axe.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)('node', [script, service.base], {
    env: { ...process.env, CHROMIUM: chromiumPath() },
  })
  expect(stdout).toMatch(/\d\d states at 2 widths: no faults/)
}, 600_000)
