import Desk from './officer/Desk.svelte'
import { startStaff } from './staff'
import './style/officer.scss'

startStaff('officer', 'officer.title', Desk)
