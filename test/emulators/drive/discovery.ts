import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { badRequest, invalidParameter, requiredParameter, unknownName } from './errors.ts';

/** A JSON schema as the discovery format writes it (https://developers.google.com/discovery/v1/reference/apis). */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
}

interface Parameter extends Schema {
  readonly location?: 'query' | 'path';
  readonly required?: boolean;
  readonly minimum?: string;
  readonly maximum?: string;
}

interface Method {
  readonly id: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly request?: Schema;
  readonly response?: Schema;
  readonly scopes?: readonly string[];
}

interface Resource {
  readonly methods?: Readonly<Record<string, Method>>;
  readonly resources?: Readonly<Record<string, Resource>>;
}

interface Document extends Resource {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

/**
 * Where Google's discovery document of the Drive API v3 lies: at `DRIVE_DISCOVERY`, or beside the project in
 * `../shared/google/`. It is Google's data and no part of the project, so it may be missing (`undefined`); the emulator
 * then runs without the checks that need it.
 */
export function findDiscovery(): string | undefined {
  const named = process.env['DRIVE_DISCOVERY'];
  const beside = fileURLToPath(new URL('../../../../shared/google/drive.v3.discovery.json', import.meta.url));
  return [named, beside].find((path) => path !== undefined && path !== '' && existsSync(path));
}

/** The discovery document, and the checks of requests against it. */
export class Discovery {
  readonly #document: Document;
  readonly #methods = new Map<string, Method>();

  /** @param path a file that holds the document. */
  constructor(path: string) {
    this.#document = JSON.parse(readFileSync(path, 'utf8')) as Document;
    this.#collect(this.#document);
  }

  /** Every method of the API. */
  methods(): Iterable<Method> {
    return this.#methods.values();
  }

  /** A method by its id (`drive.files.get`). */
  method(id: string): Method | undefined {
    return this.#methods.get(id);
  }

  /** The schema that a `$ref` names, or the schema itself. */
  resolve(schema: Schema | undefined): Schema | undefined {
    return schema?.$ref === undefined ? schema : this.#document.schemas[schema.$ref];
  }

  /** Throws 400 for a query parameter that the method lacks, is required and missing, or has the wrong type, range or enum. */
  checkQuery(method: Method, query: URLSearchParams): void {
    for (const [name, value] of query) {
      const own = method.parameters?.[name];
      const parameter = own?.location === 'query' ? own : this.#document.parameters[name];
      if (parameter === undefined) throw unknownName(name, 'parameter');
      checkParameter(name, value, parameter);
    }
    for (const [name, parameter] of Object.entries(method.parameters ?? {})) {
      if (parameter.location === 'query' && parameter.required === true && !query.get(name))
        throw requiredParameter(name);
    }
  }

  /** Throws 400 for a body field that the schema lacks or that has the wrong type. `null` clears a field and fits any. */
  checkBody(value: unknown, schema: Schema | undefined, name = ''): void {
    const resolved = this.resolve(schema);
    if (resolved === undefined || value === null) return;
    const type = resolved.type ?? (resolved.properties === undefined ? 'any' : 'object');
    if (!fitsType(value, type)) {
      throw badRequest(`Invalid value at '${name}' (${type}), ${JSON.stringify(value)}`);
    }
    if (Array.isArray(value)) {
      for (const one of value) this.checkBody(one, resolved.items, name);
    } else if (typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) {
        const property = resolved.properties?.[key] ?? resolved.additionalProperties;
        if (property === undefined && type === 'object') throw unknownName(key, 'field');
        this.checkBody(inner, property, name === '' ? key : `${name}.${key}`);
      }
    } else if (resolved.format === 'date-time' && typeof value === 'string' && Number.isNaN(Date.parse(value))) {
      throw badRequest(`Invalid value for: Invalid format: "${value}" at '${name}'`);
    }
  }

  #collect(resource: Resource): void {
    for (const method of Object.values(resource.methods ?? {})) this.#methods.set(method.id, method);
    for (const inner of Object.values(resource.resources ?? {})) this.#collect(inner);
  }
}

function checkParameter(name: string, value: string, parameter: Parameter): void {
  if (parameter.type === 'boolean' && value !== 'true' && value !== 'false') {
    throw invalidParameter(name, `Invalid boolean value: '${value}'.`);
  }
  if (parameter.type === 'integer') {
    if (!/^-?\d+$/.test(value)) throw invalidParameter(name, `Invalid integer value: '${value}'.`);
    const number = Number(value);
    // "values above 1000 will be coerced to 1000": a page size has a ceiling and not a fault; other numbers have a range.
    const maximum = name === 'pageSize' ? Infinity : Number(parameter.maximum ?? Infinity);
    const minimum = Number(parameter.minimum ?? -Infinity);
    if (number < minimum || number > maximum) {
      const range = `[${parameter.minimum ?? ''}, ${parameter.maximum ?? ''}]`;
      throw invalidParameter(name, `Invalid value '${value}'. Values must be within the range: ${range}`);
    }
  }
  if (parameter.enum !== undefined && !parameter.enum.includes(value)) {
    throw invalidParameter(name, `Invalid string value: '${value}'. Allowed values: [${parameter.enum.join(', ')}]`);
  }
}

function fitsType(value: unknown, type: string): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    case 'integer':
    case 'number':
      return typeof value === 'number';
    default:
      return typeof value === type;
  }
}
