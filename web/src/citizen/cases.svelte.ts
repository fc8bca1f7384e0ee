import type { Case } from '#sdk'
import { sentenceOf } from '../errors'

/** The person's own cases, or why they cannot be shown. */
export class OwnCases {
  list = $state.raw<readonly Case[]>([])
  loaded = $state(false)
  failure = $state('')

  constructor(private readonly ask: () => Promise<readonly Case[]>) {}

  async load(): Promise<void> {
    this.failure = ''
    try {
      this.list = await this.ask()
      this.loaded = true
    } catch (error) {
      this.failure = sentenceOf(error)
    }
  }
}
