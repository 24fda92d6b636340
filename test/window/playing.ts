import type { Locator } from 'playwright';

/** Goes to a moment of a sound or a film. @returns the moment that was reached, in seconds. */
export async function seek(panel: Locator, kind: 'audio' | 'video', seconds: number): Promise<number> {
  const player = panel.locator(kind);
  await player.waitFor();
  return player.evaluate<number, number>((element, to) => {
    const media = element as unknown as { currentTime: number; readyState: number } & EventTarget;
    return new Promise((resolve, reject) => {
      media.addEventListener('error', () => reject(new Error('it cannot be played')));
      media.addEventListener('seeked', () => resolve(media.currentTime));
      if (media.readyState > 0) media.currentTime = to;
      else media.addEventListener('loadedmetadata', () => (media.currentTime = to));
    });
  }, seconds);
}
