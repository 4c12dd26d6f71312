// How the editor looks: everything by the tokens of tokens.css, so that a change of theme costs the editor nothing.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: 'var(--size-code)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-code)', lineHeight: 'var(--line-code)', fontVariantLigatures: 'none' },
  '.cm-content': { padding: '4px 0 40vh', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 12px 0 6px' },
  '.cm-cursor, .cm-dropCursor': { borderLeft: '2px solid var(--text)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    background: 'var(--code-selection)',
  },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-muted)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 4px 0 12px', minWidth: '32px' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 45%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
  '.cm-foldGutter .cm-gutterElement': { color: 'var(--text-muted)', cursor: 'pointer', padding: '0 2px' },
  '.cm-foldPlaceholder': {
    background: 'var(--hover)',
    border: '1px solid var(--border)',
    color: 'var(--text-muted)',
    padding: '0 4px',
  },
  '&.cm-focused .cm-matchingBracket': { background: 'transparent', outline: '1px solid var(--border-strong)' },
  '.cm-selectionMatch': { backgroundColor: 'color-mix(in srgb, var(--code-selection) 60%, transparent)' },
  '.cm-searchMatch': { backgroundColor: 'var(--code-match)', outline: '1px solid var(--border-strong)' },
  '.cm-searchMatch.cm-searchMatch-selected': {
    backgroundColor: 'var(--code-match)',
    outline: '2px solid var(--accent)',
  },
  '.cm-panels': { backgroundColor: 'var(--chrome)', color: 'var(--text)', fontFamily: 'var(--font)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--border)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--border)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    border: '1px solid var(--border)',
    borderRadius: 'var(--radius)',
    color: 'var(--text)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-code)', fontSize: 'var(--size-small)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--chosen)', color: 'var(--text)' },
  '.cm-specialChar': { color: 'var(--bad)' },
  '.carriage-return': { color: 'var(--border-strong)' },
});

const syntax = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self, tags.atom, tags.bool],
    color: 'var(--code-keyword)',
  },
  {
    tag: [tags.string, tags.special(tags.string), tags.regexp, tags.escape, tags.inserted],
    color: 'var(--code-string)',
  },
  { tag: [tags.number, tags.literal, tags.unit, tags.color], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.meta, tags.documentMeta], color: 'var(--code-comment)', fontStyle: 'italic' },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.labelName],
    color: 'var(--code-function)',
  },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.tagName], color: 'var(--code-type)' },
  { tag: [tags.attributeName, tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-property)' },
  { tag: tags.heading, color: 'var(--code-function)', fontWeight: 'bold' },
  { tag: tags.strong, fontWeight: 'bold' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: [tags.link, tags.url], color: 'var(--code-function)', textDecoration: 'underline' },
  { tag: [tags.invalid, tags.deleted], color: 'var(--code-invalid)' },
]);

/** The editor makes its own style element: the content policy lets it by this nonce only. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';

export const editorTheme: Extension = [look, syntaxHighlighting(syntax), EditorView.cspNonce.of(nonce)];
