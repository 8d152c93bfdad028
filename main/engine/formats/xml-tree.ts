import { SaxesParser } from 'saxes';

/** An element of a document that is data, not text: what is written between elements counts only where there are none. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Of an element without children, its ends trimmed. */
  readonly text: string;
}

export interface XmlDocument {
  readonly root: XmlElement;
  /** 'TeraStitcher SYSTEM "TeraStitcher.DTD"': what the document type declaration says; '' where there is none. */
  readonly doctype: string;
}

const maxTextLength = 128 * 2 ** 20;
const maxDepth = 64;
const maxElements = 4_000_000;
/** Of what stands between the tags of one element. */
const maxElementText = 2 ** 22;

interface Building {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Building[];
  text: string;
}

/**
 * Reads a document into a tree. Throws what `refuse` makes of the reason: on what is not XML, on types and entities that
 * are declared inside, beyond 64 levels, 4 million elements or 128 MiB. An external DTD is named and never read.
 */
export function parseXml(text: string, refuse: (why: string) => Error): XmlDocument {
  if (text.length > maxTextLength) throw refuse(`it has ${text.length} characters; at most ${maxTextLength} are read`);
  const open: Building[] = [];
  let root: Building | null = null;
  let doctype = '';
  let elements = 0;
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw refuse(`its XML is damaged (${error.message.slice(0, 200)})`);
  });
  parser.on('doctype', (said) => {
    if (said.includes('[')) throw refuse('it declares types or entities, which is not allowed');
    doctype = said.trim();
  });
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1;
    if (elements > maxElements) throw refuse(`it has more than ${maxElements} elements`);
    if (open.length >= maxDepth) throw refuse(`it nests deeper than ${maxDepth} levels`);
    const element: Building = { name, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
    root ??= element;
  });
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (!element) return;
    if (element.text.length + part.length > maxElementText) throw refuse(`<${element.name}> holds too much text`);
    element.text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element) element.text = element.children.length > 0 ? '' : element.text.trim();
  });
  parser.write(text.replace(/^\uFEFF/, '')).close();
  if (!root) throw refuse('it has no element');
  return { root, doctype };
}

/** Writes a tree, two spaces a level. */
export function formatXml({ root, doctype }: XmlDocument): string {
  const declared = doctype === '' ? '' : `<!DOCTYPE ${doctype}>\n`;
  const lines: string[] = [];
  writeElement(root, '', lines);
  return `<?xml version="1.0" encoding="UTF-8" ?>\n${declared}${lines.join('\n')}\n`;
}

function writeElement({ name, attributes, children, text }: XmlElement, indent: string, lines: string[]): void {
  const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const open = `${indent}<${name}${said.join('')}`;
  if (children.length === 0) return void lines.push(text === '' ? `${open} />` : `${open}>${escaped(text)}</${name}>`);
  lines.push(`${open}>`);
  for (const child of children) writeElement(child, `${indent}  `, lines);
  lines.push(`${indent}</${name}>`);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

const escaped = (text: string): string => text.replaceAll(/[&<>"\n\r\t]/g, (character) => entities[character] ?? '');

export const element = (
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  content: readonly XmlElement[] | string = [],
): XmlElement => ({
  name,
  attributes,
  children: typeof content === 'string' ? [] : content,
  text: typeof content === 'string' ? content : '',
});

export const childOf = (parent: XmlElement | undefined, name: string): XmlElement | undefined =>
  parent?.children.find((child) => child.name === name);

export const childrenOf = (parent: XmlElement | undefined, name: string): readonly XmlElement[] =>
  parent?.children.filter((child) => child.name === name) ?? [];
