import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const description = z.object({ name: z.string(), version: z.string() });

/** The version of this Strongroom, from the package description that lies above this file, packaged or not. */
export function appVersion(): string {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const found = read(path.join(folder, 'package.json'));
    if (found?.name === 'strongroom') return found.version;
    if (path.dirname(folder) === folder) return 'unknown';
  }
}

function read(file: string): z.infer<typeof description> | undefined {
  try {
    return description.safeParse(JSON.parse(fs.readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
