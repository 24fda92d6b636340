import fs from 'node:fs';
import process from 'node:process';
import type { Socket } from 'node:net';

/**
 * Whether the other end of a connection within this computer belongs to the user that this process runs as, as Linux's
 * table of connections says (https://docs.kernel.org/networking/proc_net_tcp.html). Other systems have no such table;
 * there nothing is handed over in a way that other users could read, and the answer is yes.
 */
export function isOwnUser(socket: Pick<Socket, 'remotePort' | 'localPort'>): boolean {
  if (process.platform !== 'linux') return true;
  const { remotePort, localPort } = socket;
  if (remotePort === undefined || localPort === undefined) return false;
  const uid = peerOwner(fs.readFileSync('/proc/net/tcp', 'latin1'), localPort, remotePort);
  return uid !== undefined && uid === process.getuid?.();
}

/** The user id of the other end of a connection on 127.0.0.1, by the table's text; `undefined` where it is not in it. */
export function peerOwner(table: string, localPort: number, remotePort: number): number | undefined {
  // Seen from the other end: its own port is our remote one.
  const [own, peer] = [endpoint(remotePort), endpoint(localPort)];
  const row = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[1] === own && columns[2] === peer);
  return row === undefined ? undefined : Number(row[7]);
}

/** 127.0.0.1 and a port, as the table writes them: the address as a little-endian number, both in hexadecimal. */
function endpoint(port: number): string {
  return `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}
