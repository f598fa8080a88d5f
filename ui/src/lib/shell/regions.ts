/** F6: from region to region of the window (sidebar, header, body, side column). */

/** Moves the focus to the next (1) or previous (-1) region, and there to what was focused or comes first. */
export function moveRegion(step: 1 | -1): void {
  const regions = Array.from(document.querySelectorAll<HTMLElement>("[data-region]")).filter((region) => firstFocusable(region) !== null);
  if (regions.length === 0) return;
  const active = document.activeElement;
  // Regions nest (a side column lies in the body): the innermost one holds the focus.
  let at = -1;
  regions.forEach((region, index) => {
    if (active && region.contains(active)) at = index;
  });
  const next = regions[(at + step + regions.length) % regions.length] ?? regions[0];
  if (next) firstFocusable(next)?.focus();
}

function firstFocusable(region: HTMLElement): HTMLElement | null {
  if (region.tabIndex >= 0) return region;
  return region.querySelector<HTMLElement>('[aria-current="page"], a[href], button:not([tabindex="-1"]), input, select, [tabindex="0"]');
}
