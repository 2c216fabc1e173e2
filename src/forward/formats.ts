import type { FormatName } from '../config/configuration.ts';
import type { Format } from './format.ts';
import { customFormat } from './formats/custom.ts';
import { fiwareFormat } from './formats/fiware.ts';
import { jsonFormat } from './formats/json.ts';
import { opcuaPubSubFormat } from './formats/opcua-pubsub.ts';
import { senmlFormat } from './formats/senml.ts';
import { sparkplugFormat } from './formats/sparkplug/format.ts';
import { thingsboardFormat } from './formats/thingsboard.ts';

/** The registry of formats; docs in formats/README.md. */
export const formats: Readonly<Record<FormatName, Format>> = {
  json: jsonFormat,
  'sparkplug-b': sparkplugFormat,
  'opcua-pubsub': opcuaPubSubFormat,
  thingsboard: thingsboardFormat,
  senml: senmlFormat,
  fiware: fiwareFormat,
  custom: customFormat,
};
