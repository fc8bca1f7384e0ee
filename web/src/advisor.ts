import Console from './advisor/Console.svelte'
import { startStaff } from './staff'

startStaff('advisor', 'desk.title', Console, (api) => api.advisorLogout())
