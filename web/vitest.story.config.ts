import { basename } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { defineConfig } from 'vitest/config'

// Stories wait more than they work: four at a time, and those first that take longest.
const longest = ['hidden', 'pages', 'login', 'desk', 'escalation', 'chat', 'writing'].map((name) => `${name}.story.ts`)

function place(f: TestSpecification): number {
  const i = longest.indexOf(basename(f.moduleId))
  return i < 0 ? longest.length : i
}

class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => place(a) - place(b)))
  }
}

export default defineConfig({
  test: {
    include: ['story/**/*.story.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
  },
})
