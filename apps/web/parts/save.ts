/** By then the browser has what it saves. */
const KEPT_MS = 60_000;

/** Shown in a tab of its own, a file would come under this page's content security policy, which allows no viewer. */
export function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
