export function StaffPage(_: { section: string; id: string }) {
  return null;
}
