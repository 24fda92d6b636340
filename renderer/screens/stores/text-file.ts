/** Key and client files have a few kilobytes; the engine takes no more than this. */
const mostCharacters = 65_536;

/** The text of a small file that a person chose, or why it cannot be that file. Nothing of it is kept here. */
export async function readTextFile(file: Blob): Promise<{ readonly text: string } | { readonly why: string }> {
  if (file.size > mostCharacters)
    return { why: 'This file is far too large for what is asked for. Choose the JSON file that Google gave.' };
  let text: string;
  try {
    text = await file.text();
  } catch {
    return { why: 'This file could not be read. Choose it again, or copy it to this computer first.' };
  }
  try {
    JSON.parse(text);
    return { text };
  } catch {
    return { why: 'This is no JSON file. Choose the file as Google gave it, with a name that ends in .json.' };
  }
}
