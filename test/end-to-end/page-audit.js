// Looks at the page it runs in, as a reader with a keyboard, a screen reader or weak eyes would. An expression: its
// value is the report.
/* global document, getComputedStyle, innerWidth */
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const text = (element) => element.textContent.replace(/\s+/g, ' ').trim();
  const isShown = (element) => element.getClientRects().length > 0;

  /** Red, green, blue from 0 to 255 and alpha from 0 to 1. */
  function rgba(color) {
    const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return [red, green, blue, alpha];
  }

  /** What is behind an element: the first background up the tree that is there. */
  function background(element) {
    for (let current = element; current; current = current.parentElement) {
      const [red, green, blue, alpha] = rgba(getComputedStyle(current).backgroundColor);
      if (alpha === 1) return [red, green, blue];
      if (alpha > 0) throw new Error('A background shines through: this is not counted on.');
    }
    throw new Error('Nothing is behind the page.');
  }

  /** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
  function luminance(color) {
    const [red, green, blue] = color.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(a, b) {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  }

  /** Elements that hold text themselves. */
  const written = all('body *').filter(
    (element) =>
      isShown(element) && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
  );
  const ids = all('[id]').map(({ id }) => id);
  return {
    title: document.title,
    language: document.documentElement.lang,
    landmarks: all('body > header, nav, main, footer').map(({ localName }) => localName),
    headings: all('h1, h2, h3, h4, h5, h6')
      .filter(isShown)
      .map((heading) => `${heading.localName} ${text(heading)}`),
    unlabelled: all('section, nav, meter, progress')
      .filter((element) => {
        const label = document.getElementById(element.getAttribute('aria-labelledby') ?? '');
        return !(element.getAttribute('aria-label') || (label && text(label)));
      })
      .map(({ outerHTML }) => outerHTML),
    tablesWithoutCaption: all('table').filter((table) => !table.caption || !text(table.caption)).length,
    headersWithoutScope: all('th:not([scope])').length,
    repeatedIds: ids.filter((id, index) => ids.indexOf(id) !== index),
    // A page with a fragment in its address is not renewed.
    fragments: all('a[href*="#"]').length,
    lowContrast: written
      .map((element) => ({
        text: text(element),
        ratio: contrast(rgba(getComputedStyle(element).color), background(element)),
      }))
      .filter(({ ratio }) => ratio < 4.5),
    smallText: written.filter((element) => parseFloat(getComputedStyle(element).fontSize) < 12).map(text),
    smallLinks: all('nav a')
      .filter((link) => link.getBoundingClientRect().height < 24)
      .map(text),
    /** What sticks out of the window, or of its card, to the right. */
    overflowing: all('body *')
      .filter((element) => {
        // Headers that only screen readers read are cut off.
        if (!isShown(element) || element.closest('thead')) return false;
        const card = element.closest('section')?.getBoundingClientRect() ?? { right: innerWidth };
        return element.getBoundingClientRect().right > Math.min(card.right, innerWidth);
      })
      .map(({ outerHTML }) => outerHTML.slice(0, 200)),
    overflow: document.documentElement.scrollWidth - innerWidth,
    active: all(
      'script, img, svg, link, iframe, object, embed, form, input, button, [style], [onerror], [onmouseover]',
    ).map(({ outerHTML }) => outerHTML),
    names: all('main > section:not([aria-labelledby="projects"]) tbody .name').map(
      (name) => name.textContent,
    ),
    /** Names hold text and nothing else. */
    markupInNames: all('.name *').length,
  };
})();
