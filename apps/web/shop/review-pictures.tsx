import { useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { fileAddress } from '../parts/file-address.ts';
import { Refused } from '../parts/notices.tsx';
import { PICTURE_TYPES, STORAGE_WORDS, storeFile } from '../parts/store-file.ts';

type Picture = Schemas['ReviewImage'];

const MOST = 5;

interface ReviewPicturesProps {
  readonly pictures: readonly Picture[];
  readonly change: (pictures: readonly Picture[]) => void;
}

/** Pictures of a review: they are stored as they are chosen, and shown with the review. */
export function ReviewPictures({ pictures, change }: ReviewPicturesProps) {
  const id = useId();
  const { busy, failure, run } = useAction();
  const [remark, setRemark] = useState('');
  const add = (files: FileList): void => {
    const chosen = [...files].slice(0, MOST - pictures.length);
    setRemark(chosen.length < files.length ? `A review has ${MOST} pictures at most.` : '');
    void run(async () => {
      let all = pictures;
      for (const file of chosen) {
        const { id: fileId, url } = await storeFile(file, 'review');
        all = [...all, { id: fileId, url }];
        change(all);
      }
    });
  };
  return (
    <div className="field">
      <label htmlFor={id}>
        <span>Pictures</span>
        <span className="quiet"> (optional)</span>
      </label>
      {pictures.length > 0 && (
        <ul className="review-pictures review-files" data-testid="chosen-pictures">
          {pictures.map((picture, index) => (
            <li key={picture.id}>
              <img src={fileAddress(picture.url)} alt={`Yours, ${index + 1} of ${pictures.length}`} width="96" height="96" />
              <button type="button" className="plain" onClick={() => change(pictures.filter((one) => one.id !== picture.id))}>
                {`Remove number ${index + 1}`}
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        id={id}
        type="file"
        accept={PICTURE_TYPES}
        multiple
        disabled={busy || pictures.length >= MOST}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => {
          if (target.files !== null && target.files.length > 0) add(target.files);
          target.value = '';
        }}
      />
      <small id={`${id}-hint`}>Up to five. Where and when they were taken is removed from them.</small>
      <p role="status">{busy ? 'Storing your pictures …' : remark}</p>
      <Refused failure={failure} words={STORAGE_WORDS} />
    </div>
  );
}
