import type { FormatName } from '../config/configuration.ts';
import type { Format } from './format.ts';
import { jsonFormat } from './formats/json.ts';
import { sparkplugFormat } from './formats/sparkplug/format.ts';

/** The registry of formats; docs in formats/README.md. */
export const formats: Readonly<Record<FormatName, Format>> = {
  json: jsonFormat,
  'sparkplug-b': sparkplugFormat,
};
