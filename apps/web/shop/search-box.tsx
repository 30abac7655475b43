import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { queries } from '../parts/api.ts';

type Suggestion = Schemas['Suggestion'];

/** A pause in typing, after which it is asked what may be meant. */
const PAUSE_MS = 120;
const KINDS: Readonly<Record<string, string>> = { query: '', category: 'Category', brand: 'Brand', product: 'Product' };

const addressOf = ({ text, kind, id }: Suggestion): string => {
  if (kind === 'product') return `/p/${id}`;
  if (kind === 'category') return `/?${new URLSearchParams({ category: id ?? '' })}`;
  return `/?${new URLSearchParams({ [kind === 'brand' ? 'brand' : 'q']: text })}`;
};

/** The shop's search with what it suggests: a combobox with a list, as WAI-ARIA describes it. */
export function SearchBox() {
  const [address] = useSearchParams();
  const [path] = useLocation();
  const asked = path === '/' ? (address.get('q') ?? '') : '';
  // What is searched for stands in the box, also after "Back".
  return <Box key={asked} asked={asked} />;
}

function Box({ asked }: { asked: string }) {
  const id = useId();
  const [, navigate] = useLocation();
  const [text, setText] = useState(asked);
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const begun = useAfterPause(text.trim());
  const { data } = queries.useQuery(
    'get',
    '/api/products/suggest',
    { params: { query: { q: begun.slice(0, 200) } } },
    {
      enabled: isOpen && begun !== '',
      retry: false,
      staleTime: 10_000,
      placeholderData: (before: Schemas['SuggestionList'] | undefined) => before,
    },
  );
  const items = isOpen && text.trim() !== '' ? (data?.items ?? []) : [];

  const go = (to: string): void => {
    setIsOpen(false);
    setChosen(-1);
    (document.activeElement as HTMLElement | null)?.blur();
    navigate(to);
  };
  const search = (): void => {
    const query = text.trim().slice(0, 200);
    if (query !== '') go(`/?${new URLSearchParams({ q: query })}`);
  };
  const press = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setIsOpen(true);
      // From the last on to the text itself, and round again.
      setChosen(((chosen + 1 + step + items.length + 1) % (items.length + 1)) - 1);
    } else if (event.key === 'Escape') {
      if (isOpen && items.length > 0) setIsOpen(false);
      else setText('');
      setChosen(-1);
    }
  };
  const selected = items[chosen];
  return (
    <search className="finder">
      <form
        action={`${location.pathname}`}
        onSubmit={(event) => {
          event.preventDefault();
          if (selected === undefined) search();
          else go(addressOf(selected));
        }}
      >
        <input
          type="search"
          name="q"
          role="combobox"
          aria-label="Search the shop"
          aria-expanded={items.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={selected === undefined ? undefined : `${id}-${chosen}`}
          autoComplete="off"
          autoCapitalize="none"
          enterKeyHint="search"
          maxLength={200}
          placeholder="Search: kurta, lal saree …"
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            setIsOpen(true);
            setChosen(-1);
          }}
          onFocus={() => setIsOpen(true)}
          onBlur={() => setIsOpen(false)}
          onKeyDown={press}
        />
        <button type="submit" className="finder-go" aria-label="Search">
          <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
            <circle cx="10.5" cy="10.5" r="6.5" />
            <path d="m15.5 15.5 5 5" />
          </svg>
        </button>
      </form>
      <div id={`${id}-list`} className="suggestions" role="listbox" aria-label="Suggestions" hidden={items.length === 0}>
        {items.map((item, index) => (
          <div
            key={`${item.kind} ${item.id ?? item.text}`}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            // Before the box loses the focus and the list with it.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => go(addressOf(item))}
            onKeyDown={undefined}
          >
            <span>{item.text}</span>
            {KINDS[item.kind] !== '' && <small>{KINDS[item.kind]}</small>}
          </div>
        ))}
      </div>
    </search>
  );
}

function useAfterPause(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
