import { dark, light } from '../figure/palette.js';

/** Colours of a page. Cards have the background of figures, so that figures have no visible frame. */
const colors = (scheme: 'light' | 'dark'): string => {
  const { background, text, muted, grid, series } = scheme === 'light' ? light : dark;
  const more =
    scheme === 'light'
      ? {
          page: '#f3f5f8',
          hover: '#eef3f8',
          good: '#0a6b4f',
          bad: '#9a2a06',
          goodFill: '#dff3ea',
          badFill: '#fbe6dd',
          open: '#6b5200',
          openFill: '#f8efcf',
        }
      : {
          page: '#05080d',
          hover: '#161d26',
          good: '#4fd6ab',
          bad: '#ff9a73',
          goodFill: '#0b2d23',
          badFill: '#38170c',
          open: '#f3cf6b',
          openFill: '#33290a',
        };
  const named = { ...more, card: background, text, muted, line: grid, accent: series[0]! };
  return Object.entries(named)
    .map(([name, value]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${value}`)
    .join(';');
};

/** The style sheet of a page: light and dark, wide and narrow, on a screen and on paper. */
export const styleSheet = `
  :root{color-scheme:light dark;${colors('light')}}
  @media (prefers-color-scheme:dark){:root{${colors('dark')}}}
  *{box-sizing:border-box}
  [hidden]{display:none!important}
  html{scroll-behavior:smooth;scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
  @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
  body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:72rem;background:var(--page);color:var(--text);
    font:1rem/1.55 system-ui,-apple-system,'Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif}
  header{margin:0 .25rem 1.25rem}
  h1{font-size:1.9rem;line-height:1.2;letter-spacing:-.02em;margin:0;overflow-wrap:anywhere;text-wrap:balance}
  .subtitle{color:var(--muted);margin:.35rem 0 0;font-size:1.05rem}
  h2{font-size:1.3rem;letter-spacing:-.01em;margin:0 0 .9rem}
  h3{font-size:1.05rem;margin:1.8rem 0 .7rem}
  h4{font-size:1rem;margin:1.4rem 0 .5rem}
  main>section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.4rem 1.5rem;margin:0 0 1.1rem}
  section section{margin-top:1.4rem}
  p{max-width:65ch;margin:.5rem 0}
  small{color:var(--muted);font-size:.85em}
  a{color:var(--accent);text-underline-offset:.15em}
  :focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
  nav{position:sticky;top:0;z-index:5;background:var(--page);padding:.45rem .25rem;margin-bottom:.6rem}
  nav ul{display:flex;gap:.25rem 1.1rem;list-style:none;margin:0;padding:0;overflow-x:auto;white-space:nowrap}
  nav a{color:var(--muted);text-decoration:none;font-size:.95rem}
  nav a:hover{color:var(--text);text-decoration:underline}
  .numbers{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.1rem 0 0}
  .numbers>div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.7rem 1rem;min-width:9rem}
  .numbers dt{color:var(--muted);font-size:.85rem}
  .numbers dd{margin:0;font-size:1.65rem;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
  .numbers small{display:block;font-weight:400;letter-spacing:0;font-size:.8rem}
  .numbers .strong{border-color:var(--accent);box-shadow:inset 0 3px 0 var(--accent)}
  .table{overflow-x:auto;margin:.6rem 0;max-width:100%}
  table{border-collapse:collapse;font-size:.93rem;font-variant-numeric:tabular-nums}
  caption{text-align:left;font-weight:600;padding:0 .6rem .45rem 0}
  th,td{text-align:left;padding:.38rem .75rem .38rem 0;vertical-align:top}
  th:not(:first-child),td:not(:first-child){padding-left:.6rem}
  tbody th{font-weight:400}
  tbody tr{border-top:1px solid var(--line)}
  tbody tr:hover{background:var(--hover)}
  thead th{color:var(--muted);font-weight:600;font-size:.85rem;vertical-align:bottom;white-space:nowrap}
  .right{text-align:right}.center{text-align:center}
  td.right{white-space:nowrap}
  .long{min-width:14rem}
  .strong th,.strong td{font-weight:650}
  table:not(.sorted) tr.rule{border-top:2px solid var(--muted)}
  th button{all:unset;cursor:pointer;border-radius:3px}
  th button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
  th button::after{content:'';display:inline-block;width:.9em;text-align:center}
  th button:hover{color:var(--text)}
  th button:hover::after{content:'↕'}
  th[aria-sort=ascending] button::after{content:'↑'}
  th[aria-sort=descending] button::after{content:'↓'}
  .notes{list-style:none;margin:.5rem 0 0;padding:0;color:var(--muted);font-size:.88rem}
  .notes li{overflow-wrap:anywhere;max-width:90ch}
  figure{margin:.6rem 0;overflow-x:auto}
  figure svg{display:block;max-width:100%;height:auto}
  .facts{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.3rem 1.2rem;margin:.4rem 0;font-size:.93rem}
  .facts>div{display:contents}
  dt{color:var(--muted)}
  .facts dd{margin:0;overflow-wrap:anywhere}
  code{font:.92em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
  code.copy{display:inline-block;background:var(--page);border:1px solid var(--line);border-radius:6px;padding:.1rem .5rem;user-select:all}
  .links{margin:.4rem 0;padding-left:1.1rem}
  .verdict{display:inline-block;white-space:nowrap;border-radius:99px;padding:.02rem .6rem;font-weight:600;font-size:.88rem;color:var(--open);background:var(--open-fill)}
  .verdict.holds{color:var(--good);background:var(--good-fill)}
  .verdict.fails{color:var(--bad);background:var(--bad-fill)}
  .verdicts th small{display:block}
  .verdicts tbody th{min-width:12rem}
  .verdicts .note{color:var(--muted);font-size:.88rem;min-width:14rem}
  .term{border-bottom:1px dotted var(--muted);cursor:help;position:relative}
  .tip{display:none;position:absolute;z-index:10;left:0;top:calc(100% + .3rem);width:min(26rem,75vw);background:var(--text);color:var(--card);padding:.6rem .8rem;border-radius:8px;font-size:.85rem;line-height:1.45;font-weight:400;white-space:normal;box-shadow:0 4px 18px #0004}
  .term:hover .tip,.term:focus .tip{display:block}
  .verdicts{overflow:visible}
  .definitions{margin-top:1rem;font-size:.92rem}
  .definitions dt{color:var(--text);font-weight:600;margin-top:.6rem}
  .definitions dd{margin:0;max-width:90ch}
  summary{cursor:pointer}
  .folded>summary>*{display:inline}
  .sentence{min-width:13rem}
  .right-answer span{color:var(--good)}.wrong-answer span{color:var(--bad)}
  .wrong-answer{color:var(--bad)}
  .right-answer,.wrong-answer{white-space:nowrap}
  .examples table{width:100%;font-size:.9rem}
  .examples thead th{white-space:normal}
  .nearest{min-width:15rem;font-size:.85rem;line-height:1.4}
  .nearest ol{margin:0;padding-left:1.1rem}
  .examples{max-height:34rem;overflow:auto;border:1px solid var(--line);border-radius:8px}
  .examples thead th{position:sticky;top:0;background:var(--card);padding-top:.5rem;box-shadow:inset 0 -1px 0 var(--line)}
  .examples tr>:first-child{padding-left:.75rem}
  .filter{display:block;color:var(--muted);font-size:.92rem}
  input,select{max-width:100%}
  input,select,.zoom button{font:inherit;font-size:.92rem;color:var(--text);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.2rem .55rem}
  .zoom button{cursor:pointer;min-width:2.1rem}
  .zoom button:hover{background:var(--hover)}
  .controls{display:flex;flex-wrap:wrap;gap:.5rem 1.2rem;align-items:center;margin:.2rem 0 .6rem}
  .zoom{display:flex;gap:.3rem}
  .stage canvas{display:block;width:100%;border:1px solid var(--line);border-radius:6px;cursor:crosshair;touch-action:pan-y;image-rendering:pixelated}
  .scale{display:flex;align-items:center;gap:.5rem;font-size:.85rem;margin:.45rem 0;flex-wrap:wrap}
  .scale i{width:11rem;height:.7rem;border-radius:3px;border:1px solid var(--line)}
  .scale b{font-weight:400;color:var(--muted)}
  .readout{min-height:6.2rem;background:var(--page);border-radius:8px;padding:.55rem .8rem;font-size:.92rem;color:var(--muted);overflow-wrap:anywhere}
  .readout b{color:var(--text);font-weight:600}
  .readout .value{font-size:1.15rem}
  .started .static{display:none}
  footer{color:var(--muted);font-size:.88rem;margin:1.5rem .25rem 0}
  @media (max-width:66rem){
    .verdicts{overflow-x:auto}
    .tip{position:fixed;left:.7rem;right:.7rem;bottom:.7rem;top:auto;width:auto}
  }
  @media (max-width:44rem){
    body{padding:1.1rem .7rem 3rem}
    h1{font-size:1.45rem}
    thead th{white-space:normal}
    th,td{padding-right:.45rem}
    th:not(:first-child),td:not(:first-child){padding-left:.35rem}
    main>section{padding:1rem .9rem;border-radius:10px}
    .numbers>div{flex:1 1 40%;min-width:0;padding:.55rem .75rem}
    .numbers dd{font-size:1.3rem}
    .facts{display:block}.facts>div{display:block;margin-bottom:.45rem}
    figure.drawn svg{min-width:38rem}
    .verdicts td.note{min-width:16rem}
    .examples{max-height:80vh;padding:0 .7rem}
    .cards thead{display:block;position:sticky;top:0;background:var(--card);padding:.4rem 0}
    .cards thead tr{display:flex;flex-wrap:wrap;gap:0 .9rem;padding:0}
    .cards thead th{position:static;box-shadow:none;padding:.1rem 0!important}
    .cards,.cards tbody,.cards tr,.cards th,.cards td{display:block}
    .cards tr{padding:.7rem 0}
    .cards td,.cards tbody th{text-align:left!important;padding:.05rem 0!important;min-width:0;max-width:none}
    .cards td::before{content:attr(data-label) ': ';color:var(--muted);font-size:.85rem}
    .cards .nearest::before{display:block}
  }
  @media print{
    body{background:#fff;padding:0;max-width:none;font-size:10pt}
    nav,.live,.filter{display:none!important}
    .started .static{display:block}
    main>section{border:0;padding:0;margin:0 0 1.5rem}
    .examples{max-height:none;overflow:visible;border:0}
    .cards thead{display:none}
    .cards,.cards tbody,.cards tr{display:block}
    .cards tr{padding:.3rem 0;font-size:8.5pt}
    .cards td,.cards tbody th{display:inline;padding:0 .5rem 0 0!important}
    .cards tbody th{font-weight:600}
    .cards td::before,.cards .nearest::before{content:attr(data-label) ' ';display:inline;color:var(--muted)}
    .nearest{font-size:7.5pt}
    .nearest ol,.nearest li{display:inline;padding:0}
    .nearest li+li::before{content:' · '}
    .table,figure{overflow:visible}
    .table table,.table thead th{font-size:8.5pt}
    .table th,.table td{min-width:0!important;white-space:normal}
    tr,figure,.numbers>div{break-inside:avoid}
    h2,h3{break-after:avoid}
    thead{display:table-header-group}
    .term{border:0}.tip{display:none!important}
  }
`.replace(/\n */g, '');
