import table from '../../shared/chat/rollout/data/provinces.csv?raw'
import { say } from './text'

const rows = table.trim().split('\n').slice(1).map((row) => row.split(','))
const names = new Map(rows.map(([sigla, name]) => [sigla!, name!]))

/** How somebody who lives in no province of Italy is entered (rollout). */
const abroad = 'EE'

/** The Italian name of the province with this sigla; of none, that it is not known; what is no sigla stays as it is. */
export function provinceName(sigla: string): string {
  if (!sigla) return say('desk.province.none')
  return sigla === abroad ? say('desk.province.abroad') : (names.get(sigla.toUpperCase()) ?? sigla)
}
