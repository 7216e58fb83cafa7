/** Adopted by the panel's shadow root: a strict Content-Security-Policy has nothing against it. */
export const PRIVACY_PANEL_STYLE = `
:host {
  --_text: var(--shelfmate-text, light-dark(#1d2026, #eceef2));
  --_muted: var(--shelfmate-muted, light-dark(#5a6170, #a6adbb));
  --_surface: var(--shelfmate-surface, light-dark(#fff, #1b1e24));
  --_line: var(--shelfmate-line, light-dark(#d5d9e1, #3a404b));
  --_accent: var(--shelfmate-accent, light-dark(#1f5fbf, #8ab4f8));
  --_danger: var(--shelfmate-danger, light-dark(#b3261e, #f2a29c));
  display: block;
  color: var(--_text);
  font: inherit;
  line-height: 1.5;
}
:host([hidden]), [hidden] { display: none !important; }
section { background: var(--_surface); border: 1px solid var(--_line); border-radius: 12px; padding: 1rem 1.25rem; }
h2 { font-size: 1.15em; line-height: 1.3; margin: 0 0 .35rem; }
p { margin: .35rem 0; overflow-wrap: anywhere; }
.muted { color: var(--_muted); }
.row { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .75rem; }
button, summary { font: inherit; color: inherit; cursor: pointer; min-height: 2.25rem; }
button { background: none; border: 1px solid var(--_line); border-radius: 8px; padding: .3rem .9rem; }
button:hover:not(:disabled) { border-color: var(--_accent); }
button:disabled { opacity: .5; cursor: default; }
button.danger { color: var(--_danger); border-color: currentColor; }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
summary { padding: .3rem 0; width: fit-content; }
ul { list-style: none; margin: 0; padding: 0; max-height: 20rem; overflow: auto; overscroll-behavior: contain; border-bottom: 1px solid var(--_line); }
li { display: flex; align-items: center; gap: .75rem; padding: .4rem .1rem; border-top: 1px solid var(--_line); }
li > span { flex: 1; min-width: 0; overflow-wrap: anywhere; }
time { display: block; color: var(--_muted); font-size: .85em; }
@media (pointer: coarse) { button, summary { min-height: 44px; } }
[role='group'] { border-top: 1px solid var(--_line); margin-top: .9rem; padding-top: .5rem; }
`;
