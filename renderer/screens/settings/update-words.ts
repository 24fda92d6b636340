import type { Settings, UpdateAnswer } from '../../../shared/contract/shapes.ts';

/** What a look for a newer version found, and what follows from it. */
export function updateWords(answer: UpdateAnswer, { updates }: Pick<Settings, 'updates'>): string {
  switch (answer.found) {
    case 'nothing-newer':
      return 'This is the newest version.';
    case 'newer':
      if (answer.fetching)
        return `Version ${answer.version} is there and is being fetched. It is put in place when Strongroom is quit, and runs from the next start on.`;
      return updates === 'off'
        ? `Version ${answer.version} is there. It is not fetched, because updates are off; choose another way above, or ask whoever looks after this computer.`
        : `Version ${answer.version} is there. Strongroom asks whether to fetch it.`;
    case 'no-answer':
      return 'The address for updates did not answer as it should. Check the network and the address, then try again. This version goes on working.';
    case 'no-address':
      return 'No address for updates came with this Strongroom. Ask your IT department for one, and save it above.';
    case 'not-here':
      return answer.runs === 'in-a-browser'
        ? 'In a browser, Strongroom does not update itself. Whoever looks after this computer installs a newer version.'
        : 'This Strongroom runs from its program code, so it cannot put a newer version in its place. Whoever set it up can fetch one.';
  }
}
