/** A text as PostgreSQL's `lower` leaves it: character by character, so that one that would become two, or depends on its neighbours, is alike in both. */
export function folded(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  return [...text].map((character) => (character === 'İ' ? 'i' : character.toLowerCase())).join('');
}
