/** Smaller than every UUIDv7 of a later time: what is older lies below it in the primary key, and no other index is needed. */
export const firstIdAt = (milliseconds: number): string => {
  const digits = milliseconds.toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
};
