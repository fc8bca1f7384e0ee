/** The title of the window: where one is, and before it what should be noticed from another tab. */
class PageTitle {
  private place = ''
  private readonly notes = new Map<string, string>()

  set(place: string): void {
    this.place = place
    this.show()
  }

  /** Puts a note before the title, or takes it away. */
  note(of: string, text: string): void {
    if (text) this.notes.set(of, text)
    else this.notes.delete(of)
    this.show()
  }

  private show(): void {
    document.title = [...this.notes.values(), this.place].join(' – ')
  }
}

export const pageTitle = new PageTitle()
