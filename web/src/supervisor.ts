import { startStaff } from './staff'
import Queue from './supervisor/Queue.svelte'

startStaff('supervisor', 'supervisor.title', Queue)
