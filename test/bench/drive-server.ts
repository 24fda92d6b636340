/** The Drive emulator as a process of its own, so that what it costs is not counted as ours. Ends with its input. */
import { startDriveEmulator } from '../emulators/drive/emulator.ts';

const emulator = await startDriveEmulator({ discovery: false });
console.log(JSON.stringify({ rootUrl: emulator.rootUrl, ...emulator.signIn() }));
process.stdin.on('data', (piece: Buffer) => {
  // "count": how many requests there were since the last time.
  if (piece.toString().startsWith('count')) console.log(JSON.stringify({ requests: emulator.requests.count() }));
  emulator.requests.clear();
});
process.stdin.on('end', () => void emulator.stop().then(() => process.exit(0)));
