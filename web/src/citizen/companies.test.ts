import { expect, test } from 'vitest'
import type { Company } from '#sdk'
import { listed } from './companies'

const of = (id: string, name: string, province: string, code: string): Company => ({ id, name, province, code, role: 'consultant' })
const all = [of('a', 'Tessitura Navigli', 'Milano', '*******0150'), of('b', 'Cantieri del Golfo', 'Napoli', '*******0639'), of('c', "Società dell'Òlio", 'Forlì-Cesena', '*******0729'), of('d', 'Cantieri del Golfo', 'Bari', '*******0111')]
const found = (sought: string) => listed(all, sought).map(({ index }) => index)

test('companies are in order of name, and keep their place', () => {
  expect(found('')).toEqual([3, 1, 2, 0])
})

test('a company is found by words of its name and province in any order, by the end of its code, and without accents', () => {
  expect(found('golfo NAPOLI')).toEqual([1])
  expect(found('0729')).toEqual([2])
  expect(found('societa olio forli')).toEqual([2])
  expect(found('golfo milano')).toEqual([])
})
