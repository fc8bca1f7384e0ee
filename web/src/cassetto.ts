import { startPortal } from './citizen/start'

startPortal('cassetto')
