import { z } from 'zod';
import { StrongroomError } from '../../../../shared/errors.ts';
import { isOutputName, outputs } from '../output.ts';

/** `schema [command]`: what `--json` prints, as JSON Schema; without a command, of all. */
export function schema(words: readonly string[]): void {
  const name = words.join(' ');
  if (name !== '' && !isOutputName(name)) {
    throw new StrongroomError('usage', `There is no command "${name}" that prints JSON.`, {
      advice: `There is: ${Object.keys(outputs).join(', ')}.`,
    });
  }
  const chosen =
    name === ''
      ? Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, z.toJSONSchema(value)]))
      : z.toJSONSchema(outputs[name]);
  process.stdout.write(`${JSON.stringify(chosen, undefined, 2)}\n`);
}
