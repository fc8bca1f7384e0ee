import type { Company } from '#sdk'
import { hasWords } from '../parts/sought'

/** From how many companies on one looks for them instead of reading the list. */
export const many = 9

/** A company with its place in the list of the person. */
export interface Listed {
  company: Company
  index: number
}

/** The companies in order of name; of them those in whose name, province or code every word of what is looked for stands. */
export function listed(companies: readonly Company[], sought: string): Listed[] {
  return companies
    .map((company, index) => ({ company, index }))
    .filter(({ company: { name, province = '', code } }) => hasWords(`${name} ${province} ${code}`, sought))
    .sort((a, b) => a.company.name.localeCompare(b.company.name, 'it') || a.company.code.localeCompare(b.company.code))
}
