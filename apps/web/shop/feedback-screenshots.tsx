import { useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { Refused } from '../parts/notices.tsx';
import { PICTURE_TYPES, STORAGE_WORDS, storeFile } from '../parts/store-file.ts';

export type Screenshot = Pick<Schemas['File'], 'id'> & { readonly name: string };

const MOST = 5;

interface ScreenshotsProps {
  readonly screenshots: readonly Screenshot[];
  readonly change: (screenshots: readonly Screenshot[]) => void;
}

/** Screenshots are stored as they are chosen, for their owner and the staff alone. */
export function Screenshots({ screenshots, change }: ScreenshotsProps) {
  const id = useId();
  const [remark, setRemark] = useState('');
  const { busy, failure, run } = useAction();
  const add = (files: FileList): void => {
    const chosen = [...files].slice(0, MOST - screenshots.length);
    setRemark(chosen.length < files.length ? `There is room for ${MOST} screenshots.` : '');
    void run(async () => {
      let all = screenshots;
      for (const file of chosen) {
        const { id: fileId } = await storeFile(file, 'feedback');
        all = [...all, { id: fileId, name: file.name }];
        change(all);
      }
    });
  };
  return (
    <div className="field">
      <label htmlFor={id}>
        <span>Screenshots</span>
        <span className="quiet"> (optional)</span>
      </label>
      <ul className="rows" data-testid="screenshots">
        {screenshots.map((one) => (
          <li key={one.id}>
            <span>{one.name}</span>
            <button
              type="button"
              className="plain"
              aria-label={`Remove ${one.name}`}
              onClick={() => change(screenshots.filter((other) => other.id !== one.id))}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <input
        id={id}
        type="file"
        accept={PICTURE_TYPES}
        multiple
        disabled={busy || screenshots.length >= MOST}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => {
          if (target.files !== null && target.files.length > 0) add(target.files);
          target.value = '';
        }}
      />
      <small id={`${id}-hint`}>Up to five pictures, which nobody sees but you and us.</small>
      <p role="status">{busy ? 'Storing your screenshots …' : remark}</p>
      <Refused failure={failure} words={STORAGE_WORDS} />
    </div>
  );
}
