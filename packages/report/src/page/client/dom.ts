/**
 * The part of a browser that the scripts of a page use. The types of the whole DOM are not taken: they would be global, for
 * packages of Node as well.
 */
export interface Page {
  readonly document: {
    readonly activeElement: PageElement | null;
    querySelector(selector: string): PageElement | null;
    querySelectorAll(selector: string): Iterable<PageElement>;
    getElementById(id: string): PageElement | null;
    createElement(name: string): PageElement;
    createTextNode(text: string): PageNode;
  };
  readonly location: { readonly hash: string };
  readonly devicePixelRatio: number;
  addEventListener(name: string, heard: (event: PageEvent) => void): void;
  requestAnimationFrame(draw: () => void): void;
  readonly IntersectionObserver: new (
    seen: (entries: readonly { readonly isIntersecting: boolean; readonly target: PageElement }[]) => void,
    options: { readonly rootMargin: string },
  ) => { observe(element: PageElement): void; unobserve(element: PageElement): void };
  readonly ResizeObserver: new (resized: () => void) => { observe(element: PageElement): void };
}

export interface PageNode {
  textContent: string | null;
}

export interface PageElement extends PageNode {
  readonly cells: ArrayLike<PageElement> & Iterable<PageElement>;
  readonly childNodes: Iterable<PageNode>;
  readonly classList: { add(name: string): void; contains(name: string): boolean };
  readonly clientWidth: number;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  readonly parentElement: PageElement | null;
  readonly rows: ArrayLike<PageElement> & Iterable<PageElement>;
  readonly style: { background: string; height: string };
  readonly tBodies: ArrayLike<PageElement>;
  readonly tHead: PageElement | null;
  className: string;
  height: number;
  hidden: boolean;
  open: boolean;
  type: string;
  value: string;
  width: number;
  addEventListener(
    name: string,
    heard: (event: PageEvent) => void,
    options?: { readonly passive: boolean },
  ): void;
  append(...nodes: readonly (PageNode | string)[]): void;
  before(node: PageNode): void;
  blur(): void;
  closest(selector: string): PageElement | null;
  getAttribute(name: string): string | null;
  getBoundingClientRect(): { left: number; top: number; width: number; height: number };
  getContext(kind: '2d', options?: { readonly alpha: boolean }): Drawing | null;
  matches(selector: string): boolean;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  removeAttribute(name: string): void;
  replaceChildren(...nodes: readonly PageNode[]): void;
  scrollIntoView(): void;
  setAttribute(name: string, value: string): void;
  setPointerCapture(pointer: number): void;
}

export interface PageEvent {
  readonly clientX: number;
  readonly clientY: number;
  readonly ctrlKey: boolean;
  readonly deltaY: number;
  readonly key: string;
  readonly metaKey: boolean;
  readonly pointerId: number;
  preventDefault(): void;
}

export interface Drawing {
  fillStyle: string;
  imageSmoothingEnabled: boolean;
  lineWidth: number;
  strokeStyle: string;
  createImageData(width: number, height: number): { readonly data: Uint8ClampedArray };
  drawImage(image: PageElement, ...places: readonly number[]): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  putImageData(image: { readonly data: Uint8ClampedArray }, x: number, y: number): void;
  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void;
  strokeRect(x: number, y: number, width: number, height: number): void;
}
