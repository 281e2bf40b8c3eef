import { type CheckSettings, defaultCheckSettings } from '../options/check.js';
import type { Units } from './manifest.js';

/** The settings of planned checks. */
export const checkSettingsOf = ({ check }: Units): CheckSettings => ({ ...defaultCheckSettings, ...check });
