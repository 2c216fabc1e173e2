import { DataType, makeEUInformation, Variant, type Namespace, type UAObject } from 'node-opcua';

const variables = [
  ['Conductivity', makeEUInformation('H61', 'mS/cm', 'millisiemens per centimetre'), [0, 5], 0.6],
  ['Placeholder', makeEUInformation('MQH', 'm³/h', 'cubic metre per hour'), [0, 100], 250],
  ['Sign', makeEUInformation('', 'kW', ''), [0, 0], 7],
  ['Doubtful', makeEUInformation('', 'C', ''), [0, 0], 7],
] as const;

/** Adds variables with what servers say of their numbers, and what some of them leave as it came. */
export function addEngineering(plant: Namespace, folder: UAObject): void {
  for (const [name, engineeringUnits, [low, high], value] of variables) {
    const variable = plant.addAnalogDataItem({
      componentOf: folder,
      browseName: name,
      nodeId: `s=${name}`,
      dataType: 'Double',
      engineeringUnits,
      engineeringUnitsRange: { low, high },
    });
    variable.setValueFromSource(new Variant({ dataType: DataType.Double, value }));
  }
}
