import type { HeatMapData } from '../parts/heat-map-part.js';
import type { Page, PageElement, PageEvent, PageNode } from './dom.js';

/** Draws heat maps on canvases that are moved, zoomed, ordered and read entry by entry. */
export const drawHeatMaps = (): void => {
  const page = globalThis as unknown as Page;
  const { document, IntersectionObserver, ResizeObserver } = page;
  const texts: readonly string[] = JSON.parse(
    document.querySelector('script[data-name="texts"]')?.textContent ?? '[]',
  );
  const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const short = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');

  const start = (host: PageElement): void => {
    const live = host.querySelector('.live');
    const canvas = host.querySelector('canvas');
    const readout = host.querySelector('.readout');
    const select = host.querySelector('select');
    const source = host.querySelector('script[data-name="heat-map"]');
    const context = canvas?.getContext('2d', { alpha: false });
    if (!live || !canvas || !readout || !select || !source || !context) return;
    const data: HeatMapData = JSON.parse(source.textContent ?? '');
    const [n, m] = data.size;
    const values = bytesOf(data.bytes);
    const colors = bytesOf(data.colors);
    const ramp = host.querySelector('.scale i');
    if (ramp) {
      const stops = Array.from({ length: 17 }, (_, i) => {
        const k = 3 * Math.min(255, i * 16);
        return `rgb(${colors[k]},${colors[k + 1]},${colors[k + 2]})`;
      });
      ramp.style.background = `linear-gradient(to right,${stops.join(',')})`;
    }
    // The whole map in the chosen order, a pixel for each entry.
    const picture = document.createElement('canvas');
    picture.width = m;
    picture.height = n;
    let order = data.orders['label']!;
    // Rows and columns at which another label starts; other orders mix labels.
    let edges: readonly [readonly number[], readonly number[]] = [[], []];
    const starts = (groups: readonly number[], sorted: readonly number[]): number[] =>
      sorted.flatMap((at, k) => (k > 0 && groups[at] !== groups[sorted[k - 1]!] ? [k] : []));
    const paint = (): void => {
      edges =
        select.value === 'label'
          ? [starts(data.rows.groups, order[0]), starts(data.columns.groups, order[1])]
          : [[], []];
      const ink = picture.getContext('2d')!;
      const image = ink.createImageData(m, n);
      const [rows, columns] = order;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < m; j++) {
          const from = 3 * values[rows[i]! * m + columns[j]!]!;
          const to = 4 * (i * m + j);
          image.data[to] = colors[from]!;
          image.data[to + 1] = colors[from + 1]!;
          image.data[to + 2] = colors[from + 2]!;
          image.data[to + 3] = 255;
        }
      ink.putImageData(image, 0, 0);
    };

    // The upper left corner of the part that is seen, and how many times larger than the whole it is.
    const view = { x: 0, y: 0, zoom: 1 };
    let cell: readonly [number, number] | undefined;
    let [width, height, waiting] = [0, 0, false];
    const keep = (): void => {
      view.zoom = Math.min(Math.max(1, view.zoom), Math.max(4, Math.max(n, m) / 6));
      view.x = Math.min(Math.max(0, view.x), 1 - 1 / view.zoom);
      view.y = Math.min(Math.max(0, view.y), 1 - 1 / view.zoom);
    };
    const draw = (): void => {
      waiting = false;
      context.imageSmoothingEnabled = false;
      const [seenX, seenY] = [m / view.zoom, n / view.zoom];
      context.drawImage(picture, view.x * m, view.y * n, seenX, seenY, 0, 0, width, height);
      const [wide, high] = [width / seenX, height / seenY];
      context.fillStyle = '#000';
      for (const i of edges[0]) context.fillRect(0, (i - view.y * n) * high - 0.75, width, 1.5);
      for (const j of edges[1]) context.fillRect((j - view.x * m) * wide - 0.75, 0, 1.5, height);
      if (cell) {
        const [x, y] = [(cell[1] - view.x * m) * wide, (cell[0] - view.y * n) * high];
        context.lineWidth = 3;
        context.strokeStyle = '#fff';
        context.strokeRect(x - 2, y - 2, wide + 4, high + 4);
        context.lineWidth = 1.5;
        context.strokeStyle = '#000';
        context.strokeRect(x - 2, y - 2, wide + 4, high + 4);
      }
    };
    const redraw = (): void => {
      keep();
      if (!waiting) page.requestAnimationFrame(draw);
      waiting = true;
    };
    const resize = (): void => {
      width = canvas.clientWidth;
      height = Math.round(Math.min(680, Math.max(240, (width * n) / m)));
      canvas.style.height = `${height}px`;
      const ratio = Math.min(2, page.devicePixelRatio || 1);
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      redraw();
    };

    /** An example, or those that a row or column is the average of. */
    const described = (side: HeatMapData['rows'], at: number): readonly PageNode[] => {
      const members = side.members[at]!;
      const head = document.createElement('b');
      const name = side.names[side.groups[at]!] ?? String(side.groups[at]);
      head.textContent =
        members.length === 1
          ? `${side.label} ${members[0]}, ${name}: `
          : `${members.length} ${side.label} examples, ${name}, among them ${members[0]}: `;
      const own = (side.texts[at] ?? []).map((place) => texts[place] ?? '').join(' ⏐ ');
      return [head, document.createTextNode(own)];
    };
    const show = (): void => {
      if (!cell) return;
      const [row, column] = [order[0][cell[0]]!, order[1][cell[1]]!];
      const byte = values[row * m + column]!;
      const value = data.low + ((data.high - data.low) * byte) / 255;
      const sign = byte === 0 ? '≤ ' : byte === 255 ? '≥ ' : '';
      const line = (...nodes: readonly PageNode[]): PageElement => {
        const div = document.createElement('div');
        div.append(...nodes);
        return div;
      };
      const number = document.createElement('b');
      number.className = 'value';
      number.textContent = `${sign}${short(value)}`;
      readout.replaceChildren(
        line(number),
        line(...described(data.rows, row)),
        line(...described(data.columns, column)),
      );
    };
    const choose = (i: number, j: number): void => {
      const next = [Math.min(n - 1, Math.max(0, i)), Math.min(m - 1, Math.max(0, j))] as const;
      if (cell && next[0] === cell[0] && next[1] === cell[1]) return;
      cell = next;
      show();
      redraw();
    };
    const at = ({ clientX, clientY }: PageEvent): readonly [number, number] => {
      const box = canvas.getBoundingClientRect();
      return [
        view.x + (clientX - box.left) / box.width / view.zoom,
        view.y + (clientY - box.top) / box.height / view.zoom,
      ];
    };
    const chooseAt = (event: PageEvent): void => {
      const [x, y] = at(event);
      choose(Math.floor(y * n), Math.floor(x * m));
    };
    const zoom = (factor: number, [x, y]: readonly [number, number]): void => {
      const before = view.zoom;
      view.zoom = factor === 0 ? 1 : view.zoom * factor;
      keep();
      // The point under the cursor stays where it is.
      view.x = x - ((x - view.x) * before) / view.zoom;
      view.y = y - ((y - view.y) * before) / view.zoom;
      redraw();
    };

    const pointers = new Map<number, PageEvent>();
    canvas.addEventListener('pointerdown', (event) => {
      pointers.set(event.pointerId, event);
      if (view.zoom > 1 || pointers.size > 1) canvas.setPointerCapture(event.pointerId);
      chooseAt(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      const last = pointers.get(event.pointerId);
      if (!last) {
        chooseAt(event);
        return;
      }
      const [other] = [...pointers.values()].filter(({ pointerId }) => pointerId !== event.pointerId);
      pointers.set(event.pointerId, event);
      if (other) {
        const apart = (a: PageEvent) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
        zoom(apart(event) / Math.max(1, apart(last)), at(event));
      } else {
        // Nothing of the page is measured while a map moves.
        view.x -= (event.clientX - last.clientX) / width / view.zoom;
        view.y -= (event.clientY - last.clientY) / height / view.zoom;
        redraw();
      }
    });
    const release = ({ pointerId }: PageEvent): void => {
      pointers.delete(pointerId);
    };
    for (const name of ['pointerup', 'pointercancel', 'pointerleave'] as const)
      canvas.addEventListener(name, release);
    canvas.addEventListener(
      'wheel',
      (event) => {
        // Without Ctrl the page scrolls, as everywhere; trackpads send Ctrl when they pinch.
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 300), at(event));
      },
      { passive: false },
    );
    canvas.addEventListener('keydown', (event) => {
      const moves: Readonly<Record<string, readonly [number, number]>> = {
        ArrowUp: [-1, 0],
        ArrowDown: [1, 0],
        ArrowLeft: [0, -1],
        ArrowRight: [0, 1],
      };
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      const [i, j] = cell ?? [-Math.min(0, move[0]), -Math.min(0, move[1])];
      choose(cell ? i + move[0] : 0, cell ? j + move[1] : 0);
      // The entry stays in view.
      const [i2, j2] = cell ?? [0, 0];
      view.y = Math.min(Math.max(view.y, (i2 + 1) / n - 1 / view.zoom), i2 / n);
      view.x = Math.min(Math.max(view.x, (j2 + 1) / m - 1 / view.zoom), j2 / m);
      redraw();
    });
    for (const button of host.querySelectorAll('[data-zoom]'))
      button.addEventListener('click', () =>
        zoom(Number(button.dataset['zoom']), [view.x + 0.5 / view.zoom, view.y + 0.5 / view.zoom]),
      );
    select.addEventListener('change', () => {
      order = data.orders[select.value]!;
      cell = undefined;
      paint();
      redraw();
    });

    host.classList.add('started');
    live.hidden = false;
    paint();
    resize();
    new ResizeObserver(() => {
      if (canvas.clientWidth !== width) resize();
    }).observe(canvas);
  };

  // A map is prepared when it comes near the part of the page that is seen.
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries)
        if (isIntersecting) {
          near.unobserve(target);
          start(target);
        }
    },
    { rootMargin: '600px' },
  );
  for (const host of document.querySelectorAll('.heat-map')) near.observe(host);
};
