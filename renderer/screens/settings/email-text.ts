import type { Settings } from '../../../shared/contract/shapes.ts';

/** The e-mail settings as they are typed. */
export interface EmailFields {
  readonly host: string;
  readonly port: number | string;
  readonly secure: boolean;
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly to: string;
}

/** What is wrong with each field, in words; a field that is right is absent. */
export type EmailFaults = Partial<Record<keyof EmailFields, string>>;

// The settled address is what the server accepts; here only what is surely no address is told apart.
const address = /^[^\s@<>]+@[^\s@<>]+$/;

/** The fields as they begin: as kept, or as most servers want them. Port 587 with STARTTLS is RFC 6409's submission port. */
export function fieldsOf(email: Settings['email']): EmailFields {
  return {
    host: email?.host ?? '',
    port: email?.port ?? 587,
    secure: email?.secure ?? false,
    user: email?.user ?? '',
    password: '',
    from: email?.from ?? '',
    to: email?.to.join(', ') ?? '',
  };
}

/** The addresses in a list separated by commas, semicolons, spaces or lines. */
export function addressesIn(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== '');
}

/** What keeps these fields from being used. Empty: nothing. */
export function faultsOf(fields: EmailFields): EmailFaults {
  const faults: EmailFaults = {};
  if (fields.host.trim() === '' || /[\s/]/.test(fields.host.trim()))
    faults.host = 'The mail server’s name is needed, such as smtp.library.example.';
  const port = Number(fields.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) faults.port = 'A number from 1 to 65535.';
  if (!address.test(fields.from.trim())) faults.from = 'An e-mail address is needed.';
  const to = addressesIn(fields.to);
  const wrong = to.find((part) => !address.test(part));
  if (to.length === 0) faults.to = 'At least one e-mail address is needed.';
  else if (wrong !== undefined) faults.to = `“${wrong}” is not an e-mail address.`;
  return faults;
}
