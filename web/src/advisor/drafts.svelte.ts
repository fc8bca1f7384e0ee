/** What is being written, by conversation: it stays while the advisor turns to another one. */
export class Drafts {
  readonly replies = $state<Record<string, string>>({})
  readonly notes = $state<Record<string, string>>({})
}
