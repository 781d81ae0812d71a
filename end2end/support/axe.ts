// Accessibility as axe sees it. Not by `@axe-core/playwright`, whose support for frames of other sites costs a page and a second
// injection for each look; there are no such frames here.
import axeCore from 'axe-core';
import type { Page } from '@playwright/test';

declare global {
  interface Window {
    axe?: typeof axeCore;
  }
}

/** The serious and critical violations on the page as it stands, by all rules or by these; each as a text. */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeCore.source);
  return page.evaluate(async (rules) => {
    const results = await window.axe!.run(document, {
      // Only these are read: what passed needs neither a list nor selectors.
      resultTypes: ['violations'],
      selectors: false,
      ...(rules && { runOnly: { type: 'rule' as const, values: rules } }),
    });
    const grave = results.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return grave.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html }) => `    ${html}`).join('\n')}`);
  }, rules);
}
