import { startPortal } from './citizen/start'

startPortal('myinps')
