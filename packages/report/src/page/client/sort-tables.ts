import type { Page, PageElement } from './dom.js';

/** Makes headers of tables buttons that sort, and gives long tables a field that filters their rows. */
export const sortTables = (): void => {
  const { document } = globalThis as unknown as Page;
  const keyOf = (row: PageElement, column: number): number | string => {
    const cell = row.cells[column];
    if (cell === undefined) return '';
    const value = cell.dataset['value'];
    if (value !== undefined) return Number(value);
    const text = (cell.textContent ?? '').trim();
    const number = Number(text.replace('−', '-'));
    return text !== '' && Number.isFinite(number) ? number : text;
  };
  const isEmpty = (key: number | string): boolean => key === '–' || key === '' || Number.isNaN(key);
  const compare = (a: number | string, b: number | string): number =>
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true });

  for (const table of document.querySelectorAll('table.sortable')) {
    const body = table.tBodies[0];
    const headers = [...(table.tHead?.rows[0]?.cells ?? [])];
    if (body === undefined || body.rows.length < 2) continue;
    for (const [column, header] of headers.entries()) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener('click', () => {
        const down = header.getAttribute('aria-sort') === 'ascending';
        for (const other of headers) other.removeAttribute('aria-sort');
        header.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        table.classList.add('sorted');
        const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
        // Empty cells stay at the end in both directions.
        rows.sort((a, b) =>
          isEmpty(a.key) || isEmpty(b.key)
            ? Number(isEmpty(a.key)) - Number(isEmpty(b.key))
            : (down ? -1 : 1) * compare(a.key, b.key),
        );
        body.append(...rows.map(({ row }) => row));
      });
    }
    if (!table.classList.contains('filterable') || body.rows.length < 12) continue;
    const all = [...body.rows].map((row) => ({ row, text: (row.textContent ?? '').toLowerCase() }));
    const label = document.createElement('label');
    const input = document.createElement('input');
    const count = document.createElement('span');
    input.type = 'search';
    label.className = 'filter';
    count.setAttribute('role', 'status');
    label.append('Only rows with ', input, ' ', count);
    table.parentElement?.before(label);
    input.addEventListener('input', () => {
      const wanted = input.value.toLowerCase();
      let shown = 0;
      for (const { row, text } of all) {
        row.hidden = !text.includes(wanted);
        if (!row.hidden) shown++;
      }
      count.textContent = wanted === '' ? '' : `${shown} of ${all.length}`;
    });
  }
};
