// Text fit for a terminal: nothing in it that acts on the terminal, in lines that fit.

/** Control characters, which could forge a line or a command, and bidirectional ones, which change how a line reads. */
export const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Lines of `columns` at most, where words are not longer: `first` and the text, then `margin` and the text. */
export function wrapped(text: string, columns: number, margin: string, first = margin): string[] {
  const [start = '', ...words] = text.split(' ');
  const lines = first.length + start.length > columns ? [first.trimEnd(), margin + start] : [first + start];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= columns) lines.splice(-1, 1, longer);
    else lines.push(margin + word);
  }
  return lines;
}
