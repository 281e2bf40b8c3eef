import type { Page, PageElement } from './dom.js';

/** Opens everything that is folded while the page is printed, and hides a definition when Escape is pressed. */
export const foldsAndTips = (): void => {
  const page = globalThis as unknown as Page;
  const { document, location } = page;
  let opened: PageElement[] = [];
  page.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')];
    for (const fold of opened) fold.open = true;
  });
  page.addEventListener('afterprint', () => {
    for (const fold of opened) fold.open = false;
  });
  page.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && document.activeElement?.matches('.term')) document.activeElement.blur();
  });
  // A link to something in a folded section opens it.
  const unfold = (): void => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target?.closest('details'); at; at = at.parentElement?.closest('details')) at.open = true;
    target?.scrollIntoView();
  };
  page.addEventListener('hashchange', unfold);
  if (location.hash.length > 1) unfold();
};
