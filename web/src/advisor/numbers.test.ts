import { expect, test } from 'vitest'
import cases from '../../../shared/redact/testdata/written.json' with { type: 'json' }
import { withoutNumbers } from './numbers'

// The service's own rule is tested with the same texts.
test.each(cases)('%s', (text, expected) => {
  expect(withoutNumbers(text!)).toBe(expected)
})
