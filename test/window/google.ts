import { DEFAULT_CLIENT } from '../emulators/drive/emulator.ts';

/** The file that an administrator downloads from Google's console, for the emulator's client, as a browser is given it. */
export const clientFile = {
  name: 'client_secret_library.json',
  mimeType: 'application/json',
  buffer: Buffer.from(
    JSON.stringify({ installed: { client_id: DEFAULT_CLIENT.clientId, client_secret: DEFAULT_CLIENT.clientSecret } }),
  ),
};
