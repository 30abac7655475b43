import { useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, ask } from '../parts/api.ts';
import { fileAddress } from '../parts/file-address.ts';
import { Refused } from '../parts/notices.tsx';

type Picture = Schemas['ReviewImage'];

const MOST = 5;
const WORDS = {
  'storage.type_not_allowed': 'Pictures are JPEG, PNG, WebP or AVIF.',
  'storage.broken_file': 'This picture cannot be read.',
  'storage.empty_file': 'This file is empty.',
  'storage.too_many_pixels': 'This picture is too large.',
  'storage.quota_exceeded': 'You have no room for more pictures. Remove some first.',
  payload_too_large: 'A picture may have 10 MB at most.',
};

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
        const { id: fileId, url } = await stored(file);
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
        accept="image/jpeg,image/png,image/webp,image/avif"
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
      <Refused failure={failure} words={WORDS} />
    </div>
  );
}

function stored(file: File): Promise<Schemas['File']> {
  const form = new FormData();
  form.append('purpose', 'review');
  form.append('file', file);
  return ask(
    api.POST('/api/storage/upload', {
      params: { header: {} },
      // The document describes the form's fields; the browser writes the form.
      body: { file: file.name, purpose: 'review' },
      bodySerializer: () => form,
    }),
  );
}
