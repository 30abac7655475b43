import { type ReactNode, useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from './action.ts';
import { Refused } from './notices.tsx';
import { PICTURE_TYPES, STORAGE_WORDS, storeFile } from './store-file.ts';

/** What a review or feedback may have. */
const FEW = 5;

export interface StoredPicture extends Pick<Schemas['File'], 'id' | 'url'> {
  /** As the file is called at its owner's. */
  readonly name: string;
}

interface PictureFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly storing: string;
  /** Said when more are chosen than there is room for. */
  readonly full: string;
  readonly purpose: 'feedback' | 'review' | 'product';
  /** How many there may be. */
  readonly most?: number;
  /** How many there are already; they are shown as `children`. */
  readonly count: number;
  readonly children: ReactNode;
  /** Gets all that were stored since they were chosen, after each of them. */
  readonly add: (stored: readonly StoredPicture[]) => void;
}

/** Some pictures, which are stored as they are chosen. */
export function PictureField({ label, hint, storing, full, purpose, most = FEW, count, children, add }: PictureFieldProps) {
  const id = useId();
  const [remark, setRemark] = useState('');
  const { busy, failure, run } = useAction();
  const store = (files: FileList): void => {
    const chosen = [...files].slice(0, most - count);
    setRemark(chosen.length < files.length ? full : '');
    void run(async () => {
      let stored: readonly StoredPicture[] = [];
      for (const file of chosen) {
        const { id: fileId, url } = await storeFile(file, purpose);
        stored = [...stored, { id: fileId, url, name: file.name }];
        add(stored);
      }
    });
  };
  return (
    <div className="field">
      <label htmlFor={id}>
        <span>{label}</span>
        <span className="quiet"> (optional)</span>
      </label>
      {children}
      <input
        id={id}
        type="file"
        accept={PICTURE_TYPES}
        multiple
        disabled={busy || count >= most}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => {
          if (target.files !== null && target.files.length > 0) store(target.files);
          target.value = '';
        }}
      />
      <small id={`${id}-hint`}>{hint}</small>
      <p role="status">{busy ? storing : remark}</p>
      <Refused failure={failure} words={STORAGE_WORDS} />
    </div>
  );
}
