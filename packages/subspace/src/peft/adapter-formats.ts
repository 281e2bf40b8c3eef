import type { AdapterFormat } from './adapter-format.js';
import { ia3Format } from './ia3-format.js';
import { loraFormat } from './lora-format.js';
import { prefixFormat } from './prefix-format.js';
import { promptFormat } from './prompt-format.js';

/** Every kind of adapter that is read and written. */
export const adapterFormats: readonly AdapterFormat[] = [loraFormat, ia3Format, promptFormat, prefixFormat];
