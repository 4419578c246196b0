import { useEffect, useState } from 'react';

export const PAGES = ['Ask', 'Compare', 'Documents', 'Lift', 'Playground'] as const;
export type PageName = (typeof PAGES)[number];

export const addressOf = (page: PageName): string => `#/${page.toLowerCase()}`;

/** The page that the address names; Ask where it names none. */
export function usePage(): PageName {
  const [hash, setHash] = useState(() => window.location.hash);
  useEffect(() => {
    const follow = () => setHash(window.location.hash);
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return PAGES.find((page) => addressOf(page) === hash) ?? 'Ask';
}
