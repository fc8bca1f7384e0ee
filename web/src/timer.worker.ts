import { serveTimers } from '#sdk'

serveTimers(self as never)
