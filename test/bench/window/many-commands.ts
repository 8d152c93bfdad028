import type { Page } from '@playwright/test';

interface Registry extends Map<string, object> {}

/**
 * Registers commands that do nothing until there are `count`, as the window's own are: found by the debugger among all
 * maps of the page, so that the app needs no door for it.
 */
export async function registerCommands(page: Page, count: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { result: prototype } = await session.send('Runtime.evaluate', { expression: 'Map.prototype' });
  const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId ?? '' });
  const fill = (maps: readonly Registry[], wanted: number): number => {
    const isRegistry = (map: Registry): boolean => {
      try {
        return typeof Reflect.get(map.get('go.view') ?? {}, 'run') === 'function';
      } catch {
        // What only looks like a map.
        return false;
      }
    };
    const registry = maps.find(isRegistry);
    if (!registry) return 0;
    const verbs = ['Show', 'Measure', 'Export', 'Align', 'Count', 'Compare', 'Smooth', 'Trace'];
    const things = ['dendrites', 'sections', 'axons', 'vesicles', 'glia', 'nuclei', 'synapses', 'membranes'];
    for (let i = 0; registry.size < wanted; i++) {
      const title = `${verbs[i % 8]} the ${things[(i >> 3) % 8]} of group ${i}`;
      registry.set(`bench.${i}`, { id: `bench.${i}`, title, menu: 'View', run: () => undefined });
    }
    return registry.size;
  };
  const { result } = await session.send('Runtime.callFunctionOn', {
    functionDeclaration: `function (wanted) { return (${fill.toString()})(this, wanted); }`,
    objectId: objects.objectId ?? '',
    arguments: [{ value: count }],
    returnByValue: true,
  });
  await session.detach();
  if (result.value !== count) throw new Error(`the window has ${result.value} commands, not ${count}`);
}
