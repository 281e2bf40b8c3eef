import { checkUnits } from './check-units.js';
import { experimentUnits } from './experiment-units.js';
import type { Units } from './manifest.js';
import { reproduceUnits } from './reproduce-units.js';
import type { UnitCommand } from './unit-work.js';

/** The units of every command. */
export const unitCommands: Readonly<Record<Units['command'], UnitCommand>> = {
  kernel: experimentUnits,
  run: experimentUnits,
  check: checkUnits,
  reproduce: reproduceUnits,
};
