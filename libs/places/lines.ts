/** What a line of an address says: without letter case, blanks and punctuation. Marks of India's scripts are a part of their letters. */
export const lineOf = (line: string): string =>
  line
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]/gu, '');
