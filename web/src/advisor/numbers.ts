// The numbers that the service hides before it stores what was written: a
// preview of shared/redact, whose Text decides. Here an IBAN is known by its
// country, length and check digits, there by the form of the account as well.

/** How many letters and digits an IBAN has (ISO 13616, SWIFT IBAN Registry release 102). */
const lengths: Record<string, number> = Object.fromEntries(
  (
    'NO15 BE16 BI27 DK18 FI18 FK18 FO18 GL18 NL18 SD18 MK19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 CH21 HR21 LI21 LV21 BG22 BH22 ' +
    'CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 ' +
    'VG24 LY25 PT25 ST25 IS26 TR26 DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HN28 HU28 LB28 NI28 PL28 SV28 ' +
    'BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33 SI19'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

/** What may stand between the groups of a number. */
const gap = '[ \\t\\u00a0\\u2000-\\u200a\\u202f\\u3000.·‐-―−-]{0,3}'
const word = /[\p{L}\p{N}]/u

/** Protocols and numbers of cases, which are never hidden. */
const shielded = /INPS\.\d{4}\.\d{2}\/\d{2}\/\d{4}\.\d{7}|(?:INPS[.-])?(?:CIG[OSD]?|CISOA|AIS|FIS)(?:-\d{4}-\d{1,10}|\.\d{4}\.\d{1,7}(?:\.\d{1,3})?)/giu

/** The text as an office gets it: without numbers of accounts and of payment cards. */
export function withoutNumbers(text: string): string {
  let clean = ''
  let from = 0
  for (const kept of text.matchAll(shielded)) {
    const end = kept.index + kept[0].length
    if (word.test(text[kept.index - 1] ?? '') || word.test(text[end] ?? '')) continue
    clean += hide(text.slice(from, kept.index)) + kept[0]
    from = end
  }
  return clean + hide(text.slice(from))
}

const hide = (text: string): string => hideCards(hideAccounts(text))

function hideAccounts(text: string): string {
  const start = new RegExp(`[A-Z]${gap}[A-Z]${gap}\\d${gap}\\d`, 'giu')
  let clean = ''
  let from = 0
  for (let found = start.exec(text); found; found = start.exec(text)) {
    const country = [...found[0]].filter((c) => /[a-z]/i.test(c)).join('').toUpperCase()
    const length = lengths[country]
    const written = length && take(text, found.index, length)
    if (written && (isAccount(written) || (country === 'IT' && isNearlyItalian(written)))) {
      clean += `${text.slice(from, found.index)}[IBAN]`
      start.lastIndex = from = found.index + written.length
    } else {
      start.lastIndex = found.index + 1
    }
  }
  return clean + text.slice(from)
}

/** So many letters and digits from there on, with the gaps between them; nothing if they do not stand there. */
function take(text: string, from: number, signs: number): string | undefined {
  const number = new RegExp(`(?:[A-Z0-9]${gap}){${signs - 1}}[A-Z0-9]`, 'iy')
  number.lastIndex = from
  return number.exec(text)?.[0]
}

const signsOf = (written: string) => written.replace(/[^a-z0-9]/gi, '').toUpperCase()

/** ISO 7064, MOD 97-10. */
function isAccount(written: string): boolean {
  const signs = signsOf(written)
  let sum = 0
  for (const c of signs.slice(4) + signs.slice(0, 4)) sum = (sum * (/\d/.test(c) ? 10 : 100) + parseInt(c, 36)) % 97
  return sum === 1
}

/** An Italian one with a slip of the pen is still nearly somebody's account; each group of the account has a digit. */
const isNearlyItalian = (written: string): boolean =>
  /^IT\d{2}[A-Z]\d{10}[A-Z0-9]{12}$/.test(signsOf(written)) &&
  written
    .split(/[^a-z0-9]+/i)
    .slice(1)
    .every((group) => /\d/.test(group) || group.length === 1)

/** Of which networks' cards, by the first four digits, there are with how many digits (shared/redact/card.go). */
const networks: [from: number, to: number, ...digits: number[]][] = [
  [2221, 2720, 16],
  [3000, 3059, 14, 16],
  [3090, 3099, 14, 16],
  [3400, 3499, 15],
  [3528, 3589, 16, 17, 18, 19],
  [3600, 3699, 14, 16],
  [3700, 3799, 15],
  [3800, 3999, 14, 16],
  [4000, 4999, 13, 16, 19],
  [5000, 5099, 13, 14, 15, 16, 17, 18, 19],
  [5100, 5599, 16],
  [5600, 6999, 13, 14, 15, 16, 17, 18, 19],
]

function hideCards(text: string): string {
  return text.replace(new RegExp(`(?<!\\d)\\d(?:${gap}\\d){12,}`, 'g'), (run) => {
    // The longest card at the start of each group.
    for (const start of run.matchAll(/(?<!\d)\d/g)) {
      for (let length = 19; length >= 13; length--) {
        const written = new RegExp(`^(?:\\d${gap}){${length - 1}}\\d(?!\\d)`).exec(run.slice(start.index))?.[0]
        if (written && isCard(written)) {
          return `${run.slice(0, start.index)}[carta]${hideCards(run.slice(start.index + written.length))}`
        }
      }
    }
    return run
  })
}

function isCard(written: string): boolean {
  const digits = written.replace(/\D/g, '')
  const head = Number(digits.slice(0, 4))
  const issued = networks.some(([from, to, ...sizes]) => from <= head && head <= to && sizes.includes(digits.length))
  return issued && luhn(digits) && grouped(written)
}

/** ISO/IEC 7812-1, annex B. */
function luhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((sum, c, i) => {
    const twice = Number(c) * (i % 2 ? 2 : 1)
    return sum + (twice > 9 ? twice - 9 : twice)
  }, 0)
  return sum % 10 === 0
}

/** Whether a card may be written in such groups: telephones and fiscal codes side by side are not, nor are lists of days. */
function grouped(written: string): boolean {
  const groups = written.split(/\D+/)
  if (groups.length === 1) return true
  if (groups.some((g) => g.length > 6 && g.length !== 8 && g.length !== 12)) return false
  if (groups.slice(0, -1).every((g) => g.length >= 4)) return true
  const gaps = new Set(written.match(/\D+/g))
  const grows = groups.every((g, i) => i === 0 || Number(g) > Number(groups[i - 1]))
  return gaps.size === 1 && !grows
}
