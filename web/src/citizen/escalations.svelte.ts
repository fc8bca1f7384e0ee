import type { OwnEscalation } from '#sdk'
import { whileVisible } from '../visible'
import { newsOf, underWay } from './handed'

/** What offices were told about the person. The page works without it: it says nothing of failures. */
export class Escalations {
  list = $state.raw<readonly OwnEscalation[]>([])
  /** What has changed while the page was open. */
  news = $state('')
  private turn = 0

  constructor(private readonly ask: () => Promise<readonly OwnEscalation[]>) {}

  /** Asks now and goes on asking; returns how to stop. */
  start(): () => void {
    return whileVisible(() => this.load())
  }

  /** Whether it is worth asking again. Of several answers that are under way the last one counts. */
  private async load(): Promise<boolean> {
    const turn = ++this.turn
    try {
      const list = await this.ask()
      if (turn === this.turn) {
        this.news = newsOf(this.list, list)
        this.list = list
      }
      return list.some(underWay)
    } catch {
      return true
    }
  }
}
